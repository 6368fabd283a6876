"""How a person reads telephone numbers and strangers' text, in any language.

Pure. `printable` is the one gate for text that came from a telephone line or a mail: whatever goes
in, one bounded line of visible characters comes out, with no way to start a header or a new line.
"""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

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


def clause(sentence: str) -> str:
    """A sentence as it stands after a colon: no full stop, a small letter where no name begins."""
    first, blank, rest = sentence.rstrip(" .").partition(" ")
    return (first.lower() if first in OPENERS else first) + blank + rest


def _parse(number: str, country: str) -> phonenumbers.PhoneNumber | None:
    if not NUMBER.fullmatch(number):
        return None
    try:
        parsed = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_possible_number(parsed) else None
