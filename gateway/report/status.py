"""The part of a receipt that programs read: message/delivery-status of RFC 3464.

Everything that comes from a client or a telephone line is cut to visible ASCII before it becomes a
field; ENVID and ORCPT come without their xtext coding. The diagnostic type is `x-t30`: the T.32
hangup status in hexadecimal and the engine's sentence. Fields that begin with X- are ours (RFC 3464
2.4): how many pages were confirmed, and what the far machine called itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message, MIMEPart
from email.utils import format_datetime

from gateway.mailout.letter import POLICY, header_text
from gateway.report.facts import Action, Facts, PageFate
from gateway.words import printable

LONGEST = 500  # characters of a value; ORCPT may have so many (RFC 3461 4.2)
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
CLASSES = {Action.DELIVERED: "2", Action.FAILED: "54", Action.DELAYED: "4"}  # the usual one first

Field = tuple[str, str]


def delivery_status(facts: Facts, hostname: str) -> MIMEPart:
    """The part, with one group for the message and one for the recipient."""
    part = MIMEPart(POLICY)
    part["Content-Type"] = "message/delivery-status"
    part.set_payload([_group(_message_fields(facts, hostname)), _group(_recipient_fields(facts))])
    return part


def _group(fields: Iterator[Field]) -> Message:
    group: Message = Message(POLICY)
    for name, value in fields:
        group[name] = value
    return group


def _message_fields(facts: Facts, hostname: str) -> Iterator[Field]:
    if facts.job.envid:
        yield "Original-Envelope-Id", visible_ascii(facts.job.envid)
    yield "Reporting-MTA", f"dns; {visible_ascii(hostname)}"
    yield "Arrival-Date", format_datetime(facts.job.received_at)


def _recipient_fields(facts: Facts) -> Iterator[Field]:
    recipient = facts.recipient
    kind, _, original = recipient.orcpt.partition(";")
    if original:
        yield "Original-Recipient", f"{visible_ascii(kind)}; {visible_ascii(original)}"
    yield "Final-Recipient", f"rfc822; {visible_ascii(recipient.address)}"
    yield "Action", facts.action.value
    yield "Status", _status(facts)
    if facts.calls:
        last = facts.calls[-1]
        yield "Diagnostic-Code", f"x-t30; {last.status:02X} {visible_ascii(last.cause)}".rstrip()
    if facts.attempts:
        yield "Last-Attempt-Date", format_datetime(facts.attempts[-1].ended_at or facts.at)
    yield "Final-Log-ID", f"{facts.job.id}/{recipient.id}"
    if facts.action is Action.DELAYED and facts.give_up_at:
        yield "Will-Retry-Until", format_datetime(facts.give_up_at)
    pages = facts.page_lines()
    confirmed = sum(page.fate is PageFate.CONFIRMED for page in pages)
    yield "X-Fax-Number", visible_ascii(recipient.number)
    if recipient.subaddress:
        yield "X-Fax-Subaddress", visible_ascii(recipient.subaddress)
    yield "X-Fax-Pages-Confirmed", f"{confirmed} of {len(pages)}"
    if facts.remote_identity:
        yield "X-Fax-Remote-Identity", visible_ascii(facts.remote_identity)
    if facts.remote_machine:
        yield "X-Fax-Remote-Machine", visible_ascii(facts.remote_machine)


def _status(facts: Facts) -> str:
    """The stored status where its class fits the action (RFC 3464 2.3.4).

    A failure may be of class 4: the last of several tries met what was worth another.
    """
    classes, status = CLASSES[facts.action], facts.recipient.status
    fits = STATUS.fullmatch(status) and status[0] in classes
    return status if fits else f"{classes[0]}.0.0"


def visible_ascii(text: str) -> str:
    """`text` as the value of a field: one bounded line of visible ASCII."""
    visible = printable(text, LONGEST).encode("ascii", "replace").decode()
    return header_text(visible, LONGEST)
