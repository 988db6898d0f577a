"""Where each grant stands, whom a link invites to what, and what is known of the time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from beholden.storage.migrations.kinds import words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A grant of before has no standing of its own: it was confirmed when it began, of a notice that nobody knows."""
    op.add_column("grants", sa.Column("standing", sa.Text))
    op.create_table(
        "invitations",
        sa.Column("token_hash", words(64), nullable=False),
        sa.Column("subject", words(40), nullable=False),
        sa.Column("purposes", sa.Text, nullable=False),
        sa.Column("places", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("read_digest", words(64)),
        sa.Column("used_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("token_hash", name="pk_invitations"),
        sa.ForeignKeyConstraint(["subject"], ["subjects.id"], name="fk_invitations_subject_subjects"),
    )
    op.create_index("ix_invitations_subject", "invitations", ["subject"])
    op.create_table(
        "known_time",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("latest", sa.BigInteger, nullable=False),
        sa.Column("sure", sa.BigInteger, nullable=False),
        sa.Column("certain", sa.Boolean, nullable=False),
        sa.Column("boot", words(64)),
        sa.Column("counted", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_known_time"),
        sa.CheckConstraint("id = 1", name=op.f("ck_known_time_one_row")),
    )
