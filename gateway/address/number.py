"""From a number as people write it to E.164, or to the reason why it is none.

International with + or 00; national; local and inside the office as the sender's dial plan has it;
with `-`, `.`, spaces and parentheses between the digits. Digits are ASCII digits: a letter or a
digit of another script is a mistake or a trick, never a number to dial.

Where a number is dialled with a code to leave the office, people write it with and without: both
readings are tried, and a number that makes sense in two ways is not guessed. Whether a number is
*possible* is asked of libphonenumber, not whether it is *valid*: extensions of a PBX and ranges
opened last week are called as well. Emergency and short numbers are never dialled. Bad input is a
`Refusal`, never an exception.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult
from phonenumbers.shortnumberinfo import connects_to_emergency_number, is_valid_short_number

from gateway.config.addressing import DialPlan
from gateway.said import Said, said

MOST_DIGITS: Final = 15  # E.164 6.2
NO_COUNTRY: Final = "ZZ"  # libphonenumber's "unknown region"

_WRITTEN_NUMBER = re.compile(r"\+?[0-9(][0-9 .()-]*")
_SEPARATORS = re.compile(r"[ .()-]")
_TRUNK_ZERO = re.compile(r"\(0\)")  # +44 (0) 20…: dialled inside the country only


@dataclass(frozen=True, slots=True)
class FaxNumber:
    """What an address asks to dial."""

    number: str  # E.164 with +
    subaddress: str = ""  # T.33: for whom at that number, sent as SUB
    name: str = ""  # whose number it is, where the address book says so


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: an enhanced status code (RFC 3463) and a sentence for the sender."""

    status: str
    reason: Said


NO_NUMBER: Final = said("this is no telephone number")
TOO_LONG: Final = said("a number has at most {digits} digits (E.164)", digits=MOST_DIGITS)
SHORT: Final = Refusal("5.1.3", said("emergency and short numbers are never faxed"))


def read_number(written: str, plan: DialPlan) -> FaxNumber | Refusal:
    """The number that `written` is to somebody who writes numbers as `plan` has it."""
    if not _WRITTEN_NUMBER.fullmatch(written):
        return _no_number(written)
    if written.startswith("+"):
        return _read(_SEPARATORS.sub("", _TRUNK_ZERO.sub("", written)), plan)
    digits = _SEPARATORS.sub("", written)
    extension = _extension(digits, plan)
    if extension is not None:
        return extension
    readings = [digits]
    if plan.outside and digits.startswith(plan.outside) and digits != plan.outside:
        readings.insert(0, digits.removeprefix(plan.outside))
    return _the_one([_read(reading, plan) for reading in readings])


def _extension(digits: str, plan: DialPlan) -> FaxNumber | Refusal | None:
    """A number inside the office; None for any other. 112 is for the ambulance even there."""
    for extension in plan.extensions:
        if len(digits) == extension.digits and digits.startswith(extension.begins):
            if plan.country and connects_to_emergency_number(digits, plan.country):
                return SHORT
            return _read(extension.number + digits, plan)
    return None


def _the_one(found: Sequence[FaxNumber | Refusal]) -> FaxNumber | Refusal:
    """What the readings of one number come to: never an emergency number, never a guess.

    A number that somebody can have is meant also where its other reading begins like 911.
    """
    numbers = list(dict.fromkeys(one for one in found if isinstance(one, FaxNumber)))
    valid = [one for one in numbers if phonenumbers.is_valid_number(_parsed(one.number))]
    if SHORT in found and not valid:
        return SHORT
    likely = valid or numbers
    if not likely:
        return found[-1]
    if len(likely) == 1:
        return likely[0]
    one, other = likely[0].number, likely[1].number
    reason = said(
        "this may be {one} or {other}; write the one that you mean, with its +",
        one=one,
        other=other,
    )
    return Refusal("5.1.3", reason)


def _parsed(number: str) -> PhoneNumber:
    return phonenumbers.parse(number, NO_COUNTRY)


def _no_number(written: str) -> Refusal:
    if any(c.isdigit() and not c.isascii() for c in written):
        return Refusal("5.1.3", said("only the digits 0 to 9 can be dialled"))
    if "=" in written:
        return Refusal("5.1.3", said("only FAX= numbers are taken here (RFC 3191)"))
    if any(c.isascii() and c.isdigit() for c in written):
        return Refusal(
            "5.1.3", said("a number has digits, - . ( ) and spaces only, + in front at most")
        )
    return Refusal(
        "5.1.1", said("there are no mailboxes here, only fax numbers such as +48221234567")
    )


def _read(digits: str, plan: DialPlan) -> FaxNumber | Refusal:
    """One reading of a number, without separators."""
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif len(digits) in plan.local_digits:
        digits = plan.area_code + digits
    if len(digits) > MOST_DIGITS + 3:  # the longest international prefix besides 00 has 4 digits
        return Refusal("5.1.3", TOO_LONG)
    country = NO_COUNTRY if digits.startswith("+") else plan.country or NO_COUNTRY
    try:
        number = phonenumbers.parse(digits, country)
    except NumberParseException as error:
        return Refusal("5.1.3", _UNPARSED.get(error.error_type, NO_NUMBER))
    return _possible(number)


_UNPARSED: Final = {
    NumberParseException.INVALID_COUNTRY_CODE: said("no country has this code"),
    NumberParseException.TOO_SHORT_AFTER_IDD: said("the number is too short"),
    NumberParseException.TOO_SHORT_NSN: said("the number is too short"),
    NumberParseException.TOO_LONG: said("the number is too long"),
}

_IMPOSSIBLE: Final = {
    ValidationResult.TOO_SHORT: said("the number is too short for its country"),
    ValidationResult.TOO_LONG: said("the number is too long for its country"),
    ValidationResult.INVALID_LENGTH: said("no number of its country has this length"),
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: said("the area code is missing"),
    ValidationResult.INVALID_COUNTRY_CODE: said("no country has this code"),
}


def _possible(number: PhoneNumber) -> FaxNumber | Refusal:
    valid = phonenumbers.is_valid_number(number)
    if number.italian_leading_zero and not valid:
        return _without_trunk_zero(number)
    possible = phonenumbers.is_possible_number_with_reason(number)
    if not valid and _is_short(number):
        return SHORT
    if possible != ValidationResult.IS_POSSIBLE:
        return Refusal("5.1.3", _IMPOSSIBLE[possible])
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if len(e164) > MOST_DIGITS + 1:
        return Refusal("5.1.3", TOO_LONG)
    return FaxNumber(e164)


def _without_trunk_zero(number: PhoneNumber) -> FaxNumber | Refusal:
    """022 for Warsaw, as it was written until 2005: right once the zero is gone, if ever."""
    bare = PhoneNumber(number.country_code, number.national_number)
    if phonenumbers.is_valid_number(bare):
        return _possible(bare)
    return Refusal("5.1.3", said("numbers of this country do not begin with 0"))


def _is_short(number: PhoneNumber) -> bool:
    """Whether an exchange would answer it before its last digit: 112 of 112 345 678."""
    national = phonenumbers.national_significant_number(number)
    regions = phonenumbers.region_codes_for_country_code(number.country_code or 0)
    return is_valid_short_number(number) or any(
        connects_to_emergency_number(national, region) for region in regions
    )
