"""Privacy zones: what lies in one is seen by nobody, in the small picture and in every crop."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.faces.quality import cut_off
from beholden.model.box import Box
from beholden.model.camera import Zone
from beholden.model.face import Face
from beholden.video.camera.zones import ZonedDetail, Zones
from beholden.video.cover import FILL
from beholden.video.picture import FilmDetail, StillDetail, turned
from tests.live.clips import BLUE, RED, plain, write_pictures
from tests.live.watched import Watched, spec_of
from tests.rtsp.server import TownRtsp

LEFT_HALF = Zone(((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
CORNER = Zone(((0.0, 0.0), (0.25, 0.0), (0.0, 0.25)))


def is_filled(pixels: np.ndarray) -> np.ndarray:
    return (pixels == FILL).all(-1)


def test_frames_of_a_camera_have_their_zones_filled(town: TownRtsp) -> None:
    """The left half of a red camera is grey in what is analysed, and in what is cut."""
    with Watched(spec_of(town.url("red.mp4"), zones=[LEFT_HALF]), analysis=(160, 120)) as camera:
        camera.live(2)
    frame = camera.frames[0]
    assert is_filled(frame.pixels[:, :80]).all()
    assert not is_filled(frame.pixels[:, 82:]).any()
    cut = frame.detail.crop(100, 10, 220, 50)
    assert is_filled(cut[:, :60]).all()
    assert not is_filled(cut[:, 62:]).any()


def test_what_moves_in_a_zone_changes_nothing(tmp_path: Path) -> None:
    """A window in which something moves: frame after frame the same pixels."""
    pictures = [np.hstack([plain(RED if n % 2 else BLUE, (160, 240)), plain(RED, (160, 240))]) for n in range(10)]
    clip = write_pictures(tmp_path / "clip.mp4", pictures)
    with Watched(spec_of(str(clip), zones=[LEFT_HALF]), rate=None) as camera:
        camera.live(6)
    assert all(np.array_equal(frame.pixels[:, :160], camera.frames[0].pixels[:, :160]) for frame in camera.frames)


def test_a_frame_says_where_it_is_blind(town: TownRtsp) -> None:
    """So that a face half in a zone counts as cut off."""
    with Watched(spec_of(town.url("red.mp4"), zones=[LEFT_HALF])) as camera:
        camera.live(1)
    blind = camera.frames[0].blind
    assert blind is not None
    assert blind.shape == camera.frames[0].pixels.shape[:2]
    assert (blind[:, :160] == 255).all()
    assert not blind[:, 162:].any()
    with Watched(spec_of(town.url("red.mp4"))) as camera:
        camera.live(1)
    assert camera.frames[0].blind is None


@pytest.mark.parametrize(("x", "cut"), [(100, True), (140, True), (200, False)])
def test_a_face_half_in_a_zone_is_cut_off(x: int, cut: bool) -> None:
    """A landmark in the zone, or much of the box, and it is not recognised; beside the zone it is."""
    blind = Zones([LEFT_HALF]).mask((320, 240))
    points = np.array([[x + 15, 70], [x + 35, 70], [x + 25, 85], [x + 17, 100], [x + 33, 100]], np.float32)
    face = Face(Box(x, 50, 50, 65), points, 0.9)
    assert not cut_off(face, (320, 240))
    assert cut_off(face, (320, 240), blind) is cut


@pytest.mark.parametrize("rotation", [0, 90, -90, 180])
def test_zones_are_of_the_picture_as_it_is_shown(rotation: int) -> None:
    """A camera that hangs on its side: the zone is where the viewer drew it."""
    stored = av.VideoFrame.from_ndarray(plain(RED, (64, 48)), format="bgr24").reformat(format="yuv420p")
    detail = ZonedDetail(FilmDetail(stored, rotation), Zones([CORNER]))
    width, height = detail.size
    shown = detail.crop(0, 0, width, height)
    assert shown.shape[:2] == turned(plain(RED, (64, 48)), rotation).shape[:2]
    assert is_filled(shown[: height // 10, : width // 10]).all()
    for corner in (shown[-height // 4 :, :], shown[:, -width // 4 :]):
        assert not is_filled(corner).any()


corners = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=7)


@settings(max_examples=300, deadline=None)
@given(corners, st.integers(8, 90), st.integers(8, 90))
def test_every_pixel_that_a_zone_touches_is_filled(shape: list[tuple[float, float]], width: int, height: int) -> None:
    """Any polygon, also one that crosses itself: what is inside by the even-odd rule is filled, to its very edge."""
    pixels = Zones([Zone(tuple(shape))]).filled(plain(RED, (width, height)))
    filled = is_filled(pixels)
    for x in range(0, width, 3):
        for y in range(0, height, 3):
            places = [((x + dx) / width, (y + dy) / height) for dx in (0.02, 0.5, 0.98) for dy in (0.02, 0.5, 0.98)]
            if any(_inside(shape, *place) for place in places):
                assert filled[y, x]


def test_a_zone_that_crosses_itself_has_no_hole() -> None:
    """The middle of a star drawn in one line."""
    star = [(0.5, 0.0), (0.8, 1.0), (0.0, 0.4), (1.0, 0.4), (0.2, 1.0)]
    assert is_filled(Zones([Zone(tuple(star))]).filled(plain(RED, (100, 100))))[55, 50]


def test_what_is_far_from_a_zone_is_left_alone() -> None:
    """A zone hides what it covers and hardly more."""
    pixels = Zones([CORNER]).filled(plain(RED, (200, 100)))
    assert 0.03 < is_filled(pixels).mean() < 0.045


def test_pixels_that_may_not_be_written_are_copied() -> None:
    """What others hold stays as it was."""
    pixels = plain(RED)
    pixels.flags.writeable = False
    filled = Zones([LEFT_HALF]).filled(pixels)
    assert filled is not pixels
    assert not is_filled(pixels).any()


def test_the_stand_in_for_a_larger_picture_has_the_zones_too() -> None:
    """`settled` leads to nothing bare."""
    zones = Zones([LEFT_HALF])
    detail = zones.over(StillDetail(plain(RED, (100, 50)))).settled()
    assert is_filled(detail.crop(0, 0, 50, 50)).all()
    assert zones.mask((100, 50)) is zones.mask((100, 50))


@pytest.mark.parametrize(
    "shape",
    [((0.0, 0.0), (1.0, 1.0)), ((0.0, 0.0), (float("nan"), 1.0), (1.0, 0.0)), ((0.0, 0.0), (2.0, 1.0), (1.0, 0.0))],
)
def test_impossible_zones_are_a_bug_of_the_caller(shape: tuple[tuple[float, float], ...]) -> None:
    """They are checked when the camera is added."""
    with pytest.raises(ValueError, match="three corners"):
        Zones([Zone(shape)])


def _inside(shape: list[tuple[float, float]], x: float, y: float) -> bool:
    """Even-odd, by a ray to the right."""
    inside = False
    for (x1, y1), (x2, y2) in zip(shape, [*shape[1:], shape[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
