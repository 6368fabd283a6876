"""How long pages keep a line busy, known before dialling: bits and T.30's fixed times.

A page without error correction lasts as long as its bits, or its rows at the far end's minimum
scan-line time if that is longer; ECM frames add their heads, and rows need no minimum. Around the
pages stand the preambles, the training and the silences of T.30, which no one can save.

T.30 5.3.6 (order), T.4 4.1.3 (minimum row time), T.4 Annex A (ECM frames); V.17 and V.21 times.
"""

from __future__ import annotations

from collections.abc import Iterable

RATE = 14_400  # bit/s of V.17, at which pages are compared before anyone has dialled
PREAMBLE = 1.0  # s of V.21 flags before every command and response
GAP = 0.075  # s of silence between V.21 and a fast carrier, either way
COMMAND = 0.24  # s, a frame of 9 octets at 300 bit/s; a shorter one is an octet less
IDENTIFICATION = 0.72  # s, CSI or TSI: 27 octets
CAPABILITIES = 0.35  # s, DIS or DCS with 3 to 8 octets
ANSWER_TONE = 4.0  # s, silence after the answer, CED and silence
TRAINING_CHECK = 1.5  # s of zeros
LONG_TRAINING = 1.393  # s, V.17
SHORT_TRAINING = 0.142  # s, V.17
ECM_OVERHEAD = 1.05  # 256-octet frames: flags, FCS, numbers, stuffed zeros

# B: DIS with CSI; DCS with TSI, training check; CFR. E: DCN.
PHASE_B = (
    (PREAMBLE + IDENTIFICATION + CAPABILITIES + GAP) * 2
    + (LONG_TRAINING + TRAINING_CHECK + GAP)
    + (PREAMBLE + COMMAND + GAP)
)
PHASE_E = PREAMBLE + COMMAND + GAP
# D: MPS or EOP and its answer.
PHASE_D = (PREAMBLE + COMMAND + GAP) * 2


def page_seconds(
    bits: int, bit_rate: int, *, rows: int = 0, min_row_seconds: float = 0.0, ecm: bool = False
) -> float:
    """Time of a page's data on the line.

    `bits` as coded without fill, `bit_rate` in bit/s, `rows` and the far end's `min_row_seconds`
    where it asked for one. A page whose rows are uneven may take longer than the floor computed
    here: short rows are filled, long ones do not make up for them.
    """
    if ecm:
        return bits * ECM_OVERHEAD / bit_rate
    return max(bits / bit_rate, rows * min_row_seconds)


def call_seconds(pages: Iterable[float]) -> float:
    """Time from the answer to the end of a call that sends pages of so many seconds each."""
    phases = [SHORT_TRAINING + GAP + seconds + PHASE_D for seconds in pages]
    return ANSWER_TONE + PHASE_B + sum(phases) + PHASE_E
