"""Times in options: `at 18:30`, `at 24.12.2026 8:00`, `tomorrow at 8 am`, `in 2 h`.

They are the sender's own: read in the zone of the mail's Date, or in the gateway's where the mail
does not say. A time without a date is the next one.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from gateway.quantity import parse_duration

LATEST: Final = timedelta(days=30)

_DAYS = {"today": 0, "dziś": 0, "dzisiaj": 0, "tomorrow": 1, "jutro": 1}
_DAY = "|".join(_DAYS)
WHEN = re.compile(
    rf"(?:at|o)\s+(?=\d|(?:{_DAY})\b).*|(?:in|za)\s+\d.*"
    rf"|(?:{_DAY})\s+(?:(?:at|o)\s+\d.*|\d{{1,2}}(?:[:.h]\d\d.*|\s*[ap]\.?m.*))"
)
_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*([ap])?\.?(?:m\.?)?")
_DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"),
)
_UNITS = {
    "h": "hours?|godz(?:in[aęy]?)?",
    "min": "minutes?|mins?|minut[aęy]?",
    "d": "days?|dzień|dni",
}


class BadTimeError(ValueError):
    """Its text is the kind of the problem: time, past or far."""


def read_when(text: str, now: datetime, zone: tzinfo | None) -> datetime:
    """The moment, in UTC. `text` fits `WHEN`; `now` is aware. Raises BadTimeError."""
    first, *rest = text.split()
    if first in ("in", "za"):
        at = now + _duration(" ".join(rest))
    else:
        words = [word for word in (first, *rest) if word not in ("at", "o")]
        at = _moment(" ".join(words), now.astimezone(zone))
    if at <= now:
        raise BadTimeError("past")
    if at > now + LATEST:
        raise BadTimeError("far")
    return at.astimezone(UTC)


def _duration(text: str) -> timedelta:
    for unit, written in _UNITS.items():
        text = re.sub(rf"(?<=[\d\s])(?:{written})\b\.?", unit, text)
    try:
        found = parse_duration(text)
    except ValueError:
        raise BadTimeError("time") from None
    assert isinstance(found, timedelta)
    return found


def _moment(text: str, now: datetime) -> datetime:
    first, _, rest = text.strip().partition(" ")
    day = _day(first, now.date())
    clock = _clock(rest if day else text.strip())
    at = datetime.combine(day or now.date(), clock, now.tzinfo)
    return at + timedelta(days=1) if day is None and at <= now else at


def _day(text: str, today: date) -> date | None:
    if text in _DAYS:
        return today + timedelta(days=_DAYS[text])
    for form in _DATES:
        if found := form.fullmatch(text):
            try:
                return date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                raise BadTimeError("time") from None
    return None


def _clock(text: str) -> time:
    found = _TIME.fullmatch(text.strip())
    if found is None or not (found[2] or found[3]):  # a bare 18 may be a day as well
        raise BadTimeError("time")
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half:
        if not 1 <= hour <= 12:
            raise BadTimeError("time")
        hour = hour % 12 + 12 * (half == "p")
    try:
        return time(hour, minute)
    except ValueError:
        raise BadTimeError("time") from None
