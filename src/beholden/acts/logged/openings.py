"""What opens a leaf: a salt and the event, sealed under the key of whom it is about."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

from beholden.acts.store import Opening
from beholden.consent.seal import seal, unseal
from beholden.ledger.leaf import SALT_SIZE, commit
from beholden.model.errors import KeystoreError
from beholden.model.event import Event
from beholden.model.ids import SubjectId


def seal_of(subject: SubjectId, commitment: bytes) -> str:
    """What an opening is sealed as (`consent.seal`)."""
    return f"opening\x1f{subject}\x1f{commitment.hex()}"


def opening_of(
    event: Event,
    moment: datetime,
    about: SubjectId | None,
    key: bytes | None,
    *,
    intent: bool = False,
    salt: bytes | None = None,
) -> Opening:
    """What opens a leaf about `event`, freshly salted unless told; sealed under `key` unless it is about nobody."""
    salt, body = salt or secrets.token_bytes(SALT_SIZE), event.canonical()
    commitment, body = commit(salt, body), salt + body
    if about is not None and key is not None:
        body = seal(key, body, seal_of(about, commitment))
    return Opening(commitment, body, about, intent, moment)


def opened_body(opening: Opening, key: bytes | None) -> bytes | None:
    """Salt and event; None where nothing opens it. `key` is that of whom it is about."""
    if opening.about is None:
        return opening.body
    try:
        return None if key is None else unseal(key, opening.body, seal_of(opening.about, opening.commitment))
    except KeystoreError:
        return None


def own_salt(event: Event, key: bytes) -> bytes:
    """A salt that the same fact gets again, and nobody can guess without the key of whom it is about."""
    return hmac.digest(key, b"salt\x1f" + event.canonical(), "sha256")[:SALT_SIZE]
