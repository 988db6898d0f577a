"""Types of columns that are not the same on each engine, and where the tables are.

Steps that were released use this: what it makes for them never changes.
"""

from __future__ import annotations

import sqlalchemy as sa

SCHEMA = "beholden"
"""On PostgreSQL everything is in a schema of this name."""


def words(length: int) -> sa.types.TypeEngine[str]:
    """Text of about that length, which neither engine holds it to; ordered by its bytes on both."""
    return sa.String(length).with_variant(sa.String(collation="C"), "postgresql")


def number() -> sa.types.TypeEngine[int]:
    """A number that the engine gives to each new row."""
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")
