"""An Ed25519 public key as a name that needs no look-up: did:key. https://w3c-ccg.github.io/did-key-spec/"""

from __future__ import annotations

from beholden.consent.receipts.base58 import multibase

ED25519_PUBLIC = b"\xed\x01"
"""The multicodec prefix of a public key of 32 bytes."""


def did_key(public: bytes) -> str:
    """`did:key:z6Mk...`. Raises ValueError unless the key has 32 bytes."""
    if len(public) != 32:
        raise ValueError("an Ed25519 public key has 32 bytes")
    return f"did:key:{multibase(ED25519_PUBLIC + public)}"


def verification_method(public: bytes) -> str:
    """`did:key:z6Mk...#z6Mk...`: the one key that such a name has. Raises ValueError."""
    did = did_key(public)
    return f"{did}#{did.removeprefix('did:key:')}"
