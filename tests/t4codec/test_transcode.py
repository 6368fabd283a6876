"""Between codings and resolutions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from t4codec import Coding, CodingError, coded_bits, decode, double, encode, halve, transcode
from t4codec.coding import Compression
from tests.t4codec.strategies import Rows, codings, pages


@given(st.data(), pages())
def test_a_page_is_the_same_in_any_coding(data: st.DataObject, page: Rows) -> None:
    """Transcoding gives what coding the rows would have given."""
    source, target = data.draw(codings(page.width)), data.draw(codings(page.width))

    coded = transcode(encode(page.packed, source), source, target)

    assert coded == encode(page.packed, target)


def test_rows_do_not_change_their_width() -> None:
    """Transcoding to another width is refused."""
    with pytest.raises(CodingError, match="8 pels do not become rows of 16"):
        transcode(b"", Coding(Compression.MH, width=8), Coding(Compression.MH, width=16))


@given(pages())
def test_a_doubled_page_halves_to_itself(page: Rows) -> None:
    """Standard to fine and back loses nothing."""
    stride = (page.width + 7) // 8

    assert halve(double(page.packed, stride), stride) == page.packed


def test_thin_lines_survive_halving() -> None:
    """A line one row high is there after halving, whichever row it was, also in a last odd one."""
    rows = [b"\x00\x01", b"\x00\x00", b"\x00\x00", b"\xff\x02", b"\xf0\x00"]

    assert halve(b"".join(rows), 2) == b"\x00\x01" + b"\xff\x02" + b"\xf0\x00"
    assert halve(b"", 2) == b""


@pytest.mark.parametrize(
    ("keywords", "says"),
    [
        ({"width": 0}, "1 to 20000 pels"),
        ({"width": 20_001}, "1 to 20000 pels"),
        ({"k": 0}, "K is 1 or more"),
        ({"min_row_bits": -1}, "fill reaches"),
        ({"eol": False}, "tag bits"),
    ],
)
def test_there_is_no_such_coding(keywords: dict[str, int], says: str) -> None:
    """What T.4 and T.6 have no form for is refused with the reason."""
    with pytest.raises(CodingError, match=says):
        Coding(Compression.MR, **keywords)  # type: ignore[arg-type]


def test_a_bound_is_a_row_or_more() -> None:
    """A page of no rows at all cannot be asked for."""
    with pytest.raises(CodingError, match="1 row or more"):
        decode(b"", Coding(Compression.MH), max_rows=0)


def test_a_part_of_a_row_is_no_row() -> None:
    """Octets that are no whole number of rows are the caller's mistake."""
    coding = Coding(Compression.MH, width=16)

    with pytest.raises(CodingError, match="3 octets"):
        encode(b"abc", coding)
    with pytest.raises(CodingError, match="3 octets"):
        coded_bits(b"abc", coding)


def test_a_page_may_have_no_rows() -> None:
    """No rows are coded as the end mark alone and come back as no rows."""
    for compression in Compression:
        coding = Coding(compression, width=16)
        assert decode(encode(b"", coding), coding).height == 0
