"""All live cameras of a data folder, watched: the supervisor of the keeper's process and the workers'."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from beholden.acts.camera import ADD_AGAIN, KEY_LOST, camera_specs, cameras_revision, unopened_cameras
from beholden.model.camera import CameraHealth, CameraSpec, CameraState
from beholden.model.errors import BeholdenError, FolderForbidden, FolderMissing, KeeperSilent
from beholden.model.ids import CameraId
from beholden.settings import Settings
from beholden.supervise.keeper.acting import Acting
from beholden.supervise.keeper.election import try_to_keep
from beholden.supervise.keeper.link import KeeperLink
from beholden.supervise.workers.nursery import Nursery, adopt_orphans
from beholden.supervise.workers.reports import Decision
from beholden.supervise.workers.seats import SeatOptions
from beholden.supervise.workers.supervisor import Supervisor, SupervisorOptions
from beholden.video.recordings.quota import Quota, Sweeper
from beholden.wiring.cameras import recordings_folder
from beholden.wiring.clock import now
from beholden.wiring.engine import model_in_use
from beholden.wiring.folder import open_acting
from beholden.wiring.memory import keep_giving_back
from beholden.wiring.rules import pinned

SWEEP_S = 60.0
_WATCH_LOCK = "watch.lock"
_LEAN = {"MALLOC_ARENA_MAX": "2"}
"""For workers: they have several threads for each camera, and glibc would keep a heap for each of those."""


class LiveSystem:
    """All cameras of a data folder, watched: the processes, their health, and what they decide.

    Made when nobody in this process keeps the folder: the keeper is a process of its own, so that
    nothing that happens in a terminal stops it. Use it as a context manager.
    """

    def __init__(
        self,
        data: Path,
        settings: Settings,
        keepers: Sequence[str],
        workers: Sequence[str],
        *,
        rehearsal: bool,
        looking: Settings | None = None,
    ) -> None:
        """`keepers` and `workers` are how the nurseries of these are started. `looking`: what workers look with and how
        long video is kept, where `settings` wait for approval. Raises ModelError."""
        self._data, self._settings, self.rehearsal = data, settings, rehearsal
        self._recording = (looking or settings).recording
        self._stack = ExitStack()
        self._acting: Acting | None = None
        self._specs: tuple[CameraSpec, ...] = ()
        self._lost: tuple[CameraHealth, ...] = ()
        self._revision: int | None = None
        self._listeners: list[Callable[[Decision], object]] = []
        self._link = KeeperLink(data, model_in_use(settings, data), now)
        cameras = settings.cameras
        seats = SeatOptions(workers=cameras.workers or max(1, os.cpu_count() or 1), per_worker=cameras.per_worker)
        self._keepers = Nursery(keepers, {**os.environ, **pinned(settings)})
        self._workers = Nursery(workers, {**os.environ, **_LEAN, **pinned(looking or settings)})
        self._supervisor = Supervisor(
            self._keepers.spawn,
            self._workers.spawn,
            self._desired,
            decided=self._decided,
            keeper_alive=self._link.alive,
            tend=self._tend,
            options=SupervisorOptions(seats=seats),
        )
        self._stopping = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep, name="sweep recordings", daemon=True)

    def on_decision(self, listener: Callable[[Decision], object]) -> None:
        """Have every answer that changes told; called from one thread."""
        self._listeners.append(listener)

    def snapshot(self) -> tuple[CameraHealth, ...]:
        """How each camera is doing; also those that cannot be opened at all."""
        return (*self._supervisor.snapshot(), *self._lost)

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
        self._only_one()
        adopt_orphans()
        self._supervisor.start()
        self._sweeper.start()
        keep_giving_back(self._stopping)
        try:
            self._acting = self._stack.enter_context(open_acting(self._data, self._settings, take_over=False))
        except KeeperSilent as error:
            self.stop()
            why = self.problem
            raise KeeperSilent(error.message if why is None else f"{error.message}: {why}") from error
        except BaseException:
            self.stop()
            raise

    def _only_one(self) -> None:
        """Hold a lock for as long as cameras are watched: looked at twice, everybody would be counted twice."""
        try:
            held = try_to_keep(self._data, _WATCH_LOCK)
        except (FolderMissing, FolderForbidden) as error:
            why = error.__cause__.strerror if isinstance(error.__cause__, OSError) else error.message
            raise FolderForbidden(f"{self._data} cannot be written: {why}") from error
        if held is None:
            raise FolderForbidden(
                f"the cameras of {self._data} are being watched already",
                advice="Stop the other `beholden watch`, or look at what it shows.",
            )
        self._stack.callback(held.release)

    def stop(self) -> None:
        """End every process, recordings whole."""
        self._stopping.set()
        self._supervisor.stop()
        self._workers.close()
        self._keepers.close()
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
            self._specs = acting.do(camera_specs)
            lost = acting.do(unopened_cameras)
            words = f"{KEY_LOST}. {ADD_AGAIN}"
            self._lost = tuple(CameraHealth(camera, CameraState.REFUSED, error=words) for camera in lost)
            self._revision = revision
        return self._specs

    def _tend(self) -> None:
        self._keepers.tend()
        self._workers.tend()

    def _decided(self, decision: Decision) -> None:
        for listener in self._listeners:
            listener(decision)

    def _sweep(self) -> None:
        recording = self._recording
        quota = Quota(round(recording.keep_gb * 1e9), timedelta(days=recording.keep_days))
        sweeper = Sweeper(recordings_folder(self._data), quota)
        while not self._stopping.wait(SWEEP_S):
            with suppress(BeholdenError, OSError):  # a disk that cannot be read now is looked at again in a minute
                sweeper.sweep(now())
