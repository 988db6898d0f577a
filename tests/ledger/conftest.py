"""What tests of the log share."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest


@pytest.fixture
def moment() -> datetime:
    return datetime(2026, 11, 23, 9, 41, 7, tzinfo=UTC)
