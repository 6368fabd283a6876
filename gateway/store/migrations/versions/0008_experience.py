"""What calls have taught about a number, kept over a restart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "experience",
        sa.Column("number", sa.String, nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modulation", sa.String, nullable=False),
        sa.Column("ecm_failures", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_experience"),
    )
    op.create_index("ix_experience_learned_at", "experience", ["learned_at"])


def downgrade() -> None:
    """Forget it."""
    op.drop_index("ix_experience_learned_at", "experience")
    op.drop_table("experience")
