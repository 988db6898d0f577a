"""SQLite as the rest of storage needs it: private, durable, overwriting what is deleted, errors from our tree."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from beholden.model.errors import (
    BeholdenError,
    ConsentError,
    DataFolderError,
    FolderForbidden,
    FolderMissing,
    FolderNewer,
    StorageFull,
)
from beholden.storage.migrations import VERSIONS

BUSY_SECONDS = 10.0
_RESTORE = "Put back a backup of the folder."
_PRAGMAS = ("journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON", "synchronous=FULL", "temp_store=MEMORY")


class Transactions:
    """Transactions on one database file; every error that leaves one is of our tree."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self._path = path
        self._engine = engine

    @contextmanager
    def _reading(self) -> Generator[Connection]:
        with guarded(self._path), self._engine.connect() as connection:
            yield connection.execution_options(writes=False)

    @contextmanager
    def _writing(self) -> Generator[Connection]:
        with guarded(self._path), self._engine.begin() as connection:
            yield connection


def open_engine(path: Path) -> Engine:
    """An engine on an existing database file, brought to the newest schema.

    Raises FolderMissing, FolderForbidden, FolderNewer, DataFolderError, StorageFull.
    """
    if not path.is_file():
        raise FolderMissing(f"there is no database {path}")
    engine = create_engine(
        f"sqlite:///{path}", poolclass=QueuePool, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    try:
        with guarded(path), engine.connect() as connection:
            version = _version(connection)
            if version != VERSIONS[-1]:
                _migrate(connection, version)
    except BeholdenError:
        engine.dispose()
        raise
    return engine


def create_database(path: Path) -> Engine:
    """A new database file (0600) with the newest schema. Raises FolderForbidden, StorageFull, DataFolderError."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise FolderForbidden(f"cannot create {path}: {error.strerror}") from error
    return open_engine(path)


@contextmanager
def guarded(path: Path | str) -> Generator[None]:
    """Turn the database's errors into ours. No foreign exception leaves this room."""
    try:
        yield
    except IntegrityError as error:
        raise ConsentError(f"the database refuses that: {error.orig}") from error
    except DBAPIError as error:
        raise _translated(error.orig, path) from error
    except ValueError as error:  # a row that holds what no Beholden wrote
        raise DataFolderError(f"the database {path} is damaged: {error}", advice=_RESTORE) from error
    except SQLAlchemyError as error:
        raise DataFolderError(f"the database {path} cannot be used: {error}") from error


def _translated(error: BaseException | None, path: Path | str) -> BeholdenError:
    text = str(error).lower()
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return StorageFull(f"no space for the database {path}")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return FolderForbidden(f"this account cannot write the database {path}")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DataFolderError(f"the database {path} is in use", advice="Try again when the other command has ended.")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such table" in text:
        return DataFolderError(f"the database {path} is damaged: {text}", advice=_RESTORE)
    return DataFolderError(f"the database {path} cannot be used: {text}")


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


def _version(connection: Connection) -> str | None:
    """The schema's version, None for an empty file. Raises FolderNewer."""
    known = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").first()
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first() if known else None
    connection.rollback()
    version = None if row is None else str(row[0])
    if version is not None and version not in VERSIONS:
        raise FolderNewer(f"the database is of version {version}, this Beholden knows {VERSIONS[-1]}")
    return version


def _migrate(connection: Connection, version: str | None) -> None:
    """All steps in one transaction. Alembic is imported only here: it takes a third of a second."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "beholden.storage:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["from"] = version
    with connection.begin():
        command.upgrade(config, "head")
