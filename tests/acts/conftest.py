"""An office on each store, with a log that can fail."""

from __future__ import annotations

import pytest

from beholden.consent.keystore import Keystore
from beholden.ledger.memory import MemoryLog
from beholden.storage.database import Database
from beholden.storage.memory import MemoryStore
from tests.acts.oversight import World
from tests.people import NOW, Clock, office_of


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def log():
    return MemoryLog()


@pytest.fixture(params=["sqlite", "memory"])
def store(request, tmp_path):
    if request.param == "memory":
        yield MemoryStore()
        return
    with Database.create(tmp_path / "beholden.db", "f", rehearsal=True, moment=NOW) as database:
        yield database


@pytest.fixture
def keystore(tmp_path):
    return Keystore.create(tmp_path / "keystore")


@pytest.fixture
def office(store, keystore, log, clock):
    return office_of(store, keystore, log, clock)


@pytest.fixture(params=["sqlite", "memory"])
def live(request, tmp_path, keystore, log, clock):
    """Account holders of a live folder, on each store."""
    if request.param == "memory":
        yield World(office_of(MemoryStore(rehearsal=False), keystore, log, clock), clock)
        return
    with Database.create(tmp_path / "live.db", "f", rehearsal=False, moment=NOW) as database:
        yield World(office_of(database, keystore, log, clock), clock)
