"""Why a call ended: a T.32 hangup status, and one plain sentence that a person can act on.

`Disconnect` ends the procedures from any depth; `Call` turns it into the report, so it never leaves
the engine. A sentence is written for the sender of a mail: it names no frame and no time-out, and
`{page}` becomes the page in hand.

T.32 8.6.1 (statuses).
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from modems.session import Hangup


class Disconnect(Exception):  # noqa: N818 - an outcome that unwinds the procedures, not a fault
    """Go to phase E. `dcn` says whether the far end is still there to be told."""

    def __init__(self, status: Hangup, cause: str = "", *, dcn: bool = True) -> None:
        super().__init__(status, cause)
        self.status = status
        self.cause = cause or SENTENCES[status]
        self.dcn = dcn


class Phase(Enum):
    """T.30 figure 1: where a call is, with what a cut there means when sending and receiving."""

    A = (Hangup.PHASE_A, Hangup.PHASE_A)
    B = (Hangup.PHASE_B_TRANSMIT, Hangup.PHASE_B_RECEIVE)
    C = (Hangup.PHASE_C_TRANSMIT, Hangup.PHASE_C_RECEIVE)
    D = (Hangup.PHASE_D_TRANSMIT, Hangup.PHASE_D_RECEIVE)

    def cut_off(self, *, sending: bool) -> Hangup:
        """The status of a call that breaks off in this phase."""
        return self.value[0] if sending else self.value[1]


SENTENCES: Final = {
    # Sending
    Hangup.PHASE_A: "The connection was cut off before a fax machine answered.",
    Hangup.NO_ANSWER_T1: "The call was answered, but no fax machine was heard.",
    Hangup.PHASE_B_TRANSMIT: "The connection was cut off before page {page} was sent.",
    Hangup.REMOTE_CANNOT: "The other fax machine says that it cannot receive now; "
    "it may be out of paper.",
    Hangup.COMREC_TRANSMIT: "The other fax machine did not ask for the next document.",
    Hangup.RSPREC_INVALID_TRANSMIT: "The other fax machine ended the call before page {page}.",
    Hangup.DCS_NO_ANSWER: "The other fax machine stopped answering before page {page}.",
    Hangup.DIS_AFTER_DCS: "The other fax machine did not hear us; the line may be bad.",
    Hangup.TRAINING_FAILED: "The line was too bad for page {page}, even at the lowest speed.",
    Hangup.PHASE_C_TRANSMIT: "The connection was cut off while page {page} was being sent.",
    Hangup.PHASE_D_TRANSMIT: "The connection was cut off after page {page} was sent; "
    "nobody can say whether it arrived.",
    Hangup.MPS_NO_ANSWER: "The other fax machine did not say whether page {page} arrived.",
    Hangup.MPS_INVALID_ANSWER: "The other fax machine ended the call without saying whether "
    "page {page} arrived.",
    Hangup.CANNOT_CONTINUE: "The other fax machine rejected page {page} as damaged every time "
    "it was sent.",
    # Receiving
    Hangup.PHASE_B_RECEIVE: "The other fax machine ended the call before it sent page {page}.",
    Hangup.RSPREC_RECEIVE: "The other fax machine did not hand over its document.",
    Hangup.COMREC_RECEIVE: "The other fax machine fell silent before page {page}.",
    Hangup.T2_NO_PAGE: "The other fax machine announced page {page} but did not send it.",
    Hangup.T1_AFTER_EOM: "The other fax machine announced another document but did not send it.",
    Hangup.PHASE_C_RECEIVE: "The connection was cut off at page {page}.",
    Hangup.DCE_OVERFLOW: "Page {page} arrived, but it could not be stored here.",
    Hangup.PHASE_D_RECEIVE: "The call ended early, at page {page}.",
    Hangup.RSPREC_PHASE_D_RECEIVE: "Page {page} arrived too damaged to be read.",
    Hangup.COMREC_PHASE_D_RECEIVE: "The other fax machine did not say that page {page} was "
    "complete; its end may be missing.",
}
SENTENCES.update(
    dict.fromkeys((Hangup.EOP_NO_ANSWER, Hangup.EOM_NO_ANSWER), SENTENCES[Hangup.MPS_NO_ANSWER])
)
SENTENCES.update(
    dict.fromkeys(
        (Hangup.EOP_INVALID_ANSWER, Hangup.EOM_INVALID_ANSWER),
        SENTENCES[Hangup.MPS_INVALID_ANSWER],
    )
)
