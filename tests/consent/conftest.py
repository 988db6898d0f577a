"""What tests of consent share."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from beholden.consent.keystore import Keystore


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 23, 9, 41, 7, tzinfo=UTC)


@pytest.fixture
def keystore(tmp_path) -> Keystore:
    return Keystore.create(tmp_path / "keystore")
