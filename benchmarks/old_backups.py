"""A backup from before people withdrew, with today's keystore: it opens exactly those who stayed.

Ten thousand people in one data folder, backed up as `beholden backup` does; a hundred withdraw, one after the other;
then the sealed templates of the backup are tried with the keystore as it is by then, and the backup is put back as
`beholden restore` does, and looked into.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np

from beholden.acts.grants.withdraw import withdraw
from beholden.acts.reconcile import reconcile
from beholden.consent.keystore import Keystore
from beholden.consent.registry import Particulars, Subject, SubjectState
from beholden.consent.seal import open_template, seal_particulars, seal_template
from beholden.model.errors import KeystoreError
from beholden.model.grant import Basis, Grant, Purpose
from beholden.model.ids import GrantId, ModelDigest, PlaceId, SubjectId
from beholden.model.template import EnrolledTemplate
from beholden.storage.backup import back_up, restore
from beholden.storage.database import Database
from beholden.storage.folder import DATABASE, KEYSTORE, create_folder, open_folder

MODEL = ModelDigest("aa" * 32)
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
NUMBERS = 128


@dataclass(frozen=True, slots=True)
class Opened:
    """Of so many `people`, of whom `leaving` withdrew: whose template the backup gives away with today's keystore,
    and whose is there after the backup was put back. By subject."""

    people: frozenset[SubjectId]
    left: frozenset[SubjectId]
    by_backup: frozenset[SubjectId]
    put_back: frozenset[SubjectId]

    @property
    def stayed_and_lost(self) -> int:
        """People who stayed, and whom the backup or the folder made of it does not open."""
        return len((self.people - self.left) - (self.by_backup & self.put_back))

    @property
    def left_and_there(self) -> int:
        """People who withdrew, and whom either gives away."""
        return len(self.left & (self.by_backup | self.put_back))


def old_backup(scratch: Path, people: int, leaving: int, seed: int) -> Opened:
    """Everything that the module's description says, in `scratch`, which has to be there."""
    folder, backup, put_back = (scratch / name for name in ("data", "backup", "put-back"))
    everybody = [SubjectId(f"s_{number:020x}") for number in range(people)]
    create_folder(folder, rehearsal=True, clock=_now)
    with open_folder(folder, clock=_now) as opened:
        enrol_all(opened.database, opened.keystore, everybody)
        back_up(folder, backup, NOW)
        left = Random(seed).sample(everybody, leaving)
        for subject in left:
            withdraw(opened.office, subject)
    copy = shutil.copy(backup / DATABASE, scratch / "copy.db")  # a database that is opened is written to
    by_backup = _opens(copy, Keystore.open(folder / KEYSTORE))
    restore(backup, put_back, folder / KEYSTORE, folder)
    with open_folder(put_back, clock=_now) as opened:
        reconcile(opened.office, NOW.isoformat())
    there = _opens(put_back / DATABASE, Keystore.open(put_back / KEYSTORE))
    return Opened(frozenset(everybody), frozenset(left), by_backup, there)


def enrol_all(database: Database, keystore: Keystore, subjects: Iterable[SubjectId]) -> None:
    """Put people into the records as an enrolment does, a bucket of keys at a time. Their names are their numbers."""
    for number, batch in enumerate(_batches(subjects, 256)):
        keystore.create_keys(batch)
        keys = keystore.data_keys(batch)
        vectors = np.random.default_rng(number).normal(size=(len(batch), NUMBERS)).astype(np.float32)
        for subject, vector in zip(batch, vectors, strict=True):
            key = keys[subject]
            assert key is not None
            sealed = seal_template(key, vector / np.linalg.norm(vector), subject, MODEL)
            particulars = seal_particulars(key, Particulars(f"Number {subject}", None), subject)
            grant = Grant(
                id=GrantId(f"g_{subject[2:]}"),
                subject=subject,
                purpose=Purpose.ENTRANCE,
                basis=Basis.CONSENT,
                places=frozenset({PlaceId("hall")}),
                starts_at=NOW,
                ends_at=NOW + timedelta(days=30),
                hours=None,
                recordings=False,
            )
            template = EnrolledTemplate(subject, sealed, MODEL, NOW, 0.9, 1)
            database.add_enrolment(Subject(subject, SubjectState.ENROLLED, particulars, NOW), [grant], template)


def _batches(subjects: Iterable[SubjectId], size: int) -> Iterator[list[SubjectId]]:
    rest = iter(subjects)
    while batch := list(islice(rest, size)):
        yield batch


def _opens(database: Path, keystore: Keystore) -> frozenset[SubjectId]:
    """Whose template in this database opens with these keys."""
    there = Database.open(database)
    try:
        templates = there.snapshot().templates
    finally:
        there.close()
    keys = keystore.data_keys([each.subject for each in templates])
    found: set[SubjectId] = set()
    for each in templates:
        key = keys[each.subject]
        try:
            if key is not None and len(open_template(key, each.sealed, each.subject, each.model)) == NUMBERS:
                found.add(each.subject)
        except KeystoreError:
            continue
    return frozenset(found)


def _now() -> datetime:
    return NOW
