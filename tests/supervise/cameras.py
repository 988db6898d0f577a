"""Frames, cameras and engines without any picture of anybody: what the tests of workers are made of."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np

from beholden.faces.engine import FaceEngine
from beholden.faces.quality import QualityGates
from beholden.model.box import Box
from beholden.model.camera import Camera, CameraSpec, CameraState
from beholden.model.face import Face
from beholden.model.frame import CoveredFrame, Frame
from beholden.model.gallery import Gallery
from beholden.model.grant import Capture, Place, Viewpoint
from beholden.model.ids import CameraId, Epoch, ModelDigest, PlaceId, SightingId, TrackId, sighting_id
from beholden.model.match import Known, Match
from beholden.video.picture import StillDetail

START = datetime(2026, 5, 4, 8, tzinfo=UTC)
SIZE = (64, 36)
FACE = Box(20.0, 8.0, 16.0, 18.0)
"""Where the fake detector sees a face in a picture that is not black."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A frame and when it arrived."""

    frame: Frame
    arrived_s: float
    late: bool = False


def frame(
    index: int,
    *,
    camera: str = "cam",
    arrived_s: float | None = None,
    offset_s: float | None = None,
    cut: bool = False,
    grey: int | None = None,
) -> Arrived:
    """A plain picture, five a second; each is of another grey, so that something moves whatever was dropped."""
    offset_s = index / 5 if offset_s is None else offset_s
    pixels = np.full((SIZE[1], SIZE[0], 3), 60 + 37 * index % 97 if grey is None else grey, np.uint8)
    pixels.flags.writeable = False
    captured = START + timedelta(seconds=offset_s)
    made = Frame(CameraId(camera), index, captured, offset_s, pixels, StillDetail(pixels), cut)
    return Arrived(made, offset_s if arrived_s is None else arrived_s)


def spec(name: str, *, record: bool = False, paused: bool = False, address: str = "rtsp://10.0.0.9/") -> CameraSpec:
    return CameraSpec(Camera(CameraId(name), PlaceId("lobby"), START, paused, record), address)


def viewpoint(camera: Camera) -> Viewpoint:
    return Viewpoint(camera.id, Place(camera.place, capture=Capture.LANE))


class FakeDetector:
    """Sees one face at `FACE` in everything that is not black; `work` is called each time and may fail or take long."""

    def __init__(self, work: Callable[[np.ndarray], object] = lambda _: None) -> None:
        self.work = work

    def detect(self, pixels: np.ndarray, threshold: float, border: int = 0) -> list[Face]:
        self.work(pixels)
        if not pixels.any():
            return []
        landmarks = np.array([[24, 14], [32, 14], [28, 18], [25, 22], [31, 22]], np.float32)
        return [Face(FACE, landmarks, 0.9)]


class FakeEmbedder:
    """A recogniser that is never asked: the fake face is too small. Counts how often it was flushed."""

    model = ModelDigest("m" * 64)

    def __init__(self) -> None:
        self.flushed = 0

    def flush(self) -> None:
        self.flushed += 1


def fake_engine(work: Callable[[np.ndarray], object] = lambda _: None) -> FaceEngine:
    engine: Any = SimpleNamespace(
        detector=FakeDetector(work),
        embedder=FakeEmbedder(),
        calibration=None,
        rule=None,
        gates=QualityGates(),
        cover_score=0.3,
    )
    return engine


class NobodyGate:
    """A registry with nobody in it."""

    def revision(self) -> int:
        return 1

    def gallery(self, viewpoint: Viewpoint, moment: datetime, model: ModelDigest) -> Gallery:
        return Gallery((), (), np.zeros((0, 128), np.float32), model, 1)


@dataclass
class Endings:
    """A log that keeps what ended."""

    endings: list[tuple[CameraId, Match]] = field(default_factory=list)

    def named(
        self, viewpoint: Viewpoint, epoch: Epoch, track: TrackId, match: Known, moment: datetime
    ) -> SightingId | None:
        return sighting_id(viewpoint.camera, epoch, track, match.subject)

    def ended(self, viewpoint: Viewpoint, track: TrackId, match: Match, moment: datetime, seconds: float) -> object:
        self.endings.append((viewpoint.camera, match))
        return None


class FakeLink:
    """The way to a keeper that is not there."""

    def __init__(self, gate: object | None = None, settle: object | None = None) -> None:
        self.the_gate: Any = gate or NobodyGate()
        self.the_settle: Any = settle or Endings()
        self.closed = False

    def gate(self) -> Any:
        return self.the_gate

    def settle(self) -> Any:
        return self.the_settle

    def close(self) -> None:
        self.closed = True


@dataclass(frozen=True, slots=True)
class FakeHealth:
    state: CameraState
    read: int
    reconnects: int = 0
    error: str | None = None


class FakeCamera:
    """A live camera that shows `frames` every `every_s` seconds, over and over, until told otherwise.

    `hang` makes it come no further, deaf to its stop; `mute` makes it show nothing and stay well.
    """

    def __init__(self, camera: CameraSpec, every_s: float = 0.02, frames: Sequence[Frame] | None = None) -> None:
        self.spec, self.every_s, self._frames = camera, every_s, frames
        self.last_progress = time.monotonic()
        self.hang, self.mute = threading.Event(), threading.Event()
        self.ended, self.hanging = threading.Event(), threading.Event()
        self.released = threading.Event()
        self.read = 0
        self.told: list[tuple[float, bool]] = []

    def health(self) -> FakeHealth:
        return FakeHealth(CameraState.LIVE, self.read)

    def looked(self, offset_s: float, *, still: bool) -> None:
        self.told.append((offset_s, still))

    def run(self, deliver: Callable[[Any], None], stop: threading.Event) -> None:
        while not stop.wait(self.every_s):
            if self.hang.is_set():
                self.hanging.set()
                self.released.wait(60)
            self.last_progress = time.monotonic()
            if not self.mute.is_set():
                deliver(self._next())
                self.read += 1
        self.ended.set()

    def _next(self) -> Arrived:
        if self._frames is None:
            return frame(self.read, camera=self.spec.camera.id, arrived_s=time.monotonic())
        if self.read >= len(self._frames) - 1:
            self.mute.set()
        return Arrived(self._frames[self.read], time.monotonic())


@dataclass
class Tapes:
    """Recordings in memory, by camera."""

    written: dict[str, list[tuple[CoveredFrame, datetime]]] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    work: Callable[[], object] = lambda: None

    def __call__(self, camera: CameraSpec) -> Any:
        tapes, name = self, camera.camera.id

        class Tape:
            def write(self, covered: CoveredFrame, captured_at: datetime) -> None:
                tapes.work()
                tapes.written.setdefault(name, []).append((covered, captured_at))

            def close(self) -> None:
                tapes.closed.append(name)

        return Tape()


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for something to be so; how long is for a slow machine, and says nothing about speed."""
    ends = time.monotonic() + seconds
    while not true():
        if time.monotonic() > ends:
            raise AssertionError("it never came about")
        time.sleep(0.01)
