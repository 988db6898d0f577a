"""The tree: hashes against the published vectors and a second implementation, proofs over every small size."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.ledger.hashing import EMPTY_ROOT, Frontier, leaf_hash, root_of
from beholden.ledger.proof import (
    consistency_proof,
    inclusion_proof,
    nodes_over,
    root_at,
    verify_consistency,
    verify_inclusion,
)

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The test vectors of Certificate Transparency: roots of the first 1 to 8 leaves."""


def oracle(hashes: list[bytes]) -> bytes:
    """MTH as RFC 6962 section 2.1 writes it, top down: a second implementation."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return hashlib.sha256(b"\x01" + oracle(hashes[:half]) + oracle(hashes[half:])).digest()


def made(count: int) -> list[bytes]:
    return [leaf_hash(bytes([n])) for n in range(count)]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_the_published_ones(size):
    """The Certificate Transparency vectors come out."""
    assert root_of(leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:size]).hex() == ROOTS[size - 1]


def test_every_root_up_to_130_leaves_equals_the_second_implementation():
    """Frontier and recursion agree at every size."""
    frontier, hashes = Frontier(), made(130)
    assert frontier.root() == EMPTY_ROOT
    for size, item in enumerate(hashes, 1):
        frontier.push(item)
        assert (frontier.size, frontier.root()) == (size, oracle(hashes[:size]))
        assert root_at(nodes_over(hashes), size) == frontier.root()


def test_every_inclusion_proof_up_to_40_leaves_verifies_for_its_leaf_alone():
    """A proof fits one leaf at one index of one size."""
    for size in range(1, 41):
        hashes = made(size)
        root = root_of(hashes)
        for index in range(size):
            proof = inclusion_proof(nodes_over(hashes), index, size)
            assert verify_inclusion(hashes[index], index, size, proof, root)
            assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, root)
            assert not verify_inclusion(hashes[index], index + 1, size, proof, root)


def test_every_consistency_proof_up_to_40_leaves_verifies():
    """Each tree is a prefix of each later one."""
    hashes = made(40)
    roots = [root_of(hashes[:size]) for size in range(41)]
    for size in range(1, 41):
        for old in range(1, size + 1):
            proof = consistency_proof(nodes_over(hashes), old, size)
            assert verify_consistency(old, roots[old], size, roots[size], proof)
            assert old == size or not verify_consistency(old, leaf_hash(b"x"), size, roots[size], proof)
            assert not verify_consistency(old, roots[old], size, leaf_hash(b"x"), proof)


@settings(max_examples=200, deadline=None)
@given(st.integers(2, 64), st.data())
def test_a_proof_with_one_changed_missing_or_added_hash_fails(size, data):
    """No altered proof verifies."""
    hashes = made(size)
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(nodes_over(hashes), index, size), root_of(hashes)
    at = data.draw(st.integers(0, len(proof) - 1))
    flipped = bytes([proof[at][0] ^ 1]) + proof[at][1:]
    for bad in ([*proof[:at], flipped, *proof[at + 1 :]], proof[:at] + proof[at + 1 :], [*proof, root], [b"short"]):
        assert not verify_inclusion(hashes[index], index, size, bad, root)


def test_what_is_not_in_the_tree_has_no_proof():
    """Out of range raises."""
    with pytest.raises(IndexError):
        inclusion_proof(nodes_over(made(3)), 3, 3)
    with pytest.raises(IndexError):
        consistency_proof(nodes_over(made(3)), 0, 3)
    with pytest.raises(IndexError):
        consistency_proof(nodes_over(made(3)), 4, 3)
