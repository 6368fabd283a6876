"""Retry times of mails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mailout.schedule import FIRST, LONGEST, SPREAD, next_try

START = datetime(2026, 11, 23, 6, tzinfo=UTC)
THREE_DAYS = timedelta(days=3)
MIDDLE = 0.5  # no jitter


@pytest.mark.parametrize(
    ("tries", "seconds"), [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (500, 3600)]
)
def test_waits_double_up_to_an_hour(tries: int, seconds: int) -> None:
    """Half a minute after the first failure, then twice as long each time, an hour at most."""
    assert next_try(tries, START, START, THREE_DAYS, MIDDLE) == START + timedelta(seconds=seconds)


@given(st.integers(1, 100), st.floats(0, 1), st.integers(0, 3 * 86400 - 1))
def test_a_wait_is_bounded_and_never_past_the_end(tries: int, chance: float, age: int) -> None:
    """Jitter stays within its spread, and the last try is at the end of the time allowed."""
    now = START + timedelta(seconds=age)
    at = next_try(tries, START, now, THREE_DAYS, chance)

    assert at is not None
    assert now < at <= START + THREE_DAYS
    assert at <= now + LONGEST * (1 + SPREAD)
    assert at == START + THREE_DAYS or at >= now + FIRST * (1 - SPREAD)


def test_the_last_try_is_at_the_end_and_then_no_more() -> None:
    """At the end of the time allowed there is one try, after it none."""
    end = START + THREE_DAYS

    assert next_try(90, START, end - timedelta(minutes=5), THREE_DAYS, MIDDLE) == end
    assert next_try(91, START, end, THREE_DAYS, MIDDLE) is None
