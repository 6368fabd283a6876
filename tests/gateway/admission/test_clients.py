"""gateway.admission.clients: who may send."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.admission.clients import LOG_IN, STRANGER, admit, client_address

NETWORKS = [ip_network("192.168.1.0/24"), ip_network("2001:db8::/32")]


def test_nobody_may_send_unless_somebody_says_so() -> None:
    """Closed by default, for this very machine too."""
    assert admit("127.0.0.1", "", []) == STRANGER


@pytest.mark.parametrize("client", ["192.168.1.7", "2001:db8::7", "::ffff:192.168.1.7"])
def test_a_listed_network_may_send(client: str) -> None:
    """IPv4 in IPv6's clothes is IPv4."""
    assert admit(client, "", NETWORKS) is None


@pytest.mark.parametrize("client", ["192.168.2.7", "2001:db9::7", "::ffff:192.168.2.7", "", "x"])
def test_others_may_not(client: str) -> None:
    """Nor does an address that is none."""
    assert admit(client, "", NETWORKS) == STRANGER


def test_whoever_logged_in_may_send_from_anywhere() -> None:
    """The network does not matter then."""
    assert admit("203.0.113.5", "reception", []) is None


def test_a_stranger_is_told_to_log_in_where_that_is_possible() -> None:
    """The refusal says what would help."""
    assert admit("203.0.113.5", "", [], may_log_in=True) == LOG_IN


def test_a_zone_is_no_part_of_an_address() -> None:
    """fe80::1%eth0 is fe80::1."""
    assert client_address("fe80::1%eth0") == ip_address("fe80::1")


@given(st.text(max_size=50))
def test_any_text_for_an_address_is_decided(client: str) -> None:
    """No client address raises, and none that is no address is let in."""
    if client_address(client) is None:
        assert admit(client, "", NETWORKS) == STRANGER
