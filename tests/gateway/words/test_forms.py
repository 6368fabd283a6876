"""Numbers and strangers' text as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.words import clause, printable, telephone


@pytest.mark.parametrize(
    ("number", "country", "said"),
    [
        ("+48222000002", "", "+48 22 200 00 02"),
        ("+49301234567", "PL", "+49 30 1234567"),
        ("222000002", "PL", "+48 22 200 00 02"),
        ("222000002", "", "222000002"),
        ("0048222000002", "PL", "+48 22 200 00 02"),
        ("4711", "PL", "4711"),
        ("anonymous", "PL", "anonymous"),
        ("", "PL", ""),
    ],
)
def test_telephone_numbers(number: str, country: str, said: str) -> None:
    """A number is grouped as its country does; what is none is left alone."""
    assert telephone(number, country) == said


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("The call broke.", "the call broke"),
        ("LibreOffice could not open it.", "LibreOffice could not open it"),
        ("it is damaged", "it is damaged"),
        ("", ""),
    ],
)
def test_a_sentence_as_a_clause(sentence: str, said: str) -> None:
    """After a colon a sentence has no full stop and no capital, unless a name begins it."""
    assert clause(sentence) == said


@given(st.text(max_size=500), st.integers(1, 100))
def test_printable_text_is_one_bounded_visible_line(text: str, limit: int) -> None:
    """Whatever comes in, what goes out has no controls, no line break and at most `limit`."""
    shown = printable(text, limit)

    assert shown.isprintable()
    assert len(shown) <= limit
    assert shown == shown.strip()
    assert "  " not in shown


def test_printable_text_shows_that_it_was_cut() -> None:
    """A cut text ends with an ellipsis; hidden characters become blanks."""
    assert printable("abcdef", 4) == "abc…"
    assert printable("a\u202eb\x00c\r\nd") == "a b c d"


@given(st.text(max_size=60), st.sampled_from(["", "PL", "US", "XX"]))
def test_no_text_breaks_a_number(text: str, country: str) -> None:
    """A caller ID may be anything at all."""
    assert telephone(text, country).isprintable()
