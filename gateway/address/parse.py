"""The parts of an address: the domain, RFC 3192's qualifiers, and the number as it was written.

    fax-mbox = "FAX=" global-phone *( "/" qualifier )          (RFC 3192 2)
    qualifier = "T33S=" subaddress                             (RFC 3191 4.1.1)

The number may also stand without FAX=, and as people write it (`number`). A qualifier that we do
not know is refused: it asks for something that would not be done.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from gateway.address.number import FaxNumber, Refusal, read_number
from gateway.config.addressing import SUBADDRESS, DialPlan
from gateway.said import said

LONGEST_ADDRESS: Final = 320  # octets: 64 @ 255 (RFC 5321 4.5.3.1)
TOO_LONG: Final = said("the address is longer than {most} characters", most=LONGEST_ADDRESS)

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SUBADDRESS = re.compile(r"T33S=([0-9*#.-]{1,64})", re.IGNORECASE)


def parse(address: str, domain: str, plan: DialPlan) -> FaxNumber | Refusal:
    """The number that `address` (local@domain) stands for at our `domain`."""
    local = local_part(address, domain)
    return local if isinstance(local, Refusal) else read_local(local, plan)


def local_part(address: str, domain: str) -> str | Refusal:
    """What stands in front of the @ of an address of ours, without quotes."""
    if len(address) > LONGEST_ADDRESS:
        return Refusal("5.1.3", TOO_LONG)
    local, at, host = address.rpartition("@")
    if not at or not local or not host:
        reason = said("an address here looks like {example}", example=f"+48221234567@{domain}")
        return Refusal("5.1.3", reason)
    if _ascii_domain(host) != _ascii_domain(domain):
        reason = said("relaying denied: only addresses at {domain} are faxed", domain=domain)
        return Refusal("5.1.2", reason)
    quoted = _QUOTED.fullmatch(local)
    return re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else local


def _ascii_domain(name: str) -> str:
    """Lower case, U-labels as A-labels; a name that IDNA does not know stays as it is."""
    name = name.rstrip(".").lower()
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return name


def read_local(local: str, plan: DialPlan) -> FaxNumber | Refusal:
    """The number in a local part, and its subaddress."""
    written, *qualifiers = local.split("/")
    if written[:4].upper() == "FAX=":
        written = written[4:]
    subaddress = _subaddress(qualifiers)
    if isinstance(subaddress, Refusal):
        return subaddress
    found = read_number(written.strip(), plan)
    return replace(found, subaddress=subaddress) if isinstance(found, FaxNumber) else found


def _subaddress(qualifiers: list[str]) -> str | Refusal:
    if not qualifiers:
        return ""
    if len(qualifiers) > 1:
        return Refusal(
            "5.1.3", said("one T33S= subaddress may follow the number, and nothing else")
        )
    match = _SUBADDRESS.fullmatch(qualifiers[0])
    if match is None:
        return Refusal("5.1.3", said("after / only a T33S= subaddress is known (RFC 3192)"))
    digits = re.sub(r"[.-]", "", match[1])
    if not SUBADDRESS.fullmatch(digits):
        return Refusal("5.1.3", said("a T33S= subaddress has 1 to 20 digits, * and # (T.30)"))
    return digits
