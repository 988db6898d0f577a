"""What was seen reaches the public log with its hour, among as many leaves as always, and nothing gets lost."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from beholden.acts.grants.withdraw import withdraw
from beholden.acts.logged.hourly import MOST_HOURS, Batches, batch_of
from beholden.acts.own_copy.logkeys import give_log_keys
from beholden.acts.recover import recover
from beholden.acts.sightings.answers import answer
from beholden.acts.sightings.sighting import Named, Settle, sightings
from beholden.ledger.leaf import Leaf, hour_of, parse_leaf, tag
from beholden.ledger.memory import MemoryLog, Weather
from beholden.model.errors import DataFolderError, LogUnavailable
from beholden.model.grant import Capture, Place, Viewpoint
from beholden.model.ids import CameraId, Epoch, PlaceId, TrackId
from beholden.model.match import Known, Reason, Why
from tests.acts.faults import Faulty, Killed
from tests.people import AT_LOBBY, IN_A_FILE, NOW, enrolled, office_of

BATCHES = Batches(("lobby", "yard"), 4)
AT_YARD = Viewpoint(CameraId("yard cam"), Place(PlaceId("yard"), capture=Capture.LANE))
EPOCH = Epoch("aaaaaaaaaaaa")


@pytest.fixture
def seen():
    return MemoryLog("beholden.invalid/memory/seen")


@pytest.fixture
def office(store, keystore, log, clock, seen):
    made = office_of(store, keystore, log, clock, seen, BATCHES)
    made.journal.publish_due()  # the folder's first hour
    return made


@pytest.fixture
def ann(office):
    enrolment = enrolled(office, "Ann", 1)
    return Known(enrolment.subject, enrolment.grants[0].id, Why(Reason.CLEAR, 2))


def come(office, match, clock, times=1, view=AT_LOBBY):
    """They are seen so many times, each a sighting of its own."""
    settle = Settle(office)
    for each in range(times):
        [made] = settle.settle_many(
            [
                Named(
                    view,
                    EPOCH,
                    TrackId(f"{view.camera} {clock():%d %H} {each}"),
                    match,
                    clock() + timedelta(minutes=5 * each),
                )
            ]
        )
        assert not isinstance(made, Exception), made


def hours(log, since):
    return [parse_leaf(leaf).hour for leaf in log.leaves(since)]


def test_what_opens_the_leaf_of_a_sighting_goes_with_the_sighting(office, ann, clock):
    """And of an answer to it, which was given later; that she is enrolled stays."""
    come(office, ann, clock)
    [row] = office.store.sightings()
    clock.pass_by(hours=3)
    answer(office, row.id, right=True)
    clock.pass_by(hours=1)
    office.journal.publish_due()
    kinds = lambda: {line.event["kind"] for line in office.journal.read(ann.subject)}  # noqa: E731
    assert {"sighted", "answered", "enrolled"} <= kinds()
    office.store.purge(row.dies_at)
    assert "enrolled" in kinds()
    assert not {"sighted", "answered"} & kinds()


def test_a_name_takes_effect_at_once_and_its_leaf_is_public_with_its_hour(office, ann, clock, log, seen):
    """Until then it is in the log of the hour alone."""
    before = log.size()
    come(office, ann, clock)
    assert (log.size(), seen.size(), len(sightings(office))) == (before, 1, 1)
    assert office.journal.publish_due() == 0
    clock.pass_by(hours=1)
    assert office.journal.publish_due() == 1
    assert log.size() == before + 8
    [line] = [each for each in office.journal.read() if each.event and each.event["kind"] == "sighted"]
    assert line.genuine
    assert line.leaf is not None
    assert before <= line.leaf < before + 8


@pytest.mark.parametrize("times", [0, 1, 4])
def test_an_hour_has_as_many_leaves_busy_or_not(office, ann, clock, log, times):
    """For each place; all of that hour."""
    before = log.size()
    come(office, ann, clock, times)
    clock.pass_by(hours=1)
    office.journal.publish_due()
    assert hours(log, before) == [hour_of(clock())] * 8


def test_what_does_not_fit_makes_the_batch_of_its_place_twice_as_long(office, ann, clock, log):
    """Nothing is put off, and the other place's batch stays as it is."""
    before = log.size()
    come(office, ann, clock, 5)
    clock.pass_by(hours=1)
    office.journal.publish_due()
    assert log.size() == before + 8 + 4


def test_each_hour_that_was_missed_gets_its_batch(office, ann, clock, log):
    """The machine was off for three hours: who reads the log sees that, and not what was before."""
    before = log.size()
    come(office, ann, clock)
    clock.pass_by(hours=3)
    assert office.journal.publish_due() == 3
    now = hour_of(clock())
    assert hours(log, before) == [now - 2] * 8 + [now - 1] * 8 + [now] * 8
    assert office.journal.publish_due() == 0


def test_after_weeks_only_a_day_of_batches_is_made_up_for(office, ann, clock, log, store):
    """What waited is in them."""
    before = log.size()
    come(office, ann, clock)
    clock.pass_by(days=20)
    assert office.journal.publish_due() == MOST_HOURS
    assert log.size() == before + MOST_HOURS * 8
    assert store.waiting() == ()


def test_the_first_naming_of_an_hour_publishes_the_last_one(office, ann, clock, log):
    """Also where nobody calls now and then; so nothing waits longer than an hour while anything happens."""
    come(office, ann, clock)
    before = log.size()
    clock.pass_by(hours=2)
    come(office, ann, clock)
    assert log.size() == before + 16


def test_while_the_public_log_fails_nobody_is_named_in_a_new_hour(office, ann, clock, log, seen):
    """I5: what was seen must be able to reach it. What is said of the hour before is said later, whole."""
    come(office, ann, clock)
    clock.pass_by(hours=1)
    log.weather = Weather.FAILS
    [refused] = Settle(office).settle_many([Named(AT_LOBBY, EPOCH, TrackId("t9"), ann, clock())])
    assert isinstance(refused, LogUnavailable)
    assert seen.size() == 1
    log.weather = Weather.WORKS
    come(office, ann, clock)
    assert office.store.waiting() != ()


def test_a_log_of_the_hour_that_fails_names_nobody(office, ann, clock, seen):
    """I5: the leaf first."""
    seen.weather = Weather.FAILS
    [refused] = Settle(office).settle_many([Named(AT_LOBBY, EPOCH, TrackId("t"), ann, clock())])
    assert isinstance(refused, LogUnavailable)
    assert sightings(office) == ()


def test_a_batch_that_persisted_though_it_failed_is_found_and_not_doubled(office, ann, clock, log, store):
    """Each sighting has one leaf. The batch is made up for all the same: also an empty one would be."""
    come(office, ann, clock, 2)
    before = log.size()
    clock.pass_by(hours=1)
    log.weather = Weather.FAILS_BUT_PERSISTED
    with pytest.raises(LogUnavailable):
        office.journal.publish_due()
    log.weather = Weather.WORKS
    assert office.journal.publish_due() == 1
    assert log.size() == before + 16
    assert store.waiting() == ()
    lines = [each for each in office.journal.read() if each.event and each.event["kind"] == "sighted"]
    assert len({line.leaf for line in lines}) == 2
    assert all(line.genuine for line in lines)
    commitments = [parse_leaf(leaf).commitment for leaf in log.leaves()]
    assert len(commitments) == len(set(commitments))


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [Killed(), DataFolderError("the disk went away")], ids=["killed", "failed"])
def test_cut_off_before_or_after_it_is_stored_nothing_is_lost_or_doubled(
    store, keystore, log, clock, seen, office, ann, error, when
):
    """Another process carries on."""
    come(office, ann, clock, 2)
    clock.pass_by(hours=1)
    faulty = office_of(Faulty(store, "publish", when, error), keystore, log, clock, seen, BATCHES)
    with pytest.raises((Killed, DataFolderError)):
        faulty.journal.publish_due()
    again = office_of(store, keystore, log, clock, seen, BATCHES)
    recover(again)
    assert store.waiting() == ()
    assert all(line.genuine for line in again.journal.read())
    commitments = [parse_leaf(leaf).commitment for leaf in log.leaves()]
    assert len(commitments) == len(set(commitments))


def test_what_was_cut_off_before_it_was_noted_is_found_in_the_log_of_the_hour(
    store, keystore, log, clock, seen, office, ann
):
    """Its leaf is durable and its row is not: asked again, it keeps its leaf."""
    settle = Settle(office_of(Faulty(store, "put_sightings", "before", Killed()), keystore, log, clock, seen, BATCHES))
    with pytest.raises(Killed):
        settle.settle_many([Named(AT_LOBBY, EPOCH, TrackId("t"), ann, clock())])
    assert recover(office).settled == 1
    come(office, ann, clock)
    assert seen.size() <= 2
    clock.pass_by(hours=1)
    office.journal.publish_due()
    assert store.waiting() == ()


def test_places_that_no_setting_names_and_files_are_published_too(office, ann, clock, log):
    """Nothing is left out of the log because it was not foreseen."""
    before = log.size()
    come(office, ann, clock, view=IN_A_FILE)
    come(office, ann, clock, view=Viewpoint(CameraId("c"), Place(PlaceId("attic"), capture=Capture.LANE)))
    clock.pass_by(hours=1)
    office.journal.publish_due()
    assert log.size() == before + 4 * 4


def test_where_it_was_is_forgotten_once_it_is_public(office, ann, clock, store):
    """Until then it is sealed, and of the moment only the full hour is there."""
    come(office, ann, clock, view=AT_YARD)
    [waiting] = store.waiting()
    assert "yard" not in waiting.place
    assert len(waiting.place) == 144
    assert (waiting.created_at.minute, waiting.created_at.second, waiting.created_at.microsecond) == (0, 0, 0)
    clock.pass_by(hours=1)
    office.journal.publish_due()
    assert {each.place for each in store.openings()} == {None}


def test_she_finds_her_sightings_when_they_are_public(office, ann, clock, log):
    """Also those of people who withdrew before the hour was over; and nobody else's."""
    [key] = give_log_keys(office, ann.subject, f"{NOW:%Y-%m}", f"{NOW:%Y-%m}")
    before = log.size()
    come(office, ann, clock, 3)
    withdraw(office, ann.subject)
    clock.pass_by(hours=1)
    office.journal.publish_due()
    own = [parse_leaf(leaf) for leaf in log.leaves(before)]
    assert sum(leaf.tag == tag(bytes.fromhex(key.key), leaf.nonce) for leaf in own) == 3 + 1


def test_a_clock_that_goes_back_publishes_nothing_twice(office, ann, clock, log):
    """Its hours were published."""
    clock.pass_by(hours=2)
    office.journal.publish_due()
    size = log.size()
    clock.pass_by(hours=-1)
    assert office.journal.publish_due() == 0
    come(office, ann, clock)
    assert log.size() == size


def test_a_batch_is_shuffled_and_loses_nobody():
    """The order says nothing: with a known chance it is a known one."""
    real = [Leaf(7, bytes([n]) * 32, bytes(16), bytes(32)) for n in range(3)]
    batch = [parse_leaf(each) for each in batch_of(real, 8, 7, Random(1))]
    assert len(batch) == 8
    assert {each.commitment for each in real} <= {each.commitment for each in batch}
    assert batch[:3] != real
