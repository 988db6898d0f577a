"""The gate's decision, against an independent oracle over every combination that matters."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.consent.gate import Refusal, may_be_seen
from beholden.model.grant import Basis, Capture, Grant, GrantState, Hours, Place, Purpose, Viewpoint
from beholden.model.ids import CameraId, GrantId, PlaceId, SubjectId

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
