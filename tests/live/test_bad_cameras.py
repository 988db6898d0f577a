"""Cameras that freeze, drop, reboot, send rubbish, refuse, change: real RTSP with faults in between."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
import weakref
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest

from beholden.model.camera import CameraState
from beholden.model.errors import DecodeFailure
from beholden.model.ids import CameraId
from beholden.video.camera.dial import Timeouts
from beholden.video.camera.feed import Feed
from beholden.video.camera.frames import BLIND_S, Frames, LiveOptions
from beholden.video.camera.live import Surroundings
from beholden.video.camera.reach import open_feed
from beholden.video.camera.wall import WallClock
from beholden.video.camera.zones import Zones
from beholden.video.limits import Limits
from beholden.video.picture import FilmDetail
from tests.live.clips import RED, is_colour, jpeg, plain, write_jpeg_clip, write_pictures
from tests.live.feeds import BrokenFeed, Joined
from tests.live.watched import Watched, spec_of, wait_for
from tests.rtsp.challenge import Challenge
from tests.rtsp.clip import write_moving_clip
from tests.rtsp.faults import FaultProxy
from tests.rtsp.http_camera import HttpCamera, Manner
from tests.rtsp.server import TownRtsp

SOON_S = 10.0
"""A camera is back so soon after it answers again."""


def test_a_frozen_camera_is_lost_and_comes_back(proxy: FaultProxy) -> None:
    """Connections stay open and nothing comes: about five seconds later it is lost, in words, and later live again."""
    with Watched(spec_of(proxy.url("small.mp4"))) as camera:
        camera.live(3)
        proxy.freeze()
        began = time.monotonic()
        camera.until(CameraState.LOST)
        assert 3.0 < time.monotonic() - began < 15.0
        assert "frozen" in (camera.health.error or "")
        proxy.thaw()
        camera.until(CameraState.LIVE)
        assert camera.health.error is None
        assert camera.health.reconnects == 1


def test_a_camera_dropped_in_the_middle_of_a_group_comes_back_with_a_cut(proxy: FaultProxy) -> None:
    """The connection ends between two keyframes: the next frame continues nothing, and offsets go on."""
    with Watched(spec_of(proxy.url("small.mp4"))) as camera:
        camera.live(4)
        had = len(camera.frames)
        proxy.cut()
        wait_for(lambda: any(frame.cut for frame in camera.frames[had:]))
        camera.live(3)
    after = camera.frames[had:]
    assert sum(frame.cut for frame in after) == 1
    offsets = [frame.offset_s for frame in camera.frames]
    assert all(a < b for a, b in pairwise(offsets))
    moments = [frame.captured_at for frame in camera.frames]
    assert all(a < b for a, b in pairwise(moments))


def test_a_camera_that_reboots_is_back_within_ten_seconds_of_answering(proxy: FaultProxy) -> None:
    """It is away for long enough that waits have grown to their longest."""
    with Watched(spec_of(proxy.url("small.mp4"))) as camera:
        camera.live(3)
        proxy.down()
        camera.until(CameraState.LOST)
        time.sleep(15)
        assert "nothing listens" in (camera.health.error or "")
        had = len(camera.frames)
        proxy.up()
        began = time.monotonic()
        camera.live(1)
        assert time.monotonic() - began < SOON_S
        assert camera.frames[had].cut


def test_a_wrong_password_is_refused_in_words_and_tried_seldom(proxy: FaultProxy) -> None:
    """No password in what is said, and no second try for half a minute: cameras lock accounts."""
    proxy.password("viewer", "right")
    address = f"rtsp://viewer:wr0ng-s3cret@127.0.0.1:{proxy.port}/small.mp4"
    with Watched(spec_of(address)) as camera:
        camera.until(CameraState.REFUSED)
        said, asked = camera.health.error or "", proxy.accepted
        assert "password" in said
        assert "s3cret" not in said + repr(camera.camera) + repr(camera.health)
        time.sleep(8)
        assert proxy.accepted == asked
        assert not camera.frames


def test_the_right_password_opens_it(proxy: FaultProxy) -> None:
    """What was refused was the password, and nothing else."""
    proxy.password("viewer", "r:ght @/")
    with Watched(spec_of(f"rtsp://viewer:r%3Aght%20%40%2F@127.0.0.1:{proxy.port}/small.mp4?play_count=0")) as camera:
        camera.live(2)


def test_a_wrong_password_of_an_mjpeg_camera_is_refused_too() -> None:
    """Over HTTP as over RTSP."""
    manner = Manner(challenge=Challenge("viewer", "right", "digest", "MD5", False))
    with HttpCamera([jpeg(plain(RED))], manner) as http, Watched(spec_of(http.url(login="viewer:wrong@"))) as camera:
        camera.until(CameraState.REFUSED)
        assert "password" in (camera.health.error or "")


def test_a_frozen_mjpeg_camera_is_lost_and_comes_back() -> None:
    """Over HTTP as over RTSP."""
    manner = Manner(stop_after=30, freezes=True)
    with HttpCamera([jpeg(plain(RED))], manner) as http, Watched(spec_of(http.url())) as camera:
        camera.live(1)
        camera.until(CameraState.LOST)
        http.manner = Manner()
        had = len(camera.frames)
        camera.until(CameraState.LIVE)
        camera.live(1)
        assert camera.frames[had].cut


def test_another_resolution_is_a_cut_and_has_its_own_sizes(tmp_path: Path) -> None:
    """Somebody sets the camera to another size while it runs."""
    sizes = {"a.h264": (320, 240), "b.h264": (640, 480)}
    feed = Joined([write_pictures(tmp_path / name, [plain(RED, size)] * 10) for name, size in sizes.items()])
    frames = Frames(CameraId("c"), LiveOptions(rate=None), Zones(()), WallClock(0.0, 1e9), lambda: 1e9)
    got = [live.frame for arrival in feed.arrivals() for live in frames.take(feed, arrival)]
    assert [frame.detail.size for frame in got] == [(320, 240)] * 10 + [(640, 480)] * 10
    assert [frame.index for frame in got if frame.cut] == [0, 10]
    assert got[15].size == (480, 360)
    assert is_colour(got[15].pixels, RED)


def test_a_lost_connection_leaves_no_decoder_behind(proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even until Python looks for rings, which it does almost never in a process that makes few objects: a decoder
    and its pictures are 8 MB."""
    feeds: weakref.WeakSet[Feed] = weakref.WeakSet()

    def opened(*arguments: Any) -> Feed:
        feeds.add(feed := open_feed(*arguments))
        return feed

    monkeypatch.setattr("beholden.video.camera.live.open_feed", opened)
    gc.collect()
    gc.disable()
    try:
        with Watched(spec_of(proxy.url("small.mp4"))) as camera:
            for _ in range(3):
                camera.live(2)
                had = camera.health.reconnects
                proxy.cut()
                wait_for(lambda had=had: camera.health.reconnects > had)
            wait_for(lambda: len(feeds) == 1, 10.0)
    finally:
        gc.enable()


def test_a_camera_replaced_by_one_of_another_size_comes_back_with_its_sizes(
    town: TownRtsp, proxy: FaultProxy, tmp_path: Path
) -> None:
    """The same address leads to another stream from now on."""
    (tmp_path / "small.mp4").write_bytes((town.folder / "other.mp4").read_bytes())
    with TownRtsp(tmp_path) as other, Watched(spec_of(proxy.url("small.mp4"))) as camera:
        camera.live(2)
        proxy.retarget(other.port)
        proxy.cut()
        wait_for(lambda: camera.frames[-1].detail.size == (480, 272))
        assert next(frame for frame in camera.frames if frame.detail.size == (480, 272)).cut


def test_a_jump_of_the_streams_clock_is_a_cut_and_changes_no_time(proxy: FaultProxy) -> None:
    """The camera sets its clock by an hour while it streams."""
    with Watched(spec_of(proxy.url("small.mp4"))) as camera:
        camera.live(6)
        had = len(camera.frames)
        proxy.jump(stream_s=3600.0)
        wait_for(lambda: any(frame.cut for frame in camera.frames[had:]))
        camera.live(3)
        assert camera.health.reconnects == 0
    offsets = [frame.offset_s for frame in camera.frames]
    assert all(0 < b - a < 2 for a, b in pairwise(offsets))


def test_rubbish_over_rtsp_crashes_nothing_and_shows_nothing_broken(town: TownRtsp) -> None:
    """Thousands of mutated packets over real connections, several at once, in a process of its own."""
    done = _in_a_process("tests.live.rubbish", str(town.folder), "2000")
    assert done["mutated"] >= 2000
    assert done["frames"] > 0
    assert done["corrupt"] == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("codec", ["h264", "hevc", "mjpeg"])
def test_ten_thousand_mutated_packets_crash_nothing(codec: str, seed: int, tmp_path: Path) -> None:
    """3 seeds of 3 codecs, 1,200 packets each: the process lives, frames come, and none that the decoder flags."""
    path = tmp_path / ("clip.avi" if codec == "mjpeg" else "clip.mp4")
    source = write_moving_clip(tmp_path / "source.mp4", (320, 240), seconds=3, fps=25, seed=seed)
    with av.open(str(source)) as container:
        pictures = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    if codec == "mjpeg":
        write_jpeg_clip(path, pictures)
    else:
        write_pictures(path, pictures, 25, "libx264" if codec == "h264" else "libx265")
    done = _in_a_process("tests.live.garbage", str(path), codec, str(seed), "1200")
    assert done["mutated"] >= 1200
    assert done["frames"] > 100
    assert done["corrupt"] == 0


def test_the_flag_that_is_looked_for_is_there_to_be_found(tmp_path: Path) -> None:
    """Planted: the same packets, decoded without care, do give pictures that are flagged corrupt."""
    feed = BrokenFeed(str(write_moving_clip(tmp_path / "clip.mp4", (320, 240), seconds=3, fps=25)), "h264", 1)
    flagged = 0
    for arrival in feed.arrivals():
        if feed.mutated > 300:
            break
        try:
            flagged += sum(picture.is_corrupt for picture in feed.context.decode(arrival.packet))
        except av.FFmpegError:
            continue
    assert flagged > 10


def test_after_damage_nothing_is_shown_until_the_next_keyframe(tmp_path: Path) -> None:
    """A lost picture leaves smears in those that build on it, unflagged: they are not shown."""
    clip = write_pictures(tmp_path / "clip.h264", _moving(tmp_path), fps=10)
    feed = Joined([clip], lose=(13, 14))
    frames = Frames(CameraId("c"), LiveOptions(rate=None), Zones(()), WallClock(0.0, 1e9), lambda: 1e9)
    shown: list[int] = []
    for arrival in feed.arrivals():
        for live in frames.take(feed, arrival):
            assert isinstance(live.frame.detail, FilmDetail)
            shown.append(live.frame.detail.frame.pts)
    assert shown == [*range(13), *range(20, 30)]


def test_a_stream_of_which_nothing_can_be_shown_is_given_up(tmp_path: Path) -> None:
    """Packets that never make a picture: after a while the connection is tried anew."""
    clip = write_pictures(tmp_path / "clip.h264", _moving(tmp_path), fps=10)
    feed = Joined([clip] * 20, lose=(0, 10, 20), each=True)
    frames = Frames(CameraId("c"), LiveOptions(rate=None), Zones(()), WallClock(0.0, 1e9), lambda: 1e9)
    given_up_s = None
    for arrival in feed.arrivals():
        try:
            assert not list(frames.take(feed, arrival))
        except DecodeFailure:
            given_up_s = arrival.arrived_s
            break
    assert given_up_s == pytest.approx(BLIND_S, abs=1)


def test_pictures_past_the_limit_are_refused_before_they_are_decoded(town: TownRtsp) -> None:
    """A stream says its size first."""
    with Watched(spec_of(town.url("large.mp4")), limits=Limits(max_video_pixels=640 * 480)) as camera:
        camera.until(CameraState.REFUSED)
        assert "million pixels" in (camera.health.error or "")


def test_a_size_that_lies_is_not_decoded(tmp_path: Path) -> None:
    """A JPEG whose header says 65535x65535 takes no memory."""
    picture = bytearray(jpeg(plain(RED)))
    at = picture.find(b"\xff\xc0")
    picture[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    with HttpCamera([bytes(picture)]) as http, Watched(spec_of(http.url())) as camera:
        wait_for(lambda: camera.health.read > 10)
        assert not camera.frames


def test_it_stops_within_its_timeouts_whatever_the_camera_does(proxy: FaultProxy) -> None:
    """Frozen or away: whoever stops it does not wait for long."""
    around = Surroundings(timeouts=Timeouts(connect_s=2.0, idle_s=3.0))
    for fault in (proxy.freeze, proxy.down):
        with Watched(spec_of(proxy.url("small.mp4")), around=around) as camera:
            camera.live(1)
            fault()
            began = time.monotonic()
        assert time.monotonic() - began < 10
        proxy.thaw()


def test_whatever_a_camera_raises_the_run_goes_on(town: TownRtsp) -> None:
    """A bug in the bindings ends one connection, not the watching."""
    failures = iter([RuntimeError("of the bindings"), MemoryError()])

    def lookup(*args: object, **named: object) -> list[tuple[object, ...]]:
        raise next(failures, OSError("no such name"))

    spec = spec_of("rtsp://camera.example/stream")
    with Watched(spec, around=Surroundings(lookup=lookup)) as camera:
        camera.until(CameraState.LOST)
        wait_for(lambda: "not known" in (camera.health.error or ""))


def test_a_redirect_is_not_followed(proxy: FaultProxy, town: TownRtsp) -> None:
    """Where it leads was never checked."""
    proxy.redirect(town.url("red.mp4"))
    with Watched(spec_of(proxy.url("small.mp4"))) as camera:
        camera.until(CameraState.REFUSED)
        assert "another address" in (camera.health.error or "")
        assert not camera.frames


def _moving(tmp_path: Path) -> list:
    with av.open(str(write_moving_clip(tmp_path / "moving.mp4", (320, 240), seconds=3, fps=10))) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def _in_a_process(module: str, *arguments: str) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])
