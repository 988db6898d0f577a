"""RFC 6962 hashes of a Merkle tree (section 2.1), and the compact frontier that makes appending O(log n)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""MTH({}): the root of a tree without leaves."""


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 || leaf)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: bytes) -> bytes:
    """The root over 32-byte hashes that lie next to each other; their number must be a power of two."""
    sha256 = hashlib.sha256  # the hot path of verification: 255 hashes a tile
    while len(hashes) > HASH_SIZE:
        pairs = range(0, len(hashes), 2 * HASH_SIZE)
        hashes = b"".join([sha256(b"\x01" + hashes[at : at + 2 * HASH_SIZE]).digest() for at in pairs])
    return hashes


class Frontier:
    """The roots of the complete subtrees of a tree, largest first: all that appending needs.

    A tree of n leaves has one per 1-bit of n. Not safe for several threads: its owner locks.
    """

    __slots__ = ("_roots", "_size")

    def __init__(self) -> None:
        self._roots: list[bytes] = []
        self._size = 0

    @property
    def size(self) -> int:
        return self._size

    def push(self, hash_of_leaf: bytes) -> None:
        """Add one leaf by its hash: at most log2(n) hashes."""
        node, rest = hash_of_leaf, self._size
        while rest & 1:
            node = node_hash(self._roots.pop(), node)
            rest >>= 1
        self._roots.append(node)
        self._size += 1

    def root(self) -> bytes:
        """MTH of all leaves so far, 32 bytes."""
        if not self._roots:
            return EMPTY_ROOT
        node = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            node = node_hash(left, node)
        return node

    def copy(self) -> Frontier:
        twin = Frontier()
        twin._roots = list(self._roots)
        twin._size = self._size
        return twin


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, 32 bytes."""
    frontier = Frontier()
    for item in hashes:
        frontier.push(item)
    return frontier.root()
