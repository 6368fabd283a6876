"""What a single value of the YAML may be: durations, sizes, numbers, addresses, networks.

Every scalar arrives as the text that the administrator wrote, so each type here is a function from
text to value that says, in words an administrator can act on, what would have been right. None of
them looks at another setting (`gateway.config.rules` does) or at the machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError
from phonenumbers import SUPPORTED_REGIONS
from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from gateway.quantity import parse_duration, parse_duration_or_none, parse_size

_E164 = re.compile(r"\+[1-9][0-9]{3,14}")
_LABEL = r"(?!-)[\w-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LOCAL_PART = re.compile(r"[^\s\"(),:;<>@\[\\\]\x00-\x1f\x7f]{1,64}")


def check_e164(value: str) -> str:
    """A number as the whole world dials it: + and 4 to 15 digits (E.164), without separators."""
    digits = re.sub(r"[ ().-]", "", value)
    if _E164.fullmatch(digits):
        return digits
    whole = f"+{digits[2:]}" if digits.startswith("00") else ""
    hint = f"write {whole}" if _E164.fullmatch(whole) else "such as +48221234567"
    raise ValueError(f"{value!r} must be an international number, + and digits, {hint}")


def check_domain(value: str) -> str:
    """A host or domain name, lower case, without a dot at the end; letters of any script."""
    name = value.rstrip(".").lower()
    if len(name) > 253 or not _DOMAIN.fullmatch(name):
        raise ValueError(f"{value!r} is no domain name, such as fax.example.com")
    return name


def check_host(value: str) -> str:
    """A domain name or an IP address."""
    try:
        return str(ip_address(value))
    except ValueError:
        return check_domain(value)


def check_mail_address(value: str) -> str:
    """`local@domain`, without quotes or comments."""
    local, at, domain = value.rpartition("@")
    if not at or not _LOCAL_PART.fullmatch(local) or not _DOMAIN.fullmatch(domain.lower()):
        raise ValueError(f"{value!r} is no mail address, such as office@example.com")
    return value


def check_address(value: str) -> str:
    """An IP address of this machine, or 0.0.0.0 or :: for all of them."""
    try:
        return str(ip_address(value))
    except ValueError:
        raise ValueError(
            f"{value!r} is no IP address; 127.0.0.1 is this machine only, 0.0.0.0 all of its "
            "IPv4 addresses, '::' all of its addresses"
        ) from None


def check_network(value: str) -> str:
    """An IP network in CIDR notation; a lone address is a network of one."""
    try:
        return str(ip_network(value))
    except ValueError:
        pass
    try:
        wide = ip_network(value, strict=False)
    except ValueError:
        raise ValueError(
            f"{value!r} is no network; write one such as 192.168.1.0/24 or 2001:db8::/32"
        ) from None
    raise ValueError(f"{value!r} has bits set behind the prefix; did you mean {wide}?")


def check_country(value: str) -> str:
    """An ISO 3166 country code whose numbering plan is known."""
    code = value.upper()
    if code not in SUPPORTED_REGIONS:
        raise ValueError(
            f"{value!r} is no country code of two letters (ISO 3166), such as PL or GB"
        )
    return code


def check_timezone(value: str) -> str:
    """A name of the IANA time zone database."""
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{value!r} is no time zone, such as Europe/Warsaw") from None
    return value


def check_password_hash(value: str) -> str:
    """An argon2 hash in its printed form; a password in the clear is refused."""
    try:
        extract_parameters(value)
    except InvalidHashError:
        raise ValueError(
            "this is no argon2 hash; run `faxgate hash-password` and write what it prints "
            "($argon2id$…)"
        ) from None
    return value


def _address_or_domain(value: str) -> str:
    return check_mail_address(value) if "@" in value else check_domain(value)


def _or_empty(check: Callable[[str], str]) -> Callable[[str], str]:
    return lambda value: check(value) if value else value


_PHONE_SCHEMA: Final = {
    # An editor reads +48221234567 without quotes as a number; here it is text all the same.
    "anyOf": [{"type": "string", "pattern": r"^\+[1-9][0-9 ().-]{3,30}$"}, {"type": "integer"}]
}
_DURATION_SCHEMA: Final = {"type": "string", "examples": ["90 s", "5 min", "1 h 30 min", "3 d"]}
_DURATION_OR_NONE_SCHEMA: Final = {
    "anyOf": [_DURATION_SCHEMA, {"const": 0}],
    "examples": ["0", "30 min", "90 d"],
}
_SIZE_SCHEMA: Final = {"type": ["integer", "string"], "examples": ["50 MiB", "50 MB", 50000000]}

Duration = Annotated[timedelta, BeforeValidator(parse_duration), WithJsonSchema(_DURATION_SCHEMA)]
DurationOrNone = Annotated[
    timedelta,
    BeforeValidator(parse_duration_or_none),
    WithJsonSchema(_DURATION_OR_NONE_SCHEMA),
]
Size = Annotated[int, BeforeValidator(parse_size), WithJsonSchema(_SIZE_SCHEMA)]
E164 = Annotated[str, AfterValidator(check_e164), WithJsonSchema(_PHONE_SCHEMA)]
E164OrEmpty = Annotated[
    str,
    AfterValidator(_or_empty(check_e164)),
    WithJsonSchema({"anyOf": [*_PHONE_SCHEMA["anyOf"], {"const": ""}]}),
]
Domain = Annotated[str, AfterValidator(check_domain)]
DomainOrEmpty = Annotated[str, AfterValidator(_or_empty(check_domain))]
Host = Annotated[str, AfterValidator(check_host)]
MailAddress = Annotated[str, AfterValidator(check_mail_address)]
MailAddressOrDomain = Annotated[str, AfterValidator(_address_or_domain)]
MailAddressOrEmpty = Annotated[str, AfterValidator(_or_empty(check_mail_address))]
IpAddress = Annotated[str, AfterValidator(check_address)]
Network = Annotated[str, AfterValidator(check_network)]
Country = Annotated[str, AfterValidator(check_country)]
TimeZone = Annotated[str, AfterValidator(_or_empty(check_timezone))]
PasswordHash = Annotated[str, AfterValidator(check_password_hash)]
