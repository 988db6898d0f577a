"""Sealing under a person's own key: 12 bytes of nonce, then AES-256-GCM ciphertext and tag.

What a sealed thing is about is its associated data, so that it opens only as what it was sealed
as: a template of one person, or of one model, cannot be passed off as another's.
"""

from __future__ import annotations

import json
import secrets
import sys
from typing import Any

import numpy as np
from cryptography.exceptions import InvalidTag

from beholden.consent.cipher import NONCE_SIZE, TAG_SIZE, decrypt_into, decrypted, encrypted
from beholden.consent.registry import Particulars
from beholden.model.errors import SealBroken
from beholden.model.ids import ModelDigest, SubjectId
from beholden.model.template import Vector

VERSION = 1
"""Of the sealed layouts; part of the associated data."""
KEY_SIZE = 32


def new_key() -> bytes:
    """32 random bytes."""
    return secrets.token_bytes(KEY_SIZE)


def seal(key: bytes, data: bytes | memoryview, about: str) -> bytes:
    """`data` sealed under a 32-byte key as being about `about`."""
    nonce = secrets.token_bytes(NONCE_SIZE)
    return nonce + encrypted(key, nonce, data, about.encode())


def unseal(key: bytes, sealed: bytes, about: str) -> bytes:
    """The inverse of `seal`; raises SealBroken for another key, another `about`, or altered bytes."""
    if len(sealed) < NONCE_SIZE + TAG_SIZE:
        raise SealBroken("sealed bytes are cut off")
    try:
        return decrypted(key, sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], about.encode())
    except InvalidTag as error:
        raise SealBroken("sealed bytes do not open with this key for this use") from error


def _about_template(subject: SubjectId, model: ModelDigest) -> str:
    return f"template\x1f{subject}\x1f{VERSION}\x1f{model}"


def seal_template(key: bytes, vector: Vector, subject: SubjectId, model: ModelDigest) -> bytes:
    """A (d,) float32 vector, little-endian, sealed as this subject's template of this model.

    No copy of the numbers is left behind: whoever holds `vector` wipes the only one.
    """
    little = np.ascontiguousarray(vector, "<f4")
    try:
        return seal(key, little.view(np.uint8).data, _about_template(subject, model))
    finally:
        if not np.shares_memory(little, vector):
            little.fill(0.0)


def open_template(key: bytes, sealed: bytes, subject: SubjectId, model: ModelDigest) -> Vector:
    """The (d,) float32 vector, read-only. Raises SealBroken."""
    data = unseal(key, sealed, _about_template(subject, model))
    if not data or len(data) % 4:
        raise SealBroken("a sealed template is no list of numbers")
    return np.frombuffer(data, dtype="<f4").astype(np.float32, copy=False)


def template_length(sealed: bytes) -> int:
    """How many numbers a sealed template has; 0 when it cannot be one."""
    size = len(sealed) - NONCE_SIZE - TAG_SIZE
    return size // 4 if size > 0 and size % 4 == 0 else 0


def open_template_into(key: bytes, sealed: bytes, subject: SubjectId, model: ModelDigest, row: Vector) -> None:
    """As `open_template`, into `row`, a contiguous (d,) float32 of the right length: no other copy is made.

    Raises SealBroken; then `row` is all zeros.
    """
    if template_length(sealed) != len(row) or not len(row):
        raise SealBroken("a sealed template has another length")
    about = _about_template(subject, model).encode()
    try:
        decrypt_into(key, sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], about, row.view(np.uint8).data)
    except InvalidTag as error:
        row.fill(0.0)
        raise SealBroken("sealed bytes do not open with this key for this use") from error
    if sys.byteorder == "big":
        row.byteswap(inplace=True)


def seal_particulars(key: bytes, particulars: Particulars, subject: SubjectId) -> bytes:
    text = json.dumps({"label": particulars.label, "guardian": particulars.guardian})
    return seal(key, text.encode(), f"particulars\x1f{subject}\x1f{VERSION}")


def open_particulars(key: bytes, sealed: bytes, subject: SubjectId) -> Particulars:
    """Raises SealBroken."""
    values: dict[str, Any] = json.loads(unseal(key, sealed, f"particulars\x1f{subject}\x1f{VERSION}"))
    return Particulars(values["label"], values["guardian"])
