"""Proofs read from tiles: every size to 256 and every index against a second implementation, and what is refused."""

from __future__ import annotations

from functools import cache

import pytest

from beholden.ledger.checkpoint import Checkpoint, open_checkpoint
from beholden.ledger.hashing import leaf_hash, node_hash
from beholden.ledger.log import FileLog
from beholden.ledger.note import parse_verifier
from beholden.ledger.proof import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from beholden.ledger.reader import SignedTree
from beholden.ledger.tile_folder import TileFolder
from beholden.ledger.tiles import Edge, grow
from beholden.model.errors import LogUnavailable

ORIGIN = "beholden.invalid/test"
LEAVES = [n.to_bytes(3, "big") for n in range(700)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]


@cache
def mth(start: int, end: int) -> bytes:
    """MTH as RFC 6962 section 2.1 writes it, over a range of HASHES: the second implementation."""
    if end - start == 1:
        return HASHES[start]
    half = 1
    while half * 2 < end - start:
        half *= 2
    return node_hash(mth(start, start + half), mth(start + half, end))


def path(m: int, start: int, end: int) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1."""
    if end - start == 1:
        return []
    half = 1
    while half * 2 < end - start:
        half *= 2
    if m < half:
        return [*path(m, start, start + half), mth(start + half, end)]
    return [*path(m - half, start + half, end), mth(start, start + half)]


def subproof(m: int, start: int, end: int, *, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2."""
    if m == end - start:
        return [] if whole else [mth(start, end)]
    half = 1
    while half * 2 < end - start:
        half *= 2
    if m <= half:
        return [*subproof(m, start, start + half, whole=whole), mth(start + half, end)]
    return [*subproof(m - half, start + half, end, whole=False), mth(start, start + half)]


def node(level: int, index: int) -> bytes:
    return mth(index << level, (index + 1) << level)


def test_every_inclusion_proof_of_every_size_to_256_is_that_of_the_second_implementation():
    """32,896 proofs, each the same and each verifying."""
    for size in range(1, 257):
        root = mth(0, size)
        for index in range(size):
            proof = inclusion_proof(node, index, size)
            assert proof == path(index, 0, size)
            assert verify_inclusion(HASHES[index], index, size, proof, root)


def test_every_consistency_proof_of_every_size_to_256_is_that_of_the_second_implementation():
    """32,896 of these."""
    for size in range(1, 257):
        root = mth(0, size)
        for old in range(1, size + 1):
            proof = consistency_proof(node, old, size)
            assert proof == subproof(old, 0, size, whole=True)
            assert verify_consistency(old, mth(0, old), size, root, proof)


@pytest.fixture(scope="module")
def tiles(tmp_path_factory):
    """Tiles of 700 leaves, written in one go."""
    folder = tmp_path_factory.mktemp("tiles")
    edge, full = grow(Edge(), LEAVES)
    TileFolder(folder).write(full | edge.partial())
    return TileFolder(folder)


def tree(tiles: TileFolder, size: int) -> SignedTree:
    return SignedTree(tiles, Checkpoint(ORIGIN, size, mth(0, size)))


def test_proofs_read_from_tiles_are_those_of_the_second_implementation(tiles):
    """Every seventh leaf and old size of 700, across three tiles and two levels."""
    whole = tree(tiles, 700)
    for n in (*range(0, 700, 7), 255, 256, 511, 512, 699):
        assert whole.inclusion(n) == path(n, 0, 700)
        assert whole.consistency(n + 1, mth(0, n + 1)) == subproof(n + 1, 0, 700, whole=True)


def test_an_older_head_is_proven_from_the_tiles_that_came_after_it(tmp_path):
    """Some of its partial tiles are gone; what they held is the beginning of the full ones."""
    log = FileLog.create(tmp_path / "log", ORIGIN)
    heads = (1, 100, 256, 300, 520, 700)
    for before, size in zip((0, *heads), heads, strict=False):
        log.append(LEAVES[before:size])
    for size in heads:
        assert tree(TileFolder(tmp_path / "log"), size).inclusion(size - 1) == path(size - 1, 0, size)


def test_no_proof_is_handed_out_that_does_not_lead_to_the_head(tiles):
    """A head that somebody made up has no proofs."""
    forged = SignedTree(tiles, Checkpoint(ORIGIN, 700, mth(0, 699)))
    with pytest.raises(LogUnavailable):
        forged.inclusion(3)
    with pytest.raises(LogUnavailable):
        forged.consistency(3)
    with pytest.raises(LogUnavailable):
        tree(tiles, 700).consistency(3, mth(0, 4))


@pytest.mark.parametrize("index", [-1, 700, 10**9])
def test_what_is_not_in_the_log_has_no_proof(tiles, index):
    """Out of range raises."""
    with pytest.raises(IndexError):
        tree(tiles, 700).inclusion(index)


def test_an_open_log_proves_its_leaves(tmp_path):
    """Under the head that it has signed."""
    log = FileLog.create(tmp_path / "log", ORIGIN)
    log.append(LEAVES[:300])
    head = open_checkpoint(log.checkpoint(), ORIGIN, [parse_verifier(log.verifier)])
    assert log.tree().head == head
    assert verify_inclusion(HASHES[270], 270, 300, log.tree().inclusion(270), head.root)
