"""A view holds for its moment, its version and its segment, and only while somebody looks after them."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from beholden.acts.grants.enrol import Wish
from beholden.acts.grants.pause import pause
from beholden.acts.grants.withdraw import withdraw
from beholden.consent.buttons import PRESS_OPENS
from beholden.consent.gate import Gate
from beholden.consent.segment import SegmentView
from beholden.consent.span import Span, clock_changes
from beholden.consent.view import FRESH_NS, OpenView
from beholden.faces.search import similarities
from beholden.ledger.memory import MemoryLog
from beholden.model.errors import DataFolderError, KeeperSilent
from beholden.model.grant import Basis, Capture, Grant, Hours, Place, Purpose, Viewpoint
from beholden.model.ids import CameraId, GrantId, SubjectId
from beholden.model.template import ProbeTemplate
from beholden.storage.memory import MemoryStore
from tests.people import AT_LOBBY, ENTRANCE, LOBBY, MODEL, NOW, Clock, enrolled, office_of, vector

ALL = tuple(Purpose)
BEAT = 5 * FRESH_NS
LATER = timedelta(seconds=1)


@pytest.fixture
def office(keystore):
    return office_of(MemoryStore(), keystore, MemoryLog(), Clock())


@pytest.fixture
def gate(office, keystore):
    gate = Gate(office.store, keystore)
    gate.beat(NOW, lambda: BEAT)
    yield gate
    gate.close()


def view_of(gate, viewpoint=AT_LOBBY, moment=NOW):
    return gate.view(viewpoint, ALL, moment, MODEL, rehearsal=True)


def opened(gate, viewpoint=AT_LOBBY, moment=NOW):
    return OpenView(view_of(gate, viewpoint, moment), SegmentView(gate.reader(MODEL)))


def test_a_view_over_the_shared_rows_is_the_gates_own_gallery(office, gate):
    """The same people, grants and numbers."""
    for number in range(5):
        enrolled(office, f"Person {number}", number)
    here = gate.gallery(AT_LOBBY, ALL, NOW, MODEL, rehearsal=True)
    there = opened(gate).gallery(NOW, BEAT)
    assert (there.subjects, there.grants, there.model, there.naming) == (here.subjects, here.grants, MODEL, True)
    assert np.array_equal(there.vectors, here.vectors)
    assert not there.vectors.flags.writeable


@pytest.mark.parametrize(("age", "holds"), [(0, True), (FRESH_NS, True), (-1000, True), (FRESH_NS + 1, False)])
def test_a_heartbeat_older_than_a_second_is_none(office, gate, age, holds):
    """One stamped just after the clock was read is none too old."""
    enrolled(office, "Ann", 1)
    view = opened(gate)
    if holds:
        assert len(view.gallery(NOW, BEAT + age)) == 1
        return
    with pytest.raises(
        KeeperSilent, match=r"^the keeper of the data folder has not asked the registry for over a second$"
    ):
        view.gallery(NOW, BEAT + age)
    gate.beat(NOW, lambda: BEAT + age)
    assert len(view.gallery(NOW, BEAT + age)) == 1, "the control: it beats again"


def test_any_change_of_the_registry_ends_every_view(office, gate):
    """Also of people who are not in it; a new one holds."""
    enrolled(office, "Ann", 1)
    ben = enrolled(office, "Ben", 2, Wish((Purpose.PHOTOS,)))
    view = opened(gate)
    pause(office, ben.subject)
    assert len(view.gallery(NOW, BEAT)) == 1, "until the gate has noticed"
    gate.beat(NOW, lambda: BEAT)
    with pytest.raises(KeeperSilent, match=r"^who may be seen here has changed, and the new answer is not here yet$"):
        view.gallery(NOW, BEAT)
    assert len(opened(gate).gallery(NOW, BEAT)) == 1


def test_a_view_holds_between_its_edges_only(office, gate):
    """A grant begins and ends within it."""
    enrolled(office, "Ann", 1)
    end = NOW + timedelta(days=30)
    view = opened(gate)
    assert (view.view.since, view.view.until) == (NOW, end)
    for outside in (NOW - timedelta.resolution, end):
        with pytest.raises(KeeperSilent):
            view.gallery(outside, BEAT)
    assert len(view.gallery(end - timedelta.resolution, BEAT)) == 1
    assert len(opened(gate, moment=end).gallery(end, BEAT)) == 0


def test_a_view_of_another_segment_is_refused(office, gate):
    """And so is one that names rows which are not there."""
    enrolled(office, "Ann", 1)
    view, segment = view_of(gate), SegmentView(gate.reader(MODEL))
    with pytest.raises(KeeperSilent, match=r"^the gallery segment was replaced, and the new one is not here yet$"):
        OpenView(replace(view, segment=view.segment + 1), segment)
    for rows in ((segment.capacity,), (-1,), (0, 1), ()):
        with pytest.raises(DataFolderError, match=r"^a view does not fit its gallery segment$"):
            OpenView(replace(view, rows=rows), segment)


def test_people_who_may_not_be_seen_here_are_not_compared(office, gate):
    """The rows between are theirs; the cosines are of the others, in their order."""
    kept = []
    for number in range(7):
        places = frozenset({LOBBY if number % 2 else "yard"})
        made = enrolled(office, f"Person {number}", number, Wish((Purpose.ENTRANCE,), places))
        if number % 2:
            kept.append((made.subject, number))
    gallery = opened(gate).gallery(NOW, BEAT)
    assert gallery.subjects == tuple(subject for subject, _ in kept)
    with ProbeTemplate(vector(3), MODEL, 1) as probe:
        expected = [float(vector(number) @ probe.vector) for _, number in kept]
        assert similarities(probe, gallery) == pytest.approx(expected, abs=1e-6)


def test_rows_far_apart_are_compared_in_blocks(office, gate):
    """More than one block, against plain arithmetic."""
    from beholden.model.gallery import Gallery

    numbers = np.stack([vector(n, 8) for n in range(3000)])
    rows = np.array(sorted(random.Random(3).sample(range(3000), 1300)), np.intp)
    names = tuple(SubjectId(str(n)) for n in rows)
    gallery = Gallery(names, tuple(GrantId(n) for n in names), numbers, MODEL, 1, rows=rows)
    with ProbeTemplate(vector(9, 8), MODEL, 1) as probe:
        assert np.allclose(similarities(probe, gallery), numbers[rows] @ probe.vector, atol=1e-6)


# -- buttons and hours of places


BUTTON = Viewpoint(CameraId("door"), Place(LOBBY, capture=Capture.BUTTON))


def names_at(gate, viewpoint, moment):
    view = view_of(gate, viewpoint, moment)
    assert view.holds_at(moment)
    return view.naming and len(view.subjects) > 0


def test_a_button_opens_its_own_camera_for_a_while(office, gate):
    """Fifteen seconds from the press; not the camera beside it, not before, not after."""
    enrolled(office, "Ann", 1)
    beside = Viewpoint(CameraId("hall"), BUTTON.place)
    pressed = NOW + LATER
    assert not names_at(gate, BUTTON, pressed)
    assert gate.press(BUTTON.camera, pressed) == pressed + PRESS_OPENS
    assert not names_at(gate, BUTTON, pressed - timedelta.resolution)
    assert names_at(gate, BUTTON, pressed)
    assert names_at(gate, BUTTON, pressed + PRESS_OPENS - timedelta.resolution)
    assert not names_at(gate, BUTTON, pressed + PRESS_OPENS)
    assert not names_at(gate, beside, pressed)


def test_what_is_answered_at_one_button_is_not_answered_at_the_one_beside_it(office, gate):
    """At the same moment, in either order; only a place without buttons has one answer for all its cameras."""
    enrolled(office, "Ann", 1)
    beside = Viewpoint(CameraId("hall"), BUTTON.place)
    gate.press(BUTTON.camera, NOW)
    for order in ((BUTTON, beside), (beside, BUTTON)):
        gate.press(CameraId("elsewhere"), NOW)  # what was answered before is forgotten
        assert [names_at(gate, each, NOW) for each in order] == [each is BUTTON for each in order]


def test_a_press_that_opens_and_one_that_closes_raise_the_version(office, gate):
    """So that names are asked for again at once."""
    versions = [gate.revision()]
    gate.press(BUTTON.camera, NOW)
    versions.append(gate.revision())
    gate.beat(NOW + LATER, lambda: BEAT)
    assert gate.revision() == versions[-1]
    gate.beat(NOW + PRESS_OPENS, lambda: BEAT)
    versions.append(gate.revision())
    gate.beat(NOW + 2 * PRESS_OPENS, lambda: BEAT)
    assert gate.revision() == versions[-1]
    assert versions == sorted(set(versions))


def test_pressing_again_prolongs_the_window(office, gate):
    """Pictures of before the second press still belong to it."""
    enrolled(office, "Ann", 1)
    gate.press(BUTTON.camera, NOW)
    gate.press(BUTTON.camera, NOW + 5 * LATER)
    assert names_at(gate, BUTTON, NOW + LATER)
    assert names_at(gate, BUTTON, NOW + PRESS_OPENS)
    assert not names_at(gate, BUTTON, NOW + PRESS_OPENS + 5 * LATER)


def test_outside_the_hours_of_a_place_nobody_is_named(office, gate):
    """By the clock on its wall; the view ends where the hours do."""
    enrolled(office, "Ann", 1)
    place = Place(LOBBY, "Europe/Paris", Capture.LANE, hours=Hours(time(11), time(12)))
    view = Viewpoint(CameraId("c"), place)
    noon = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)
    assert names_at(gate, view, noon - LATER)
    assert view_of(gate, view, noon - LATER).until == noon
    assert not names_at(gate, view, noon)


def test_what_the_gate_allows_is_what_its_gallery_holds(office, gate):
    """Asked once more before a name takes effect: who, under which grant, where, when."""
    ann, ben = enrolled(office, "Ann", 1), enrolled(office, "Ben", 2)

    def allowed(viewpoint=AT_LOBBY, moment=NOW, who=ann, grant=ann, purposes=ALL, rehearsal=True):
        return gate.allows(viewpoint, purposes, moment, who.subject, grant.grants[0].id, rehearsal)

    assert allowed()
    assert not allowed(grant=ben)
    assert not allowed(moment=NOW + timedelta(days=30))
    assert not allowed(moment=NOW - LATER)
    assert not allowed(purposes=(Purpose.CARE,))
    assert not allowed(rehearsal=False)
    assert not allowed(viewpoint=BUTTON)
    assert not allowed(viewpoint=Viewpoint(CameraId("c"), None))
    pause(office, ann.subject)
    assert not allowed()
    withdraw(office, ben.subject)
    assert not allowed(who=ben, grant=ben)


# -- edges of time


ZONES = ("UTC", "Europe/Paris", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca")


def moments(zone, chance):
    """Around the clock changes of a year, and anywhere in it."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    changes = list(clock_changes(ZoneInfo(zone), begin, begin + timedelta(days=366)))
    for change in changes:
        yield change + timedelta(minutes=chance.randrange(-1600, 1600))
        yield change - timedelta.resolution
    for _ in range(6):
        yield begin + timedelta(minutes=chance.randrange(525_600), seconds=chance.randrange(60))


@pytest.mark.parametrize("zone", ZONES)
def test_between_two_edges_of_a_grants_hours_nothing_changes(zone):
    """Every minute of the span answers alike, over clock changes too; and the span is a day at most."""
    chance, looked = random.Random(zone), 0
    for moment in moments(zone, chance):
        start, end = (time(chance.randrange(24), chance.choice((0, 17, 30))) for _ in range(2))
        grant = Grant(
            GrantId("g"),
            SubjectId("s"),
            Purpose.ENTRANCE,
            Basis.CONSENT,
            frozenset(),
            moment - timedelta(days=400),
            moment + timedelta(days=400),
            hours=Hours(start, end),
        )
        span = Span(moment, zone)
        span.narrow(grant)
        assert span.since <= moment < span.until <= span.since + timedelta(hours=26)
        at = span.since
        while at < span.until:
            assert grant.valid_at(at, zone) == grant.valid_at(moment, zone), (zone, grant.hours, moment, at)
            at += timedelta(minutes=1)
            looked += 1
        assert grant.valid_at(span.until - timedelta.resolution, zone) == grant.valid_at(moment, zone)
    assert looked > 1000


def test_the_night_the_clocks_change_is_an_edge():
    """To the second, in both directions; a zone that knows no summer has none."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    paris = list(clock_changes(ZoneInfo("Europe/Paris"), begin, begin + timedelta(days=365)))
    assert paris == [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
    assert not list(clock_changes(ZoneInfo("Asia/Kathmandu"), begin, begin + timedelta(days=365)))


def test_hours_do_not_make_a_view_short(office, gate):
    """It is asked for again when they begin or end, not every second."""
    enrolled(office, "Ann", 1, replace(ENTRANCE, hours=Hours(time(9), time(17))))
    view = view_of(gate)
    assert (view.since, view.until) == (NOW, NOW.replace(hour=17, minute=0, second=0, microsecond=0))
