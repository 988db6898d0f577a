"""Answers of the desk: a mark on a sighting, and counts of right and wrong ones without anybody in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from beholden.storage.migrations.kinds import words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Sightings of before were not answered."""
    op.add_column("sightings", sa.Column("answered", sa.Boolean))
    op.create_table(
        "answer_counts",
        sa.Column("place", words(200), nullable=False),
        sa.Column("day", sa.BigInteger, nullable=False),
        sa.Column("right", sa.Boolean, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("place", "day", "right", name="pk_answer_counts"),
    )
    op.create_index("ix_answer_counts_day", "answer_counts", ["day"])
