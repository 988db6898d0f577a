"""That somebody asks for what is theirs: proven by the log keys that only they have; in a rehearsal, said by anybody.

A person has a key for each month (`acts.own_copy.logkeys`). With the one of the month they sign what they ask for, by
HMAC-SHA256; the key itself is not sent. A key of another month, which somebody may have been lent to find leaves
with, opens nothing here.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from beholden.acts.office import Office
from beholden.consent.logkeys import tag_key
from beholden.ledger.leaf import Month
from beholden.model.errors import PolicyRefused
from beholden.model.ids import SubjectId

VERSION = "beholden own request v1"
FRESH = timedelta(minutes=5)
"""A proof that is older is of no use any more."""
_ADVICE = "Ask with the file of log keys that was given to you, and no other; newer keys, if this month is not in it."
_UNPROVEN = "They prove it with their log keys: --keys FILE. An operator can pause or withdraw for them."


@dataclass(frozen=True, slots=True)
class Proof:
    """Whoever has the log key of this month asked at `at` (aware UTC)."""

    at: datetime
    mac: bytes = field(repr=False)


def prove(key: bytes, subject: str, what: str, at: datetime) -> Proof:
    """`key`: of the month of `at`. `what` says exactly what is asked for."""
    return Proof(at, hmac.digest(key, _asked(subject, what, at), "sha256"))


def refuse_others(office: Office, subject: SubjectId, what: str, proof: Proof | None) -> None:
    """Go on only where the person asks. Raises PolicyRefused, in one way whatever is wrong; KeystoreError."""
    if proof is None:
        if not office.store.rehearsal:
            raise PolicyRefused("what is held about somebody is told to nobody but them", advice=_UNPROVEN)
        return
    key = office.keystore.data_keys([subject])[subject]
    fresh = office.clock() - FRESH < proof.at <= office.clock()
    if key is not None and fresh:
        own = hmac.digest(tag_key(key, Month.of(proof.at)), _asked(subject, what, proof.at), "sha256")
        if hmac.compare_digest(own, proof.mac):
            return
    raise PolicyRefused("these keys are not that person's, or not of this month", advice=_ADVICE)


def _asked(subject: str, what: str, at: datetime) -> bytes:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return "".join(f"{line}\n" for line in (VERSION, subject, what, moment)).encode()
