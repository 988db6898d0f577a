"""Data Integrity proofs: the specification's own vector, and everything that must be refused."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from beholden.consent.receipts.base58 import from_multibase
from beholden.consent.receipts.canonical import ADVICE
from beholden.consent.receipts.proof import check_proof, hash_data, sign
from beholden.ledger.note import SigningKey
from beholden.model.errors import InputError
from tests.consent.receipts.examples import ISSUED, KEY, PUBLIC
from tests.consent.receipts.second_jcs import jcs

CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]
NAME = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
METHOD = f"did:key:{NAME}#{NAME}"
DOCUMENT = {
    "@context": CONTEXT,
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
OPTIONS = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "created": "2023-02-24T23:36:38Z",
    "verificationMethod": METHOD,
    "proofPurpose": "assertionMethod",
    "@context": CONTEXT,
}
HASHES = (
    "66ab154f5c2890a140cb8388a22a160454f80575f6eae09e5a097cabe539a1db"
    "59b7cb6251b8991add1ce0bc83107e3db9dbbab5bd2c28f687db1a03abc92f19"
)
SECRET = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
SIGNATURE = "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"
"""The test vectors of eddsa-jcs-2022 in W3C Data Integrity EdDSA Cryptosuites v1.0 (TestVectors/eddsa-jcs-2022)."""

SMALL = {"a": "Zofia", "n": [1, None, True]}


def test_the_specifications_hashes_are_ours():
    """The proof's options first, then the document."""
    assert hash_data(DOCUMENT, OPTIONS).hex() == HASHES


def test_the_specifications_proof_is_accepted():
    """With the public key of the vector."""
    signed = {**DOCUMENT, "proof": {**OPTIONS, "proofValue": SIGNATURE}}
    assert check_proof(signed, from_multibase(NAME)[2:]) == DOCUMENT


def test_the_specifications_key_signs_as_the_vector_says():
    """Ed25519 signatures are the same each time; only the moment differs from what we would write."""
    key = SigningKey("vector", from_multibase(SECRET)[2:])
    assert sign(DOCUMENT, key, ISSUED)["proof"].keys() == OPTIONS.keys() | {"proofValue"}
    assert sign(DOCUMENT, key, ISSUED)["proof"]["verificationMethod"] == METHOD
    assert key.sign(bytes.fromhex(HASHES)) == from_multibase(SIGNATURE)


def test_a_proof_says_what_it_is():
    """Field by field; the context of the document goes into it, where there is one."""
    proof = sign({**SMALL, "@context": {"a": "urn:a"}}, KEY, ISSUED)["proof"]
    name = "z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd"
    value = proof.pop("proofValue")
    assert proof == {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2027-02-21T09:42:07.250Z",
        "verificationMethod": f"did:key:{name}#{name}",
        "proofPurpose": "assertionMethod",
        "@context": {"a": "urn:a"},
    }
    assert value.startswith("z")
    assert "@context" not in sign(SMALL, KEY, ISSUED)["proof"]


def test_anybody_can_check_it_without_us():
    """Another way of writing the JSON, another library's call: the signature holds."""
    signed = sign(SMALL, KEY, ISSUED)
    proof = signed.pop("proof")
    signature = from_multibase(proof.pop("proofValue"))
    hashes = hashlib.sha256(jcs(proof)).digest() + hashlib.sha256(jcs(signed)).digest()
    Ed25519PublicKey.from_public_bytes(PUBLIC).verify(signature, hashes)


def test_what_was_signed_comes_back_without_its_proof():
    """And the signed document is left as it was."""
    signed = sign(SMALL, KEY, ISSUED)
    assert check_proof(signed, PUBLIC) == SMALL
    assert "proofValue" in signed["proof"]


def test_a_document_is_signed_once():
    """A proof inside what is signed would be lost when it is read."""
    with pytest.raises(ValueError, match=r"^a document is signed once$"):
        sign(sign(SMALL, KEY, ISSUED), KEY, ISSUED)


def altered(**proof):
    signed = sign({**SMALL, "@context": {}}, KEY, ISSUED)
    fields = {**signed["proof"], **proof}
    return {**signed, "proof": {name: value for name, value in fields.items() if value is not None}}


@pytest.mark.parametrize(
    ("proof", "why"),
    [
        ({"type": "Ed25519Signature2020"}, "the proof's type is not DataIntegrityProof"),
        ({"cryptosuite": "eddsa-rdfc-2022"}, "the proof's cryptosuite is not eddsa-jcs-2022"),
        ({"proofPurpose": "authentication"}, "the proof's proofPurpose is not assertionMethod"),
        (
            {"verificationMethod": METHOD},
            "the proof's verificationMethod is not did:key:"
            + "#".join(["z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd"] * 2),
        ),
        ({"created": "2027-02-21T09:42:07.251Z"}, "the signature is not of this text"),
        ({"@context": {"a": "urn:a"}}, "the proof is about another @context"),
        ({"proofValue": "z"}, "the signature is not of this text"),
        ({"proofValue": "z0"}, "the signature is not of this text"),
        ({"proofValue": 5}, "the signature is not of this text"),
        ({"proofValue": None}, "the proof has other fields than eddsa-jcs-2022 asks for"),
        ({"created": None}, "the proof has other fields than eddsa-jcs-2022 asks for"),
        ({"@context": None}, "the proof has other fields than eddsa-jcs-2022 asks for"),
        ({"expires": "2030-01-01T00:00:00Z"}, "the proof has other fields than eddsa-jcs-2022 asks for"),
        ({"domain": "x"}, "the proof has other fields than eddsa-jcs-2022 asks for"),
    ],
)
def test_another_proof_is_refused(proof, why):
    """Each field alone."""
    with pytest.raises(InputError) as refused:
        check_proof(altered(**proof), PUBLIC)
    assert (refused.value.message, refused.value.advice) == (why, ADVICE)


def test_the_unaltered_one_is_accepted():
    """So that the refusals above are about what was altered."""
    assert check_proof(altered(), PUBLIC) == {**SMALL, "@context": {}}


@pytest.mark.parametrize("proof", [None, "z", [], [{}]])
def test_without_a_proof_nothing_is_accepted(proof):
    """A list of proofs neither: there is one."""
    with pytest.raises(InputError, match=r"^there is no proof in it$") as refused:
        check_proof({**SMALL, "proof": proof}, PUBLIC)
    assert refused.value.advice == ADVICE
    with pytest.raises(InputError, match="no proof"):
        check_proof(SMALL, PUBLIC)


def test_another_key_is_refused():
    """Even if the proof is sound and names that key: whom to trust is not for the document to say."""
    other = SigningKey("other", bytes(32))
    with pytest.raises(InputError, match="verificationMethod"):
        check_proof(sign(SMALL, other, ISSUED), PUBLIC)
    signed = sign(SMALL, other, ISSUED)
    named = {**signed["proof"], "verificationMethod": sign(SMALL, KEY, ISSUED)["proof"]["verificationMethod"]}
    with pytest.raises(InputError, match="not of this text"):
        check_proof({**signed, "proof": named}, PUBLIC)


def test_a_changed_document_is_refused():
    """One field more, one less, one else."""
    signed = sign(SMALL, KEY, ISSUED)
    for changed in ({**signed, "b": 1}, {**signed, "a": "Anna"}, {k: v for k, v in signed.items() if k != "n"}):
        with pytest.raises(InputError, match="not of this text"):
            check_proof(changed, PUBLIC)
