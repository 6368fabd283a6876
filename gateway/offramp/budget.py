"""Keep a page within its seconds on the line: the first rendering of a ladder that fits.

The ladder goes from fine to coarse: wider and wider screens for what is screened, then specks
taken away, then half the rows where that loses no text: of a superfine page, or of one that is a
picture all over. Text is never touched otherwise; a page that does not fit even so goes as the
shortest of them. A page that fits only in MMR gets a second, coarser rendering for far ends
without.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gateway.offramp.bilevel import Bilevel
from gateway.offramp.coded import coded, packed, seconds, unpacked
from gateway.offramp.protocol import CodedPage
from gateway.offramp.screen import GRIDS, Grid
from gateway.offramp.shades import ALL_OVER
from gateway.rendition import MIXED, SCREEN, TEXT, Rendition
from modems.session import VR
from t4codec import halve

Grey = NDArray[np.uint8]
Bits = NDArray[np.bool_]

WITHOUT_MMR = ("MH", "MR")
HALF = {VR.R8_SUPERFINE: VR.R8_FINE, VR.R8_FINE: VR.R8_STANDARD}


@dataclass(frozen=True, slots=True)
class Composed:
    """A page on the sheet: what was drawn, and what was decided of the part that it covers."""

    grey: Grey
    covered: tuple[slice, slice]
    bilevel: Bilevel
    _packed: dict[Grid, bytes] = field(default_factory=dict, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Which rendering it is."""
        if not self.bilevel.shades:
            return TEXT
        return SCREEN if self.bilevel.screened > ALL_OVER * self.bilevel.ink.size else MIXED

    def drawn(self, grid: Grid) -> Bits:
        """Give the whole sheet with a screen of this fineness."""
        if self.bilevel.ink.shape == self.grey.shape:
            return self.bilevel.drawn(grid)
        ink = np.zeros(self.grey.shape, np.bool_)
        ink[self.covered] = self.bilevel.drawn(grid)
        return ink

    def rows(self, grid: Grid) -> bytes:
        """The same as rows for the codec, drawn once: where its ink lies is asked first."""
        if grid not in self._packed:
            self._packed[grid] = packed(self.drawn(grid))
        return self._packed[grid]


@dataclass(frozen=True, slots=True)
class Rung:
    """One rendering of a page, measured."""

    coarseness: int
    mmr: bytes
    height: int
    vr: VR
    bits: dict[str, int]

    def fits(self, limit: float, codings: tuple[str, ...] = ()) -> bool:
        """Whether the page keeps within so many seconds in one of these codings, or in any."""
        return seconds(min(self.bits[coding] for coding in codings or self.bits)) <= limit


def within(page: Composed, vr: VR, limit: float) -> CodedPage:
    """Code the page in the finest rendering that takes at most so many seconds."""
    ladder = _ladder(page, vr)
    tried = [next(ladder)]
    first = _climb(ladder, tried, limit, ())
    second = first
    if first.fits(limit) and not first.fits(limit, WITHOUT_MMR):
        second = _climb(ladder, tried, limit, WITHOUT_MMR)
    width = page.grey.shape[1]
    pays = second is not first and second.vr is first.vr
    made = Rendition(
        page.name,
        first.coarseness,
        bits_without_mmr={c: second.bits[c] for c in WITHOUT_MMR} if pays else {},
    )
    without_mmr = second.mmr if pays else b""
    return CodedPage(width, first.height, int(first.vr), first.mmr, first.bits, made, without_mmr)


def _climb(
    ladder: Iterator[Rung], tried: list[Rung], limit: float, codings: tuple[str, ...]
) -> Rung:
    """Go on until a rung fits; the shortest of all where none does."""
    while not tried[-1].fits(limit, codings):
        rung = next(ladder, None)
        if rung is None:
            return min(tried, key=lambda r: min(r.bits[c] for c in codings or r.bits))
        tried.append(rung)
    return tried[-1]


def _ladder(page: Composed, vr: VR) -> Iterator[Rung]:
    """Render the page coarser and coarser, each only when it is asked for."""
    grids = GRIDS[vr] if page.bilevel.shades else GRIDS[vr][:1]
    width = page.grey.shape[1]
    for step, grid in enumerate(grids):
        yield _rung(step, page.rows(grid), width, vr)
    rows = packed(without_specks(unpacked(page.rows(grid), width)))
    yield _rung(len(grids), rows, width, vr)
    if vr is VR.R8_SUPERFINE or (vr in HALF and page.name == SCREEN):
        yield _rung(len(grids) + 1, halve(rows, (width + 7) // 8), width, HALF[vr])


def _rung(step: int, rows: bytes, width: int, vr: VR) -> Rung:
    height = len(rows) // ((width + 7) // 8)
    mmr, bits = coded(rows, width, vr)
    return Rung(step, mmr, height, vr, bits)


def without_specks(ink: Bits) -> Bits:
    """Take away every black pel that has at most one black neighbour of eight."""
    padded = np.pad(ink.view(np.uint8), 1)
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    around = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]  # itself too
    cleaned: Bits = ink & (around > 2)
    return cleaned
