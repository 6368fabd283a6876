"""Small maps of a large grey page: pooling, sliding windows and back, all in numpy.

Written for speed: rows are reduced before columns, since whole rows lie together in memory.
"""

from __future__ import annotations

from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Levels = NDArray[np.int16]
Bits = NDArray[np.bool_]
Extreme = Literal["lightest", "darkest"]
CELL = 16  # pels; what a page is looked at in

Any2D = TypeVar("Any2D", NDArray[np.uint8], NDArray[np.int16], NDArray[np.bool_])

_UFUNCS: dict[Extreme, np.ufunc] = {"lightest": np.maximum, "darkest": np.minimum}


def pool(grey: Grey, extreme: Extreme) -> Grey:
    """Give the lightest or darkest of each two by two pels; both sides are even."""
    ufunc = _UFUNCS[extreme]
    rows = ufunc(grey[0::2], grey[1::2])
    pooled: Grey = ufunc(rows[:, 0::2], rows[:, 1::2])
    return pooled


def extreme_of_cells(grey: Grey, size: int, extreme: Extreme) -> Levels:
    """Give the lightest or darkest pel of each cell; its size is a power of two."""
    ufunc = _UFUNCS[extreme]
    cells: Grey = ufunc.reduce(grey.reshape(-1, size, grey.shape[1]), axis=1)
    while size > 1:  # faster than to reduce short runs
        cells = ufunc(cells[:, 0::2], cells[:, 1::2])
        size //= 2
    return cells.astype(np.int16)


def mean_of_cells(grey: Grey, size: int) -> Levels:
    """Give the mean of each cell."""
    mean: Levels = (sum_of_cells(grey, size, size) // (size * size)).astype(np.int16)
    return mean


def sum_of_cells(values: NDArray[np.uint8], rows: int, pels: int) -> NDArray[np.uint16]:
    """Add up each cell of so many rows and pels, a power of two; no sum may pass 65,535."""
    lines = values.reshape(-1, rows, values.shape[1])
    sums: NDArray[np.uint16] = lines.sum(axis=1, dtype=np.uint16)
    while pels > 1:  # faster than to add up short runs
        sums = sums[:, 0::2] + sums[:, 1::2]
        pels //= 2
    return sums


def below(grey: Grey, levels: Grey, size: int) -> Bits:
    """Which pels are darker than the level of their cell."""
    wide = levels.repeat(size, axis=1)
    darker: Bits = grey.reshape(len(levels), size, -1) < wide[:, None]
    return darker.reshape(grey.shape)


def close(grey: Any2D, size: int) -> Any2D:
    """Close: what is dark and narrower than `size` takes the level of what surrounds it."""
    return slide(slide(grey, size, "lightest"), size, "darkest")


def slide(values: Any2D, size: int, extreme: Extreme) -> Any2D:
    """Give the lightest or darkest value of the square of an odd size around each."""
    for axis in (0, 1):
        values = _slide_along(values, axis, size, extreme)
    return values


def _slide_along(values: Any2D, axis: int, size: int, extreme: Extreme) -> Any2D:
    """Reach `size` by doubling the window."""
    pad = [(0, 0), (0, 0)]
    pad[axis] = (size // 2, size // 2)
    window = np.pad(values, pad, mode="edge")
    reached = 1
    while reached < size:
        step = min(reached, size - reached)
        first = window[:-step] if axis == 0 else window[:, :-step]
        second = window[step:] if axis == 0 else window[:, step:]
        window = _UFUNCS[extreme](first, second)
        reached += step
    return window


def spread(values: Any2D, size: int) -> Any2D:
    """Give every element of a finer map its cell's value."""
    return values.repeat(size, axis=1).repeat(size, axis=0)
