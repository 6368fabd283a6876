"""DKIM (RFC 6376), by dkimpy, and stricter: which domains have signed all of this mail.

A signature counts only if it covers the whole body (no `l=`, behind which anybody may write) and
the fields that say what is faxed, to whom, how and when (From, To, Cc, Subject with its options,
and Date, whose clock these go by), as far as they are there; if it is made with SHA-256 and a key
of 1024 bits or more; and if its time has not run out. All of this is looked at before a key is
fetched.
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
NEEDED: Final = (b"from", b"to", b"cc", b"subject", b"date")  # where they are there
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


def claimed_signatures(fields: Sequence[Field], domains: Sequence[str]) -> list[Signature]:
    """Those of `domains` that would count if they held: for a mail that somebody else has verified.

    Who says that a domain's signature holds does not say which. So all of them must be such as
    count: else a stranger writes one that claims to cover everything beside one that holds.
    """
    theirs = [t for t in _written(fields, most=None) if not t or _domain(t) in domains]
    good = all(_covers(tags, fields) for tags in theirs)
    return [_signature(tags) for tags in theirs] if good else []


def gaps(fields: Sequence[Field]) -> list[tuple[str, str]]:
    """Signers with the first field that they left unsigned, for who is to hear why."""
    found = [(t.get(b"d", b""), _uncovered(t, fields)) for t in _written(fields)]
    return [(d.decode("latin-1"), left[0].decode().title()) for d, left in found if d and left]


def _written(fields: Sequence[Field], most: int | None = MOST) -> list[dict[bytes, bytes]]:
    written = [field.value for field in fields if field.name == b"dkim-signature"]
    return [_tags(value) for value in written[:most]]


def _signature(tags: dict[bytes, bytes]) -> Signature:
    signed = re.sub(rb"\s", b"", tags[b"b"])
    return Signature(_domain(tags), hashlib.sha256(signed).hexdigest())


def _domain(tags: dict[bytes, bytes]) -> str:
    return tags.get(b"d", b"").decode("latin-1").lower()


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
    return tags[b"a"] in ALGORITHMS and not _uncovered(tags, fields)


def _uncovered(tags: dict[bytes, bytes], fields: Sequence[Field]) -> list[bytes]:
    """Which of the fields that count are there and not in h=."""
    signed = {name.strip().lower() for name in tags.get(b"h", b"").split(b":")}
    there = {field.name for field in fields}
    return [name for name in NEEDED if name in there and name not in signed]


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
    if len(keys) != 1 or len(keys[0]) > LARGEST_KEY or not _is_meant_for(keys[0], tags):
        return False
    return verified(raw, index, keys[0])


def _is_meant_for(record: bytes, tags: dict[bytes, bytes]) -> bool:
    """What dkimpy does not ask of a key: its hashes (h=), and no subdomain in i= where t=s."""
    key = _tags(record)
    hashes, flags = (key.get(n, d).split(b":") for n, d in ((b"h", b"sha256"), (b"t", b"")))
    signer = tags.get(b"i", tags[b"d"]).rpartition(b"@")[2].lower()
    strict = b"s" in [flag.strip() for flag in flags]
    known = b"sha256" in [name.strip() for name in hashes]
    return known and (not strict or signer == tags[b"d"].lower())
