"""A log's folder as the version before made it, one file `entries`, becomes tiles.

Cut off at any point it is begun again: `entries` is removed when every tile is durable and compared,
and nothing is appended before. The checkpoint is not touched: the tree is the same.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from .checked import replay
from .checkpoint import Checkpoint
from .durable import sync_folder
from .errors import TAMPERED, LogUnavailable
from .tile_folder import TileFolder
from .tiles import Edge, grow

ENTRIES_FILE = "entries"
_AT_ONCE = 1 << 15
"""Leaves in memory at a time."""


def migrate(folder: Path, head: Checkpoint) -> None:
    """Cut `entries` into the tiles of this head; the caller holds the log's lock.

    Raises LogUnavailable when its leaves are not those that were signed (then nothing is changed), OSError.
    """
    data = (folder / ENTRIES_FILE).read_bytes()
    leaves = _signed_leaves(data, head.size)
    edge, _ = grow(Edge(), leaves)
    if edge.root() != head.root:
        raise LogUnavailable("the log's leaves are not the ones that were signed", advice=TAMPERED)
    tiles = TileFolder(folder)
    shutil.rmtree(folder / "tile", ignore_errors=True)
    edge = Edge()
    for start in range(0, len(leaves), _AT_ONCE):
        edge, full = grow(edge, leaves[start : start + _AT_ONCE])
        tiles.write(full)
    tiles.write(edge.partial())
    if replay(tiles, Edge(), head.size) != edge:
        raise LogUnavailable("the disk does not hold the bytes that were written to the log")
    (folder / ENTRIES_FILE).unlink()
    sync_folder(folder)


def _signed_leaves(data: bytes, count: int) -> list[bytes]:
    """The first `count` leaves; what lies behind them was never acknowledged."""
    leaves: list[bytes] = []
    at = 0
    for _ in range(count):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise LogUnavailable(f"the log is shorter than its signed head: {len(leaves)} leaves", advice=TAMPERED)
        leaves.append(data[at + 2 : end])
        at = end
    return leaves
