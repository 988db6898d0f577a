"""A worker with twice the cameras that its core carries: who is looked at, how late is what is shown, what piles up.

The worker is the product's (`supervise.workers.worker`), from its pipe in to its pipe out, on one CPU: a
thread that reads each camera over RTSP through the relay, one that looks, one that writes covered
timelines. The cameras are sent by a process of its own, on the other CPUs where there are any. In the
place of the keeper stands a gallery of nobody: overload is about pictures, and names wait for them.

A picture counts as shown when the timeline's writer gets it. Its age is taken from the moment at which
the product says that it was captured. Bytes that the kernel holds for this process and nobody has
read yet are a queue, too: they are counted, and told as seconds of one camera's stream.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from beholden.faces.engine import load_engine
from beholden.model.camera import Camera, CameraHealth, CameraSpec
from beholden.model.frame import CoveredFrame
from beholden.model.grant import Capture, Place, Viewpoint
from beholden.model.ids import CameraId, PlaceId
from beholden.settings import Recording
from beholden.supervise.workers.counted import Counts, NothingKept
from beholden.supervise.workers.reports import Health, read_report, write_cameras
from beholden.supervise.workers.worker import WorkerOptions, WorkerParts, run_worker
from beholden.video.camera.address import AddressRules
from beholden.video.camera.live import LiveCamera, LiveOptions
from beholden.video.recordings.fragments import TimelineWriter
from beholden.wiring.bench import Nobody
from beholden.wiring.memory import give_memory_back
from benchmarks import ours, processes
from benchmarks.figures import Spread, thinned
from benchmarks.loops import GALLERY, RATE

SETTLES_S = 8.0
"""Connections, first tracks and first keyframes; never longer than what is measured."""
PATIENCE_S = 30.0
_SAMPLE_S = 0.25
_PLACE = Place(PlaceId("bench"), capture=Capture.LANE)
_RULES = AddressRules(loopback=True)


@dataclass(frozen=True, slots=True)
class Shown:
    """A covered picture on its way to the disk: when (seconds of the measurement), how old, how many covers."""

    at_s: float
    age_s: float
    covers: int


@dataclass(slots=True)
class Watching:
    """What is known of the worker while it runs. Written by its threads, each list by one."""

    began_s: float = 0.0
    shown: list[Shown] = field(default_factory=list)
    waiting: list[tuple[float, float]] = field(default_factory=list)
    health: dict[str, list[tuple[float, CameraHealth]]] = field(default_factory=dict)

    def now_s(self) -> float:
        return time.monotonic() - self.began_s


class _Timeline:
    """A camera's timeline that says what comes to it."""

    def __init__(self, writer: TimelineWriter, watching: Watching) -> None:
        self._writer, self._watching = writer, watching

    def write(self, covered: CoveredFrame, captured_at: datetime, /) -> None:
        age_s = (datetime.now(UTC) - captured_at).total_seconds()
        self._watching.shown.append(Shown(self._watching.now_s(), age_s, covered.covers))
        self._writer.write(covered, captured_at)

    def close(self) -> None:
        self._writer.close()


class _NobodyLink:
    """In the place of the way to the keeper."""

    def __init__(self, nobody: Nobody) -> None:
        self._nobody, self._settle = nobody, NothingKept(Counts())

    def gate(self) -> Nobody:
        return self._nobody

    def settle(self) -> NothingKept:
        return self._settle

    def close(self) -> None:
        pass


def watch(clip: Path, cameras: int, seconds: float, port: int) -> dict[str, object]:
    """`cameras` of the same clip over RTSP from a port of this machine, `seconds` after they have settled."""
    engine = load_engine()
    ours.warm(engine, clip)
    watching, stop, recording = Watching(time.monotonic()), threading.Event(), Recording()
    with tempfile.TemporaryDirectory() as folder:
        link = _NobodyLink(Nobody(engine.embedder.model, GALLERY, 128))
        parts = WorkerParts(
            engine=lambda: engine,
            link=lambda: link,
            source=lambda spec: LiveCamera(spec, LiveOptions(rate=RATE), _RULES),
            viewpoint=lambda camera: Viewpoint(camera.id, _PLACE),
            recording=lambda spec: _Timeline(
                TimelineWriter(Path(folder), spec.camera.id, codec=recording.codec, crf=recording.crf, rate=RATE),
                watching,
            ),
            tidy=give_memory_back,
        )
        address = f"rtsp://127.0.0.1:{port}/{clip.name}?play_count=0"
        specs = [
            CameraSpec(Camera(CameraId(f"c{number}"), _PLACE.id, datetime.now(UTC), record=True), address)
            for number in range(cameras)
        ]
        _run(parts, specs, watching, (stop, seconds))
    return _values(watching, seconds)


def _run(
    parts: WorkerParts, specs: Sequence[CameraSpec], watching: Watching, until: tuple[threading.Event, float]
) -> None:
    stop, seconds = until
    (hear_in, tell_in), (hear_out, tell_out) = os.pipe(), os.pipe()
    stdin, stdout = os.fdopen(hear_in, "rb"), os.fdopen(tell_out, "wb", buffering=0)

    def hear() -> None:
        with os.fdopen(hear_out, "rb") as lines:
            for line in lines:
                report = read_report(line)
                for one in report.cameras if isinstance(report, Health) else ():
                    watching.health.setdefault(str(one.camera), []).append((watching.now_s(), one))

    worker = threading.Thread(
        target=run_worker, args=(parts, stdin, stdout, stop.is_set, WorkerOptions(rate=RATE)), daemon=True
    )
    ears = threading.Thread(target=hear, daemon=True)
    for thread in (ears, worker):
        thread.start()
    os.write(tell_in, write_cameras(specs))
    _await_all(watching, len(specs))
    time.sleep(min(SETTLES_S, seconds))
    watching.began_s += watching.now_s()
    for earlier in (watching.shown, watching.waiting, *watching.health.values()):
        earlier.clear()
    while watching.now_s() < seconds:
        watching.waiting.append((watching.now_s(), processes.unread_bytes(os.getpid())))
        time.sleep(_SAMPLE_S)
    stop.set()
    worker.join(PATIENCE_S)
    with suppress(OSError):
        os.close(tell_in)
    stdout.close()
    ears.join(PATIENCE_S)


def _await_all(watching: Watching, cameras: int) -> None:
    """Until every camera was looked at, or patience is over: then the looks tell which ones were not."""
    ends_s = time.monotonic() + PATIENCE_S
    while sum(seen[-1][1].analysed > 0 for seen in list(watching.health.values()) if seen) < cameras:
        if time.monotonic() > ends_s:
            return
        time.sleep(_SAMPLE_S)


def _values(watching: Watching, seconds: float) -> dict[str, object]:
    """What the measurement came to, for `rows.overload_rows`."""
    shown = [one for one in watching.shown if 0 <= one.at_s <= seconds]
    looks, reads, dropped = [], [], 0
    for seen in filter(None, watching.health.values()):
        (first_s, first), (last_s, last) = seen[0], seen[-1]
        took_s = max(last_s - first_s, _SAMPLE_S)  # of a single report nothing can be told: no look
        looks.append((last.analysed - first.analysed) / took_s)
        reads.append((last.read - first.read) / took_s)
        dropped += last.dropped - first.dropped
    return {
        "looks_per_s": [round(rate, 3) for rate in sorted(looks)],
        "read_per_s": round(median(reads), 2) if reads else None,
        "dropped": dropped,
        "shown": len(shown),
        "covers": [one.covers for one in shown],
        "age_s": Spread.of([one.age_s for one in shown]).as_values(),
        "ages": [[round(at, 2), round(age, 3)] for at, age in thinned([(s.at_s, s.age_s) for s in shown], 600)],
        "waiting_bytes": [[round(at, 2), waiting] for at, waiting in watching.waiting],
        "problems": sorted({one.error for seen in watching.health.values() for _, one in seen if one.error}),
    }
