"""Records of before and the keystore of today: who has no key withdrew since, and whose key nobody knows came later."""

from __future__ import annotations

import pytest

from beholden.acts.reconcile import Reconciled, reconcile
from beholden.consent.registry import SubjectState
from beholden.ledger.memory import Weather
from beholden.model.errors import LogUnavailable
from beholden.model.ids import SubjectId
from beholden.storage.memory import MemoryStore
from tests.acts.houses import kinds
from tests.acts.words import lines
from tests.people import enrolled, office_of

TAKEN = "2026-11-22T00:00:00Z"


@pytest.fixture
def office(keystore, log, clock):
    return office_of(MemoryStore(), keystore, log, clock)


def test_who_has_no_key_is_forgotten_again_and_only_they(office):
    """Whoever stays, stays; said first in the log, with the day of the backup. Again, there is nothing to do."""
    gone, stays, before = (enrolled(office, name, seed).subject for seed, name in enumerate(("Ann", "Ben", "Cid")))
    office.keystore.destroy(gone)
    office.keystore.destroy(before)
    office.keystore.create_key(SubjectId("s_later"))
    office.keystore.create_key(SubjectId("camera:door"))
    found = reconcile(office, TAKEN)
    assert (set(found.forgotten), found.unknown) == ({gone, before}, 1)
    assert {each.id: each.state for each in office.store.subjects()} == {
        gone: SubjectState.WITHDRAWN,
        stays: SubjectState.ENROLLED,
        before: SubjectState.WITHDRAWN,
    }
    assert office.keystore.subjects() == {stays, "camera:door"}
    assert lines(office, "restored") == [(None, {"taken_at": TAKEN})]
    assert kinds(office).index("restored") < kinds(office).index("withdrawn")
    assert reconcile(office, TAKEN) == Reconciled((), 0)


def test_while_the_log_fails_nobody_is_forgotten(office, log):
    """And no key goes."""
    ann = enrolled(office, "Ann", 1).subject
    office.keystore.create_key(SubjectId("s_later"))
    log.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        reconcile(office, TAKEN)
    assert office.keystore.subjects() == {ann, "s_later"}
