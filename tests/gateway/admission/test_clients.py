"""gateway.admission.clients: an address is an address, whatever it is wrapped in."""

from __future__ import annotations

from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from gateway.admission.clients import client_address


def test_a_zone_is_no_part_of_an_address() -> None:
    """fe80::1%eth0 is fe80::1."""
    assert client_address("fe80::1%eth0") == ip_address("fe80::1")


def test_ipv4_in_the_clothes_of_ipv6_is_ipv4() -> None:
    """A listener on both sees IPv4 clients so."""
    assert client_address("::ffff:192.168.1.7") == ip_address("192.168.1.7")


@given(st.text(max_size=50))
def test_any_text_for_an_address_is_decided(client: str) -> None:
    """No client address raises."""
    assert client_address(client) is None or ip_address(client.partition("%")[0])
