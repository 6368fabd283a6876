"""What is seen and read on received pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of the pages that there are, nothing is known."""
    op.create_table(
        "page_mark",
        sa.Column("received", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("content", sa.String, nullable=False),
        sa.ForeignKeyConstraint(["received"], ["received.id"], name="fk_page_mark_received"),
        sa.PrimaryKeyConstraint("received", "number", name="pk_page_mark"),
    )
    op.create_table(
        "reading",
        sa.Column("received", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["received"], ["received.id"], name="fk_reading_received"),
        sa.PrimaryKeyConstraint("received", name="pk_reading"),
    )
    op.create_index("ix_reading_state", "reading", ["state", "received"])
    op.create_table(
        "page_text",
        sa.Column("received", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("turned", sa.Integer, nullable=False),
        sa.Column("problem", sa.String, nullable=False),
        sa.Column("lines", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["received"], ["received.id"], name="fk_page_text_received"),
        sa.PrimaryKeyConstraint("received", "number", name="pk_page_text"),
    )


def downgrade() -> None:
    """Forget it; the pages stay."""
    op.drop_table("page_text")
    op.drop_table("reading")
    op.drop_table("page_mark")
