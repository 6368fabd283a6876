"""What the sender of a mail asked for; whose turn it is goes by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INDEX = "ix_recipient_state"


def upgrade() -> None:
    """Whoever waits already asked for nothing."""
    op.add_column("job", sa.Column("options", sa.JSON, nullable=False, server_default="{}"))
    normal = sa.Column("priority", sa.Integer, nullable=False, server_default="1")
    op.add_column("recipient", normal)
    op.drop_index(INDEX, "recipient")
    op.create_index(INDEX, "recipient", ["state", "priority", "due"])


def downgrade() -> None:
    """First come, first served."""
    op.drop_index(INDEX, "recipient")
    op.create_index(INDEX, "recipient", ["state", "due"])
    op.drop_column("recipient", "priority")
    op.drop_column("job", "options")
