"""What account holders sign: the bytes, and whether a signature counts (docs/oversight.md).

The bytes are five lines of UTF-8, each with its line end: the version (`VERSION`), what is signed
(`request`, `approve`, `act`, `look` ...), the account's id, the SHA-256 in hexadecimal of what exactly, and the
moment in UTC to the microsecond. Signed with Ed25519 (RFC 8032). Account ids are random, so that no
signature counts in another installation.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from beholden.acts.accounts.kept import moment_of, stored
from beholden.ledger.note import SigningKey, ed25519_signed
from beholden.model.errors import InputError

VERSION = "beholden oversight v1"
FRESH = timedelta(minutes=5)
"""A signature is of now when it is no older than this, so that one that was overheard is of no use later."""


@dataclass(frozen=True, slots=True)
class Signed:
    """`account` signed something at `at` (aware UTC)."""

    account: str
    at: datetime
    signature: bytes

    def encoded(self) -> str:
        """One line, to be handed over: account, moment, base64."""
        return f"{self.account} {stored(self.at)} {base64.b64encode(self.signature).decode()}"


def parse_signed(text: str) -> Signed:
    """The inverse of `Signed.encoded`. Raises InputError."""
    try:
        account, at, signature = text.split()
        found = Signed(account, moment_of(at), base64.b64decode(signature, validate=True))
        if found.encoded() == " ".join(text.split()):
            return found
    except (ValueError, binascii.Error):
        pass
    raise InputError("that is no signature", advice="Paste the whole line that `beholden approve --print` gave.")


def signed_bytes(what: str, account: str, digest: str, at: datetime) -> bytes:
    """What is signed."""
    return "".join(f"{line}\n" for line in (VERSION, what, account, digest, stored(at))).encode()


def sign(key: SigningKey, account: str, what: str, digest: str, at: datetime) -> Signed:
    """With the holder's private key, which stays with whoever calls this."""
    return Signed(account, at.astimezone(UTC), key.sign(signed_bytes(what, account, digest, at)))


def is_signed(signed: Signed, public: bytes, what: str, digest: str) -> bool:
    """Whether the holder of this public key signed exactly this. Never raises."""
    text = signed_bytes(what, signed.account, digest, signed.at)
    return ed25519_signed(public, text, signed.signature)


def digest_of(values: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the values as canonical JSON: strings, lists and null only."""
    text = json.dumps(dict(values), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint(public: bytes) -> str:
    """SHA-256 (hex) of a public key."""
    return hashlib.sha256(public).hexdigest()
