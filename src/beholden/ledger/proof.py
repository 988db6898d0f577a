"""Inclusion and consistency proofs.

Made as in RFC 6962 section 2.1, checked as in RFC 9162 sections 2.1.3.2 and 2.1.4.2. Proofs are
lists of 32-byte hashes. The checking functions answer False to anything malformed; they never
raise on it.
"""

from __future__ import annotations

from collections.abc import Sequence

from .hashing import HASH_SIZE, node_hash, root_of


def _split(size: int) -> int:
    """The largest power of two below `size` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of leaf `index` in the tree over these leaf hashes; IndexError when it is not in it."""
    if not 0 <= index < len(hashes):
        raise IndexError(f"leaf {index} is not in a tree of {len(hashes)}")
    if len(hashes) == 1:
        return []
    half = _split(len(hashes))
    if index < half:
        return [*inclusion_proof(hashes[:half], index), root_of(hashes[half:])]
    return [*inclusion_proof(hashes[half:], index - half), root_of(hashes[:half])]


def consistency_proof(hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """That the tree over the first `old_size` leaf hashes is a prefix of the tree over all of them.

    Empty for equal sizes. IndexError unless 1 <= old_size <= len(hashes): an empty tree proves nothing.
    """
    if not 1 <= old_size <= len(hashes):
        raise IndexError(f"no consistency proof from {old_size} to {len(hashes)} leaves")
    return _subproof(hashes, old_size, whole=True)


def _subproof(hashes: Sequence[bytes], old_size: int, *, whole: bool) -> list[bytes]:
    if old_size == len(hashes):
        return [] if whole else [root_of(hashes)]
    half = _split(len(hashes))
    if old_size <= half:
        return [*_subproof(hashes[:half], old_size, whole=whole), root_of(hashes[half:])]
    return [*_subproof(hashes[half:], old_size - half, whole=False), root_of(hashes[:half])]


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
