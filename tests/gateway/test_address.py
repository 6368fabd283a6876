"""gateway.address: from RCPT TO to the number to dial."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.address import Book, Directory, FaxNumber, Refusal, parse
from gateway.config.addressing import Contact, DialPlan, Extension
from gateway.said import said
from modems.class1 import Numbering

DOMAIN = "fax.example.com"
PL = DialPlan(country="PL")


def parsed(local: str, country: str = "PL") -> FaxNumber | Refusal:
    """What a local part at our domain stands for."""
    return parse(f"{local}@{DOMAIN}", DOMAIN, DialPlan(country=country))


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
        ("FAX=+48222000002/T33S=12/T33S=13", "5.1.3", "nothing else"),
        ("FAX=+48222000002/T33S=-.", "5.1.3", "1 to 20 digits"),
        ("FAX=+48222000002/T33S=" + "1" * 21, "5.1.3", "1 to 20 digits"),
        ("FAX=+48222000002/T33S=a", "5.1.3", "after / only"),
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
    assert parsed("5551234", "US") == Refusal("5.1.3", said("the area code is missing"))


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
    assert parse(address, domain, PL) == FaxNumber("+48222000002")


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
    refusal = parse(address, DOMAIN, PL)

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
    found = parse(address, DOMAIN, DialPlan(country=country, outside="0", area_code="22"))

    if isinstance(found, FaxNumber):
        assert re.fullmatch(r"\+[1-9][0-9]{3,14}", found.number)
        assert re.fullmatch(r"[0-9*#]{0,20}", found.subaddress)
    else:
        assert re.fullmatch(r"5\.1\.[123]", found.status)
        assert found.reason.isprintable()
        assert found.reason.isascii()


@settings(deadline=None)  # the first number of a country loads its numbering plan
@given(st.from_regex(r"\+48[1-9][0-9]{8}", fullmatch=True), st.sampled_from(["-", ".", " ", ""]))
def test_separators_never_change_the_number(number: str, separator: str) -> None:
    """A separator between any two digits is only for the eye."""
    assert parsed(number[0] + separator.join(number[1:])) == parsed(number)


@pytest.mark.parametrize(
    ("local", "subaddress"),
    [
        ("FAX=+48222000002/T33S=12", "12"),
        ("fax=+48222000002/t33s=0012", "0012"),
        ('"FAX=+48222000002/T33S=1-2#3"', "12#3"),
        ("+48222000002/T33S=" + "7" * 20, "7" * 20),
    ],
)
def test_a_subaddress_is_part_of_the_destination(local: str, subaddress: str) -> None:
    """T.33: what stands behind /T33S= is for the far machine, without separators (RFC 3191)."""
    assert parsed(local) == FaxNumber("+48222000002", subaddress)


@pytest.mark.parametrize(
    ("dial", "local_phone"),
    [
        ([("+44", "")], "1164960348"),
        ([("+44", "0")], "01164960348"),  # 0 leaves the office exchange
        ([("+44", "0"), ("+", "00")], "01164960348"),  # 0 is the national trunk prefix
        ([("+48", ""), ("+", "00")], "00441164960348"),
    ],
)
def test_the_local_phones_of_rfc_4160(dial: list[tuple[str, str]], local_phone: str) -> None:
    """RFC 4160 3.2.1: the four ways in which a gateway dials the global-phone of an address."""
    found = parsed("FAX=+441164960348")

    assert isinstance(found, FaxNumber)
    assert Numbering(tuple(dial)).dialled(found.number) == f"T{local_phone}"


OFFICE = DialPlan(
    country="PL",
    area_code="22",
    local_digits=(7,),
    outside="0",
    extensions=(Extension(digits=3, begins="1", number="+48225551"),),
)


@pytest.mark.parametrize(
    ("local", "number"),
    [
        ("2000002", "+48222000002"),
        ("0 2000002", "+48222000002"),
        ("222000002", "+48222000002"),
        ("0-22-2000002", "+48222000002"),
        ("00441164960348", "+441164960348"),
        ("0 00441164960348", "+441164960348"),
        ("+441164960348", "+441164960348"),
        ("101", "+48225551101"),
        ("1-0-1", "+48225551101"),
    ],
)
def test_a_dial_plan_reads_numbers_as_the_office_writes_them(local: str, number: str) -> None:
    """Local, with and without the code for an outside line, and extensions."""
    assert parse(f"{local}@{DOMAIN}", DOMAIN, OFFICE) == FaxNumber(number)


@pytest.mark.parametrize("local", ["112", "0112", "0-112", "999"])
def test_no_dial_plan_leads_to_an_emergency_number(local: str) -> None:
    """Not as an extension that begins with 1, nor behind the code for an outside line."""
    refusal = parse(f"{local}@{DOMAIN}", DOMAIN, OFFICE)

    assert isinstance(refusal, Refusal)
    assert "emergency" in refusal.reason


@pytest.mark.parametrize(
    ("local", "number"),
    [
        ("9 1 917 555 0123", "+19175550123"),  # 919… begins like an emergency number of Jamaica
        ("9-1-919-555-0123", "+19195550123"),
        ("9 9 1 1", "5.1.3"),
        ("9911", "5.1.3"),
        ("9 911 555 0123", "5.1.3"),
    ],
)
def test_a_number_behind_an_outside_line_may_begin_like_an_emergency_number(
    local: str, number: str
) -> None:
    """Where somebody can have it; what is dialled is that number alone."""
    found = parse(f"{local}@{DOMAIN}", DOMAIN, DialPlan(country="US", outside="9"))

    assert (found.status if isinstance(found, Refusal) else found.number) == number


def test_a_number_that_can_be_read_in_two_ways_is_not_guessed() -> None:
    """Warsaw, or behind the 2 for an outside line a local number in Katowice?"""
    plan = DialPlan(country="PL", outside="2", area_code="3", local_digits=(8,))

    assert parse(f"222000002@{DOMAIN}", DOMAIN, plan) == Refusal(
        "5.1.3",
        said(
            "this may be {one} or {other}; write the one that you mean, with its +",
            one="+48322000002",
            other="+48222000002",
        ),
    )


BOOK = Book(
    [
        Contact(name="Tax.Office", display="Tax Office", numbers=("+48222000002",)),
        Contact(name="counter", numbers=("+48222000002/T33S=5",)),
        Contact(name="all", numbers=("tax.office", "counter", "inner", "+48222000002")),
        Contact(name="inner", numbers=("+48222000003", "tax.office")),
    ]
)


def test_a_name_is_every_number_behind_it_once() -> None:
    """A list may hold lists; a number with another subaddress is another destination."""
    found = Directory(DOMAIN, "PL", book=BOOK).look_up(f"ALL@{DOMAIN}")

    assert found == (
        FaxNumber("+48222000002", "", "Tax Office"),
        FaxNumber("+48222000002", "5", "Tax Office"),
        FaxNumber("+48222000003"),
    )


def test_a_number_of_the_book_has_its_owners_name() -> None:
    """Also where the sender wrote the number."""
    found = Directory(DOMAIN, "PL", book=BOOK).look_up(f"222000002@{DOMAIN}")

    assert found == (FaxNumber("+48222000002", "", "Tax Office"),)


def test_a_name_that_is_nearly_right_is_told() -> None:
    """A slip of the pen is corrected by the sender, never guessed."""
    refusal = Directory(DOMAIN, "PL", book=BOOK).look_up(f"tax.ofice@{DOMAIN}")

    assert isinstance(refusal, Refusal)
    assert refusal.status == "5.1.1"
    assert "did you mean tax.office?" in refusal.reason


def test_the_dial_plan_is_that_of_who_sends() -> None:
    """Who logged in, or the client's network, or everybody's; the gateway's country otherwise."""
    directory = Directory(
        DOMAIN,
        "PL",
        [
            DialPlan(users=("london",), country="GB"),
            DialPlan(networks=("10.1.0.0/16",), area_code="22", local_digits=(7,)),
        ],
    )

    assert directory.plan("10.1.2.3", "london").country == "GB"
    assert directory.plan("10.1.2.3", "").local_digits == (7,)
    assert directory.plan("::ffff:10.1.2.3", "").country == "PL"
    assert directory.plan("192.0.2.1", "warsaw") == DialPlan(country="PL")
    assert directory.plan("", "").country == "PL"
