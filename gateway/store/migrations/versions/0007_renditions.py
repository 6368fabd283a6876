"""How each page was made, and a second rendering for far ends without MMR."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of the pages that there are, nobody knows."""
    op.create_table(
        "rendition",
        sa.Column("job", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("coarseness", sa.Integer, nullable=False),
        sa.Column("saved_seconds", sa.Float, nullable=False),
        sa.Column("bits_without_mmr", sa.JSON, nullable=False),
        sa.Column("without_mmr", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name="fk_rendition_job"),
        sa.PrimaryKeyConstraint("job", "number", name="pk_rendition"),
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_table("rendition")
