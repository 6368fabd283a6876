"""Small work on maps of pels that are set or not: wider, closed along an axis, counted in cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.offramp.cells import CELL, slide, sum_of_cells

Bits = NDArray[np.bool_]
Counts = NDArray[np.int32]

WIDEST = 40  # pels between two strokes' edges: 5 mm, the stroke of a headline


def between(ground: Bits, axis: int) -> Bits:
    """Pels that have the ground on both sides along an axis, not far away."""
    pad = [(0, 0), (0, 0)]
    pad[axis] = (0, WIDEST)
    reached = _reach(np.pad(ground, pad), axis, back=False)
    closed = ~_reach(~reached, axis, back=True)
    length = ground.shape[axis]
    between: Bits = (closed[:length] if axis == 0 else closed[:, :length]) & ~ground
    return between


def _reach(bits: Bits, axis: int, *, back: bool) -> Bits:
    """Set what lies less than WIDEST after (or before) a set pel, by doubling."""
    wide, reached = bits, 1
    while reached < WIDEST:
        step = min(reached, WIDEST - reached)
        before, after = (slice(None, -step), slice(step, None))
        to, source = (before, after) if back else (after, before)
        if axis == 1:
            to, source = (slice(None), to), (slice(None), source)  # type: ignore[assignment]
        widened = wide.copy()
        widened[to] |= wide[source]
        wide, reached = widened, reached + step
    return wide


def counts(bits: Bits) -> Counts:
    """How many pels of each cell are set."""
    counts: Counts = sum_of_cells(bits.view(np.uint8), CELL, CELL).astype(np.int32)
    return counts


def with_edges(
    rows: NDArray[np.int64], pels: NDArray[np.int64], shape: tuple[int, ...]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cells with those around them, each once: an area ends within one."""
    area = np.zeros((shape[0] + 2, shape[1] + 2), np.bool_)
    for row in range(3):
        for pel in range(3):
            area[rows + row, pels + pel] = True
    at = np.nonzero(area[1:-1, 1:-1])
    return at[0], at[1]


def wider(bits: Bits, by: int = 1) -> Bits:
    """With so many pels more all around."""
    return slide(bits, 2 * by + 1, "lightest")
