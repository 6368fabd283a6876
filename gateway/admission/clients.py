"""Who may send: closed by default, decided from the connection alone.

A client may send when it has logged in, or when its address is in a network that the administrator
listed. What it writes in MAIL FROM or in headers counts for nothing: both are trivial to fake
(RFC 3965 5.2.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from gateway.address import Refusal

Network = IPv4Network | IPv6Network

STRANGER: Final = Refusal(
    "5.7.1", "you may not send faxes from here: your network is not listed, and nobody logged in"
)
LOG_IN: Final = Refusal("5.7.1", "you may not send faxes from here without logging in")


def admit(
    client: str, user: str, networks: Sequence[Network], *, may_log_in: bool = False
) -> Refusal | None:
    """None for a client that may send. `user` is who logged in, "" for nobody.

    `may_log_in` says whether this connection offers AUTH, for the advice in the refusal.
    """
    address = client_address(client)
    if user or (address is not None and any(address in network for network in networks)):
        return None
    return LOG_IN if may_log_in else STRANGER


def client_address(client: str) -> IPv4Address | IPv6Address | None:
    """A peer's address: without an IPv6 zone, and IPv4 where IPv6 only wraps it."""
    try:
        address = ip_address(client.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
