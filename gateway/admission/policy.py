"""The judgement of one fax: allowed, held until the sender confirms it, refused, or later. Pure.

`judge` takes what is known: at RCPT the number and the time, after rendering the pages and the line
time too. What is not known yet is not judged yet, so that it is asked twice and the second answer
is never milder. The first rule that fits sender and number decides; then the ceilings of the
sender are looked at, all of them; the strictest word wins: refuse before hold before later.

Emergency numbers are refused whatever the rules say, and so is what no rule fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Final

from gateway.admission.ceilings import Account, Ceilings, Sums
from gateway.admission.destination import Destination, Kind, destination
from gateway.admission.fax import Fax
from gateway.admission.opening import Opening
from gateway.admission.sender import Sender
from gateway.admission.tariff import Rate, rate_of
from gateway.config.model import Config
from gateway.config.sending import Ceiling, Rule, Tariff
from gateway.said import Said, counted, said


class Word(StrEnum):
    """What is decided, from the mildest to the strictest."""

    ALLOW = "allow"
    LATER = "later"
    HOLD = "hold"
    REFUSE = "refuse"


STRICTNESS: Final = list(Word)
NOTHING: Final = Said("")
NUMBERS: Final = {
    Kind.NATIONAL: said("national numbers"),
    Kind.FOREIGN: said("foreign numbers"),
    Kind.SPECIAL: said("special numbers"),
    Kind.PREMIUM: said("premium numbers"),
    Kind.EMERGENCY: said("emergency numbers"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided of one fax to one number, by which rule, and why (a sentence for people)."""

    word: Word
    kind: Kind
    rule: str
    reason: Said = NOTHING
    at: datetime | None = None  # LATER: when it may go
    cost: int | None = None  # millionths of the currency; None while the line time is not known


@dataclass(frozen=True, slots=True)
class Past:
    """What the sender has done before. Without it, neither sums nor new countries are judged."""

    countries: frozenset[str]  # sent to, or confirmed
    sums: Sums


@dataclass(frozen=True, slots=True)
class Policy:
    """What the administrator decided about sending."""

    rules: tuple[Rule, ...]
    ceilings: tuple[Ceiling, ...]
    tariff: Tariff
    country: str  # whose numbers are national
    zone: tzinfo | None  # None: the system's

    @classmethod
    def of(cls, config: Config) -> Policy:
        """The policy of a configuration."""
        return cls(config.rules, config.ceilings, config.tariff, config.country, config.zone)

    def accounts(self, sender: Sender, at: datetime) -> list[Account]:
        """The sums that `judge` needs for this sender."""
        return self.limits.accounts(sender, at)

    @property
    def limits(self) -> Ceilings:
        """The ceilings, with what they are counted by."""
        return Ceilings(self.ceilings, self.tariff.currency, self.zone)

    def rule(self, sender: Sender, place: Destination) -> Rule | None:
        """The first rule that fits."""
        fitting = (r for r in self.rules if sender.is_one_of(r.who) and fits(r.to, place))
        return next(fitting, None)

    def opening(self, sender: Sender, number: str) -> Opening | None:
        """The hours in which calls to a number may begin; None where they always may."""
        rule = self.rule(sender, destination(number, self.country))
        return Opening(number, rule.hours, self.zone) if rule and rule.hours else None

    def rate(self, number: str) -> Rate:
        """What calls to a number cost."""
        return rate_of(self.tariff, number)


@dataclass(frozen=True, slots=True)
class _Found:
    """One thing that speaks about a fax."""

    word: Word
    rule: str
    reason: Said = NOTHING
    at: datetime | None = None


def judge(policy: Policy, sender: Sender, fax: Fax, past: Past | None = None) -> Verdict:
    """Decide about one fax; see the head of this module."""
    place = destination(fax.number, policy.country)
    cost = None if fax.seconds is None else policy.rate(fax.number).cost(fax.seconds)
    found = max(_found(policy, sender, fax, place, past, cost), key=_strictness)
    return Verdict(found.word, place.kind, found.rule, found.reason, found.at, cost)


def _strictness(found: _Found) -> int:
    return STRICTNESS.index(found.word)


def _found(
    policy: Policy,
    sender: Sender,
    fax: Fax,
    place: Destination,
    past: Past | None,
    cost: int | None,
) -> Iterator[_Found]:
    if place.kind is Kind.EMERGENCY:
        reason = said("Emergency numbers are never faxed.")
        yield _Found(Word.REFUSE, said("emergency"), reason)
        return
    rule = policy.rule(sender, place)
    if rule is None:
        numbers = NUMBERS[place.kind]
        reason = said("No rule lets {user} send to {numbers}.", user=sender.user, numbers=numbers)
        yield _Found(Word.REFUSE, said("no rule"), reason)
        return
    yield from _by_rule(rule, sender, fax, policy.zone)
    if _is_new(rule, place, past) and not fax.confirmed:
        yield _Found(Word.HOLD, rule.name, _first_fax(place))
    if past is None:
        return
    for ceiling, reason in policy.limits.excess(sender, fax, past.sums, cost or 0):
        if ceiling.over == "refuse" or not fax.confirmed:
            yield _Found(Word(ceiling.over), ceiling.name, reason)


def _by_rule(rule: Rule, sender: Sender, fax: Fax, zone: tzinfo | None) -> Iterator[_Found]:
    """What the rule alone says; first of all its own word."""
    if rule.do == "refuse":
        reason = said("{user} may not send to {number}.", user=sender.user, number=fax.number)
        yield _Found(Word.REFUSE, rule.name, reason)
        return
    hold = rule.do == "hold" and not fax.confirmed
    waits = said("Faxes to {number} wait until you confirm them.", number=fax.number)
    yield _Found(Word.HOLD if hold else Word.ALLOW, rule.name, waits if hold else NOTHING)
    yield from _by_pages(rule, fax)
    opening = Opening(fax.number, rule.hours, zone) if rule.hours else None
    if opening and opening.next(fax.at) != fax.at:
        at = opening.next(fax.at) if rule.outside == "later" else None
        yield _Found(Word(rule.outside), rule.name, opening.reason, at)


def _by_pages(rule: Rule, fax: Fax) -> Iterator[_Found]:
    if rule.max_pages is None or (fax.pages or 0) <= rule.max_pages:
        return
    if rule.too_many_pages == "refuse" or not fax.confirmed:
        has = counted(fax.pages or 0, "page")
        reason = said(
            "The fax has {pages}, and {most} are the most.", pages=has, most=rule.max_pages
        )
        yield _Found(Word(rule.too_many_pages), rule.name, reason)


def fits(to: tuple[str, ...], place: Destination) -> bool:
    """Whether a rule for these classes and prefixes is about this number; one for none is."""
    return not to or any(
        place.number.startswith(word) if word.startswith("+") else word == place.kind for word in to
    )


def _is_new(rule: Rule, place: Destination, past: Past | None) -> bool:
    foreign = rule.new_country == "hold" and place.kind is not Kind.NATIONAL
    return foreign and past is not None and place.country not in past.countries


def _first_fax(place: Destination) -> Said:
    if place.country.startswith("+"):
        return said(
            "This is your first fax to numbers that begin with {prefix}.", prefix=place.country
        )
    return said("This is your first fax to this country ({country}).", country=place.country)


def by_rule(reason: Said, rule: str) -> Said:
    """The reason, and where the administrator wrote it."""
    return said("{reason} (rule: {rule})", reason=reason, rule=rule)
