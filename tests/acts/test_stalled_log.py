"""A log whose disk hangs: no act takes effect meanwhile, and each does when it goes on, without a hand."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from beholden.acts.grants.pause import pause
from beholden.acts.grants.people import people
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.sightings.sighting import sightings
from beholden.consent.registry import SubjectState
from beholden.ledger.memory import MemoryLog, Weather
from beholden.model.grant import GrantState
from beholden.model.match import Known, Reason, Why
from tests.acts.test_hourly import come
from tests.people import enrolled, office_of
from tests.supervise.folders import until


@pytest.fixture
def seen():
    return MemoryLog("beholden.invalid/memory/seen")


@pytest.fixture
def office(store, keystore, log, clock, seen):
    return office_of(store, keystore, log, clock, seen)


def while_stalled(log: MemoryLog, act: Callable[[], object], look: Callable[[], None]) -> None:
    """`look` at what is there while the leaf of `act` waits for its disk; then the disk goes on, and `act` ends."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - raised again below
            failed.append(error)

    log.weather = Weather.STALLS
    acting = threading.Thread(target=run)
    acting.start()
    try:
        until(lambda: log.stalled)
        look()
    finally:
        log.weather = Weather.WORKS
        acting.join(30)
    assert not acting.is_alive()
    assert not failed, failed


def test_nobody_is_enrolled_while_the_log_hangs(office, log):
    """And then they are."""

    def nobody() -> None:
        assert people(office) == ()

    while_stalled(log, lambda: enrolled(office, "Ann", 1), nobody)
    assert [person.label for person in people(office)] == ["Ann"]


def test_nobody_is_paused_while_the_log_hangs(office, log, store):
    """And then they are."""
    ann = enrolled(office, "Ann", 1)

    def states() -> set[GrantState]:
        return {grant.state for grant in store.grants(ann.subject)}

    def active() -> None:
        assert states() == {GrantState.ACTIVE}

    while_stalled(log, lambda: pause(office, ann.subject), active)
    assert states() == {GrantState.PAUSED}


def test_nobody_is_forgotten_while_the_log_hangs(office, log, store, keystore):
    """What was before holds until the leaf is durable."""
    ann = enrolled(office, "Ann", 1)

    def as_before() -> None:
        assert store.subject(ann.subject).state is SubjectState.ENROLLED
        assert {grant.state for grant in store.grants(ann.subject)} == {GrantState.ACTIVE}
        assert keystore.data_keys([ann.subject])[ann.subject] is not None

    while_stalled(log, lambda: withdraw(office, ann.subject), as_before)
    assert store.subject(ann.subject).state is SubjectState.WITHDRAWN


def test_nobody_is_seen_while_the_log_of_the_hour_hangs(office, seen, clock):
    """A sighting is there when its leaf is, once."""
    ann = enrolled(office, "Ann", 1)
    match = Known(ann.subject, ann.grants[0].id, Why(Reason.CLEAR, 2))

    def nobody() -> None:
        assert sightings(office) == ()

    while_stalled(seen, lambda: come(office, match, clock), nobody)
    assert len(sightings(office)) == 1
    assert seen.size() == 1
