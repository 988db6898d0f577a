"""Invariant I5: an intent leaf that is durable, then the act, then its result; what is cut off is settled later."""

from __future__ import annotations

import json

import pytest

from beholden.acts.grants.enrol import Wish
from beholden.acts.grants.invite import invite
from beholden.acts.grants.people import people
from beholden.ledger.leaf import LEAF_SIZE, parse_leaf
from beholden.ledger.memory import Weather
from beholden.model.errors import LogUnavailable, PolicyRefused
from beholden.model.event import Paused
from beholden.model.grant import Purpose
from tests.people import ENTRANCE, NOW, Clock, enrolled, office_of


def kinds(office):
    return [None if line.event is None else line.event["kind"] for line in office.journal.read()]


def test_intent_comes_before_the_act_and_result_after_it(office, log):
    """In the body the first leaf is there, and only that."""
    with office.journal.act([Paused(at=NOW, subject="s", grant="g")]) as leaves:
        assert (leaves, log.size()) == ([0], 1)
    assert kinds(office) == ["paused", "act_completed"]
    assert office.journal.read()[1].event["intent"] == 0


def test_an_act_that_fails_says_so_in_the_log(office):
    """The result names the error, not its text."""
    with pytest.raises(PolicyRefused), office.journal.act([Paused(at=NOW, subject="s", grant="g")]):
        raise PolicyRefused("a secret reason")
    assert office.journal.read()[1].event == {
        "at": "2026-11-23T09:41:07.250Z",
        "error": "PolicyRefused",
        "intent": 0,
        "kind": "act_completed",
    }


@pytest.mark.parametrize("weather", [Weather.FAILS, Weather.FAILS_BUT_PERSISTED])
def test_an_act_does_not_happen_while_the_log_cannot_be_written(office, log, weather, keystore):
    """Nobody is enrolled, no key is left, and trying again in better weather works."""
    log.weather = weather
    with pytest.raises(LogUnavailable):
        enrolled(office, "Ann", 1)
    with pytest.raises(LogUnavailable):
        invite(office, "Ben", [Purpose.ENTRANCE])
    assert (people(office), keystore.subjects()) == ((), frozenset())
    log.weather = Weather.WORKS
    enrolled(office, "Ann", 1)
    assert [person.label for person in people(office)] == ["Ann"]


def test_a_leaf_that_was_persisted_though_it_failed_is_found_and_settled(office, log):
    """The log itself says what became of it; the act is recorded as interrupted."""
    log.weather = Weather.FAILS_BUT_PERSISTED
    with pytest.raises(LogUnavailable), office.journal.act([Paused(at=NOW, subject="s", grant="g")]):
        pytest.fail("the act happened")
    log.weather = Weather.WORKS
    assert office.journal.recover() == 2
    [intent, result] = office.journal.read()
    assert (intent.event["kind"], result.event["intent"], result.event["error"]) == ("paused", 0, "interrupted")
    assert office.journal.recover() == 0


def test_an_opening_whose_leaf_never_came_is_forgotten_after_an_hour(office, log, clock, store):
    """Not before: its writer might still be at it."""
    log.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        office.journal.record([Paused(at=NOW, subject="s", grant="g")])
    log.weather = Weather.WORKS
    office.journal.recover()
    assert len(store.openings()) == 1
    clock.pass_by(hours=1, seconds=1)
    office.journal.recover()
    assert store.openings() == ()


def test_a_result_that_the_log_could_not_take_is_written_later(office, log):
    """The act was done, and is not reported as failed; its result says done."""
    with office.journal.act([Paused(at=NOW, subject="s", grant="g")]):
        log.weather = Weather.FAILS
    log.weather = Weather.WORKS
    assert kinds(office) == ["paused"]
    office.journal.recover()
    assert [line.event.get("error") for line in office.journal.read()] == [None, None]
    assert kinds(office) == ["paused", "act_completed"]


def test_an_act_cut_off_by_a_kill_is_recorded_as_interrupted(office):
    """By whoever opens the folder next."""
    with pytest.raises(KeyboardInterrupt), office.journal.act([Paused(at=NOW, subject="s", grant="g")]):
        raise KeyboardInterrupt
    assert kinds(office) == ["paused"]
    office.journal.recover()
    assert office.journal.read()[1].event["error"] == "interrupted"


def test_a_leaf_shows_nothing_of_what_it_is_about(office, log):
    """No id, no kind, no name: fixed size, and the commitment opens only with the salt. The opening is the control."""
    ann = enrolled(office, "Ann", 1)
    leaves = log.leaves()
    assert {len(leaf) for leaf in leaves} == {LEAF_SIZE}
    for needle in (ann.subject.encode(), ann.grants[0].id.encode(), b"enrolled", b"Ann"):
        assert not any(needle in leaf for leaf in leaves)
    assert ann.subject in json.dumps([line.event for line in office.journal.read()])


def test_equal_events_have_different_leaves(office, log):
    """Salted: nobody can compare them."""
    event = Paused(at=NOW, subject="s", grant="g")
    office.journal.record([event, event])
    one, two = map(parse_leaf, log.leaves())
    assert one.commitment != two.commitment


def test_what_is_about_a_person_is_sealed_under_their_key(office, store, keystore):
    """No opening shows whom; the one about nobody does, and is the control."""
    ann = enrolled(office, "Ann", 1)
    sealed = [o for o in store.openings() if o.about == ann.subject]
    assert len(sealed) == 2
    assert not any(b"kind" in opening.body for opening in sealed)
    assert any(b"kind" in opening.body for opening in store.openings())
    keystore.destroy(ann.subject)
    assert [line.event for line in office.journal.read()][:2] == [None, None]


def test_an_opening_that_was_altered_is_not_genuine(store, keystore, log):
    """The leaf commits to the event: rewriting the database shows."""
    office = office_of(store, keystore, log, Clock())
    office.journal.record([Paused(at=NOW, subject="s", grant="g")])
    assert [line.genuine for line in office.journal.read()] == [True]
    log._leaves[0] = log._leaves[0][:10] + b"\x00" + log._leaves[0][11:]
    assert [line.genuine for line in office.journal.read()] == [False]


def test_each_grant_has_a_leaf(office):
    """Two purposes, two facts, one result."""
    enrolled(office, "Ann", 1, Wish((Purpose.ENTRANCE, Purpose.PHOTOS), ENTRANCE.places))
    assert kinds(office) == ["enrolled", "granted", "granted", "act_completed"]
