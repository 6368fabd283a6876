"""The first tables: mails and their pages, the queue, received faxes, mails owed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them, each after those that it refers to."""
    _job()
    _rendering()
    _pages()
    _recipient()
    _calls()
    _received()
    _outgoing()


def downgrade() -> None:
    """Drop them, and with them every fax."""
    offramp = ("page", "document", "rendering", "piece", "job")
    queue = ("page_confirmation", "attempt", "recipient")
    onramp = ("received_page", "received")
    for name in ("outgoing", *onramp, *queue, *offramp):
        op.drop_table(name)


def _job() -> None:
    op.create_table(
        "job",
        _integer("id"),
        _time("received_at", nullable=False),
        *_texts("sender", "client", "user_name", "envid"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "piece",
        *_integers("job", "number"),
        sa.Column("octets", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name="fk_piece_job"),
        sa.PrimaryKeyConstraint("job", "number", name="pk_piece"),
    )


def _rendering() -> None:
    op.create_table(
        "rendering",
        _integer("job"),
        *_texts("state"),
        _integer("tries"),
        *_texts("owner"),
        _time("lease_until"),
        _integer("pages"),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name="fk_rendering_job"),
        sa.PrimaryKeyConstraint("job", name="pk_rendering"),
    )
    op.create_index("ix_rendering_state", "rendering", ["state", "job"])


def _pages() -> None:
    op.create_table(
        "document",
        _integer("job"),
        _integer("position"),
        *_texts("name", "content_type"),
        _integer("pages"),
        *_texts("reason"),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name="fk_document_job"),
        sa.PrimaryKeyConstraint("job", "position", name="pk_document"),
    )
    op.create_table(
        "page",
        *_integers("job", "number", "width", "height", "vr"),
        sa.Column("bits", sa.JSON, nullable=False),
        _integer("octets"),
        sa.Column("mmr", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name="fk_page_job"),
        sa.PrimaryKeyConstraint("job", "number", name="pk_page"),
    )


def _recipient() -> None:
    op.create_table(
        "recipient",
        *_integers("id", "job"),
        *_texts("address", "number", "subaddress", "orcpt", "notify", "state"),
        _time("due"),
        *_integers("tries", "pages_confirmed", "attempt"),
        *_texts("owner"),
        _time("lease_until"),
        *_texts("status", "cause"),
        _time("ended_at"),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name="fk_recipient_job"),
        sa.PrimaryKeyConstraint("id", name="pk_recipient"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_recipient_job", "recipient", ["job"])
    op.create_index("ix_recipient_state", "recipient", ["state", "due"])
    calling = sa.text("state = 'calling'")
    op.create_index(
        "uq_recipient_calling",
        "recipient",
        ["number"],
        unique=True,
        sqlite_where=calling,
        postgresql_where=calling,
    )


def _calls() -> None:
    op.create_table(
        "attempt",
        *_integers("recipient", "number"),
        *_texts("owner"),
        _integer("first_page"),
        _time("started_at", nullable=False),
        _time("ended_at"),
        *_texts("outcome", "cause"),
        sa.Column("report", sa.JSON),
        sa.ForeignKeyConstraint(["recipient"], ["recipient.id"], name="fk_attempt_recipient"),
        sa.PrimaryKeyConstraint("recipient", "number", name="pk_attempt"),
    )
    op.create_table(
        "page_confirmation",
        *_integers("id", "recipient", "attempt", "page"),
        sa.Column("verdict", sa.String),
        sa.Column("report", sa.JSON),
        sa.ForeignKeyConstraint(
            ["recipient"], ["recipient.id"], name="fk_page_confirmation_recipient"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_page_confirmation"),
    )
    op.create_index("ix_page_confirmation_recipient", "page_confirmation", ["recipient"])


def _received() -> None:
    op.create_table(
        "received",
        _integer("id"),
        *_texts("owner", "line", "called", "caller", "tsi"),
        sa.Column("deliveries", sa.JSON, nullable=False),
        _time("started_at", nullable=False),
        _time("ended_at"),
        sa.Column("complete", sa.Boolean, nullable=False),
        *_texts("cause"),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("report", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_received"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_received_open", "received", ["ended_at", "started_at"])
    op.create_table(
        "received_page",
        *_integers("received", "number", "width", "height", "vr"),
        sa.Column("bits", sa.JSON, nullable=False),
        *_integers("rows", "bad_rows", "longest_bad_run"),
        *_texts("verdict"),
        sa.Column("mmr", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["received"], ["received.id"], name="fk_received_page_received"),
        sa.PrimaryKeyConstraint("received", "number", name="pk_received_page"),
    )


def _outgoing() -> None:
    op.create_table(
        "outgoing",
        _integer("id"),
        *_texts("kind", "to_address"),
        sa.Column("recipient", sa.Integer),
        sa.Column("received", sa.Integer),
        *_texts("note", "message_id", "state"),
        _integer("tries"),
        _time("due", nullable=False),
        *_texts("owner", "error"),
        _time("created_at", nullable=False),
        _time("ended_at"),
        sa.ForeignKeyConstraint(["recipient"], ["recipient.id"], name="fk_outgoing_recipient"),
        sa.ForeignKeyConstraint(["received"], ["received.id"], name="fk_outgoing_received"),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing"),
        sa.UniqueConstraint("message_id", name="uq_outgoing_message_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outgoing_state", "outgoing", ["state", "due"])


def _integer(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _integers(*names: str) -> list[sa.Column[int]]:
    return [_integer(name) for name in names]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String, nullable=False) for name in names]


def _time(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
