"""gateway.options.when: times as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateway.options.when import WHEN, BadTimeError, read_when

ZONE = timezone(timedelta(hours=1))
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # 16:00 there


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("at 18:30", "2026-11-24 17:30"),
        ("at 18.30", "2026-11-24 17:30"),
        ("at 18h30", "2026-11-24 17:30"),
        ("at 6:30 pm", "2026-11-24 17:30"),
        ("at 6 p.m.", "2026-11-24 17:00"),
        ("at 12 am", "2026-11-24 23:00"),
        ("at 16:00", "2026-11-25 15:00"),
        ("at 9:05", "2026-11-25 08:05"),
        ("at tomorrow 8:00", "2026-11-25 07:00"),
        ("o jutro 8:00", "2026-11-25 07:00"),
        ("tomorrow at 8:00", "2026-11-25 07:00"),
        ("tomorrow 8 am", "2026-11-25 07:00"),
        ("jutro o 8:00", "2026-11-25 07:00"),
        ("dziś o 18:30", "2026-11-24 17:30"),
        ("dzisiaj 18:30", "2026-11-24 17:30"),
        ("in 2 hours", "2026-11-24 17:00"),
        ("in 1 hour 30 minutes", "2026-11-24 16:30"),
        ("za 2 h", "2026-11-24 17:00"),
        ("za 2 godziny", "2026-11-24 17:00"),
        ("za 45 minut", "2026-11-24 15:45"),
        ("za 2 dni", "2026-11-26 15:00"),
        ("at 2026-12-24 08:00", "2026-12-24 07:00"),
        ("at 24.12.2026  8:00", "2026-12-24 07:00"),
        ("in 2 h", "2026-11-24 17:00"),
        ("in 1 h 30 min", "2026-11-24 16:30"),
        ("in 30 d", "2026-12-24 15:00"),
    ],
)
def test_a_time_may_be_written_in_many_ways(text: str, at: str) -> None:
    """A time without a date is the next one, on the sender's clock."""
    assert WHEN.fullmatch(text)
    assert f"{read_when(text, NOW, ZONE):%Y-%m-%d %H:%M}" == at


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("at 18", "time"),
        ("tomorrow at 8", "time"),
        ("at 18:30 tomorrow", "time"),
        ("za 2 lata", "time"),
        ("at 24:00", "time"),
        ("at 13 pm", "time"),
        ("at 0 am", "time"),
        ("at 2026-02-30 8:00", "time"),
        ("at 2026-12-24", "time"),
        ("at today 15:59", "past"),
        ("at 2026-12-24 16:01", "far"),
        ("in 31 d", "far"),
        ("in 0 h", "time"),
        ("in 2", "time"),
    ],
)
def test_what_is_no_time_is_told_how(text: str, kind: str) -> None:
    """A bare hour, a day that no month has, yesterday, next year."""
    with pytest.raises(BadTimeError, match=kind):
        read_when(text, NOW, ZONE)


@pytest.mark.parametrize(
    "tag", ["tomorrow", "today 5 offers", "jutro 2 faktury", "18:30", "za rok"]
)
def test_a_tag_that_speaks_of_time_is_none(tag: str) -> None:
    """Nobody waits for it."""
    assert WHEN.fullmatch(tag) is None
