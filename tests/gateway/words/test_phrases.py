"""The sentences of our mails."""

from __future__ import annotations

from string import Formatter

import pytest

from gateway.words import phrases

SENTENCES = {
    name: value
    for name, value in vars(phrases).items()
    if name.isupper() and isinstance(value, str)
}


@pytest.mark.parametrize("name", SENTENCES)
def test_gaps_are_named(name: str) -> None:
    """Every gap of a sentence has a name, so that a translation may reorder them."""
    gaps = [gap for _, gap, _, _ in Formatter().parse(SENTENCES[name]) if gap is not None]

    assert all(gap.isidentifier() for gap in gaps)


@pytest.mark.parametrize("name", SENTENCES)
def test_sentences_are_one_line_of_ascii(name: str) -> None:
    """English needs nothing else, and every terminal shows it."""
    assert SENTENCES[name].isascii()
    assert SENTENCES[name].isprintable()
