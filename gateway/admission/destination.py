"""What kind of number it is: what rules speak of, by libphonenumber. Pure.

  emergency  112 and its kin; never dialled, whatever a rule says
  premium    whoever answers is paid by the caller
  special    costs more than its code shows, or nobody knows: shared cost, personal and universal
             numbers, pagers, voice mail, satellites and other codes that are no country's
  national   the sender's own country
  foreign    every other

An exchange dials as soon as a number is complete and drops the rest, so a premium number with
digits appended is a premium number.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType
from phonenumbers.shortnumberinfo import connects_to_emergency_number

WORLD: Final = "001"  # libphonenumber's region of codes that belong to no country
SHORTEST: Final = 3  # digits of a complete national number


class Kind(StrEnum):
    """A class of destinations."""

    NATIONAL = "national"
    FOREIGN = "foreign"
    SPECIAL = "special"
    PREMIUM = "premium"
    EMERGENCY = "emergency"


COSTLY: Final = {
    PhoneNumberType.PREMIUM_RATE: Kind.PREMIUM,
    PhoneNumberType.SHARED_COST: Kind.SPECIAL,
    PhoneNumberType.PERSONAL_NUMBER: Kind.SPECIAL,
    PhoneNumberType.PAGER: Kind.SPECIAL,
    PhoneNumberType.UAN: Kind.SPECIAL,
    PhoneNumberType.VOICEMAIL: Kind.SPECIAL,
}


@dataclass(frozen=True, slots=True)
class Destination:
    """A number, its class, and its country: ISO 3166, or + and the code where that is not known."""

    number: str  # E.164 with +
    kind: Kind
    country: str


def destination(number: str, home: str) -> Destination:
    """Classify an E.164 number for a sender in the country `home` (ISO 3166).

    What is no number at all is special: nobody knows what it costs.
    """
    try:
        parsed = phonenumbers.parse(number, "ZZ")
    except NumberParseException:
        return Destination(number, Kind.SPECIAL, "")
    region = phonenumbers.region_code_for_number(parsed)
    alone = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    if region is None and len(alone) == 1:
        region = alone[0]
    country = region if region and region != WORLD else f"+{parsed.country_code}"
    return Destination(number, _kind(parsed, region, home), country)


def _kind(number: PhoneNumber, region: str | None, home: str) -> Kind:
    national = phonenumbers.national_significant_number(number)
    if not phonenumbers.is_valid_number(number) and _reaches_emergency(number, national):
        return Kind.EMERGENCY
    costly = _costly(number, national)
    if costly is not None:
        return costly
    free = phonenumbers.number_type(number) == PhoneNumberType.TOLL_FREE
    if (region == WORLD and not free) or not phonenumbers.is_possible_number(number):
        return Kind.SPECIAL
    return Kind.NATIONAL if region == home else Kind.FOREIGN


def _reaches_emergency(number: PhoneNumber, national: str) -> bool:
    regions = phonenumbers.region_codes_for_country_code(number.country_code or 0)
    return any(connects_to_emergency_number(national, region) for region in regions)


def _costly(number: PhoneNumber, national: str) -> Kind | None:
    """The class of the number, or of one that its first digits make complete."""
    if phonenumbers.is_valid_number(number):
        return COSTLY.get(phonenumbers.number_type(number))
    for digits in range(len(national), SHORTEST - 1, -1):
        start = PhoneNumber()
        start.merge_from(number)
        zeros = len(national) - len(str(number.national_number))
        start.national_number = int(national[zeros:digits] or "0")
        kind = COSTLY.get(phonenumbers.number_type(start))
        if kind is not None:
            return kind
    return None
