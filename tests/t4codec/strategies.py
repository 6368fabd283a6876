"""Pages and streams for Hypothesis: what a scanner, a rasteriser and a bad line would make."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from t4codec import Coding, Compression

EDGES = (1, 2, 7, 8, 9, 31, 56, 57, 63, 64, 65, 127, 128, 129)
SCAN_LINES = (864, 1216, 1728, 2048, 2432, 2592, 2623, 2624, 3456, 4864, 5248, 10_000)
RUNS = st.one_of(
    st.integers(0, 6), st.integers(0, 70), st.sampled_from([0, 63, 64, 128, 1792, 2560, 2623, 5200])
)


@dataclass(frozen=True)
class Rows:
    """Packed rows of one width."""

    packed: bytes
    width: int

    @property
    def height(self) -> int:
        """How many rows."""
        return len(self.packed) // ((self.width + 7) // 8)


def row_of_runs(runs: list[int], width: int) -> int:
    """A row whose runs are `runs`, white first, then white; its last pel is bit 0."""
    row, pel, black = 0, 0, False
    for run in runs:
        end = min(pel + run, width)
        if black:
            row |= (1 << width - pel) - (1 << width - end)
        pel, black = end, not black
    return row


def packed(rows: list[int], width: int) -> bytes:
    """Rows, each a number whose highest bit is the first pel, packed."""
    stride = (width + 7) // 8
    return b"".join((row << 8 * stride - width).to_bytes(stride) for row in rows)


@st.composite
def a_row(draw: st.DrawFn, width: int, above: int) -> int:
    """A row: like the one above, moved or changed a little, of runs, white, black or noise."""
    full = (1 << width) - 1
    kind = draw(st.integers(0, 6))
    if kind == 0:
        return above
    if kind == 1:
        shift = draw(st.integers(-4, 4))
        return (above << shift if shift > 0 else above >> -shift) & full
    if kind == 2:
        return above ^ row_of_runs(draw(st.lists(RUNS, max_size=4)), width)
    if kind == 3:
        return draw(st.sampled_from([0, full, full // 3, 1, 1 << width - 1]))
    if kind == 4:
        return draw(st.integers(0, full))
    return row_of_runs(draw(st.lists(RUNS, max_size=30)), width)


@st.composite
def pages(draw: st.DrawFn, max_rows: int = 6) -> Rows:
    """A page of any width."""
    widths = st.sampled_from(EDGES) | st.sampled_from(SCAN_LINES) | st.integers(1, 300)
    width = draw(widths)
    rows: list[int] = []
    for _ in range(draw(st.integers(0, max_rows))):
        rows.append(draw(a_row(width, rows[-1] if rows else 0)))
    return Rows(packed(rows, width), width)


@st.composite
def codings(draw: st.DrawFn, width: int) -> Coding:
    """Any coding of pages of `width` pels."""
    compression = draw(st.sampled_from(Compression))
    return Coding(
        compression,
        width=width,
        k=draw(st.integers(1, 8)),
        eol=compression is not Compression.MH or draw(st.booleans()),
        eol_aligned=draw(st.booleans()),
        row_aligned=draw(st.booleans()),
        min_row_bits=draw(st.sampled_from([0, 0, 12, 96, 288, 576])),
        end_mark=draw(st.booleans()),
        lsb_first=draw(st.booleans()),
    )
