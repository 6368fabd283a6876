"""What each call of a fax took, for the day on which it was made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was entered stays one entry until the fax is called again."""
    column = sa.Column("call", sa.Integer, nullable=False, server_default="0")
    with op.batch_alter_table("charge") as charge:
        charge.add_column(column)
        charge.drop_constraint("pk_charge", type_="primary")
        charge.create_primary_key("pk_charge", ["recipient", "account", "call"])


def downgrade() -> None:
    """Forget the days of the calls: only what is predicted stays."""
    op.execute(sa.text("DELETE FROM charge WHERE call != 0"))
    with op.batch_alter_table("charge") as charge:
        charge.drop_constraint("pk_charge", type_="primary")
        charge.create_primary_key("pk_charge", ["recipient", "account"])
        charge.drop_column("call")
