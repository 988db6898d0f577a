"""A data folder: what lies where, and how one is created and opened.

    beholden.db     records (this room); settings may put them on a server
    keystore/       data keys and what wraps them (`consent.keystore`); settings may put it elsewhere
    log/            the log (`ledger.log`)
    seen/           the log of the hour, whose leaves go into the other one with their hour (`acts.logged.hourly`)
    acting.lock     held by whichever process is acting on people
    beholden.toml   settings, written by the command line

Whether a folder is for rehearsals is written in the database (a row that triggers hold), in the name
of the log, and in the log's first leaf; a folder in which they differ is not opened.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from beholden.acts.logged.hourly import Batches
from beholden.acts.office import Office, open_office
from beholden.consent.keystore import Keystore
from beholden.ledger.durable import FileLock, sync_folder
from beholden.ledger.log import FileLog
from beholden.model.errors import DataFolderError, FolderExists, FolderForbidden, FolderMissing, StorageFull
from beholden.model.event import FolderCreated
from beholden.storage.database import Database
from beholden.storage.engine import Backend
from beholden.storage.sqlite import SqliteFile

DATABASE = "beholden.db"
KEYSTORE = "keystore"
LOG = "log"
SEEN = "seen"
LOCK = "acting.lock"
_ALTERED = "Somebody changed this folder: put back a backup. A folder is never converted."


@dataclass(frozen=True, slots=True)
class DataFolder:
    """An open data folder. Close it, or use it as a context manager."""

    path: Path
    database: Database
    keystore: Keystore
    log: FileLog
    office: Office

    @property
    def rehearsal(self) -> bool:
        return self.database.rehearsal

    def close(self) -> None:
        """Keys in memory are overwritten."""
        self.keystore.close()
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def backend_of(path: Path, database: str | None) -> Backend:
    """Where the records of the folder `path` are: on the server that the URL `database` names, or in a file there."""
    if database is None:
        return SqliteFile(path / DATABASE)
    from beholden.storage.postgresql import PostgresqlServer  # 30 ms

    return PostgresqlServer(database)


def create_folder(
    path: Path,
    *,
    rehearsal: bool,
    clock: Callable[[], datetime],
    keystore: Path | None = None,
    database: str | None = None,
) -> None:
    """Create a data folder (0700): it appears whole, or not at all, and so do its records on a server.

    `keystore` None: inside it. `database` None: in a file inside it, else a postgresql:// URL. `clock` gives aware UTC.

    Raises FolderExists, FolderForbidden, FolderMissing (the folder above), StorageFull, KeystoreError, LogUnavailable,
    DataFolderError, SettingsError.
    """
    path = path.absolute()
    try:
        if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
            raise FolderExists(f"there is something at {path} already")
        if not path.parent.is_dir():
            raise FolderMissing(f"there is no folder {path.parent}", advice="Create it first, or name another one.")
    except OSError as error:
        raise _translated(error, path) from error
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with ExitStack() as undo:
            part.mkdir(mode=0o700)
            undo.callback(shutil.rmtree, part, ignore_errors=True)
            keys = keystore or part / KEYSTORE
            Keystore.create(keys)
            undo.callback(shutil.rmtree, keys, ignore_errors=True)
            backend, folder_id = backend_of(part, database), secrets.token_hex(10)
            Database.create(backend, folder_id, rehearsal=rehearsal, moment=clock()).close()
            undo.callback(backend.drop)
            _fill(part, backend, _origin(folder_id, rehearsal=rehearsal), rehearsal, clock, keys)
            part.rename(path)
            undo.pop_all()
        sync_folder(path.parent)
    except OSError as error:
        raise _translated(error, path) from error


def _fill(
    part: Path, backend: Backend, origin: str, rehearsal: bool, clock: Callable[[], datetime], keystore: Path
) -> None:
    FileLog.create(part / LOG, origin)
    FileLog.create(part / SEEN, _seen(origin))
    with _opened(part, clock, keystore, backend) as folder:
        folder.office.journal.record([FolderCreated(at=clock(), rehearsal=rehearsal)])
        folder.database.compact()


def open_folder(
    path: Path,
    *,
    clock: Callable[[], datetime],
    keystore: Path | None = None,
    batches: Batches | None = None,
    database: str | None = None,
) -> DataFolder:
    """Open a data folder, everything in it checked. `batches`: how what was seen gets into the log
    (`acts.logged.hourly`).

    Raises FolderMissing, FolderForbidden, FolderNewer, KeystoreMissing, KeystoreExposed, KeystoreError,
    LogUnavailable, SettingsError, and DataFolderError when the parts do not belong together.
    """
    path = path.absolute()
    check_there(path, database)
    needed = (path, path / DATABASE, path / LOG)
    if not all(os.access(each, os.R_OK | os.W_OK) for each in needed if each.exists()):
        raise FolderForbidden(f"this account may not use {path}")
    folder = _opened(path, clock, keystore or path / KEYSTORE, backend_of(path, database), batches)
    try:
        _check(folder)
    except BaseException:
        folder.close()
        raise
    return folder


def check_there(path: Path, database: str | None) -> None:
    """That `path` is a data folder whose records are where `database` says.

    Raises FolderMissing, FolderForbidden; DataFolderError when they are said to be in two places.
    """
    try:
        file, log = (path / DATABASE).exists(), (path / LOG).exists()
    except PermissionError as error:
        raise FolderForbidden(f"this account may not enter {path}") from error
    if not file and not (log and database is not None):
        raise FolderMissing(
            f"there is no {'database' if log else 'data folder'} at {path}",
            advice="If its records are on a server, set storage.database; else put back a backup." if log else None,
        )
    if file and database is not None:
        raise DataFolderError(
            f"{path} has a database of its own, and storage.database names another",
            advice="Unset storage.database, or back the folder up and restore it with the setting.",
        )


def _opened(
    path: Path, clock: Callable[[], datetime], keystore: Path, backend: Backend, batches: Batches | None = None
) -> DataFolder:
    database = Database.open(backend)
    try:
        keys, log = Keystore.open(keystore), FileLog.open(path / LOG)
        if not (path / SEEN).exists() and database.published() is None:  # a folder of before
            FileLog.create(path / SEEN, _seen(log.origin))
        seen = FileLog.open(path / SEEN)
        _check_seen(database, log, seen)
    except BaseException:
        database.close()
        raise
    office = open_office(database, keys, log, clock, FileLock(path / LOCK).held, seen, batches)
    return DataFolder(path, database, keys, log, office)


def _check(folder: DataFolder) -> None:
    """That database and log are of one folder, of one kind, and of one day: neither was put back alone."""
    database = folder.database
    if folder.log.origin != _origin(database.id, rehearsal=database.rehearsal):
        raise DataFolderError("the database and the log are of different folders", advice=_ALTERED)
    newest = database.newest_leaf()
    if newest is not None and newest >= folder.log.size():
        raise DataFolderError(f"the log is older than the database: leaf {newest} is not in it", advice=_ALTERED)
    first = folder.office.journal.first()
    if first is None or not first.genuine or first.event is None or first.event["rehearsal"] != database.rehearsal:
        raise DataFolderError("the log's first leaf does not say what the database says", advice=_ALTERED)


def _check_seen(database: Database, log: FileLog, seen: FileLog) -> None:
    """That the log of the hour is this folder's, and of this day."""
    if seen.origin != _seen(log.origin):
        raise DataFolderError("the two logs are of different folders", advice=_ALTERED)
    newest = max((each.noted for each in database.waiting() if each.noted is not None), default=-1)
    if newest >= seen.size():
        raise DataFolderError(f"{SEEN} is older than the database: leaf {newest} is not in it", advice=_ALTERED)


def _seen(origin: str) -> str:
    return f"{origin}/{SEEN}"


def _origin(folder_id: str, *, rehearsal: bool) -> str:
    """The log's name. `.invalid` is reserved (RFC 2606): nobody can own it, and no host is meant."""
    return f"beholden.invalid/{'rehearsal/' if rehearsal else ''}{folder_id}"


def _translated(error: OSError, path: Path) -> DataFolderError | StorageFull:
    if error.errno == errno.ENOSPC:
        return StorageFull(f"no space to create {path}")
    return FolderForbidden(f"cannot create {path}: {error.strerror}")
