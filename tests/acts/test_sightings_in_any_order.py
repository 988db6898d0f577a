"""Whatever the order, the restarts and the repeats: the same sightings as a model of a few lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from beholden.acts.sightings.sighting import Named, Settle, sightings
from beholden.model.errors import BeholdenError
from beholden.model.grant import Capture, Place, Viewpoint
from beholden.model.ids import CameraId, Epoch, PlaceId, SightingId, TrackId, sighting_id
from beholden.model.match import Known, Reason, Why
from tests.people import LOBBY, NOW, enrolled

OFTEN = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
PLACES = (Place(LOBBY, capture=Capture.LANE), Place(PlaceId("yard"), capture=Capture.LANE))
CAMERAS = tuple(Viewpoint(CameraId(f"{place.id}-{n}"), place) for place in PLACES for n in (1, 2))


EXAMPLE = [0]
"""Each example has epochs of its own: the log remembers the facts of the examples before, and tells none twice."""


def at(seconds):
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def people(office):
    made = [enrolled(office, name, seed) for seed, name in enumerate(("Ann", "Ben"), 1)]
    return [Known(each.subject, each.grants[0].id, Why(Reason.CLEAR, 2)) for each in made]


@pytest.fixture
def begin(office, store, people):
    """Nothing was seen so far."""

    def forget():
        EXAMPLE[0] += 1
        for person in people:
            store.delete_sightings(person.subject)
        return Settle(office)

    return forget


@dataclass(frozen=True)
class Seen:
    """One naming: whom, from which camera, in which run and track, when."""

    person: int
    camera: int
    epoch: int
    track: int
    moment: float
    shots: int = 2

    def named(self, people):
        epoch = Epoch(f"{EXAMPLE[0]:06x}{self.epoch:06x}")
        match = replace(people[self.person], why=Why(Reason.CLEAR, self.shots))
        return Named(CAMERAS[self.camera], epoch, TrackId(f"{epoch}-{self.track}"), match, at(self.moment))


def facts(office):
    """Everything of the stored sightings that somebody could read, and whether one person had two open at a place."""
    stored = sightings(office)
    still = [(each.subject, each.place) for each in stored if each.closed_at is None]
    assert len(still) == len(set(still)), "two open sightings of one person at one place"
    return {(e.id, e.subject, e.camera, e.place, e.opened_at, e.seen_at, e.shots, e.closed_at) for e in stored}


@dataclass
class Entry:
    identity: SightingId
    first: Named
    seen: object
    shots: int


def plainly(namings):
    """The model: each naming in turn goes to the sighting that is near, the latest first, or to its track's own.

    Nothing is new in a moment that a sighting of the same track lasted beyond.
    """
    entries: list[Entry] = []
    for each in dict.fromkeys(namings):
        identity = sighting_id(each.viewpoint.camera, each.epoch, each.track, each.match.subject)
        same = [e for e in entries if e.first.where == each.where]
        minute = timedelta(seconds=60)
        near = [e for e in same if e.first.moment - minute <= each.moment <= e.seen + minute]
        near.sort(key=lambda e: (e.seen, e.first.moment, e.identity))
        own = [e for e in same if e.identity == identity]
        if own and each.moment <= own[0].seen:
            continue
        if near or own:
            entry = near[-1] if near else own[0]
            if each.moment > entry.seen:
                entry.seen, entry.shots = each.moment, max(entry.shots, each.match.why.shots)
        else:
            entries.append(Entry(identity, each, each.moment, each.match.why.shots))
    return {
        (e.identity, e.first.match.subject, e.first.viewpoint.camera, e.first.where.place, e.first.moment, e.seen,
         e.shots, e.seen + timedelta(seconds=60))
        for e in entries
    }  # fmt: skip


def play(office, people, settle, steps):
    """Deliver: lists are batches, None is a restart, a number closes what is due by then. All of it is acknowledged."""
    for step in steps:
        if step is None:
            settle = Settle(office)
        elif isinstance(step, float):
            settle.close_due(at(step))
        else:
            results = settle.settle_many([each.named(people) for each in step])
            assert not [result for result in results if isinstance(result, BeholdenError)]
        facts(office)
    Settle(office).close_due(at(1e6))
    return facts(office)


seen = st.builds(
    Seen,
    st.integers(0, 1),
    st.integers(0, 3),
    st.integers(0, 1),
    st.integers(0, 2),
    st.integers(0, 500).map(float),
    st.integers(2, 5),
)
anything = st.lists(st.one_of(st.lists(seen, max_size=4), st.none(), st.floats(0, 700)), max_size=14)


@OFTEN
@given(anything)
def test_any_interleaving_gives_the_sightings_of_the_model(office, people, begin, steps):
    """Two people, two places with two cameras each, two runs, restarts, batches, in no order at all."""
    settle = begin()
    told = [each.named(people) for step in steps if isinstance(step, list) for each in step]
    assert play(office, people, settle, steps) == plainly(told)


@OFTEN
@given(st.lists(seen, max_size=12), st.data())
def test_what_is_delivered_again_changes_nothing(office, people, begin, told, data):
    """Any of it, at any time later, to the same process or the next."""
    settle = begin()
    again = []
    for number, each in enumerate(told):
        again += [[each], *([old] for old in data.draw(st.lists(st.sampled_from(told[: number + 1]), max_size=3)))]
        if data.draw(st.booleans()):
            again.append(None)
    assert play(office, people, settle, again) == plainly([each.named(people) for each in told])


@st.composite
def days(draw):
    """Visits more than a minute apart, each seen by cameras that are up to 2 s late; and what came when."""
    visits, now = [], 0.0
    for visit in range(draw(st.integers(1, 4))):
        now += draw(st.floats(66, 300))
        moments = []
        for _ in range(draw(st.integers(1, 5))):
            camera, epoch, track = draw(st.integers(0, 1)), draw(st.integers(0, 2)), draw(st.integers(0, 1))
            moments.append(Seen(0, camera, epoch, 10 * visit + track, round(now, 3), draw(st.integers(2, 5))))
            now += draw(st.floats(0.001, 56))
        now = moments[-1].moment
        visits.append(moments)
    late = [(each.moment + draw(st.floats(0, 2)), each) for visit in visits for each in visit]
    return visits, [each for _, each in sorted(late, key=lambda pair: pair[0])]


@OFTEN
@given(days(), st.data())
def test_late_cameras_neither_close_nor_double_a_sighting(office, people, begin, log, day, data):
    """One sighting and one leaf per visit, however the moments of its cameras, restarts and closings mix."""
    visits, order = day
    settle, size = begin(), log.size()
    steps: list[object] = []
    batch: list[Seen] = []
    newest = 0.0
    for each in order:
        newest = max(newest, each.moment)
        batch.append(each)
        if data.draw(st.booleans()):
            steps.append(batch)
            batch = []
            if data.draw(st.booleans()):
                steps.append(newest)
            if data.draw(st.integers(0, 3)) == 0:
                steps.append(None)
    steps.append(batch)
    found = play(office, people, settle, steps)
    event(f"{len(visits)} visits")
    assert log.size() - size == len(visits)
    expected = set()
    for visit in visits:
        told = [each for each in order if each in visit]
        first = told[0].named(people)
        last = at(max(each.moment for each in visit))
        identity = sighting_id(first.viewpoint.camera, first.epoch, first.track, first.match.subject)
        expected.add((identity, first.moment, last, last + timedelta(seconds=60)))
    assert {(entry[0], *entry[4:6], entry[7]) for entry in found} == expected


def test_the_model_finds_a_doubled_sighting(office, people, begin):
    """Planted: one that is written past the rules is seen by the comparison."""
    from beholden.acts.sightings.presence import open_sighting, sealed_sighting

    settle = begin()
    told = [Seen(0, 0, 0, 0, 5.0)]
    play(office, people, settle, [told])
    [row] = office.store.sightings()
    key = office.keystore.data_key(row.subject)
    twin = replace(open_sighting(row, key), id=SightingId("twin"))
    office.store.put_sightings([sealed_sighting(twin, key)])
    assert facts(office) != plainly([each.named(people) for each in told])
