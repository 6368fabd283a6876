"""What the address book calls the owner of a recipient's number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody had a name before."""
    op.add_column("recipient", sa.Column("name", sa.String, nullable=False, server_default=""))


def downgrade() -> None:
    """Forget the names."""
    op.drop_column("recipient", "name")
