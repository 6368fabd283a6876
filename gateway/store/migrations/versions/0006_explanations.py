"""The explanation of each mail, beside it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Mails that are there already are not explained."""
    op.create_table(
        "explanation",
        sa.Column("job", sa.Integer, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name="fk_explanation_job"),
        sa.PrimaryKeyConstraint("job", name="pk_explanation"),
    )


def downgrade() -> None:
    """Say nothing."""
    op.drop_table("explanation")
