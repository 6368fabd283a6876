"""From a proof to a sender: the administrator's `senders`, looked up three ways. Pure.

A login is a sender even when no entry names it; an address of smtp.networks is one too, and all of
a network that no entry names is one account, because nothing there tells one sender from another.
A From address is one only if an entry names it or its domain: DMARC says that an address is
genuine, and half of the world has a genuine address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_network

from gateway.address import Refusal
from gateway.admission.clients import client_address
from gateway.admission.sender import Proof, Sender
from gateway.config.model import Config
from gateway.config.sending import SenderEntry
from gateway.said import said


class Senders:
    """Everybody who may send."""

    def __init__(self, networks: Sequence[str], senders: Sequence[SenderEntry]) -> None:
        self._networks = [ip_network(network) for network in networks]
        self._entries = senders
        self._logins = {login: e for e in senders for login in e.logins}
        self._authors = {author.lower(): e for e in senders for author in e.addresses}
        self._places = [(ip_network(place), e) for e in senders for place in e.networks]
        self._places.sort(key=lambda place: -place[0].prefixlen)

    @classmethod
    def of(cls, config: Config) -> Senders:
        """The senders of a configuration."""
        return cls(config.smtp.networks, config.senders)

    @property
    def knows_authors(self) -> bool:
        """Whether a From address can be enough."""
        return bool(self._authors)

    def by_login(self, login: str) -> Sender:
        """Somebody who has logged in."""
        return _sender(self._logins.get(login), login, Proof.LOGIN, f"logged in as {login}")

    def by_client(self, client: str) -> Sender | None:
        """Somebody at an address of smtp.networks; the narrowest entry is the one meant."""
        address = client_address(client)
        if address is None:
            return None
        network = next((n for n in self._networks if address in n), None)
        if network is None:
            return None
        entry = next((e for place, e in self._places if address in place), None)
        return _sender(entry, str(network), Proof.NETWORK, f"{address} is in {network}")

    def by_author(self, author: str, proof: Proof, detail: str) -> Sender | None:
        """Somebody whose From address was proven; an address of any case."""
        author = author.lower()
        domain = author.rpartition("@")[2]
        entry = self._authors.get(author) or self._authors.get(f"@{domain}")
        return _sender(entry, author, proof, detail) if entry else None

    def answers_to(self, login: str, envelope: str) -> str | Refusal:
        """Where the receipts of somebody who has logged in go, if it writes this in MAIL FROM.

        Not to somebody else of the list, and not to a stranger where we know of an address in an
        entry; that at another address of one's own domain is one's own affair.
        """
        entry = self._logins.get(login)
        owner = self._authors.get(envelope.lower())
        if owner is not None and owner is not entry:
            why = said(
                "you logged in as {login}, and {address} is somebody else's",
                login=login,
                address=envelope,
            )
            return Refusal("5.7.1", why)
        addresses = entry.addresses if entry else ()
        domains = {address.rpartition("@")[2] for address in addresses}
        people = [address for address in addresses if not address.startswith("@")]
        if not people or envelope.rpartition("@")[2].lower() in domains:
            return envelope
        return people[0]

    def named(self, name: str) -> Iterator[Sender]:
        """Whom a name may mean: an entry's name, a login, an address. For tests of rules."""
        for entry in self._entries:
            if entry.name == name:
                yield Sender(name, entry.groups, Proof.LOCAL, "named")
        if name in self._logins:
            yield self.by_login(name)
        sender = self.by_author(name, Proof.LOCAL, "named") if "@" in name else None
        if sender is not None:
            yield sender


def _sender(entry: SenderEntry | None, otherwise: str, proof: Proof, detail: str) -> Sender:
    if entry is None:
        return Sender(otherwise, (), proof, detail)
    return Sender(entry.name or otherwise, entry.groups, proof, detail)
