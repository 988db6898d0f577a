"""`beholden bench`: a worker's parts around a gallery of nobody, measured without and with recording.

The gallery is drawn at random in memory, so that faces are embedded and compared as in use, and belongs to nobody. No
data folder is made; recordings go to a temporary folder, which is removed.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from beholden.consent.view import View, gallery_of
from beholden.faces.align import SIDE
from beholden.faces.decide import decide
from beholden.faces.engine import FaceEngine
from beholden.faces.shots import Shot
from beholden.model.camera import Camera, CameraSpec
from beholden.model.errors import BeholdenError, MissingInput, SourceLost
from beholden.model.gallery import Gallery
from beholden.model.grant import Capture, Place, Viewpoint
from beholden.model.ids import CameraId, GrantId, ModelDigest, PlaceId, SubjectId
from beholden.pipeline.ports import Recording
from beholden.scale.measured import Bench, Machine, Period
from beholden.settings import Settings
from beholden.supervise.workers.bench import BenchParts, BenchTimes, WorkerBench
from beholden.supervise.workers.spent import processor, usable_cores, usable_memory_mb
from beholden.video.camera.address import AddressRules, parse_address
from beholden.video.camera.live import LiveCamera, Resting
from beholden.video.recordings.fragments import TimelineWriter
from beholden.wiring.cameras import live_options
from beholden.wiring.engine import load_faces, recogniser_in_use
from beholden.wiring.memory import give_memory_back

RULES = AddressRules(loopback=True, webcams=True, files=True)
"""What may be opened where somebody types an address for themselves, and nothing is kept."""
_PLACE = Place(PlaceId("bench"), capture=Capture.LANE)
_SEARCHES = 7
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class BenchWish:
    """What is to be measured: cameras with what may be opened of them, how long, whether recorded, among how many.

    `version` is Beholden's, for the result.
    """

    specs: tuple[CameraSpec, ...]
    rules: AddressRules
    times: BenchTimes
    record: bool
    people: int
    version: str


def camera_at(number: int, address: str, main: str | None) -> CameraSpec:
    """A camera that is in no data folder. Raises AddressRefused, which quotes no address; MissingInput for no file."""
    for text in (address, main):
        where = None if text is None else parse_address(text, RULES)
        if where is not None and where.kind == "file" and not Path(where.path).is_file():
            raise MissingInput(f"{where}: no such file", advice="An address begins with rtsp:// or http://.")
    return CameraSpec(Camera(CameraId(f"camera-{number}"), _PLACE.id, datetime.now(UTC)), address, main)


def run_bench(wish: BenchWish, settings: Settings, data: Path | None, say: Say) -> Bench:
    """Measure the cameras; `data` is where added recognisers lie. Raises the first camera's error when none can be
    read, ModelError, LicenceRefused."""
    cv2.setNumThreads(1)
    engine = load_faces(settings, data)
    nobody = Nobody(engine.embedder.model, wish.people, recogniser_in_use(settings, data).dimensions)
    search_s = _warm(engine, nobody.drawn)
    times = replace(wish.times, rate=settings.recognition.rate)
    periods: list[Period] = []
    for record in (False, True) if wish.record else (False,):
        say(f"Measuring {'with' if record else 'without'} recording: {times.warm_up_s + times.seconds:.0f} s ...")
        with tempfile.TemporaryDirectory(prefix="beholden-bench-") as folder:
            parts = _parts(engine, nobody, wish, settings, Path(folder) if record else None)
            periods.append(
                WorkerBench(parts, times).run(wish.specs, lambda spec: shown_address(spec.address, wish.rules))
            )
        if not periods[-1].readable:
            raise _nothing_came(periods[-1])
    return Bench(
        version=wish.version,
        machine=Machine(usable_cores(), usable_memory_mb(), processor()),
        seconds=times.seconds,
        warm_up_s=times.warm_up_s,
        rate=times.rate,
        people=wish.people,
        template_bytes=nobody.drawn.vectors.shape[1] * nobody.drawn.vectors.itemsize,
        search_s=search_s,
        periods=tuple(periods),
    )


class Nobody:
    """A gate to people who do not exist: random directions, any of which may be recognised anywhere at any time."""

    def __init__(self, model: ModelDigest, people: int, dims: int) -> None:
        vectors = np.random.default_rng().standard_normal((people, dims), np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        view = View(
            subjects=tuple(SubjectId(f"s_{number:020x}") for number in range(people)),
            grants=tuple(GrantId(f"g_{number:020x}") for number in range(people)),
            rows=tuple(range(people)),
            model=model,
            naming=True,
            since=datetime.min.replace(tzinfo=UTC),
            until=datetime.max.replace(tzinfo=UTC),
            version=1,
            segment=0,
        )
        self.drawn = gallery_of(view, vectors)

    def revision(self) -> int:
        return 1

    def gallery(self, viewpoint: Viewpoint, moment: datetime, model: ModelDigest) -> Gallery:
        return self.drawn


def _parts(engine: FaceEngine, nobody: Nobody, wish: BenchWish, settings: Settings, folder: Path | None) -> BenchParts:
    def record(spec: CameraSpec) -> Recording:
        assert folder is not None
        codec, crf, rate = settings.recording.codec, settings.recording.crf, settings.recognition.rate
        return TimelineWriter(folder, spec.camera.id, codec=codec, crf=crf, rate=rate)

    def written(camera: CameraId) -> int:
        return 0 if folder is None else sum(path.stat().st_size for path in folder.glob(f"{camera}/**/*.*"))

    options = replace(live_options(settings), idle=Resting.NEVER)  # what a camera costs while something moves counts
    return BenchParts(
        engine=engine,
        gate=nobody,
        source=lambda spec: LiveCamera(spec, options, wish.rules),
        viewpoint=lambda spec: Viewpoint(spec.camera.id, _PLACE),
        recording=None if folder is None else record,
        written=written,
        tidy=give_memory_back,
    )


def _warm(engine: FaceEngine, drawn: Gallery) -> float:
    """One detection and one embedding, so that nothing is allocated for the first time while it is measured; then how
    long a comparison of one probe with everybody takes, seconds (median)."""
    engine.detector.detect(np.zeros((360, 640, 3), np.uint8), engine.cover_score)
    noise = np.random.default_rng().integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    with engine.embedder.embed(noise) as probe:
        shots = (Shot(probe, 1.0, 0.0),)
        took: list[float] = []
        for _ in range(_SEARCHES):
            began_s = time.thread_time()
            decide(probe, shots, drawn, engine.calibration, engine.rule)
            took.append(time.thread_time() - began_s)
    engine.embedder.flush()
    return float(np.median(took))


def shown_address(address: str, rules: AddressRules = RULES) -> str:
    """An address without login and path; nothing of one that is none."""
    try:
        return str(parse_address(address, rules))
    except BeholdenError:
        return "an address that is never opened"


def _nothing_came(period: Period) -> BeholdenError:
    words = "; ".join(f"{one.camera} ({one.address}): {one.problem or 'no picture came'}" for one in period.cameras)
    return SourceLost(
        f"no camera could be read. {words}", advice="Check addresses and passwords, and that the cameras are on."
    )
