"""Mails that were taken from folders of IMAP servers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was taken from a folder before."""
    op.create_table(
        "posted",
        sa.Column("outbox", sa.String, nullable=False),
        sa.Column("uid_validity", sa.BigInteger, nullable=False),
        sa.Column("uid", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("job", sa.Integer, nullable=False),
        sa.Column("filed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name="fk_posted_job"),
        sa.PrimaryKeyConstraint("outbox", "uid_validity", "uid", name="pk_posted"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("posted")
