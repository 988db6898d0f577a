"""An append-only log in a folder, and the promises that every log makes.

key          the signing key, 0600
entries      each leaf as 2 bytes of length (big-endian) and the leaf, one after the other
checkpoint   the signed head: what it does not cover was never acknowledged
lock         flock between processes
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from beholden.ledger.checkpoint import Checkpoint, open_checkpoint
from beholden.ledger.durable import FileLock, replace_file, sync_folder, write_all
from beholden.ledger.hashing import Frontier, leaf_hash
from beholden.ledger.keyfile import create_key, load_key
from beholden.ledger.note import NoteError, SigningKey
from beholden.model.errors import LogUnavailable

LARGEST_LEAF = 0xFFFF
_TAMPERED = (
    "Do not write to it. Compare it with a backup and with what a witness has seen: somebody or some disk changed it."
)


@dataclass(frozen=True, slots=True)
class Appended:
    """Where leaves went: the first has this index, and the tree has `size` leaves with them."""

    first_index: int
    size: int


class Log(Protocol):
    """Leaves that stay.

    - When `append` returns, its leaves are durable, in order and next to each other, under a signed head.
    - When it raises LogUnavailable, they may be in the log or not (a failure after the last write):
      whoever must know reads `leaves`. It never leaves a part of them.
    - Several threads and processes may append to one log at once.
    """

    @property
    def origin(self) -> str: ...

    def append(self, leaves: Sequence[bytes]) -> Appended:
        """Raises LogUnavailable; ValueError when a leaf is longer than 65,535 bytes or there is none."""
        ...

    def size(self) -> int:
        """How many leaves are under the newest signed head, also those of other processes. Raises LogUnavailable."""
        ...

    def leaves(self, start: int = 0, end: int | None = None) -> list[bytes]:
        """Leaves start to end (exclusive) of those under the newest signed head. Raises LogUnavailable."""
        ...

    def checkpoint(self) -> bytes:
        """The newest signed head, a C2SP checkpoint. Raises LogUnavailable."""
        ...


def encode_leaves(leaves: Sequence[bytes]) -> bytes:
    """As they lie in `entries`; ValueError as `Log.append` says."""
    if not leaves or max(map(len, leaves)) > LARGEST_LEAF:
        raise ValueError(f"an append takes at least one leaf, of at most {LARGEST_LEAF} bytes")
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


class FileLog:
    """A `Log` in a folder. Appending costs O(log n) hashes: the frontier is kept, and follows other processes."""

    def __init__(self, folder: Path, key: SigningKey) -> None:
        self._folder = folder
        self._key = key
        self._lock = FileLock(folder / "lock")
        self._state = threading.Lock()
        self._frontier = Frontier()
        self._offsets = [0]
        """Where each leaf begins in `entries`, and behind the last where the next will: 8 bytes a leaf."""

    @property
    def origin(self) -> str:
        return self._key.verifier.name

    @property
    def verifier(self) -> str:
        """The public key with its name, for whoever checks this log."""
        return self._key.verifier.encoded()

    @classmethod
    def create(cls, folder: Path, origin: str) -> FileLog:
        """A new, empty log named `origin` in a new folder (0700). Raises LogUnavailable."""
        try:
            folder.mkdir(mode=0o700)
            key = create_key(folder / "key", origin)
            replace_file(folder / "entries", b"")
            replace_file(folder / "checkpoint", Checkpoint(origin, 0, Frontier().root()).signed(key))
            sync_folder(folder.parent)
        except OSError as error:
            raise LogUnavailable(f"cannot create the log in {folder}: {error.strerror}") from error
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> FileLog:
        """An existing log, every leaf hashed and compared with the signed head. Raises LogUnavailable."""
        log = cls(folder, load_key(folder / "key"))
        log.size()
        return log

    def append(self, leaves: Sequence[bytes]) -> Appended:
        data = encode_leaves(leaves)
        try:
            with self._lock.held(), self._state:
                self._follow()
                frontier, offsets = self._frontier.copy(), [self._offsets[-1]]
                self._write(data)
                self._push(frontier, offsets, self._read(offsets[0], len(data)), list(leaves))
                head = Checkpoint(self.origin, frontier.size, frontier.root()).signed(self._key)
                replace_file(self._folder / "checkpoint", head)
                first = self._frontier.size
                self._frontier = frontier
                self._offsets.extend(offsets[1:])
                return Appended(first, frontier.size)
        except OSError as error:
            raise LogUnavailable(f"the log {self._folder} cannot be written: {error.strerror}") from error

    def size(self) -> int:
        with self._state:
            self._follow()
            return self._frontier.size

    def leaves(self, start: int = 0, end: int | None = None) -> list[bytes]:
        with self._state:
            self._follow()
            size = self._frontier.size
            start, end = min(max(start, 0), size), size if end is None else min(end, size)
            if start >= end:
                return []
            first = self._offsets[start]
            data = self._read(first, self._offsets[end] - first)
            marks = [offset - first for offset in self._offsets[start : end + 1]]
        return [data[a + 2 : b] for a, b in pairwise(marks)]

    def checkpoint(self) -> bytes:
        try:
            return (self._folder / "checkpoint").read_bytes()
        except OSError as error:
            raise LogUnavailable(f"cannot read the log's checkpoint in {self._folder}: {error.strerror}") from error

    def _follow(self) -> None:
        """Take in what other processes appended, checked against the signed head.

        Needs no lock between processes: a checkpoint is replaced whole, and the bytes under it never change.
        """
        try:
            head = open_checkpoint(self.checkpoint(), self.origin, [self._key.verifier])
        except NoteError as error:
            raise LogUnavailable(f"the log's checkpoint is damaged: {error}", advice=_TAMPERED) from error
        missing = head.size - self._frontier.size
        if missing < 0:
            raise LogUnavailable(f"the log went back to {head.size} leaves", advice=_TAMPERED)
        frontier, offsets = self._frontier, [self._offsets[-1]]
        if missing:
            frontier = self._frontier.copy()
            data = self._read(offsets[0], None)
            self._push(frontier, offsets, data, [None] * missing)
        if frontier.root() != head.root:
            raise LogUnavailable("the log's leaves are not the ones that were signed", advice=_TAMPERED)
        self._frontier = frontier
        self._offsets.extend(offsets[1:])

    @staticmethod
    def _push(frontier: Frontier, offsets: list[int], data: bytes, expected: Sequence[bytes | None]) -> None:
        """Hash as many stored leaves as `expected` has, each compared with it where it is not None."""
        at, begin = 0, offsets[-1]
        for wanted in expected:
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            if at + 2 > len(data) or end > len(data):
                raise LogUnavailable(
                    f"the log is shorter than its signed head: {frontier.size} leaves", advice=_TAMPERED
                )
            leaf = data[at + 2 : end]
            if wanted is not None and leaf != wanted:
                raise LogUnavailable("the disk does not hold the bytes that were written to the log")
            frontier.push(leaf_hash(leaf))
            offsets.append(begin + end)
            at = end

    def _read(self, offset: int, length: int | None) -> bytes:
        try:
            with (self._folder / "entries").open("rb") as file:
                file.seek(offset)
                return file.read() if length is None else file.read(length)
        except OSError as error:
            raise LogUnavailable(f"cannot read the log in {self._folder}: {error.strerror}") from error

    def _write(self, data: bytes) -> None:
        """Write behind the signed part; what lies there was torn off before it was acknowledged, and is cut."""
        fd = os.open(self._folder / "entries", os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.ftruncate(fd, self._offsets[-1])
            os.lseek(fd, self._offsets[-1], os.SEEK_SET)
            write_all(fd, data)
            os.fsync(fd)
        finally:
            os.close(fd)
