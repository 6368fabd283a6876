"""DMARC (RFC 7489): whether a domain that was proven is the domain in From.

The record of the From domain, or else of its organizational domain, must exist; it says how close
the two must be. What it asks receivers to do with mail that fails (p=, pct=) is of no interest:
here mail that fails is never sent.
"""

from __future__ import annotations

import importlib.resources
import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from authheaders.dmarc_lookup import DMARCException, answer_to_dict
from publicsuffix2 import PublicSuffixList

from gateway.admission.names import Inquiry

POLICIES: Final = ("none", "quarantine", "reject")

_VERSION = re.compile(rb"v\s*=\s*DMARC1\s*(;|\Z)")


@dataclass(frozen=True, slots=True)
class Alignment:
    """How close a proven domain must be to the From domain; strict is equal (RFC 7489 3.1)."""

    domain: str  # of From
    strict_dkim: bool
    strict_spf: bool

    def by_dkim(self, signer: str) -> bool:
        """Whether a signature of `signer` speaks for From."""
        return _aligned(signer, self.domain, strict=self.strict_dkim)

    def by_spf(self, envelope: str) -> bool:
        """Whether an envelope sender of the domain `envelope` does."""
        return _aligned(envelope, self.domain, strict=self.strict_spf)


def alignment(domain: str, inquiry: Inquiry) -> Alignment | None:
    """What the DMARC record says that holds for `domain`; None without one. Raises Unanswered."""
    tags = _record(domain, inquiry) or _record(organizational(domain), inquiry)
    if tags is None:
        return None
    return Alignment(domain, tags.get("adkim") == "s", tags.get("aspf") == "s")


def organizational(domain: str) -> str:
    """The domain that somebody registered: a label below the public suffix (RFC 7489 3.2)."""
    return str(_suffixes().get_public_suffix(domain) or domain)


@cache
def _suffixes() -> PublicSuffixList:
    names = importlib.resources.files("authheaders") / "public_suffix_list.txt"
    with names.open(encoding="utf-8") as lines:
        return PublicSuffixList(lines)


def _aligned(proven: str, author: str, *, strict: bool) -> bool:
    proven = proven.lower().rstrip(".")
    if proven == author:
        return True
    same = organizational(proven) == organizational(author)
    return same and not strict and _suffixes().get_tld(author) != organizational(author)


def _record(domain: str, inquiry: Inquiry) -> dict[str, str] | None:
    """The one DMARC record of a name; two are none (RFC 7489 6.6.3)."""
    records = [r for r in inquiry.texts(f"_dmarc.{domain}") if _VERSION.match(r)]
    if len(records) != 1:
        return None
    try:
        tags = answer_to_dict(records[0].decode("ascii"))
    except (DMARCException, UnicodeDecodeError):
        return None
    return tags if tags.get("p") in POLICIES else None
