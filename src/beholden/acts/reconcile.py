"""After a restore: whoever withdrew since is forgotten again, and keys of people whom the backup does not know go.

The keystore is today's and the records are of before. Who has no key in it withdrew: nothing of theirs can be opened,
and what is still there of them goes as in any withdrawal.
"""

from __future__ import annotations

from dataclasses import dataclass

from beholden.acts.grants.strays import destroy_strays
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.office import Office
from beholden.consent.registry import SubjectState
from beholden.model.event import Restored
from beholden.model.ids import SubjectId


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`forgotten`: people whose withdrawal was carried out again. `unknown`: how many keys of later people went."""

    forgotten: tuple[SubjectId, ...]
    unknown: int


def reconcile(office: Office, taken_at: str) -> Reconciled:
    """Bring records of `taken_at` (as the backup says) in line with today's keystore. Logged first; may be repeated.

    Raises LogUnavailable, DataFolderError, KeystoreError: then it is to be called again before anybody is named.
    """
    with office.journal.acting():
        office.journal.record([Restored(at=office.clock(), taken_at=taken_at)])
        people = [each for each in office.store.subjects() if each.state is not SubjectState.WITHDRAWN]
        keys = office.keystore.data_keys([each.id for each in people])
        gone = tuple(each.id for each in people if keys[each.id] is None)
        for subject in gone:
            withdraw(office, subject)
        return Reconciled(gone, destroy_strays(office))
