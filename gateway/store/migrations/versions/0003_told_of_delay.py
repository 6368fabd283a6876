"""What a sender asked to have returned (RFC 3461 RET), and whether they were told of a delay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two columns; a fax that waits now may be told of."""
    op.add_column("job", sa.Column("ret", sa.String, nullable=False, server_default=""))
    told = sa.Column("delay_told", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("recipient", told)


def downgrade() -> None:
    """Forget both."""
    op.drop_column("recipient", "delay_told")
    op.drop_column("job", "ret")
