"""Who keeps a data folder: whoever holds the lock on `keeper.lock`, which the kernel frees when its process dies."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from beholden.ledger.durable import write_all
from beholden.model.errors import FolderForbidden, FolderMissing

LOCK = "keeper.lock"
_POLL_S = 0.2


@dataclass(slots=True)
class Held:
    """The lock, held. `release` it; the kernel does when this process dies."""

    path: Path
    _fd: int

    def intact(self) -> bool:
        """Whether it is still the lock that others try: false when somebody deleted or replaced its file."""
        try:
            there, held = self.path.stat(), os.fstat(self._fd)
        except OSError:
            return False
        return (there.st_dev, there.st_ino) == (held.st_dev, held.st_ino)

    def release(self) -> None:
        """Safe to call twice."""
        if self._fd >= 0:
            with suppress(OSError):
                fcntl.flock(self._fd, fcntl.LOCK_UN)  # also where a fork of this process holds it open
            os.close(self._fd)
            self._fd = -1


def try_to_keep(folder: Path, lock: str = LOCK) -> Held | None:
    """The lock, if nobody holds it. Raises FolderMissing, FolderForbidden, both because of an OSError.

    Another file than `keeper.lock` is a lock of its own, for what only one process may do in the folder.
    """
    fd = _opened(folder, lock)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    except OSError as error:
        os.close(fd)
        raise FolderForbidden(f"the data folder {folder} cannot be kept: {error.strerror}") from error
    except BaseException:
        os.close(fd)
        raise
    return _signed(folder, lock, fd)


def wait_to_keep(folder: Path, stop: threading.Event) -> Held | None:
    """Wait for the lock; None when `stop` is set first. Raises FolderMissing, FolderForbidden.

    A thread sleeps in the kernel, so that the lock is taken at the moment at which its holder dies.
    """
    waiter = _Waiter(_opened(folder, LOCK))
    try:
        while not waiter.done.wait(_POLL_S) and not stop.is_set():
            pass
    except BaseException:
        waiter.abandon()
        raise
    if stop.is_set() or not waiter.taken:
        waiter.abandon()
        if stop.is_set():
            return None
        raise FolderForbidden(f"the data folder {folder} cannot be kept: its file system knows no locks")
    return _signed(folder, LOCK, waiter.fd)


class _Waiter:
    """A thread that waits for the lock on a file; when it is abandoned, it gives the lock back once it gets it."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.taken = False
        self.done = threading.Event()
        self._abandoned = False
        self._lock = threading.Lock()
        threading.Thread(target=self._wait, name="keeper lock", daemon=True).start()

    def abandon(self) -> None:
        with self._lock:
            if not self._abandoned and self.done.is_set():
                os.close(self.fd)
            self._abandoned = True

    def _wait(self) -> None:
        taken = True
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX)
        except OSError:
            taken = False
        with self._lock:
            self.taken = taken
            if self._abandoned:
                os.close(self.fd)
            self.done.set()


def holder(folder: Path) -> int | None:
    """The process id that the lock's holder wrote into it; None when nobody did. It may be of a process long gone."""
    try:
        values: object = json.loads((folder / LOCK).read_bytes())
    except (OSError, ValueError):
        return None
    pid = cast("dict[str, Any]", values).get("pid") if isinstance(values, dict) else None
    return pid if isinstance(pid, int) else None


def _opened(folder: Path, lock: str) -> int:
    try:
        return os.open(folder / lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FolderMissing(f"there is no data folder at {folder}") from error
    except OSError as error:
        raise FolderForbidden(f"the data folder {folder} cannot be kept: {error.strerror}") from error


def _signed(folder: Path, lock: str, fd: int) -> Held:
    """Write down who holds it, for whoever waits for an answer; a full disk is no reason not to hold it."""
    try:
        os.ftruncate(fd, 0)
        write_all(fd, json.dumps({"pid": os.getpid()}).encode())
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            os.close(fd)
            raise FolderForbidden(f"the data folder {folder} cannot be kept: {error.strerror}") from error
    return Held(folder / lock, fd)
