"""A sighting opens once per person and place, leaf first, and dies after 24 hours; a track's end names nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from beholden.acts.sightings.sighting import Settle, purge, sightings
from beholden.ledger.leaf import parse_leaf
from beholden.ledger.memory import MemoryLog, Weather
from beholden.model.errors import LogUnavailable, PolicyRefused
from beholden.model.grant import Capture, Place, Viewpoint
from beholden.model.ids import CameraId, Epoch, PlaceId, TrackId, sighting_id
from beholden.model.match import Known, Reason, Undecided, Unknown, Why
from beholden.storage.memory import MemoryStore
from tests.people import AT_LOBBY, IN_A_FILE, LOBBY, NOW, Clock, enrolled, office_of

EPOCH, TRACK, OTHER = Epoch("aaaaaaaaaaaa"), TrackId("aaaaaaaaaaaa-1"), TrackId("aaaaaaaaaaaa-2")


def after(seconds):
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def ann(office):
    enrolment = enrolled(office, "Ann", 1)
    return Known(enrolment.subject, enrolment.grants[0].id, Why(Reason.CLEAR, 2))


@pytest.fixture
def settle(office):
    return Settle(office)


def sighted(office):
    return sum(1 for line in office.journal.read() if line.event and line.event["kind"] == "sighted")


def test_the_first_naming_opens_a_sighting_with_its_leaf(office, settle, ann):
    """The id is a hash of camera, run, track and subject."""
    told = settle.named(AT_LOBBY, EPOCH, TRACK, ann, NOW)
    [opened] = sightings(office)
    assert told == opened.id == sighting_id(AT_LOBBY.camera, EPOCH, TRACK, ann.subject)
    assert (opened.subject, opened.grant, opened.place, opened.shots) == (ann.subject, ann.grant, LOBBY, 2)
    assert sighted(office) == 1


def test_later_namings_within_a_minute_update_it(office, settle, ann):
    """Also by another track, also by another camera of the place: one leaf."""
    other = Viewpoint(CameraId("cam 2"), AT_LOBBY.place)
    settle.named(AT_LOBBY, EPOCH, TRACK, ann, NOW)
    settle.named(AT_LOBBY, EPOCH, OTHER, ann, after(60))
    settle.named(other, Epoch("bbbbbbbbbbbb"), TRACK, Known(ann.subject, ann.grant, Why(Reason.CLEAR, 5)), after(119))
    [one] = sightings(office)
    assert (one.opened_at, one.seen_at, one.shots, sighted(office)) == (NOW, after(119), 5, 1)


def test_after_a_minute_of_absence_another_one_opens(office, settle, ann):
    """60 s is still the same, a moment more is not."""
    settle.named(AT_LOBBY, EPOCH, TRACK, ann, NOW)
    settle.named(AT_LOBBY, EPOCH, OTHER, ann, after(60.001))
    assert (len(sightings(office)), sighted(office)) == (2, 2)


def test_another_place_is_another_sighting(office, settle, ann):
    """And each file is a place of its own."""
    yard = Viewpoint(CameraId("yard cam"), Place(PlaceId("yard"), capture=Capture.LANE))
    for view in (AT_LOBBY, yard, IN_A_FILE, Viewpoint(CameraId("b.mp4"), None)):
        settle.named(view, EPOCH, TRACK, ann, NOW)
    assert [s.place for s in sightings(office)].count(None) == 2
    assert len(sightings(office)) == 4


def test_delivering_the_same_naming_again_changes_nothing(office, settle, ann, log, store):
    """Even after a restart, and even late."""
    settle.named(AT_LOBBY, EPOCH, TRACK, ann, NOW)
    settle.named(AT_LOBBY, EPOCH, TRACK, ann, after(30))
    before, size = sightings(office), log.size()
    for again in (settle, Settle(office)):
        again.named(AT_LOBBY, EPOCH, TRACK, ann, NOW)
        again.named(AT_LOBBY, EPOCH, TRACK, ann, after(30))
    assert (sightings(office), log.size()) == (before, size)


def test_after_a_restart_the_open_sighting_is_carried_on(office, settle, ann):
    """It is found in storage."""
    settle.named(AT_LOBBY, EPOCH, TRACK, ann, NOW)
    Settle(office).named(AT_LOBBY, Epoch("cccccccccccc"), TRACK, ann, after(20))
    [one] = sightings(office)
    assert (one.seen_at, sighted(office)) == (after(20), 1)


@pytest.mark.parametrize("weather", [Weather.FAILS, Weather.FAILS_BUT_PERSISTED])
def test_while_the_log_fails_nobody_is_named(office, settle, ann, log, weather):
    """Leaf before row."""
    log.weather = weather
    with pytest.raises(LogUnavailable):
        settle.named(AT_LOBBY, EPOCH, TRACK, ann, NOW)
    assert sightings(office) == ()
    log.weather = Weather.WORKS
    settle.named(AT_LOBBY, EPOCH, TRACK, ann, after(1))
    assert len(sightings(office)) == 1


@pytest.mark.parametrize("weather", [Weather.FAILS, Weather.FAILS_BUT_PERSISTED])
def test_a_naming_that_is_told_again_after_the_log_failed_has_one_leaf(office, settle, ann, log, weather):
    """Whether the failed write reached the log or not: the same fact has the same leaf."""
    log.weather = weather
    with pytest.raises(LogUnavailable):
        settle.named(AT_LOBBY, EPOCH, TRACK, ann, NOW)
    log.weather = Weather.WORKS
    settle.named(AT_LOBBY, EPOCH, TRACK, ann, NOW)
    assert sighted(office) == 1
    assert len({parse_leaf(leaf).commitment for leaf in log.leaves()}) == log.size()


def test_a_stored_sighting_shows_neither_place_nor_moment(office, settle, ann, store):
    """Everything but whose, and the hour in which it dies, is sealed."""
    settle.named(AT_LOBBY, EPOCH, TRACK, ann, NOW)
    [row] = store.sightings()
    assert b"lobby" not in row.sealed
    assert (row.dies_at.minute, row.dies_at.second, row.dies_at.microsecond) == (0, 0, 0)


def test_a_sighting_dies_within_24_hours(office, settle, ann, clock):
    """Never later; and it lives while it is needed."""
    settle.named(AT_LOBBY, EPOCH, TRACK, ann, NOW)
    clock.pass_by(hours=22)
    assert (purge(office), len(sightings(office))) == (0, 1)
    clock.pass_by(hours=2)
    assert (purge(office), sightings(office)) == (1, ())


def test_sightings_are_listed_in_a_rehearsal_only(keystore):
    """No movement profiles."""
    office = office_of(MemoryStore(rehearsal=False), keystore, MemoryLog(), Clock())
    with pytest.raises(PolicyRefused):
        sightings(office)


def test_the_end_of_a_track_is_stored_without_anybody(office, settle, ann, store):
    """Outcome, reason, whole seconds; the subject's id is nowhere in it, though the match has one."""
    for match in (ann, Unknown(Why(Reason.NOBODY_ALIKE)), Undecided(Why(Reason.TWO_ALIKE, 3))):
        settle.ended(AT_LOBBY, TRACK, match, NOW, 3.4)
    ends = store.track_ends()
    assert [end.outcome for end in ends] == ["known", "unknown", "undecided"]
    assert {(end.camera, end.place, end.seconds) for end in ends} == {("cam", "lobby", 3)}
    text = b"".join(end.canonical() for end in ends)
    assert ann.subject.encode() not in text
    assert ann.subject in repr(ann)
    assert TRACK.encode() not in text
