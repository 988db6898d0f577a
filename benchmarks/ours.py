"""Our engine, run as `beholden watch` runs it: source, stages, and a covered file or a camera's covered timeline.

Five analysed pictures a second at 640x360, shots cut from the full picture, each track matched
against a gallery of the same size as the peers'. The gallery is handed over ready-made: what the
gate and the log cost per decision is not in these figures.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from beholden.faces.engine import FaceEngine, load_engine
from beholden.model.frame import CoveredFrame, Frame
from beholden.model.gallery import Gallery
from beholden.model.grant import Capture, Place, Viewpoint
from beholden.model.ids import (
    CameraId,
    Epoch,
    GrantId,
    ModelDigest,
    PlaceId,
    SightingId,
    SubjectId,
    TrackId,
    new_epoch,
    sighting_id,
)
from beholden.model.match import Known, Match
from beholden.pipeline.stages import CameraRun
from beholden.settings import Recording
from beholden.video.record import Recorder
from beholden.video.recordings.fragments import TimelineWriter
from beholden.video.source import Source, open_source
from benchmarks.loops import GALLERY, RATE, Clock, Spent, gallery

_START = datetime(2026, 5, 4, 12, tzinfo=UTC)
_PLACE = Place(PlaceId("bench"), capture=Capture.LANE)


class _Registry:
    """`GALLERY` people who may be seen anywhere."""

    def __init__(self, model: ModelDigest) -> None:
        vectors = gallery()
        vectors.flags.writeable = False
        subjects = tuple(SubjectId(f"s_{number:020x}") for number in range(GALLERY))
        grants = tuple(GrantId(f"g_{number:020x}") for number in range(GALLERY))
        self._gallery = Gallery(subjects, grants, vectors, model, revision=1)

    def revision(self) -> int:
        return 1

    def gallery(self, viewpoint: Viewpoint, moment: datetime, model: ModelDigest) -> Gallery:
        return self._gallery


class Ends:
    """Counts what the tracks came to."""

    def __init__(self) -> None:
        self.named_calls = self.tracks = 0

    def named(self, viewpoint: Viewpoint, epoch: Epoch, track: TrackId, match: Known, moment: datetime) -> SightingId:
        self.named_calls += 1
        return sighting_id(viewpoint.camera, epoch, track, match.subject)

    def ended(self, viewpoint: Viewpoint, track: TrackId, match: Match, moment: datetime, seconds: float) -> None:
        self.tracks += match.why.shots > 0


class Keeping(StrEnum):
    """What is kept: nothing, a covered file (`--save`), or a camera's timeline (`--record`), at the defaults."""

    NOTHING = "nothing"
    FILE = "file"
    TIMELINE = "timeline"


class _Kept:
    """Counts pictures and covers on their way to a recording."""

    def __init__(self, write: Callable[[CoveredFrame], object]) -> None:
        self._write = write
        self.covers = 0

    def __call__(self, covered: CoveredFrame) -> None:
        self.covers += covered.covers
        self._write(covered)


def _kept(keeping: Keeping, folder: Path, camera: int, stack: ExitStack) -> _Kept | None:
    """Where the covered pictures of a camera go; what is opened is closed with `stack`."""
    if keeping is Keeping.NOTHING:
        return None
    if keeping is Keeping.FILE:
        return _Kept(stack.enter_context(Recorder(folder / f"{camera}.mp4", rate=RATE)).write)
    recording = Recording()
    timeline = stack.enter_context(
        TimelineWriter(folder, CameraId(f"bench-{camera}"), codec=recording.codec, crf=recording.crf, rate=RATE)
    )
    return _Kept(lambda covered: timeline.write(covered, _START + timedelta(seconds=covered.offset_s)))


def warm(engine: FaceEngine, path: Path) -> None:
    """One detection and one embedding, so that nothing is allocated for the first time on the clock."""
    with open_source(path, camera=CameraId("warm"), started_at=_START) as source:
        frame = next(iter(source.frames()))
        engine.detector.detect(frame.pixels, engine.cover_score)
        engine.embedder.embed(frame.detail.crop(0, 0, 112, 112)).wipe()


def run_of(engine: FaceEngine, camera: int, ends: Ends, kept: _Kept | None) -> CameraRun:
    viewpoint = Viewpoint(CameraId(f"bench-{camera}"), _PLACE)
    return CameraRun(engine, viewpoint, new_epoch(), _Registry(engine.embedder.model), ends, kept)


def watch(path: Path, keeping: Keeping) -> dict[str, object]:
    """One camera from the first picture to the last; `faces` counts tracks that gave at least one usable shot."""
    engine = load_engine()
    warm(engine, path)
    ends = Ends()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        clock = Clock()
        source = open_source(path, camera=CameraId("bench-0"), started_at=_START)
        with source, ExitStack() as recording:
            kept = _kept(keeping, folder, 0, recording)
            for _ in run_of(engine, 0, ends, kept).watch(source.frames()):
                pass
            recording.close()
            spent = clock.spent(source.decoded, ends.tracks, ends.named_calls)
        return as_row(spent) | {"covers": kept.covers if kept else 0}


def memory(path: Path, cameras: int, pictures: int, keeping: Keeping) -> dict[str, object]:
    """`cameras` runs of one clip on one engine, picture by picture in turn: the most memory held, and their CPU."""
    engine = load_engine()
    warm(engine, path)
    before = _resident_mb()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ends = Ends()
        runs: list[tuple[Source, Iterator[Frame], CameraRun]] = []
        for camera in range(cameras):
            source = stack.enter_context(open_source(path, camera=CameraId(f"bench-{camera}"), started_at=_START))
            kept = _kept(keeping, folder, camera, stack)
            runs.append((source, source.frames(), run_of(engine, camera, ends, kept)))
        clock = Clock()
        highest = _interleave(runs, pictures)
        cpu_s = clock.spent(0, 0).cpu_s
    return {"cameras": cameras, "before_mb": before, "highest_mb": highest, "cpu_s": cpu_s}


def _interleave(runs: Sequence[tuple[Source, Iterator[Frame], CameraRun]], pictures: int) -> float:
    highest = 0.0
    for _ in range(pictures):
        for _, frames, run in runs:
            run.step(next(frames))
        highest = max(highest, _resident_mb())
    return highest


def _resident_mb() -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("/proc/self/status has no VmRSS")


def as_row(spent: Spent) -> dict[str, object]:
    """What a child process prints."""
    return {name: getattr(spent, name) for name in Spent.__slots__}
