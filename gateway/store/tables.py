"""Every table, in the order in which a fax passes through them.

What was said once is never rewritten: a mail, its pages and a received page are rows that are only
inserted, and what becomes of them (`rendering`, `recipient`) stands in rows of its own, so that a
change of state never drags megabytes along. Octets are the last column: SQLite reads a row up to
the last column it is asked for.

`migrations/` makes these tables; a test holds that both say the same. States are plain strings of
the enumerations in `records`. Times are UTC. Migrations do not import this module.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
)

from gateway.store.admission_tables import charge as charge
from gateway.store.admission_tables import posted as posted
from gateway.store.admission_tables import secret as secret
from gateway.store.admission_tables import signature as signature
from gateway.store.columns import Sentence, UtcTime, Word, metadata, row_id, row_of
from gateway.store.reading_tables import page_mark as page_mark
from gateway.store.reading_tables import page_text as page_text
from gateway.store.reading_tables import reading as reading
from gateway.store.records import AttemptOutcome, MailKind, RecipientState


class RenderState(StrEnum):
    """Where the rendering of a mail stands."""

    WAITING = "waiting"
    RENDERING = "rendering"
    RENDERED = "rendered"
    FAILED = "failed"


class MailState(StrEnum):
    """Where a mail that we owe stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


# --- Offramp: a mail as it was accepted, its documents and its pages -----------------------------

job = Table(
    "job",
    metadata,
    row_id(),
    Column("received_at", UtcTime, nullable=False),
    Column("sender", String, nullable=False),
    Column("client", String, nullable=False),
    Column("user_name", String, nullable=False),
    Column("envid", String, nullable=False),
    Column("ret", String, nullable=False, default="", server_default=""),
    Column("options", JSON, nullable=False, server_default="{}"),
    Column("groups", JSON, nullable=False, server_default="[]"),
    Column("proof", String, nullable=False, server_default=""),
    sqlite_autoincrement=True,  # people are told these numbers: none is ever used twice
)

# The octets of the mail, in pieces: PostgreSQL's driver handles a value on the event loop, and in
# one go (20 MB: 135 ms).
piece = Table(
    "piece",
    metadata,
    row_of("job", primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("octets", LargeBinary, nullable=False),
)

rendering = Table(
    "rendering",
    metadata,
    row_of("job", primary_key=True),
    Column("state", Word(RenderState), nullable=False),
    Column("tries", Integer, nullable=False, default=0),  # begun, also those that a crash ended
    Column("owner", String, nullable=False, default=""),
    Column("lease_until", UtcTime),
    Column("pages", Integer, nullable=False, default=0),
    Index("ix_rendering_state", "state", "job"),
)

# What was decided about the mail and why, as `gateway.explain` has it.
explanation = Table(
    "explanation",
    metadata,
    row_of("job", primary_key=True),
    Column("content", JSON, nullable=False),
)

document = Table(
    "document",
    metadata,
    row_of("job", primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Sentence, nullable=False),
    Column("content_type", String, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("reason", Sentence, nullable=False),
)

page = Table(
    "page",
    metadata,
    row_of("job", primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("vr", Integer, nullable=False),
    Column("bits", JSON, nullable=False),
    Column("octets", Integer, nullable=False),
    Column("mmr", LargeBinary, nullable=False),
)

# How the page was made (see `gateway.rendition`), and its second rendering where it has one. A
# table of its own: SQLite would walk through the page's octets to columns behind them.
rendition = Table(
    "rendition",
    metadata,
    row_of("job", primary_key=True),
    Column("number", Integer, primary_key=True),  # of the page
    Column("name", String, nullable=False),
    Column("coarseness", Integer, nullable=False),
    Column("saved_seconds", Float, nullable=False),
    Column("bits_without_mmr", JSON, nullable=False),
    Column("without_mmr", LargeBinary, nullable=False),
)

# --- The queue: recipients, calls, and what the far end said of each page ------------------------

recipient = Table(
    "recipient",
    metadata,
    row_id(),
    row_of("job", index=True),
    Column("address", String, nullable=False),
    Column("number", String, nullable=False),
    Column("subaddress", String, nullable=False),
    Column("name", String, nullable=False, server_default=""),
    Column("orcpt", String, nullable=False),
    Column("notify", String, nullable=False),
    Column("state", Word(RecipientState), nullable=False),
    Column("due", UtcTime),
    Column("priority", Integer, nullable=False, server_default="1"),  # of the mail: less is sooner
    Column("tries", Integer, nullable=False, default=0),
    Column("pages_confirmed", Integer, nullable=False, default=0),
    Column("attempt", Integer, nullable=False, default=0),  # with owner: the fence
    Column("owner", String, nullable=False, default=""),
    Column("lease_until", UtcTime),
    Column("status", String, nullable=False, default=""),
    Column("cause", Sentence, nullable=False, default=""),
    Column("ended_at", UtcTime),
    Column("rule", String, nullable=False, server_default=""),  # what decided about it
    Column("country", String, nullable=False, server_default=""),
    Column("confirmed", Boolean, nullable=False, default=False, server_default=false()),
    Column("open_at", UtcTime),  # when the hours of its rule let it go
    Column("delay_told", Boolean, nullable=False, default=False, server_default=false()),
    Index("ix_recipient_state", "state", "priority", "due"),
    sqlite_autoincrement=True,
)

# One call per destination: the database itself refuses a second.
Index(
    "uq_recipient_calling",
    recipient.c.number,
    unique=True,
    sqlite_where=recipient.c.state == RecipientState.CALLING.value,
    postgresql_where=recipient.c.state == RecipientState.CALLING.value,
)

attempt = Table(
    "attempt",
    metadata,
    row_of("recipient", primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("owner", String, nullable=False),
    Column("first_page", Integer, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("outcome", Word(AttemptOutcome), nullable=False),
    Column("cause", Sentence, nullable=False, default=""),
    Column("report", JSON(none_as_null=True)),  # the CallReport, see `reports`
)

# One row for each time that a page may have been confirmed; `verdict` is null until it is known.
page_confirmation = Table(
    "page_confirmation",
    metadata,
    row_id(),
    row_of("recipient", index=True),
    Column("attempt", Integer, nullable=False),
    Column("page", Integer, nullable=False),
    Column("verdict", String),
    Column("report", JSON(none_as_null=True)),  # the PageReport
)

# What calls have taught about a number: where the next one begins.
experience = Table(
    "experience",
    metadata,
    Column("number", String, primary_key=True),
    Column("learned_at", UtcTime, nullable=False),
    Column("modulation", String, nullable=False),
    Column("ecm_failures", Integer, nullable=False),
    Index("ix_experience_learned_at", "learned_at"),
)

# --- Onramp: what came in ------------------------------------------------------------------------

received = Table(
    "received",
    metadata,
    row_id(),
    Column("owner", String, nullable=False),
    Column("line", String, nullable=False),
    Column("called", String, nullable=False),
    Column("caller", String, nullable=False),
    Column("tsi", String, nullable=False, default=""),
    Column("subaddress", String, nullable=False, default="", server_default=""),
    Column("dtmf", String, nullable=False, default="", server_default=""),
    Column("sealed", Boolean, nullable=False, default=False, server_default=false()),
    Column("deliveries", JSON, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("complete", Boolean, nullable=False, default=False),
    Column("cause", Sentence, nullable=False, default=""),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("report", JSON(none_as_null=True)),
    Column("replaced_by", Integer),  # the later fax that holds all of its pages
    Column("follows", Integer),  # an incomplete one that it may be the rest or the repeat of
    Column("sheets", JSON(none_as_null=True)),  # [fax, page number] of each, where it replaces one
    Index("ix_received_open", "ended_at", "started_at"),
    Index("ix_received_replaced_by", "replaced_by"),
    sqlite_autoincrement=True,
)

received_page = Table(
    "received_page",
    metadata,
    row_of("received", primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("vr", Integer, nullable=False),
    Column("bits", JSON, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("bad_rows", Integer, nullable=False),
    Column("longest_bad_run", Integer, nullable=False),
    Column("verdict", String, nullable=False),
    Column("mmr", LargeBinary, nullable=False),
)

# --- Mail out ------------------------------------------------------------------------------------

outgoing = Table(
    "outgoing",
    metadata,
    row_id(),
    Column("kind", Word(MailKind), nullable=False),
    Column("to_address", String, nullable=False),
    row_of("recipient", nullable=True),
    row_of("received", nullable=True),
    Column("note", Sentence, nullable=False, default=""),
    Column("message_id", String, nullable=False),
    Column("state", Word(MailState), nullable=False),
    Column("tries", Integer, nullable=False, default=0),  # begun, also those that a crash ended
    Column("due", UtcTime, nullable=False),  # while one is under way: when its lease ends
    Column("owner", String, nullable=False, default=""),
    Column("error", Sentence, nullable=False, default=""),
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    UniqueConstraint("message_id"),
    Index("ix_outgoing_state", "state", "due"),
    sqlite_autoincrement=True,
)

# A mail to postmaster, until somebody else keeps it.
forwarded = Table(
    "forwarded",
    metadata,
    row_of("outgoing", primary_key=True),
    Column("octets", LargeBinary, nullable=False),
)
