"""gateway.config.hours: opening hours as people write them, by the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.config.hours import Hours, parse_hours

WARSAW = ZoneInfo("Europe/Warsaw")


def hours(text: str) -> Hours:
    """The hours of a text."""
    found = parse_hours(text)
    assert isinstance(found, Hours)
    return found


def at(text: str) -> datetime:
    """A time on the wall in Warsaw."""
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW)


@pytest.mark.parametrize(
    ("text", "now", "opening"),
    [
        ("Mon-Fri 08:00-18:00", "2026-11-23 08:00", "2026-11-23 08:00"),
        ("Mon-Fri 08:00-18:00", "2026-11-23 07:59", "2026-11-23 08:00"),
        ("Mon-Fri 08:00-18:00", "2026-11-23 18:00", "2026-11-24 08:00"),
        ("Mon-Fri 08:00-18:00", "2026-11-27 18:00", "2026-11-30 08:00"),
        ("Mon-Fri 08:00-18:00, Sat 9:00-12:00", "2026-11-27 18:00", "2026-11-28 09:00"),
        ("22:00-24:00, 00:00-06:00", "2026-11-23 23:59", "2026-11-23 23:59"),
        ("Fri-Mon 10:00-11:00", "2026-11-23 11:00", "2026-11-27 10:00"),
        ("Mon 10:00-11:00", "2026-11-23 11:00", "2026-11-30 10:00"),
    ],
)
def test_it_opens_when_the_text_says(text: str, now: str, opening: str) -> None:
    """Now if it is open, else at the next opening."""
    assert hours(text).opening(at(now), WARSAW) == at(opening)


def test_opening_hours_keep_to_the_wall_when_the_clocks_change() -> None:
    """08:00 is 08:00 on the day after as well."""
    before = at("2026-10-24 18:00")  # summer time ends in the night

    assert hours("08:00-18:00").opening(before, WARSAW) == datetime(2026, 10, 25, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("always", "are no hours"),
        ("Xyz 08:00-18:00", "is no day"),
        ("18:00-08:00", "ends before it begins"),
        ("08:60-09:00", "is no time of day"),
        ("08:00-24:01", "is no time of day"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    """With what would be right."""
    with pytest.raises(ValueError, match=said):
        parse_hours(text)


@pytest.mark.parametrize(
    ("text", "now", "minutes", "over"),
    [
        ("08:00-18:00", "2026-11-23 17:00", 60, "2026-11-23 18:00"),
        ("08:00-18:00", "2026-11-23 17:00", 61, "2026-11-24 08:01"),
        ("08:00-18:00", "2026-11-23 20:00", 30, "2026-11-24 08:30"),
        ("Mon-Fri 08:00-18:00", "2026-11-27 17:30", 60, "2026-11-30 08:30"),
        ("22:00-24:00, 00:00-06:00", "2026-11-23 23:00", 120, "2026-11-24 01:00"),
        ("00:00-24:00", "2026-10-25 00:00", 240, "2026-10-25 03:00"),  # an hour comes twice
        ("Mon 10:00-10:30", "2026-11-23 10:00", 90, "2026-12-07 10:30"),
    ],
)
def test_only_open_time_counts(text: str, now: str, minutes: int, over: str) -> None:
    """A wait goes on where it was when it opens again."""
    found = hours(text).after(at(now), timedelta(minutes=minutes), WARSAW)

    assert found == at(over)


def test_a_long_wait_comes_to_an_end() -> None:
    """However few hours there are."""
    found = hours("Mon 10:00-10:01").after(at("2026-11-23 10:00"), timedelta(days=30), WARSAW)

    assert found > at("2026-11-23 10:00")
