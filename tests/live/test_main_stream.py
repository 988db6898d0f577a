"""The small stream is analysed, shots are cut from the large one: from the moment that was analysed, or not at all."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from beholden.demo.backdrop import Setting
from beholden.demo.people import PersonId
from beholden.demo.scene import Actor, Scene, Step, dress, film
from beholden.faces.again import find_again
from beholden.faces.engine import FaceEngine, load_engine
from beholden.faces.pool import agreement
from beholden.model.box import Box
from beholden.model.camera import CameraState, Zone
from beholden.model.frame import Frame, Pixels
from beholden.model.ids import CameraId
from beholden.pipeline.shot import cut_shot
from beholden.video.camera.feed import Arrival
from beholden.video.camera.main_stream import MOST_BYTES, MOST_PICTURES, MainDetail, MainStream
from beholden.video.camera.wall import WallClock
from beholden.video.cover import FILL
from beholden.video.limits import Limits
from beholden.video.picture import FilmDetail, StillDetail
from tests.live.clips import plain, write_pictures
from tests.live.feeds import Joined, packet_of
from tests.live.watched import Watched, spec_of, wait_for
from tests.rtsp.clip import frame_number, write_moving_clip
from tests.rtsp.faults import FaultProxy
from tests.rtsp.server import TownRtsp

CLIP_FRAMES = 200


def settled_number(frame: Frame) -> int | None:
    """The number that the large picture shows; None where the small one stands in."""
    detail = frame.detail.settled()
    if detail.size != (1280, 720):
        return None
    assert not detail.exact
    return frame_number(detail.crop(0, 0, 1280, 720))


def test_shots_come_from_the_large_stream_at_the_moment_of_the_small_one(town: TownRtsp) -> None:
    """Both streams started at their own time; by the wall clock they stay together to a few pictures."""
    spec = spec_of(town.url("small.mp4"), town.url("large.mp4"))
    apart: list[int] = []
    with Watched(spec) as camera:
        wait_for(lambda: bool(camera.frames) and not camera.frames[-1].detail.exact)
        camera.live(3)
        for _ in range(12):
            camera.live(1)
            frame = camera.frames[-1]
            large = settled_number(frame)
            if large is not None:
                apart.append((large - frame_number(frame.pixels)) % CLIP_FRAMES)
        assert frame.detail.size == (1280, 720)
    assert len(apart) >= 8
    middle = sorted(apart)[len(apart) // 2]
    assert all(abs(one - middle) <= 5 for one in apart)


def test_a_frame_of_a_moment_ago_still_finds_its_picture(town: TownRtsp) -> None:
    """Inference comes some pictures later than the camera, also over a keyframe."""
    spec = spec_of(town.url("small.mp4"), town.url("large.mp4"))
    with Watched(spec) as camera:
        wait_for(lambda: bool(camera.frames) and not camera.frames[-1].detail.exact)
        camera.live(12)
        found = [settled_number(frame) for frame in camera.frames[-6:]]
        assert sum(number is not None for number in found) >= 5


def test_a_large_stream_that_fails_does_not_disturb_the_small_one(town: TownRtsp, proxy: FaultProxy) -> None:
    """It freezes: frames go on with the small picture, the problem is said, and later it is used again."""
    with Watched(spec_of(town.url("small.mp4"), proxy.url("large.mp4"))) as camera:
        wait_for(lambda: bool(camera.frames) and not camera.frames[-1].detail.exact)
        proxy.freeze()
        wait_for(lambda: camera.frames[-1].detail.exact)
        wait_for(lambda: (camera.health.error or "").startswith("main stream:"))
        assert camera.state is CameraState.LIVE
        assert camera.frames[-1].detail.size == (640, 360)
        assert not any(frame.cut for frame in camera.frames[1:])
        assert camera.health.reconnects == 0
        proxy.thaw()
        wait_for(lambda: not camera.frames[-1].detail.exact)
        assert camera.health.error is None


def test_a_large_stream_that_was_never_there_is_said(town: TownRtsp, proxy: FaultProxy) -> None:
    """Detection works without it."""
    proxy.down()
    with Watched(spec_of(town.url("small.mp4"), proxy.url("large.mp4"))) as camera:
        camera.live(10)
        assert camera.state is CameraState.LIVE
        assert "nothing listens" in (camera.health.error or "")


def test_a_wrong_password_is_not_tried_on_the_large_stream_too(proxy: FaultProxy) -> None:
    """Two tries for one mistake: cameras lock accounts."""
    proxy.password("viewer", "right")
    login = f"rtsp://viewer:wrong@127.0.0.1:{proxy.port}"
    with Watched(spec_of(f"{login}/small.mp4", f"{login}/large.mp4")) as camera:
        camera.until(CameraState.REFUSED)
        time.sleep(1)
        assert proxy.accepted == 1


def test_zones_are_filled_in_the_large_picture(town: TownRtsp) -> None:
    """In a crop of the large stream as in the small picture."""
    zone = Zone(((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
    with Watched(spec_of(town.url("small.mp4"), town.url("large.mp4"), [zone])) as camera:
        wait_for(lambda: bool(camera.frames) and not camera.frames[-1].detail.exact)
        camera.live(3)
        detail = camera.frames[-1].detail.settled()
        assert detail.size == (1280, 720)
        assert (detail.crop(0, 0, 640, 720) == FILL).all()
        assert not (detail.crop(660, 0, 1280, 720) == FILL).all(-1).any()


# ----- what is kept and what is decoded


@pytest.fixture(scope="module")
def long_group(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 pictures after one keyframe."""
    folder = tmp_path_factory.mktemp("long")
    path = folder / "long.h264"
    with av.open(str(write_moving_clip(folder / "a.mp4", (320, 240), seconds=8, fps=25))) as source:
        pictures = [frame.to_ndarray(format="bgr24") for frame in source.decode(video=0)]
    return write_pictures(path, pictures, fps=25, options={"g": "1000", "keyint_min": "1000"})


def filled_with(feed: Joined, limits: Limits | None = None) -> MainStream:
    main = MainStream(WallClock(0.0, 1e9), lambda: 1e9, limits or Limits())
    for arrival in feed.arrivals():
        main.take(feed, arrival)
    return main


def shown(main: MainStream, offset_s: float) -> int | None:
    detail = main.picture(offset_s)
    if detail is None:
        return None
    assert isinstance(detail, FilmDetail)
    return frame_number(detail.crop(0, 0, 320, 240))


def test_the_nearest_picture_is_found_and_gone_on_from(long_group: Path) -> None:
    """Question after question, each a little later: to the picture."""
    main = filled_with(Joined([long_group], fps=25))
    assert [shown(main, second) for second in (0.0, 0.4, 0.42, 1.0, 2.0)] == [0, 10, 10, 25, 50]


def test_a_question_that_goes_back_is_answered_too(long_group: Path) -> None:
    """Frames of a moment ago, after newer ones."""
    main = filled_with(Joined([long_group], fps=25))
    assert [shown(main, second) for second in (1.6, 0.4, 1.6)] == [40, 10, 40]


def test_no_question_decodes_more_than_it_may(long_group: Path) -> None:
    """Far from the keyframe the small picture stands in, and the next question finds the way half gone."""
    main = filled_with(Joined([long_group], fps=25))
    assert shown(main, 6.0) is None
    assert main._work._next == MOST_PICTURES
    assert shown(main, 6.0) is None
    assert shown(main, 6.0) == 150


def test_of_large_pictures_fewer_are_decoded_for_one_question(long_group: Path) -> None:
    """A quarter of a second of work whatever the size: 4K counts four times."""
    feed = Joined([long_group], fps=25)
    feed.context.width, feed.context.height = 3840, 2160
    main = MainStream(WallClock(0.0, 1e9), lambda: 1e9, Limits())
    main.take(feed, next(feed.arrivals()))
    assert main._groups[0].most == MOST_PICTURES // 4


def test_a_moment_without_a_picture_has_none(long_group: Path) -> None:
    """Before the first, and long after the last."""
    main = filled_with(Joined([long_group], fps=25))
    assert main.picture(-1.0) is None
    for _ in range(4):
        assert main.picture(9.0) is None


def test_what_is_kept_is_bounded() -> None:
    """A stream without keyframes, or of huge pictures, keeps no more than its share."""
    feed = Joined([], fps=25)
    main = MainStream(WallClock(0.0, 1e9), lambda: 1e9, Limits())
    for arrival in huge(400):
        main.take(feed, arrival)
        assert sum(group.size for group in main._groups) <= MOST_BYTES
    assert sum(len(group.kept) for group in main._groups) > 5


def test_old_groups_are_forgotten(tmp_path: Path) -> None:
    """Nobody asks about what was two seconds ago."""
    clip = write_pictures(tmp_path / "clip.h264", [plain((v, v, v), (64, 48)) for v in range(0, 250, 2)], fps=5)
    main = filled_with(Joined([clip], fps=5))
    assert len(main._groups) <= 4


def test_damaged_pictures_are_no_shots(long_group: Path) -> None:
    """A picture was lost on the way: until the next keyframe the small one stands in."""
    main = filled_with(Joined([long_group], fps=25, lose=(20,)))
    assert shown(main, 0.4) == 10
    assert shown(main, 1.2) is None


def test_a_large_stream_past_the_limit_is_refused(town: TownRtsp) -> None:
    """And said to be; the small one goes on."""
    with Watched(
        spec_of(town.url("small.mp4"), town.url("large.mp4")), limits=Limits(max_video_pixels=640 * 360)
    ) as camera:
        camera.live(8)
        wait_for(lambda: "past the limit" in (camera.health.error or ""))
        assert camera.state is CameraState.LIVE


def test_where_the_small_picture_stands_in_its_size_is_said(long_group: Path) -> None:
    """A face is not larger for having been enlarged: `settled` says the true size, `crop` fits what was promised."""
    main = MainStream(WallClock(0.0, 1e9), lambda: 1e9, Limits())
    own = StillDetail(plain((10, 20, 200), (100, 50)))
    detail = MainDetail(main, (400, 200), 0.0, own)
    assert detail.settled() is own
    assert detail.crop(100, 100, 180, 160).shape == (60, 80, 3)


def huge(count: int) -> Iterator[Arrival]:
    for number in range(count):
        yield Arrival(packet_of(bytes(300_000), number % 100 == 0, number, 25), number / 25, number == 0)


# ----- shots


@dataclass(frozen=True)
class Later:
    """The scene as another stream shows it: a tenth of a second later."""

    pixels: Pixels
    exact: bool = False

    @property
    def size(self) -> tuple[int, int]:
        return self.pixels.shape[1], self.pixels.shape[0]

    def settled(self) -> Later:
        return self

    def crop(self, left: int, top: int, right: int, bottom: int) -> Pixels:
        return self.pixels[top:bottom, left:right].copy()


@pytest.fixture(scope="module")
def engine() -> FaceEngine:
    return load_engine()


def pictures_of(*actors: Actor) -> list[Pixels]:
    """One second at 10 pictures a second, 1280x720."""
    scene = Scene(Setting.LOBBY, 3, actors, seconds=1.0, fps=10)
    return [pixels for pixels, _ in film(scene, dress([scene]))]


def walker(person: str, x: float, to: float, face: float = 110.0) -> Actor:
    return Actor(PersonId(person), (Step(0, x, 300, face), Step(1, to, 300, face)), ("calm",))


def frame_of(pixels: Pixels, detail: StillDetail | Later) -> Frame:
    small = np.asarray(cv2.resize(pixels, (640, 360), interpolation=cv2.INTER_AREA), np.uint8)
    return Frame(CameraId("c"), 0, datetime(2026, 5, 4, tzinfo=UTC), 0.0, small, detail)


def test_a_face_that_moved_between_the_streams_is_cut_with_its_own_landmarks(engine: FaceEngine) -> None:
    """The shot is as good as from the very picture: the same person, and as sharp."""
    pictures = pictures_of(walker("P003", 400, 900))
    for now, later in ((2, 3), (5, 6)):
        exact = frame_of(pictures[now], StillDetail(pictures[now]))
        (face,) = engine.detector.detect(exact.pixels, 0.5)
        other = frame_of(pictures[now], Later(pictures[later]))
        one, two = cut_shot(face, exact, engine), cut_shot(face, other, engine)
        assert one is not None
        assert two is not None
        with engine.embedder.embed(one[0]) as template, engine.embedder.embed(two[0]) as again:
            assert agreement(template, again) > 0.75
        assert two[1].usable


def test_with_the_landmarks_of_the_other_stream_it_would_not_do(engine: FaceEngine) -> None:
    """Planted: what happens when one takes the landmarks as they are."""
    pictures = pictures_of(walker("P003", 400, 900))
    exact = frame_of(pictures[2], StillDetail(pictures[2]))
    (face,) = engine.detector.detect(exact.pixels, 0.5)
    wrong = frame_of(pictures[2], StillDetail(pictures[3]))
    one, two = cut_shot(face, exact, engine), cut_shot(face, wrong, engine)
    assert one is not None
    assert two is not None
    with engine.embedder.embed(one[0]) as template, engine.embedder.embed(two[0]) as shifted:
        assert agreement(template, shifted) < 0.6


def test_a_face_that_is_gone_in_the_large_picture_is_no_shot(engine: FaceEngine) -> None:
    """Somebody else, or nobody, stands there by then."""
    pictures = pictures_of(walker("P003", 400, 900))
    exact = frame_of(pictures[2], StillDetail(pictures[2]))
    (face,) = engine.detector.detect(exact.pixels, 0.5)
    assert cut_shot(face, frame_of(pictures[2], Later(pictures[9])), engine) is None


def test_of_two_faces_side_by_side_neither_is_taken(engine: FaceEngine) -> None:
    """It is not certain which one is meant."""
    pictures = pictures_of(walker("P003", 500, 510), walker("P005", 630, 640))
    detail = Later(pictures[5])
    faces = engine.detector.detect(pictures[5], 0.5)
    assert len(faces) == 2
    for face in faces:
        assert find_again(detail, face.box, engine.detector) is None
    alone = max(faces, key=lambda face: face.box.x)
    covered = pictures[5].copy()
    cv2.rectangle(covered, (0, 0), (int(alone.box.x) - 8, 719), (70, 70, 70), -1)
    assert find_again(Later(covered), alone.box, engine.detector) is not None


def test_a_box_outside_the_picture_finds_nothing(engine: FaceEngine) -> None:
    """The large stream may show less than the small one."""
    assert find_again(Later(plain((9, 9, 9))), Box(900, 900, 40, 50), engine.detector) is None
