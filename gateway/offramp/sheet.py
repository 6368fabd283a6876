"""The geometry of a fax page: where a document's page of so many millimetres comes to lie.

A scan line of 1728 pels is 215 mm long (T.4 2.1), 5 mm more than A4 is wide, and rows are 3.85,
7.7 or 15.4 to the millimetre, so pels are not square. A document's page is laid on at its true
size, centred on the scan line; it is turned where that makes it larger, made smaller where it would
not fit, and never enlarged or stretched. A page shorter than the paper stays short, and one so long
that it could not be read on the paper, such as a till roll, becomes a long page; a roll of several
metres becomes several, each of which begins with the end of the one before.

Fax machines cut the edges: only the guaranteed reproducible area (T.4 Appendix I) is sure to be
printed. Ink outside of it is moved in, and only if there is no room, the page is made smaller.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from modems.session import VR

WIDTH = 1728  # pels
SCAN_LINE = 215.0  # mm
ROWS_PER_MM = {VR.R8_STANDARD: 3.85, VR.R8_FINE: 7.7, VR.R8_SUPERFINE: 15.4}
RESOLUTIONS = {
    "standard": VR.R8_STANDARD,
    "fine": VR.R8_FINE,
    "superfine": VR.R8_SUPERFINE,
}
PAPERS = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}  # mm
SIDE_LOSS = 9.2  # mm of the scan line that a machine may cut, left and right: 196.6 mm remain
END_LOSS = 7.8  # mm of the paper, top and bottom: 281.4 mm of A4 remain
LEGIBLE = 0.6  # a page is not made smaller than this for its length alone
LONGEST = 1500.0  # mm of a fax page
OVERLAP = 20.0  # mm of a roll that stand at the end of one page and at the beginning of the next
TURN_GAIN = 1.02  # a page is turned if that makes it so many times larger


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pels and rows; right and bottom are the first ones outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """In pels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """In rows."""
        return self.bottom - self.top

    def holds(self, other: Box) -> bool:
        """Whether the other lies wholly inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the document's page lies on the fax page, and whether it is turned by 90 degrees."""

    box: Box  # of the document's page; may reach over the edges
    rows: int  # of the fax page
    turned: bool

    def covered(self) -> tuple[slice, slice]:
        """Give the rows and pels of the fax page that the document's page covers."""
        box = self.box
        return slice(max(box.top, 0), box.bottom), slice(max(box.left, 0), box.right)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The fax page that the settings ask for."""

    vr: VR
    paper: tuple[float, float]  # mm

    @classmethod
    def of(cls, paper: str, resolution: str) -> Sheet:
        """Take the words of the settings."""
        return cls(RESOLUTIONS[resolution], PAPERS[paper])

    @property
    def pels_per_mm(self) -> tuple[float, float]:
        """Along the scan line and across it."""
        return WIDTH / SCAN_LINE, ROWS_PER_MM[self.vr]

    @property
    def rows(self) -> int:
        """Of a page as long as the paper."""
        return round(self.paper[1] * ROWS_PER_MM[self.vr])

    def safe_box(self) -> Box:
        """Give the guaranteed reproducible area."""
        x, y = self.pels_per_mm
        side, end = round(SIDE_LOSS * x), round(END_LOSS * y)
        return Box(side, end, WIDTH - side, self.rows - end)

    def place(self, width: float, height: float) -> Placement:
        """Lay a page of so many millimetres on the sheet, at its true size if it fits."""
        upright, turned = self._scale(width, height), self._scale(height, width)
        turn = turned > upright * TURN_GAIN
        if turn:
            width, height = height, width
        scale = max(upright, turned) if turn else upright
        x, y = self.pels_per_mm
        pels, rows = max(1, round(width * scale * x)), max(1, round(height * scale * y))
        left = (WIDTH - pels) // 2
        longest = round(self._length(width, height) * y)
        return Placement(Box(left, 0, left + pels, rows), min(rows, longest), turn)

    def pieces(self, width: float, height: float) -> list[Placement]:
        """Lay a page on as many sheets as it needs to be legible, which is one but for a roll."""
        turn = width > height
        across, along = (height, width) if turn else (width, height)
        scale = min(1.0, SCAN_LINE / across)
        length = along * scale
        if length * LEGIBLE <= LONGEST:
            return [self.place(width, height)]
        count = ceil((length - OVERLAP) / (LONGEST - OVERLAP))
        step = (length - OVERLAP) / count
        x, y = self.pels_per_mm
        pels, rows = round(across * scale * x), round(length * y)
        left, piece = (WIDTH - pels) // 2, round((step + OVERLAP) * y)
        tops = [-round(number * step * y) for number in range(count)]
        return [Placement(Box(left, top, left + pels, top + rows), piece, turn) for top in tops]

    def _scale(self, width: float, height: float) -> float:
        return min(1.0, SCAN_LINE / width, self._length(width, height) / height)

    def _length(self, width: float, height: float) -> float:
        """Of the fax page for such a page, in mm: the paper's, unless that would be illegible."""
        length = height * min(1.0, SCAN_LINE / width)
        return self.paper[1] if length * LEGIBLE <= self.paper[1] else min(length, LONGEST)

    def rescue(self, placement: Placement, ink: Box) -> Placement | None:
        """Bring ink that machines would cut into the safe area; None if nothing is to be done."""
        safe = self.safe_box()
        most = max(self.rows, placement.rows)
        safe = replace(safe, bottom=safe.bottom + most - self.rows)
        if placement.rows < self.rows:  # a short page: its end is not the paper's
            safe = replace(safe, bottom=max(safe.bottom, placement.rows))
        if safe.holds(ink):
            return None
        scale = min(1.0, safe.width / ink.width, safe.height / ink.height)
        left = _shift(ink.left, ink.width * scale, safe.left, safe.right)
        top = _shift(ink.top, ink.height * scale, safe.top, safe.bottom)
        box = placement.box
        new_left = left - round((ink.left - box.left) * scale)
        new_top = top - round((ink.top - box.top) * scale)
        moved = Box(
            new_left,
            new_top,
            new_left + round(box.width * scale),
            new_top + round(box.height * scale),
        )
        rows = min(most, max(placement.rows, top + round(ink.height * scale)))
        return Placement(moved, rows, placement.turned)


def _shift(start: int, length: float, low: int, high: int) -> int:
    """Give the start nearest to `start` that keeps the length within low and high."""
    return round(min(max(start, low), high - length))
