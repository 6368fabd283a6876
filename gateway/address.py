"""From the address in RCPT TO to the number to dial, or to the reason why there is none.

Taken at our own domain only: `+48222000002`, `0048222000002`, national numbers of the configured
country, with `-`, `.`, spaces and parentheses between the digits, and the forms of RFC 3191 and
RFC 3192 (`FAX=+48…`, `/T33S=…`), quoted or not. Digits are ASCII digits: a letter or a digit of
another script is a mistake or a trick, never a number to dial.

Whether a number is *possible* is asked of libphonenumber, not whether it is *valid*: extensions of
a PBX and ranges opened last week are called as well. Emergency and short numbers are never dialled.
Bad input is a `Refusal`, never an exception. Who may dial what is not decided here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult
from phonenumbers.shortnumberinfo import connects_to_emergency_number, is_valid_short_number

LONGEST_ADDRESS: Final = 320  # octets: 64 @ 255 (RFC 5321 4.5.3.1)
MOST_DIGITS: Final = 15  # E.164 6.2
NO_COUNTRY: Final = "ZZ"  # libphonenumber's "unknown region"

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_WRITTEN_NUMBER = re.compile(r"\+?[0-9(][0-9 .()-]*")
_SEPARATORS = re.compile(r"[ .()-]")
_TRUNK_ZERO = re.compile(r"\(0\)")  # +44 (0) 20…: dialled inside the country only
_SUBADDRESS = re.compile(r"T33S=([0-9#*.-]{1,64})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FaxNumber:
    """What an address asks to dial."""

    number: str  # E.164 with +


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: an enhanced status code (RFC 3463) and a sentence for the sender."""

    status: str
    reason: str


def parse(address: str, domain: str, country: str) -> FaxNumber | Refusal:
    """The number that `address` (local@domain) stands for at our `domain`.

    National numbers are those of `country` (ISO 3166). Status codes are RFC 3463 3.2: 5.1.1 no
    such mailbox, 5.1.2 not our domain, 5.1.3 not written as a number should be.
    """
    if len(address) > LONGEST_ADDRESS:
        return Refusal("5.1.3", f"the address is longer than {LONGEST_ADDRESS} characters")
    local, at, host = address.rpartition("@")
    if not at or not local or not host:
        return Refusal("5.1.3", f"an address here looks like +48221234567@{domain}")
    if not _same_domain(host, domain):
        return Refusal("5.1.2", f"relaying denied: only addresses at {domain} are faxed")
    quoted = _QUOTED.fullmatch(local)
    return _number(re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else local, country)


def _same_domain(one: str, other: str) -> bool:
    return _ascii_domain(one) == _ascii_domain(other)


def _ascii_domain(name: str) -> str:
    """Lower case, U-labels as A-labels; a name that IDNA does not know stays as it is."""
    name = name.rstrip(".").lower()
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return name


def _number(local: str, country: str) -> FaxNumber | Refusal:
    """RFC 3192 2: [FAX=] global-phone *( "/" qualifier )."""
    written, *qualifiers = local.split("/")
    if written[:4].upper() == "FAX=":
        written = written[4:]
    for qualifier in qualifiers:
        if _SUBADDRESS.fullmatch(qualifier):
            return Refusal("5.1.3", "a T.33 subaddress (T33S=) cannot be sent yet; leave it out")
        return Refusal("5.1.3", "after / only a T33S= subaddress is known (RFC 3192)")
    if not _WRITTEN_NUMBER.fullmatch(written.strip()):
        return _no_number(written)
    return _dialled(written.strip(), country)


def _no_number(written: str) -> Refusal:
    if any(c.isdigit() and not c.isascii() for c in written):
        return Refusal("5.1.3", "only the digits 0 to 9 can be dialled")
    if "=" in written:
        return Refusal("5.1.3", "only FAX= numbers are taken here (RFC 3191)")
    if any(c.isascii() and c.isdigit() for c in written):
        return Refusal("5.1.3", "a number has digits, - . ( ) and spaces only, + in front at most")
    return Refusal("5.1.1", "there are no mailboxes here, only fax numbers such as +48221234567")


def _dialled(written: str, country: str) -> FaxNumber | Refusal:
    international = written.startswith("+")
    digits = _SEPARATORS.sub("", _TRUNK_ZERO.sub("", written) if international else written)
    if digits.startswith("00"):
        digits, international = "+" + digits[2:], True
    if len(digits) > MOST_DIGITS + 3:  # the longest international prefix besides 00 has 4 digits
        return Refusal("5.1.3", f"a number has at most {MOST_DIGITS} digits (E.164)")
    try:
        number = phonenumbers.parse(digits, NO_COUNTRY if international else country)
    except NumberParseException as error:
        return Refusal("5.1.3", _UNPARSED.get(error.error_type, "this is no telephone number"))
    return _possible(number)


_UNPARSED: Final = {
    NumberParseException.INVALID_COUNTRY_CODE: "no country has this code",
    NumberParseException.TOO_SHORT_AFTER_IDD: "the number is too short",
    NumberParseException.TOO_SHORT_NSN: "the number is too short",
    NumberParseException.TOO_LONG: "the number is too long",
}

_IMPOSSIBLE: Final = {
    ValidationResult.TOO_SHORT: "the number is too short for its country",
    ValidationResult.TOO_LONG: "the number is too long for its country",
    ValidationResult.INVALID_LENGTH: "no number of its country has this length",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "the area code is missing",
    ValidationResult.INVALID_COUNTRY_CODE: "no country has this code",
}


def _possible(number: PhoneNumber) -> FaxNumber | Refusal:
    valid = phonenumbers.is_valid_number(number)
    if number.italian_leading_zero and not valid:
        return _without_trunk_zero(number)
    possible = phonenumbers.is_possible_number_with_reason(number)
    if not valid and _is_short(number):
        return Refusal("5.1.3", "emergency and short numbers are never faxed")
    if possible != ValidationResult.IS_POSSIBLE:
        return Refusal("5.1.3", _IMPOSSIBLE[possible])
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if len(e164) > MOST_DIGITS + 1:
        return Refusal("5.1.3", f"a number has at most {MOST_DIGITS} digits (E.164)")
    return FaxNumber(e164)


def _without_trunk_zero(number: PhoneNumber) -> FaxNumber | Refusal:
    """022 for Warsaw, as it was written until 2005: right once the zero is gone, if ever."""
    bare = PhoneNumber(number.country_code, number.national_number)
    if phonenumbers.is_valid_number(bare):
        return _possible(bare)
    return Refusal("5.1.3", "numbers of this country do not begin with 0")


def _is_short(number: PhoneNumber) -> bool:
    """Whether an exchange would answer it before its last digit: 112 of 112 345 678."""
    national = phonenumbers.national_significant_number(number)
    regions = phonenumbers.region_codes_for_country_code(number.country_code or 0)
    return is_valid_short_number(number) or any(
        connects_to_emergency_number(national, region) for region in regions
    )
