"""Ceilings: whose sums they count, since when, and whether one more fax goes over them. Pure.

An account is what a sum belongs to: one user, one group, or everybody. What a fax uses is entered
to all accounts of its sender, as predicted before the call and as it was after it; the store keeps
the entries and adds them up (`gateway.store.charges`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from gateway.admission.fax import Fax
from gateway.admission.sender import Sender
from gateway.admission.tariff import millionths, money
from gateway.config.sending import Ceiling
from gateway.said import Said, counted, said

EVERYBODY: Final = "everybody"


@dataclass(frozen=True, slots=True)
class Used:
    """A sum: line time in seconds, pages, money in millionths."""

    seconds: float = 0.0
    pages: int = 0
    cost: int = 0

    def __add__(self, other: Used) -> Used:
        """Both together."""
        seconds, pages = self.seconds + other.seconds, self.pages + other.pages
        return Used(seconds, pages, self.cost + other.cost)


@dataclass(frozen=True, slots=True)
class Account:
    """Whose entries of which day or month make a sum."""

    name: str
    since: datetime
    until: datetime  # the first moment that does not belong to it


Sums = Mapping[Account, Used]


def account_names(sender: Sender) -> list[str]:
    """The accounts to which a fax of this sender is entered."""
    return [f"user {sender.user}", *(f"group {group}" for group in sender.groups), EVERYBODY]


def entered(sums: Sums, sender: Sender, used: Used) -> Sums:
    """The sums after a fax of this sender has been entered to its accounts."""
    names = account_names(sender)
    return {a: total + used if a.name in names else total for a, total in sums.items()}


@dataclass(frozen=True, slots=True)
class Ceilings:
    """The administrator's ceilings, the currency of their money, and the clock of their days."""

    ceilings: Sequence[Ceiling]
    currency: str
    zone: tzinfo | None  # None: the system's

    def accounts(self, sender: Sender, at: datetime) -> list[Account]:
        """Every account of which a ceiling of this sender must know the sum."""
        found = (account for c in self.ceilings for account in _of(c, sender, at, self.zone))
        return list(dict.fromkeys(found))

    def excess(
        self, sender: Sender, fax: Fax, sums: Sums, cost: int
    ) -> Iterator[tuple[Ceiling, Said]]:
        """Each ceiling that the fax would go over, with the sentence about it."""
        for ceiling in self.ceilings:
            for account in _of(ceiling, sender, fax.at, self.zone):
                over = _over(ceiling, fax, sums.get(account, Used()), cost, self.currency)
                if over:
                    yield ceiling, _of_whose(over, ceiling)


def _of(ceiling: Ceiling, sender: Sender, at: datetime, zone: tzinfo | None) -> Iterator[Account]:
    if not sender.is_one_of(ceiling.who):
        return
    period = _period(ceiling.per, at, zone)
    if not ceiling.shared:
        yield Account(f"user {sender.user}", *period)
        return
    if not ceiling.who:
        yield Account(EVERYBODY, *period)
    if sender.user in ceiling.who:
        yield Account(f"user {sender.user}", *period)
    for group in sender.groups:
        if group in ceiling.who:
            yield Account(f"group {group}", *period)


def _period(per: str, at: datetime, zone: tzinfo | None) -> tuple[datetime, datetime]:
    """The calendar day or month, by the clock on the wall: its beginning and the next one's."""
    today = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    begins = today.replace(day=1) if per == "month" else today
    ahead = begins + timedelta(days=32 if per == "month" else 1)
    ends = ahead.replace(day=1) if per == "month" else ahead
    # Without a zone each has the offset of its own day.
    exact = [day.replace(tzinfo=zone) if zone else day.astimezone() for day in (begins, ends)]
    return exact[0].astimezone(UTC), exact[1].astimezone(UTC)


def _over(ceiling: Ceiling, fax: Fax, used: Used, cost: int, currency: str) -> Said | None:
    """What the fax needs beside what is left; None if it fits."""
    minutes, pages = (fax.seconds or 0.0) / 60, fax.pages or 0
    if ceiling.minutes is not None and used.seconds / 60 + minutes > ceiling.minutes:
        left = max(0.0, ceiling.minutes - used.seconds / 60)
        return said(
            "It takes about {minutes} min, and {left} of {most} are left",
            minutes=Decimal(f"{minutes:.1f}"),
            left=Decimal(f"{left:.1f}"),
            most=Decimal(f"{ceiling.minutes:g}"),
        )
    if ceiling.pages is not None and used.pages + pages > ceiling.pages:
        left_pages = max(0, ceiling.pages - used.pages)
        return said(
            "It has {pages}, and {left} of {most} are left",
            pages=counted(pages, "page"),
            left=left_pages,
            most=ceiling.pages,
        )
    if ceiling.money is not None and used.cost + cost > millionths(ceiling.money):
        most = millionths(ceiling.money)
        left_money = money(max(0, most - used.cost), currency)
        price, whole = money(cost, currency), money(most, currency)
        return said(
            "It costs about {price}, and {left} of {most} are left",
            price=price,
            left=left_money,
            most=whole,
        )
    return None


def _of_whose(need: Said, ceiling: Ceiling) -> Said:
    """What is needed and left, of which ceiling."""
    daily, name = ceiling.per == "day", ceiling.name
    if ceiling.shared and daily:
        return said(
            "{need} of the ceiling “{name}” that you share with others for this day.",
            need=need,
            name=name,
        )
    if ceiling.shared:
        return said(
            "{need} of the ceiling “{name}” that you share with others for this month.",
            need=need,
            name=name,
        )
    if daily:
        return said("{need} of your ceiling “{name}” for this day.", need=need, name=name)
    return said("{need} of your ceiling “{name}” for this month.", need=need, name=name)
