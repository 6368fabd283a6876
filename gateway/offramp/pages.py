"""The fax pages of one document, made as a converter hands it over.

Each page is drawn at its true size, decided black and white, and drawn again only if ink would lie
where fax machines cut. Then it is coded: MMR to keep, and the exact size in each coding, so that
the time on the line is known before anyone dials.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gateway.offramp.bilevel import to_bilevel
from gateway.offramp.coded import at_rest, packed, seconds, sizes
from gateway.offramp.convert.base import Bits, Drawing, Grey, Unfaxable
from gateway.offramp.dither import dithered_bits
from gateway.offramp.protocol import CodedPage
from gateway.offramp.sheet import Box, Placement, Sheet
from gateway.rendition import MIXED, SCREEN, TEXT, UNTOUCHED, Rendition
from modems.session import VR

ALL_OVER = 0.85  # of a picture's page is screened


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
        page = compose(drawing, self._sheet)
        self._keep(page.ink, self._sheet.vr, page.name, dithered_bits(page.grey, self._sheet.vr))

    def add_finished(self, ink: Bits, vr: VR) -> None:
        """Code a page that is black and white already."""
        self._keep(ink, vr, UNTOUCHED, None)

    def _keep(self, ink: Bits, vr: VR, name: str, dithered: int | None) -> None:
        self.count += 1
        self.expect(self.count)
        page = code(ink, vr)
        saved = max(0, dithered - min(page.bits.values())) if dithered else 0
        self._give(replace(page, rendition=Rendition(name, saved_seconds=seconds(saved))))


@dataclass(frozen=True, slots=True)
class Composed:
    """A page on the sheet: what was drawn, what became black, and how many pels are screened."""

    grey: Grey
    ink: Bits
    screened: int

    @property
    def name(self) -> str:
        """Which rendering it is."""
        if not self.screened:
            return TEXT
        return SCREEN if self.screened > ALL_OVER * self.ink.size else MIXED


def compose(drawing: Drawing, sheet: Sheet) -> Composed:
    """Lay a drawing on the sheet, with all its ink where machines print."""
    placement = sheet.place(*drawing.size)
    page = _inked(drawing, placement)
    box = ink_box(page.ink)
    rescued = sheet.rescue(placement, box) if box else None
    return _inked(drawing, rescued) if rescued else page


def _inked(drawing: Drawing, placement: Placement) -> Composed:
    """Draw, and decide about the part of the sheet that the document covers: the rest is white."""
    grey = drawing.draw(placement)
    covered = placement.covered()
    ink = np.zeros(grey.shape, np.bool_)
    decided = to_bilevel(grey[covered])
    ink[covered] = decided.ink
    return Composed(grey, ink, decided.screened)


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
    rows = packed(ink)
    return CodedPage(width, height, int(vr), at_rest(rows, width), sizes(rows, width, vr))
