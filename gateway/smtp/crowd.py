"""How many clients at a time, in all and from one place.

An IPv6 client is counted by its /64, which is what one customer gets; otherwise 2^64 addresses
would make the limit void.
"""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv6Address, ip_network

from gateway.admission.clients import client_address
from gateway.smtp.reply import TOO_MANY_CLIENTS, TOO_MANY_FROM_YOU, Reply


class Crowd:
    """Counts connections by the place that they come from."""

    def __init__(self, most: int, most_per_client: int) -> None:
        self._most = most
        self._most_per_client = most_per_client
        self._here: Counter[str] = Counter()

    def enter(self, client: str) -> Reply | None:
        """Count one more; or say why not, and do not count it."""
        place = origin(client)
        if self._here.total() >= self._most:
            return TOO_MANY_CLIENTS
        if self._here[place] >= self._most_per_client:
            return TOO_MANY_FROM_YOU
        self._here[place] += 1
        return None

    def leave(self, client: str) -> None:
        """One that entered is gone."""
        place = origin(client)
        self._here[place] -= 1
        if not self._here[place]:
            del self._here[place]


def origin(client: str) -> str:
    """What stands for one client: an IPv4 address, or an IPv6 network of 64 bits."""
    address = client_address(client)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or client)
