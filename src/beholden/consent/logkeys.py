"""A person's log keys: with the one of a month, they find the leaves about themselves in the public log.

All are derived from the person's data key, so that whoever is forgotten cannot be looked for any more: not by us.
A file of months that was handed out before goes on finding what it found. Each is overwritten when it is let go of,
as the data key is (`ledger.locked`).
"""

from __future__ import annotations

import hmac

from beholden.ledger.leaf import Month
from beholden.ledger.locked import Key, taken

_INFO = b"beholden log key"
_NO_SALT = bytes(32)


def _derived(key: bytes, data: bytes) -> Key:
    """HMAC-SHA256, nothing of which stays behind: its result also lies on the C stack, until the next one does."""
    result = taken(hmac.digest(key, data, "sha256"))
    hmac.digest(_NO_SALT, _INFO, "sha256")
    return result


def log_key(data_key: bytes) -> Key:
    """32 bytes, from which the keys of all months follow: HKDF-SHA256 (RFC 5869) of a person's data key.

    Its two steps by hand, because a library's leaves the key in between behind: extract, then one block of expand.
    """
    return _derived(_derived(_NO_SALT, data_key), _INFO + b"\x01")


def month_key(key: bytes, month: Month) -> Key:
    """32 bytes: HMAC-SHA256 of the month, like `2026-11`, under a log key. It tells nothing of other months."""
    return _derived(key, str(month).encode())


def tag_key(data_key: bytes, month: Month) -> Key:
    """What a leaf of this month about the person is tagged with."""
    return month_key(log_key(data_key), month)
