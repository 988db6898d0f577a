"""All stores: every promise is tested on each; and databases of both engines, each as new."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from beholden.storage.database import Database
from beholden.storage.memory import MemoryStore
from beholden.storage.postgresql import PostgresqlServer
from beholden.storage.schema import metadata
from beholden.storage.sqlite import SqliteFile
from tests.people import NOW
from tests.storage.servers import Shell, started


@pytest.fixture(scope="session")
def one_server():
    with started() as running:
        yield running


@pytest.fixture
def server(one_server):
    """With no database handed out yet."""
    one_server.handed_out = 0
    return one_server


@pytest.fixture
def database(tmp_path):
    with Database.create(tmp_path / "beholden.db", "f", rehearsal=True, moment=NOW) as opened:
        yield opened


@pytest.fixture(scope="session")
def one_database(one_server):
    """Made once: each test finds it as new."""
    one_server.execute("CREATE DATABASE kept")
    backend = PostgresqlServer(one_server.url("kept"))
    with Database.create(backend, "f", rehearsal=True, moment=NOW) as opened:
        yield opened


@pytest.fixture
def on_server(one_database):
    yield one_database
    as_new(one_database)


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def store(request):
    names = {"sqlite": "database", "postgresql": "on_server"}
    return request.getfixturevalue(names[request.param]) if request.param in names else MemoryStore()


@pytest.fixture(params=["sqlite", "postgresql"])
def new(request, tmp_path):
    """Where a database may be made, on each engine."""
    if request.param == "sqlite":
        return SqliteFile(tmp_path / "new.db")
    return PostgresqlServer(request.getfixturevalue("server").new())


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request):
    """A database of each engine."""
    return request.getfixturevalue({"sqlite": "database", "postgresql": "on_server"}[request.param])


@pytest.fixture
def shell(kept):
    opened = Shell(kept._backend)
    yield opened
    opened.close()


def as_new(database: Database) -> None:
    """What a database holds when it was just made; revisions never fall."""
    stays = {"folder", "revision", "cameras_revision"}
    with database._writing() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name not in stays:
                connection.execute(delete(table))
