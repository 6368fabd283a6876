"""Durations and sizes as people write them: `5 min`, `1 h 30 min`, `PT90S`, `50 MiB`.

A wrong one is a ValueError that says what would have been right.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

UNITS_OF_TIME: Final = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}  # s
UNITS_OF_SIZE: Final = {
    "": 1,
    "B": 1,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
}  # octets
LONGEST_DURATION: Final = timedelta(days=3650)
LARGEST_SIZE: Final = 2**50  # octets

_QUANTITY = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([A-Za-z]{0,3})")
_DURATION = re.compile(r"(?:[0-9]{1,15}(?:\.[0-9]{1,9})?\s*[a-z]{1,3}\s*)+")
# ISO 8601 without years and months, whose length nobody knows: P3D, PT1H30M, PT90S.
_ISO = re.compile(
    r"P(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?",
    re.ASCII,
)


def parse_duration(value: object) -> object:
    """`90 s`, `5 min`, `1 h 30 min`, `3 d` or ISO 8601 (`PT90S`) as a timedelta."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    seconds = _iso_seconds(text) if text.startswith("P") else _unit_seconds(text)
    if seconds is None:
        units = ", ".join(UNITS_OF_TIME)
        raise ValueError(
            f"{value!r} is no duration; write a number with a unit ({units}), such as 5 min, "
            "1 h 30 min or 3 d"
        )
    if not seconds:
        raise ValueError(f"{value!r} is no time at all; write more than nothing")
    if seconds > LONGEST_DURATION.total_seconds():
        raise ValueError(f"{value!r} is too long; {LONGEST_DURATION.days} d is the most")
    return timedelta(seconds=seconds)


def parse_duration_or_none(value: object) -> object:
    """The same, or 0 for no time at all."""
    return timedelta() if str(value).strip() == "0" else parse_duration(value)


def _unit_seconds(text: str) -> float | None:
    parts = _QUANTITY.findall(text) if _DURATION.fullmatch(text) else []
    if not parts or any(unit not in UNITS_OF_TIME for _, unit in parts):
        return None
    return sum(float(number) * UNITS_OF_TIME[unit] for number, unit in parts)


def _iso_seconds(text: str) -> float | None:
    match = _ISO.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    units = (UNITS_OF_TIME[unit] for unit in ("w", "d", "h", "min", "s"))
    return sum(float(n or 0) * unit for n, unit in zip(match.groups(), units, strict=True))


def parse_size(value: object) -> object:
    """`50 MiB`, `50 MB` or a plain number of octets, as an int."""
    if not isinstance(value, str):
        return value
    match = _QUANTITY.fullmatch(value.strip())
    if match is None or match[2] not in UNITS_OF_SIZE:
        units = ", ".join(unit for unit in UNITS_OF_SIZE if unit)
        raise ValueError(
            f"{value!r} is no size; write octets or a number with a unit ({units}), such as 50 MiB"
        )
    octets = int(float(match[1]) * UNITS_OF_SIZE[match[2]]) if match[2] else float(match[1])
    if octets != int(octets):
        raise ValueError(f"{value!r} is not a whole number of octets")
    if octets > LARGEST_SIZE:
        raise ValueError(f"{value!r} is more than any machine has")
    return int(octets)
