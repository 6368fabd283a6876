"""Whether two received pages are the same sheet, sent twice.

After RTN most machines send the page again; many older ones cannot and go on with the next. Nothing
in T.30 tells the two apart, and guessing wrong either loses a page or delivers it twice. The ink of
the pages tells: its distribution over the sheet survives the damage that the page was rejected for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.store.records import StoredPage
from t4codec import Coding, Compression, decode

CELL = 8  # octets of a row (64 pels), and CELL * 8 rows: the grid on which ink is compared
ALIKE = 0.85  # correlation of the two grids; different text pages stay below 0.7
HEIGHTS = 0.1  # a damaged page may have lost or gained so much of its rows
BLANK = 0.0005  # of all pels black: specks


def looks_alike(one: StoredPage, other: StoredPage) -> bool:
    """Whether the two show the same sheet. Takes milliseconds: for a thread."""
    if one.width != other.width or one.vr is not other.vr:
        return False
    if abs(one.height - other.height) > HEIGHTS * max(one.height, other.height):
        return False
    rows = min(one.height, other.height)
    a, b = _ink(one, rows), _ink(other, rows)
    if min(a.mean(), b.mean()) < BLANK:
        return bool(max(a.mean(), b.mean()) < 2 * BLANK)
    product = float((a * b).sum())
    return product >= ALIKE * float(np.sqrt((a * a).sum() * (b * b).sum()))


def _ink(page: StoredPage, rows: int) -> NDArray[np.float64]:
    """The black share of each cell of the grid over the first `rows` rows."""
    octets = pels(page)[:rows]
    black = np.bitwise_count(octets)
    high, wide = (-(-n // size) for n, size in zip(black.shape, (CELL * 8, CELL), strict=True))
    padded = np.zeros((high * CELL * 8, wide * CELL))
    padded[: black.shape[0], : black.shape[1]] = black
    cells: NDArray[np.float64] = padded.reshape(high, CELL * 8, wide, CELL).mean(axis=(1, 3))
    return cells / 8


def pels(page: StoredPage) -> NDArray[np.uint8]:
    """The rows of a page, eight pels in an octet, 1 for black."""
    decoded = decode(page.mmr, Coding(Compression.MMR, width=page.width)).rows
    return np.frombuffer(decoded, np.uint8).reshape(-1, (page.width + 7) // 8)
