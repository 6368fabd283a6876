"""The screen for pictures: vertical lines whose width follows the grey.

MMR codes a changing element that lies within a pel of the one above in one to three bits. So lines
stand upright, eight pels apart, and keep their width for three rows: nearly every element lies
right below another. Each pel is compared with its own threshold, so that text inside a picture
keeps its edges, and three neighbouring lines differ by a third of a step: 24 greys, not 8.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PERIOD = 8  # pels from line to line
HOLD = 3  # rows for which a line keeps its width, and lines that share a step of grey
# Order in which the pels of a line become black, from its middle outwards.
GROWTH = (6, 4, 2, 0, 1, 3, 5, 7)


def screen(grey: NDArray[np.uint8], paper: int) -> NDArray[np.bool_]:
    """Turn grey (rows, pels; 255 white) into lines; `paper` is the level that counts as white."""
    rows, pels = grey.shape
    scale = np.minimum(np.arange(256) * 255 // paper, 255).astype(np.uint8)
    held = scale[_hold(grey)]
    thresholds = _thresholds(pels)
    pattern = thresholds[np.arange(held.shape[0]) % len(thresholds)]
    lines: NDArray[np.bool_] = held < pattern
    return lines.repeat(HOLD, axis=0)[:rows]


def _hold(level: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mean of each group of HOLD rows."""
    padded = np.pad(level, ((0, -level.shape[0] % HOLD), (0, 0)), mode="edge")
    groups = padded.reshape(-1, HOLD, level.shape[1])
    mean: NDArray[np.uint16] = groups.sum(axis=1, dtype=np.uint16) // HOLD
    return mean.astype(np.uint8)


def _thresholds(pels: int) -> NDArray[np.uint8]:
    """Thresholds of three groups of rows, for each pel of the row."""
    pel = np.arange(pels)
    levels = PERIOD * HOLD
    rows = []
    for shift in range(HOLD):
        step = np.array(GROWTH)[pel % PERIOD] * HOLD + (shift + pel // PERIOD) % HOLD
        rows.append(255 * (2 * (levels - step) - 1) // (2 * levels))
    return np.array(rows).astype(np.uint8)
