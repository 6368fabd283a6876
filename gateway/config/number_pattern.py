"""Which telephone numbers: one, all that begin alike, or callers who withhold theirs."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator

WITHHELD: Final = "withheld"  # a caller who does not say who they are
_PATTERN = re.compile(r"\+?[0-9][0-9 ().-]*\*?")


def check_number_pattern(value: str) -> str:
    """A number, the beginning of one with * behind it, or `withheld`."""
    if value == WITHHELD or _PATTERN.fullmatch(value):
        return value
    raise ValueError(
        f"{value!r} is no number; write +48221234567, +48800* for all that begin so, or withheld"
    )


def is_number(text: str) -> bool:
    """Whether it is one number, as people and exchanges write them."""
    return not text.endswith("*") and _PATTERN.fullmatch(text) is not None


NumberPattern = Annotated[str, AfterValidator(check_number_pattern)]
