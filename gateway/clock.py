"""What time it is, as a dependency: the one place of the gateway that reads the calendar clock.

Everything that decides by the calendar (the queue, retries, receipts) is given a `Clock` or a
`now`, so a test of a twelve-hour retry takes no time at all. Timing inside a call is none of this:
that is the line's own clock (`modems.t30.line.Line.now`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """An aware time in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time that the operating system has."""
        return datetime.now(UTC)


class SettableClock:
    """Stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The time it was set to."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move on."""
        self._now += by
