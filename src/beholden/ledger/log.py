"""An append-only log in a folder, and the promises that every log makes.

key          the signing key, 0600
tile/        the leaves and the tree over them, as C2SP tlog-tiles (docs/log-format.md)
checkpoint   the signed head: what it does not cover was never acknowledged
lock         flock between processes; not empty while tiles are written that nobody signed yet
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .checked import FullTiles, OlderTiles, compare_edge, replay
from .checkpoint import Checkpoint, open_checkpoint
from .durable import FileLock, replace_file, sync_folder
from .errors import TAMPERED, LogUnavailable
from .keyfile import compare_key, create_key, load_key
from .migrate import ENTRIES_FILE, migrate
from .note import NoteError, SigningKey
from .reader import SignedTree
from .receipt import Receipt
from .tile_folder import TileFolder
from .tiles import ENTRIES, LARGEST_LEAF, WIDTH, Edge, Tile, grow, parse_leaves

COMPARED_AGAIN = 4
"""Full tiles that each append compares again, in turn: all of them up to 1,279 leaves, all at every opening."""
OLDER_COMPARED_AGAIN = 512
"""Partial tiles of older heads, likewise; 1,279 leaves appended one by one have 511. Reading one takes 3 us."""

HASHES = 64
"""Bytes that the log's key signs besides its heads; a head is longer, by its name and its hash."""


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

    @property
    def verifier(self) -> str:
        """The public key with its name, for whoever checks this log."""
        ...

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

    def receipt(self, index: int) -> Receipt:
        """That a leaf is under the newest signed head. Raises LogUnavailable; IndexError when it is not."""
        ...

    def sign_hashes(self, hashes: bytes) -> bytes:
        """A signature by the log's key over two SHA-256: 64 bytes, which no head of ours is. Raises ValueError."""
        ...


def check_leaves(leaves: Sequence[bytes]) -> None:
    """ValueError as `Log.append` says."""
    if not leaves or max(map(len, leaves)) > LARGEST_LEAF:
        raise ValueError(f"an append takes at least one leaf, of at most {LARGEST_LEAF} bytes")


def check_hashes(hashes: bytes) -> None:
    """ValueError as `Log.sign_hashes` says."""
    if len(hashes) != HASHES:
        raise ValueError(f"what is signed beside heads is two hashes, {HASHES} bytes")


class FileLog:
    """A `Log` in a folder.

    An append costs its own leaves, the right edge of the tree (at most 255 hashes a level) and a few
    tiles compared again; nothing in it grows with the log. What other processes appended is hashed and
    held against their signed head before it counts.
    """

    def __init__(self, folder: Path, key: SigningKey) -> None:
        self._folder = folder
        self._key = key
        self._tiles = TileFolder(folder)
        self._lock = FileLock(folder / "lock")
        self._state = threading.Lock()
        self._edge = Edge()
        self._full = FullTiles()
        self._older = OlderTiles()
        self._head: bytes = b""
        """The checkpoint that `_edge` belongs to, as it was read."""
        self._swept = False

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
            replace_file(folder / "checkpoint", Checkpoint(origin, 0, Edge().root()).signed(key))
            sync_folder(folder.parent)
        except OSError as error:
            raise LogUnavailable(f"cannot create the log in {folder}: {error.strerror}") from error
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> FileLog:
        """An existing log, every leaf hashed, every tile compared, all under the signed head. Raises LogUnavailable."""
        log = cls(folder, load_key(folder / "key"))
        if (folder / ENTRIES_FILE).exists():
            log._migrate()
        with log._state:
            log._follow()
            log._older.compare_next(log._tiles, log._edge)
        return log

    def append(self, leaves: Sequence[bytes]) -> Appended:
        check_leaves(leaves)
        try:
            with self._lock.held(), self._state:
                self._follow()
                self._compare_again()
                return self._append(leaves)
        except OSError as error:
            raise LogUnavailable(f"the log {self._folder} cannot be written: {error.strerror}") from error

    def size(self) -> int:
        with self._state:
            self._follow()
            return self._edge.size

    def leaves(self, start: int = 0, end: int | None = None) -> list[bytes]:
        with self._state:
            self._follow()
            edge = self._edge
        start, end = min(max(start, 0), edge.size), edge.size if end is None else min(end, edge.size)
        if start >= end:
            return []
        first = start // WIDTH
        found: list[bytes] = []
        for index in range(first, (end - 1) // WIDTH + 1):
            at_edge = index == edge.size // WIDTH
            found += _leaves_of(edge.bundle if at_edge else self._tiles.read(Tile(ENTRIES, index)))
        return found[start - first * WIDTH : end - first * WIDTH]

    def checkpoint(self) -> bytes:
        try:
            return (self._folder / "checkpoint").read_bytes()
        except OSError as error:
            raise LogUnavailable(f"cannot read the log's checkpoint in {self._folder}: {error.strerror}") from error

    def tree(self) -> SignedTree:
        """The tree under the newest signed head, for proofs. Raises LogUnavailable."""
        return SignedTree(self._tiles, self._newest()[1])

    def signed_tree(self) -> tuple[bytes, SignedTree]:
        """The newest head as it was signed, and the tree under it. Raises LogUnavailable."""
        data, head = self._newest()
        return data, SignedTree(self._tiles, head)

    def receipt(self, index: int) -> Receipt:
        """That a leaf is under the newest signed head. Raises LogUnavailable; IndexError when it is not."""
        data, head = self._newest()
        return SignedTree(self._tiles, head).receipt(index, data)

    def sign_hashes(self, hashes: bytes) -> bytes:
        check_hashes(hashes)
        return self._key.sign(hashes)

    def _newest(self) -> tuple[bytes, Checkpoint]:
        with self._state:
            self._follow()
            return self._head, self._opened(self._head)

    def _compare_again(self) -> None:
        """A bit that flipped on the disk since it was checked must not come under another head."""
        compare_key(self._folder / "key", self._key)
        compare_edge(self._tiles, self._edge)
        self._older.compare_next(self._tiles, self._edge, OLDER_COMPARED_AGAIN)
        self._full.compare_next(self._tiles, COMPARED_AGAIN)

    def _append(self, leaves: Sequence[bytes]) -> Appended:
        """Tiles, then the head that covers them; what is stored is hashed again in between. The lock is held."""
        old = self._edge
        if not self._swept or self._unsigned():
            self._tiles.sweep_edge(old.size)
        self._mark(b"appending")
        self._swept = False
        edge, full = grow(old, leaves)
        before = old.partial()
        places = {(tile.level, tile.index) for tile in before}
        partial = {tile: data for tile, data in edge.partial().items() if tile not in before}
        files = full | partial
        for tile in files:
            if (tile.level, tile.index) not in places:
                self._tiles.sweep(Tile(tile.level, tile.index, 0))
        self._tiles.write(files)
        stored = FullTiles()
        if replay(self._tiles, old, edge.size, stored.add) != edge:
            raise LogUnavailable("the disk does not hold the bytes that were written to the log")
        head = Checkpoint(self.origin, edge.size, edge.root()).signed(self._key)
        if self.checkpoint() != self._head:
            raise LogUnavailable("somebody changed the log's head without its lock", advice=TAMPERED)
        replace_file(self._folder / "checkpoint", head)
        self._edge, self._head = edge, head
        self._full.extend(stored)
        gone = [self._tiles.forget_partial(tile) for tile in before if Tile(tile.level, tile.index) in full]
        self._mark(b"")
        self._swept = all(gone)
        return Appended(old.size, edge.size)

    def _follow(self) -> None:
        """Take in what other processes appended, checked against the signed head.

        Needs no lock between processes: a checkpoint is replaced whole, and the tiles under it never change.
        """
        data = self.checkpoint()
        if data == self._head:
            return
        head = self._opened(data)
        if head.size < self._edge.size:
            raise LogUnavailable(f"the log went back to {head.size} leaves", advice=TAMPERED)
        full = FullTiles()
        edge = replay(self._tiles, self._edge, head.size, full.add)
        if edge.root() != head.root:
            raise LogUnavailable("the log's leaves are not the ones that were signed", advice=TAMPERED)
        self._edge, self._head = edge, data
        self._full.extend(full)

    def _opened(self, data: bytes) -> Checkpoint:
        try:
            return open_checkpoint(data, self.origin, [self._key.verifier])
        except NoteError as error:
            raise LogUnavailable(f"the log's checkpoint is damaged: {error}", advice=TAMPERED) from error

    def _migrate(self) -> None:
        try:
            with self._lock.held():
                if (self._folder / ENTRIES_FILE).exists():
                    migrate(self._folder, self._opened(self.checkpoint()))
        except OSError as error:
            raise LogUnavailable(f"the log {self._folder} cannot be migrated: {error.strerror}") from error

    def _unsigned(self) -> bool:
        """Whether a process died between writing tiles and signing them."""
        return (self._folder / "lock").stat().st_size > 0

    def _mark(self, words: bytes) -> None:
        """For the next to hold the lock; a power cut may lose it, but nobody is left then who has swept before."""
        file = os.open(self._folder / "lock", os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
        try:
            os.write(file, words)
        finally:
            os.close(file)


def _leaves_of(bundle: bytes) -> list[bytes]:
    try:
        return parse_leaves(bundle)
    except ValueError as error:
        raise LogUnavailable("a bundle of the log is damaged", advice=TAMPERED) from error
