"""Who sends, what it may send, what it has used, and what waits for a confirmation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Mails from before belong to nobody's group and have used nothing."""
    op.add_column("job", sa.Column("groups", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("job", _text("proof"))
    op.add_column("recipient", _text("rule"))
    op.add_column("recipient", _text("country"))
    confirmed = sa.Column("confirmed", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("recipient", confirmed)
    op.add_column("recipient", sa.Column("open_at", sa.DateTime(timezone=True)))
    _signature()
    _charge()
    op.create_table(
        "secret",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("octets", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secret"),
    )


def downgrade() -> None:
    """Forget them."""
    for table in ("secret", "charge", "signature"):
        op.drop_table(table)
    for column in ("open_at", "confirmed", "country", "rule"):
        op.drop_column("recipient", column)
    for column in ("proof", "groups"):
        op.drop_column("job", column)


def _signature() -> None:
    op.create_table(
        "signature",
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("subaddress", sa.String, nullable=False),
        sa.Column("job", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name="fk_signature_job"),
        sa.PrimaryKeyConstraint("digest", "number", "subaddress", name="pk_signature"),
    )


def _charge() -> None:
    op.create_table(
        "charge",
        sa.Column("recipient", sa.Integer, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("cost", sa.BigInteger, nullable=False),
        sa.Column("rate", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(["recipient"], ["recipient.id"], name="fk_charge_recipient"),
        sa.PrimaryKeyConstraint("recipient", "account", name="pk_charge"),
    )
    op.create_index("ix_charge_account", "charge", ["account", "at"])


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False, server_default="")
