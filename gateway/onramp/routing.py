"""Who gets a received fax: the first route that matches the called number.

Pure. Numbers are compared by their digits, so that "+48 22 200 00 02" in the YAML and
"48222000002" from the line are one number.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.config.model import Route


def deliveries(routes: Sequence[Route], called: str, line: str) -> Sequence[str]:
    """Who gets a fax to `called` that came in on the line with the number `line`.

    The configuration has a route for each line's own number. An extension behind it may have none:
    then the fax goes where the line's own goes, for it will be confirmed.
    """
    route = route_for(routes, called) or route_for(routes, line)
    return route.deliver if route else ()


def route_for(routes: Sequence[Route], called: str) -> Route | None:
    """The first route for a call to `called`; a route without a number takes every call."""
    return next((r for r in routes if not r.called or _digits(r.called) == _digits(called)), None)


def _digits(number: str) -> str:
    return "".join(c for c in number if c.isdecimal()).removeprefix("00")
