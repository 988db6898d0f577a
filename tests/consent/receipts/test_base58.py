"""Bytes as text in base58btc, and keys as names."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.consent.receipts.base58 import ALPHABET, LONGEST, decode, encode, from_multibase, multibase
from beholden.consent.receipts.did_key import did_key, verification_method

KNOWN = [
    (b"", ""),
    (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
    (b"The quick brown fox jumps over the lazy dog.", "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z"),
    (bytes.fromhex("0000287fb4cd"), "11233QC4"),
    (b"\0", "1"),
]
"""draft-msporny-base58-03, section 5, and the smallest."""


@pytest.mark.parametrize(("data", "text"), KNOWN)
def test_known_vectors(data, text):
    """Both ways."""
    assert (encode(data), decode(text)) == (text, data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=70))
def test_bytes_come_back(data):
    """Leading zeros too."""
    assert decode(encode(data)) == data
    assert from_multibase(multibase(data)) == data


@settings(max_examples=200, deadline=None)
@given(st.text(ALPHABET, max_size=60))
def test_bytes_have_one_text(text):
    """There is no second way to write the same signature."""
    assert encode(decode(text)) == text


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "a b", "2NEpo7TZRRrLZSi2U\n", "é"])
def test_other_letters_are_refused(text):
    """Those that look alike are not in the alphabet."""
    with pytest.raises(ValueError, match="substring"):
        decode(text)


def test_a_text_has_a_longest_size():
    """The limit itself is allowed."""
    assert decode("1" * LONGEST) == bytes(LONGEST)
    with pytest.raises(ValueError, match=r"^too long for base58$"):
        decode("1" * (LONGEST + 1))


@pytest.mark.parametrize("text", ["", "2NEpo7TZRRrLZSi2U", "mSGVsbG8", "Z2N"])
def test_the_base_is_said(text):
    """Only `z`, base58btc."""
    with pytest.raises(ValueError, match=r"^not base58btc$"):
        from_multibase(text)


def test_a_key_is_named_as_the_specification_of_did_key_names_it():
    """Its prefix is the multicodec of Ed25519 public keys, so every name begins alike."""
    public = from_multibase("z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp")[2:]
    assert did_key(public) == "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
    assert verification_method(public) == (
        "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp#z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
    )


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_has_32_bytes(length):
    """No more, no less."""
    with pytest.raises(ValueError, match=r"^an Ed25519 public key has 32 bytes$"):
        did_key(bytes(length))
