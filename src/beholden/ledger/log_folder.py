"""A log's folder as an outsider opens it, who may have got it from anywhere: nothing is written, nothing believed.

The names below `tile/` are listed before the head is read. So a log may be appended to meanwhile:
each name that was listed is under the head, or was written by an append from exactly this head, which
had not signed yet. Such names are counted and told, their bytes are not read: nobody signed for them.
A name that no append from this head would have written at this point is refused.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from .checked import differs
from .errors import TAMPERED, LogUnavailable
from .migrate import ENTRIES_FILE
from .note import LARGEST
from .tile_folder import TileFolder
from .tile_source import Tiles, longest
from .tiles import ENTRIES, WIDTH, Edge, Tile, ends_in, parse_path, tile_at

_UNREADABLE = "Check the path, and that this account may read everything in it."
_BITS = 8


class LogFolder:
    """As `verify.OpenLog`: what a folder holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def where(self) -> str:
        return f"in {self.folder}"

    def note(self, name: str) -> bytes | None:
        return _read(self.folder, name)

    def names(self) -> Sequence[Tile]:
        """Every file below `tile/`, in no order. Raises LogUnavailable for one that is no tile."""
        return list(_listed(self.folder))

    def tiles(self, size: int, names: Sequence[Tile]) -> Tiles:
        if size and not names and (self.folder / ENTRIES_FILE).exists():
            raise LogUnavailable(
                "the log is kept in one file, as the first version did",
                advice="Whoever keeps it opens it once with this version, which cuts it into tiles.",
            )
        return TileFolder(self.folder)

    def others(self, edge: Edge, names: Sequence[Tile], tiles: Tiles) -> tuple[int, int]:
        """Partial tiles of older heads, each compared; files beyond the head. Raises LogUnavailable."""
        return _compare_older(tiles, edge, names), _unsigned(self.folder, edge.size, names)


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
    """As `LogFolder.names`; what is no plain file, or longer than a tile can be, is refused before it is read."""
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
    if not stat.S_ISREG(status.st_mode) or status.st_size > longest(tile):
        raise LogUnavailable(f"{path} of the log is not a plain file, or too long for a tile", advice=TAMPERED)
    return tile


def _compare_older(tiles: Tiles, edge: Edge, names: Sequence[Tile]) -> int:
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


def _extra(path: str) -> LogUnavailable:
    return LogUnavailable(f"{path!r} is not a file of this log", advice=TAMPERED)
