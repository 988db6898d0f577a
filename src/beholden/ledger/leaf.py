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
import hmac
import secrets
import struct
from dataclasses import dataclass
from datetime import UTC, datetime

VERSION = 1
SALT_SIZE = 32
TAG_KEY_SIZE = 32
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


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of UTC, for which a person has a log key of its own; `month` 1 to 12."""

    year: int
    month: int

    @classmethod
    def of(cls, moment: datetime) -> Month:
        """The month of an aware moment."""
        utc = moment.astimezone(UTC)
        return cls(utc.year, utc.month)

    def __str__(self) -> str:
        """`2026-11`."""
        return f"{self.year:04d}-{self.month:02d}"

    def hours(self) -> range:
        """The hours in it, as leaves count them."""
        return range(hour_of(datetime(self.year, self.month, 1, tzinfo=UTC)), hour_of(self._end()))

    def _end(self) -> datetime:
        return datetime(self.year + self.month // 12, self.month % 12 + 1, 1, tzinfo=UTC)


def tag(key: bytes, nonce: bytes) -> bytes:
    """HMAC-SHA256: only whoever has the person's log key of the leaf's month sees that it is about them.

    Raises ValueError unless the key is 32 bytes.
    """
    if len(key) != TAG_KEY_SIZE:
        raise ValueError("a log key is 32 bytes")
    return hmac.digest(key, nonce, "sha256")


def new_leaf(commitment: bytes, moment: datetime, key: bytes | None = None) -> Leaf:
    """A leaf of the hour of `moment` (aware), with a random nonce, and tagged with a person's log key of that month.

    Without a key the tag is random. Raises ValueError as `tag`.
    """
    nonce = secrets.token_bytes(16)
    return Leaf(hour_of(moment), commitment, nonce, secrets.token_bytes(32) if key is None else tag(key, nonce))


def hour_of(moment: datetime) -> int:
    """The hour of an aware moment, as leaves count them."""
    return int(moment.timestamp()) // 3600


def parse_leaf(data: bytes) -> Leaf:
    """The inverse of `Leaf.encoded`; ValueError on anything else."""
    if len(data) != LEAF_SIZE or data[0] != VERSION:
        raise ValueError("not a leaf of this version")
    _, hour, commitment, nonce, tag = _FORMAT.unpack(data)
    return Leaf(hour, commitment, nonce, tag)
