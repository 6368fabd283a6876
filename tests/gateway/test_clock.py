"""Clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from gateway.clock import Clock, SettableClock, SystemClock


def test_the_system_clock_tells_aware_utc() -> None:
    """The machine's time comes with its zone."""
    clock: Clock = SystemClock()

    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=10)


def test_a_settable_clock_stands_until_it_is_moved() -> None:
    """Time passes only when a test says so, and is UTC whatever it was set in."""
    noon = datetime(2026, 11, 23, 13, 0, tzinfo=timezone(timedelta(hours=1)))
    clock = SettableClock(noon)

    assert clock.now() == clock.now() == noon
    assert clock.now().tzinfo is UTC
    clock.advance(timedelta(hours=12))
    assert clock.now() == noon + timedelta(hours=12)
