"""Records of oversight, sealed: each account under a key of its own, what is about a person under theirs.

What is about nobody is sealed too, under one key of the installation, so that a row that was altered does not open.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from beholden.acts.office import Office
from beholden.acts.store import Kept
from beholden.consent.oversight.steps import Fact, Notice
from beholden.consent.seal import seal, unseal
from beholden.model.errors import SealBroken
from beholden.model.event import Overseen
from beholden.model.ids import SubjectId

OWN = "oversight:records"
"""The key of what is about nobody; no subject's id can be this, those begin with `s_`."""
NOTICE = "notice"
"""Kind of records: what somebody is told."""
NOTICE_LIVES = timedelta(days=365)
"""Who did not read it by then will not: the log knows what happened."""
_PERSON = "s_"
_MARK = b"beholden oversight name\x1f"


@dataclass(frozen=True, slots=True)
class Record:
    """`values` are JSON. `about` names the key that seals them (`OWN`, `account:ID` or a subject's id)."""

    kind: str
    id: str
    values: Mapping[str, Any] = field(repr=False)
    about: str = OWN
    dies_at: datetime | None = None


def keep(office: Office, records: Sequence[Record]) -> None:
    """Keep them, in one transaction; one of the same kind and id is replaced.

    A key that is missing is made, but not a person's. Raises KeyDestroyed, KeystoreError, DataFolderError.
    """
    office.store.put_kept([_sealed(office, each) for each in records])


def kept(office: Office, kind: str, about: Collection[str] | None = None) -> Iterator[Record]:
    """Those that open, by id: one altered row must not stop everybody. Raises KeystoreError, DataFolderError."""
    rows = office.store.kept(kind, about)
    keys = office.keystore.data_keys({SubjectId(row.about) for row in rows})
    for row in rows:
        key = keys[SubjectId(row.about)]
        if key is not None:
            with suppress(SealBroken):
                yield Record(row.kind, row.id, json.loads(unseal(key, row.sealed, _about(row))), row.about, row.dies_at)


def kept_about(office: Office, subject: SubjectId) -> Iterator[Record]:
    """Everything of every kind that is kept about one person and opens; nobody else's key is used.

    Raises KeystoreError, DataFolderError.
    """
    key = office.keystore.data_keys([subject])[subject]
    if key is None:
        return
    for row in office.store.kept_about(subject):
        with suppress(SealBroken):
            yield Record(row.kind, row.id, json.loads(unseal(key, row.sealed, _about(row))), row.about, row.dies_at)


def note(office: Office, facts: Sequence[Fact]) -> None:
    """Log what oversight noticed, before it takes effect; sealed for the person it is about, while they have a key.

    Raises LogUnavailable: then it does not take effect. DataFolderError, KeystoreError.
    """
    for fact in facts:
        about = fact.subject if fact.subject is not None and _has_key(office, fact.subject) else None
        office.journal.record([_overseen(fact)], about=about)


def note_presence(office: Office, facts: Sequence[Fact], place: str) -> None:
    """As `note`, of facts that tell that somebody is at a place now: public with its hour (`acts.logged.hourly`).

    Raises KeyDestroyed for one about somebody without a key.
    """
    about = [(fact, fact.subject) for fact in facts if fact.subject is not None]
    note(office, [fact for fact in facts if fact.subject is None])
    keys = {subject: office.keystore.data_key(subject) for _, subject in about}
    if about:
        events = [(_overseen(fact), subject) for fact, subject in about]
        office.store.set_noted(office.journal.announce([(event, subject, place) for event, subject in events], keys))
        office.journal.tally.count_present([event.as_dict() for event, _ in events], office.clock())


def _overseen(fact: Fact) -> Overseen:
    return Overseen(
        at=fact.at, what=str(fact.what), about=fact.about, subject=fact.subject, by=fact.by, detail=fact.detail
    )


def tell(office: Office, of: str, notices: Sequence[Notice], until: datetime | None = None) -> list[Record]:
    """The notices as records: `of` is what they are about, so that telling twice is telling once.

    `until`: when they are deleted, in place of a year after they are due.
    """
    told: list[Record] = []
    for number, notice in enumerate(notices):
        person = notice.to.startswith(_PERSON)
        if person and not _has_key(office, SubjectId(notice.to)):
            continue  # nobody is there to read it
        values = {
            "to": notice.to,
            "text": notice.text,
            "due": stored(notice.due),
            "not_before": None if notice.not_before is None else stored(notice.not_before),
        }
        about = notice.to if person else key_of(notice.to)
        told.append(Record(NOTICE, f"{of}.{number}", values, about, full_hour(until or notice.due + NOTICE_LIVES)))
    return told


def row_name(office: Office, about: str, *words: str) -> str:
    """What a row is called by words that nobody can tell, nor check a guess of, without the key of `about`.

    Raises KeyDestroyed, KeystoreError.
    """
    key = SubjectId(about)
    if about == OWN and office.keystore.bucket(key) is None:
        office.keystore.create_key(key)
    return hmac.digest(office.keystore.data_key(key), _MARK + "\x1f".join(words).encode(), "sha256").hex()[:32]


def full_hour(moment: datetime) -> datetime:
    """What is kept in clear tells no more of a moment."""
    return moment.replace(minute=0, second=0, microsecond=0)


def key_of(account: str) -> str:
    """What the keystore calls the key of an account."""
    return f"account:{account}"


def stored(moment: datetime) -> str:
    """To the microsecond, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _has_key(office: Office, subject: SubjectId) -> bool:
    return office.keystore.bucket(subject) is not None


def _sealed(office: Office, record: Record) -> Kept:
    about = SubjectId(record.about)
    if not about.startswith(_PERSON) and office.keystore.bucket(about) is None:
        office.keystore.create_key(about)
    row = Kept(record.kind, record.id, record.about, b"", record.dies_at)
    text = json.dumps(dict(record.values), ensure_ascii=False, sort_keys=True)
    return Kept(
        row.kind, row.id, row.about, seal(office.keystore.data_key(about), text.encode(), _about(row)), row.dies_at
    )


def _about(row: Kept) -> str:
    return f"oversight\x1f{row.kind}\x1f{row.id}\x1f{row.about}"
