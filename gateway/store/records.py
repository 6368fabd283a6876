"""The rows that leave the store, as values; nothing outside `gateway.store` sees a table.

States of a recipient: `accepted` (its mail is durable, not yet rendered), `queued` (due now or
later), `held` (until its sender confirms it, at most until it is due), `calling` (claimed by one
gateway until its lease ends), `unknown` (the lease ended without an outcome: a call may have
happened), and the three ends `sent`, `failed`, `cancelled`. A recipient that waits for another try
is `queued` with `tries > 0` and a `due` time: people read `deferred`. All times are aware, in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gateway.admission.opening import Opening
from gateway.options import AS_CONFIGURED, Options, Priority
from gateway.rendition import Rendition
from modems.session import VR
from modems.terminal import CallReport, PageReport


class RecipientState(StrEnum):
    """Where a recipient's fax stands."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    HELD = "held"
    CALLING = "calling"
    UNKNOWN = "unknown"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class MailKind(StrEnum):
    """Why the gateway writes a mail."""

    RECEIPT = "receipt"  # the outcome of one recipient
    DELAY = "delay"  # one that waits for longer than its sender expects
    CONFIRM = "confirm"  # one that waits until its sender confirms it
    CHANNEL = "channel"  # the same, told another way
    FAX = "fax"  # a received fax, to one address
    JUNK = "junk"  # a caller is on the junk list, for who put them there
    FORWARD = "forward"  # what somebody wrote to postmaster, as it is
    NOTICE = "notice"  # a delivery was given up, for the postmaster


class PageContent(StrEnum):
    """What a received page shows, as far as its pels tell."""

    INK = "ink"
    BLANK = "blank"
    HEADER_ONLY = "header only"  # the sender's header line at its top, and nothing else


class AttemptOutcome(StrEnum):
    """How a claim of a recipient ended."""

    CALLING = "calling"  # not yet
    SENT = "sent"
    LATER = "later"
    NEVER = "never"
    LOST = "lost"  # its lease ended: the gateway was stopped, perhaps in the middle of a call


@dataclass(frozen=True, slots=True)
class NewRecipient:
    """A RCPT TO that was accepted in the dialogue."""

    address: str  # as the client wrote it
    number: str  # E.164 with +
    subaddress: str = ""
    orcpt: str = ""
    notify: str = ""
    name: str = ""  # what the address book calls the number's owner


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail as SMTP took it, before anyone has parsed it."""

    sender: str  # envelope; "" for <>
    raw: bytes
    recipients: tuple[NewRecipient, ...]
    client: str = ""  # IP address
    user: str = ""  # the sender's account, "" for the administrator's own
    groups: tuple[str, ...] = ()  # that the sender belongs to
    proof: str = ""  # how we know the sender: a gateway.admission.sender.Proof
    signatures: tuple[str, ...] = ()  # digests; each is good for a number once only
    envid: str = ""
    ret: str = ""  # FULL, HDRS or ""
    options: Options = AS_CONFIGURED


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
    ret: str = ""
    options: Options = AS_CONFIGURED
    groups: tuple[str, ...] = ()
    proof: str = ""  # "" for the administrator's own


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
    `without_mmr` is a second rendering for a far end that lacks MMR, itself at rest in MMR; empty
    where the first serves everyone.
    """

    number: int  # from 1
    width: int
    height: int
    vr: VR
    mmr: bytes
    bits: Mapping[str, int] = field(default_factory=dict)
    rendition: Rendition = field(default_factory=Rendition)
    without_mmr: bytes = b""


@dataclass(frozen=True, slots=True)
class PageInfo:
    """A stored page without its octets."""

    number: int  # from 1
    width: int
    height: int
    vr: VR
    bits: Mapping[str, int]
    octets: int  # of the MMR
    rendition: Rendition = field(default_factory=Rendition)


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
    pages: int  # of the whole document
    accepted_at: datetime  # or the moment before which it was not to be called
    options: Options = AS_CONFIGURED
    opening: Opening | None = None  # the hours in which it may be called; None: always


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient of a mail, as people see it. `status` is RFC 3463's, empty at first."""

    id: int
    job: int
    sender: str
    address: str
    number: str
    subaddress: str
    orcpt: str
    notify: str
    state: RecipientState
    due: datetime | None
    tries: int
    pages_confirmed: int
    pages: int  # 0 until rendered
    status: str
    cause: str
    accepted_at: datetime
    ended_at: datetime | None
    name: str = ""
    priority: Priority = Priority.NORMAL
    not_before: datetime | None = None  # as the sender asked
    rule: str = ""  # what decided about it


@dataclass(frozen=True, slots=True)
class Attempt:
    """One claim of a recipient and the call that it led to, if it did."""

    recipient: int
    number: int  # from 1
    owner: str
    first_page: int
    started_at: datetime
    ended_at: datetime | None
    outcome: AttemptOutcome
    cause: str
    report: CallReport | None  # None while calling, and for a lost one


@dataclass(frozen=True, slots=True)
class PageConfirmation:
    """One time that a page was sent and its post-page command followed.

    `report` is None while the answer is awaited; in a lost attempt that page is in doubt.
    """

    recipient: int
    attempt: int
    page: int  # of the document, from 1
    report: PageReport | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of a recipient whose call was lost."""

    recipient: int
    state: RecipientState
    cause: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """A fax that came in before another, whose story it is part of."""

    id: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class ReceivedFax:
    """One fax that came in. `pages` are of its own call; the last four are numbers of pages."""

    id: int
    line: str
    called: str
    caller: str
    tsi: str
    subaddress: str
    started_at: datetime
    ended_at: datetime | None
    complete: bool
    cause: str
    pages: int
    seconds: float
    dtmf: str = ""  # digits that the caller has keyed in
    sealed: bool = False  # no delivery may be readable on its way
    replaced_by: int | None = None  # the later fax that holds all of its pages
    replaces: tuple[Earlier, ...] = ()  # incomplete ones whose pages it holds
    follows: Earlier | None = None  # an incomplete one that it may be the rest or the repeat of
    blank: tuple[int, ...] = ()
    header_only: tuple[int, ...] = ()  # with nothing but the sender's header line
    upside_down: tuple[int, ...] = ()  # as far as their text could be read
    sideways: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the delivery of a received fax to one target stands."""

    to: str
    state: str  # queued, delivering, sent or failed
    tries: int
    due: datetime | None  # of one that is queued
    error: str  # the last
    created_at: datetime
    ended_at: datetime | None


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
