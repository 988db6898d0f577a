"""From a camera that works to frames: rate, times, colours, sizes, and what a live camera says of itself."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from beholden.model.camera import CameraState
from beholden.video.camera.address import AddressRules
from tests.live.clips import BLUE, RED, is_colour, jpeg, plain, write_pictures
from tests.live.watched import Watched, spec_of, wait_for
from tests.rtsp.clip import frame_number
from tests.rtsp.faults import FaultProxy
from tests.rtsp.http_camera import HttpCamera, Manner
from tests.rtsp.server import TownRtsp


def test_frames_come_at_the_analysis_rate(town: TownRtsp) -> None:
    """Of 25 pictures a second, five are analysed, evenly; all are counted as read."""
    with Watched(spec_of(town.url("small.mp4"))) as camera:
        camera.live(15)
        health = camera.health
    offsets = [frame.offset_s for frame in camera.frames]
    assert all(0.1 < b - a < 0.35 for a, b in pairwise(offsets[2:]))
    assert health.state is CameraState.LIVE
    assert health.read >= 4 * health.analysed
    assert [frame.index for frame in camera.frames] == list(range(len(camera.frames)))


def test_only_the_first_frame_is_a_cut(town: TownRtsp) -> None:
    """Nothing continues what was before the first connection, and everything after it goes on."""
    with Watched(spec_of(town.url("small.mp4"))) as camera:
        camera.live(10)
    assert [frame.cut for frame in camera.frames[:10]] == [True] + [False] * 9


def test_captured_at_is_the_wall_clock_and_spaced_as_the_camera_spaces_it(town: TownRtsp) -> None:
    """Near the arrival, aware UTC, and even though packets come unevenly."""
    with Watched(spec_of(town.url("small.mp4")), rate=None) as camera:
        camera.live(60)
        now = datetime.now(UTC)
    assert abs((now - camera.frames[-1].captured_at).total_seconds()) < 5
    assert camera.frames[-1].captured_at.tzinfo is UTC
    numbers = [frame_number(frame.pixels) for frame in camera.frames[30:60]]
    offsets = [frame.offset_s for frame in camera.frames[30:60]]
    assert offsets[-1] - offsets[0] == pytest.approx((numbers[-1] - numbers[0]) / 25, abs=0.1)


def test_the_first_picture_may_have_no_time(town: TownRtsp) -> None:
    """FFmpeg does not know the time of RTSP's first picture: it is shown all the same."""
    with Watched(spec_of(town.url("small.mp4")), rate=None) as camera:
        camera.live(5)
    assert frame_number(camera.frames[0].pixels) == 0


def test_pixels_are_blue_green_red_over_rtsp(town: TownRtsp) -> None:
    """A red clip is red, in the frame and in what is cut from it, as H.264 and as HEVC."""
    for clip in ("red.mp4", "red265.mp4"):
        with Watched(spec_of(town.url(clip)), analysis=(160, 120)) as camera:
            camera.live(2)
        frame = camera.frames[0]
        assert is_colour(frame.pixels, RED)
        assert not is_colour(frame.pixels, BLUE)
        assert is_colour(frame.detail.crop(10, 20, 90, 100), RED)


def test_pixels_are_blue_green_red_over_mjpeg() -> None:
    """A red picture sent by HTTP is red."""
    with HttpCamera([jpeg(plain(RED))]) as http, Watched(spec_of(http.url()), analysis=(160, 120)) as camera:
        camera.live(2)
    assert is_colour(camera.frames[0].pixels, RED)
    assert is_colour(camera.frames[0].detail.crop(0, 0, 50, 50), RED)


def test_pixels_are_blue_green_red_from_a_file(red_clip: Path) -> None:
    """A red file that is played as a camera is red."""
    with Watched(spec_of(str(red_clip))) as camera:
        camera.live(2)
    assert is_colour(camera.frames[0].pixels, RED)


def test_a_file_is_played_in_real_time_and_over_and_over(tmp_path: Path) -> None:
    """Two seconds of film last two seconds; when it begins again, nothing continues what was before."""
    clip = write_pictures(tmp_path / "clip.mp4", [plain((v, v, v)) for v in range(0, 200, 10)])
    began = time.monotonic()
    with Watched(spec_of(str(clip)), rate=None) as camera:
        camera.live(44)
        took = time.monotonic() - began
    assert took > 3.9
    cuts = [frame.index for frame in camera.frames if frame.cut]
    assert cuts[:3] == [0, 20, 40]
    offsets = [frame.offset_s for frame in camera.frames]
    assert all(b - a == pytest.approx(0.1, abs=0.02) for a, b in pairwise(offsets[1:]))


def test_files_are_for_rehearsals_only(red_clip: Path) -> None:
    """A live folder opens no files: the camera is refused, in words."""
    with Watched(spec_of(str(red_clip)), rules=AddressRules()) as camera:
        camera.until(CameraState.REFUSED)
        assert "rehearsal" in (camera.health.error or "")


def test_mjpeg_frames_are_timed_by_their_arrival() -> None:
    """MJPEG has no times of its own."""
    with HttpCamera([jpeg(plain(RED))]) as http, Watched(spec_of(http.url())) as camera:
        camera.live(6)
    for frame, arrived in zip(camera.frames, camera.arrivals, strict=True):
        assert abs(frame.offset_s - camera.frames[0].offset_s - (arrived - camera.arrivals[0])) < 0.05


def test_the_small_picture_fits_its_box_and_the_detail_keeps_its_size(town: TownRtsp) -> None:
    """Analysis is on a small picture; faces are cut from the camera's own."""
    with Watched(spec_of(town.url("large.mp4"))) as camera:
        camera.live(1)
    frame = camera.frames[0]
    assert (frame.size, frame.detail.size, frame.scale) == ((640, 360), (1280, 720), (2.0, 2.0))
    assert frame.detail.exact
    assert not frame.pixels.flags.writeable


def test_the_rate_may_be_lowered_while_it_runs(town: TownRtsp) -> None:
    """Under load all cameras are looked at less often."""
    with Watched(spec_of(town.url("small.mp4")), rate=None) as camera:
        camera.live(10)
        camera.camera.rate = 2.0
        camera.live(1)
        before = len(camera.frames)
        camera.live(4)
    offsets = [frame.offset_s for frame in camera.frames[before:]]
    assert all(b - a > 0.3 for a, b in pairwise(offsets))


def test_several_cameras_at_once_do_not_wait_for_each_other(town: TownRtsp, proxy: FaultProxy) -> None:
    """Six at once, one of them frozen: five go on."""
    frozen = Watched(spec_of(proxy.url("small.mp4"), name="frozen"))
    others = [Watched(spec_of(town.url("small.mp4"), name=f"c{n}")) for n in range(5)]
    for camera in (frozen, *others):
        camera.__enter__()
    try:
        wait_for(lambda: all(camera.state is CameraState.LIVE for camera in (frozen, *others)))
        proxy.freeze()
        before = [len(camera.frames) for camera in others]
        frozen.until(CameraState.LOST)
        assert all(len(camera.frames) - had >= 5 for camera, had in zip(others, before, strict=True))
        # A busy machine may have lost one for a moment: it comes back while the other is still frozen.
        wait_for(lambda: all(camera.state is CameraState.LIVE for camera in others))
    finally:
        proxy.thaw()
        for camera in (frozen, *others):
            camera.__exit__(None, None, None)


def test_progress_is_seen_while_it_works_waits_and_fails(proxy: FaultProxy) -> None:
    """Whoever watches over it must not take a camera that is away for a decoder that hangs."""
    proxy.down()
    with Watched(spec_of(proxy.url("small.mp4"))) as camera:
        worst = 0.0
        until = time.monotonic() + 6
        while time.monotonic() < until:
            worst = max(worst, time.monotonic() - camera.camera.last_progress)
            time.sleep(0.05)
        assert worst < 4.0
        proxy.up()
        camera.until(CameraState.LIVE)
        assert time.monotonic() - camera.camera.last_progress < 2.0


def test_a_webcam_that_is_not_there_is_said_to_be_missing() -> None:
    """There is no device here: words, and trying again."""
    rules = AddressRules(webcams=True)
    with Watched(spec_of("webcam:/dev/video99"), rules=rules) as camera:
        camera.until(CameraState.LOST)
        assert camera.health.error == "there is no such webcam"


def test_snapshots_that_are_asked_for_are_frames_too() -> None:
    """A camera that answers with one picture is asked again and again."""
    with (
        HttpCamera([jpeg(plain(RED)), jpeg(plain(BLUE))], Manner()) as http,
        Watched(spec_of(http.url("snapshot.jpg"))) as camera,
    ):
        camera.live(4)
    assert {is_colour(frame.pixels, RED) for frame in camera.frames} == {True, False}
