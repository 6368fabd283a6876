"""gateway.smtp.crowd and login: how many, how often."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from gateway.config.model import User
from gateway.smtp.crowd import Crowd, origin
from gateway.smtp.login import MOST_ADDRESSES, MOST_FAILURES, WINDOW, Guesses, Logins
from gateway.smtp.reply import TOO_MANY_CLIENTS, TOO_MANY_FROM_YOU
from gateway.smtp.sasl import Credentials

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Watch:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::2:3", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("", "", True),
    ],
)
def test_a_client_is_an_ipv4_address_or_an_ipv6_network(one: str, other: str, same: bool) -> None:
    """One customer has one IPv4 address, or 2^64 of IPv6."""
    assert (origin(one) == origin(other)) == same


def test_the_crowd_is_bounded_in_all_and_from_one_place() -> None:
    """A place counts again after somebody left it; one that was refused was never counted."""
    crowd = Crowd(most=3, most_per_client=2)

    assert [crowd.enter("2001:db8::1"), crowd.enter("2001:db8::2")] == [None, None]
    assert crowd.enter("2001:db8::3") == TOO_MANY_FROM_YOU
    assert crowd.enter("192.0.2.1") is None
    assert crowd.enter("192.0.2.2") == TOO_MANY_CLIENTS
    crowd.leave("2001:db8::2")
    assert crowd.enter("2001:db8::3") is None


def test_who_guesses_too_often_waits_for_the_window_to_pass() -> None:
    """Failures count from the first one on, and only those of the same address."""
    watch = Watch()
    guesses = Guesses(watch)
    for _ in range(MOST_FAILURES):
        assert not guesses.too_many("a")
        guesses.failed("a")

    assert guesses.too_many("a")
    assert not guesses.too_many("b")
    watch.time += WINDOW
    assert not guesses.too_many("a")
    guesses.failed("a")
    assert not guesses.too_many("a")


def test_guesses_are_remembered_within_bounds() -> None:
    """A botnet cannot fill the memory; whoever was quiet longest is forgotten."""
    guesses = Guesses(Watch())
    for _ in range(MOST_FAILURES):
        guesses.failed("first")
    for n in range(MOST_ADDRESSES):
        guesses.failed(str(n))

    assert not guesses.too_many("first")


async def test_only_a_listed_name_with_its_password_logs_in() -> None:
    """Everything else is wrong, whatever is wrong with it."""
    logins = Logins([User(name="u", password=CHEAP.hash("p"))])

    answers = [
        await logins.check(*given) for given in (("u", "p"), ("u", "q"), ("v", "p"), ("", ""))
    ]
    logins.close()

    assert answers == [True, False, False, False]


async def test_without_users_nobody_logs_in() -> None:
    """Not even with the empty password."""
    logins = Logins([])

    assert not logins.possible
    assert await logins.check("", "") is False
    logins.close()


def test_credentials_are_printed_without_the_password() -> None:
    """A log line or a traceback cannot give it away."""
    assert repr(Credentials("u", "hunter2")) == "Credentials(name='u')"
