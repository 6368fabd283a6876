"""A rule about several settings, and what such rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from gateway.config.model import Config
from gateway.config.section import Finding

Rule = Callable[[Config], Iterator[Finding]]


def repeats(values: Iterable[object]) -> Iterator[tuple[int, int]]:
    """Position of each value that was there before, with the position where it was first."""
    first: dict[object, int] = {}
    for i, value in enumerate(values):
        if value in first:
            yield i, first[value]
        first.setdefault(value, i)
