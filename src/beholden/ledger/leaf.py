"""What a public leaf shows: a salted commitment, the hour, and room for a tag. Nothing else.

    version  1 byte   1
    hour     4 bytes  hours since 1970-01-01T00Z, big-endian: when the leaf was written
    commit  32 bytes  SHA-256(salt || canonical event)
    nonce   16 bytes
    tag     32 bytes  HMAC(subject's log key of the month, nonce); random bytes where there is none

Every leaf is 85 bytes and looks like random ones, so that neither its type nor whether it is about
a person can be told from it.
"""

from __future__ import annotations

import hashlib
import secrets
import struct
from dataclasses import dataclass
from datetime import UTC, datetime

VERSION = 1
SALT_SIZE = 32
_FORMAT = struct.Struct(">BI32s16s32s")
LEAF_SIZE = _FORMAT.size


@dataclass(frozen=True, slots=True)
class Leaf:
    """`hour` counts hours since 1970; `commitment` 32 bytes; `nonce` 16; `tag` 32."""

    hour: int
    commitment: bytes
    nonce: bytes
    tag: bytes

    def encoded(self) -> bytes:
        return _FORMAT.pack(VERSION, self.hour, self.commitment, self.nonce, self.tag)


def commit(salt: bytes, event: bytes) -> bytes:
    """SHA-256(salt || canonical event): without the salt, guessing events does not help."""
    return hashlib.sha256(salt + event).digest()


def new_leaf(commitment: bytes, moment: datetime) -> Leaf:
    """A leaf of the hour of `moment` (aware), with a random nonce and tag."""
    hour = int(moment.astimezone(UTC).timestamp()) // 3600
    return Leaf(hour, commitment, secrets.token_bytes(16), secrets.token_bytes(32))


def parse_leaf(data: bytes) -> Leaf:
    """The inverse of `Leaf.encoded`; ValueError on anything else."""
    if len(data) != LEAF_SIZE or data[0] != VERSION:
        raise ValueError("not a leaf of this version")
    _, hour, commitment, nonce, tag = _FORMAT.unpack(data)
    return Leaf(hour, commitment, nonce, tag)
