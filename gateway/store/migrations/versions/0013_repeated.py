"""Faxes that were repeated after a call had broken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add who replaces whom."""
    op.add_column("received", sa.Column("replaced_by", sa.Integer))
    op.add_column("received", sa.Column("follows", sa.Integer))
    op.add_column("received", sa.Column("sheets", sa.JSON(none_as_null=True)))
    op.create_index("ix_received_replaced_by", "received", ["replaced_by"])


def downgrade() -> None:
    """Forget it."""
    op.drop_index("ix_received_replaced_by", "received")
    for name in ("sheets", "follows", "replaced_by"):
        op.drop_column("received", name)
