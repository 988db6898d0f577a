"""Live cameras: the cameras, hourly counts, and an end for the ends of tracks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from beholden.storage.migrations.kinds import words
from beholden.storage.migrations.rules import count, exists, no_statistics, refuse, refuse_truncation

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _counts()
    _cameras()
    _rules()
    no_statistics("cameras", "sealed")


def _counts() -> None:
    op.add_column("track_ends", sa.Column("dies_at", sa.BigInteger, nullable=False, server_default="0"))
    op.execute(sa.text("UPDATE track_ends SET dies_at = at + 86400000000"))
    op.create_index("ix_track_ends_dies_at", "track_ends", ["dies_at"])
    op.create_table(
        "hour_counts",
        sa.Column("place", words(200), nullable=False),
        sa.Column("hour", sa.BigInteger, nullable=False),
        sa.Column("camera", words(200), nullable=False),
        sa.Column("outcome", words(16), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("place", "hour", "camera", "outcome", name="pk_hour_counts"),
    )
    op.create_index("ix_hour_counts_hour", "hour_counts", ["hour"])


def _cameras() -> None:
    op.create_table(
        "cameras",
        sa.Column("id", words(60)),
        sa.Column("place", words(200), nullable=False),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("record", sa.Boolean, nullable=False),
        sa.Column("zones", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("removal", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_cameras"),
    )
    op.create_table(
        "cameras_revision",
        sa.Column("id", sa.Integer),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cameras_revision"),
        sa.CheckConstraint("id = 1", name=op.f("ck_cameras_revision_one_row")),
    )
    op.execute(sa.text("INSERT INTO cameras_revision (id, value) VALUES (1, 1)"))


def _rules() -> None:
    """The revision of the cameras rises with every change of one, and never falls."""
    table, never = "cameras_revision", "the revision of the cameras never falls"
    refuse("cameras_revision_is_one", f"INSERT ON {table}", exists(f"FROM {table}"), never)
    refuse("cameras_revision_rises", f"UPDATE ON {table}", "NEW.value <= OLD.value", never)
    refuse("cameras_revision_never_goes", f"DELETE ON {table}", "TRUE", never)
    refuse_truncation("cameras_revision_is_never_emptied", table, never)
    count("cameras", table)
