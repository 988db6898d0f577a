"""Counts tell how many, never who: small ones are hidden, and what was told once never changes."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beholden.acts.camera import add_camera
from beholden.acts.sightings.counts import OUTCOMES, CountRow, add_track_ends, counts, suppressed, track_end
from beholden.acts.sightings.sighting import Settle
from beholden.model.camera import Camera
from beholden.model.event import TrackEnded
from beholden.model.ids import CameraId, PlaceId, SubjectId, TrackId
from beholden.model.match import Known, Reason, Undecided, Unknown, Why
from tests.people import AT_LOBBY, IN_A_FILE, LOBBY, NOW

HOUR = datetime(2026, 11, 23, 9, tzinfo=UTC)
YARD = PlaceId("yard")


def ends(number, outcome="unknown", at=HOUR, camera="cam", place=LOBBY):
    event = TrackEnded(at=at, camera=camera, place=place, outcome=outcome, reason="clear", seconds=1)
    return (event,) * number


def later(hours):
    return HOUR + timedelta(hours=hours)


def told(office, clock, since=HOUR, until=None, place=None):
    clock.now = max(clock.now, later(3))
    return counts(office, since, until or later(1), place)


def test_an_hour_is_counted_by_outcome_over_the_cameras_of_a_place(office, clock):
    """Two cameras, three outcomes, all large enough to be told."""
    batch = [
        *ends(20, "known"),
        *ends(7, camera="a"),
        *ends(8, camera="b"),
        *ends(11, "undecided"),
        *ends(40, place=YARD),
    ]
    add_track_ends(office, batch)
    lobby, yard = told(office, clock)
    assert lobby == CountRow(LOBBY, HOUR, {"known": 20, "unknown": 15, "undecided": 11}, 46)
    assert (yard.place, yard.outcomes["unknown"]) == (YARD, 40)
    assert lobby.as_values() == {
        "place": "lobby",
        "hour": "2026-11-23T09:00Z",
        "known": 20,
        "unknown": 15,
        "undecided": 11,
        "total": 46,
    }


@pytest.mark.parametrize(
    ("cells", "outcomes", "total"),
    [
        ((10, 10, 10), (10, 10, 10), 30),
        ((50, 9, 20), (50, None, None), None),
        ((50, 0, 20), (50, None, None), None),
        ((9, 50, 20), (None, 50, None), None),
        ((9, 8, 20), (None, None, 20), None),
        ((0, 0, 20), (None, None, 20), None),
        ((0, 0, 0), (None, None, None), None),
        ((9, 30, 30), (None, 30, None), None),
    ],
)
def test_small_cells_are_hidden_and_a_lone_one_takes_another_with_it(cells, outcomes, total):
    """The total is told only beside nothing hidden."""
    assert suppressed(dict(zip(OUTCOMES, cells, strict=True))) == (dict(zip(OUTCOMES, outcomes, strict=True)), total)


def possible(row, most):
    """Every hour that would look like this row to somebody who knows the rules, with counts up to `most`."""
    cells, total = row
    options = [range(most + 1) if cells[name] is None else [cells[name]] for name in OUTCOMES]
    for values in itertools.product(*options):
        if total in (None, sum(values)):
            yield dict(zip(OUTCOMES, values, strict=True))


@settings(max_examples=150, deadline=None)
@given(st.fixed_dictionaries({name: st.integers(0, 25) for name in OUTCOMES}))
def test_no_small_count_can_be_derived_from_its_row(cells):
    """By subtraction, or by asking which hours give such a row: ten or more values remain for each hidden one."""
    row = suppressed(cells)
    hours = list(possible(row, 30))
    assert cells in hours
    for name, count in cells.items():
        if count < 10:
            assert row[0][name] is None
            assert len({hour[name] for hour in hours}) >= 10
            assert len({hour[name] for hour in hours if suppressed(hour) == row}) >= 10


def test_a_total_beside_a_hidden_count_would_tell_it():
    """Planted: the check above does find one."""
    careless = {"known": 20, "unknown": None, "undecided": 30}, 53
    assert {hour["unknown"] for hour in possible(careless, 30)} == {3}


def test_files_are_not_counted(office, clock, store):
    """They have no place and no hour."""
    add_track_ends(office, ends(40, place=None))
    assert told(office, clock) == ()
    assert len(store.track_ends()) == 40


def test_an_hour_in_which_nothing_was_counted_looks_like_one_with_few(office, clock):
    """A row that is missing would tell that nobody was there."""
    add_camera(office, Camera(CameraId("cam"), LOBBY, NOW), "rtsp://192.168.1.20/")
    add_track_ends(office, ends(1))
    one, none = told(office, clock, until=later(2))
    assert one == replace(none, hour=HOUR)
    assert set(none.outcomes.values()) == {None}


def test_one_place_can_be_asked_for(office, clock):
    """And no row of another comes."""
    add_track_ends(office, [*ends(10), *ends(10, place=YARD)])
    assert [row.place for row in told(office, clock, place=YARD)] == [YARD]


def test_the_running_hour_is_not_told_nor_one_that_is_hardly_over(office, clock):
    """A number that goes up by one while somebody walks past tells who."""
    clock.now = later(0.5)
    add_track_ends(office, ends(30))
    clock.now = later(1) + timedelta(seconds=119)
    assert counts(office, HOUR, later(5)) == ()
    clock.now = later(1) + timedelta(seconds=120)
    assert len(counts(office, HOUR, later(5))) == 1


def test_only_whole_hours_inside_the_span_are_told(office, clock):
    """Two spans that overlap by half an hour cannot be subtracted."""
    add_track_ends(office, [*ends(30), *ends(30, at=later(1))])
    minute = timedelta(minutes=1)
    assert [row.hour for row in told(office, clock, HOUR, later(2))] == [HOUR, later(1)]
    assert [row.hour for row in told(office, clock, HOUR + minute, later(2))] == [later(1)]
    assert [row.hour for row in told(office, clock, HOUR, later(2) - minute)] == [HOUR]
    assert told(office, clock, later(2), HOUR) == ()


def test_what_was_told_once_never_changes(office, clock):
    """A count that comes in late is added to the running hour."""
    clock.now = later(1)
    add_track_ends(office, ends(30))
    before = told(office, clock)
    clock.now = later(4.5)
    add_track_ends(office, ends(12))
    assert counts(office, HOUR, later(1)) == before
    clock.now = later(6)
    [row] = counts(office, later(4), later(5))
    assert row.outcomes["unknown"] == 12


def test_an_hour_takes_in_what_comes_right_after_it(office, clock):
    """A track of the last second is told of in the first minute of the next hour."""
    clock.now = later(1) + timedelta(seconds=59)
    add_track_ends(office, ends(30, at=later(1) - timedelta(seconds=1)))
    [row] = told(office, clock)
    assert row.outcomes["unknown"] == 30


def test_ends_are_kept_for_a_day_and_counts_for_90(office, clock, store):
    """Then purging deletes them."""
    from beholden.acts.sightings.sighting import purge

    clock.now = HOUR
    add_track_ends(office, ends(30))
    clock.now = later(23)
    purge(office)
    assert len(store.track_ends()) == 30
    clock.now = later(24)
    purge(office)
    assert store.track_ends() == ()
    assert told(office, clock)[0].outcomes["unknown"] == 30
    clock.now = HOUR + timedelta(days=90)
    purge(office)
    assert store.hour_counts(HOUR, clock.now) == ()
    assert counts(office, HOUR, later(1)) == ()


def test_the_end_of_a_track_says_what_it_ended_as_and_nobody(office):
    """The subject's id is nowhere in it, though the match has one."""
    ann = Known(SubjectId("s_ann"), "g_1", Why(Reason.CLEAR, 2))
    made = [
        track_end(AT_LOBBY, match, NOW, 3.6)
        for match in (ann, Unknown(Why(Reason.CROSSED)), Undecided(Why(Reason.STALE)))
    ]
    assert [(end.outcome, end.seconds, end.place) for end in made] == [
        ("known", 4, "lobby"),
        ("unknown", 4, "lobby"),
        ("undecided", 4, "lobby"),
    ]
    assert "s_ann" not in json.dumps([end.as_dict() for end in made])
    assert track_end(IN_A_FILE, ann, NOW, -1).seconds == 0
    assert Settle(office).ended(AT_LOBBY, TrackId("t"), ann, NOW, 3.6) == made[0]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.tuples(st.sampled_from(OUTCOMES), st.integers(0, 3)), max_size=30), max_size=6))
def test_counts_add_up_however_they_are_batched(office, store, clock, batches):
    """Counting in the same transaction as the end of the track: neither more nor less."""
    clock.now = HOUR
    store.purge(HOUR + timedelta(days=200))
    flat = [each for batch in batches for each in batch]
    for batch in batches:
        add_track_ends(office, [ends(1, outcome, at=later(hour))[0] for outcome, hour in batch])
    stored = store.hour_counts(HOUR, later(9))
    assert sum(each.count for each in stored) == len(flat) == len(store.track_ends())
    for outcome, hour in set(flat):
        mine = [each.count for each in stored if (each.outcome, each.hour) == (outcome, later(hour))]
        assert sum(mine) == flat.count((outcome, hour))
