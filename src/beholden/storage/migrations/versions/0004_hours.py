"""Facts of presence wait for the batch of their hour before they are in the public log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from beholden.storage.migrations.kinds import words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is in the public log already stays there: it waits for nothing."""
    op.add_column("openings", sa.Column("noted", sa.BigInteger))
    op.add_column("openings", sa.Column("place", words(200)))
    op.create_index("ix_openings_noted", "openings", ["noted"], unique=True)
    op.create_table(
        "published",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("hour", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_published"),
        sa.CheckConstraint("id = 1", name="ck_published_one_row"),
    )
