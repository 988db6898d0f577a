"""A log checked by an outsider, who has its public key and nothing else: no signing key, no lock, no write.

Where it comes from is behind `OpenLog`: a folder (`log_folder`), or a server (`fetched`). Neither is
believed: each tile is held against the leaves, the leaves against the head, the head against the key.
Where something is read twice, a server may have answered otherwise the second time. So what is found
in leaves is found while they are hashed (`look`), and that an older head is a beginning is proven.

What the witnesses saw is read first, then what files there are, then the head, then the tiles: the
head is not older than what was witnessed.

What cannot be found out here: whether others are shown another log (witnesses say), whether there
was a longer one (an older head says, or witnesses), and whether a partial tile of an older head was
removed (a log need not keep them).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .checked import replay
from .checkpoint import Checkpoint, open_checkpoint
from .cosignature import Cosignature, WitnessKey, cosignatures
from .errors import TAMPERED, LogUnavailable
from .hashing import EMPTY_ROOT
from .log_folder import LogFolder
from .note import NoteError, VerifierKey
from .proof import verify_consistency
from .reader import SignedTree
from .tile_source import Tiles
from .tiles import WIDTH, Edge, Tile

WITNESSED = "witnessed"
"""As `witnessed.FILE`: checking a folder needs nothing that asks on a network."""
_OTHER_KEY = f"If the key is this log's: {TAMPERED[0].lower()}{TAMPERED[1:]}"
_NO_LOG = "Check where it is: a log has the files `checkpoint` and `tile/...`, and whoever checks it may read them."
_BITS = 8

Look = Callable[[bytes], object]
"""Told of each bundle as it is stored, in order, when its leaves were hashed."""
Progress = Callable[[int, int], object]
"""Told how many leaves were hashed, of how many."""


class OpenLog(Protocol):
    """A log as an outsider gets at it. Methods raise LogUnavailable."""

    @property
    def where(self) -> str:
        """Like `in FOLDER`, for a message."""
        ...

    def note(self, name: str) -> bytes | None:
        """A signed note, at most a byte longer than one can be; None where there is none."""
        ...

    def names(self) -> Sequence[Tile]:
        """Files below `tile/`, where they can be listed; none of them is anything but a tile."""
        ...

    def tiles(self, size: int, names: Sequence[Tile]) -> Tiles:
        """Those of a head of `size` leaves."""
        ...

    def others(self, edge: Edge, names: Sequence[Tile], tiles: Tiles) -> tuple[int, int]:
        """How many files only older heads need, each compared, and how many lie beyond the head."""
        ...


@dataclass(frozen=True, slots=True)
class Verified:
    """What is true of a log: `leaves` were hashed and lead to `root`, `tiles` (files) hold exactly what they give.

    `unsigned`: files beyond the head, of an append that is under way or was cut off; they do not count.
    `witnessed`: how many leaves the newest head has that a trusted witness saw, and `witnesses`: what each of
    those who saw that head said. The leaves after it, or all of them, are unwitnessed.
    """

    origin: str
    size: int
    root: bytes
    leaves: int
    tiles: int
    unsigned: int
    witnessed: int
    witnesses: tuple[Cosignature, ...]


def verify_folder(
    folder: Path, key: VerifierKey, witnesses: Sequence[WitnessKey] = (), since: Checkpoint | None = None
) -> Verified:
    """`verify_log` of what a folder holds."""
    return verify_log(LogFolder(folder), key, witnesses, since)


def verify_log(
    log: OpenLog,
    key: VerifierKey,
    witnesses: Sequence[WitnessKey] = (),
    since: Checkpoint | None = None,
    look: Look | None = None,
    progress: Progress | None = None,
) -> Verified:
    """Everything that there is of the log with this key; about 2 us a leaf, and what it takes to get it.

    `since`: an older head, its signature checked by the caller (`open_checkpoint`), which must be a
    beginning of this log. What `look` saw counts only once this returns. Raises LogUnavailable when anything
    is not what was signed or cannot be read, NoteError when a witness is the log itself.
    """
    _check_outside(key, witnesses)
    kept = log.note(WITNESSED)
    names = log.names()
    data = log.note("checkpoint")
    if data is None:
        raise LogUnavailable(f"there is no checkpoint of a log {log.where}", advice=_NO_LOG)
    head, seen = _opened("checkpoint", data, key, witnesses)
    tiles = log.tiles(head.size, names)
    edge = _replayed(tiles, head.size, look, progress)
    if edge.root() != head.root:
        raise LogUnavailable("the log's leaves are not the ones that were signed", advice=TAMPERED)
    compared, unsigned = log.others(edge, names, tiles)
    compared += _full_tiles(head.size) + len(edge.partial())
    tree = SignedTree(tiles, head)
    if since is not None:
        _check_beginning(tree, since)
    witnessed = head.size if seen else 0
    if kept is not None:
        older, lines = _opened(WITNESSED, kept, key, witnesses)
        _check_beginning(tree, older)
        if older.size == head.size:
            lines = _earliest((*seen, *lines))
        if lines and older.size >= witnessed:
            witnessed, seen = older.size, lines
    return Verified(head.origin, head.size, head.root, edge.size, compared, unsigned, witnessed, seen)


def _replayed(tiles: Tiles, size: int, look: Look | None, progress: Progress | None) -> Edge:
    def seen(full: Mapping[Tile, bytes]) -> None:
        bundle, stored = next(iter(full.items()))
        if look is not None:
            look(stored)
        if progress is not None:
            progress((bundle.index + 1) * WIDTH, size)

    edge = replay(tiles, Edge(), size, seen)
    if edge.bundle and look is not None:
        look(edge.bundle)
    return edge


def seen_by(checkpoint: bytes, key: VerifierKey, witnesses: Sequence[WitnessKey]) -> tuple[Cosignature, ...]:
    """What these witnesses say about a head of the log with this key: one line each, the earliest.

    Raises NoteError when a line of one of them is wrong, or when one of them is the log itself.
    """
    _check_outside(key, witnesses)
    return _earliest(cosignatures(checkpoint, witnesses))


def _earliest(lines: Sequence[Cosignature]) -> tuple[Cosignature, ...]:
    """One line for each name."""
    first: dict[str, Cosignature] = {}
    for line in sorted(lines, key=lambda line: line.moment):
        first.setdefault(line.name, line)
    return tuple(first.values())


def _check_outside(key: VerifierKey, witnesses: Sequence[WitnessKey]) -> None:
    for witness in witnesses:
        if witness.public == key.public:
            raise NoteError(f"the witness {witness.name} is the log itself, which proves nothing")


def _opened(
    name: str, data: bytes, key: VerifierKey, witnesses: Sequence[WitnessKey]
) -> tuple[Checkpoint, tuple[Cosignature, ...]]:
    try:
        head = open_checkpoint(data, key.name, [key])
    except NoteError as error:
        raise LogUnavailable(f"{name} is no head of the log with this key: {error}", advice=_OTHER_KEY) from error
    try:
        return head, seen_by(data, key, witnesses)
    except NoteError as error:
        raise LogUnavailable(f"{name} is not what was signed: {error}", advice=TAMPERED) from error


def _full_tiles(size: int) -> int:
    """How many full tiles a tree has: the bundles, and the tiles of hashes of each level."""
    count = size >> _BITS
    while size:
        size >>= _BITS
        count += size
    return count


def _check_beginning(tree: SignedTree, older: Checkpoint) -> None:
    """That the head follows from an older one: proven, whatever the tiles say this time. Raises LogUnavailable."""
    head = tree.head
    if older.size > head.size:
        raise LogUnavailable(f"the log went back from {older.size} to {head.size} leaves", advice=TAMPERED)
    if older.size == 0:
        follows = older.root == EMPTY_ROOT
    else:
        proof = tree.consistency(older.size)
        follows = verify_consistency(older.size, older.root, head.size, head.root, proof)
    if not follows:
        raise LogUnavailable(
            f"the log was rewritten: its first {older.size} leaves are not those of the older head", advice=TAMPERED
        )
