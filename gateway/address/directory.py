"""Whom an address at our domain means, when a certain client writes it.

The dial plan is that of who logged in, or else of the client's network: what stands in MAIL FROM
has no say in which number is dialled. A name is looked up before it is read as a number, which it
cannot be: names have a letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from gateway.address.book import Book
from gateway.address.number import FaxNumber, Refusal
from gateway.address.parse import local_part, read_local
from gateway.config.addressing import DialPlan
from gateway.config.model import Config
from gateway.said import said


@dataclass(frozen=True, slots=True)
class Directory:
    """One gateway's. `country` (ISO 3166) is that of plans without one."""

    domain: str
    country: str
    plans: Sequence[DialPlan] = ()
    book: Book = field(default_factory=Book)

    @classmethod
    def of(cls, config: Config) -> Directory:
        """As the configuration has it."""
        return cls(config.domain, config.country, config.dial_plans, Book(config.address_book))

    def look_up(
        self, address: str, client: str = "", user: str = ""
    ) -> tuple[FaxNumber, ...] | Refusal:
        """The numbers that local@domain stands for, each once, when this client writes it.

        `client` is an IP address, `user` who logged in. Status codes are RFC 3463 3.2: 5.1.1 no
        such mailbox, 5.1.2 not our domain, 5.1.3 not written as a number should be.
        """
        local = local_part(address, self.domain)
        if isinstance(local, Refusal):
            return local
        listed = self.book.numbers(local)
        if listed:
            return listed
        found = read_local(local, self.plan(client, user))
        if isinstance(found, Refusal):
            return self._hinted(found, local)
        return (FaxNumber(found.number, found.subaddress, self._display(found)),)

    def plan(self, client: str, user: str) -> DialPlan:
        """How this client writes numbers: the first plan that fits, with its country."""
        fitting = (plan for plan in self.plans if _fits(plan, client, user))
        plan = next(fitting, DialPlan())
        return plan if plan.country else plan.model_copy(update={"country": self.country})

    def _display(self, found: FaxNumber) -> str:
        return self.book.display(found.number, found.subaddress)

    def _hinted(self, refusal: Refusal, local: str) -> Refusal:
        near = self.book.near(local) if refusal.status == "5.1.1" else ""
        if not near:
            return refusal
        reason = said("nobody is called so in the address book; did you mean {name}?", name=near)
        return Refusal("5.1.1", reason)


def _fits(plan: DialPlan, client: str, user: str) -> bool:
    if not plan.users and not plan.networks:
        return True
    return user in plan.users or any(_is_in(client, network) for network in plan.networks)


def _is_in(client: str, network: str) -> bool:
    try:
        address = ip_address(client.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address) in ip_network(network)
