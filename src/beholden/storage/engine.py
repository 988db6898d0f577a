"""A database as the rest of storage needs it, whichever engine keeps it: transactions, its schema, errors of our tree.

What differs between the engines is behind `Backend`: `sqlite` and `postgresql` each know their own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection, Engine, Table, inspect
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from beholden.model.errors import BeholdenError, DataFolderError, FolderNewer
from beholden.storage.migrations import VERSIONS

if TYPE_CHECKING:  # it takes 30 ms, and few have a server
    from sqlalchemy.dialects import postgresql, sqlite

    Upsert = sqlite.Insert | postgresql.Insert

BUSY_SECONDS = 10.0
RESTORE = "Put back a backup of the folder."
VERSION_TABLE = "alembic_version"


class Backend(Protocol):
    """One database, and all in which its engine differs from the other.

    - Transactions of its engine that write come one after the other, each seeing all before it; those that only read
      (`writes=False` among the options of the connection) see one moment and wait for nobody.
    - Every act is durable when its transaction has ended.
    - Nothing that it raises or shows holds a password.
    """

    @property
    def name(self) -> str:
        """As errors show it."""
        ...

    def engine(self) -> Engine:
        """Connected to nothing yet. Raises SettingsError where it cannot be used at all."""
        ...

    def make(self, engine: Engine) -> None:
        """Room for a new database. Raises FolderExists, FolderForbidden."""
        ...

    def check(self, engine: Engine) -> None:
        """That there is one. Raises FolderMissing."""
        ...

    def drop(self) -> None:
        """Remove a database that was just made, and all in it."""
        ...

    def upsert(self, table: Table) -> Upsert:
        """An INSERT that can say what happens ON CONFLICT."""
        ...

    def translated(self, error: DBAPIError) -> BeholdenError:
        """An error of the engine in our words; ConsentError when a rule of the schema refused."""
        ...

    def compact(self, engine: Engine) -> None:
        """Remove what was deleted from wherever the engine still keeps it. Raises DataFolderError when it cannot."""
        ...

    def loading(self, connection: Connection) -> AbstractContextManager[None]:
        """Rows of another database may be put in: until it ends, triggers neither refuse nor count."""
        ...


class Transactions:
    """Transactions on one database; every error that leaves one is of our tree."""

    def __init__(self, backend: Backend, engine: Engine) -> None:
        self._backend = backend
        self._engine = engine

    @contextmanager
    def _reading(self) -> Generator[Connection]:
        with guarded(self._backend), reading(self._engine) as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Generator[Connection]:
        with guarded(self._backend), self._engine.begin() as connection:
            yield connection


@contextmanager
def reading(engine: Engine) -> Generator[Connection]:
    """A transaction that only reads."""
    with engine.connect() as connection:
        yield connection.execution_options(writes=False)


def open_engine(backend: Backend) -> Engine:
    """An engine on an existing database, brought to the newest schema.

    Raises FolderMissing, FolderForbidden, FolderNewer, DataFolderError, StorageFull, SettingsError.
    """
    engine = backend.engine()
    with disposed(engine), guarded(backend):
        backend.check(engine)
        _bring_up(engine, VERSIONS[-1])
    return engine


def create_database(
    backend: Backend, version: str = VERSIONS[-1], fill: Callable[[Connection], object] | None = None
) -> Engine:
    """A new database with the schema of `version`, and what `fill` puts in; wholly, or not at all.

    Raises FolderExists, FolderForbidden, StorageFull, DataFolderError, SettingsError.
    """
    engine = backend.engine()
    with disposed(engine):
        with guarded(backend):
            backend.make(engine)
        try:
            with guarded(backend):
                _bring_up(engine, version)
                if fill is not None:
                    with engine.begin() as connection:
                        fill(connection)
        except BaseException:  # half a database is none
            with suppress(BeholdenError):
                backend.drop()
            raise
    return engine


@contextmanager
def guarded(backend: Backend) -> Generator[None]:
    """Turn the database's errors into ours. No foreign exception leaves this room."""
    try:
        yield
    except DBAPIError as error:
        raise backend.translated(error) from error
    except ValueError as error:  # a row that holds what no Beholden wrote
        raise DataFolderError(f"the database {backend.name} is damaged: {error}", advice=RESTORE) from error
    except SQLAlchemyError as error:
        raise DataFolderError(f"the database {backend.name} cannot be used: {error}") from error


@contextmanager
def disposed(engine: Engine) -> Generator[None]:
    """No connection of the engine is left open by what fails."""
    try:
        yield
    except BaseException:
        engine.dispose()
        raise


def version_of(engine: Engine) -> str | None:
    """The schema's version, None before there is any. Raises FolderNewer."""
    with reading(engine) as connection:
        known = inspect(connection).has_table(VERSION_TABLE)
        row = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").first() if known else None  # noqa: S608 - a constant
    version = None if row is None else str(row[0])
    if version is not None and version not in VERSIONS:
        raise FolderNewer(f"the database is of version {version}, this Beholden knows {VERSIONS[-1]}")
    return version


def _bring_up(engine: Engine, target: str) -> None:
    """All steps to `target` in one transaction. Alembic is imported only here: it takes a third of a second."""
    if version_of(engine) == target:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "beholden.storage:migrations")
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, target)
