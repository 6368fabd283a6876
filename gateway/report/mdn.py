"""The disposition notification of RFC 8098, as a gateway to fax gives it (RFC 3249, RFC 4160).

A fax that arrived was `dispatched`, one that failed `processed/error`. It is given where the mail
asks for one (Disposition-Notification-To) and the one who asks is the one who sent it, for nobody
here could be asked about anybody else (RFC 8098 2.1). RFC 4160 wants it for failures unasked too,
which an administrator can switch on. It takes the place of the DSN, and only at the end: a delay is
no disposition.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message, MIMEPart
from enum import StrEnum
from typing import Final

from gateway.mailout.letter import POLICY
from gateway.report.facts import Action, Facts
from gateway.report.original import Original
from gateway.report.status import visible_ascii

PRODUCT: Final = "Faxgate"
DISPOSITIONS: Final = {Action.DELIVERED: "dispatched", Action.FAILED: "processed/error"}
AUTOMATIC: Final = "automatic-action/MDN-sent-automatically"


class Mdn(StrEnum):
    """When a receipt is an MDN."""

    NEVER = "never"
    ASKED = "asked"
    FAILURES = "failures"  # asked, and every failure besides (RFC 4160)


def mdn_is_due(facts: Facts, original: Original, when: Mdn) -> bool:
    """Whether this receipt is an MDN, not a DSN.

    Who used the parameters of RFC 3461 wants a DSN.
    """
    if when is Mdn.NEVER or facts.action not in DISPOSITIONS or not facts.has_a_reader:
        return False
    if facts.recipient.notify:
        return False
    asked = original.notify_to.lower() == facts.job.sender.lower()
    return asked or (when is Mdn.FAILURES and facts.action is Action.FAILED)


def disposition(facts: Facts, original: Original, hostname: str) -> MIMEPart:
    """The part message/disposition-notification (RFC 8098 3.1)."""
    fields: Message = Message(POLICY)
    for name, value in _fields(facts, original, hostname):
        fields[name] = value
    part = MIMEPart(POLICY)
    part["Content-Type"] = "message/disposition-notification"
    part.set_payload([fields])
    return part


def _fields(facts: Facts, original: Original, hostname: str) -> Iterator[tuple[str, str]]:
    yield "Reporting-UA", f"{visible_ascii(hostname)}; {PRODUCT}"
    yield "Final-Recipient", f"rfc822; {visible_ascii(facts.recipient.address)}"
    if original.message_id:
        yield "Original-Message-ID", original.message_id
    yield "Disposition", f"{AUTOMATIC}; {DISPOSITIONS[facts.action]}"
    if facts.action is Action.FAILED:
        said = facts.calls[-1].cause if facts.calls else facts.recipient.cause
        yield "Error", visible_ascii(said) or "the fax was not delivered"
