"""What becomes of a call or a fax: the first route whose conditions all hold.

Pure. Before off-hook the called number, the caller, the line, the time and, where the line tells
them, the digits that the caller has keyed in (DTMF) are known; the TSI and
the subaddress come with the DCS, the number of pages with the end. A condition on what is not yet
known is open: a route that hangs on it neither decides nor is passed over. So `early` lets a call
ring or drops it only where no later fact could change that, and otherwise says who would get it if
nothing more were ever learnt, which is what a crash leaves.

`explained` tells of each route why it does or does not hold, for people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final, Literal

from gateway.config.model import Config
from gateway.config.receiving import Route
from gateway.onramp.junk import Junk, name_like, named_like, read
from gateway.onramp.numbers import matches_any

Reject = Literal["unanswered", "dropped"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a call; None for what is not known yet."""

    line: str  # its name
    line_number: str
    called: str
    caller: str  # "" where it is withheld
    at: datetime
    tsi: str | None = None
    subaddress: str | None = None
    pages: int | None = None
    dtmf: str = ""  # "" where nothing was keyed in, or the line does not tell


@dataclass(frozen=True, slots=True)
class Decision:
    """What a route says. `number` counts routes from 1; 0 where none decides.

    Without a number, `name` is what decides instead: the line that does not answer.
    """

    number: int = 0
    name: str = ""
    deliver: tuple[str, ...] = ()
    reject: Reject | None = None
    sealed: bool = False  # nothing of it may be readable on its way

    @property
    def title(self) -> str:
        """What people call the route."""
        if not self.number:
            return self.name or "no route"
        return f"route {self.number}" + (f" ({self.name})" if self.name else "")


@dataclass(frozen=True, slots=True)
class Held:
    """A route and whether it holds, with the first condition that fails, or is open."""

    decision: Decision
    holds: bool | None
    why: str


NO_JUNK: Final = Junk()


@dataclass(frozen=True, slots=True)
class Routing:
    """The routes in force, with what they look things up in. `country` has national numbers."""

    routes: tuple[Route, ...]
    junk: Junk = NO_JUNK
    zone: tzinfo | None = None
    country: str = ""

    def final(self, facts: Facts) -> Decision:
        """Who gets a fax of which everything is known."""
        return next((each.decision for each in self.explained(facts) if each.holds), Decision())

    def early(self, facts: Facts) -> Decision:
        """What is certain already: a rejection, or who gets the fax if nothing more is learnt."""
        passed_over = False  # a route before, of which it is not known yet whether it holds
        for each in self.explained(facts):
            if each.holds and not (passed_over and each.decision.reject):
                return each.decision
            passed_over = passed_over or each.holds is None
        return Decision()

    def explained(self, facts: Facts) -> Iterator[Held]:
        """Each route in order, held against the facts."""
        for number, route in enumerate(self.routes, 1):
            failed, undecided = "", ""
            for holds, text in self._conditions(route, facts):
                if holds is False:
                    failed = text
                    break
                if holds is None:
                    undecided = undecided or text
            decision = Decision(number, route.name, route.deliver, route.reject, route.sealed)
            if failed:
                yield Held(decision, False, failed)
            elif undecided:
                yield Held(decision, None, undecided)
            else:
                yield Held(decision, True, "every condition holds")

    def _conditions(self, route: Route, facts: Facts) -> Iterator[tuple[bool | None, str]]:
        """Each condition that the route has: whether it holds, and how it is told."""
        if route.line:
            yield facts.line in route.line, f"the line is {facts.line!r}"
        if route.called:
            yield (
                _called(route.called, facts, self.country),
                f"the called number is {facts.called or 'unknown'}",
            )
        if route.caller:
            known = matches_any(route.caller, facts.caller, self.country)
            yield known, f"the caller is {facts.caller or 'withheld'}"
        if route.dtmf:
            keyed = bool(facts.dtmf) and named_like(route.dtmf, facts.dtmf)
            yield keyed, f"the caller has keyed in {facts.dtmf or 'nothing that the line tells'}"
        if route.hours is not None:
            is_open = route.hours.opening(facts.at, self.zone) == facts.at
            at = facts.at.astimezone(self.zone)
            yield is_open is not route.outside, f"it is {at:%a %H:%M}"
        if route.junk:
            junk = self.junk.has(facts.caller, facts.tsi, self.country)
            yield junk, "the caller is not on the junk list"
        if route.tsi:
            yield _named(route.tsi, facts.tsi), f"the machine calls itself {facts.tsi!r}"
        if route.subaddress:
            told = f"the subaddress is {facts.subaddress!r}"
            yield _named(route.subaddress, facts.subaddress), told
        if route.min_pages is not None or route.max_pages is not None:
            yield _pages(route, facts.pages), f"the pages are {facts.pages}"


def routing_of(config: Config) -> Routing:
    """The routes of a configuration with its junk list. Raises OSError where it is unreadable."""
    for route in config.routes:
        _ = [name_like(pattern) for pattern in (route.tsi, route.subaddress, route.dtmf) if pattern]
    return Routing(config.routes, read(config.junk_list), config.zone, config.country)


def _called(patterns: Sequence[str], facts: Facts, country: str) -> bool:
    """By the called number, or by the line's own where the exchange tells none or an extension."""
    return matches_any(patterns, facts.called or facts.line_number, country)


def _named(pattern: str, name: str | None) -> bool | None:
    return None if name is None else named_like(pattern, name)


def _pages(route: Route, pages: int | None) -> bool | None:
    if pages is None:
        return None
    most = route.max_pages if route.max_pages is not None else pages
    return (route.min_pages or 0) <= pages <= most
