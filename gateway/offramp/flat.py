"""Coloured cells and bands with writing on them: drawn in few even greys, so no picture.

The header of a table, white on blue, over rows in two tints has as many edges as a photograph has.
What tells them apart is that nearly all its pels have one of a few exact levels. Each of these
levels that is written on loses its tint: what is written, dark or light, turns black on white; and
on a dark level light stays on black. A level that nobody has written on keeps its grey.

What is written is thinner than a stroke and has the level on both its sides. Light writing has it
all around, which the gaps between the bars of a chart have not.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Bits = NDArray[np.bool_]

MOST = 8  # levels of one region
LEAST_SHARE = 0.01  # of the region's pels has each
TOGETHER = 0.6  # of what is not paper have all of them
NEAR = 1  # grey levels by which a level may vary
WIDEST = 40  # pels between two strokes' edges: 5 mm, the stroke of a headline
CONTRAST = 20  # grey levels by which writing stands out at least
PART = 0.4  # of the way from its ground to the writing a pel is ink
CELL = 16  # pels
MOSTLY = 0.5  # of a cell
WRITTEN = 0.005  # share of a level from which it is written on


class Flat(NamedTuple):
    """What is black in a region, and where it is screened."""

    ink: Bits
    screened: Bits


def flat(grey: Grey, ink: Bits, white: float, black: float) -> Flat | None:
    """Decide the levels that are written on; None if the region is a picture.

    Levels from `white` on are paper, those below `black` stay dark. `ink` is what is black where
    there is no such level.
    """
    levels = _levels(grey, white)
    if not levels:
        return None
    decided, black_on_it = np.zeros(grey.shape, np.bool_), np.zeros(grey.shape, np.bool_)
    screened = np.zeros(grey.shape, np.bool_)
    for level in levels:
        drawn = _written(grey, level, dark=level < black)
        if drawn is None:
            screened |= np.abs(grey.astype(np.int16) - level) <= NEAR
        else:
            decided |= drawn.around
            black_on_it |= drawn.ink
    edge = _wider(decided) & ~decided  # smooth, and no grey of its own
    black_on_it |= edge & (grey < black)
    decided |= edge
    odd = (grey < white) & ~decided & ~screened & ~ink
    screened = (screened | _pictures(odd)) & ~decided
    return Flat(black_on_it | (ink & ~decided), screened)


class Written(NamedTuple):
    """One level: where it is, with what is written on it, and what of that is black."""

    around: Bits
    ink: Bits


def _written(grey: Grey, level: int, *, dark: bool) -> Written | None:
    """Draw a level and its writing; None if nobody has written on it, and it is not dark."""
    near: Bits = np.abs(grey.astype(np.int16) - level) <= NEAR
    ground = _wider(~_wider(~near))  # not the smooth edges of letters, which are one pel wide
    beside, above = _between(ground), _between(ground.T).T
    either, enough = beside | above, WRITTEN * ground.sum()
    darker = _writing(grey, either, level, -1)
    if dark and darker.sum() <= enough:
        return Written(ground | either, (ground | either) & ~_writing(grey, either, level, 1))
    writing = darker | _writing(grey, beside & above, level, 1)
    return Written(ground | either, writing) if writing.sum() > enough else None


def _pictures(odd: Bits) -> Bits:
    """Cells that are mostly of no level: a photograph beside the table."""
    rows, pels = odd.shape
    cells = odd.reshape(rows // CELL, CELL, pels // CELL, CELL).mean(axis=(1, 3)) > MOSTLY
    wide: Bits = cells.repeat(CELL, axis=0).repeat(CELL, axis=1)
    return wide


def _levels(grey: Grey, white: float) -> list[int]:
    """The levels that make up most of what is not paper; none if they do not."""
    counts = np.bincount(grey.ravel(), minlength=256)
    counts[int(white) :] = 0
    drawn, together = counts.sum(), 0
    found: list[int] = []
    while len(found) < MOST:
        near = np.convolve(counts, np.ones(2 * NEAR + 1, np.int64), "same")
        level = int(near.argmax())
        if near[level] < LEAST_SHARE * grey.size:
            break
        found.append(level)
        together += int(near[level])
        counts[max(level - NEAR, 0) : level + NEAR + 1] = 0
    return found if together >= TOGETHER * drawn else []


def _between(ground: Bits) -> Bits:
    """Pels that have the ground on their left and right, not far away."""
    pels = np.arange(ground.shape[1], dtype=np.int32)
    left = np.maximum.accumulate(np.where(ground, pels, np.int32(-WIDEST)), axis=1)
    right = np.where(ground, pels, np.int32(ground.shape[1] + WIDEST))[:, ::-1]
    right = np.minimum.accumulate(right, axis=1)[:, ::-1]
    near: Bits = ((right - left) <= WIDEST) & ~ground
    return near


def _writing(grey: Grey, between: Bits, level: int, side: int) -> Bits:
    """What is darker (-1) or lighter (1) than the level by a good part of what anything is."""
    contrast = (grey.astype(np.int16) - level) * side
    stands_out = contrast[between & (contrast >= CONTRAST)]
    if not stands_out.size:
        return np.zeros(grey.shape, np.bool_)
    found: Bits = between & (contrast > PART * np.percentile(stands_out, 90))
    return found


def _wider(decided: Bits) -> Bits:
    """With one pel more all around."""
    wide = decided.copy()
    wide[1:] |= decided[:-1]
    wide[:-1] |= decided[1:]
    decided, wide = wide, wide.copy()
    wide[:, 1:] |= decided[:, :-1]
    wide[:, :-1] |= decided[:, 1:]
    return wide
