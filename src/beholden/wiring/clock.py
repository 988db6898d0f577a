"""The clock that is handed to everything."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The clock that is handed to everything: aware UTC."""
    return datetime.now(UTC)
