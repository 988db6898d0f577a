"""Both stores: every promise is tested on each."""

from __future__ import annotations

import pytest

from beholden.storage.database import Database
from beholden.storage.memory import MemoryStore
from tests.people import NOW


@pytest.fixture
def database(tmp_path):
    with Database.create(tmp_path / "beholden.db", "f", rehearsal=True, moment=NOW) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "memory"])
def store(request):
    return request.getfixturevalue("database") if request.param == "sqlite" else MemoryStore()
