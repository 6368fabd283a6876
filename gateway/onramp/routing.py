"""Who gets a received fax: the first route that matches the called number.

Pure. Numbers are compared by their digits, so that "+48 22 200 00 02" in the YAML and
"48222000002" from the line are one number.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.config.model import Route


def route_for(routes: Iterable[Route], called: str) -> Route | None:
    """The first route for a call to `called`; a route without a number takes every call."""
    return next((r for r in routes if not r.called or _digits(r.called) == _digits(called)), None)


def _digits(number: str) -> str:
    return "".join(c for c in number if c.isdecimal()).removeprefix("00")
