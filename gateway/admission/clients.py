"""Where a client is, and what a stranger is told.

What a client writes in MAIL FROM or in headers counts for nothing by itself: both are trivial to
fake (RFC 3965 5.2.4).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from gateway.address import Refusal
from gateway.said import said

STRANGER: Final = Refusal(
    "5.7.1",
    said("you may not send faxes from here: your network is not listed, and nobody logged in"),
)
LOG_IN: Final = Refusal("5.7.1", said("you may not send faxes from here without logging in"))


def client_address(client: str) -> IPv4Address | IPv6Address | None:
    """A peer's address: without an IPv6 zone, and IPv4 where IPv6 only wraps it."""
    try:
        address = ip_address(client.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
