"""Numbers, times, counts and strangers' text as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.words import (
    clause,
    count,
    day,
    duration,
    enumerate_words,
    moment,
    printable,
    telephone,
)

AT = datetime(2026, 11, 23, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        (UTC, "23 November 2026 at 23:12 (UTC)"),
        (ZoneInfo("Europe/Warsaw"), "24 November 2026 at 00:12 (UTC+01:00)"),
        (timezone(timedelta(hours=-3, minutes=-30)), "23 November 2026 at 19:42 (UTC-03:30)"),
        (timezone(timedelta(minutes=-30)), "23 November 2026 at 22:42 (UTC-00:30)"),
    ],
)
def test_a_moment_is_local_and_says_its_offset(zone: timezone, said: str) -> None:
    """Date and time are those of the gateway's wall clock, with the offset beside them."""
    assert moment(AT, zone) == said


def test_months_have_their_names() -> None:
    """All twelve, whatever the locale."""
    named = [day(datetime(2026, month, 1, tzinfo=UTC), UTC) for month in range(1, 13)]

    assert named[0] == "1 January 2026"
    assert named[11] == "1 December 2026"
    assert len(set(named)) == 12


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 seconds"),
        (0.4, "0 seconds"),
        (1, "1 second"),
        (48.2, "48 seconds"),
        (59.6, "1 minute"),
        (125, "2 minutes 5 seconds"),
        (3600, "1 hour"),
        (4260, "1 hour 11 minutes"),
        (-1, "0 seconds"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    """Seconds below a minute, minutes and seconds below an hour, then hours and minutes."""
    assert duration(seconds) == said


def test_counts_agree_with_their_noun() -> None:
    """One is singular, all else plural, thousands are grouped."""
    assert [count(n, "page") for n in (0, 1, 2, 1200)] == [
        *("0 pages", "1 page", "2 pages", "1,200 pages")
    ]


def test_lists_in_a_sentence() -> None:
    """The last item comes after "and"."""
    assert enumerate_words([]) == ""
    assert enumerate_words(["1"]) == "1"
    assert enumerate_words(["1", "2", "3"]) == "1, 2 and 3"


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
