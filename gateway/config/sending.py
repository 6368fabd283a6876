"""Who may send what: the sections `senders`, `rules`, `ceilings`, `tariff` and `expect`.

A sender is a person, or a whole domain, and how it proves that it is one. Rules speak of one fax
and the first that matches it decides; ceilings speak of sums over a day or a month, and all of
them hold. `gateway.admission` judges by them; here is only what can be written.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from gateway.config.hours import OpeningHours
from gateway.config.section import Section
from gateway.config.types import (
    E164,
    Domain,
    Duration,
    IpAddress,
    Network,
    check_domain,
    check_mail_address,
)

Word = Literal["allow", "hold", "refuse", "later"]
CLASSES: Final = ("national", "foreign", "special", "premium")
MOST_MONEY: Final = Decimal(1_000_000)

_PREFIX = re.compile(r"\+[0-9]{0,15}")


def check_destination(value: str) -> str:
    """A class of numbers, or how an international number begins."""
    if value in CLASSES or _PREFIX.fullmatch(value):
        return value
    raise ValueError(
        f"{value!r} is no destination; write {', '.join(CLASSES)}, or how a number begins, "
        "such as +49"
    )


def check_prefix(value: str) -> str:
    """How an international number begins; + is every number."""
    if _PREFIX.fullmatch(value):
        return value
    raise ValueError(f"{value!r} is not how a number begins; write + and digits, such as +49")


def check_author(value: str) -> str:
    """A mail address, or @ and a domain for everybody there; domains in lower case."""
    local, at, domain = value.rpartition("@")
    if at and not local:
        return f"@{check_domain(domain)}"
    if not at and "." in domain:
        raise ValueError(f"{value!r} is no mail address; write @{value} for a whole domain")
    check_mail_address(value)
    return f"{local}@{domain.lower()}"


def parse_money(value: object) -> object:
    """An amount as a Decimal, with a point and at most six places."""
    if not isinstance(value, str):
        return value
    try:
        amount = Decimal(value)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount <= MOST_MONEY or amount != round(amount, 6):
        raise ValueError(f"{value!r} is no amount of money; write one such as 0.05")
    return amount


def parse_moment(value: object) -> object:
    """`2026-11-24 18:30`, wall-clock time in the gateway's time zone."""
    if not isinstance(value, str):
        return value
    try:
        return datetime.strptime(value, "%Y-%m-%d %H:%M")
    except ValueError:
        raise ValueError(f"{value!r} is no time; write one such as 2026-11-24 18:30") from None


Destination = Annotated[str, AfterValidator(check_destination)]
Prefix = Annotated[str, AfterValidator(check_prefix)]
Author = Annotated[str, AfterValidator(check_author)]
Money = Annotated[
    Decimal, BeforeValidator(parse_money), WithJsonSchema({"type": ["number", "string"]})
]
Moment = Annotated[datetime, BeforeValidator(parse_moment), WithJsonSchema({"type": "string"})]


class SenderEntry(Section):
    """Somebody who sends faxes, and by what we know that it is them."""

    name: str = Field(
        "",
        max_length=255,
        description="who it is, in rules and ceilings; if empty, each login or address by itself",
    )
    logins: tuple[str, ...] = Field((), description="names that they log in with")
    addresses: tuple[Author, ...] = Field(
        (), description="their From addresses, or @domain for a whole domain; proven by DMARC"
    )
    networks: tuple[Network, ...] = Field((), description="their part of smtp.networks")
    groups: tuple[str, ...] = Field((), description="groups that they belong to")


class Upstream(Section):
    """A mail server of ours in front, which checks DMARC and writes Authentication-Results."""

    name: Domain = Field(description="its authserv-id (RFC 8601): what these fields begin with")
    networks: tuple[Network, ...] = Field(min_length=1, description="where it hands in from")


class Dns(Section):
    """Whom DMARC, DKIM and SPF are asked of."""

    servers: tuple[IpAddress, ...] = Field((), description="name servers; the system's if empty")
    port: int = Field(53, ge=1, le=65535, description="their UDP and TCP port")
    patience: Duration = Field(
        "15 s", validate_default=True, description="longest time for all questions about one mail"
    )


class Rule(Section):
    """What may be sent; the first rule that fits sender and number decides."""

    name: str = Field(min_length=1, max_length=80, description="what receipts call the rule")
    who: tuple[str, ...] = Field((), description="senders and groups; empty: everybody")
    to: tuple[Destination, ...] = Field(
        (),
        description="national, foreign, special, premium, or how numbers begin; empty: every "
        "number",
    )
    do: Literal["allow", "hold", "refuse"] = Field(
        "allow", description="allow it, hold it until the sender confirms it, or refuse it"
    )
    hours: OpeningHours | None = Field(None, description="when; such as Mon-Fri 08:00-18:00")
    outside: Literal["later", "refuse"] = Field(
        "later", description="outside these hours: send it later, when they begin, or refuse it"
    )
    max_pages: int | None = Field(None, gt=0, description="most pages of one fax")
    too_many_pages: Literal["hold", "refuse"] = Field(
        "refuse", description="a fax with more pages is held or refused"
    )
    new_country: Literal["allow", "hold"] = Field(
        "allow", description="the sender's first fax to a foreign country is allowed or held"
    )


class Ceiling(Section):
    """The most in a day or a month; every ceiling of a sender holds."""

    name: str = Field(min_length=1, max_length=80, description="what receipts call the ceiling")
    who: tuple[str, ...] = Field((), description="senders and groups; empty: everybody")
    shared: bool = Field(
        False, description="a group has it together; otherwise each sender has it alone"
    )
    per: Literal["day", "month"] = Field("day", description="calendar day or calendar month")
    minutes: float | None = Field(None, ge=0, description="most minutes on the line")
    pages: int | None = Field(None, ge=0, description="most pages")
    money: Money | None = Field(None, description="most money, by the tariff")
    over: Literal["hold", "refuse"] = Field(
        "hold", description="a fax that would go over it is held or refused"
    )


class Price(Section):
    """What calls to some numbers cost."""

    prefix: Prefix = Field(description="numbers that begin with this; the longest that fits counts")
    minute: Money = Field(description="price of a minute")
    call: Money = Field(Decimal(0), description="price of a call on top")


class Tariff(Section):
    """What calls cost."""

    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$", description="ISO 4217 code")
    step: Duration = Field("1 s", validate_default=True, description="calls are charged in steps")
    prices: tuple[Price, ...] = Field((), description="prices by how a number begins")


class Expectation(Section):
    """A test of the rules, which `faxgate check` runs; nothing is counted as used before it."""

    sender: str = Field(min_length=1, description="a sender's name, login or address")
    to: E164 = Field(description="the number")
    verdict: Word = Field(description="allow, hold, refuse or later")
    rule: str = Field("", description="name of the rule or ceiling that decides; empty: any")
    pages: int = Field(1, gt=0, description="pages of the fax")
    minutes: float | None = Field(None, ge=0, description="its time on the line; 1 for each page")
    at: Moment | None = Field(None, description="when, such as 2026-11-24 18:30; a working Monday")
    first: bool = Field(False, description="the sender's first fax to that country")


EVERYBODY: Final = (
    Rule(name="no premium numbers", to=("premium",), do="refuse"),
    Rule(name="everybody"),
)
