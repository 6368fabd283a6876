"""The fax pages of one document, made as a converter hands it over.

Each page is drawn at its true size, decided black and white, and drawn again only if ink would lie
where fax machines cut. Then it is coded: MMR to keep, and the exact size in each coding, so that
the time on the line is known before anyone dials.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gateway.offramp.bilevel import to_bilevel
from gateway.offramp.convert.base import Bits, Drawing, Unfaxable
from gateway.offramp.protocol import CodedPage
from gateway.offramp.sheet import Box, Placement, Sheet
from modems.session import VR
from t4codec import Coding, Compression, coded_bits, encode

SIZES = {  # coding of each size that is kept with a page
    "MH": Compression.MH,
    "MR": Compression.MR,
    "MMR": Compression.MMR,
}
K = {VR.R8_STANDARD: 2, VR.R8_FINE: 4, VR.R8_SUPERFINE: 8}  # T.4 4.2.1


class Pages:
    """The `PageSink` of one document; `give` gets each coded page."""

    def __init__(self, sheet: Sheet, limit: int, give: Callable[[CodedPage], None]) -> None:
        self.count = 0
        self._sheet = sheet
        self._limit = limit
        self._give = give

    @property
    def sheet(self) -> Sheet:
        """The fax page that is wanted."""
        return self._sheet

    def expect(self, pages: int) -> None:
        """Refuse a document that is too long before any of it is drawn."""
        if pages > self._limit:
            left = f"{self._limit} more can" if self._limit else "no more can"
            raise Unfaxable(f"has {pages} pages, and {left} be sent with this mail")

    def add(self, drawing: Drawing) -> None:
        """Draw and code the next page."""
        self.add_finished(compose(drawing, self._sheet), self._sheet.vr)

    def add_finished(self, ink: Bits, vr: VR) -> None:
        """Code a page that is black and white already."""
        self.count += 1
        self.expect(self.count)
        self._give(code(ink, vr))


def compose(drawing: Drawing, sheet: Sheet) -> Bits:
    """Lay a drawing on the sheet, with all its ink where machines print."""
    placement = sheet.place(*drawing.size)
    ink = _inked(drawing, placement)
    box = ink_box(ink)
    rescued = sheet.rescue(placement, box) if box else None
    return _inked(drawing, rescued) if rescued else ink


def _inked(drawing: Drawing, placement: Placement) -> Bits:
    """Draw, and decide about the part of the sheet that the document covers: the rest is white."""
    grey = drawing.draw(placement)
    covered = placement.covered()
    ink = np.zeros(grey.shape, np.bool_)
    ink[covered] = to_bilevel(grey[covered])
    return ink


def ink_box(ink: Bits) -> Box | None:
    """Find the smallest box that holds every black pel; None on a white page."""
    rows = np.flatnonzero(ink.any(axis=1))
    pels = np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return None
    return Box(int(pels[0]), int(rows[0]), int(pels[-1]) + 1, int(rows[-1]) + 1)


def code(ink: Bits, vr: VR) -> CodedPage:
    """Code a page of (rows, pels), True black."""
    height, width = ink.shape
    rows = np.packbits(ink, axis=1).tobytes()
    bits = {
        name: coded_bits(rows, Coding(compression, width=width, k=K[vr]))
        for name, compression in SIZES.items()
    }
    mmr = encode(rows, Coding(Compression.MMR, width=width))
    return CodedPage(width, height, int(vr), mmr, bits)
