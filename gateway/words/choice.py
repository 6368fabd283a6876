"""Which language somebody reads: what the administrator wrote, else what their mail asks for.

RFC 8255 and RFC 9110 12.5.4 (Accept-Language, which Exchange and Outlook write into mails), RFC
3282 (Content-Language). Pure; whatever a header holds, the answer is a language that we have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from gateway.words.language import LOCALES

LONGEST = 200  # characters of a header that are read
RANGE = re.compile(r"\s*([A-Za-z]{2,3})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?")


def language_of(address: str, languages: Mapping[str, str], asked: str, default: str) -> str:
    """The code of the language in which `address` is written to.

    `languages` has codes by address or domain; `asked` is a language header, or empty.
    """
    known = {key.lower(): code for key, code in languages.items()}
    address = address.lower()
    configured = known.get(address) or known.get(address.rpartition("@")[2])
    return configured or next(_wanted(asked), default)


def _wanted(asked: str) -> Iterator[str]:
    """Those of ours that a header names, the dearest first."""
    ranges = [RANGE.fullmatch(item) for item in asked[:LONGEST].split(",")]
    weighed = [(float(found[2] or 1), found[1].lower()) for found in ranges if found]
    for weight, code in sorted(weighed, key=lambda pair: -pair[0]):
        if code in LOCALES and weight:
            yield code
