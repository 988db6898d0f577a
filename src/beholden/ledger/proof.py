"""Inclusion and consistency proofs.

Made as in RFC 6962 section 2.1, checked as in RFC 9162 sections 2.1.3.2 and 2.1.4.2. Proofs are
lists of 32-byte hashes. The checking functions answer False to anything malformed; they never
raise on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .hashing import EMPTY_ROOT, HASH_SIZE, node_hash, perfect_root

Node = Callable[[int, int], bytes]
"""(level, index) to the root over the leaves [index * 2**level, (index + 1) * 2**level): where a tree's hashes are."""


def nodes_over(hashes: Sequence[bytes]) -> Node:
    """The nodes of the tree over these leaf hashes."""

    def node(level: int, index: int) -> bytes:
        return perfect_root(b"".join(hashes[index << level : (index + 1) << level]))

    return node


def root_at(node: Node, size: int) -> bytes:
    """The root of the tree over the first `size` leaves."""
    return _root_between(node, 0, size) if size else EMPTY_ROOT


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """The audit path of leaf `index` in the tree of the first `size` leaves; IndexError when it is not in it."""
    if not 0 <= index < size:
        raise IndexError(f"leaf {index} is not in a tree of {size}")
    start, end = 0, size
    path: list[bytes] = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_root_between(node, middle, end))
            end = middle
        else:
            path.append(_root_between(node, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(node: Node, old_size: int, size: int) -> list[bytes]:
    """That the tree over the first `old_size` leaves is a prefix of the tree over the first `size`.

    Empty for equal sizes. IndexError unless 1 <= old_size <= size: an empty tree proves nothing.
    """
    if not 1 <= old_size <= size:
        raise IndexError(f"no consistency proof from {old_size} to {size} leaves")
    start, end = 0, size
    path: list[bytes] = []
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            path.append(_root_between(node, middle, end))
            end = middle
        else:
            path.append(_root_between(node, start, middle))
            start = middle
    if start:  # otherwise it is the old root, which whoever checks has
        path.append(_root_between(node, start, end))
    return path[::-1]


def _split(size: int) -> int:
    """The largest power of two below `size` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def _root_between(node: Node, start: int, end: int) -> bytes:
    """The root over leaves [start, end), where `start` is where a subtree of that size begins."""
    parts: list[bytes] = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(node(level, start >> level))
        start += 1 << level
    root = parts.pop()
    while parts:
        root = node_hash(parts.pop(), root)
    return root


def _well_formed(*hashes: bytes) -> bool:
    return all(len(item) == HASH_SIZE for item in hashes)


def verify_inclusion(hash_of_leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf with this hash is number `index` of the tree of `size` leaves with this root."""
    if not 0 <= index < size or not _well_formed(hash_of_leaf, root, *proof):
        return False
    first, last, node = index, size - 1, hash_of_leaf
    for sibling in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            node = node_hash(sibling, node)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree (old_size, old_root) is a prefix of the tree (size, root)."""
    if not 1 <= old_size <= size or not _well_formed(old_root, root, *proof):
        return False
    if old_size == size:
        return not proof and old_root == root
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        return False
    first, last = old_size - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old_node = new_node = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old_node, new_node = node_hash(sibling, old_node), node_hash(sibling, new_node)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new_node = node_hash(new_node, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and old_node == old_root and new_node == root
