"""gateway.admission.senders: who may send, closed by default."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.admission.clients import LOG_IN, STRANGER
from gateway.admission.gate import Gate
from gateway.admission.sender import Proof, Sender
from gateway.admission.senders import Senders
from gateway.config.sending import SenderEntry
from tests.gateway.admission.policies import policy

NETWORKS = ["192.168.1.0/24", "2001:db8::/32"]


def entry(**given: Any) -> SenderEntry:
    """An entry of the YAML."""
    return SenderEntry.model_validate(given)


ANNA = entry(
    name="anna",
    logins=["a"],
    addresses=["Anna@Example.com"],
    networks=["192.168.1.7"],
    groups=["staff"],
)
PARTNERS = entry(addresses=["@example.org"], groups=["partners"])
SENDERS = Senders(NETWORKS, [ANNA, PARTNERS])
CLOSED = Gate(Senders([], []), policy())


def test_nobody_may_send_unless_somebody_says_so() -> None:
    """Closed by default, for this very machine too."""
    assert CLOSED.known("127.0.0.1", "", may_log_in=False) == STRANGER


def test_a_stranger_is_told_to_log_in_where_that_is_possible() -> None:
    """The refusal says what would help."""
    assert CLOSED.known("203.0.113.5", "", may_log_in=True) == LOG_IN


@pytest.mark.parametrize("client", ["192.168.1.9", "2001:db8::7", "::ffff:192.168.1.9"])
def test_a_listed_network_may_send(client: str) -> None:
    """IPv4 in IPv6's clothes is IPv4; who is not named there is the network's account."""
    sender = SENDERS.by_client(client)

    assert sender is not None
    assert sender.user in NETWORKS


@pytest.mark.parametrize("client", ["192.168.2.7", "2001:db9::7", "::ffff:192.168.2.7", "", "x"])
def test_others_may_not(client: str) -> None:
    """Nor does an address that is none."""
    assert SENDERS.by_client(client) is None


def test_all_three_proofs_end_in_the_same_sender() -> None:
    """One account, however it is proven."""
    found = [
        SENDERS.by_login("a"),
        SENDERS.by_client("192.168.1.7"),
        SENDERS.by_author("anna@EXAMPLE.com", Proof.SPF, ""),
    ]

    assert [(s.user, s.groups) for s in found if s] == [("anna", ("staff",))] * 3


def test_a_login_that_no_entry_names_is_itself() -> None:
    """From anywhere."""
    assert SENDERS.by_login("reception").user == "reception"


def test_an_address_that_is_not_listed_is_nobody() -> None:
    """However genuine it may be; and a domain is not its subdomains."""
    for address in ("eve@example.com", "anna@sub.example.com", "x@sub.example.org"):
        assert SENDERS.by_author(address, Proof.DKIM, "") is None


def test_each_address_of_a_listed_domain_is_an_account() -> None:
    """So that one of them cannot use up what the others may."""
    expected = Sender("bob@example.org", ("partners",), Proof.DKIM, "x")

    assert SENDERS.by_author("Bob@example.org", Proof.DKIM, "x") == expected


@given(st.text(max_size=50))
def test_any_text_for_an_address_is_nobody(client: str) -> None:
    """Unless it is an address of the list."""
    sender = SENDERS.by_client(client)
    assert sender is None or sender.proof is Proof.NETWORK
