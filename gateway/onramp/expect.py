"""The administrator's own tests of the routes (`expect_routes:`), which `faxgate check` runs. Pure.

The junk list is taken as empty: a test must not hang on what somebody adds to it tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, tzinfo

from gateway.config.model import AnyLine, Config
from gateway.config.receiving import RouteExpectation
from gateway.config.section import Finding
from gateway.onramp.numbers import matches_any
from gateway.onramp.picking_up import PickingUp
from gateway.onramp.routing import Decision, Facts, Routing


def unmet_routes(config: Config) -> Iterator[Finding]:
    """The place and the sentence of each test that the routes do not pass."""
    routing = Routing(config.routes, zone=config.zone, country=config.country)
    for i, test in enumerate(config.expect_routes):
        line = line_for(config, test.called, test.line)
        if line is None:
            yield ("expect_routes", i), "no line that receives has this number or name"
            continue
        found = what_becomes(_facts(test, line, routing.zone), line, routing)
        yield from ((("expect_routes", i, key), text) for key, text in _against(test, found))


def line_for(config: Config, called: str, name: str = "") -> AnyLine | None:
    """The line of this name, or with this number, or the first one that receives."""
    receiving = [line for line in config.lines if "receive" in line.use]
    if name:
        return next((line for line in receiving if line.name == name), None)
    own = (
        line for line in receiving if called and matches_any([line.number], called, config.country)
    )
    return next(own, receiving[0] if receiving else None)


def what_becomes(facts: Facts, line: AnyLine, routing: Routing) -> Decision:
    """What becomes of a call on `line` of which this will be known in the end."""
    refusal = PickingUp(line, routing.zone, routing.country).refusal(facts.called, facts.at)
    if refusal:
        return Decision(name=refusal, reject="unanswered")
    early = routing.early(replace(facts, tsi=None, subaddress=None, pages=None))
    return early if early.reject == "unanswered" else routing.final(facts)


def at_the_gateway(at: datetime, zone: tzinfo | None) -> datetime:
    """A time of the YAML or the command line, by the gateway's clock."""
    return at.replace(tzinfo=zone) if zone is not None else at.astimezone()


def _facts(test: RouteExpectation, line: AnyLine, zone: tzinfo | None) -> Facts:
    return Facts(
        line.name,
        line.number,
        test.called or line.number,
        test.caller,
        at_the_gateway(test.at, zone),
        test.tsi,
        test.subaddress,
        test.pages,
        test.dtmf,
    )


def _against(test: RouteExpectation, found: Decision) -> Iterator[tuple[str, str]]:
    """The setting that is not met, and the sentence."""
    if test.route and test.route != found.name:
        yield "route", f"{test.route!r} was expected to decide, but {found.title} does"
    if test.deliver is not None and test.deliver != found.deliver:
        goes = ", ".join(found.deliver) or "nowhere"
        yield "deliver", f"by {found.title} it goes to {goes}"
    rejected = found.reject or "no"
    if test.reject is not None and test.reject != rejected:
        yield "reject", f"by {found.title} it is rejected: {rejected}"
