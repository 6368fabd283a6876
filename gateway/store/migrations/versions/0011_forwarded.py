"""Mails to postmaster on their way to whoever reads them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "forwarded",
        sa.Column("outgoing", sa.Integer, nullable=False),
        sa.Column("octets", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["outgoing"], ["outgoing.id"], name="fk_forwarded_outgoing"),
        sa.PrimaryKeyConstraint("outgoing", name="pk_forwarded"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("forwarded")
