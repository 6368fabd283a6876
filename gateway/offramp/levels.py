"""The flat greys of a drawn page: which exact levels make up its coloured areas, and where.

A tint, a bar of a chart or the ground of a table's header has one exact level over many pels. On a
photograph, however smooth, most levels around it are as frequent. Areas are looked for
in every fourth pel of every fourth row, so that a page without any costs next to nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.offramp.cells import CELL, slide

Grey = NDArray[np.uint8]
Bits = NDArray[np.bool_]
Window = tuple[slice, slice]

STEP = 4  # pels between those that are looked at
NEAR = 1  # grey levels by which a level may vary
LOOSE = 6  # and so many where there are no other levels
MOST = 24  # levels of one page
LEAST = 12  # cores, an area of 3 mm by 3 mm or so
SPIKE = 4  # times as frequent as those around it is a flat level
ROW = 0.3  # of its frequency has a level that is one of a row of like ones
AROUND = 8  # levels on each side


def cores(grey: Grey) -> Grey:
    """Give every fourth pel whose neighbours, four pels away, have its level; 255 for others."""
    sample = np.ascontiguousarray(grey[::STEP, ::STEP])
    if min(sample.shape) < 3:
        return np.full(sample.shape, 255, np.uint8)
    found = np.full(sample.shape, 255, np.uint8)
    even = slide(sample, 3, "lightest") - slide(sample, 3, "darkest") <= NEAR
    found[1:-1, 1:-1] = np.where(even, sample, 255)[1:-1, 1:-1]
    return found


def levels(grey: Grey, core: Grey, white: float) -> list[int]:
    """Levels darker than `white` that are flat areas, the most frequent first."""
    counts = np.bincount(core.ravel(), minlength=256)
    around = np.bincount(grey[::STEP, ::STEP].ravel(), minlength=256)
    counts[int(np.ceil(white)) :] = 0
    found: list[int] = []
    while len(found) < MOST:
        near = np.convolve(counts, np.ones(2 * NEAR + 1, np.int64), "same")
        level = int(near.argmax())
        if near[level] < LEAST:
            break
        first = max(level - NEAR, 0)
        level = first + int(counts[first : level + NEAR + 1].argmax())
        if _is_spike(around, level):
            found.append(level)
        counts[max(level - NEAR, 0) : level + NEAR + 1] = 0
    return found


def _is_spike(counts: NDArray[np.int64], level: int) -> bool:
    """Whether a level stands out of those around it; in a gradient it is one of many in a row."""
    usual = np.median(counts[max(level - AROUND, 0) : level + AROUND + 1])
    in_row = counts[max(level - 2, 0) : level + 3] > ROW * counts[level]
    return bool(
        counts[level] >= SPIKE * usual and "111" not in "".join(map(str, in_row.astype(int)))
    )


def around(level: int, found: list[int]) -> int:
    """By how much an area of this level may vary, as in a JPEG, without meeting another level."""
    gaps = [abs(level - other) for other in found if other != level]
    return int(np.clip((min(gaps, default=256) - 1) // 2, NEAR, LOOSE))


def window(core: Grey, level: int, shape: tuple[int, ...], margin: int) -> Window:
    """Give the whole cells that hold every core of the level, and a margin in pels."""
    near = np.abs(core.astype(np.int16) - level) <= NEAR
    rows, pels = (np.flatnonzero(near.any(axis=axis)) for axis in (1, 0))
    return (
        _span(int(rows[0]), int(rows[-1]), shape[0], margin),
        _span(int(pels[0]), int(pels[-1]), shape[1], margin),
    )


def _span(first: int, last: int, length: int, margin: int) -> slice:
    start = max(0, first * STEP - margin) // CELL * CELL
    return slice(start, min(length, -(-(last * STEP + margin) // CELL) * CELL))
