"""The fax pages of one document, made as a converter hands it over.

Each page is drawn at its true size, decided black and white, and drawn again only if ink would lie
where fax machines cut. Then it is coded: MMR to keep, and the exact size in each coding, so that
the time on the line is known before anyone dials.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gateway.offramp.bilevel import clean, to_bilevel
from gateway.offramp.budget import Composed, within
from gateway.offramp.coded import coded, packed, seconds
from gateway.offramp.convert.base import Bits, Drawing, Unfaxable
from gateway.offramp.dither import dithered_bits
from gateway.offramp.protocol import CodedPage
from gateway.offramp.screen import GRIDS
from gateway.offramp.sheet import Box, Placement, Sheet
from gateway.rendition import PHOTO, UNTOUCHED, Rendition
from gateway.said import counted, said
from modems.session import VR

PAGE_SECONDS = 60.0  # at 14,400 bit/s


class Pages:
    """The `PageSink` of one document; `give` gets each coded page.

    A page that would keep the line busy for longer than `page_seconds` is made coarser. `style` is
    how grey is drawn, see `bilevel.to_bilevel`.
    """

    def __init__(
        self,
        sheet: Sheet,
        limit: int,
        give: Callable[[CodedPage], None],
        page_seconds: float = PAGE_SECONDS,
        style: str = "",
    ) -> None:
        self.count = 0
        self._sheet = sheet
        self._limit = limit
        self._give = give
        self._seconds = page_seconds
        self._style = style

    @property
    def sheet(self) -> Sheet:
        """The fax page that is wanted."""
        return self._sheet

    def expect(self, pages: int) -> None:
        """Refuse a document that is too long before any of it is drawn."""
        if pages > self._limit:
            has, left = counted(pages, "page"), self._limit
            if not left:
                raise Unfaxable(
                    said("has {pages}, and no more can be sent with this mail", pages=has)
                )
            raise Unfaxable(
                said(
                    "has {pages}, and {left} more can be sent with this mail", pages=has, left=left
                )
            )

    def add(self, drawing: Drawing) -> None:
        """Draw and code the next page, or the pieces of one that is a roll."""
        for placement in self._sheet.pieces(*drawing.size):
            self._add(compose(drawing, self._sheet, placement, self._style))

    def _add(self, page: Composed) -> None:
        made = within(page, self._sheet.vr, self._seconds)
        dithered = None if page.bilevel.was_clean else dithered_bits(page.grey, self._sheet.vr)
        saved = max(0, dithered - min(made.bits.values())) if dithered else 0
        rendition = replace(made.rendition, saved_seconds=seconds(saved))
        self._keep(replace(made, rendition=rendition))

    def add_finished(self, ink: Bits, vr: VR) -> None:
        """Code a page that is black and white already."""
        height, width = ink.shape
        rows = packed(ink)
        mmr, bits = coded(rows, width, vr)
        self._keep(CodedPage(width, height, int(vr), mmr, bits, Rendition(UNTOUCHED)))

    def _keep(self, page: CodedPage) -> None:
        self.count += 1
        self.expect(self.count)
        self._give(page)


def compose(drawing: Drawing, sheet: Sheet, placement: Placement, style: str = "") -> Composed:
    """Lay a drawing on the sheet, with all its ink where machines print."""
    page = _composed(drawing, placement, style)
    box = ink_box(page.rows(GRIDS[sheet.vr][0]), page.grey.shape[1])
    rescued = sheet.rescue(placement, box) if box else None
    return _composed(drawing, rescued, style) if rescued else page


def _composed(drawing: Drawing, placement: Placement, style: str) -> Composed:
    """Draw, and decide about the part of the sheet that the document covers: the rest is white."""
    grey, covered = drawing.draw(placement), placement.covered()
    plain = clean(grey) if style != PHOTO else None
    if plain is not None:
        return Composed(grey, (slice(None), slice(None)), plain)
    return Composed(grey, covered, to_bilevel(grey[covered], style))


def ink_box(packed_rows: bytes, width: int) -> Box | None:
    """Find the smallest box that holds every black pel; None on a white page."""
    octets = np.frombuffer(packed_rows, np.uint8).reshape(-1, (width + 7) // 8)
    pels = np.flatnonzero(np.unpackbits(np.bitwise_or.reduce(octets, axis=0)))
    rows = np.flatnonzero(octets.any(axis=1))
    if not rows.size:
        return None
    return Box(int(pels[0]), int(rows[0]), int(pels[-1]) + 1, int(rows[-1]) + 1)
