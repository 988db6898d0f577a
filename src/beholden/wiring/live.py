"""Live cameras, put together: the keeper's process, a worker's process, the supervisor of both, and one look at one."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from beholden.acts.camera import camera_specs, cameras_revision
from beholden.faces.added import added_models, find_model
from beholden.faces.quality import QualityGates
from beholden.model.camera import Camera, CameraHealth, CameraSpec
from beholden.model.errors import BeholdenError, CameraRefused, KeeperSilent, SourceLost
from beholden.model.frame import CoveredFrame
from beholden.model.grant import Viewpoint
from beholden.model.ids import CameraId, ModelDigest
from beholden.pipeline.check import Check, CheckReport
from beholden.pipeline.ports import Recording
from beholden.settings import Settings, read_settings
from beholden.supervise.acting import Acting
from beholden.supervise.keeper import serve_forever
from beholden.supervise.link import KeeperLink
from beholden.supervise.parent import become_child, die_with_parent
from beholden.supervise.reports import Decision
from beholden.supervise.seats import SeatOptions
from beholden.supervise.supervisor import Supervisor, SupervisorOptions
from beholden.supervise.worker import WorkerOptions, WorkerParts, run_worker
from beholden.video.address import AddressRules
from beholden.video.fragments import TimelineWriter
from beholden.video.live import LiveCamera, LiveFrame, LiveOptions
from beholden.video.quota import Quota, Sweeper
from beholden.wiring import MODELS, input_limits, load_covering, load_faces, now, office_opener, open_acting

RECORDINGS = "recordings"
"""The covered timelines, inside the data folder."""
SWEEP_S = 60.0
_CONNECT_S = 15.0


def recordings_folder(data: Path) -> Path:
    """Where the timelines of all cameras lie."""
    return data / RECORDINGS


def address_rules(settings: Settings, *, rehearsal: bool) -> AddressRules:
    """What may be opened: a rehearsal plays files and streams of this machine and nothing else."""
    return AddressRules(
        loopback=rehearsal or settings.cameras.loopback, loopback_only=rehearsal, webcams=not rehearsal, files=rehearsal
    )


def live_options(settings: Settings) -> LiveOptions:
    """How live cameras are looked at."""
    recognition = settings.recognition
    return LiveOptions(
        (recognition.analysis_width, recognition.analysis_height), recognition.rate, input_limits(settings)
    )


def model_in_use(settings: Settings, data: Path) -> ModelDigest:
    """Whose templates the galleries hold. Raises ModelError, LicenceRefused."""
    added = added_models(data / MODELS)
    return find_model(
        settings.models.recogniser, added, accept_non_commercial=settings.models.accept_non_commercial
    ).digest


def run_keeper(data: Path) -> int:
    """The keeper's process: keeps the folder as soon as nobody else does, until its parent ends or SIGTERM."""
    settings = read_settings(data)
    stop = threading.Event()
    _stop_with_parent(stop)
    serve_forever(data, office_opener(data, settings), stop)
    return 0


def _stop_with_parent(stop: threading.Event) -> None:
    """Set `stop` when standard input ends, which is when the parent does."""
    die_with_parent()

    def hear() -> None:
        while os.read(0, 1024):
            pass
        stop.set()

    threading.Thread(target=hear, name="parent", daemon=True).start()


def run_worker_process(data: Path, *, rehearsal: bool) -> int:
    """A worker's process: the cameras that its standard input names. Ends the process itself: a decoder may hang."""
    pipe_in, pipe_out, stopping = become_child()
    settings = read_settings(data)
    parts = _worker_parts(data, settings, rehearsal=rehearsal)
    code = run_worker(parts, pipe_in, pipe_out, stopping, WorkerOptions(rate=settings.recognition.rate))
    sys.stderr.flush()
    os._exit(code)


def _worker_parts(data: Path, settings: Settings, *, rehearsal: bool) -> WorkerParts:
    rules, options = address_rules(settings, rehearsal=rehearsal), live_options(settings)
    model = model_in_use(settings, data)

    def recording(spec: CameraSpec) -> Recording | None:
        return TimelineWriter(
            recordings_folder(data),
            spec.camera.id,
            codec=settings.recording.codec,
            crf=settings.recording.crf,
            rate=settings.recognition.rate,
            stamp="REHEARSAL" if rehearsal else None,
        )

    def viewpoint(camera: Camera) -> Viewpoint:
        return Viewpoint(camera.id, settings.place(camera.place))

    return WorkerParts(
        engine=lambda: load_faces(settings, data),
        link=lambda: KeeperLink(data, model, now),
        source=lambda spec: LiveCamera(spec, options, rules),
        viewpoint=viewpoint,
        recording=recording,
    )


class LiveSystem:
    """All cameras of a data folder, watched: the processes, their health, and what they decide.

    Made when nobody in this process keeps the folder: the keeper is a process of its own, so that
    nothing that happens in a terminal stops it. Use it as a context manager.
    """

    def __init__(
        self, data: Path, settings: Settings, keeper: Sequence[str], worker: Sequence[str], *, rehearsal: bool
    ) -> None:
        """`keeper` and `worker` are how such a child is started. Raises ModelError."""
        self._data, self._settings, self.rehearsal = data, settings, rehearsal
        self._stack = ExitStack()
        self._acting: Acting | None = None
        self._specs: tuple[CameraSpec, ...] = ()
        self._revision: int | None = None
        self._listeners: list[Callable[[Decision], object]] = []
        self._link = KeeperLink(data, model_in_use(settings, data), now)
        cameras = settings.cameras
        seats = SeatOptions(
            workers=cameras.workers or max(1, os.cpu_count() or 1), per_worker=cameras.per_worker, spare=cameras.spare
        )
        self._supervisor = Supervisor(
            lambda: _child(keeper, subprocess.DEVNULL),
            lambda: _child(worker, subprocess.PIPE),
            self._desired,
            decided=self._decided,
            keeper_alive=self._link.alive,
            options=SupervisorOptions(seats=seats),
        )
        self._sweeping = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep, name="sweep recordings", daemon=True)

    def on_decision(self, listener: Callable[[Decision], object]) -> None:
        """Have every answer that changes told; called from one thread."""
        self._listeners.append(listener)

    def snapshot(self) -> tuple[CameraHealth, ...]:
        """How each camera is doing."""
        return self._supervisor.snapshot()

    def place_of(self, camera: CameraId) -> str:
        """The place of a camera; nothing for one that is gone."""
        return next((spec.camera.place for spec in self._specs if spec.camera.id == camera), "")

    @property
    def supervisor(self) -> Supervisor:
        """The parent of all processes."""
        return self._supervisor

    @property
    def problem(self) -> str | None:
        """What is wrong with the processes as a whole, in words."""
        return self._supervisor.problem

    @property
    def acting(self) -> Acting:
        """The way to the keeper; never the keeper itself. Raises KeeperSilent before `start`."""
        if self._acting is None:
            raise KeeperSilent("the keeper has not been started yet")
        return self._acting

    def start(self) -> None:
        """Begin; returns when the keeper answers. Raises what keeps the folder from being opened, KeeperSilent."""
        self._supervisor.start()
        self._sweeper.start()
        try:
            self._acting = self._stack.enter_context(open_acting(self._data, self._settings, take_over=False))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every process, recordings whole."""
        self._sweeping.set()
        self._supervisor.stop()
        self._link.close()
        self._stack.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _desired(self) -> tuple[CameraSpec, ...]:
        acting = self.acting
        revision = acting.do(cameras_revision)
        if revision != self._revision:
            self._specs, self._revision = acting.do(camera_specs), revision
        return self._specs

    def _decided(self, decision: Decision) -> None:
        for listener in self._listeners:
            listener(decision)

    def _sweep(self) -> None:
        recording = self._settings.recording
        quota = Quota(round(recording.keep_gb * 1e9), timedelta(days=recording.keep_days))
        sweeper = Sweeper(recordings_folder(self._data), quota)
        while not self._sweeping.wait(SWEEP_S):
            with suppress(BeholdenError, OSError):  # a disk that cannot be read now is looked at again in a minute
                sweeper.sweep(now())


def _child(command: Sequence[str], stdout: int) -> subprocess.Popen[bytes]:
    """A child with a pipe to us as its standard input: when that ends, so does it."""
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=stdout)  # noqa: S603 - our own module


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check_camera` found: the report, and the covered picture of the largest face, if a picture came."""

    report: CheckReport
    picture: CoveredFrame | None


def check_camera(spec: CameraSpec, settings: Settings, seconds: float, *, rehearsal: bool) -> Checked:
    """Look through one camera for `seconds` from its first picture: how good are the faces? Recognises nobody.

    Raises what the camera does wrong (CameraRefused, SourceLost) when no picture comes.
    """
    check = Check(load_covering(settings), QualityGates(min_width_px=settings.recognition.min_width_px))
    source = LiveCamera(spec, live_options(settings), address_rules(settings, rehearsal=rehearsal))
    newest: list[LiveFrame] = []
    arrived, stop = threading.Condition(), threading.Event()

    def deliver(live: LiveFrame) -> None:
        with arrived:
            newest[:] = [live]
            arrived.notify()

    reader = threading.Thread(target=source.run, args=(deliver, stop), daemon=True)
    reader.start()
    try:
        ends, began = time.monotonic() + _CONNECT_S, None
        while time.monotonic() < ends:
            with arrived:
                arrived.wait_for(lambda: newest, 0.2)
                taken = newest.pop() if newest else None
            if taken is None:
                continue
            if began is None:
                began = time.monotonic()
                ends = began + seconds
            check.look(taken.frame)
    finally:
        stop.set()
        reader.join(2.0)
    if began is None:
        raise _nothing_came(spec, source)
    return Checked(check.report(time.monotonic() - began), check.picture())


def _nothing_came(spec: CameraSpec, source: LiveCamera) -> BeholdenError:
    health = source.health()
    words = f"{spec.camera.id}: {health.error or 'no picture came'}"
    return CameraRefused(words) if health.state == "refused" else SourceLost(words)


__all__ = ["LiveSystem", "address_rules", "check_camera", "recordings_folder", "run_keeper"]
