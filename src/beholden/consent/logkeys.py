"""A person's log keys: with the one of a month, they find the leaves about themselves in the public log.

All are derived from the person's data key, so that whoever is forgotten cannot be looked for any more: not by us.
A file of months that was handed out before goes on finding what it found.
"""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from beholden.ledger.leaf import TAG_KEY_SIZE, Month

_INFO = b"beholden log key"


def log_key(data_key: bytes) -> bytes:
    """32 bytes, from which the keys of all months follow: HKDF-SHA256 (RFC 5869) of a person's data key."""
    return HKDF(SHA256(), TAG_KEY_SIZE, salt=None, info=_INFO).derive(data_key)


def month_key(key: bytes, month: Month) -> bytes:
    """32 bytes: HMAC-SHA256 of the month, like `2026-11`, under a log key. It tells nothing of other months."""
    return hmac.digest(key, str(month).encode(), "sha256")


def tag_key(data_key: bytes, month: Month) -> bytes:
    """What a leaf of this month about the person is tagged with."""
    return month_key(log_key(data_key), month)
