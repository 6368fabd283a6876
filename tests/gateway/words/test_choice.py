"""Which language somebody reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.words import LOCALES
from gateway.words.choice import language_of

LANGUAGES = {"example.pl": "pl", "John@example.pl": "en"}


@pytest.mark.parametrize(
    ("address", "asked", "code"),
    [
        ("jan@example.pl", "", "pl"),
        ("jan@EXAMPLE.PL", "en", "pl"),
        ("john@example.pl", "pl", "en"),
        ("jan@example.org", "pl-PL, en;q=0.8", "pl"),
        ("jan@example.org", "en;q=0.5, pl;q=0.9", "pl"),
        ("jan@example.org", "de-DE, pl;q=0.1", "pl"),
        ("jan@example.org", "pl;q=0", "en"),
        ("jan@example.org", "de", "en"),
        ("jan@example.org", "", "en"),
    ],
)
def test_the_administrator_then_the_mail_then_the_default(
    address: str, asked: str, code: str
) -> None:
    """An address beats its domain, both beat the header, the header beats the default."""
    assert language_of(address, LANGUAGES, asked, "en") == code


@given(st.text(max_size=300))
def test_no_header_asks_for_a_language_that_we_lack(asked: str) -> None:
    """Whatever a header holds, the answer is one of ours."""
    assert language_of("jan@example.org", {}, asked, "pl") in LOCALES
