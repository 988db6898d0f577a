"""The tree under one signed head, read from its tiles by anybody: proofs need no key, no lock, and four small files."""

from __future__ import annotations

from .checkpoint import Checkpoint
from .errors import TAMPERED, LogUnavailable
from .hashing import HASH_SIZE, leaf_hash, perfect_root
from .proof import consistency_proof, inclusion_proof, root_at, verify_inclusion
from .receipt import Receipt
from .tile_source import Tiles
from .tiles import ENTRIES, WIDTH, Tile, parse_leaves, tile_at

_BITS = 8


class SignedTree:
    """What a head covers; its signature was checked by the caller.

    Methods raise LogUnavailable when a tile is missing or not what was signed, IndexError out of range.
    """

    def __init__(self, tiles: Tiles, head: Checkpoint) -> None:
        self._tiles = tiles
        self.head = head

    def leaf(self, index: int) -> bytes:
        """The leaf with this number, as it is stored."""
        tile = self._tile(ENTRIES, index // WIDTH)
        try:
            return parse_leaves(self._tiles.read(tile))[index % WIDTH]
        except (ValueError, IndexError) as error:
            raise LogUnavailable(f"{tile.path} of the log is damaged", advice=TAMPERED) from error

    def inclusion(self, index: int) -> list[bytes]:
        """The audit path of a leaf; what the tiles say is held against the head before it is handed out."""
        return self._included(index)[1]

    def consistency(self, old_size: int, old_root: bytes | None = None) -> list[bytes]:
        """That the tree of `old_size` leaves is a prefix of this one; with `old_root`, also that it was that one."""
        nodes = _Nodes(self._tiles, self.head.size)
        proof = consistency_proof(nodes.node, old_size, self.head.size)
        wrong = old_root is not None and root_at(nodes.node, old_size) != old_root
        if wrong or root_at(nodes.node, self.head.size) != self.head.root:
            raise LogUnavailable("the log's tiles do not lead to the head that was signed", advice=TAMPERED)
        return proof

    def root(self, size: int) -> bytes:
        """The root over the first `size` leaves, as the tiles say; it is not held against the head."""
        if not 0 <= size <= self.head.size:
            raise IndexError(f"a tree of {self.head.size} leaves has no first {size}")
        return root_at(_Nodes(self._tiles, self.head.size).node, size)

    def receipt(self, index: int, checkpoint: bytes) -> Receipt:
        """A receipt for a leaf, with the leaf in it. `checkpoint`: this head as it was signed."""
        leaf, path = self._included(index)
        return Receipt(index, tuple(path), checkpoint, leaf)

    def _included(self, index: int) -> tuple[bytes, list[bytes]]:
        if not 0 <= index < self.head.size:
            raise IndexError(f"leaf {index} is not in a tree of {self.head.size}")
        leaf = self.leaf(index)
        path = inclusion_proof(_Nodes(self._tiles, self.head.size).node, index, self.head.size)
        if not verify_inclusion(leaf_hash(leaf), index, self.head.size, path, self.head.root):
            raise LogUnavailable(f"leaf {index} of the log is not the one that was signed", advice=TAMPERED)
        return leaf, path

    def _tile(self, level: int, index: int) -> Tile:
        tile = tile_at(level, index, self.head.size)
        if tile is None:
            raise IndexError(f"a tree of {self.head.size} leaves has no tile {index}")
        return tile


class _Nodes:
    """Nodes of a tree of `size` leaves for one proof: each tile is read once."""

    def __init__(self, tiles: Tiles, size: int) -> None:
        self._tiles = tiles
        self._size = size
        self._rows: dict[tuple[int, int], bytes] = {}

    def node(self, level: int, index: int) -> bytes:
        """As `proof.Node`: from the tile whose hashes lie at most 7 levels below."""
        tile_level, above = divmod(level, _BITS)
        number, first = divmod(index << above, WIDTH)
        row = self._row(tile_level, number)
        return perfect_root(row[first * HASH_SIZE : (first + (1 << above)) * HASH_SIZE])

    def _row(self, level: int, number: int) -> bytes:
        row = self._rows.get((level, number))
        if row is None:
            tile = tile_at(level, number, self._size)
            if tile is None:
                raise IndexError(f"a tree of {self._size} leaves has no tile {number} on level {level}")
            row = self._rows[level, number] = self._tiles.read(tile)
        return row
