"""A backup of a data folder, and a folder put back from one: everything but the keys.

    manifest.json   what it is of, when, and SHA-256 of every file
    beholden.db     a snapshot, without anything that was deleted: SQLite, also of records on a server
    log/ seen/      both logs, with the key that signs them
    beholden.toml   settings, where there are some

A backup holds templates and names sealed under keys that it does not hold (invariant I7). Put back with today's
keystore it opens those who stayed, and nobody who left; with the keystore of its day it would open all of them, which
is why keystores are not backed up together with it.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from beholden.consent.keystore import Keystore
from beholden.ledger.durable import replace_file, sync_folder
from beholden.ledger.log import FileLog
from beholden.model.errors import (
    BeholdenError,
    DataFolderError,
    FolderExists,
    FolderForbidden,
    FolderMissing,
    StorageFull,
)
from beholden.storage.copying import copy_database
from beholden.storage.engine import Backend
from beholden.storage.folder import DATABASE, KEYSTORE, LOG, SEEN, backend_of, check_there
from beholden.storage.sqlite import SqliteFile

FORMAT = "beholden-backup/1"
MANIFEST = "manifest.json"
SETTINGS = "beholden.toml"
_LOG_FILES = ("witnessed", "checkpoint", "tile", "entries", "key")
"""`entries` is of the first version. In this order a log that is appended to meanwhile is whole in the copy: first a
head, then all that it covers."""
_DAMAGED = "Take another backup: this one is not what was written."


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says of itself: the log it is of, how long that was, and when it was taken (aware UTC)."""

    origin: str
    leaves: int
    taken_at: datetime
    files: int


def back_up(path: Path, out: Path, moment: datetime, database: str | None = None) -> Backup:
    """Copy the data folder `path`, which may be in use, to `out`, which must not be there. Keys are left out.

    `database`: the URL of its records, where they are on a server.

    Raises FolderExists, FolderMissing, FolderForbidden, FolderNewer, StorageFull, DataFolderError, LogUnavailable,
    SettingsError.
    """
    check_there(path, database)
    with _made(out) as part:
        _snapshot(backend_of(path, database), part / DATABASE)  # first: what it knows of is in the logs by now
        for name in (LOG, SEEN):
            _copy_log(path / name, part / name)
        if (path / SETTINGS).is_file():
            shutil.copyfile(path / SETTINGS, part / SETTINGS)
        log = FileLog.open(part / LOG)
        if (part / SEEN).exists():
            FileLog.open(part / SEEN)
        files = {name: _digest(part / name) for name in sorted(_files(part))}
        values = {
            "format": FORMAT,
            "log": log.origin,
            "leaves": log.size(),
            "taken_at": moment.astimezone(UTC).isoformat(timespec="seconds"),
            "files": files,
        }
        replace_file(part / MANIFEST, (json.dumps(values, indent=1) + "\n").encode())
        return Backup(log.origin, log.size(), moment, len(files))


def restore(
    backup: Path, path: Path, keystore: Path | None, todays: Path | None = None, database: str | None = None
) -> Backup:
    """Make the data folder `path` from a backup and today's keystore, which is copied into it; None: it is elsewhere.

    `todays`: the data folder whose logs go on, where they are still there. Without it the logs go back to the
    backup's day, and witnesses who saw more will say so. Whoever withdrew since is without a key, and is to be
    forgotten by `acts.reconcile` before anything else happens. `database`: the URL of a database on a server, which
    holds none yet, where the records go; so a folder moves there, or back.

    Raises FolderExists, FolderMissing, FolderForbidden, StorageFull; DataFolderError when the backup is damaged
    or not of the same log as `todays`; LogUnavailable, KeystoreError, SettingsError.
    """
    known = read_backup(backup)
    if keystore is not None:
        Keystore.open(keystore)
    if todays is not None:
        _check_goes_on(backup / LOG, todays / LOG)
    with ExitStack() as undo, _made(path) as part:
        for name in (DATABASE, SETTINGS):
            if (backup / name).exists():
                shutil.copyfile(backup / name, part / name)
                (part / name).chmod(0o600)
        for name in (LOG, SEEN):
            _copy_log((todays or backup) / name, part / name)
        if keystore is not None:
            _copy_keystore(keystore, part / KEYSTORE)
        if database is not None:
            file, server = SqliteFile(part / DATABASE), backend_of(part, database)
            copy_database(file, server)
            undo.callback(lambda: None if path.exists() else server.drop())
            file.drop()
    return known


def read_backup(backup: Path) -> Backup:
    """What a backup says of itself, every file in it compared. Raises FolderMissing, DataFolderError."""
    try:
        values: Any = json.loads((backup / MANIFEST).read_bytes())
        files: dict[str, str] = dict(values["files"])
        known = Backup(
            str(values["log"]), int(values["leaves"]), datetime.fromisoformat(str(values["taken_at"])), len(files)
        )
        if values["format"] != FORMAT:
            raise DataFolderError(f"{backup} is a backup of another version: {values['format']}")
    except FileNotFoundError as error:
        raise FolderMissing(f"there is no backup in {backup}: no {MANIFEST}") from error
    except OSError as error:
        raise FolderForbidden(f"cannot read {backup}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataFolderError(f"the manifest of {backup} is damaged", advice=_DAMAGED) from error
    there = set(_files(backup)) - {MANIFEST}
    if there != files.keys():
        odd = sorted(there ^ files.keys())[0]
        raise DataFolderError(f"{backup} does not hold what its manifest says: {odd}", advice=_DAMAGED)
    for name, digest in files.items():
        if _digest(backup / name) != digest:
            raise DataFolderError(f"{backup / name} is not what was backed up", advice=_DAMAGED)
    return known


def _snapshot(database: Backend, copy: Path) -> None:
    """A whole database as of one moment, also while it is written; deleted rows are not in it."""
    if not isinstance(database, SqliteFile):
        copy_database(database, SqliteFile(copy))
        return
    try:
        with closing(sqlite3.connect(f"file:{database.path}?mode=ro", uri=True, timeout=10)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        copy.chmod(0o600)
    except sqlite3.Error as error:
        full = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
        kind = StorageFull if full else DataFolderError
        raise kind(f"the database {database.name} cannot be copied: {error}") from error


def _copy_log(log: Path, copy: Path) -> None:
    if not log.exists():  # the log of the hour, in a folder of an older version
        return
    copy.mkdir(mode=0o700)
    for name in _LOG_FILES:
        source = log / name
        if source.is_dir():
            shutil.copytree(source, copy / name, copy_function=_copy_tile)
        elif source.exists():
            shutil.copyfile(source, copy / name)
            (copy / name).chmod(0o600)


def _copy_tile(source: str, copy: str) -> str:
    """A partial tile may go while it is copied: its tile is full then, and is copied too."""
    try:
        return shutil.copyfile(source, copy)
    except FileNotFoundError:
        return copy


def _copy_keystore(keystore: Path, copy: Path) -> None:
    copy.mkdir(mode=0o700)
    for source in sorted(keystore.glob("*.json")):
        shutil.copyfile(source, copy / source.name)
        (copy / source.name).chmod(0o600)


def _check_goes_on(backup: Path, todays: Path) -> None:
    """That today's log is the backup's, grown. Raises LogUnavailable, DataFolderError."""
    before, now = FileLog.open(backup), FileLog.open(todays)
    if before.verifier != now.verifier or before.size() > now.size():
        raise DataFolderError(f"{todays} is not the log of the backup, or is older", advice="Restore without it.")
    head = before.tree().head
    if head.size and now.tree().root(head.size) != head.root:
        raise DataFolderError(f"{todays} is another log than the backup's: it was rewritten", advice="Ask a witness.")


def _files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if not path.is_dir():
            yield path.relative_to(folder).as_posix()


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()  # pyright: ignore[reportArgumentType]
    except OSError as error:
        raise FolderForbidden(f"cannot read {path}: {error.strerror}") from error


@contextmanager
def _made(path: Path) -> Generator[Path]:
    """A folder that is there whole, 0700, or not at all: the block fills it under another name."""
    path = path.absolute()
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    if os.path.lexists(path):
        raise FolderExists(f"there is something at {path} already")
    try:
        part.mkdir(mode=0o700)
        yield part
        for each in sorted(part.rglob("*")):
            _sync(each)
        part.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        raise _in_our_words(error, path) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _in_our_words(error: OSError, path: Path) -> BeholdenError:
    if error.errno == errno.ENOSPC:
        return StorageFull(f"no space for {path}")
    if error.errno == errno.ENOENT:
        return FolderMissing(f"there is no folder {path.parent}")
    return FolderForbidden(f"cannot make {path}: {error.strerror}")
