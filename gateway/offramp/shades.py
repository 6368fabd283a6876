"""What of a page is screened, and which dark or middling ground turns black: areas and pictures.

Flat areas of a drawn page are decided by `flat`, one by one. What is left is looked at in connected
regions: one that is uneven, or a smooth gradient that nobody has written on, is a picture and is
screened whole; ground that is written on turns black or white, whichever leaves the letters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from gateway.offramp.cells import CELL, mean_of_cells, spread
from gateway.offramp.flat import A_DIGIT, DARK, flat
from gateway.offramp.masks import counts
from gateway.offramp.regions import LEAST_PICTURE, Region, connected, regions

Grey = NDArray[np.uint8]
Bits = NDArray[np.bool_]
Levels = NDArray[np.int16]

EVEN = 2.0  # noise, in grey levels, up to which a page was drawn and not scanned
TINT = 0.78  # ground above this part of the paper's level is white
UNEVEN = 1.5  # a picture has more texture than so many times the noise
LIGHT_SCAN = 0.86  # the same of a scan, whose paper is darker here and there
LIGHT = 0.93  # a picture reaches as far as the ground is darker than this part
TONE = 0.88  # of a drawn page; a region without any that is darker is dropped
SOFT = 16  # grey levels, from the lightest to the darkest pel of a cell of a smooth gradient
GRAINS = 0.65  # of a scanned grey, below which its darkest grains do not reach
WRITTEN_ON = 0.005  # share of ink that makes a grey area the background of a text
SAME = 5  # grey levels by which a plain grey may vary
FALL = 0.12  # of its level, by which a plain grey may vary along a scan
ONE_GREY = 0.6  # of a ground's cells have one level
ALL_OVER = 0.85  # of a page is a picture that is the whole page
BIN = 16  # grey levels that are as good as one under grain and uneven light
BOXES = 4  # such levels has a form at most, with all its boxes
MOST_CELLS = 0.75  # have one of them
LARGE = 200  # cells, 8 cm2 or so
CODE = 0.84  # of the squares of a code is dark or light
IN_CODE = 0.2  # at least is dark, and so much light
CODE_SIZE = 0.1  # of the page at most
DESK = 0.4  # of the page has a picture at least that is a sheet on a desk
SHEET = 0.15  # of a picture's box is a sheet of paper that was photographed
SHEET_WRITTEN = (0.005, 0.25)  # share of ink on it
WHOLE = (slice(None), slice(None))


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies behind the ink, and how even it is."""

    half: Grey
    paper: Levels  # level of white paper around each cell
    texture: Levels  # difference of the lightest and the darkest pel of each cell
    plain: Levels  # of each cell that is mostly one tint or dark grey; -1 elsewhere
    noise: float  # the texture that blank cells have by their grain, in grey levels


@dataclass(frozen=True, slots=True)
class Shade:
    """A part of a page that is screened: its grey, where lines show, and what is black anyway."""

    window: tuple[slice, slice]
    grey: Grey
    paper: int
    where: Bits | None  # None: all over
    ink: Bits | None  # None: nothing but lines

    @property
    def size(self) -> int:
        """Pels on which lines may show."""
        return self.grey.size if self.where is None else int(self.where.sum())


def find_shades(grey: Grey, ground: Ground, ink: Bits) -> Iterator[Shade]:
    """Find middling ground and pictures; dark ground that is written on turns black in place."""
    cells = mean_of_cells(ground.half, CELL // 2)
    is_drawn = ground.noise <= EVEN
    inside = cells < (LIGHT if is_drawn else LIGHT_SCAN) * ground.paper
    tone = cells < (TONE if is_drawn else TINT) * ground.paper
    if is_drawn and inside.any():
        inside |= (ground.texture > 0) & (ground.texture < SOFT) & (cells < ground.paper - 1)
        yield from _flat(grey, ground, ink, inside)
    for region in regions(inside, tone, ground.texture > UNEVEN * (ground.noise + 1)):
        one_grey = _is_one_grey(ground.plain[region.window(1)], 0.0 if is_drawn else FALL)
        if region.is_picture and _is_code(region, grey, ground):
            continue
        if region.is_picture and not one_grey:
            yield (shade := _picture(region, grey, ground, ink))
            if shade.window == WHOLE:
                return
        else:
            yield from _even(region, grey, ground, ink)


def _flat(grey: Grey, ground: Ground, ink: Bits, inside: Bits) -> Iterator[Shade]:
    """Decide the flat areas, and take them out of what is left to decide."""
    paper = int(ground.paper.max())
    found = flat(grey, spread(ground.half < ceil(LIGHT * paper), 2), paper)
    if found is None:
        return
    np.copyto(ink, found.ink, where=found.known)
    left_over = ~found.known & (grey < paper - 1)
    inside &= (counts(found.known) == 0) | (counts(left_over) > CELL * CELL // 2)
    if found.screened.any():
        yield Shade(WHOLE, grey, paper, found.screened, ink.copy())


def _is_code(region: Region, grey: Grey, ground: Ground) -> bool:
    """Whether it is nothing but black and white, as the squares of a code are."""
    pels, paper = grey[region.window(CELL)], int(ground.paper[region.window(1)].max())
    dark, light = (pels < ceil(DARK * paper)).mean(), (pels > int(TINT * paper)).mean()
    small = pels.size < CODE_SIZE * grey.size
    return bool(small and min(dark, light) > IN_CODE and dark + light > CODE)


def _picture(region: Region, grey: Grey, ground: Ground, ink: Bits) -> Shade:
    """A region that is screened as a whole, or the page if no paper shows that could be grey.

    A sheet that somebody has photographed on a desk lies in it like a hole, and keeps its letters.
    """
    window = region.window(CELL)
    wide = grey[window].size > DESK * grey.size and ground.noise > EVEN
    sheet = _sheet(region, ink[window]) if wide else None
    if sheet is not None:
        paper = int(ground.paper[region.window(1)].max())
        return Shade(window, grey[window], paper, ~sheet, ink[window] & sheet)
    if grey[window].size > ALL_OVER * grey.size:
        return Shade(WHOLE, grey, 255, None, None)
    return Shade(window, grey[window], int(ground.paper[region.window(1)].max()), None, None)


def _sheet(region: Region, ink: Bits) -> Bits | None:
    """Pels of a large light part of the region's box that is written on."""
    sheet = np.zeros_like(region.cells)
    for at in connected(~region.cells):
        if len(at[0]) > SHEET * region.cells.size:
            sheet[at] = True
    pels = spread(sheet, CELL)
    written = (ink & pels).sum() / max(1, pels.sum())
    return pels if SHEET_WRITTEN[0] < written < SHEET_WRITTEN[1] else None


def _even(region: Region, grey: Grey, ground: Ground, ink: Bits) -> Iterator[Shade]:
    """Decide middling ground: the background of a text, or a grey of its own."""
    window, halves = region.window(CELL), region.window(CELL // 2)
    level = ground.paper[region.window(1)]
    half = ground.half[halves]
    tinted = spread(half < spread((TINT * level).astype(np.int16), CELL // 2), 2)
    dark = spread(half < spread((DARK * level).astype(np.int16), CELL // 2), 2)
    middling = tinted & ~dark
    white = spread(level, CELL // 2).astype(np.int16)
    letters = grey[window] > spread(half + ((white - half) >> 1), 2)  # light ones
    if ground.noise > EVEN and _is_varied(half[:: CELL // 2, :: CELL // 2][region.cells]):
        yield _picture(region, grey, ground, ink)
        return
    strokes = ink[window] & middling
    if ground.noise > EVEN:  # grains of a grey that is nearly dark are no strokes
        strokes &= grey[window] < spread((GRAINS * half).astype(np.uint8), 2)
    if strokes.mean() > WRITTEN_ON or not middling.any():
        ink[window] |= dark
    elif (letters & middling).mean() > WRITTEN_ON and (
        ground.noise > EVEN or strokes.sum() <= A_DIGIT  # else dark words drown
    ):
        ink[window] |= tinted & ~letters
    elif ground.noise <= EVEN and dark.size > LEAST_PICTURE * CELL * CELL:  # a gradient
        yield _picture(region, grey, ground, ink)
    else:
        if ground.noise <= EVEN:  # too small for a picture, but told from paper
            tinted = spread(half < spread((TONE * level).astype(np.int16), CELL // 2), 2)
        yield Shade(window, grey[window], int(level.max()), tinted, ink[window] | dark)


def _is_varied(levels: NDArray[np.uint8]) -> bool:
    """Whether the cells have many levels: smooth under its grain, yet no box of one grey."""
    counts = np.sort(np.bincount(levels.ravel() // BIN))
    return bool(levels.size > LARGE and counts[-BOXES:].sum() < MOST_CELLS * levels.size)


def _is_one_grey(levels: Levels, fall: float) -> bool:
    """Whether the cells are letters on one plain ground, however uneven these make them.

    On a scan the light falls off along it by up to the part `fall` of its level.
    """
    known = levels[levels >= 0]
    if known.size < ONE_GREY * levels.size:
        return False
    low, high = np.percentile(known, (10, 90))
    return bool(high - low <= max(SAME, fall * high))
