"""What to do after a call: sent, later or never. Pure; the queue runner asks, the store obeys.

The decision is a value with an enhanced status (RFC 3463) and one sentence, so that the receipt,
the log and the queue say the same. A document is sent when the far end has confirmed every page,
whatever happened to the call after that. Calls that never reached the telephone network, because
our own line failed, do not count as tries; the age of the mail bounds even those. A try that would
fall outside the hours of its rule waits for the next opening, and closed hours are no age.

The tables follow T.32 8.6.1 and RFC 3463 3.2, 3.4, 3.5 and 3.7. Words for people about each status
belong to the receipt, not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from gateway.admission.opening import latest
from gateway.config.retry import Retry
from gateway.store.records import Claim
from modems.session import Dialled, Hangup
from modems.terminal import CallReport

EXPIRED = "4.4.7"  # delivery time expired (RFC 3463 3.5)


@dataclass(frozen=True, slots=True)
class Sent:
    """Every page was confirmed."""

    why: str = ""
    status: str = "2.0.0"


@dataclass(frozen=True, slots=True)
class Later:
    """Call again at `at`. `counts` is False for a try that was our own line's fault."""

    at: datetime
    why: str
    status: str
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Never:
    """Give up, and tell the sender `why`."""

    why: str
    status: str


Decision = Sent | Later | Never


class Wait(Enum):
    """Which setting of `retry` says how long to wait; NEVER is not worth another call."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    LINE_FAULT = "line_fault"
    REMOTE_CANNOT = "remote_cannot"
    NEVER = "never"

    def interval(self, settings: Retry) -> timedelta:
        """The time until the next try. Not for NEVER."""
        return {
            Wait.BUSY: settings.busy,
            Wait.NO_ANSWER: settings.no_answer,
            Wait.FAILED: settings.failed,
            Wait.LINE_FAULT: settings.line_fault,
            Wait.REMOTE_CANNOT: settings.remote_cannot,
        }[self]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the tables below."""

    wait: Wait
    status: str


# What the network answered. 4.4.1 is RFC 3463's word for busy as well as for no answer; 5.1.2 is a
# destination that does not exist. A refusal is retried: exchanges also refuse when overloaded.
DIALLED = {
    Dialled.BUSY: Rule(Wait.BUSY, "4.4.1"),
    Dialled.NO_ANSWER: Rule(Wait.NO_ANSWER, "4.4.1"),
    Dialled.NO_DIALTONE: Rule(Wait.LINE_FAULT, "4.4.0"),
    Dialled.NO_CARRIER: Rule(Wait.FAILED, "4.4.1"),
    Dialled.VOICE: Rule(Wait.NO_ANSWER, "4.4.1"),  # the longest wait rings a person least
    Dialled.NOT_IN_SERVICE: Rule(Wait.NEVER, "5.1.2"),
    Dialled.REFUSED: Rule(Wait.FAILED, "4.4.1"),
    Dialled.LINE_FAULT: Rule(Wait.LINE_FAULT, "4.4.0"),
}

# T.32 8.6.1, in its order, for a call that was connected. Somebody who answers without a fax tone
# may be a person: NO_ANSWER, the longest wait, rings them least. ABORTED is our own doing (the
# gateway was stopped). A far end that cannot receive (bit 10 of its DIS) may be out of paper or
# memory, or set to send only: T.30 does not tell, and time may cure it (4.3.2). 4.4.2 is a
# connection that broke, 5.6.5 a page that we could not convert, 4.3.0 our own machine falling
# behind.
NOBODY_THERE = Rule(Wait.NEVER, "5.1.1")  # a subaddress that the far machine does not take (FNV)
_NO_FAX = Rule(Wait.NO_ANSWER, "4.4.1")
_BROKEN = Rule(Wait.FAILED, "4.4.2")
HANGUP = {
    Hangup.NORMAL: _BROKEN,  # with pages left: the far end took leave too early
    # Call placement and termination
    Hangup.RING_NO_HANDSHAKE: _NO_FAX,
    Hangup.ABORTED: Rule(Wait.LINE_FAULT, "4.3.2"),
    Hangup.NO_LOOP_CURRENT: Rule(Wait.LINE_FAULT, "4.4.0"),
    Hangup.RINGBACK_NO_ANSWER: _NO_FAX,
    Hangup.ANSWER_NO_CED: _NO_FAX,
    # Transmit phase A
    Hangup.PHASE_A: _NO_FAX,
    Hangup.NO_ANSWER_T1: _NO_FAX,
    # Transmit phase B
    Hangup.PHASE_B_TRANSMIT: _BROKEN,
    Hangup.REMOTE_CANNOT: Rule(Wait.REMOTE_CANNOT, "4.3.2"),
    Hangup.COMREC_TRANSMIT: _BROKEN,
    Hangup.COMREC_INVALID_TRANSMIT: _BROKEN,
    Hangup.RSPREC_TRANSMIT: _BROKEN,
    Hangup.DCS_NO_ANSWER: _BROKEN,
    Hangup.DIS_AFTER_DCS: _BROKEN,
    Hangup.TRAINING_FAILED: _BROKEN,
    Hangup.RSPREC_INVALID_TRANSMIT: _BROKEN,
    # Transmit phase C
    Hangup.PHASE_C_TRANSMIT: _BROKEN,
    Hangup.IMAGE_FORMAT: Rule(Wait.NEVER, "5.6.5"),
    Hangup.IMAGE_CONVERSION: Rule(Wait.NEVER, "5.6.5"),
    Hangup.DTE_UNDERFLOW: Rule(Wait.FAILED, "4.3.0"),
    # Transmit phase D
    Hangup.PHASE_D_TRANSMIT: _BROKEN,
    Hangup.RSPREC_PHASE_D: _BROKEN,
    Hangup.MPS_NO_ANSWER: _BROKEN,
    Hangup.MPS_INVALID_ANSWER: _BROKEN,
    Hangup.EOP_NO_ANSWER: _BROKEN,
    Hangup.EOP_INVALID_ANSWER: _BROKEN,
    Hangup.EOM_NO_ANSWER: _BROKEN,
    Hangup.EOM_INVALID_ANSWER: _BROKEN,
    Hangup.CANNOT_CONTINUE: _BROKEN,
}


def decide(report: CallReport, claim: Claim, settings: Retry, now: datetime) -> Decision:
    """What to do after the call that `claim` led to and `report` describes."""
    if not pages_left(report, claim):
        return Sent()
    rule = rule_for(report)
    if rule.wait is Wait.NEVER:
        return Never(report.cause, rule.status)
    counts = rule.wait is not Wait.LINE_FAULT
    if counts and claim.tries + 1 >= min(settings.tries, claim.options.tries or settings.tries):
        return Never(report.cause, rule.status)
    at = now + rule.wait.interval(settings)
    if claim.opening:
        at = claim.opening.next(at)
    if at > latest(claim.accepted_at, settings.give_up_after, claim.opening):
        return Never(report.cause, EXPIRED)
    return Later(at, report.cause, rule.status, counts)


def pages_left(report: CallReport, claim: Claim) -> int:
    """How many pages of the document nobody has confirmed, before the call or in it."""
    confirmed = {page.number for page in report.pages if page.verdict.confirmed}
    return claim.pages - claim.pages_confirmed - len(confirmed)


def rule_for(report: CallReport) -> Rule:
    """The row that fits: by what the network answered, or by how the connected call ended."""
    if report.dialled is not Dialled.CONNECTED:
        return DIALLED[report.dialled]
    if report.subaddress_refused:
        return NOBODY_THERE
    return HANGUP.get(report.status, _BROKEN)  # the receive codes: nobody sends with those
