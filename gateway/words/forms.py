"""How a person reads numbers, times, counts and strangers' text, in English.

Pure. `printable` is the one gate for text that came from a telephone line or a mail: whatever goes
in, one bounded line of visible characters comes out, with no way to start a header or a new line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, tzinfo

import phonenumbers

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

OPENERS = {
    *(
        "A",
        "All",
        "An",
        "Every",
        "It",
        "Its",
        "No",
        "Nobody",
        "None",
        "Not",
        "Nothing",
        "One",
        "Our",
        "Page",
    ),
    *("Pages", "Part", "That", "The", "There", "This", "We", "Your"),
}
NUMBER = re.compile(r"\+?[0-9 ().-]{3,30}")  # digits of ASCII, and what people put between them
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # controls, bidi marks, surrogates, breaks


def printable(text: str, limit: int = 200) -> str:
    """`text` as one line of at most `limit` visible characters, blanks squeezed."""
    clipped = text[: limit * 4]
    shown = "".join(" " if unicodedata.category(c) in HIDDEN else c for c in clipped)
    line = " ".join(shown.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def telephone(number: str, country: str = "") -> str:
    """A number in its country's grouping, "+48 22 200 00 02"; what is none as it stands.

    `country` (ISO 3166) is where national numbers belong; without it only +... is a number.
    """
    parsed = _parse(number, country)
    if parsed is None:
        return printable(number, 40)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def moment(at: datetime, zone: tzinfo | None = None) -> str:
    """A time of day with its date and offset: "23 November 2026 at 06:12 (UTC+01:00)".

    `zone` is the gateway's; None is the zone of the system.
    """
    local = at.astimezone(zone)
    offset = local.strftime("%z")
    east = f"UTC{offset[:3]}:{offset[3:5]}" if offset.strip("+-0") else "UTC"
    return f"{day(at, zone)} at {local:%H:%M} ({east})"


def day(at: datetime, zone: tzinfo | None = None) -> str:
    """A date: "23 November 2026"."""
    local = at.astimezone(zone)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


def duration(seconds: float) -> str:
    """A time on the line: "48 seconds", "2 minutes 5 seconds", "1 hour 10 minutes"."""
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        parts = [(hours, "hour"), (minutes, "minute")]
    else:
        parts = [(minutes, "minute"), (rest, "second")]
    said = [count(n, unit) for n, unit in parts if n]
    return " ".join(said) or "0 seconds"


def count(number: int, thing: str) -> str:
    """A number and its noun: "1 page", "2 pages"."""
    return f"{number} {thing}" if number == 1 else f"{number:,} {thing}s"


def clause(sentence: str) -> str:
    """A sentence as it stands after a colon: no full stop, a small letter where no name begins."""
    first, blank, rest = sentence.rstrip(" .").partition(" ")
    return (first.lower() if first in OPENERS else first) + blank + rest


def enumerate_words(items: Sequence[str]) -> str:
    """A list in a sentence: "1", "1 and 2", "1, 2 and 3"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _parse(number: str, country: str) -> phonenumbers.PhoneNumber | None:
    if not NUMBER.fullmatch(number):
        return None
    try:
        parsed = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_possible_number(parsed) else None
