"""DKIM (RFC 6376), by dkimpy, and stricter: which domains have signed all of this mail.

A signature counts only if it covers the whole body (no `l=`, behind which anybody may write), From,
and, where they are there, To and Cc; if it is made with SHA-256 and a key of 1024 bits or more; and
if its time has not run out. All of this is looked at before a key is fetched.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.admission.fields import Field
from gateway.admission.names import Inquiry
from gateway.admission.verifier import verified

MOST: Final = 5  # signatures of one mail that are verified
ALGORITHMS: Final = (b"rsa-sha256", b"ed25519-sha256")
LARGEST_KEY: Final = 2_000  # octets of a key record, base64: RSA with 8192 bits has 1,400

_TAG = re.compile(rb"\s*([A-Za-z][A-Za-z0-9_]*)\s*=([^;]*)")


@dataclass(frozen=True, slots=True)
class Signature:
    """One that is good: its domain, and what tells it from every other."""

    domain: str
    digest: str  # of b=


def good_signatures(
    raw: bytes, fields: Sequence[Field], inquiry: Inquiry, now: datetime
) -> Iterator[Signature]:
    """The signatures that hold. Raises Unanswered when a key cannot be had."""
    for index, tags in enumerate(_written(fields)):
        if _covers(tags, fields) and _in_time(tags, now) and _verifies(raw, index, tags, inquiry):
            yield _signature(tags)


def claimed_signatures(fields: Sequence[Field]) -> list[Signature]:
    """The signatures that would count if they held: for a mail that somebody else has verified."""
    return [_signature(tags) for tags in _written(fields) if _covers(tags, fields)]


def _written(fields: Sequence[Field]) -> list[dict[bytes, bytes]]:
    written = [field.value for field in fields if field.name == b"dkim-signature"]
    return [_tags(value) for value in written[:MOST]]


def _signature(tags: dict[bytes, bytes]) -> Signature:
    signed = re.sub(rb"\s", b"", tags[b"b"])
    return Signature(tags[b"d"].decode().lower(), hashlib.sha256(signed).hexdigest())


def _tags(value: bytes) -> dict[bytes, bytes]:
    """RFC 6376 3.2; a tag that comes twice makes the list void."""
    found: dict[bytes, bytes] = {}
    for part in value.split(b";"):
        match = _TAG.fullmatch(part)
        if match is None:
            if part.strip():
                return {}
            continue
        if match[1] in found:
            return {}
        found[match[1]] = match[2].strip()
    return found


def _covers(tags: dict[bytes, bytes], fields: Sequence[Field]) -> bool:
    if not {b"a", b"b", b"d", b"h"} <= tags.keys() or b"l" in tags or not tags[b"d"].isascii():
        return False
    signed = {name.strip().lower() for name in tags[b"h"].split(b":")}
    there = {field.name for field in fields}
    return tags[b"a"] in ALGORITHMS and {b"from"} | ({b"to", b"cc"} & there) <= signed


def _in_time(tags: dict[bytes, bytes], now: datetime) -> bool:
    expires = tags.get(b"x", b"")
    if b"x" in tags and not (expires.isdigit() and len(expires) < 16):
        return False
    return not expires or int(expires) > now.timestamp()


def _verifies(raw: bytes, index: int, tags: dict[bytes, bytes], inquiry: Inquiry) -> bool:
    selector, domain = tags.get(b"s", b""), tags[b"d"]
    if not selector.isascii():
        return False
    records = inquiry.texts(f"{selector.decode()}._domainkey.{domain.decode()}")
    keys = [record for record in records if b"p=" in record]
    return len(keys) == 1 and len(keys[0]) <= LARGEST_KEY and verified(raw, index, keys[0])
