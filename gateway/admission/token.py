"""Addresses that only we can have written: `confirm+TOKEN@domain` confirms a held fax, and
`junk+TOKEN@domain` puts the caller of a received one on the junk list.

A token names the recipient (or the received fax) and the end of its time, and is sealed
(HMAC-SHA-256, RFC 2104) together with the account, or the mailbox, that may use it: who has read
somebody else's token cannot use it, and nobody can make one. That it is used once only, the store
sees to: what was confirmed is no longer held.
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

CONFIRM: Final = "confirm"  # what it is for: the beginning of the address, and
JUNK: Final = "junk"  # the name of its key in the store
SECRET: Final = CONFIRM
SEAL: Final = 26  # characters of base 32: 130 bits

_TOKEN = re.compile(r"(confirm|junk)\+(\d{1,18})-(\d{1,12})-([a-z2-7]{26})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """What somebody writes to us: which recipient, until when, and the seal that is to be right."""

    recipient: int  # or received fax
    until: int  # s of the epoch
    seal: str
    kind: str = CONFIRM


def local_part(key: bytes, recipient: int, user: str, until: datetime, kind: str = CONFIRM) -> str:
    """The part before the @ of the address; `user` is the account, or mailbox, that may use it."""
    seconds = int(until.timestamp())
    return f"{kind}+{recipient}-{seconds}-{_seal(key, recipient, user, seconds)}"


def read(local: str) -> Token | None:
    """The token of a local part; None for one that is none at all."""
    match = _TOKEN.fullmatch(local)
    if match is None:
        return None
    return Token(int(match[2]), int(match[3]), match[4].lower(), match[1].lower())


def is_good(token: Token, key: bytes, user: str, now: datetime) -> bool:
    """Whether we gave this token to this account, and its time is not over."""
    right = hmac.compare_digest(token.seal, _seal(key, token.recipient, user, token.until))
    return right and datetime.fromtimestamp(token.until, UTC) > now


def _seal(key: bytes, recipient: int, user: str, until: int) -> str:
    digest = hmac.digest(key, f"{recipient}\0{until}\0{user}".encode(), hashlib.sha256)
    return b32encode(digest).decode().lower()[:SEAL]
