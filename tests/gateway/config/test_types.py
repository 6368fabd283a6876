"""gateway.config.types: one value each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import quantity
from gateway.config import types


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90 s", 90),
        ("90s", 90),
        ("5 min", 300),
        ("1 h 30 min", 5400),
        ("1h30min", 5400),
        ("1.5 h", 5400),
        ("3 d", 259_200),
        ("2 w", 1_209_600),
        ("250 ms", 0.25),
        ("PT90S", 90),
        ("PT1H30M", 5400),
        ("P3D", 259_200),
        ("P1W", 604_800),
        ("PT0.5S", 0.5),
    ],
)
def test_durations_are_written_as_people_write_them(text: str, seconds: float) -> None:
    """A number and a unit, several of them, or ISO 8601."""
    assert quantity.parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["5", "", "five min", "5 minutes", "5 M", "P1Y", "P", "PT", "-5 s", "0 s", "99999 w"]
)
def test_a_bad_duration_is_refused_in_words(text: str) -> None:
    """A number without unit could mean anything, and nothing is no time."""
    with pytest.raises(ValueError, match=r"no duration|no time|too long"):
        quantity.parse_duration(text)


@given(st.integers(1, 10**6), st.sampled_from(list(quantity.UNITS_OF_TIME)))
def test_a_duration_is_its_number_times_its_unit(number: int, unit: str) -> None:
    """That many units are that many times one unit, as long as that is no decade."""
    expected = timedelta(seconds=number * quantity.UNITS_OF_TIME[unit])

    if expected <= quantity.LONGEST_DURATION:
        assert quantity.parse_duration(f"{number} {unit}") == expected


@pytest.mark.parametrize(
    ("text", "octets"),
    [("50 MiB", 52_428_800), ("50MB", 50_000_000), ("50000000", 50_000_000), ("1.5 kB", 1500)],
)
def test_sizes_take_decimal_and_binary_units(text: str, octets: int) -> None:
    """MB are millions, MiB are 2^20, no unit is octets."""
    assert quantity.parse_size(text) == octets


@pytest.mark.parametrize("text", ["50 mb", "50 Mb", "big", "", "-1", "1.5", "9999999 GiB"])
def test_a_bad_size_is_refused_in_words(text: str) -> None:
    """A unit of bits, a fraction of an octet and more than any machine has are refused."""
    with pytest.raises(ValueError, match=r"no size|whole number|any machine"):
        quantity.parse_size(text)


def test_values_that_are_no_text_pass_through() -> None:
    """Code that builds the model gives timedelta and int; they are not touched."""
    assert quantity.parse_duration(timedelta(0)) == timedelta(0)
    assert quantity.parse_size(5) == 5


@pytest.mark.parametrize(
    ("check", "value", "normal"),
    [
        (types.check_e164, "+48222000002", "+48222000002"),
        (types.check_e164, "+48 (22) 200-00.02", "+48222000002"),
        (types.check_domain, "Fax.Example.COM.", "fax.example.com"),
        (types.check_domain, "bücher.example", "bücher.example"),
        (types.check_host, "192.0.2.1", "192.0.2.1"),
        (types.check_host, "2001:DB8::1", "2001:db8::1"),
        (types.check_host, "mail.example.com", "mail.example.com"),
        (types.check_mail_address, "a.b+c@example.com", "a.b+c@example.com"),
        (types.check_address, "::1", "::1"),
        (types.check_network, "192.168.1.0/24", "192.168.1.0/24"),
        (types.check_network, "10.1.2.3", "10.1.2.3/32"),
        (types.check_country, "gb", "GB"),
    ],
)
def test_good_values_come_back_in_their_normal_form(
    check: Callable[[str], str], value: str, normal: str
) -> None:
    """What is compared later is written in one way only."""
    assert check(value) == normal


@pytest.mark.parametrize(
    ("check", "value", "hint"),
    [
        (types.check_e164, "0048 22 200-00-02", r"write \+48222000002"),
        (types.check_e164, "222000002", r"such as \+48221234567"),
        (types.check_e164, "+٤٨٢٢٢٠٠٠٠٠٢", "international number"),
        (types.check_domain, "fax example.com", "no domain name"),
        (types.check_domain, "-fax.example.com", "no domain name"),
        (types.check_domain, "a" * 64, "no domain name"),
        (types.check_host, "mail/example", "no domain name"),
        (types.check_mail_address, "office", "no mail address"),
        (types.check_mail_address, "a b@example.com", "no mail address"),
        (types.check_mail_address, "a@b\r\nX: y", "no mail address"),
        (types.check_address, "localhost", "no IP address"),
        (types.check_network, "192.168.1.5/24", "did you mean 192.168.1.0/24"),
        (types.check_network, "everybody", "no network"),
        (types.check_country, "XX", "no country code"),
        (types.check_password_hash, "secret", "faxgate hash-password"),
    ],
)
def test_bad_values_are_told_what_would_be_right(
    check: Callable[[str], str], value: str, hint: str
) -> None:
    """The sentence names the mistake or the right form."""
    with pytest.raises(ValueError, match=hint):
        check(value)


def test_what_hash_password_prints_is_a_password_hash() -> None:
    """argon2's printed form is taken as it is."""
    printed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("secret")

    assert types.check_password_hash(printed) == printed


def test_a_refused_password_is_not_repeated() -> None:
    """A password that stands in the file by mistake does not get into the terminal's log."""
    with pytest.raises(ValueError, match="argon2") as refusal:
        types.check_password_hash("hunter2")

    assert "hunter2" not in str(refusal.value)


@settings(deadline=None)
@given(st.text())
def test_any_text_gives_a_value_or_a_value_error(text: str) -> None:
    """No text, however strange, gives any other exception."""
    checks = [quantity.parse_duration, quantity.parse_size, types.check_e164, types.check_domain,
              types.check_mail_address, types.check_address, types.check_network,
              types.check_country, types.check_password_hash]  # fmt: skip
    for check in checks:
        try:
            check(text)
        except ValueError:
            continue
