"""AES-256-GCM that leaves no key on the stack.

OpenSSL expands a key on the C stack and does not overwrite it there on every processor (OpenSSL 4.0.3 does not with
AVX-512: both halves of the last key lay there until the next one was used). So another key, which is no secret, is
used right after each, from the same depth of the stack. That costs a microsecond.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_SIZE = 12
TAG_SIZE = 16
_NO_KEY = bytes(32)
_NO_NONCE = bytes(NONCE_SIZE)


def encrypted(key: bytes | memoryview, nonce: bytes, data: bytes | memoryview, about: bytes) -> bytes:
    """Ciphertext and tag of `data`, bound to `about`, under a 32-byte key."""
    try:
        return AESGCM(key).encrypt(nonce, data, about)
    finally:
        AESGCM(_NO_KEY).encrypt(_NO_NONCE, b"", None)


def decrypted(key: bytes | memoryview, nonce: bytes, text: bytes, about: bytes) -> bytes:
    """The inverse of `encrypted`. Raises cryptography's InvalidTag."""
    try:
        return AESGCM(key).decrypt(nonce, text, about)
    finally:
        AESGCM(_NO_KEY).encrypt(_NO_NONCE, b"", None)


def decrypt_into(key: bytes | memoryview, nonce: bytes, text: bytes, about: bytes, place: memoryview) -> None:
    """As `decrypted`, into a writable place of the right length: no other copy is made. Raises InvalidTag."""
    try:
        AESGCM(key).decrypt_into(nonce, text, about, place)
    finally:
        AESGCM(_NO_KEY).encrypt(_NO_NONCE, b"", None)
