"""The screen for pictures: level lines whose thickness follows the grey.

MH and MMR pay for changing elements, not for black. So lines lie along the row, a few rows apart;
each is cut into cells as thick as the cell is dark, in whole rows, and what rounding leaves over is
carried on to the next cell of the line. Where the grey is even, only one row of a line has changing
elements at all. On photographs this costs half of what upright lines of the same fineness cost in
MMR, and less still in MH, which every far end has.

A line grows downward from an even row: on a far end that lacks the resolution, two rows become one
and grey stays grey.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from modems.session import VR

GOLDEN = 0.618034  # lines begin with so much more left over than the one above: no columns show


class Grid(NamedTuple):
    """Rows from line to line, and pels of a cell."""

    rows: int
    pels: int


# From fine to coarse; a page takes the first with which it keeps within its seconds.
GRIDS = {
    VR.R8_STANDARD: (Grid(4, 4), Grid(4, 8), Grid(6, 8), Grid(8, 12)),
    VR.R8_FINE: (
        Grid(4, 2),
        Grid(4, 3),
        Grid(4, 4),
        Grid(6, 4),
        Grid(8, 6),
        Grid(12, 8),
        Grid(16, 12),
    ),
    VR.R8_SUPERFINE: (Grid(8, 4), Grid(12, 4), Grid(16, 6), Grid(24, 8), Grid(32, 12)),
}


def screen(grey: NDArray[np.uint8], paper: int, grid: Grid) -> NDArray[np.bool_]:
    """Turn grey (rows, pels; 255 white) into lines; `paper` is the level that counts as white."""
    rows, pels = grey.shape
    thickness = _thickness(_darkness(grey, paper, grid) * grid.rows)
    across = thickness.repeat(grid.pels, axis=1)[:, :pels]
    depth = np.arange(grid.rows, dtype=np.uint8)
    lines: NDArray[np.bool_] = across[:, None, :] > depth[:, None]
    return lines.reshape(-1, pels)[:rows]


def _darkness(grey: NDArray[np.uint8], paper: int, grid: Grid) -> NDArray[np.float32]:
    """Of each cell, from 0 for paper to 1 for black."""
    rows, pels = grey.shape
    padded = np.pad(grey, ((0, -rows % grid.rows), (0, -pels % grid.pels)), mode="edge")
    lines = padded.reshape(-1, grid.rows, padded.shape[1]).sum(axis=1, dtype=np.uint16)
    sums = sum(lines[:, pel :: grid.pels].astype(np.float32) for pel in range(grid.pels))
    darkness: NDArray[np.float32] = 1 - sums / (paper * grid.rows * grid.pels)
    return np.clip(darkness, 0, 1)


def _thickness(wanted: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Whole rows for every cell; the sum along a line is never off by one."""
    first = np.arange(len(wanted))[:, None] * GOLDEN % 1
    sums = np.floor(np.cumsum(wanted, axis=1, dtype=np.float64) + first)
    whole: NDArray[np.uint8] = np.diff(sums, axis=1, prepend=0).astype(np.uint8)
    return whole
