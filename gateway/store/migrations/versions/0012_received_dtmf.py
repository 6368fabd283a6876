"""The digits that a caller has keyed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Faxes of before had none that was kept."""
    op.add_column("received", sa.Column("dtmf", sa.String, nullable=False, server_default=""))


def downgrade() -> None:
    """Forget them."""
    op.drop_column("received", "dtmf")
