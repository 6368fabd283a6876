"""How long and how often: every wait and every limit of the T.30 engine, with its reason.

T.30 gives most of them with a tolerance. A wait for the far end uses the patient end of it, since
giving up early costs a repeated command and waiting costs nothing when the answer comes; what the
far end has to wait for uses the quick end. Seconds of line time unless a name says otherwise.

T.30, "Time-outs"; the limits below the line are ours, so that every call ends.
"""

from __future__ import annotations

from typing import Final

T1: Final = 35.0  # +-5 s; each of the two terminals tries for so long to identify the other
T2: Final = 7.0  # 6 +-1 s; "command received?": how long a command may be awaited
T4: Final = 3.45  # 3.0 s +-15 %; "response received?", and between two DIS of an answering terminal
T4_AFTER_TCF: Final = 5.2  # 4.5 s +15 %; a receiver that never trained says FTT T2 after DCS
T5: Final = 60.0  # +-5 s; how long RNR may hold up the sender before it gives up (Annex A)

TURN: Final = 0.075  # +-20 ms; silence between V.21 and a fast carrier, in either order
AFTER_DAMAGE: Final = 0.2  # silence that ends a damaged burst, before anybody speaks again
TCF: Final = 1.5  # +-10 %; length of the training check
LONGEST_TRAINING: Final = 1.6  # V.17 long training (1.393 s) with its echo protection (0.215 s)

TRIES: Final = 3  # a command is sent so often before the call is given up

# Ours ------------------------------------------------------------------------------------------
PAGE_WAIT: Final = T1  # for the carrier of a page: machines that feed paper let 30 s pass
AFTER_PAGE: Final = T1  # for the command after a page: we may have lost the carrier half-way
REPLY_BY: Final = 2.0  # an answer later than this would meet the command's repeat (T4 - 15 %)
ANSWER_LATER: Final = 1.3  # a response may be held back so long, well within T4
PAGE_LATER: Final = 3.0  # and a burst of a page, within T2
BURSTS: Final = 4  # bursts without a use that one wait hears before it counts as unanswered
COMMANDS: Final = 16  # commands in a row that bring no page nearer, before a receiver hangs up
PAGE_LIMIT: Final = 3600.0  # the longest page: an A4 halftone at 2400 bit/s needs 50 minutes
CALL_LIMIT: Final = 6 * 3600.0  # the longest call
