"""The text of a page as it is kept."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ocr.text import LARGEST, MOST_WORDS, Line, PageText, Word, packed, unpacked

PLACES = st.floats(0, 2000).map(lambda place: round(place, 1))
WORDS = st.builds(
    Word, st.text(st.characters(categories=["L", "N", "P"]), max_size=20), PLACES, PLACES, PLACES
)
LINES = st.lists(st.builds(Line, PLACES, st.lists(WORDS, max_size=5).map(tuple)), max_size=5)


@given(LINES)
def test_a_text_comes_back_as_it_was_kept(lines: list[Line]) -> None:
    """Words, places and sizes."""
    assert unpacked(packed(lines)) == tuple(lines)


@given(st.binary(max_size=200) | st.binary(max_size=200).map(zlib.compress))
def test_rubbish_is_no_text(octets: bytes) -> None:
    """It is refused with one kind of error, whatever it is."""
    try:
        unpacked(octets)
    except ValueError:
        return


@pytest.mark.parametrize(
    "plain",
    [
        b"x" * (LARGEST + 1),
        json.dumps([[1, [["w", 1, 2, 3]] * (MOST_WORDS + 1)]]).encode(),
        b'[[1, [["w", 1e300, 2, 3]]]]',
        b'[[1, [["w", NaN, 2, 3]]]]',
        b"[" * 100_000,
    ],
    ids=["large", "many", "far", "nowhere", "deep"],
)
def test_too_much_is_no_text_either(plain: bytes) -> None:
    """A page of a few octets cannot become gigabytes, nor a word lie off the earth."""
    with pytest.raises(ValueError, match=r"text|words|paper"):
        unpacked(zlib.compress(plain))


def test_control_characters_are_dropped() -> None:
    """What goes into mails is text that can be seen."""
    (line,) = unpacked(zlib.compress(b'[[1, [["a\\u0007\\ud800\\u202eb", 1, 2, 3]]]]'))

    assert line.words[0].text == "ab"


def test_a_page_reads_line_by_line() -> None:
    """As people read it."""
    words = Word("one", 0, 1, 2), Word("two", 2, 3, 2)

    assert str(PageText((Line(1, words), Line(1, words[:1])))) == "one two\none"
