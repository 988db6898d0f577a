"""Oversight: accounts, requests and their approvals, displays, break-glass and notices, all sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from beholden.storage.migrations.kinds import words
from beholden.storage.migrations.rules import no_statistics

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has an account yet."""
    op.create_table(
        "oversight",
        sa.Column("kind", words(16), nullable=False),
        sa.Column("id", words(120), nullable=False),
        sa.Column("about", words(80), nullable=False),
        sa.Column("dies_at", sa.BigInteger),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_oversight"),
    )
    op.create_index("ix_oversight_about", "oversight", ["about"])
    op.create_index("ix_oversight_dies_at", "oversight", ["dies_at"])
    no_statistics("oversight", "sealed")
