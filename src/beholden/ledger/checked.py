"""Stored leaves hashed again, and every tile compared with what they hash to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter

from .errors import TAMPERED, LogUnavailable
from .tile_folder import TileFolder
from .tile_source import Tiles
from .tiles import ENTRIES, WIDTH, Edge, Tile, ends_in, filled_by, grow, parse_leaves, tile_at

Seen = Callable[[Mapping[Tile, bytes]], None]


def replay(tiles: Tiles, edge: Edge, size: int, seen: Seen | None = None) -> Edge:
    """The edge at `size`, from stored leaves alone; every tile over them must hold exactly their hashes.

    `edge`: what is known already of the same tree. `seen` is told of the tiles that each bundle made full, itself
    first. About 2 us a leaf. Raises LogUnavailable.
    """
    while edge.size < size:
        index, known = divmod(edge.size, WIDTH)
        tile = Tile(ENTRIES, index, min(WIDTH, size - index * WIDTH))
        stored = tiles.read(tile)
        edge, full = grow(edge, _leaves(stored, tile)[known:])
        if stored != (full[tile] if tile.width == WIDTH else edge.bundle):
            raise differs(tile)
        for each, expected in full.items():
            if each.level != ENTRIES and tiles.read(each) != expected:
                raise differs(each)
        if seen is not None and full:
            seen(full)
    compare_edge(tiles, edge)
    return edge


def reading_order(size: int) -> Iterator[Tile]:
    """The tiles that `replay` reads from nothing to `size`, in its order: who fetches them can be ahead of it."""
    for index in range(size // WIDTH):
        yield from filled_by(index)
    edge = [tile_at(level, (size >> (8 * max(level, 0))) // WIDTH, size) for level in range(ENTRIES, 8)]
    partial = [tile for tile in edge if tile is not None]
    yield from partial[:1] if size % WIDTH else ()  # the leaves: hashed first, and compared with the rest
    yield from partial


def compare_edge(tiles: Tiles, edge: Edge) -> None:
    """The partial tiles as stored must be those of `edge`. Raises LogUnavailable."""
    for tile, expected in edge.partial().items():
        if tiles.read(tile) != expected:
            raise differs(tile)


class OlderTiles:
    """The partial tiles that only older heads need: each is what the newest one at its place begins with.

    Where a tile grew leaf by leaf there are 254, so an append compares some of them at a time.
    """

    def __init__(self) -> None:
        self._next = 0

    def compare_next(self, tiles: TileFolder, edge: Edge, most: int | None = None) -> None:
        """Read the next ones, at most so many, round and round. Raises LogUnavailable when one is not what it was."""
        newest = edge.partial()
        waiting = [(tile, width) for tile in newest for width in tiles.older_widths(tile)]
        first = self._next if self._next < len(waiting) else 0
        chosen = (waiting[first:] + waiting[:first])[:most]
        for tile, group in groupby(chosen, key=itemgetter(0)):
            whole, ends = newest[tile], ends_in(tile, newest[tile])
            for width, stored in tiles.older(tile, [width for _, width in group]):
                if len(stored) != ends[width - 1] or not whole.startswith(stored):
                    raise differs(Tile(tile.level, tile.index, width))
        self._next = (first + len(chosen)) % max(1, len(waiting))


class FullTiles:
    """What the full tiles of a log held when they were checked: 32 bytes for each bundle and what it completed.

    Comparing them again costs a tenth of hashing their leaves again, and finds the same.
    """

    def __init__(self) -> None:
        self._digests: list[bytes] = []
        self._next = 0

    def add(self, tiles: Mapping[Tile, bytes]) -> None:
        """The tiles that the next bundle made full, as `grow` orders them."""
        self._digests.append(hashlib.sha256(b"".join(tiles.values())).digest())

    def extend(self, later: FullTiles) -> None:
        """What was checked after these."""
        self._digests += later._digests

    def compare_next(self, tiles: TileFolder, count: int) -> None:
        """Read the next `count` again, round and round. Raises LogUnavailable when one is not what it was."""
        for _ in range(min(count, len(self._digests))):
            index = self._next % len(self._digests)
            found = filled_by(index)
            if hashlib.sha256(b"".join(map(tiles.read, found))).digest() != self._digests[index]:
                raise differs(found[0])
            self._next = index + 1


def differs(tile: Tile) -> LogUnavailable:
    """The error about a tile that is not what was signed."""
    return LogUnavailable(f"the log's leaves are not the ones that were signed: {tile.path} differs", advice=TAMPERED)


def _leaves(stored: bytes, tile: Tile) -> list[bytes]:
    try:
        leaves = parse_leaves(stored)
    except ValueError:
        leaves = []
    if len(leaves) != tile.width:
        raise LogUnavailable(
            f"the log is shorter than its signed head: {tile.path} does not hold {tile.width} leaves", advice=TAMPERED
        )
    return leaves
