"""Coloured areas of a drawn page: bands and cells with writing on them, bars, wedges, watermarks.

Each area of one exact level is decided by itself. One that is written on loses its tint: what is
written on it turns black on white, or stays white on black where it is light. One that nobody has
written on keeps its grey in a screen, so that the wedges of a chart can be told apart. Where two
areas touch that come out alike a thin line parts them, and it surrounds those that a few words
stand on, such as a wedge with its share; the ground of a text, or a watermark, vanishes without a
trace.

What is written is thinner than a stroke and has the level on all its sides. An area that is itself
no wider than a stroke is writing, unless its level is that of a screened one: the key of a chart.
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.offramp.cells import CELL
from gateway.offramp.levels import Window, around, cores, levels, window
from gateway.offramp.masks import WIDEST, between, counts, wider, with_edges
from gateway.offramp.regions import connected

Grey = NDArray[np.uint8]
Bits = NDArray[np.bool_]
Codes = NDArray[np.uint8]
Counts = NDArray[np.int32]


CONTRAST = 20  # grey levels by which writing stands out at least
PART = 0.4  # of the way from its ground to the writing a pel is ink
WRITTEN = 0.005  # share of an area from which it is written on
DENSE = 0.02  # share from which writing covers an area as a text does, and not as labels do
CROSSED = 200  # pels of writing across the strokes of a watermark
A_DIGIT = 25  # pels of writing, from which a few words on a large area are seen
HALO = 3  # pels of white around a word on a screened area
IN_CELL = 0.1  # share of a cell from which it belongs to an area
WIDE = 0.5  # of an area is no stroke
DARK = 0.45  # of paper; an area below it is black
PALE = 0.78  # a tint above it that is written on vanishes
FAINT = 0.88  # and one above this always: it is as good as paper, but for a line around it
WHITE = 0.955  # and this is paper
LARGEST = 0.1  # of the page; a larger pale area is not screened
REACH = 3  # pels from one area, over its smooth edge, to the next

PLAIN = 1
# What becomes of an area; 0: not decided. What is written on it in a light colour is ink where it
# is GONE or OUTLINED, not where it is FADED: there it is the paper in the eyes of large letters.
FADED, GONE, BLACK, SCREENED, OUTLINED = 1, 2, 3, 4, 5


class Flat(NamedTuple):
    """What is black on a page as far as it is decided, and where it is screened."""

    known: Bits  # decided, screened included
    ink: Bits
    screened: Bits


class Level(NamedTuple):
    """A level of flat areas, and by how much it may vary."""

    grey: int
    near: int


class _Page(NamedTuple):
    """A page on its way: what is decided of its pels."""

    grey: Grey
    wide: Bits  # where no paper is behind the strokes
    known: Bits
    ink: Bits
    screened: Bits
    kind: Codes  # 0 unknown, else of which area: even if it is black, PLAIN if it is white paper

    def part(self, where: Window) -> _Page:
        """The same, of a part of it."""
        bits = (self.wide[where], self.known[where], self.ink[where], self.screened[where])
        return _Page(self.grey[where], *bits, self.kind[where])


class _Seen(NamedTuple):
    """Pels of an area."""

    ground: int
    wide: int
    dark: int  # writing darker than the area
    light: int


def flat(grey: Grey, wide: Bits, paper: int) -> Flat | None:
    """Decide the flat areas of a page whose paper has this level; None if it has none.

    `wide` is where there is no paper behind the strokes. Both sides are whole cells.
    """
    core = cores(grey)
    found = levels(grey, core, WHITE * paper)
    if not found:
        return None
    windows = [
        (Level(level, around(level, found)), window(core, level, grey.shape, WIDEST))
        for level in found
    ]
    known, ink, screened = np.zeros((3, *grey.shape), np.bool_)
    page = _Page(grey, wide, known, ink, screened, (grey >= ceil(FAINT * paper)).view(np.uint8))
    for number, (level, where) in enumerate(windows, 1):
        if level.grey < FAINT * paper:
            _decide(page.part(where), level, paper, LARGEST * grey.size, number)
        else:
            _outline(page.part(where), level, number)
    if page.known.any() or page.kind.max() > PLAIN:
        _part(page.part(_around([where for _, where in windows])), ceil(DARK * paper))
    for level, where in windows:
        if level.grey >= FAINT * paper:  # no ink, whatever stands beside it
            page.known[where] |= _near(grey[where], level)
    return Flat(page.known, page.ink, page.screened)


def _outline(page: _Page, level: Level, number: int) -> None:
    """Have a line around a faint area that hardly anybody has written on, such as a bar."""
    near = _near(page.grey, level)
    ground, dark = counts(near), counts(page.grey < level.grey - CONTRAST)
    bare = np.zeros(ground.shape, np.bool_)
    for rows, pels in connected(ground >= CELL * CELL // 2):
        at, size = with_edges(rows, pels, ground.shape), ground[rows, pels].sum()
        inside = dark[rows.min() + 1 : rows.max(), pels.min() + 1 : pels.max()]  # no axis of a bar
        bare[at] = dark[rows, pels].sum() < DENSE * size and inside.sum() < WRITTEN * size
    if bare.any():
        page.kind[near & bare.repeat(CELL, axis=0).repeat(CELL, axis=1)] = 2 * number + 1


def _decide(page: _Page, level: Level, paper: int, largest: float, number: int) -> None:
    """Decide every area of one level."""
    near = _near(page.grey, level) & ~page.known
    ground = wider(~wider(~near))  # not the smooth edges of letters, which are one pel wide
    beside, above = between(ground, 1), between(ground, 0)
    both = beside & above
    dark, light = (_writing(page.grey, both, level.grey, side) for side in (-1, 1))
    seen = [counts(part) for part in (ground, ground & page.wide, dark, light)]
    fates = _fates(seen, level.grey / paper, largest)
    if fates.any():
        fate = fates.repeat(CELL, axis=0).repeat(CELL, axis=1)
        fate[~(ground | beside | above)] = 0
        strokes = _writing(page.grey, beside | above, level.grey, -1) | (light & (fate != FADED))
        _draw(page, level.grey + CONTRAST, fate, ground, strokes, number)


def _draw(
    page: _Page, lightest: int, fate: Codes, ground: Bits, strokes: Bits, number: int
) -> None:
    """Put what was decided of a level's areas onto the page; on black what is lighter stays."""
    black, screened = fate == BLACK, fate == SCREENED
    written = strokes & screened
    halo = wider(written, HALO) & screened if written.any() else written
    screened &= ground & ~halo
    white = halo | (fate == FADED) | (fate == GONE) | (fate == OUTLINED)
    np.copyto(page.ink, strokes, where=white)
    np.copyto(page.ink, page.grey <= lightest, where=black)
    page.screened[screened] = True
    page.known[white | black | screened] = True
    page.kind[white] = PLAIN
    page.kind[screened | (fate == OUTLINED)] = 2 * number + 1
    page.kind[black] = 2 * number


def _fates(seen: list[Counts], tone: float, largest: float) -> Codes:
    """Decide the areas of one level, cell by cell; 0 where there is none."""
    fates = np.zeros(seen[0].shape, np.uint8)
    strokes = []
    for rows, pels in connected(seen[0] >= IN_CELL * CELL * CELL):
        at = with_edges(rows, pels, fates.shape)
        area = _Seen(*(int(part[at].sum()) for part in seen))
        if area.wide >= WIDE * area.ground:
            fates[at] = _fate(area, tone, largest)
        elif tone >= DARK and area.dark > max(CROSSED, DENSE * area.ground):  # a watermark
            fates[at] = FADED
        else:
            strokes.append(at)
    if tone >= PALE and (fates == GONE).any() | (fates == FADED).any():  # the fields of a form
        fates[fates == SCREENED] = OUTLINED
    if (fates == SCREENED).any():
        for at in strokes:
            fates[at] = np.where(fates[at] == 0, SCREENED, fates[at])
    return fates


def _fate(area: _Seen, tone: float, largest: float) -> int:
    """Decide one area of this tone, 1 for paper."""
    written, enough = area.dark + area.light, WRITTEN * area.ground
    if tone < PALE and area.light > max(A_DIGIT, 4 * area.dark):
        return BLACK if tone < DARK or area.light > enough else SCREENED
    if written > (WRITTEN if tone >= PALE else DENSE) * area.ground:
        return FADED if area.dark > 4 * area.light else GONE
    if written > A_DIGIT:
        return OUTLINED if written > enough or tone >= PALE else SCREENED
    if tone < DARK:
        return BLACK
    return OUTLINED if tone >= PALE and area.ground > largest else SCREENED


def _part(page: _Page, black: int) -> None:
    """Draw the lines around and between areas; their smooth edges are no ink otherwise."""
    edge = wider(page.known) & ~page.known
    np.copyto(page.ink, page.grey < black, where=edge)
    page.known[edge] = True
    if page.kind.max(initial=0) > PLAIN:
        lines, gaps = np.zeros_like(edge), np.zeros_like(edge)
        _mark_borders(page.kind, lines, gaps)
        _mark_borders(page.kind.T, lines.T, gaps.T)
        drawn = lines | gaps
        np.copyto(page.ink, lines, where=drawn)
        page.known[drawn], page.screened[drawn] = True, False


def _mark_borders(kind: Codes, lines: Bits, gaps: Bits) -> None:
    """Mark where an area ends above another, for a black line or, between two black ones, white."""
    length = len(kind)
    one, other = kind[: length - REACH], kind[REACH:]
    differ = (one != other) & (one > 0) & (other > 0)
    around = differ & ((one & other & 1) > 0)
    between = differ & (((one | other) & 1) == 0)
    for at in range(1, REACH):
        lines[at : length - REACH + at] |= around
        gaps[at : length - REACH + at] |= between


def _around(windows: list[Window]) -> Window:
    """Give the smallest window that holds all of these."""
    rows, pels = (
        slice(min(w[axis].start for w in windows), max(w[axis].stop for w in windows))
        for axis in (0, 1)
    )
    return rows, pels


def _writing(grey: Grey, between: Bits, level: int, side: int) -> Bits:
    """What is darker (-1) or lighter (1) than the level by a good part of what anything is."""
    contrast = (grey.astype(np.int16) - level) * side
    stands_out = contrast[between & (contrast >= CONTRAST)]
    if not stands_out.size:
        return np.zeros(grey.shape, np.bool_)
    found: Bits = between & (contrast > int(PART * np.percentile(stands_out, 90)))
    return found


def _near(grey: Grey, level: Level) -> Bits:
    near: Bits = (grey >= max(level.grey - level.near, 0)) & (grey <= level.grey + level.near)
    return near
