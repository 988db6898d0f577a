"""Cameras that rest, played without a clock: drawn scenes, and frames looked at as a worker looks at them."""

from __future__ import annotations

import random
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np

from beholden.model.camera import Zone
from beholden.model.frame import Frame, Pixels
from beholden.model.ids import CameraId
from beholden.pipeline.motion import MotionGate
from beholden.video.camera.feed import Arrival, Feed
from beholden.video.camera.frames import Frames, LiveOptions
from beholden.video.camera.idle import Resting
from beholden.video.camera.wall import WallClock
from beholden.video.camera.zones import Zones
from tests.live.clips import write_pictures
from tests.live.feeds import packet_of

FPS = 25
SIZE = (320, 240)


def backdrop(seed: int = 5) -> Pixels:
    """A scene with edges and texture, always the same."""
    rough = np.random.default_rng(seed).integers(40, 200, (SIZE[1] // 4, SIZE[0] // 4, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(rough, SIZE, interpolation=cv2.INTER_LINEAR), np.uint8)


@dataclass(frozen=True)
class Visit:
    """A square that is there from picture `first` until before `last`, and moves across by `step` pixels a picture."""

    first: int
    last: int
    side: int = 24
    step: int = 6


def scene(seconds: float, visits: Sequence[Visit] = (), fps: int = FPS) -> list[Pixels]:
    """The pictures of a still scene with visits."""
    still = backdrop()
    pictures: list[Pixels] = []
    for number in range(int(seconds * fps)):
        picture = still
        for visit in visits:
            if visit.first <= number < visit.last:
                picture = picture.copy()
                x = 10 + (number - visit.first) * visit.step % (SIZE[0] - visit.side - 10)
                picture[100 : 100 + visit.side, x : x + visit.side] = (30, 240, 250)
        pictures.append(picture)
    return pictures


def clip(path: Path, pictures: list[Pixels], group: int = FPS, fps: int = FPS, **options: str) -> Path:
    """The pictures as raw H.264 with a keyframe every `group` pictures."""
    usual = {"g": str(group), "keyint_min": str(group)}
    return write_pictures(path, pictures, fps=fps, options=usual | options)


def random_visits(seed: int, seconds: float) -> list[Visit]:
    """Some long, some of a fraction of a second, at any moment from the ninth second on."""
    chance = random.Random(seed)
    visits: list[Visit] = []
    at = 9 * FPS
    while at < (seconds - 4) * FPS:
        at += chance.randrange(6 * FPS, 11 * FPS)
        length = chance.choice((6, 8, 12, 20, 24, 60))
        visits.append(Visit(at, at + length, chance.choice((16, 24, 40)), chance.choice((3, 6, 11))))
        at += length
    return visits


@dataclass
class Watch:
    """What came of a feed: its frames, which of them were taken for movement, and how the camera rested."""

    frames: Frames
    shown: list[Frame] = field(default_factory=list[Frame])
    late: list[bool] = field(default_factory=list[bool])
    moved: list[bool] = field(default_factory=list[bool])
    resting: list[bool] = field(default_factory=list[bool])
    """After each packet."""
    kept: list[int] = field(default_factory=list[int])
    """Bytes that wait, after each packet."""

    @property
    def offsets(self) -> list[float]:
        return [round(frame.offset_s, 4) for frame in self.shown]

    @property
    def rested(self) -> bool:
        return any(self.resting)


def frames_of(when: Resting, rate: float | None = 5.0, zones: Sequence[Zone] = ()) -> Frames:
    options = LiveOptions(rate=rate, idle=when)
    return Frames(CameraId("c"), options, Zones(tuple(zones)), WallClock(0.0, 1e9), lambda: 1e9)


def watch(
    feed: Feed, when: Resting = Resting.CAREFUL, *, rate: float | None = 5.0, zones: Sequence[Zone] = (), lag: int = 0
) -> Watch:
    """Look at every frame with the detector's gate. `lag`: it is told of so many frames later."""
    watch = Watch(frames_of(when, rate, zones))
    gate = MotionGate()
    told: list[tuple[float, bool]] = []
    for arrival in feed.arrivals():
        for live in watch.frames.take(feed, arrival):
            frame = live.frame
            if frame.cut:
                gate = MotionGate()
            gate.changed(frame.pixels, frame.offset_s)
            watch.shown.append(frame)
            watch.late.append(live.late)
            watch.moved.append(gate.moved)
            told.append((frame.offset_s, not gate.moved))
            if len(told) > lag:
                offset_s, still = told.pop(0)
                watch.frames.looked(offset_s, still=still)
        group = watch.frames._idle._group
        watch.resting.append(group is not None)
        watch.kept.append(0 if group is None else group.size)
    return watch


def packets(path: Path) -> list[av.Packet[av.VideoStream]]:
    with av.open(str(path)) as container:
        return [packet for packet in container.demux(video=0) if packet.size]


class Told:
    """The packets of a raw file in decoding order, with the times that FFmpeg tells; some flagged as broken, the clock
    set ahead at one."""

    def __init__(self, path: Path, broken: Container[int] = (), jump: int | None = None, codec: str = "h264") -> None:
        self._path, self._broken, self._jump = path, broken, jump
        self.context = cast("av.VideoCodecContext", av.CodecContext.create(codec, "r"))

    def arrivals(self) -> Iterator[Arrival]:
        for number, found in enumerate(packets(self._path)):
            ahead = 1000 * FPS if self._jump is not None and number >= self._jump else 0
            packet = packet_of(bytes(found), found.is_keyframe, number + ahead, FPS)
            packet.is_corrupt = number in self._broken
            yield Arrival(packet, number / FPS, number == 0)

    def close(self) -> None:
        pass


def noisy(picture: Pixels, chance: np.random.Generator, deviation: float = 4.0) -> Pixels:
    """With noise of a sensor that is too much for its encoder."""
    spoiled = picture + chance.normal(0, deviation, picture.shape)
    return np.clip(spoiled, 0, 255).astype(np.uint8)
