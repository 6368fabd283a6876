"""What a reader is told of a fax that is not like most."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.onramp.compose import fax_mail, notice_mail
from gateway.store.records import ReceivedFax
from gateway.words import Language
from tests.gateway.onramp.faxes import FAX
from tests.gateway.onramp.test_compose import PAGES, READER, text


def told(fax: ReceivedFax) -> str:
    """The text of its mail."""
    return text(fax_mail(fax, PAGES, READER))


def test_whom_it_is_for_is_told_where_the_call_told_it() -> None:
    """Subaddress and digits have a line of their own, and none where there are none."""
    words = told(replace(FAX, subaddress="12", dtmf="77#"))

    assert "Subaddress: 12\n" in words
    assert "Digits that the caller keyed in: 77#\n" in words
    assert "Subaddress" not in told(FAX)
    assert "Digits" not in told(FAX)


def test_a_fax_of_blank_pages_says_what_may_be_wrong() -> None:
    """Only where nothing is on any page."""
    assert "Nothing is on its pages" in told(replace(FAX, blank=(1, 2)))
    assert "Nothing is on its pages" not in told(replace(FAX, blank=(2,)))


@pytest.mark.parametrize(
    ("code", "name"), [("en", "Fax, number unknown"), ("pl", "Faks, numer nieznany")]
)
def test_nobody_is_no_name(code: str, name: str) -> None:
    """Where nothing is known of a caller, From reads as words."""
    reader = replace(READER, language=Language(code))
    message = fax_mail(replace(FAX, caller="", tsi=""), PAGES, reader)

    assert message["From"].addresses[0].display_name == name


def test_a_notice_says_that_a_fax_is_incomplete() -> None:
    """Before anything else, with the cause, as the mail of the fax does."""
    broken = replace(FAX, complete=False, cause="The carrier was lost.")
    words = text(notice_mail(broken, PAGES, READER))

    assert words.startswith("THIS FAX IS INCOMPLETE. The call broke after page 2: the carrier")
    assert "INCOMPLETE" not in text(notice_mail(FAX, PAGES, READER))
