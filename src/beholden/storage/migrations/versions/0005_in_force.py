"""What holds here is known as it was last logged: settings, and the policy."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from beholden.storage.migrations.kinds import words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is known of before: the next keeper logs all of it."""
    op.create_table(
        "in_force",
        sa.Column("what", words(40), nullable=False),
        sa.Column("lines", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("what", name="pk_in_force"),
    )
