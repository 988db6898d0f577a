"""Live cameras: the cameras, hourly counts, and an end for the ends of tracks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _counts()
    _cameras()
    for statement in _TRIGGERS:
        op.execute(sa.text(statement))


def _counts() -> None:
    op.add_column("track_ends", sa.Column("dies_at", sa.BigInteger, nullable=False, server_default="0"))
    op.execute(sa.text("UPDATE track_ends SET dies_at = at + 86400000000"))
    op.create_index("ix_track_ends_dies_at", "track_ends", ["dies_at"])
    op.create_table(
        "hour_counts",
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("hour", sa.BigInteger, nullable=False),
        sa.Column("camera", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("place", "hour", "camera", "outcome", name="pk_hour_counts"),
    )
    op.create_index("ix_hour_counts_hour", "hour_counts", ["hour"])


def _cameras() -> None:
    op.create_table(
        "cameras",
        sa.Column("id", sa.String(60)),
        sa.Column("place", sa.String(200), nullable=False),
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


_RISE = "UPDATE cameras_revision SET value = value + 1"
_NEVER_FALLS = "the revision of the cameras never falls"


def _refuse(name: str, event: str, condition: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {event} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{_NEVER_FALLS}'); END"


_TRIGGERS = (
    _refuse("cameras_revision_is_one", "INSERT ON cameras_revision", "EXISTS (SELECT 1 FROM cameras_revision)"),
    _refuse("cameras_revision_rises", "UPDATE ON cameras_revision", "NEW.value <= OLD.value"),
    _refuse("cameras_revision_never_goes", "DELETE ON cameras_revision", "1"),
    *(
        f"CREATE TRIGGER cameras_{event.lower()}_counts AFTER {event} ON cameras BEGIN {_RISE}; END"
        for event in ("INSERT", "UPDATE", "DELETE")
    ),
)
