"""Data Integrity proofs of the suite eddsa-jcs-2022: a JSON document that carries its own signature.

W3C Data Integrity EdDSA Cryptosuites v1.0, section 3.3: https://www.w3.org/TR/vc-di-eddsa/. What is
signed is SHA-256 of the proof's canonical options, then SHA-256 of the canonical document. The log's
own key signs: those 64 bytes of hashes are no text of a signed note, nor is a note ever 64 hashes, so
that neither can be taken for the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, cast

from beholden.consent.receipts.base58 import from_multibase, multibase
from beholden.consent.receipts.canonical import ADVICE, canonical, written
from beholden.consent.receipts.did_key import verification_method
from beholden.ledger.note import VerifierKey, ed25519_signed
from beholden.model.errors import InputError

TYPE = "DataIntegrityProof"
SUITE = "eddsa-jcs-2022"
PURPOSE = "assertionMethod"
_CONTEXT = "@context"
_OPTIONS = frozenset({"type", "cryptosuite", "created", "verificationMethod", "proofPurpose"})

Document = Mapping[str, object]


class Signer(Protocol):
    """Who signs; a `SigningKey` does, and the log for whoever does not hold its key."""

    @property
    def verifier(self) -> VerifierKey: ...

    def sign(self, text: bytes) -> bytes: ...


def sign(document: Document, key: Signer, created: datetime) -> dict[str, object]:
    """The document with its `proof`. `created` is aware. Raises ValueError when it has one already."""
    if "proof" in document:
        raise ValueError("a document is signed once")
    options: dict[str, object] = {
        "type": TYPE,
        "cryptosuite": SUITE,
        "created": written(created),
        "verificationMethod": verification_method(key.verifier.public),
        "proofPurpose": PURPOSE,
    }
    if _CONTEXT in document:
        options[_CONTEXT] = document[_CONTEXT]
    return {**document, "proof": {**options, "proofValue": multibase(key.sign(hash_data(document, options)))}}


def check_proof(signed: Document, public: bytes) -> dict[str, object]:
    """The document without its proof, once the 32-byte key `public` is known to have signed it.

    Raises InputError: no proof, another suite or purpose, another key, more or fewer fields, a wrong
    signature.
    """
    document = {name: value for name, value in signed.items() if name != "proof"}
    options = _options(signed.get("proof"), _OPTIONS | (document.keys() & {_CONTEXT}))
    value = options.pop("proofValue")
    expected = {
        "type": TYPE,
        "cryptosuite": SUITE,
        "verificationMethod": verification_method(public),
        "proofPurpose": PURPOSE,
    }
    for name, wanted in expected.items():
        if options[name] != wanted:
            raise InputError(f"the proof's {name} is not {wanted}", advice=ADVICE)
    if options.get(_CONTEXT) != document.get(_CONTEXT):
        raise InputError("the proof is about another @context", advice=ADVICE)
    if not ed25519_signed(public, hash_data(document, options), _signature(value)):
        raise InputError("the signature is not of this text", advice=ADVICE)
    return document


def hash_data(document: Document, options: Document) -> bytes:
    """The 64 bytes that are signed (sections 3.3.4 and 3.3.5). Raises TypeError, ValueError as `canonical`."""
    return hashlib.sha256(canonical(options)).digest() + hashlib.sha256(canonical(document)).digest()


def _options(proof: object, fields: frozenset[str]) -> dict[str, object]:
    """The proof's fields, which are exactly these and `proofValue`."""
    if not isinstance(proof, dict):
        raise InputError("there is no proof in it", advice=ADVICE)
    options = dict(cast("dict[str, object]", proof))
    if options.keys() != fields | {"proofValue"}:
        raise InputError("the proof has other fields than eddsa-jcs-2022 asks for", advice=ADVICE)
    return options


def _signature(value: object) -> bytes:
    try:
        return from_multibase(value) if isinstance(value, str) else b""
    except ValueError:
        return b""
