"""Where tiles are read from, whatever it is: how they are asked for, how long they are, what a full one begins with."""

from __future__ import annotations

from typing import Protocol

from .hashing import HASH_SIZE
from .tiles import ENTRIES, LARGEST_LEAF, Tile


class Tiles(Protocol):
    """The tiles of one log: files in a folder, or what a server sends."""

    def read(self, tile: Tile) -> bytes:
        """Its bytes, as many leaves or hashes as it is wide. Where a partial tile has become full, its beginning.

        Raises LogUnavailable when neither is there, or when it is not as long as it must be.
        """
        ...


def shortest(tile: Tile) -> int:
    """Bytes that a tile has at least: leaves may be empty, hashes are not."""
    return tile.width * (HASH_SIZE if tile.level != ENTRIES else 2)


def longest(tile: Tile) -> int:
    """Bytes that a tile has at most."""
    return tile.width * (HASH_SIZE if tile.level != ENTRIES else LARGEST_LEAF + 2)


def beginning(whole: bytes, tile: Tile) -> bytes:
    """What the partial tile held, cut from the full one."""
    if tile.level != ENTRIES:
        return whole[: tile.width * HASH_SIZE]
    at = 0
    for _ in range(tile.width):
        at += 2 + int.from_bytes(whole[at : at + 2], "big")
    return whole[:at]
