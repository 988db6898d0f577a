"""A worker: a child process with several cameras, no database and no key. It covers, and asks the keeper for names.

Threads: a reader per camera, one that looks at pictures (`inference`), one that writes recordings, one
that writes reports, one that hears from the supervisor; the main thread looks after them. Everything
that a worker is made of is handed in (`WorkerParts`): wiring builds it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from beholden.faces.engine import FaceEngine
from beholden.model.camera import Camera, CameraHealth, CameraSpec, CameraState
from beholden.model.errors import BeholdenError
from beholden.model.grant import Viewpoint
from beholden.model.ids import CameraId, new_epoch
from beholden.pipeline.live import LiveRun
from beholden.pipeline.ports import Gate, LiveSource, Settle, TrackDecision
from beholden.supervise.workers.health import in_words
from beholden.supervise.workers.inference import Inference
from beholden.supervise.workers.outbox import Outbox
from beholden.supervise.workers.recording import Open, Recordings
from beholden.supervise.workers.reports import LONGEST, Health, Problem, read_cameras, told, write_report
from beholden.supervise.workers.slots import LatestFrame
from beholden.supervise.workers.watched import Watched

FAILED = 1
UNREADABLE = 65
"""Exit code: what came from the supervisor is no list of cameras."""
STUCK = 70
"""Exit code: a camera's decoder hangs, and only the end of its process ends it. A `Problem` names the camera."""


class Link(Protocol):
    """The way to the keeper (`supervise.keeper.link`). Made at once, whether the keeper answers or not."""

    def gate(self) -> Gate: ...

    def settle(self) -> Settle: ...

    def close(self) -> object: ...


@dataclass(frozen=True, slots=True)
class WorkerParts:
    """What a worker is made of. `engine`, `link` and `recording` are called on the threads that use them.

    `source` and `viewpoint` may raise BeholdenError: that camera is refused, the others run. `tidy`
    gives memory that nobody uses back to the system; it is called now and then and must be quick.
    """

    engine: Callable[[], FaceEngine]
    link: Callable[[], Link]
    source: Callable[[CameraSpec], LiveSource]
    viewpoint: Callable[[Camera], Viewpoint]
    recording: Open
    tidy: Callable[[], object] = lambda: None


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """`rate` analysed frames a second; `stuck_s` without progress a decoder hangs (each step of a
    source has a timeout of its own); `report_s` between two reports, `tidy_s` between two tidyings."""

    rate: float = 5.0
    stuck_s: float = 30.0
    report_s: float = 1.0
    tidy_s: float = 10.0
    tick_s: float = 0.1


def run_worker(
    parts: WorkerParts,
    stdin: BinaryIO,
    stdout: BinaryIO,
    stopping: Callable[[], bool],
    options: WorkerOptions | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Run the cameras that `stdin` names until it ends, `stopping` says so, or it cannot go on; the exit code.

    Each line of `stdin` is the whole list (`reports.write_cameras`), each of `stdout` a report. Threads
    that hang in a decoder are left behind: the caller ends the process with `os._exit`. `clock` is
    the one that frames are stamped with.
    """
    worker = _Worker(parts, stdin, stdout, options or WorkerOptions(), clock)
    worker.start()
    try:
        return worker.run(stopping)
    finally:
        worker.end()


def _thread(name: str, work: Callable[[], None]) -> threading.Thread:
    return threading.Thread(target=work, name=name, daemon=True)


class _Worker:
    def __init__(
        self,
        parts: WorkerParts,
        stdin: BinaryIO,
        stdout: BinaryIO,
        options: WorkerOptions,
        clock: Callable[[], float],
    ) -> None:
        self._parts, self._stdin, self._options, self._clock = parts, stdin, options, clock
        self._arrived = threading.Condition()
        self._inference = Inference(self._arrived, self._make_run, self._decided, clock)
        self._recordings = Recordings(parts.recording, clock)
        self._outbox = Outbox(stdout)
        self._watched: dict[CameraId, Watched] = {}
        self._stopped: list[Watched] = []
        self._refused: dict[CameraId, tuple[CameraSpec, str]] = {}
        self._news = threading.Condition()
        self._wanted: tuple[CameraSpec, ...] | None = None
        self._code: int | None = None
        self._engine: FaceEngine | None = None
        self._link: Link | None = None
        self._reported_s = self._tidied_s = float("-inf")
        self._looking = _thread("look", self._look)
        self._writing = _thread("write", self._recordings.run)
        self._telling = _thread("tell", self._outbox.run)
        self._hearing = _thread("hear", self._hear)

    def start(self) -> None:
        for thread in (self._telling, self._writing, self._looking, self._hearing):
            thread.start()

    def run(self, stopping: Callable[[], bool]) -> int:
        while not stopping():
            with self._news:
                if self._wanted is None and self._code is None:
                    self._news.wait(self._options.tick_s)
                wanted, self._wanted = self._wanted, None
            if self._code is not None:
                return self._code
            if wanted is not None:
                self._want(wanted)
            self._look_after()
            if self._outbox.broken:
                return FAILED
        return 0

    def end(self) -> None:
        """Stop in order, within about two seconds: runs are left and wiped, recordings closed, reports written."""
        for watched in self._watched.values():
            watched.stop()
        self._inference.stop()
        self._looking.join(1.0)
        self._recordings.stop()
        self._writing.join(0.7)
        until_s = time.monotonic() + 0.2
        for watched in (*self._watched.values(), *self._stopped):
            watched.join(max(0.0, until_s - time.monotonic()))
        self._outbox.stop()
        self._telling.join(0.5)

    # What the main thread does.

    def _want(self, specs: Sequence[CameraSpec]) -> None:
        """Run these cameras and no others. One whose words changed is begun anew."""
        wanted = {spec.camera.id: spec for spec in specs if not spec.camera.paused}
        self._refused = {camera: held for camera, held in self._refused.items() if wanted.get(camera) == held[0]}
        for camera, watched in list(self._watched.items()):
            if wanted.get(camera) != watched.spec:
                self._end_camera(watched)
        for camera, spec in wanted.items():
            if camera not in self._watched and camera not in self._refused:
                self._begin_camera(spec)

    def _begin_camera(self, spec: CameraSpec) -> None:
        try:
            viewpoint, source = self._parts.viewpoint(spec.camera), self._parts.source(spec)
        except (BeholdenError, ValueError) as error:
            self._refused[spec.camera.id] = (spec, in_words(error))
            return
        tape = self._recordings.begin(spec) if spec.camera.record else None
        period_s = 1.0 / self._options.rate
        watched = Watched(spec, viewpoint, source, LatestFrame(self._arrived), tape, period_s, self._clock)
        self._watched[spec.camera.id] = watched
        self._inference.add(watched)
        watched.start()

    def _end_camera(self, watched: Watched) -> None:
        del self._watched[watched.spec.camera.id]
        self._stopped.append(watched)
        watched.stop()
        self._inference.remove(watched.spec.camera.id)

    def _look_after(self) -> None:
        """Report once a second; end when a decoder hangs; begin anew what ended by itself; give memory back."""
        now_s = self._clock()
        if now_s - self._tidied_s >= self._options.tidy_s:
            self._tidied_s = now_s
            self._parts.tidy()
        self._stopped = [watched for watched in self._stopped if watched.reading]
        for watched in (*self._watched.values(), *self._stopped):
            if watched.stuck(self._options.stuck_s):
                seconds = f"{self._options.stuck_s:.0f}"
                self._end_with(STUCK, f"its decoder hung for {seconds} s", watched.spec.camera.id)
        if now_s - self._reported_s < self._options.report_s:
            return
        self._reported_s = now_s
        for watched in list(self._watched.values()):
            if not watched.reading:
                self._end_camera(watched)
                self._begin_camera(watched.spec)
        self._outbox.put(write_report(Health(tuple(self._health()))))

    def _health(self) -> list[CameraHealth]:
        known = [watched.health() for watched in self._watched.values()]
        refused = [
            CameraHealth(camera, CameraState.REFUSED, error=words) for camera, (_, words) in self._refused.items()
        ]
        return known + refused

    # What other threads do.

    def _hear(self) -> None:
        """Lists of cameras, until the supervisor is gone."""
        with contextlib.suppress(OSError, ValueError), self._stdin:
            while line := self._stdin.readline(LONGEST):
                specs = read_cameras(line) if line.endswith(b"\n") else None
                if specs is None:
                    self._end_with(UNREADABLE, "what the supervisor sent is no list of cameras", None)
                    return
                with self._news:
                    self._wanted = specs
                    self._news.notify()
        self._end_with(0, None, None)

    def _look(self) -> None:
        """Load the models, then look at pictures."""
        try:
            self._engine = self._parts.engine()
            self._link = self._parts.link()
            self._inference.run()
        except BeholdenError as error:
            self._end_with(error.exit_code, error.one_line(), None)
        except Exception as error:  # noqa: BLE001 - nobody else would notice that no picture is looked at any more
            self._end_with(FAILED, in_words(error), None)
        finally:
            if self._link is not None:
                self._link.close()

    def _make_run(self, watched: Watched) -> LiveRun:
        if self._engine is None or self._link is None:
            raise ValueError("pictures are looked at before the models are loaded")
        link = self._link
        return LiveRun(
            self._engine, watched.viewpoint, new_epoch(), link.gate(), link.settle(), watched.tape, self._clock
        )

    def _decided(self, decisions: Sequence[TrackDecision]) -> None:
        for decision in decisions:
            self._outbox.put(write_report(told(decision, self._clock())))

    def _end_with(self, code: int, words: str | None, camera: CameraId | None) -> None:
        """End with this code; the first reason counts."""
        with self._news:
            if self._code is not None:
                return
            self._code = code
            self._news.notify()
        if words is not None:
            self._outbox.put(write_report(Problem(words, camera)))
