"""Judge a training check: were 1.5 s of zeros mostly that? Pure.

The modem hands over whatever it made of the carrier, with rubbish before the zeros where its
receiver was still settling and after them where the carrier fell. T.30 5.3.6.1.3 leaves the measure
to the receiver: here one second without a single bit in error, which an error rate of 1 in 10000
passes at 9600 bit/s every second time and a line that would garble pages does not.
"""

from __future__ import annotations

from typing import Final

CLEAN: Final = 1.0  # s of zeros in one piece
LONGEST: Final = 3.0  # s; a training check that lasts longer is none


class TrainingJudge:
    """One TCF at `bit_rate` bits per second, fed in any split."""

    def __init__(self, bit_rate: int) -> None:
        self._enough = int(CLEAN * bit_rate / 8)
        self._run = 0
        self._longest = 0

    def feed(self, octets: bytes) -> None:
        """Take octets as they arrive."""
        for number, run in enumerate(_runs_of_zero(octets)):
            self._run = run if number else self._run + run
            self._longest = max(self._longest, self._run)

    @property
    def good(self) -> bool:
        """Whether the zeros lasted long enough in one piece."""
        return self._longest >= self._enough


def _runs_of_zero(octets: bytes) -> list[int]:
    """Lengths of the runs of zero octets between the others, empty ones included."""
    marks = octets.translate(bytes(1) + b"\x01" * 255)
    return [len(run) for run in marks.split(b"\x01")]
