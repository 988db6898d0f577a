"""What opens the leaf of a sighting goes with the sighting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What opens leaves of before is sealed, and does not say what it is of: it goes with the person, as it did."""
    op.add_column("openings", sa.Column("dies_at", sa.BigInteger))
    op.create_index("ix_openings_dies_at", "openings", ["dies_at"])
