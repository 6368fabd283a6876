"""Numbers as exchanges and people write them, held against a pattern of the configuration. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from gateway.config.number_pattern import WITHHELD
from gateway.words import telephone

REMEMBERED: Final = 65_536  # numbers and patterns; a call may be held against thousands


@lru_cache(REMEMBERED)
def digits(number: str) -> str:
    """The digits that make one number of "+48 22 200 00 02", "0048222000002", "48222000002"."""
    return "".join(c for c in number if c.isascii() and c.isdigit()).removeprefix("00")


def matches(pattern: str, number: str) -> bool:
    """Whether `number` is the pattern's, begins like a pattern that ends in *, or is withheld."""
    own = digits(number)
    if pattern == WITHHELD:
        return not own
    if pattern.endswith("*"):
        return bool(own) and own.startswith(digits(pattern))
    return own == digits(pattern)


def matches_any(patterns: Iterable[str], number: str, country: str = "") -> bool:
    """Whether one of the patterns has the number, as it was told or with the code of `country`."""
    told = forms(number, country)
    return any(matches(pattern, form) for pattern in patterns for form in told)


@lru_cache(REMEMBERED)
def forms(number: str, country: str) -> tuple[str, ...]:
    """A number as it was told and, where that is a national one of `country`, as E.164.

    Exchanges tell callers of their own country without its code.
    """
    shown = telephone(number, country) if country else ""
    return (number, f"+{digits(shown)}") if shown.startswith("+") else (number,)
