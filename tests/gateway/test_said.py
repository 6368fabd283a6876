"""Sentences that remember what they were made of, in pipes, in the store and in other languages."""

from __future__ import annotations

import copy
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.said import MARK, Said, arranged, counted, decoded, encoded, in_a_row, said
from gateway.words import ENGLISH, Language

POLISH = Language("pl")
REASON = said(
    "has {pages}, and {left} more can be sent with this mail", pages=counted(5, "page"), left=2
)
SENTENCE = said("{name} {reason}.", name="a.pdf", reason=REASON)


def test_it_is_the_english_sentence() -> None:
    """Whoever knows nothing of languages has a string."""
    assert SENTENCE == "a.pdf has 5 pages, and 2 more can be sent with this mail."
    assert counted(1, "page") == "1 page"
    assert in_a_row("One.", "", said("Two.")) == "One. Two."


def test_it_is_said_in_polish() -> None:
    """With its counts and its decimals, however deep they are in each other."""
    assert POLISH.tell(SENTENCE) == (
        "a.pdf: dokument jest za długi (5 stron); w tej wiadomości można wysłać jeszcze tyle "
        "stron: 2."
    )
    price = arranged("{amount} {currency}", amount=Decimal("1.50"), currency="PLN")
    assert (POLISH.tell(price), ENGLISH.tell(price)) == ("1,50 PLN", "1.50 PLN")


@pytest.mark.parametrize(
    "text", [SENTENCE, in_a_row("x", SENTENCE), Said("{a}", {"a": Decimal("0.5")})]
)
def test_it_survives_pipe_and_store(text: Said) -> None:
    """Encoded or copied, it can still be translated."""
    for kept in (decoded(encoded(text)), copy.deepcopy(text)):
        assert isinstance(kept, Said)
        assert (kept, kept.shape) == (text, text.shape)
        assert POLISH.tell(kept) == POLISH.tell(text)


@given(st.text(max_size=80) | st.text(max_size=80).map(lambda text: MARK + text))
def test_any_text_is_kept_as_it_stands(text: str) -> None:
    """Also one that would be taken for a sentence of ours."""
    assert decoded(encoded(text)) == text


@given(st.text(max_size=200))
def test_rubbish_is_text(rubbish: str) -> None:
    """What an older gateway or a hostile process wrote never raises."""
    assert isinstance(ENGLISH.tell(decoded(MARK + rubbish)), str)


@pytest.mark.parametrize(
    "hostile",
    [
        '{"said": "{n:99999999999}", "with": {"n": 1}}',
        '{"said": "{n.__class__}", "with": {"n": 1}}',
        '{"said": "{n}", "with": {"n": {"decimal": "1E+999999"}}}',
        '{"said": "{n}", "with": {"n": [1]}}',
        '{"said": "{n}", "with": ' + '{"n": {"said": "{n}", "with": ' * 40 + "1" + "}" * 81,
    ],
)
def test_a_stranger_s_shape_does_nothing(hostile: str) -> None:
    """Gaps are names: no attribute, no width, no depth."""
    assert len(POLISH.tell(decoded(hostile))) < 2000


def test_a_stranger_s_value_is_one_line() -> None:
    """A file name cannot write a header or a line of our mail."""
    assert "\n" not in POLISH.tell(said("{name} {reason}.", name="a\nBcc: x", reason="is b"))


def test_after_a_colon() -> None:
    """Our first word gets a small letter, a name keeps its own."""
    waits = said("Faxes to {number} wait until you confirm them.", number="+48")
    refused = said("{user} may not send to {number}.", user="Anna", number="1")

    assert ENGLISH.tell_clause(waits) == "faxes to +48 wait until you confirm them"
    assert ENGLISH.tell_clause(refused) == "Anna may not send to 1"
    assert POLISH.tell_clause(refused) == "użytkownik Anna nie może wysyłać faksów na numer 1"
