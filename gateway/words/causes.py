"""Why a fax did not go through, in words that need no manual.

For each outcome of a dial and each hangup status (T.32 8.6.1) one sentence of cause, which follows
"Your fax was not delivered:", and one of advice, which says what a person can do. No telephone
jargon: whoever reads this has sent a prescription and wants to know whether it arrived.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.said import said
from modems.session import Dialled, Hangup
from modems.terminal import CallReport


@dataclass(frozen=True, slots=True)
class Words:
    """`cause` begins in lower case and ends without a full stop; `advice` is a whole sentence."""

    cause: str
    advice: str


_SEND_AGAIN = "Please send it again; if that fails too, ring the recipient about their machine."
_ASK_RECIPIENT = "Please ask the recipient to check their fax machine, then send it again."
_ASK_WHAT_ARRIVED = "Please ask the recipient what has arrived, then send the rest again."
_CHECK_NUMBER = "Please check the number: a person, an answering machine or a modem may have it."
_OUR_FAULT = "This is our fault, not the recipient's: please tell your administrator."

DIALLED: Final = {
    Dialled.CONNECTED: Words(
        "the call was connected, but no fax came through",
        _SEND_AGAIN,
    ),
    Dialled.BUSY: Words(
        "the number was engaged",
        "The machine is there and in use: please send it again a little later.",
    ),
    Dialled.NO_ANSWER: Words(
        "nobody answered the telephone",
        "The machine may be switched off: please ring the recipient, or try in office hours.",
    ),
    Dialled.NO_DIALTONE: Words(
        "our telephone line gave no dial tone",
        _OUR_FAULT,
    ),
    Dialled.NO_CARRIER: Words(
        "the call was answered, but no fax machine was heard",
        _CHECK_NUMBER,
    ),
    Dialled.VOICE: Words(
        "a person or an answering machine took the call, not a fax machine",
        _CHECK_NUMBER,
    ),
    Dialled.NOT_IN_SERVICE: Words(
        "the number is not in service",
        "Please check the number with the recipient; sending to it again will not help.",
    ),
    Dialled.REFUSED: Words(
        "the call was refused",
        "The recipient or the telephone company blocks our calls: please ring the recipient.",
    ),
    Dialled.LINE_FAULT: Words(
        "our own telephone line failed",
        _OUR_FAULT,
    ),
}

# T.32 8.6.1, hangup status codes, in its order.
HANGUPS: Final = {
    # Call placement and termination
    Hangup.NORMAL: Words(
        "the call ended in order, but not every page was confirmed",
        _SEND_AGAIN,
    ),
    Hangup.RING_NO_HANDSHAKE: Words(
        "the telephone rang, but no fax connection came about",
        _SEND_AGAIN,
    ),
    Hangup.ABORTED: Words(
        "the call was stopped on our side",
        "Please send it again, or ask your administrator why it was stopped.",
    ),
    Hangup.NO_LOOP_CURRENT: Words(
        "our telephone line is dead",
        _OUR_FAULT,
    ),
    Hangup.RINGBACK_NO_ANSWER: Words(
        "nobody answered the telephone",
        "The machine may be switched off: please ring the recipient, or try in office hours.",
    ),
    Hangup.ANSWER_NO_CED: Words(
        "the call was answered, but not by a fax machine",
        _CHECK_NUMBER,
    ),
    # Transmit phase A and miscellaneous errors
    Hangup.PHASE_A: Words(
        "the call was answered, but the two machines could not begin",
        _SEND_AGAIN,
    ),
    Hangup.NO_ANSWER_T1: Words(
        "the call was answered, but no fax machine was heard within 35 seconds",
        _CHECK_NUMBER,
    ),
    # Transmit phase B hangup codes
    Hangup.PHASE_B_TRANSMIT: Words(
        "the two machines could not agree on how to send",
        _SEND_AGAIN,
    ),
    Hangup.REMOTE_CANNOT: Words(
        "the other machine cannot receive this fax just now",
        "It may be out of paper or memory, or set to send only: please ask the recipient to look.",
    ),
    Hangup.COMREC_TRANSMIT: Words(
        "the other machine stopped making sense before the first page",
        _SEND_AGAIN,
    ),
    Hangup.COMREC_INVALID_TRANSMIT: Words(
        "the other machine gave an answer that no fax machine should give",
        _ASK_RECIPIENT,
    ),
    Hangup.RSPREC_TRANSMIT: Words(
        "the other machine stopped answering before the first page",
        _SEND_AGAIN,
    ),
    Hangup.DCS_NO_ANSWER: Words(
        "the other machine stopped answering while we agreed on how to send",
        _SEND_AGAIN,
    ),
    Hangup.DIS_AFTER_DCS: Words(
        "the other machine did not hear us",
        "The telephone line is poor: please send it again, at another time of day if you can.",
    ),
    Hangup.TRAINING_FAILED: Words(
        "the telephone line was too poor for any speed",
        "Please send it again, at another time of day if you can; the next call may be better.",
    ),
    Hangup.RSPREC_INVALID_TRANSMIT: Words(
        "the other machine gave a wrong answer before the first page",
        _ASK_RECIPIENT,
    ),
    # Transmit phase C hangup codes
    Hangup.PHASE_C_TRANSMIT: Words(
        "the call broke while a page was being sent",
        _SEND_AGAIN,
    ),
    Hangup.IMAGE_FORMAT: Words(
        "a page could not be put into the form that the other machine takes",
        _OUR_FAULT,
    ),
    Hangup.IMAGE_CONVERSION: Words(
        "a page could not be converted for the other machine",
        _OUR_FAULT,
    ),
    Hangup.DTE_UNDERFLOW: Words(
        "our gateway was too slow for the line",
        _OUR_FAULT,
    ),
    # Transmit phase D hangup codes
    Hangup.PHASE_D_TRANSMIT: Words(
        "the call broke after a page, before the other machine confirmed it",
        _ASK_WHAT_ARRIVED,
    ),
    Hangup.RSPREC_PHASE_D: Words(
        "the other machine's answer after a page could not be understood",
        _ASK_WHAT_ARRIVED,
    ),
    Hangup.MPS_NO_ANSWER: Words(
        "the other machine did not confirm a page",
        _ASK_WHAT_ARRIVED,
    ),
    Hangup.MPS_INVALID_ANSWER: Words(
        "the other machine gave a wrong answer after a page",
        _ASK_WHAT_ARRIVED,
    ),
    Hangup.EOP_NO_ANSWER: Words(
        "the other machine did not confirm the last page",
        _ASK_WHAT_ARRIVED,
    ),
    Hangup.EOP_INVALID_ANSWER: Words(
        "the other machine gave a wrong answer after the last page",
        _ASK_WHAT_ARRIVED,
    ),
    Hangup.EOM_NO_ANSWER: Words(
        "the other machine did not confirm a page",
        _ASK_WHAT_ARRIVED,
    ),
    Hangup.EOM_INVALID_ANSWER: Words(
        "the other machine gave a wrong answer after a page",
        _ASK_WHAT_ARRIVED,
    ),
    Hangup.CANNOT_CONTINUE: Words(
        "the other machine refused a page as unreadable, every time",
        "The telephone line is poor: please send it again, at another time of day if you can.",
    ),
    # Receive phase B hangup codes
    Hangup.PHASE_B_RECEIVE: Words(
        "the call broke before the first page",
        "If you expected a fax, please ask the sender to send it again.",
    ),
    Hangup.RSPREC_RECEIVE: Words(
        "the sending machine's answer could not be understood",
        "If you expected a fax, please ask the sender to send it again.",
    ),
    Hangup.COMREC_RECEIVE: Words(
        "the sending machine stopped making sense",
        "Please ask the sender to send it again.",
    ),
    Hangup.T2_NO_PAGE: Words(
        "the sending machine announced a page and did not send it",
        "Please ask the sender to send it again.",
    ),
    Hangup.T1_AFTER_EOM: Words(
        "the sending machine paused between documents and did not go on",
        "Please ask the sender whether more was to come.",
    ),
    # Receive phase C hangup codes
    Hangup.PHASE_C_RECEIVE: Words(
        "the call broke in the middle of a page",
        "Please ask the sender to send the rest again.",
    ),
    Hangup.NO_EOL_5_SECONDS: Words(
        "a page stopped coming and the rest of it was not sent",
        "Please ask the sender to send the rest again.",
    ),
    Hangup.BAD_CRC_ECM: Words(
        "part of a page kept arriving damaged",
        "Please ask the sender to send it again, at another time of day if they can.",
    ),
    Hangup.DCE_OVERFLOW: Words(
        "our gateway was too slow for the line",
        _OUR_FAULT,
    ),
    # Receive phase D hangup codes
    Hangup.PHASE_D_RECEIVE: Words(
        "the call broke after a page",
        "Please ask the sender whether more was to come.",
    ),
    Hangup.RSPREC_PHASE_D_RECEIVE: Words(
        "the sending machine's answer after a page could not be understood",
        "Please ask the sender whether more was to come.",
    ),
    Hangup.COMREC_PHASE_D_RECEIVE: Words(
        "the sending machine stopped making sense after a page",
        "Please ask the sender whether more was to come.",
    ),
    Hangup.PIP_PIN_RECEIVE: Words(
        "an operator interrupted the call",
        "Please ring the other side: somebody wanted to speak.",
    ),
}


# Two meanings of one status (T.32 21h).
SUBADDRESS_REFUSED: Final = Words(
    said("the other machine takes no fax for this subaddress"),
    said("Please ask the recipient for the right subaddress, or send the fax without one."),
)


def explain(report: CallReport) -> Words:
    """Cause and advice for a call that failed: the dial's where nothing was connected."""
    if report.dialled is not Dialled.CONNECTED:
        return DIALLED[report.dialled]
    if report.subaddress_refused:
        return SUBADDRESS_REFUSED
    return HANGUPS[report.status]
