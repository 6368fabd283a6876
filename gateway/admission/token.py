"""The address that confirms a held fax: `confirm+TOKEN@domain`, which only we can have written.

A token names the recipient and the end of its time, and is sealed (HMAC-SHA-256, RFC 2104) together
with the account that may use it: who has read somebody else's token cannot use it, and nobody can
make one. That it is used once only, the store sees to: what was confirmed is no longer held.
Everything is digits and small letters, because mail programs change the case of addresses.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

PREFIX: Final = "confirm+"
SECRET: Final = "confirm"  # the name of the key in the store
SEAL: Final = 26  # characters of base 32: 130 bits

_TOKEN = re.compile(r"confirm\+(\d{1,18})-(\d{1,12})-([a-z2-7]{26})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """What somebody writes to us: which recipient, until when, and the seal that is to be right."""

    recipient: int
    until: int  # s of the epoch
    seal: str


def local_part(key: bytes, recipient: int, user: str, until: datetime) -> str:
    """The part before the @ of the address that confirms."""
    seconds = int(until.timestamp())
    return f"{PREFIX}{recipient}-{seconds}-{_seal(key, recipient, user, seconds)}"


def read(local: str) -> Token | None:
    """The token of a local part; None for one that is none at all."""
    match = _TOKEN.fullmatch(local)
    return Token(int(match[1]), int(match[2]), match[3].lower()) if match else None


def is_good(token: Token, key: bytes, user: str, now: datetime) -> bool:
    """Whether we gave this token to this account, and its time is not over."""
    right = hmac.compare_digest(token.seal, _seal(key, token.recipient, user, token.until))
    return right and datetime.fromtimestamp(token.until, UTC) > now


def _seal(key: bytes, recipient: int, user: str, until: int) -> str:
    digest = hmac.digest(key, f"{recipient}\0{until}\0{user}".encode(), hashlib.sha256)
    return b32encode(digest).decode().lower()[:SEAL]
