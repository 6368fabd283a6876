"""Who can be written to in cipher: keys of readers, and what may go out in the clear.

A route with `sealed: true` is for faxes that nobody on the way may read. Each of its deliveries is
encrypted, or says nothing of the pages, or goes to a place that the administrator has declared safe
(`clear: true`); all others are refused, when the file is checked and again when they are made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gateway.config.keys import Keys
from gateway.said import said

if TYPE_CHECKING:
    from gateway.config.mail import Encryption


def in_the_clear(to: str, targets: Mapping[str, Any], encryption: Sequence[Encryption]) -> str:
    """Why a delivery would be readable on its way; empty where it would not, or may be.

    `to` is a mail address or one of `targets`.
    """
    target = targets.get(to)
    address = to if "@" in to else getattr(target, "to", "")
    if address:
        told_only = target is not None and not target.content
        sealed = any(rule.is_for(address) and rule.has_key for rule in encryption)
        why = said(
            "mail to {address} is not encrypted; give it a key in `mail.encryption`",
            address=address,
        )
        return "" if told_only or sealed else why
    if isinstance(target, Keys):
        why = said("the target {name} has no key; give it `smime` or `pgp`", name=to)
        return "" if target.has_key else why
    if target is None or target.clear:
        return ""
    return said(
        "the target {name} gets the pages in the clear; `clear: true` says that it may", name=to
    )
