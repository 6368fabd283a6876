"""Connected regions of a small map of cells, and whether each is a picture or a plain area."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_CELLS = 6  # a smaller region is no region
LEAST_PICTURE = 30  # cells, 1 cm2 or so
TONE_SHARE = 0.4  # of a picture's cells are neither dark nor light


Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Region:
    """A bounding box in cells; right and bottom are the first ones outside."""

    top: int
    left: int
    bottom: int
    right: int
    is_picture: bool
    cells: Mask  # of the box, those that belong to the region

    def window(self, size: int) -> tuple[slice, slice]:
        """Give the box as an index into an array with `size` elements to a cell."""
        return (
            slice(self.top * size, self.bottom * size),
            slice(self.left * size, self.right * size),
        )


def regions(inside: Mask, tone: Mask, uneven: Mask) -> list[Region]:
    """Find the connected regions of `inside` that have any `tone`; pictures are mostly uneven."""
    found = []
    for rows, columns in connected(inside):
        toned = int(tone[rows, columns].sum())
        if toned >= LEAST_CELLS:
            mostly_uneven = bool(uneven[rows, columns].mean() > 0.5)
            is_picture = mostly_uneven and toned >= max(LEAST_PICTURE, TONE_SHARE * len(rows))
            found.append(_box_of(rows, columns, is_picture=is_picture))
    return found


def _box_of(rows: NDArray[np.int64], columns: NDArray[np.int64], *, is_picture: bool) -> Region:
    top, left = int(rows.min()), int(columns.min())
    bottom, right = int(rows.max()) + 1, int(columns.max()) + 1
    cells = np.zeros((bottom - top, right - left), np.bool_)
    cells[rows - top, columns - left] = True
    return Region(top, left, bottom, right, is_picture, cells)


def connected(inside: Mask) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Give the rows and the columns of the cells of each connected region."""
    left_over = {(int(row), int(column)) for row, column in np.argwhere(inside)}
    while left_over:
        rows, columns = np.array(_connected(left_over)).T
        yield rows, columns


def _connected(left_over: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Take one connected region out of the set."""
    waiting = [left_over.pop()]
    cells = []
    while waiting:
        row, column = waiting.pop()
        cells.append((row, column))
        for near in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if near in left_over:
                left_over.remove(near)
                waiting.append(near)
    return cells
