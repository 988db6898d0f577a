"""Who is the same face as before: each row is a made scene with a known answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.faces.associate import Expected, assign, contested, cost, overlapping
from beholden.faces.tracker import KEEP_LOST_S, Tracker
from beholden.model.box import Box
from beholden.model.face import Face
from beholden.model.ids import Epoch
from beholden.model.track import Track


def face(x: float, y: float, size: float = 60, score: float = 0.9) -> Face:
    box = Box(x - size / 2, y - size / 2, size, size)
    points = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]], np.float32)
    return Face(box, points * size + (box.x, box.y), score)


def follow(*frames: list[Face], step: float = 0.2, tracker: Tracker | None = None) -> list[list[Track]]:
    tracker = tracker or Tracker(Epoch("e"))
    return [tracker.update(faces, index * step) for index, faces in enumerate(frames)]


def seen(tracks: list[Track]) -> list[Track]:
    return [track for track in tracks if track.face is not None]


@pytest.mark.parametrize(
    ("speed", "size", "why"),
    [
        (0, 60, "a face that stands still"),
        (30, 60, "boxes that still overlap"),
        (60, 60, "a box width between frames: no overlap at all"),
        (70, 60, "a little more than a box width"),
        (12, 24, "a small face far away"),
        (200, 240, "a large face close by"),
    ],
)
def test_one_moving_face_is_one_track(speed: float, size: float, why: str) -> None:
    """At five frames a second a face keeps its identity however it moves."""
    frames = [[face(100 + speed * i, 200, size)] for i in range(10)]
    assert len({track.id for tracks in follow(*frames) for track in tracks}) == 1, why


def test_two_faces_side_by_side_stay_two_tracks() -> None:
    """Neighbours that walk together do not exchange identities."""
    frames = [[face(100 + 40 * i, 200), face(220 + 40 * i, 210)] for i in range(8)]
    firsts = {tracks[0].id for tracks in follow(*frames)}
    seconds = {tracks[1].id for tracks in follow(*frames)}
    assert len(firsts) == len(seconds) == 1
    assert firsts != seconds


def test_crossing_faces_are_marked_ambiguous() -> None:
    """Where two faces meet, both tracks say that they may have been exchanged."""
    frames = [[face(100 + 50 * i, 200), face(800 - 50 * i, 205)] for i in range(15)]
    history = follow(*frames)
    assert any(sum(track.ambiguous for track in tracks) == 2 for tracks in history)


def test_faces_far_apart_are_never_ambiguous() -> None:
    """No crossing, no doubt."""
    frames = [[face(100 + 20 * i, 200), face(900 - 20 * i, 600)] for i in range(12)]
    assert not any(track.ambiguous for tracks in follow(*frames) for track in tracks)


def test_a_crossing_behind_another_face_is_ambiguous_when_it_ends() -> None:
    """A face hidden for a moment comes back next to another: nobody can be sure which is which."""
    frames = [[face(400, 200), face(200 + 40 * i, 205)] for i in range(4)]
    frames += [[face(400, 200)]] * 3
    frames += [[face(400, 200), face(520 + 40 * i, 205)] for i in range(2)]
    history = follow(*frames)
    assert any(track.ambiguous for tracks in history[3:] for track in tracks)


def test_a_lost_face_is_expected_for_a_second() -> None:
    """A track goes on, without a face, where it was heading; then it is gone."""
    tracker = Tracker(Epoch("e"))
    for i in range(4):
        tracker.update([face(100 + 30 * i, 200)], i * 0.2)
    lost = tracker.update([], 0.8)
    assert lost[0].face is None
    assert lost[0].box.centre[0] == pytest.approx(100 + 30 * 4, abs=1)
    assert tracker.update([], 0.6 + KEEP_LOST_S + 0.1) == []


def test_a_lost_face_that_returns_is_the_same_track() -> None:
    """Three frames without a detection do not make a new person."""
    frames = [[face(100 + 30 * i, 200)] for i in range(4)] + [[]] * 3 + [[face(100 + 30 * i, 200)] for i in range(7, 9)]
    history = follow(*frames)
    assert {track.id for tracks in history for track in tracks} == {history[0][0].id}


def test_a_doubtful_detection_keeps_a_track_alive() -> None:
    """A weak detection continues a track, though it could not have begun one."""
    frames = [[face(100 + 20 * i, 200, score=0.9 if i < 3 else 0.35)] for i in range(8)]
    history = follow(*frames)
    assert all(len(seen(tracks)) == 1 for tracks in history)


def test_a_doubtful_detection_never_begins_a_track() -> None:
    """What may not be a face is covered, but it is nobody's track."""
    assert follow([face(100, 100, score=0.4)]) == [[]]


def test_a_face_much_larger_in_the_same_place_is_another() -> None:
    """Size tells a face close by from one far behind it."""
    history = follow([face(300, 300, 40)], [face(300, 300, 120)])
    assert seen(history[1])[0].id != history[0][0].id


def test_ids_of_two_runs_never_meet() -> None:
    """Ids carry the run's epoch: there is no counter that two cameras share."""
    one, other = Tracker(Epoch("aaaa")), Tracker(Epoch("bbbb"))
    assert one.update([face(1, 1)], 0.0)[0].id != other.update([face(1, 1)], 0.0)[0].id


def test_a_split_track_goes_on_under_a_new_id() -> None:
    """When the template jumps, what follows is not the same person's track."""
    tracker = Tracker(Epoch("e"))
    before = tracker.update([face(100, 100)], 0.0)[0]
    after = tracker.split(before.id, 0.2)
    assert after is not None
    assert after.id != before.id
    assert tracker.update([face(110, 100)], 0.4)[0].id == after.id


def test_a_crowd_keeps_its_identities() -> None:
    """Twelve people walking at their own speeds in their own lanes are twelve tracks."""
    random = np.random.default_rng(1)
    lanes = [(70 + 80 * i, random.uniform(-15, 15)) for i in range(12)]
    frames = [[face(x + v * t * 0.2, 300, 40) for x, v in lanes] for t in range(10)]
    assert len({track.id for tracks in follow(*frames) for track in tracks}) == 12


boxes = st.builds(Box, st.floats(0, 1000), st.floats(0, 1000), st.floats(10, 200), st.floats(10, 200))


@settings(max_examples=60)
@given(st.lists(boxes, max_size=7), st.lists(boxes, max_size=7))
def test_an_assignment_is_one_to_one_and_possible(tracks: list[Box], found: list[Box]) -> None:
    """No face has two tracks, no track two faces, and no pair is out of reach."""
    expected = [Expected(box, 0.2) for box in tracks]
    pairs = assign(expected, found)
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    assert all(cost(expected[a], found[b]) < float("inf") for a, b in pairs)


@settings(max_examples=60)
@given(st.lists(boxes, min_size=1, max_size=6))
def test_everything_is_assigned_to_itself(found: list[Box]) -> None:
    """Boxes that have not moved cost nothing."""
    pairs = assign([Expected(box, 0.0) for box in found], found)
    total = sum(cost(Expected(found[a], 0.0), found[b]) for a, b in pairs)
    assert len(pairs) == len(found)
    assert total == pytest.approx(0.0, abs=1e-6)


def test_a_rival_nearly_as_near_makes_a_pair_contested() -> None:
    """Two tracks at one face: the choice could have been the other."""
    tracks = [Expected(Box(100, 100, 50, 50), 0.2), Expected(Box(115, 100, 50, 50), 0.2)]
    assert contested((0, 0), tracks, [Box(105, 100, 50, 50)])
    assert not contested((0, 0), tracks[:1], [Box(105, 100, 50, 50)])


def test_overlap_is_measured_on_the_smaller_box() -> None:
    """A small face in front of a large one is a crossing."""
    assert overlapping([Box(0, 0, 200, 200), Box(150, 150, 60, 60)]) == {0, 1}
    assert overlapping([Box(0, 0, 50, 50), Box(60, 0, 50, 50)]) == set()
