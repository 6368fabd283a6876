"""Numbers as exchanges and people write them, held against a pattern of the configuration. Pure."""

from __future__ import annotations

from gateway.config.number_pattern import WITHHELD


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
