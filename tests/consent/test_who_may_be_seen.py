"""The gate's decision, against an independent oracle over every combination that matters."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from beholden.acts.grants.enrol import Wish
from beholden.consent.gate import Gate, Refusal, may_be_seen
from beholden.ledger.memory import MemoryLog
from beholden.model.grant import Basis, Capture, Grant, GrantState, Hours, Place, Purpose, Viewpoint
from beholden.model.ids import CameraId, GrantId, PlaceId, SubjectId
from beholden.storage.memory import MemoryStore
from tests.people import MODEL, Clock, enrolled, office_of

START, END = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
LOBBY, YARD = PlaceId("lobby"), PlaceId("yard")


def grant(**changes):
    values = {
        "purpose": Purpose.ENTRANCE,
        "places": frozenset({LOBBY}),
        "starts_at": START,
        "ends_at": END,
        "state": GrantState.ACTIVE,
        "hours": None,
        "recordings": False,
    }
    return Grant(id=GrantId("g"), subject=SubjectId("s"), basis=Basis.CONSENT, **{**values, **changes})


def oracle(grant, viewpoint, moment, purposes):
    """Design sections 3 and 4, written once more, as one expression per sentence."""
    place = viewpoint.place
    if grant.purpose is Purpose.FIND_ME:
        return False  # two approvers open a plan, and there are no plans yet
    alive = grant.state is GrantState.ACTIVE and grant.starts_at <= moment < grant.ends_at
    wanted = purposes is None or grant.purpose in purposes
    if place is None:
        return alive and wanted and grant.hours is None and (grant.purpose is Purpose.PHOTOS or grant.recordings)
    local = moment.astimezone(ZoneInfo(place.zone))
    minute = local.hour * 60 + local.minute
    inside = True
    if grant.hours is not None:
        a, b = (t.hour * 60 + t.minute for t in (grant.hours.start, grant.hours.end))
        inside = any(low <= minute < high for low, high in ([(a, b)] if a < b else [(a, 1440), (0, b)]))
    serves = grant.purpose in place.purposes and place.capture is not None and place.id in grant.places
    return alive and wanted and inside and serves


AT_THE_LOBBY = Viewpoint(CameraId("c"), Place(LOBBY, capture=Capture.LANE, purposes=(Purpose.FIND_ME,)))


@pytest.mark.parametrize(
    ("viewpoint", "opened", "refused"),
    [
        (AT_THE_LOBBY, True, None),
        (AT_THE_LOBBY, False, Refusal.NOT_APPROVED),
        (Viewpoint(CameraId("c"), None), True, Refusal.NOT_APPROVED),
        (Viewpoint(CameraId("c"), None), False, Refusal.NOT_APPROVED),
    ],
)
def test_somebody_is_looked_for_at_cameras_while_a_plan_is_open_and_in_no_file(viewpoint, opened, refused):
    """Whatever box was ticked; and without a word about it, no plan is open."""
    looked_for = grant(purpose=Purpose.FIND_ME, recordings=True)
    assert may_be_seen(looked_for, viewpoint, START, opened=opened) is refused
    assert may_be_seen(looked_for, viewpoint, START) is Refusal.NOT_APPROVED


def test_every_combination_answers_as_the_oracle_does():
    """About 21,000 cases: states, places, capture, purposes, boxes, hours and moments."""
    viewpoints = [Viewpoint(CameraId("c"), None)] + [
        Viewpoint(CameraId("c"), Place(where, "Europe/Paris", capture, serves))
        for where in (LOBBY, YARD)
        for capture in (None, *Capture)
        for serves in ((Purpose.ENTRANCE,), (Purpose.CARE, Purpose.PHOTOS))
    ]
    grants = [
        grant(state=state, places=places, purpose=purpose, recordings=box, hours=hours)
        for state in GrantState
        for places in (frozenset(), frozenset({LOBBY}), frozenset({LOBBY, YARD}))
        for purpose in (Purpose.ENTRANCE, Purpose.PHOTOS, Purpose.CARE)
        for box in (False, True)
        for hours in (None, Hours(time(22), time(6)))
    ]
    moments = [START - timedelta(microseconds=1), START, datetime(2026, 6, 15, 12, tzinfo=UTC), END]
    counted = {True: 0, False: 0}
    for view, each, moment, purposes in itertools.product(viewpoints, grants, moments, (None, {Purpose.ENTRANCE})):
        allowed = may_be_seen(each, view, moment, purposes) is None
        assert allowed == oracle(each, view, moment, purposes), (view, each, moment, purposes)
        counted[allowed] += 1
    assert min(counted.values()) > 100


@settings(max_examples=300, deadline=None)
@given(
    st.datetimes(START.replace(month=3, tzinfo=None), END.replace(month=11, tzinfo=None), timezones=st.just(UTC)),
    st.sampled_from(["UTC", "Europe/Paris", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.tuples(st.integers(0, 1439), st.integers(0, 1439)),
)
def test_hours_are_read_on_the_places_own_clock(moment, zone, minutes):
    """In every zone, over clock changes and past midnight."""
    start, end = (time(m // 60, m % 60) for m in minutes)
    each = grant(starts_at=moment - timedelta(days=1), ends_at=moment + timedelta(days=1), hours=Hours(start, end))
    view = Viewpoint(CameraId("c"), Place(LOBBY, zone, Capture.LANE))
    refused = may_be_seen(each, view, moment)
    assert (refused is None) == oracle(each, view, moment, None)
    assert refused in (None, Refusal.OTHER_HOURS)


LANE = Viewpoint(CameraId("c"), Place(LOBBY, capture=Capture.LANE))
FILE = Viewpoint(CameraId("c"), None)
MIDDLE = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "view", "moment", "reason"),
    [
        ({}, LANE, MIDDLE, None),
        ({}, Viewpoint(CameraId("c"), Place(LOBBY)), MIDDLE, Refusal.NO_CAPTURE),
        ({}, Viewpoint(CameraId("c"), Place(YARD, capture=Capture.LANE)), MIDDLE, Refusal.OTHER_PLACE),
        ({"purpose": Purpose.CARE}, LANE, MIDDLE, Refusal.OTHER_PURPOSE),
        ({}, FILE, MIDDLE, Refusal.NOT_IN_FILES),
        ({"purpose": Purpose.FIND_ME}, LANE, MIDDLE, Refusal.NOT_APPROVED),
        ({"recordings": True}, FILE, MIDDLE, None),
        ({"recordings": True, "hours": Hours(time(1), time(2))}, FILE, MIDDLE, Refusal.NO_HOUR),
        ({"state": GrantState.PAUSED}, LANE, MIDDLE, Refusal.PAUSED),
        ({"state": GrantState.WITHDRAWN}, LANE, MIDDLE, Refusal.WITHDRAWN),
        ({}, LANE, START - timedelta(seconds=1), Refusal.NOT_YET),
        ({}, LANE, END, Refusal.EXPIRED),
        ({"hours": Hours(time(13), time(14))}, LANE, MIDDLE, Refusal.OTHER_HOURS),
    ],
)
def test_each_refusal_has_its_reason(changes, view, moment, reason):
    """Operators read why."""
    assert may_be_seen(grant(**changes), view, moment) is reason


def test_an_hour_that_comes_twice_does_not_lengthen_a_grant():
    """Ends are instants: the night the clocks go back changes nothing."""
    night = date(2026, 10, 25)
    end = datetime.combine(night, time(1, 0), UTC)
    each = grant(ends_at=end)
    view = Viewpoint(CameraId("c"), Place(LOBBY, "Europe/Paris", Capture.LANE))
    assert may_be_seen(each, view, end - timedelta(seconds=1)) is None
    assert may_be_seen(each, view, end) is Refusal.EXPIRED


# Hours of a place and of a grant, through the gate and what it remembers

JUMPS = [
    ("Europe/Lisbon", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Lisbon", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 3, 29, 1, tzinfo=UTC)),
]
minutes = st.integers(0, 1439)
spans = st.none() | st.tuples(minutes, minutes) | st.tuples(st.integers(0, 200), st.integers(0, 200))
asked = st.lists(
    st.tuples(st.integers(-26 * 60, 26 * 60) | st.integers(-130, 130), st.sampled_from([-1, 0, 1, 30_000_000])),
    min_size=1,
    max_size=12,
)
MICROSECOND = timedelta(microseconds=1)


def on_the_wall(span, moment, zone):
    """Whether the clock on the wall of `zone` shows a minute of `span`: from the offset to UTC, in whole minutes."""
    if span is None:
        return True
    now = moment + moment.astimezone(ZoneInfo(zone)).utcoffset()
    minute = now.hour * 60 + now.minute
    start, end = span
    return start <= minute < end if start < end else minute >= start or minute < end


def hours_of(span):
    return None if span is None else Hours(*(time(m // 60, m % 60) for m in span))


def gate_for(keystore, grant_span):
    office = office_of(MemoryStore(), keystore, MemoryLog(), Clock(datetime(2026, 1, 1, tzinfo=UTC)))
    enrolled(office, "Ann", 1, Wish((Purpose.ENTRANCE,), frozenset({LOBBY}), hours=hours_of(grant_span)))
    return Gate(office.store, keystore)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(JUMPS), spans, spans, asked)
@example(JUMPS[0], (30, 90), None, [(-1, 0), (0, -1), (0, 0)])
@example(JUMPS[1], None, (60, 90), [(0, 0), (-61, 0), (29, 0), (30, 0), (-30, 0)])
@example(JUMPS[3], (22 * 60, 150), (0, 120), [(-1, 0), (0, 0), (59, 0), (60, 0), (89, 0), (90, 0)])
@example(JUMPS[4], (90, 105), None, [(-30, 0), (-15, 0), (0, 0), (14, 30_000_000), (15, 0)])
@example(JUMPS[5], None, (120, 150), [(-1, 30_000_000), (0, -1), (0, 0)])
def test_what_the_gate_remembers_never_outlives_the_minute_in_which_hours_end(keystore, jump, mine, theirs, asked):
    """Asked in any order, around the jump of the clock: each answer is that of its own moment."""
    zone, at = jump
    gate = gate_for(keystore, mine)
    view = Viewpoint(CameraId("c"), Place(LOBBY, zone, Capture.LANE, hours=hours_of(theirs)))

    def plainly(moment):
        return on_the_wall(mine, moment, zone) and on_the_wall(theirs, moment, zone)

    try:
        for minute, part in asked:
            moment = at + timedelta(minutes=minute) + part * MICROSECOND
            assert bool(gate.gallery(view, (Purpose.ENTRANCE,), moment, MODEL, True).subjects) == plainly(moment)
            told = gate.view(view, (Purpose.ENTRANCE,), moment, MODEL, True)
            assert told.since <= moment < told.until
            inside = [max(told.since, at - timedelta(days=30)), min(told.until, at + timedelta(days=30)) - MICROSECOND]
            step = (inside[1] - inside[0]) / 7
            for again in (*inside, *(inside[0] + n * step for n in range(1, 7))):
                assert plainly(again) == plainly(moment), (told.since, again, told.until)
    finally:
        gate.close()


def test_outside_the_hours_of_a_place_nobody_is_named_there(keystore):
    """The gallery is empty and naming is off, whatever the grant says; within them it is not."""
    gate = gate_for(keystore, None)
    view = Viewpoint(CameraId("c"), Place(LOBBY, "Europe/Lisbon", Capture.LANE, hours=Hours(time(8), time(20))))
    seven, eight = (datetime(2026, 6, 1, hour, tzinfo=UTC) for hour in (6, 7))  # summer: an hour ahead of UTC
    for moment, naming in ((seven, False), (eight - MICROSECOND, False), (eight, True), (seven, False)):
        gallery = gate.gallery(view, tuple(Purpose), moment, MODEL, True)
        assert (gallery.naming, len(gallery)) == (naming, int(naming))
    gate.close()


def test_the_hours_of_one_place_are_not_those_of_another(keystore):
    """Two places that differ in nothing else."""
    gate = gate_for(keystore, None)
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    places = [Place(LOBBY, "UTC", Capture.LANE, hours=hours) for hours in (None, Hours(time(1), time(2)))]
    seen = [len(gate.gallery(Viewpoint(CameraId("c"), each), tuple(Purpose), noon, MODEL, True)) for each in places]
    assert seen == [1, 0]
    gate.close()
