"""C2SP tlog-tiles: how a tree is cut into files that never change. https://c2sp.org/tlog-tiles

    tile/entries/<N>         256 leaves: the bundle
    tile/<L>/<N>             256 hashes; those of level 0 are of leaves, each of level L + 1 is the root of
                             a full tile of level L
    ... .p/<W>               the same with W of 256: the right edge of the tree

N is written in groups of three digits, all but the last behind an `x`: 1234067 is `x001/x234/067`.
Nothing here touches a disk.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .hashing import EMPTY_ROOT, HASH_SIZE, leaf_hash, node_hash, perfect_root

WIDTH = 256
ENTRIES = -1
"""Stands for a level where the leaves themselves lie."""
LARGEST_LEAF = 0xFFFF
_BITS = 8
_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([0-9]{1,3}))?")


@dataclass(frozen=True, slots=True)
class Tile:
    """One file: `level` from 0, or ENTRIES; `index` N; `width` 1 to 256, below which it is partial."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Below the log's folder or address."""
        return self.whole_path + (f".p/{self.width}" if self.width < WIDTH else "")

    @property
    def whole_path(self) -> str:
        """Of the full tile at this place."""
        rest, last = divmod(self.index, 1000)
        groups = [f"{last:03d}"]
        while rest:
            rest, group = divmod(rest, 1000)
            groups.append(f"x{group:03d}")
        return f"tile/{'entries' if self.level == ENTRIES else self.level}/{'/'.join(reversed(groups))}"


def parse_path(path: str) -> Tile | None:
    """The inverse of `Tile.path`; None for anything that it would not have written."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    level, groups, width = match.groups()
    index = int(groups.replace("/", "").replace("x", ""))
    tile = Tile(ENTRIES if level == "entries" else int(level), index, WIDTH if width is None else int(width))
    return tile if tile.path == path and 1 <= tile.width <= WIDTH and tile.level < 64 else None


def tile_at(level: int, index: int, size: int) -> Tile | None:
    """The tile number `index` of a level in a tree of `size` leaves, as wide as it is there; None where it has none."""
    width = min(WIDTH, (size >> (_BITS * max(level, 0))) - index * WIDTH)
    return Tile(level, index, width) if width > 0 else None


def filled_by(index: int) -> list[Tile]:
    """The tiles that become full with bundle number `index`: the bundle, its hashes, and what that completes above."""
    tiles, level = [Tile(ENTRIES, index), Tile(0, index)], 1
    while (index + 1) % WIDTH**level == 0:
        tiles.append(Tile(level, ((index + 1) >> (_BITS * level)) - 1))
        level += 1
    return tiles


def encode_leaves(leaves: Sequence[bytes]) -> bytes:
    """As they lie in a bundle: each behind its length, 2 bytes, big-endian."""
    return b"".join([len(leaf).to_bytes(2, "big") + leaf for leaf in leaves])


def parse_leaves(bundle: bytes) -> list[bytes]:
    """The inverse of `encode_leaves`; ValueError on anything else. Leaves of one length are read three times faster."""
    length = int.from_bytes(bundle[:2], "big")
    step = length + 2
    count, rest = divmod(len(bundle), step)
    if not rest and bundle[0::step] == bundle[:1] * count and bundle[1::step] == bundle[1:2] * count:
        return [bundle[at + 2 : at + step] for at in range(0, len(bundle), step)]
    leaves: list[bytes] = []
    at = 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 > len(bundle) or end > len(bundle):
            raise ValueError("the bundle is cut off")
        leaves.append(bundle[at + 2 : end])
        at = end
    return leaves


def ends_in(tile: Tile, data: bytes) -> Sequence[int]:
    """Where the first of a tile's leaves or hashes ends in its bytes, where the second, and so on."""
    if tile.level != ENTRIES:
        return range(HASH_SIZE, len(data) + 1, HASH_SIZE)
    ends: list[int] = []
    at = 0
    while at < len(data):
        at += 2 + int.from_bytes(data[at : at + 2], "big")
        ends.append(at)
    return ends


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a tree: its partial tiles, all that appending needs. At most 255 leaves and 255 hashes a level.

    `bundle`: the leaves as encoded; `rows`: the hashes of each level's partial tile, level 0 first.
    """

    size: int = 0
    bundle: bytes = b""
    rows: tuple[bytes, ...] = ()

    def root(self) -> bytes:
        """MTH of all leaves, 32 bytes."""
        node: bytes | None = None
        for row in self.rows:
            end, count, width = len(row), len(row) // HASH_SIZE, 1
            while count:
                if count & width:  # a complete subtree, the smallest and rightmost first
                    start = end - width * HASH_SIZE
                    left = perfect_root(row[start:end])
                    node = left if node is None else node_hash(left, node)
                    end, count = start, count - width
                width <<= 1
        return EMPTY_ROOT if node is None else node

    def partial(self) -> dict[Tile, bytes]:
        """The partial tiles, the leaves first."""
        found = {Tile(ENTRIES, self.size // WIDTH, self.size % WIDTH): self.bundle} if self.bundle else {}
        for level, row in enumerate(self.rows):
            if row:
                whole = self.size >> (_BITS * level)
                found[Tile(level, whole // WIDTH, whole % WIDTH)] = row
        return found


def grow(edge: Edge, leaves: Sequence[bytes]) -> tuple[Edge, dict[Tile, bytes]]:
    """The edge with more leaves, and every tile that became full: a bundle, then what became full with it."""
    size, bundle, rows = edge.size, edge.bundle, list(edge.rows) or [b""]
    full: dict[Tile, bytes] = {}
    at = 0
    while at < len(leaves):
        part = leaves[at : at + WIDTH - size % WIDTH]
        at, size = at + len(part), size + len(part)
        bundle += encode_leaves(part)
        rows[0] += b"".join(map(leaf_hash, part))
        if size % WIDTH == 0:
            full[Tile(ENTRIES, size // WIDTH - 1)] = bundle
            bundle = b""
            _carry(rows, size, full)
    return Edge(size, bundle, tuple(rows)), full


def _carry(rows: list[bytes], size: int, full: dict[Tile, bytes]) -> None:
    """Level 0 is full: hand its root up, as far as levels become full by that."""
    level = 0
    while len(rows[level]) == WIDTH * HASH_SIZE:
        full[Tile(level, (size >> (_BITS * (level + 1))) - 1)] = rows[level]
        root, rows[level] = perfect_root(rows[level]), b""
        level += 1
        if level == len(rows):
            rows.append(b"")
        rows[level] += root
