"""What a peer says of a call, in one form for all of them, to lay beside our own report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from modems.session import EC, VR
from modems.terminal import CallReport

LPI = {VR.R8_STANDARD: 98, VR.R8_FINE: 196, VR.R8_SUPERFINE: 391}
LINES_PER_MM = {"3.85": 98, "7.7": 196, "15.4": 391}


@dataclass(frozen=True, slots=True)
class Told:
    """One side's account: bits per second, error correction, MH, MR or MMR, rows per inch."""

    bit_rate: int
    ecm: bool
    coding: str
    lpi: int
    pages: int
    remote_identity: str

    @classmethod
    def of(cls, report: CallReport) -> Self:
        """Our own account."""
        p = report.parameters
        assert p is not None, report.cause
        done = sum(page.verdict.confirmed for page in report.pages)
        ecm, lpi = p.ec is not EC.OFF, LPI[p.vr]
        return cls(p.br.bit_rate, ecm, p.df.name, lpi, done, report.remote_identity)

    def agrees(self, other: Told) -> bool:
        """Whether both tell of the same call; each heard the other's number."""
        return self.what == other.what

    @property
    def what(self) -> tuple[int, bool, str, int, int]:
        """All that must be the same on both sides."""
        return self.bit_rate, self.ecm, self.coding, self.lpi, self.pages

    def __str__(self) -> str:
        ecm = " ECM" if self.ecm else ""
        return f"{self.bit_rate} bit/s {self.coding}{ecm} {self.lpi} lpi, {self.pages} page(s)"
