"""Where somebody was, sealed so that only they can open it: HPKE to a key of which only the public half is here.

RFC 9180 in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, `info` as in `_about`. A box is the
encapsulated key, the ciphertext and its tag. All lines are padded to one length, so that a box does not tell a place
by how long its name is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from beholden.model.errors import InputError, SealBroken
from beholden.model.ids import SubjectId

VERSION = "beholden-history/1"
PADDED = 512
"""Bytes of a line before it is sealed; a longer one takes as many times that as it needs."""
KEY_SIZE = 32
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


@dataclass(frozen=True, slots=True)
class Past:
    """Somebody was at a place (None: in a file), by a camera, from one moment to another (aware UTC)."""

    place: str | None
    camera: str
    opened_at: datetime
    seen_at: datetime


def new_pair() -> tuple[bytes, str]:
    """A private key, 32 bytes for the person alone, and the public half in hexadecimal."""
    key = X25519PrivateKey.generate()
    return key.private_bytes_raw(), key.public_key().public_bytes_raw().hex()


def checked_public(text: str) -> str:
    """The public half, as it is kept. Raises InputError for anything that nothing can be sealed to."""
    try:
        key = X25519PublicKey.from_public_bytes(bytes.fromhex(text))
        _SUITE.encrypt(b"", key, info=b"")
    except ValueError as error:
        raise InputError(
            "that is no public key of a history: 64 characters of hexadecimal",
            advice="`beholden grant history key FILE` makes a pair, and prints the public half.",
        ) from error
    return text.lower()


def seal_past(public: str, subject: SubjectId, past: Past) -> bytes:
    """A box. `public`: as `checked_public` returned it."""
    values = [past.place, past.camera, past.opened_at.astimezone(UTC).isoformat(), past.seen_at.isoformat()]
    text = json.dumps(values, ensure_ascii=False).encode()
    padded = text + b" " * (-len(text) % PADDED)
    return _SUITE.encrypt(padded, X25519PublicKey.from_public_bytes(bytes.fromhex(public)), info=_about(subject))


def open_past(private: bytes, subject: SubjectId, box: bytes) -> Past:
    """The inverse of `seal_past`. Raises SealBroken: another key, or a changed box."""
    try:
        text = _SUITE.decrypt(box, X25519PrivateKey.from_private_bytes(private), info=_about(subject))
    except (InvalidTag, ValueError) as error:
        raise SealBroken(
            "a line of the history does not open with this key",
            advice="Lines are sealed to the key that was given when they were written: use that one.",
        ) from error
    place, camera, opened_at, seen_at = json.loads(text)
    return Past(place, camera, datetime.fromisoformat(opened_at), datetime.fromisoformat(seen_at))


def _about(subject: SubjectId) -> bytes:
    return f"{VERSION}\n{subject}\n".encode()
