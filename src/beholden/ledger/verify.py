"""A log's folder checked by an outsider, who has its public key and nothing else: no signing key, no lock, no write.

What the witnesses saw is read first, then the names below `tile/`, then the head, then the tiles. So
a log may be appended to meanwhile: the head is not older than what was witnessed, and each name that
was listed is under it, or was written by an append from exactly this head, which had not signed yet.
Such names are counted and told, their bytes are not read: nobody signed for them. A name that no
append from this head would have written at this point is refused.

What cannot be found out here: whether others are shown another log (witnesses say), whether there
was a longer one (an older head says, or witnesses), and whether a partial tile of an older head was
removed (a log need not keep them).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .checked import differs, replay
from .checkpoint import Checkpoint, open_checkpoint
from .cosignature import Cosignature, WitnessKey, cosignatures
from .errors import TAMPERED, LogUnavailable
from .hashing import HASH_SIZE
from .migrate import ENTRIES_FILE
from .note import LARGEST, NoteError, VerifierKey
from .reader import SignedTree
from .tile_folder import TileFolder
from .tiles import ENTRIES, LARGEST_LEAF, WIDTH, Edge, Tile, ends_in, parse_path, tile_at

WITNESSED = "witnessed"
"""As `witnessed.FILE`: checking a folder needs nothing that asks on a network."""
_OTHER_KEY = f"If the key is this log's: {TAMPERED[0].lower()}{TAMPERED[1:]}"
_UNREADABLE = "Check the path, and that this account may read everything in it."
_BITS = 8


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
    """Everything that `folder` holds of the log with this key; about 2 us a leaf.

    `since`: an older head, its signature checked by the caller (`open_checkpoint`), which must be a
    beginning of this log. Raises LogUnavailable when anything is not what was signed or cannot be
    read, NoteError when a witness is the log itself.
    """
    _check_outside(key, witnesses)
    kept = _read(folder, WITNESSED)
    names = list(_listed(folder))
    data = _read(folder, "checkpoint")
    if data is None:
        raise LogUnavailable(f"there is no checkpoint of a log in {folder}", advice=_UNREADABLE)
    head, seen = _opened("checkpoint", data, key, witnesses)
    tiles = TileFolder(folder)
    if head.size and not names and (folder / ENTRIES_FILE).exists():
        raise LogUnavailable(
            "the log is kept in one file, as the first version did",
            advice="Whoever keeps it opens it once with this version, which cuts it into tiles.",
        )
    edge = replay(tiles, Edge(), head.size)
    if edge.root() != head.root:
        raise LogUnavailable("the log's leaves are not the ones that were signed", advice=TAMPERED)
    compared = _full_tiles(head.size) + len(edge.partial()) + _compare_older(tiles, edge, names)
    unsigned = _unsigned(folder, head.size, names)
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


def bundles(folder: Path, size: int) -> Iterator[bytes]:
    """The stored bundles of the first `size` leaves, in order, to look through what `verify_folder` found good.

    They are read again. Raises LogUnavailable.
    """
    tiles = TileFolder(folder)
    for index in range(-(-size // WIDTH)):
        yield tiles.read(Tile(ENTRIES, index, min(WIDTH, size - index * WIDTH)))


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


def _read(folder: Path, name: str) -> bytes | None:
    """A signed note, None where there is none. What only looks like a file is not read: a folder may hold anything."""
    try:
        file = os.open(folder / name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise LogUnavailable(f"{name} of the log is not a plain file", advice=TAMPERED)
            return os.read(file, LARGEST + 1)
        finally:
            os.close(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        message = f"cannot read {name} of the log in {folder}: {error.strerror}"
        raise LogUnavailable(message, advice=_UNREADABLE) from error


def _listed(folder: Path) -> Iterator[Tile]:
    """Every file below `tile/`, in no order. Raises LogUnavailable for one that is no tile.

    Also for one that is no plain file, or longer than a tile can be: it is not read then.
    """
    waiting = ["tile"]
    while waiting:
        below = waiting.pop()
        try:
            with os.scandir(folder / below) as entries:
                for entry in entries:
                    path = f"{below}/{entry.name}"
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(path)
                    elif (tile := _listed_tile(entry, path)) is not None:
                        yield tile
        except FileNotFoundError:
            continue  # an empty log; or partial tiles that went just now, because their tile is full
        except OSError as error:
            message = f"cannot list {below} of the log: {error.strerror}"
            raise LogUnavailable(message, advice=_UNREADABLE) from error


def _listed_tile(entry: os.DirEntry[str], path: str) -> Tile | None:
    """The tile with this name; None when the file went meanwhile."""
    tile = parse_path(path)
    if tile is None:
        raise _extra(path)
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    longest = tile.width * (HASH_SIZE if tile.level != ENTRIES else LARGEST_LEAF + 2)
    if not stat.S_ISREG(status.st_mode) or status.st_size > longest:
        raise LogUnavailable(f"{path} of the log is not a plain file, or too long for a tile", advice=TAMPERED)
    return tile


def _full_tiles(size: int) -> int:
    """How many full tiles a tree has: the bundles, and the tiles of hashes of each level."""
    count = size >> _BITS
    while size:
        size >>= _BITS
        count += size
    return count


def _compare_older(tiles: TileFolder, edge: Edge, names: Sequence[Tile]) -> int:
    """How many partial tiles of older heads there are; each must be the beginning of what lies at its place now."""
    at_edge = edge.partial()
    wider: dict[Tile, tuple[bytes, Sequence[int]]] = {}
    compared = 0
    for narrow in names:
        now = tile_at(narrow.level, narrow.index, edge.size)
        if now is None or narrow.width >= now.width:
            continue
        if now not in wider:
            data = at_edge[now] if now in at_edge else tiles.read(now)
            wider = {now: (data, ends_in(now, data))}  # those of one place are listed one after the other
        data, ends = wider[now]
        if tiles.read(narrow) != data[: ends[narrow.width - 1]]:
            raise differs(narrow)
        compared += 1
    return compared


def _unsigned(folder: Path, size: int, names: Sequence[Tile]) -> int:
    """How many files lie beyond a head of `size` leaves. All must be of one append from there, as far as it has come.

    An append makes the tiles of a level in their order, each after those that it is about, and each says how
    many leaves the tree has with it: they must agree on a number. Raises LogUnavailable.
    """
    at_least, at_most, count = size + 1, 1 << 64, 0
    for tile in names:
        now = tile_at(tile.level, tile.index, size)
        if (now is not None and tile.width <= now.width) or not os.path.lexists(folder / tile.path):
            continue  # under the head; or swept meanwhile, as what a process left that died before it signed
        unit = 1 << (_BITS * max(tile.level, 0))
        low = (tile.index * WIDTH + tile.width) * unit
        at_least = max(at_least, low)
        if tile.width < WIDTH:
            at_most = min(at_most, low + unit - 1)
        if at_least > at_most or not all(_there(folder, each) for each in _made_before(tile)):
            raise _extra(tile.path)
        count += 1
    return count


def _made_before(tile: Tile) -> Iterator[Tile]:
    """What an append has made, or found, before it makes this."""
    if tile.index:
        yield Tile(tile.level, tile.index - 1)
    if tile.level == 0:
        yield Tile(ENTRIES, tile.index, tile.width)
    elif tile.level > 0:
        yield Tile(tile.level - 1, tile.index * WIDTH + tile.width - 1)


def _there(folder: Path, tile: Tile) -> bool:
    """The partial ones go when their tile is full."""
    return os.path.lexists(folder / tile.path) or os.path.lexists(folder / tile.whole_path)


def _check_beginning(tree: SignedTree, older: Checkpoint) -> None:
    if older.size > tree.head.size:
        raise LogUnavailable(f"the log went back from {older.size} to {tree.head.size} leaves", advice=TAMPERED)
    if tree.root(older.size) != older.root:
        raise LogUnavailable(
            f"the log was rewritten: its first {older.size} leaves are not those of the older head", advice=TAMPERED
        )


def _extra(path: str) -> LogUnavailable:
    return LogUnavailable(f"{path!r} is not a file of this log", advice=TAMPERED)
