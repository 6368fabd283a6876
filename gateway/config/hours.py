"""Hours of the week, as an administrator writes them: `Mon-Fri 08:00-18:00, Sat 09:00-12:00`.

Hours are wall-clock time in the gateway's time zone; where daylight saving skips an opening, it
opens at the same instant by the clock that was in force before. Without days, every day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Annotated, Final

from pydantic import BeforeValidator, WithJsonSchema

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
A_DAY: Final = 24 * 60  # minutes
A_MINUTE: Final = timedelta(minutes=1)
MOST_SPANS: Final = 2000  # that a wait is followed through

_SPAN = re.compile(
    r"(?:(?P<first>[A-Za-z]{3})(?:-(?P<last>[A-Za-z]{3}))?\s+)?"
    r"(?P<start>\d{1,2}:\d{2})-(?P<end>\d{1,2}:\d{2})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Span:
    """Some days, from one minute of the day up to another; 1440 is midnight at the end."""

    days: tuple[int, ...]  # 0 is Monday
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hours:
    """When it is open, and how that was written."""

    spans: tuple[Span, ...]
    text: str

    def opening(self, at: datetime, zone: tzinfo | None) -> datetime:
        """`at` itself when it is open then, else when it opens next (UTC)."""
        local = at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        if any(local.weekday() in s.days and s.start <= minute < s.end for s in self.spans):
            return at
        return min(self._openings(local, minute)).astimezone(UTC)

    def after(self, at: datetime, open_for: timedelta, zone: tzinfo | None) -> datetime:
        """The moment (UTC) when it will have been open for so long since `at`."""
        begins, left = self.opening(at, zone).astimezone(UTC), open_for
        for _ in range(MOST_SPANS):
            ends = self._closing(begins, zone)
            if begins + left <= ends:
                break
            left -= ends - begins
            begins = self.opening(ends, zone).astimezone(UTC)
        return begins + left

    def _closing(self, at: datetime, zone: tzinfo | None) -> datetime:
        """The end of the longest span in which it is open at `at`."""
        local = at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        day = [s for s in self.spans if local.weekday() in s.days]
        end = max(s.end for s in day if s.start <= minute < s.end)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        by_the_wall = midnight.replace(tzinfo=None) + timedelta(minutes=end)
        ends = by_the_wall.replace(tzinfo=local.tzinfo) if zone else by_the_wall.astimezone()
        return max(ends.astimezone(UTC), at + A_MINUTE)

    def _openings(self, local: datetime, minute: int) -> list[datetime]:
        """The openings of the next eight days."""
        found = []
        for ahead in range(8):
            day = local.date() + timedelta(days=ahead)
            for span in self.spans:
                if day.weekday() in span.days and (ahead or span.start > minute):
                    begins = time(span.start // 60, span.start % 60, tzinfo=local.tzinfo)
                    found.append(datetime.combine(day, begins))
        return found


def parse_hours(value: object) -> object:
    """The text of the YAML as Hours."""
    if not isinstance(value, str):
        return value
    spans = [_span(text.strip(), value) for text in value.split(",")]
    return Hours(tuple(spans), value)


def _span(text: str, whole: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{whole!r} are no hours; write days and times, such as Mon-Fri 08:00-18:00, "
            "Sat 09:00-12:00"
        )
    start, end = _minute(match["start"]), _minute(match["end"])
    if start >= end:
        raise ValueError(f"{text!r} ends before it begins; write two: 22:00-24:00, 00:00-06:00")
    return Span(_days(match["first"], match["last"]), start, end)


def _minute(text: str) -> int:
    hour, minute = map(int, text.split(":"))
    if minute > 59 or hour * 60 + minute > A_DAY:
        raise ValueError(f"{text!r} is no time of day; 00:00 to 24:00 are")
    return hour * 60 + minute


def _days(first: str | None, last: str | None) -> tuple[int, ...]:
    if first is None:
        return tuple(range(7))
    one, other = _day(first), _day(last or first)
    return tuple((one + n) % 7 for n in range((other - one) % 7 + 1))


def _day(text: str) -> int:
    if text.lower() not in DAYS:
        raise ValueError(f"{text!r} is no day; {', '.join(d.capitalize() for d in DAYS)} are")
    return DAYS.index(text.lower())


_SCHEMA: Final = {"type": "string", "examples": ["Mon-Fri 08:00-18:00", "00:00-24:00"]}
OpeningHours = Annotated[Hours, BeforeValidator(parse_hours), WithJsonSchema(_SCHEMA)]
