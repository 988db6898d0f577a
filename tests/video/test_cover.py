"""Covering: solid, before a face was found, after it was lost, and in between."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from video_clips import frame_of, noise

from beholden.model.box import Box
from beholden.model.face import Face
from beholden.model.frame import CoveredFrame
from beholden.model.ids import TrackId
from beholden.model.track import Track
from beholden.video.cover import FILL, Coverer, cover, cover_whole
from beholden.video.shape import guessed_before, guessed_later, measured, region

WIDTH, HEIGHT = 320, 240
PICTURE = noise(WIDTH, HEIGHT, seed=9, block=3)
STEP = 0.2


def track(
    box: Box,
    *,
    seen: bool = True,
    name: str = "t-1",
    began_s: float = 0.0,
    seen_s: float = 0.0,
    velocity: tuple[float, float] = (0.0, 0.0),
) -> Track:
    face = Face(box, np.zeros((5, 2), np.float32), 0.9) if seen else None
    return Track(TrackId(name), box, face, began_s, seen_s, velocity)


def run(pictures: Sequence[Sequence[Track]], coverer: Coverer | None = None, step: float = STEP) -> list[CoveredFrame]:
    """Cover one picture per list of tracks, `step` seconds apart."""
    coverer = coverer or Coverer()
    done: list[CoveredFrame] = []
    for index, tracks in enumerate(pictures):
        done += coverer.push(frame_of(PICTURE, index * step, index), tracks)
    return done + coverer.flush()


def is_hidden(picture: CoveredFrame, box: Box) -> bool:
    """Whether every pixel of `box` has the fill colour."""
    area = box.within(*picture.size)
    assert area is not None
    left, top, right, bottom = area
    return bool((picture.pixels[top:bottom, left:right] == FILL).all())


FACE = Box(100, 80, 40, 50)


def test_nothing_is_hidden_where_no_face_is() -> None:
    """Without faces the picture leaves as it came, in order, none lost: the check itself can fail."""
    done = run([[]] * 9)
    assert [picture.index for picture in done] == list(range(9))
    assert all(np.array_equal(picture.pixels, PICTURE) and picture.covers == 0 for picture in done)
    assert not is_hidden(done[0], FACE)


def test_a_face_is_hidden_with_a_margin_in_every_picture() -> None:
    """From 30% left to 30% right of the box, above and below too; the rest is untouched."""
    for picture in run([[track(FACE)]] * 5):
        assert is_hidden(picture, Box(88, 65, 64, 80))
        assert np.array_equal(picture.pixels[:60], PICTURE[:60])
        assert picture.covers == 1
        assert not picture.pixels.flags.writeable


def test_pictures_wait_for_the_look_back() -> None:
    """A picture leaves once it is 0.6 s old, not before."""
    coverer = Coverer(look_back_s=0.6)
    left = [[picture.index for picture in coverer.push(frame_of(PICTURE, n * STEP, n), [])] for n in range(6)]
    assert left == [[], [], [], [0], [1], [2]]
    assert [picture.index for picture in coverer.flush()] == [3, 4, 5]
    assert coverer.flush() == []


def test_the_pictures_before_the_first_detection_are_covered() -> None:
    """A face found in picture 4 is hidden in 1 to 3 as well, 0.6 s back, and not in 0."""
    done = run([[], [], [], [], [track(FACE, began_s=0.8)], [track(FACE, began_s=0.8)]])
    assert [is_hidden(picture, FACE) for picture in done] == [False, True, True, True, True, True]


def test_looking_back_follows_the_movement() -> None:
    """A face that moves 100 px/s to the right was further left before it was found."""
    faces = [[track(FACE.moved(20.0 * n, 0), name="m", began_s=0.4)] for n in range(4)]
    done = run([[], [], *faces])
    assert is_hidden(done[1], FACE.moved(-20, 0))
    assert is_hidden(done[0], FACE.moved(-40, 0))


def test_a_track_that_is_reported_late_is_covered_from_its_beginning() -> None:
    """Confirmed after three pictures: those three are hidden too."""
    done = run([[], [], [], [track(FACE, began_s=0.0)]], Coverer(look_back_s=0.2))
    assert not is_hidden(done[0], FACE)  # it had left before anybody knew
    done = run([[], [], [], [track(FACE, began_s=0.0)]], Coverer(look_back_s=0.6))
    assert all(is_hidden(picture, FACE) for picture in done)


def test_a_lost_face_stays_covered_for_a_second() -> None:
    """The track vanishes after picture 2: hidden up to 1.0 s later, then no longer."""
    done = run([[track(FACE)]] * 3 + [[]] * 8)
    assert [is_hidden(picture, FACE) for picture in done] == [True] * 8 + [False] * 3


def test_a_lost_face_is_covered_where_it_went_and_where_it_was() -> None:
    """By its velocity, and in case it stopped; the cover grows."""
    moving = track(FACE, velocity=(50.0, 0.0))
    done = run([[moving], [], [], []])
    assert is_hidden(done[2], FACE.moved(20, 0))
    assert is_hidden(done[2], FACE)
    hidden = [(picture.pixels == FILL).all(axis=2).sum() for picture in done]
    assert hidden == sorted(hidden)
    assert hidden[0] < hidden[-1]


def test_a_predicted_box_is_covered_and_grows() -> None:
    """The tracker hands in a lost track with its guess: that place is hidden, wider each time."""
    guess = [track(FACE.moved(10.0 * n, 0), seen=False, seen_s=0.0) for n in range(1, 4)]
    done = run([[track(FACE)], *([one] for one in guess)])
    assert all(is_hidden(picture, FACE.moved(10 * n, 0)) for n, picture in enumerate(done))


def test_a_gap_inside_a_track_is_covered_over_both_ends() -> None:
    """Seen, not seen, not seen, seen elsewhere: both places are hidden all the while."""
    there = FACE.moved(80, 30)
    for hole in ([], [track(FACE, seen=False)]):
        done = run([[track(FACE)], hole, hole, [track(there)]])
        for picture in done[1:3]:
            assert is_hidden(picture, FACE.union(there))


def test_weak_detections_are_covered_in_their_picture_and_beside_it() -> None:
    """They flicker: one picture before and after at five a second, not further."""
    coverer = Coverer()
    done: list[CoveredFrame] = []
    for index in range(7):
        done += coverer.push(frame_of(PICTURE, index * STEP, index), [], [FACE] if index == 3 else [])
    done += coverer.flush()
    assert [is_hidden(picture, FACE) for picture in done] == [False, False, True, True, True, False, False]


def test_a_picture_that_no_detector_saw_is_solid() -> None:
    """Whole, and its neighbours are not."""
    coverer = Coverer()
    done: list[CoveredFrame] = []
    for index in range(5):
        done += coverer.push(frame_of(PICTURE, index * STEP, index), [], failed=index == 2)
    done += coverer.flush()
    assert [picture.whole for picture in done] == [False, False, True, False, False]
    assert (done[2].pixels == FILL).all()
    assert cover_whole(frame_of(PICTURE)).whole


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_box_that_names_no_place_covers_everything(value: float) -> None:
    """A broken number must not uncover a face."""
    broken = Box(value, 10, 20, 20)
    assert cover(frame_of(PICTURE), [broken]).whole
    (picture,) = run([[track(broken)]])
    assert picture.whole


def test_a_change_of_size_moves_covers_along() -> None:
    """The picture doubles: a lost face is hidden at twice its place."""
    coverer = Coverer()
    done = coverer.push(frame_of(PICTURE, 0.0, 0), [track(FACE)])
    done += coverer.push(frame_of(noise(640, 480), 0.2, 1), [])
    done += coverer.flush()
    assert is_hidden(done[1], FACE.scaled(2, 2))


boxes = st.builds(Box, st.floats(-50, 330), st.floats(-50, 250), st.floats(0.5, 150), st.floats(0.5, 150))


@settings(max_examples=60, deadline=None)
@given(st.lists(boxes, max_size=5))
def test_a_cover_says_nothing_of_what_it_hides(places: list[Box]) -> None:
    """Two pictures that differ only under the margin give the same output; inputs are left alone."""
    other = 255 - PICTURE
    one, two = frame_of(PICTURE), frame_of(other)
    hidden = np.zeros((HEIGHT, WIDTH), bool)
    for box in places:
        area = region(box, WIDTH, HEIGHT)
        if area:
            hidden[area[1] : area[3], area[0] : area[2]] = True
    a, b = cover(one, places), cover(two, places)
    assert (a.pixels[hidden] == FILL).all()
    assert np.array_equal(a.pixels[hidden], b.pixels[hidden])
    assert np.array_equal(a.pixels[~hidden], PICTURE[~hidden])
    assert np.array_equal(one.pixels, PICTURE)
    assert np.array_equal(two.pixels, other)


@given(boxes, st.integers(16, 641), st.integers(16, 481), st.floats(0.25, 0.35))
def test_a_region_is_even_inside_the_picture_and_holds_the_box(
    box: Box, width: int, height: int, margin: float
) -> None:
    """Edges on 2x2 blocks (or the picture's own edge), and the margin on every side."""
    area = region(box, width, height, margin)
    bare = box.within(width, height)
    if area is None:
        assert bare is None
        return
    left, top, right, bottom = area
    assert left % 2 == top % 2 == 0
    assert right % 2 == 0 or right == width
    assert bottom % 2 == 0 or bottom == height
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert left <= max(0, box.x - box.w * margin)
    assert right >= min(width, box.right + box.w * margin)
    assert top <= max(0, box.y - box.h * margin)
    assert bottom >= min(height, box.bottom + box.h * margin)


@given(boxes, st.floats(-300, 300), st.floats(-300, 300), st.floats(0, 1), st.floats(0, 1))
def test_a_guess_holds_where_it_was_and_where_it_would_be(
    box: Box, vx: float, vy: float, moved_s: float, unseen_s: float
) -> None:
    """Both ends lie inside, and more time never makes it smaller."""
    guess = guessed_later(box, (vx, vy), moved_s, unseen_s)
    for place in (box, box.moved(vx * moved_s, vy * moved_s)):
        assert place.intersection(guess) == pytest.approx(place.area, rel=1e-6, abs=1e-6)
    assert guessed_later(box, (vx, vy), moved_s, unseen_s + 0.1).area >= guess.area
    back = guessed_before(box, (vx, vy), moved_s)
    assert box.moved(-vx * moved_s, -vy * moved_s).intersection(back) == pytest.approx(box.area, rel=1e-6, abs=1e-6)


def test_velocity_needs_two_moments() -> None:
    """Of one moment there is none."""
    assert measured(FACE, FACE.moved(10, -5), 0.5) == (20.0, -10.0)
    assert measured(FACE, FACE, 0.0) is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=25), st.floats(-60, 60))
def test_a_walking_face_is_never_bare_around_its_sightings(seen: list[bool], speed: float) -> None:
    """Detections come and go: wherever the face was seen within 0.6 s after or 1.0 s before, or between two
    sightings less than that apart, its true place is hidden, walking at up to 60 px/s."""
    place = [Box(140 + speed * n * STEP / 4, 90, 40, 40) for n in range(len(seen))]
    pictures = [
        [track(place[n], began_s=n * STEP, velocity=(speed / 4, 0.0))] if here else [] for n, here in enumerate(seen)
    ]
    done = run(pictures)
    assert [picture.index for picture in done] == list(range(len(seen)))
    for n, picture in enumerate(done):
        after = any(seen[n : n + 4])
        before = any(seen[max(0, n - 4) : n + 1])
        if before or after:
            assert is_hidden(picture, place[n]), n


def test_two_tracks_do_not_mix() -> None:
    """Ids keep places apart: both hidden, nothing between them."""
    left, right = Box(20, 80, 30, 30), Box(250, 80, 30, 30)
    done = run([[track(left, name="a"), track(right, name="b")]] * 3 + [[track(right, name="b")]] * 2)
    for picture in done:
        assert is_hidden(picture, left)
        assert is_hidden(picture, right)
        assert picture.covers == 2
        assert np.array_equal(picture.pixels[:, 150:200], PICTURE[:, 150:200])


def test_nothing_is_kept_of_faces_long_gone() -> None:
    """The coverer's memory does not grow with the length of the film."""
    coverer = Coverer()
    for n in range(300):
        faces = [track(FACE, name=f"t-{n // 3}", began_s=n * STEP)]
        list(coverer.push(frame_of(PICTURE, n * STEP, n), faces, [FACE]))
    kept = [len(coverer._tracks), sum(map(len, coverer._tracks.values())), len(coverer._extras), len(coverer._waiting)]
    assert max(kept) < 20
