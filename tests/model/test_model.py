"""The nouns: boxes, grants in time, events in bytes, errors as a tree."""

from __future__ import annotations

import json
import pickle
import re
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.model import errors, event, match
from beholden.model.box import Box
from beholden.model.errors import BeholdenError
from beholden.model.event import EVENTS, Answered, Granted, TrackEnded, Withdrawn
from beholden.model.face import FLAW_WORDS, Flaw
from beholden.model.frame import CoveredFrame, Frame
from beholden.model.gallery import Gallery
from beholden.model.grant import Basis, Closed, Grant, GrantState, Hours, Purpose
from beholden.model.ids import CameraId, Epoch, GrantId, ModelDigest, PlaceId, SubjectId, TrackId, sighting_id
from beholden.model.match import REASON_WORDS, Reason, Why

START = datetime(2026, 3, 1, tzinfo=UTC)


def grant(**changes: object) -> Grant:
    values: dict = {
        "id": GrantId("g"),
        "subject": SubjectId("s"),
        "purpose": Purpose.ENTRANCE,
        "basis": Basis.CONSENT,
        "places": frozenset({PlaceId("lobby")}),
        "starts_at": START,
        "ends_at": START + timedelta(days=90),
    }
    return Grant(**(values | changes))


boxes = st.builds(Box, *[st.floats(-500, 500)] * 2, *[st.floats(1, 500)] * 2)


@given(boxes, boxes)
def test_overlap_is_symmetric_and_at_most_one(one: Box, other: Box) -> None:
    """Intersection over union does not depend on the order."""
    assert one.iou(other) == pytest.approx(other.iou(one))
    assert 0 <= one.iou(other) <= 1 + 1e-9


@given(boxes)
def test_a_box_is_itself(box: Box) -> None:
    """A box overlaps itself wholly, and doubling it keeps its centre."""
    assert box.iou(box) == pytest.approx(1.0)
    assert box.enlarged(2).centre == pytest.approx(box.centre, abs=1e-6)
    assert box.enlarged(2).area == pytest.approx(4 * box.area)


@given(boxes)
def test_whole_pixels_lie_around_the_box(box: Box) -> None:
    """Rounding is outward, so that what is cut or covered is never smaller."""
    inside = box.within(400, 300)
    if inside is None:
        return
    left, top, right, bottom = inside
    assert 0 <= left < right <= 400
    assert 0 <= top < bottom <= 300
    assert left <= max(0, box.x)
    assert right >= min(400, box.right)


@pytest.mark.parametrize(
    ("moment", "closed"),
    [
        (START - timedelta(seconds=1), Closed.NOT_YET),
        (START, None),
        (START + timedelta(days=90) - timedelta(microseconds=1), None),
        (START + timedelta(days=90), Closed.EXPIRED),
    ],
)
def test_a_grant_begins_and_ends_on_the_instant(moment: datetime, closed: Closed | None) -> None:
    """The first moment is inside, the last is not."""
    assert grant().closed_at(moment) is closed


@pytest.mark.parametrize(
    ("state", "closed"), [(GrantState.PAUSED, Closed.PAUSED), (GrantState.WITHDRAWN, Closed.WITHDRAWN)]
)
def test_paused_and_withdrawn_grants_do_not_hold(state: GrantState, closed: Closed) -> None:
    """Whatever the time."""
    assert grant(state=state).closed_at(START + timedelta(days=1)) is closed


@pytest.mark.parametrize(
    ("utc", "holds"),
    [
        ("2026-03-28T08:30:00", True),  # the day before summer time: 09:30 in Berlin
        ("2026-03-29T06:59:00", False),  # the morning after: 08:59
        ("2026-03-29T07:00:00", True),  # 09:00 summer time, an hour earlier in UTC
        ("2026-03-29T15:00:00", False),  # 17:00, the end is outside
    ],
)
def test_hours_are_read_on_the_wall_clock_of_the_place(utc: str, holds: bool) -> None:
    """Nine to five in Berlin stays nine to five when the clocks change."""
    hours = Hours(time(9), time(17))
    assert grant(hours=hours).valid_at(datetime.fromisoformat(utc).replace(tzinfo=UTC), "Europe/Berlin") is holds


def test_hours_may_pass_midnight() -> None:
    """Ten at night to six in the morning."""
    night = Hours(time(22), time(6))
    assert [night.hold(time(hour)) for hour in (21, 22, 23, 0, 5, 6)] == [False, True, True, True, True, False]


@given(st.integers(-40, 140), st.integers(0, 86399), st.sampled_from(["UTC", "Europe/Berlin", "America/Lima"]))
def test_a_grant_does_not_depend_on_how_the_moment_is_written(days: int, seconds: int, zone: str) -> None:
    """The same instant in another zone is the same answer."""
    moment = START + timedelta(days=days, seconds=seconds)
    assert grant().closed_at(moment) == grant().closed_at(moment.astimezone(ZoneInfo(zone)))


def test_equal_facts_are_equal_bytes() -> None:
    """The same moment written in two zones gives one canonical form: sorted keys, no spaces, UTC."""
    utc = Withdrawn(at=START, subject="s_1")
    berlin = Withdrawn(at=START.astimezone(timezone(timedelta(hours=1))), subject="s_1")
    assert utc.canonical() == berlin.canonical()
    assert utc.canonical() == b'{"at":"2026-03-01T00:00:00.000Z","kind":"withdrawn","subject":"s_1"}'


text = st.text(max_size=20)


@given(text, st.lists(text, max_size=4))
def test_canonical_bytes_are_json_that_reads_back(subject: str, places: list[str]) -> None:
    """Any text survives, and the keys are in order."""
    made = Granted(
        at=START, subject=subject, grant="g", purpose="care", basis="consent",
        places=tuple(places), starts_at=START, ends_at=START,
    )  # fmt: skip
    read = json.loads(made.canonical())
    assert read["subject"] == subject
    assert read["places"] == places
    assert list(read) == sorted(read)


def test_an_event_refuses_a_moment_without_a_zone_and_a_fraction() -> None:
    """Two readers must not disagree about when, or about how a number is written."""
    with pytest.raises(TypeError):
        Withdrawn(at=datetime(2026, 1, 1), subject="s").canonical()  # noqa: DTZ001
    ended = TrackEnded(at=START, camera="c", place=None, outcome="known", reason="clear", seconds=1.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        ended.canonical()


def test_every_event_is_listed_and_described() -> None:
    """A new event that is not in EVENTS would be undocumented."""
    defined = {kind for kind in vars(event).values() if isinstance(kind, type) and issubclass(kind, event.Event)}
    assert defined - {event.Event} == set(EVENTS)
    assert len({kind.kind for kind in EVENTS}) == len(EVENTS)
    assert all(kind.__doc__ for kind in EVENTS)


def test_no_event_has_room_for_a_face_or_a_name() -> None:
    """Fields are ids, times, words and counts."""
    names = {field.name for kind in EVENTS for field in fields(kind)}
    assert not {
        name for name in names if re.search(r"template|vector|score|similar|embedding|pixels|image|name$", name)
    } - {"name"}
    assert "name" not in {field.name for kind in EVENTS for field in fields(kind) if kind.kind != "model_added"}


def test_track_ends_carry_no_identity() -> None:
    """A count of what tracks ended as says nothing about who."""
    assert {field.name for field in fields(TrackEnded)} == {"at", "camera", "place", "outcome", "reason", "seconds"}


def test_an_answer_says_of_which_sighting_and_whether_it_was_right() -> None:
    """Not who answered, and nothing that could be learnt from."""
    made = Answered(at=START, sighting="x", subject="s", place=None, right=False)
    assert made.canonical() == (
        b'{"at":"2026-03-01T00:00:00.000Z","kind":"answered","place":null,"right":false,"sighting":"x","subject":"s"}'
    )


def test_a_sighting_has_the_same_id_after_a_restart() -> None:
    """It is a hash of what it is about."""
    one = sighting_id(CameraId("c"), Epoch("e"), TrackId("t"), SubjectId("s"))
    assert one == sighting_id(CameraId("c"), Epoch("e"), TrackId("t"), SubjectId("s"))
    assert one != sighting_id(CameraId("c"), Epoch("e"), TrackId("t"), SubjectId("s2"))
    assert one != sighting_id(CameraId("ce"), Epoch(""), TrackId("t"), SubjectId("s"))


def test_every_error_says_what_to_do_and_is_in_the_drawn_tree() -> None:
    """One tree, drawn at the top of the file, with an exit code for each branch."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, BeholdenError)]
    drawn = errors.__doc__ or ""
    for kind in kinds:
        assert re.search(rf"\b{kind.__name__}\b", drawn), kind.__name__
        assert kind("what").one_line().startswith("what. ")
        assert kind.__doc__
        assert kind.exit_code in range(1, 10)


def test_an_error_is_one_line() -> None:
    """Whatever the cause said, the user reads one line."""
    assert "\n" not in BeholdenError("two\nlines.").one_line()


def test_every_reason_and_flaw_has_words() -> None:
    """No answer without an explanation."""
    assert set(REASON_WORDS) == set(Reason)
    assert set(FLAW_WORDS) == set(Flaw)


def test_no_answer_has_room_for_a_number_to_climb() -> None:
    """I8: decisions and reasons; the only number is the error rate that was asked for."""
    for kind in (match.Known, match.Unknown, match.Undecided, Why):
        assert is_dataclass(kind)
        assert {f.name for f in fields(kind)} <= {
            "subject",
            "grant",
            "why",
            "reason",
            "shots",
            "error_rate",
            "extrapolated",
        }


def test_frames_and_galleries_are_not_pickled() -> None:
    """I4 and I6: neither uncovered pixels nor references travel by accident."""
    pixels = np.zeros((4, 4, 3), np.uint8)
    frame = Frame(CameraId("c"), 0, START, 0.0, pixels, None)  # type: ignore[arg-type]
    gallery = Gallery((), (), np.zeros((0, 4), np.float32), ModelDigest("m"), 1)
    for thing in (frame, gallery):
        with pytest.raises(TypeError):
            pickle.dumps(thing)


def test_a_covered_frame_becomes_a_jpeg() -> None:
    """The only picture with a way out, and nothing of a file's own metadata in it."""
    data = CoveredFrame(0, 0.0, np.full((32, 48, 3), 90, np.uint8), 0).to_jpeg()
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == (32, 48, 3)
    assert b"Exif" not in data
