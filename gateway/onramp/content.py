"""Whether a received page is blank, or has nothing on it but the header line of its sender.

The ink of the page is counted on a grid of square millimetres. Specks that touch no other ink, dirt
on the scanner's glass (a streak all along the page) and the shadow of the paper's edge are no
content. Where it is not clear the page has content: a mark helps people, and costs them nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.paper import rows_of
from gateway.store.records import PageContent, StoredPage

MM_PER_INCH = 25.4
INKED = 0.1  # share of a cell that is black, from which it counts
LEAST = 3  # cells: what a page has that is not blank
STREAK = 0.7  # share of a column, or of a row at the edge, that is black all along
EDGE = 4  # mm from the top or bottom edge in which a line is the paper's shadow
HEADER_ENDS = 16  # mm from the top: 47 CFR 68.318(d) wants it in the margin
HEADER_TALL = 6  # mm: one line, slanted at most a little

Grid = NDArray[np.bool_]


def content_of(page: StoredPage) -> PageContent:
    """What a page shows. Takes milliseconds: for a thread."""
    inked = _without_specks(_without_edges(grid_of(page)))
    if inked.sum() < LEAST:
        return PageContent.BLANK
    rows = np.flatnonzero(inked.any(axis=1))
    first, last = int(rows[0]), int(rows[-1])
    if last < HEADER_ENDS and last - first < HEADER_TALL:
        return PageContent.HEADER_ONLY
    return PageContent.INK


def grid_of(page: StoredPage) -> Grid:
    """Which square millimetres of a page are inked."""
    x, y = page.vr.dpi
    octets = np.frombuffer(rows_of(page), np.uint8).reshape(page.height, -1)
    tall, wide = max(1, round(y / MM_PER_INCH)), max(1, round(x / MM_PER_INCH / 8))
    black = np.bitwise_count(octets).astype(np.uint32)
    ink = np.add.reduceat(black, np.arange(0, black.shape[0], tall), axis=0)
    ink = np.add.reduceat(ink, np.arange(0, black.shape[1], wide), axis=1)
    grid: Grid = ink >= INKED * tall * wide * 8
    return grid


def _without_edges(inked: Grid) -> Grid:
    """The grid without streaks from top to bottom, and without shadows along the edges."""
    inked = inked.copy()
    inked[:, inked.mean(axis=0) > STREAK] = False
    along = inked.mean(axis=1) > STREAK
    along[EDGE:-EDGE] = False
    inked[along] = False
    return inked


def _without_specks(inked: Grid) -> Grid:
    """The cells that have a neighbour, also across a corner."""
    padded = np.pad(inked, 1).astype(np.uint8)
    high, wide = inked.shape
    around = sum(padded[i : i + high, j : j + wide] for i in range(3) for j in range(3))
    kept: Grid = inked & (np.asarray(around) > 1)
    return kept
