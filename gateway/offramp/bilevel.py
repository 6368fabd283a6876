"""Grey to black and white, for a line on which every changing element costs time.

Text and line art are thresholded against the paper around them, so that grey paper and tinted
boxes become white and light text stays; only regions of continuous tone are screened. Nothing is
dithered by error diffusion: it doubles the time on the line and looks worse after a fax machine.

The page is judged in cells of 16 x 16 pels: the darkest and the lightest pel of a cell and its
neighbours give the threshold (Bernsen's local contrast), the usual spread of flat cells gives the
noise below which contrast means nothing.

Arrays are numpy: grey (rows, pels) of uint8, 255 white; bilevel of bool, True black.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.offramp.screen import screen

Grey = NDArray[np.uint8]
Bits = NDArray[np.bool_]
Cells = NDArray[np.int16]

CELL = 16  # pels
INK = 0.62  # a pel is ink below this fraction of the way from the local ink to the local paper
LEAST_CONTRAST = 20  # grey levels that light text must stand out
NOISE_FACTOR = 2.2  # and so many times the spread of flat cells
DARK = 0.45  # a flat cell below this part of the paper's level is black
TONE = (0.20, 0.78)  # part of the paper's level between which a pel counts as a tone
TONE_SHARE = 0.55  # of the pels around, from which a region is a picture
LEAST_TONE_CELLS = 40  # a smaller region is thresholded: 4 cm2 or so


def to_bilevel(grey: Grey) -> Bits:
    """Decide for each pel whether it is black."""
    low, high = _extremes(grey)
    paper = _paper_level(high)
    ink: Bits = grey < _spread(_thresholds(low, high, paper), grey.shape)
    tone = _tone_cells(grey, paper)
    for top, left, bottom, right in _regions(tone):
        window = np.s_[top * CELL : bottom * CELL, left * CELL : right * CELL]
        ink[window] = screen(grey[window], _spread(paper, grey.shape)[window])
    return ink


def _cells(grey: Grey) -> Grey:
    """Pad with white to whole cells, as (rows of cells, CELL, cells, CELL)."""
    rows, pels = grey.shape
    padded = grey
    if rows % CELL or pels % CELL:
        padded = np.pad(grey, ((0, -rows % CELL), (0, -pels % CELL)), mode="edge")
    return padded.reshape(padded.shape[0] // CELL, CELL, padded.shape[1] // CELL, CELL)


def _extremes(grey: Grey) -> tuple[Cells, Cells]:
    """Darkest and lightest pel of each cell."""
    cells = _cells(grey)
    low = cells.min(axis=1).min(axis=2).astype(np.int16)
    high = cells.max(axis=1).max(axis=2).astype(np.int16)
    return low, high


def _paper_level(high: Cells) -> Cells:
    """Level of the paper around each cell; a picture's own light parts are not its paper."""
    page = int(np.clip(np.percentile(high, 85), 150, 255))
    around = _mean(_largest(_largest(high)), 4)
    return np.clip(around, int(0.62 * page), 255).astype(np.int16)


def _thresholds(low: Cells, high: Cells, paper: Cells) -> Cells:
    spread = high - low
    flat = spread[high > 0.7 * paper]
    noise = float(np.percentile(flat, 30)) if flat.size else 0.0
    light = np.minimum(_largest(high), paper)
    dark = _smallest(low)
    contrast = light - dark
    lines = dark + INK * contrast
    plain = contrast < max(LEAST_CONTRAST, NOISE_FACTOR * noise)
    return np.where(plain, DARK * paper, lines).astype(np.int16)


def _tone_cells(grey: Grey, paper: Cells) -> NDArray[np.bool_]:
    """Cells in whose neighbourhood most pels are neither ink nor paper."""
    level = int(np.median(paper))
    middle = (grey > int(TONE[0] * level)) & (grey < int(TONE[1] * level))
    share = _cells(middle.view(np.uint8)).sum(axis=1, dtype=np.uint8).sum(axis=2, dtype=np.int16)
    percent = (share * 100 // (CELL * CELL)).astype(np.int16)
    return _mean(percent, 2) > int(TONE_SHARE * 100)


def _regions(tone: NDArray[np.bool_]) -> list[tuple[int, int, int, int]]:
    """Bounding boxes (top, left, bottom, right) in cells of the regions of tone that are large."""
    found = []
    left_over = {(int(r), int(c)) for r, c in np.argwhere(tone)}
    while left_over:
        region = _connected(left_over)
        if len(region) >= LEAST_TONE_CELLS:
            rows, columns = [r for r, _ in region], [c for _, c in region]
            found.append((min(rows), min(columns), max(rows) + 1, max(columns) + 1))
    return found


def _connected(left_over: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Take one connected region out of the set."""
    waiting = [left_over.pop()]
    region = []
    while waiting:
        row, column = waiting.pop()
        region.append((row, column))
        for near in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if near in left_over:
                left_over.remove(near)
                waiting.append(near)
    return region


def _spread(cells: Cells, shape: tuple[int, ...]) -> Grey:
    """Give every pel its cell's value."""
    values = np.clip(cells, 0, 255).astype(np.uint8)
    wide = values.repeat(CELL, axis=1)[:, : shape[1]]
    return wide.repeat(CELL, axis=0)[: shape[0]]


def _neighbours(cells: Cells) -> list[Cells]:
    padded = np.pad(cells, 1, mode="edge")
    rows, columns = cells.shape
    return [padded[r : r + rows, c : c + columns] for r in range(3) for c in range(3)]


def _largest(cells: Cells) -> Cells:
    largest: Cells = np.maximum.reduce(_neighbours(cells))
    return largest


def _smallest(cells: Cells) -> Cells:
    smallest: Cells = np.minimum.reduce(_neighbours(cells))
    return smallest


def _mean(cells: Cells, reach: int) -> Cells:
    """Mean over (2 reach + 1) squared cells."""
    size = 2 * reach + 1
    padded = np.pad(cells.astype(np.int64), ((reach + 1, reach), (reach + 1, reach)), mode="edge")
    total = padded.cumsum(axis=0).cumsum(axis=1)
    window = (
        total[size:, size:] - total[:-size, size:] - total[size:, :-size] + total[:-size, :-size]
    )
    mean: Cells = (window // (size * size)).astype(np.int16)
    return mean
