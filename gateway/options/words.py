"""The words of the options, English and Polish, and what each of them asks for.

`FIXED` is the list that README shows. Words are compared without regard to case, hyphens, repeated
blanks and an exclamation mark. A word that is one slip of the pen away from an option (a letter
swapped with its neighbour, and in words of seven letters or more one letter wrong, missing or too
many) is meant to be one: short words are left alone, since a tag such as [LINE] is one letter from
`fine`.
"""

from __future__ import annotations

import re
from typing import Any, Final

from gateway.options.options import Priority

Setting = tuple[str, Any]  # field of Options, value

FIXED: Final[dict[str, Setting]] = {
    "standard": ("resolution", "standard"),
    "fine": ("resolution", "fine"),
    "superfine": ("resolution", "superfine"),
    "body": ("body", True),
    "no body": ("body", False),
    "cover": ("cover", True),
    "no cover": ("cover", False),
    "no header": ("header", False),
    "header off": ("header", False),
    "text": ("style", "text"),
    "photo": ("style", "photo"),
    "priority": ("priority", Priority.HIGH),
    "high priority": ("priority", Priority.HIGH),
    "urgent": ("priority", Priority.HIGH),
    "low priority": ("priority", Priority.LOW),
    "receipt on failure": ("receipt", "failure"),
}
POLISH: Final = {
    "standardowa": "standard",
    "dokładna": "fine",
    "bardzo dokładna": "superfine",
    "z treścią": "body",
    "bez treści": "no body",
    "okładka": "cover",
    "bez okładki": "no cover",
    "bez nagłówka": "no header",
    "tekst": "text",
    "zdjęcie": "photo",
    "priorytet": "priority",
    "wysoki priorytet": "high priority",
    "pilne": "urgent",
    "niski priorytet": "low priority",
    "potwierdzenie przy błędzie": "receipt on failure",
}
AKIN: Final = {  # what people write for them, too
    "cover page": "cover",
    "cover sheet": "cover",
    "no cover page": "no cover",
    "no cover sheet": "no cover",
    "without cover": "no cover",
    "strona tytułowa": "cover",
    "bez strony tytułowej": "no cover",
    "fine resolution": "fine",
    "super fine": "superfine",
    "asap": "urgent",
}
SHOWN: Final = {  # to people who wrote something else, by their language
    "en": (
        *(*FIXED, "cover: NOTE", "at 18:30", "at 2026-12-24 8:00", "tomorrow at 8:00"),
        *("in 2 h", "tries 3"),
    ),
    "pl": (
        *(*POLISH, "okładka: TEKST", "o 18:30", "o 2026-12-24 8:00", "jutro o 8:00"),
        *("za 2 h", "próby 3"),
    ),
}
NOTE: Final = re.compile(r"(?:^|[,;])\s*((?:cover|okładka)\s*:\s*(.*))$", re.IGNORECASE | re.DOTALL)
LONGEST_NOTE: Final = 500  # characters
TRIES: Final = re.compile(r"(?:tries|prób|próby)\s+(\S+)")
MOST_TRIES: Final = 20
SHORT: Final = 7  # letters; shorter words are only mended where two letters are swapped


def normal(word: str) -> str:
    """A word as it is compared."""
    return " ".join(re.sub(r"[-_\u2010\u2011]", " ", word.casefold()).rstrip("!. ").split())


def fixed(word: str) -> Setting | None:
    """What a word without a value asks for; None for none of them."""
    return FIXED.get(POLISH.get(word) or AKIN.get(word, word))


def meant(word: str) -> str:
    """The option that a word is one slip away from; "" for none."""
    return next((known for known in (*FIXED, *POLISH) if _is_slip(word, known)), "")


def _is_slip(word: str, known: str) -> bool:
    """Whether one letter is wrong, missing or too many, or two neighbours are swapped."""
    start = 0
    while start < min(len(word), len(known)) and word[start] == known[start]:
        start += 1
    end = 0
    while end < min(len(word), len(known)) - start and word[-1 - end] == known[-1 - end]:
        end += 1
    wrong, right = word[start : len(word) - end], known[start : len(known) - end]
    if len(wrong) == 2 and wrong == right[::-1]:
        return True
    return len(known) >= SHORT and max(len(wrong), len(right)) == 1
