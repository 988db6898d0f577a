"""Log keys are what RFC 5869 says: another program derives the same ones."""

from __future__ import annotations

import os

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from beholden.consent.logkeys import log_key


def test_a_log_key_is_what_another_hkdf_makes_of_the_data_key():
    """HKDF-SHA256 without salt, as `cryptography` has it."""
    key = os.urandom(32)
    assert log_key(key) == HKDF(SHA256(), 32, salt=None, info=b"beholden log key").derive(key)
    assert log_key(key) != log_key(os.urandom(32))
