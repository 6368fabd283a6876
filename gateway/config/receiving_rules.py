"""What routes and targets must be together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.config.finding import Rule
from gateway.config.model import Config, SimulatedLine
from gateway.config.receiving import Route
from gateway.config.sealing import in_the_clear
from gateway.config.section import Finding

CONDITIONS: Final = (
    *("line", "called", "caller", "dtmf", "tsi", "subaddress", "hours", "junk"),
    *("min_pages", "max_pages"),
)
HEARD_LATE: Final = {
    "unanswered": ("tsi", "subaddress", "min_pages", "max_pages"),
    "dropped": ("min_pages", "max_pages"),
}


def takes_everything(route: Route) -> bool:
    """Whether a route has no condition."""
    return not any(getattr(route, name) for name in CONDITIONS)


def every_fax_has_a_route(config: Config) -> Iterator[Finding]:
    """Whatever is received is delivered or filed: what was confirmed must not vanish."""
    receives = any("receive" in line.use for line in config.lines)
    last = config.routes[-1] if config.routes else None
    if receives and (last is None or not takes_everything(last) or last.reject):
        at = ("routes", len(config.routes) - 1) if config.routes else ("lines",)
        yield (
            at,
            "the last route must take every fax that no other took; add one without conditions, "
            "such as {deliver: [postmaster@example.com]}",
        )


def every_route_does_one_thing(config: Config) -> Iterator[Finding]:
    """Deliver, file or reject."""
    for i, route in enumerate(config.routes):
        said = [bool(route.deliver), route.file, route.reject is not None]
        if sum(said) != 1:
            text = "a route has one of `deliver`, `file: true` and `reject`"
            yield ("routes", i), text
        for name in HEARD_LATE.get(route.reject or "", ()):
            if getattr(route, name):
                text = f"`{name}` is not known yet when a call is {route.reject}; leave it out"
                yield ("routes", i, name), text
        if route.outside and route.hours is None:
            yield ("routes", i, "outside"), "`outside` needs `hours`"


def every_route_can_match(config: Config) -> Iterator[Finding]:
    """The first route that holds decides, so one behind a catch-all or its twin is dead."""
    seen: dict[tuple[object, ...], int] = {}
    for i, route in enumerate(config.routes):
        conditions = tuple(getattr(route, name) for name in (*CONDITIONS, "outside"))
        all_taken = next((j for j, r in enumerate(config.routes[:i]) if takes_everything(r)), None)
        first = seen.setdefault(conditions, i)
        before = all_taken if all_taken is not None else first
        if before != i:
            why = "takes every call" if all_taken is not None else "has the same conditions"
            text = f"this route never decides: route {before + 1} before it {why}"
            yield ("routes", i), text


def junk_has_a_route(config: Config) -> Iterator[Finding]:
    """A list that no route asks for keeps nobody away."""
    if config.junk_by_reply and not any(route.junk for route in config.routes):
        text = "no route asks for the junk list; add one such as {junk: true, reject: unanswered}"
        yield ("junk_by_reply",), text


def targets_and_lines_are_known(config: Config) -> Iterator[Finding]:
    """A name in a route is written somewhere."""
    lines = {line.name for line in config.lines}
    for i, route in enumerate(config.routes):
        for j, name in enumerate(route.deliver):
            if "@" not in name and name not in config.targets:
                text = f"there is no target {name!r}; `targets` has " + _names(config.targets)
                yield ("routes", i, "deliver", j), text
        for j, name in enumerate(route.line):
            if name not in lines:
                text = f"there is no line {name!r}; there are {_names(lines)}"
                yield ("routes", i, "line", j), text


def dtmf_is_heard(config: Config) -> Iterator[Finding]:
    """A route that waits for digits which no line of its can tell would never decide."""
    telling = {
        line.name
        for line in config.lines
        if "receive" in line.use and (isinstance(line, SimulatedLine) or line.dtmf)
    }
    for i, route in enumerate(config.routes):
        if route.dtmf and telling.isdisjoint(route.line or telling):
            text = (
                "no line here tells the digits that a caller has keyed in, so this route never "
                "decides; a modem that tells them has `dtmf: true`"
            )
            yield ("routes", i, "dtmf"), text


def sealed_routes_stay_sealed(config: Config) -> Iterator[Finding]:
    """What a route wants sealed goes nowhere in the clear."""
    encryption = config.mail.encryption
    for i, route in enumerate(config.routes):
        for j, to in enumerate(route.deliver if route.sealed else ()):
            if why := in_the_clear(to, config.targets, encryption):
                yield ("routes", i, "deliver", j), f"this route is sealed, but {why}"
        if route.sealed and not route.deliver:
            yield ("routes", i, "sealed"), "only what is delivered can be sealed"


def text_needs_reading(config: Config) -> Iterator[Finding]:
    """No text goes anywhere where none is read."""
    if config.ocr.on:
        return
    if config.ocr.text_in_mail:
        yield ("ocr", "text_in_mail"), "no page is read, so there is no text; set `ocr.on: true`"
    for name, target in config.targets.items():
        if getattr(target, "text", False):
            text = "no page is read, so there is no text; set `ocr.on: true`"
            yield ("targets", name, "text"), text


def _names(names: object) -> str:
    assert isinstance(names, dict | set)
    return ", ".join(sorted(names)) or "none"


RECEIVING_RULES: Final[tuple[Rule, ...]] = (
    every_fax_has_a_route,
    every_route_does_one_thing,
    every_route_can_match,
    targets_and_lines_are_known,
    dtmf_is_heard,
    text_needs_reading,
    junk_has_a_route,
    sealed_routes_stay_sealed,
)
