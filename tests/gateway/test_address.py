"""gateway.address: from RCPT TO to the number to dial."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.address import FaxNumber, Refusal, parse

DOMAIN = "fax.example.com"


def parsed(local: str, country: str = "PL") -> FaxNumber | Refusal:
    """What a local part at our domain stands for."""
    return parse(f"{local}@{DOMAIN}", DOMAIN, country)


@pytest.mark.parametrize(
    "local",
    [
        "+48222000002",
        "0048222000002",
        "00 48 22 200 00 02",
        "222000002",
        "22-200.00 02",
        "(22)2000002",
        "022 200 00 02",
        "+48-22-200-00-02",
        "FAX=+48222000002",
        "fax=+48.22.200.00.02",
        '"+48 22 200 00 02"',
        '"FAX=+48222000002"',
        '"+48\\222000002"',
    ],
)
def test_a_number_may_be_written_in_many_ways(local: str) -> None:
    """International, with 00, national, with separators, RFC 3191, quoted: one number."""
    assert parsed(local) == FaxNumber("+48222000002")


# RFC 4160 3.2.1: one number, as gateways in four situations would have it written.
@pytest.mark.parametrize(
    ("local", "country"),
    [
        ("+441164960348", "PL"),
        ("1164960348", "GB"),
        ("01164960348", "GB"),
        ("00441164960348", "PL"),
        ("00441164960348", "US"),
        ("011441164960348", "US"),
        ("+44(0)1164960348", "PL"),
    ],
)
def test_the_examples_of_rfc_4160_are_one_number(local: str, country: str) -> None:
    """Home or abroad, with trunk prefix or international prefix."""
    assert parsed(local, country) == FaxNumber("+441164960348")


@pytest.mark.parametrize(
    ("local", "status", "reason"),
    [
        ("office", "5.1.1", "no mailboxes"),
        ("postmaster", "5.1.1", "no mailboxes"),
        ("+", "5.1.1", "no mailboxes"),
        ('"\\"', "5.1.1", "no mailboxes"),
        ("+48222", "5.1.3", "too short"),
        ("+48", "5.1.3", "no telephone number"),
        ("+4822200000222222", "5.1.3", "too long for its country"),
        ("+4930567890123456", "5.1.3", "at most 15 digits"),
        ("1" * 60, "5.1.3", "at most 15 digits"),
        ("+999123456", "5.1.3", "no country has this code"),
        ("0222", "5.1.3", "do not begin with 0"),
        ("+4822200000x", "5.1.3", "digits, - . ( ) and spaces"),
        ("++48222000002", "5.1.3", "digits, - . ( ) and spaces"),
        ("٢٢٢٠٠٠٠٠٢", "5.1.3", "only the digits 0 to 9"),
        ("+48２２2000002", "5.1.3", "only the digits 0 to 9"),
        ("VOICE=+48222000002", "5.1.3", "only FAX="),
        ("FAX=+48222000002/T33S=12", "5.1.3", "subaddress"),
        ('"FAX=+48222000002/T33S=1-2#"', "5.1.3", "subaddress"),
        ("+48222000002/ISUB=1", "5.1.3", "after / only"),
        ("+48222000002/", "5.1.3", "after / only"),
        ("+48222000002/T33S=" + "1" * 65, "5.1.3", "after / only"),
    ],
)
def test_what_is_no_number_is_told_why(local: str, status: str, reason: str) -> None:
    """An enhanced status code and a sentence, never a guess."""
    refusal = parsed(local)

    assert isinstance(refusal, Refusal)
    assert refusal.status == status
    assert reason in refusal.reason


@pytest.mark.parametrize(
    ("local", "country"),
    [
        ("112", "PL"),
        ("1-1-2", "PL"),
        ("+48112", "PL"),
        ("999", "PL"),
        ("997", "PL"),
        ("+48112222333", "PL"),
        ("19123", "PL"),
        ("911", "US"),
        ("+1911", "PL"),
        ("999", "GB"),
        ("110", "DE"),
        ("+49115", "PL"),
    ],
)
def test_emergency_and_short_numbers_are_never_dialled(local: str, country: str) -> None:
    """Not in the clear, not in disguise, and not as the beginning of a longer number."""
    refusal = parsed(local, country)

    assert isinstance(refusal, Refusal)
    assert refusal.status == "5.1.3"


def test_a_number_without_its_area_code_is_not_guessed() -> None:
    """In New York or in Boston? The sender knows."""
    assert parsed("5551234", "US") == Refusal("5.1.3", "the area code is missing")


def test_a_valid_number_may_begin_like_an_emergency_number() -> None:
    """Vienna 122…: 122 is an emergency number there, but Vienna's area code is 1."""
    assert parsed("+4312212345") == FaxNumber("+4312212345")


def test_italian_zeros_belong_to_the_number() -> None:
    """In Italy the zero is dialled from abroad as well."""
    assert parsed("+390669821234") == FaxNumber("+390669821234")


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("+48222000002@FAX.Example.COM", DOMAIN),
        ("+48222000002@fax.example.com.", DOMAIN),
        ("+48222000002@bücher.example", "xn--bcher-kva.example"),
        ("+48222000002@XN--BCHER-KVA.example", "bücher.example"),
        ("+48222000002@BÜCHER.example", "bücher.example"),
    ],
)
def test_domains_are_compared_as_domains(address: str, domain: str) -> None:
    """Without regard to case, a final dot, or IDNA's two ways of writing."""
    assert parse(address, domain, "PL") == FaxNumber("+48222000002")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("+48222000002@example.com", "5.1.2"),
        ("+48222000002@evilfax.example.com", "5.1.2"),
        ("+48222000002@[127.0.0.1]", "5.1.2"),
        ("+48222000002@" + "ü" * 200, "5.1.2"),
        ("+48222000002%fax.example.com@example.org", "5.1.2"),
        ("+48222000002", "5.1.3"),
        ("@fax.example.com", "5.1.3"),
        ("+48222000002@", "5.1.3"),
        ("1" * 400 + "@fax.example.com", "5.1.3"),
    ],
)
def test_only_our_own_domain_is_faxed(address: str, status: str) -> None:
    """Everything else is refused as relaying, or as no address."""
    refusal = parse(address, DOMAIN, "PL")

    assert isinstance(refusal, Refusal)
    assert refusal.status == status


@settings(deadline=None)  # the first number of a country loads its numbering plan
@given(
    st.text(max_size=330)
    | st.text(alphabet='+0123456789-. ()FAX=/T33S"\\@', max_size=80).map(lambda s: f"{s}@{DOMAIN}"),
    st.sampled_from(["PL", "US", "IT", "DE", "BR"]),
)
def test_any_text_gives_a_number_or_a_refusal(address: str, country: str) -> None:
    """No input raises; a number is + and ASCII digits, a refusal fits in one line."""
    found = parse(address, DOMAIN, country)

    if isinstance(found, FaxNumber):
        assert re.fullmatch(r"\+[1-9][0-9]{3,14}", found.number)
    else:
        assert re.fullmatch(r"5\.1\.[123]", found.status)
        assert found.reason.isprintable()
        assert found.reason.isascii()


@settings(deadline=None)  # the first number of a country loads its numbering plan
@given(st.from_regex(r"\+48[1-9][0-9]{8}", fullmatch=True), st.sampled_from(["-", ".", " ", ""]))
def test_separators_never_change_the_number(number: str, separator: str) -> None:
    """A separator between any two digits is only for the eye."""
    assert parsed(number[0] + separator.join(number[1:])) == parsed(number)
