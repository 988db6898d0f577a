"""PostgreSQL: a schema of our own in a database on a server, with one writer at a time as in SQLite.

Erasure. What is deleted stays on the server's disk in four places (measured with marked rows):

- *Table files*: a plain VACUUM leaves the bytes in holes of its pages (6 of 10 marked rows). `compact` therefore lets
  the tables that hold anything of a person be written anew (VACUUM FULL): none is left in them. The blocks of the old
  file go back to the disk as they are.
- *Statistics*: ANALYZE, which the server runs by itself, copies up to a hundred whole values of a column. The schema
  switches that off for every column of sealed bytes (`migrations.rules`).
- *The write-ahead log*, and whatever was made of it: archives, replicas, base backups. `compact` asks for a checkpoint
  where the role may (a superuser, or a member of pg_checkpoint), after which the server needs the old segments no
  more; but it uses them again without overwriting them first, and archives are beyond us.
- *Openings of leaves*: too many to be written anew at each withdrawal. What is about a person is sealed.

So on PostgreSQL it is the destroyed keys that erase; that their ciphertext goes too is a second line. SQLite does both.
"""

from __future__ import annotations

import re
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.schema import CreateSchema, DropSchema

from beholden.model.errors import (
    BeholdenError,
    ConsentError,
    DataFolderError,
    FolderExists,
    FolderForbidden,
    FolderMissing,
    SettingsError,
    StorageFull,
)
from beholden.storage import engine as engines
from beholden.storage.migrations.kinds import SCHEMA

if TYPE_CHECKING:  # the driver is an extra
    from psycopg.errors import Diagnostic

PERSONAL = ("templates", "sightings", "subjects", "cameras", "oversight")
"""Tables of which rows or parts of rows are deleted when somebody withdraws or a camera is removed."""
_NUMBERED = ("templates", "track_ends")
_WRITER = int.from_bytes(b"beholden")
"""The advisory lock that whoever writes holds until the end of the transaction."""
_COMPACT_WAIT_S = 0.5
"""Readers queue behind a rewrite that waits: a keeper that hears nothing for a second stops naming."""
_CONNECT = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
"""A server that is gone is noticed; whatever the URL says of these wins."""
_SECRET = ("password", "sslpassword")
_USE = "Write storage.database like postgresql://USER:PASSWORD@HOST/DATABASE (docs/settings.md)."
_MAKE = "Make a database of its own for each data folder; see storage.database in docs/settings.md."
_AGAIN = "Try again: what is left is carried on."
_LOCKED = "55P03"
_READS = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@dataclass(frozen=True, slots=True)
class PostgresqlServer:
    """A `Backend` in the schema `beholden` of the database that a URL names. The URL, which may hold a password, is
    never shown."""

    url: str = field(repr=False)

    @property
    def name(self) -> str:
        url = self._parsed()
        host = url.host or ""
        return f"postgresql://{host}{f':{url.port}' if url.port else ''}/{url.database or ''}"

    def engine(self) -> Engine:
        url = self._parsed()
        options = [
            str(url.query.get("options", "")),
            f"-c search_path={SCHEMA}",
            f"-c lock_timeout={int(engines.BUSY_SECONDS * 1000)}",
            "-c synchronous_commit=on",  # durable, whatever the role's default is
            r"-c default_transaction_isolation=read\ committed",
        ]
        try:
            engine = create_engine(
                url.set(drivername="postgresql+psycopg"),
                hide_parameters=True,
                pool_pre_ping=True,
                connect_args={
                    **{name: value for name, value in _CONNECT.items() if name not in url.query},
                    "options": " ".join(options).strip(),
                    "client_encoding": "utf8",
                },
            )
        except ModuleNotFoundError as error:
            raise SettingsError(
                "the driver for PostgreSQL is not installed", advice="Install it: pip install 'beholden[server]'."
            ) from error
        event.listen(engine, "begin", _begin)
        return engine

    def make(self, engine: Engine) -> None:
        """The schema; one that is there and empty will do, so that a role needs no right to make schemas."""
        with engine.begin() as connection:
            if connection.exec_driver_sql(_TABLES).scalar_one():
                raise FolderExists(
                    f"the database {self.name} holds a data folder already",
                    advice=f"{_MAKE} If it was never used, drop its schema {SCHEMA}.",
                )
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
            if encoding != "UTF8":
                raise SettingsError(f"the database {self.name} is encoded in {encoding}, not in UTF8", advice=_MAKE)
            if not connection.exec_driver_sql(_SCHEMAS).scalar_one():
                connection.execute(CreateSchema(SCHEMA))

    def check(self, engine: Engine) -> None:
        with engines.reading(engine) as connection:
            if not connection.exec_driver_sql(_TABLES).scalar_one():
                raise FolderMissing(
                    f"there is no database of a data folder at {self.name}", advice="Check storage.database."
                )

    def drop(self) -> None:
        engine = self.engine()
        try:
            with engines.guarded(self), engine.begin() as connection:
                connection.execute(DropSchema(SCHEMA, cascade=True, if_exists=True))
        finally:
            engine.dispose()

    def upsert(self, table: Table) -> Insert:
        return insert(table)

    def translated(self, error: DBAPIError) -> BeholdenError:
        text = self._said(error.orig)
        if isinstance(error, IntegrityError):
            return ConsentError(f"the database refuses that: {text}")
        state = getattr(error.orig, "sqlstate", None)
        if state is None:
            return DataFolderError(
                f"the database {self.name} cannot be reached: {text}",
                advice="Start its server, or check storage.database.",
            )
        if state == "53100":
            return StorageFull(f"no space for the database {self.name}")
        if state in ("42501", "25006") or state[:2] == "28":  # insufficient privilege, read-only, not authorised
            return FolderForbidden(f"this account cannot use the database {self.name}: {text}")
        if state == "3D000":
            return FolderMissing(f"there is no database {self.name}", advice=_MAKE)
        if state in ("42P06", "42P07"):  # made by somebody else meanwhile
            return FolderExists(f"the database {self.name} holds a data folder already", advice=_MAKE)
        if state in (_LOCKED, "40001", "40P01", "53300", "57P03"):  # a lock, a deadlock, too many, starting up
            return DataFolderError(f"the database {self.name} is in use: {text}", advice=_AGAIN)
        if state == "42P01" or state[:2] == "XX":
            return DataFolderError(f"the database {self.name} is damaged: {text}", advice=engines.RESTORE)
        return DataFolderError(f"the database {self.name} cannot be used: {text}")

    def compact(self, engine: Engine) -> None:
        """Tables of people are written anew, then a checkpoint where the role may; see above for what that leaves."""
        quiet = engine.execution_options(isolation_level="AUTOCOMMIT", writes=False)
        with quiet.connect() as connection:
            connection.exec_driver_sql(f"SET lock_timeout = {int(_COMPACT_WAIT_S * 1000)}")
            try:
                for table in PERSONAL:
                    _rewrite(connection, table)
                if connection.exec_driver_sql(_MAY_CHECKPOINT).scalar_one():
                    connection.exec_driver_sql("CHECKPOINT")
            finally:
                connection.invalidate()  # its timeout is not the others'

    @contextmanager
    def loading(self, connection: Connection) -> Generator[None]:
        rules = connection.exec_driver_sql(_RULES).all()
        for rule in rules:
            connection.exec_driver_sql(f"ALTER TABLE {rule.table} DISABLE TRIGGER {rule.name}")
        yield
        for table in _NUMBERED:
            numbers = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608 - constants
            connection.exec_driver_sql(numbers)
        for rule in rules:
            always = "ALWAYS " if rule.always else ""
            connection.exec_driver_sql(f"ALTER TABLE {rule.table} ENABLE {always}TRIGGER {rule.name}")

    def _parsed(self) -> URL:
        """Raises SettingsError, which does not show the URL."""
        try:
            url = make_url(self.url)
        except (ArgumentError, ValueError):
            raise SettingsError("storage.database is not a URL", advice=_USE) from None
        if url.drivername != "postgresql" or not url.database:
            raise SettingsError("storage.database does not name a database of PostgreSQL", advice=_USE)
        return url

    def _said(self, error: BaseException | None) -> str:
        """What the server or the driver says, on one line, without values of rows and passwords."""
        diagnosis = getattr(error, "diag", None)
        text = " ".join((getattr(diagnosis, "message_primary", None) or str(error)).split())
        url = self._parsed()
        for secret in (url.password, *(url.query.get(name) for name in _SECRET)):
            if secret:
                text = text.replace(str(secret), "***")
        return text


_MAY_CHECKPOINT = """SELECT coalesce(bool_or(pg_has_role(r.oid, 'USAGE')), false) FROM pg_roles r
WHERE r.rolname = 'pg_checkpoint' OR (r.rolname = current_user AND r.rolsuper)"""
_SCHEMAS = f"SELECT count(*) FROM pg_namespace WHERE nspname = '{SCHEMA}'"  # noqa: S608 - a constant
_TABLES = f"SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('{SCHEMA}')"  # noqa: S608 - a constant
_RULES = f"""SELECT c.relname AS table, t.tgname AS name, t.tgenabled = 'A' AS always
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = '{SCHEMA}'::regnamespace"""  # noqa: S608 - a constant


def _begin(connection: Connection) -> None:
    """Readers see one moment. Writers wait for each other first, and then see all that is committed: the lock is asked
    for in a statement of its own, and each statement of READ COMMITTED looks anew."""
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    writes = options.get("writes", True)
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})" if writes else _READS)


def _rewrite(connection: Connection, table: str) -> None:
    """VACUUM FULL, tried again while a transaction of before keeps the table, or a row that was deleted since.

    The server tells the latter in its own language; the number of rows comes first in every one.
    """
    kept: list[str] = []

    def hear(notice: Diagnostic) -> None:
        kept.extend(re.findall(r"\d+", notice.message_detail or "")[:1])

    raw = cast("Any", connection.connection.driver_connection)
    ends, pause = time.monotonic() + engines.BUSY_SECONDS, 0.05
    raw.add_notice_handler(hear)
    try:
        while True:
            kept.clear()
            try:
                connection.exec_driver_sql(f"VACUUM (FULL, VERBOSE) {table}")
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) != _LOCKED:
                    raise
                kept.append("1")
            if not any(map(int, kept)):
                return
            if time.monotonic() + pause > ends:
                raise DataFolderError(f"a reader keeps deleted rows of {table} in use", advice=_AGAIN)
            time.sleep(pause)
            pause *= 2
    finally:
        raw.remove_notice_handler(hear)
