"""SQLite: one file, private, durable, overwriting what is deleted, with one writer at a time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import QueuePool

from beholden.model.errors import (
    BeholdenError,
    ConsentError,
    DataFolderError,
    FolderForbidden,
    FolderMissing,
    StorageFull,
)
from beholden.storage import engine as engines

_PRAGMAS = ("journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON", "synchronous=FULL", "temp_store=MEMORY")


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """A `Backend` in one file, beside which SQLite keeps two more while it is open."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path)

    def engine(self) -> Engine:
        engine = create_engine(
            f"sqlite:///{self.path}",
            poolclass=QueuePool,
            hide_parameters=True,
            connect_args={"timeout": engines.BUSY_SECONDS, "check_same_thread": False},
        )
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return engine

    def make(self, engine: Engine) -> None:
        """A new file (0600)."""
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise FolderForbidden(f"cannot create {self.path}: {error.strerror}") from error

    def check(self, engine: Engine) -> None:
        if not self.path.is_file():
            raise FolderMissing(f"there is no database {self.path}")

    def drop(self) -> None:
        for each in (self.path, *(self.path.with_name(self.path.name + end) for end in ("-wal", "-shm"))):
            each.unlink(missing_ok=True)

    def upsert(self, table: Table) -> Insert:
        return insert(table)

    def translated(self, error: DBAPIError) -> BeholdenError:
        if isinstance(error, IntegrityError):
            return ConsentError(f"the database refuses that: {error.orig}")
        text = str(error.orig).lower()
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            return StorageFull(f"no space for the database {self.path}")
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
            return FolderForbidden(f"this account cannot write the database {self.path}")
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return DataFolderError(
                f"the database {self.path} is in use", advice="Try again when the other command has ended."
            )
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such table" in text:
            return DataFolderError(f"the database {self.path} is damaged: {text}", advice=engines.RESTORE)
        return DataFolderError(f"the database {self.path} cannot be used: {text}")

    def compact(self, engine: Engine) -> None:
        """A truncating checkpoint: the write-ahead log keeps copies of deleted rows until then (measured: 34).

        The file itself overwrites them as they are deleted.
        """
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            if raw is None:
                raise DataFolderError("the database was closed")
            busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise DataFolderError(
                "a reader keeps old pages of the database in use", advice="Try again: what is left is carried on."
            )

    @contextmanager
    def loading(self, connection: Connection) -> Generator[None]:
        rules = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
        for rule in rules:
            connection.exec_driver_sql(f'DROP TRIGGER "{rule.name}"')
        yield
        for rule in rules:
            connection.exec_driver_sql(rule.sql)


def _prepare(connection: DBAPIConnection, _record: object) -> None:
    """Per connection: transactions begin when we say so (`_begin`), and deleted bytes are overwritten."""
    raw = cast("sqlite3.Connection", connection)
    raw.isolation_level = None
    for pragma in _PRAGMAS:
        raw.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    """Writers take their lock at once: a reader that became a writer half-way could be refused it."""
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
