"""The subaddress that a caller dialled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Faxes of before had none that was kept."""
    column = sa.Column("subaddress", sa.String, nullable=False, server_default="")
    op.add_column("received", column)


def downgrade() -> None:
    """Forget it."""
    op.drop_column("received", "subaddress")
