"""The settings about addresses: how people write numbers, and what the address book calls them.

A dial plan is how a group of people writes numbers without a country code; the first that fits the
sender is used. How a line dials a number is the line's own setting (`dial`). What several settings
must be together is `gateway.config.addressing_rules`.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from gateway.config.section import Section
from gateway.config.types import E164, Country, Network, check_e164

SUBADDRESS: Final = re.compile(r"[0-9*#]{1,20}")  # SUB (T.30 5.3.6.2.8)
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9._+-]{0,62}[a-z0-9_])?")
RESERVED: Final = frozenset({"postmaster", "abuse"})


def check_name(value: str) -> str:
    """A name that stands in front of the @: letters of ASCII, digits, and . _ + - inside."""
    name = value.lower()
    if not _NAME.fullmatch(name) or not re.search(r"[a-z]", name):
        raise ValueError(
            f"{value!r} cannot stand in front of the @; write letters from a to z, digits, and "
            ". _ + - between them, with one letter at least, such as tax.office"
        )
    if name in RESERVED:
        raise ValueError(f"{value!r} is the address of a person everywhere; take another name")
    return name


def check_entry(value: str) -> str:
    """A number of E.164, with `/T33S=` and a subaddress where it has one, or another name."""
    number, slash, subaddress = value.partition("/")
    if not re.match(r"[+(0-9]", number):
        return check_name(value)
    digits = check_e164(number)
    if not slash:
        return digits
    key, _, said = subaddress.partition("=")
    if key.upper() != "T33S" or not SUBADDRESS.fullmatch(said):
        raise ValueError(
            f"{value!r}: after / only T33S= and a subaddress of at most 20 digits, * and # may "
            f"stand, such as {digits}/T33S=12"
        )
    return f"{digits}/T33S={said}"


Name = Annotated[str, AfterValidator(check_name)]
Entry = Annotated[str, AfterValidator(check_entry)]


class Extension(Section):
    """Numbers of so many digits that are extensions of an office exchange."""

    digits: int = Field(ge=1, le=8, description="how many digits an extension has")
    begins: str = Field("", pattern=r"^[0-9]*$", description="what these extensions begin with")
    number: E164 = Field(description="what stands before the extension from abroad, E.164 with +")


class DialPlan(Section):
    """How some people write numbers without a country code."""

    users: tuple[str, ...] = Field((), description="of these people, who have logged in")
    networks: tuple[Network, ...] = Field((), description="of clients in these networks")
    country: Country | None = Field(
        None, description="whose national numbers they write; the gateway's country if not given"
    )
    area_code: str = Field("", pattern=r"^[0-9]{0,6}$", description="before a local number")
    local_digits: tuple[Annotated[int, Field(ge=3, le=12)], ...] = Field(
        (), description="how many digits a local number has"
    )
    outside: str = Field(
        "", pattern=r"^[0-9]{0,3}$", description="what they dial first to leave the office"
    )
    extensions: tuple[Extension, ...] = Field((), description="numbers inside the office")


class Contact(Section):
    """A name to fax to: one number, or a distribution list."""

    name: Name = Field(description="what stands in front of the @")
    display: str = Field("", max_length=80, description="what people call it, for receipts")
    numbers: tuple[Entry, ...] = Field(
        min_length=1,
        description="E.164 numbers, with /T33S= for a subaddress, or names of other entries",
    )
