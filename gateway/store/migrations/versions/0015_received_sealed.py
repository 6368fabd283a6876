"""Faxes that nobody may read on their way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Faxes of before were for everybody on the way."""
    column = sa.Column("sealed", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("received", column)


def downgrade() -> None:
    """Forget it."""
    op.drop_column("received", "sealed")
