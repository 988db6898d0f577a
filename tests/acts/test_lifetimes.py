"""What is known about somebody's being somewhere dies in its time: a day, or with the event; by simulated clocks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from beholden.acts.grants import own
from beholden.acts.grants.enrol import Wish
from beholden.acts.grants.life import look_after
from beholden.acts.own_copy.history import show_history, turn_history_on
from beholden.acts.sightings.sighting import Settle, purge, sightings
from beholden.consent.history_box import new_pair
from beholden.consent.lifetimes import LONGEST, incident_life, sighting_dies, sighting_life
from beholden.consent.purposes import DAY, POLICIES
from beholden.model.grant import Purpose
from beholden.model.ids import Epoch, TrackId
from beholden.model.match import Known, Reason, Why
from tests.people import AT_LOBBY, IN_A_FILE, LOBBY, NOW, enrolled

EVENT = timedelta(days=5)
BOTH = Wish((Purpose.PHOTOS, Purpose.ENTRANCE), frozenset({LOBBY}), duration=EVENT, recordings=True)


@pytest.fixture
def ann(office):
    """Two grants for five days: the pictures of an event, and the entrance, in recordings too."""
    return enrolled(office, "Ann", 1, BOTH)


def come(office, ann, purpose, viewpoint=IN_A_FILE, track="t"):
    [grant] = [each for each in ann.grants if each.purpose is purpose]
    match = Known(ann.subject, grant.id, Why(Reason.CLEAR, 2))
    Settle(office).named(viewpoint, Epoch("aaaaaaaaaaaa"), TrackId(track), match, office.clock())
    return grant


def kept(office):
    return [each.grant for each in sightings(office)]


def test_the_table_says_how_long():
    """A day for all but the pictures of an event; a week for incidents of care, and for nothing else."""
    assert {purpose: sighting_life(purpose) for purpose in POLICIES} == {
        purpose: None if purpose is Purpose.PHOTOS else DAY for purpose in Purpose
    }
    assert {purpose for purpose in Purpose if incident_life(purpose) is not None} == {Purpose.CARE}
    assert incident_life(Purpose.CARE) == 7 * DAY


@pytest.mark.parametrize("purpose", Purpose)
def test_no_sighting_lives_longer_than_a_day_or_its_event(purpose):
    """At any minute of a day; and not a whole hour less."""
    end = NOW + EVENT
    for minutes in range(0, 24 * 60, 7):
        now = NOW + timedelta(minutes=minutes)
        dies = sighting_dies(now, purpose, end)
        assert dies == end if purpose is Purpose.PHOTOS else LONGEST - timedelta(hours=1) < dies - now <= LONGEST


def test_a_sighting_in_pictures_dies_when_the_event_ends(office, ann, clock):
    """To the second; that in a recording after a day, though both are in files."""
    photos = come(office, ann, Purpose.PHOTOS)
    come(office, ann, Purpose.ENTRANCE, track="u", viewpoint=AT_LOBBY)
    assert len(kept(office)) == 2
    clock.pass_by(hours=24)
    purge(office)
    assert kept(office) == [photos.id]
    clock.now = photos.ends_at - timedelta(seconds=1)
    purge(office)
    assert kept(office) == [photos.id]
    clock.pass_by(seconds=1)
    purge(office)
    assert kept(office) == []


def test_a_recording_matched_under_another_purpose_dies_after_a_day(office, ann, clock):
    """The box `recordings` is no event."""
    come(office, ann, Purpose.ENTRANCE)
    clock.pass_by(hours=24)
    assert purge(office) == 1


def test_an_event_that_ends_early_takes_its_sightings_along(office, ann, clock):
    """With the keeper's next minute; what was seen under another grant stays its day."""
    photos = come(office, ann, Purpose.PHOTOS)
    entrance = come(office, ann, Purpose.ENTRANCE, AT_LOBBY, "u")
    own.withdraw(office, ann.subject, photos.id)
    look_after(office)
    assert kept(office) == [entrance.id]
    look_after(office)
    assert kept(office) == [entrance.id]


def test_what_dies_with_its_event_is_sealed_for_her_first(office, ann):
    """Where she turned a history on."""
    _, public = new_pair()
    turn_history_on(office, ann.subject, public)
    photos = come(office, ann, Purpose.PHOTOS)
    own.withdraw(office, ann.subject, photos.id)
    look_after(office)
    assert kept(office) == []
    assert len(show_history(office, ann.subject).boxes) == 1


def test_a_sighting_that_was_being_written_while_its_event_ended_is_found(office, ann, clock):
    """By the minute after."""
    photos = next(each for each in ann.grants if each.purpose is Purpose.PHOTOS)
    own.withdraw(office, ann.subject, photos.id)
    look_after(office)
    come(office, ann, Purpose.PHOTOS)
    assert kept(office) == [photos.id]
    clock.pass_by(minutes=1)
    look_after(office)
    assert kept(office) == []
