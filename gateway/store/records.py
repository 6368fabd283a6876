"""The rows that leave the store, as values; nothing outside `gateway.store` sees a table.

States of a recipient: `accepted` (its mail is durable, not yet rendered), `queued` (due now or
later), `calling` (claimed by one gateway until its lease ends), `unknown` (the lease ended without
an outcome: a call may have happened), and the three ends `sent`, `failed`, `cancelled`. A recipient
that waits for another try is `queued` with `tries > 0` and a `due` time: people read `deferred`.

All times are aware UTC datetimes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from modems.session import VR


class RecipientState(StrEnum):
    """Where a recipient's fax stands."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    CALLING = "calling"
    UNKNOWN = "unknown"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class MailKind(StrEnum):
    """Why the gateway writes a mail."""

    RECEIPT = "receipt"  # the outcome of one recipient
    FAX = "fax"  # a received fax, to one address
    NOTICE = "notice"  # a delivery was given up, for the postmaster


@dataclass(frozen=True, slots=True)
class NewRecipient:
    """A RCPT TO that was accepted in the dialogue."""

    address: str  # as the client wrote it
    number: str  # E.164 with +
    subaddress: str = ""
    orcpt: str = ""
    notify: str = ""


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail as SMTP took it, before anyone has parsed it."""

    sender: str  # envelope; "" for <>
    raw: bytes
    recipients: tuple[NewRecipient, ...]
    client: str = ""  # IP address
    user: str = ""  # who logged in, "" for none
    envid: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One accepted mail."""

    id: int
    received_at: datetime
    sender: str
    raw: bytes
    client: str
    user: str
    envid: str


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What became of one part of the mail. `reason` is a sentence when it could not be rendered."""

    name: str
    content_type: str
    pages: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StoredPage:
    """One fax page at rest: MMR, MSB first as in PDF and TIFF FillOrder 1, with its coded sizes.

    `bits` gives the size in bits for "MH", "MR" and "MMR": the line time is known before dialling.
    """

    number: int  # from 1
    width: int
    height: int
    vr: VR
    mmr: bytes
    bits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """A recipient that this gateway may call now, fenced by (owner, attempt)."""

    recipient: int
    job: int
    attempt: int  # attempt number of this recipient, from 1; the fence
    owner: str
    number: str
    address: str
    subaddress: str
    tries: int  # finished tries before this one
    pages_confirmed: int  # the call starts at page pages_confirmed + 1
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class ReceivedFax:
    """One fax that came in."""

    id: int
    line: str
    called: str
    caller: str
    tsi: str
    started_at: datetime
    ended_at: datetime | None
    complete: bool
    cause: str
    pages: int
    seconds: float


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail that the gateway owes somebody; its content is made from the store when it is due."""

    id: int
    kind: MailKind
    to: str
    recipient: int | None  # for a receipt
    received: int | None  # for a received fax
    note: str  # for a notice
    message_id: str  # fixed when it was queued, so that a repeat is the same mail
    tries: int
    created_at: datetime
