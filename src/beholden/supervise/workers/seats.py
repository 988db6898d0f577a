"""The workers of one machine: who runs which camera, and what happens when one of them dies.

A seat is a worker's place: its process may be replaced, its cameras stay. Called by the supervisor's
thread every tenth of a second; nothing in here waits for a child.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from beholden.model.camera import CameraHealth, CameraSpec, CameraState
from beholden.model.errors import BeholdenError
from beholden.model.ids import CameraId
from beholden.supervise.workers.child import Child, Spawn
from beholden.supervise.workers.placement import Group, Seat, halved, place, singled_out
from beholden.supervise.workers.reports import Decision, write_cameras
from beholden.supervise.workers.restarts import FROM_OUTSIDE, KILLED_S, Restarts, ended_by

QUIET_S = 300.0
"""Cameras that were put apart come back among the others when their worker lived this long."""


@dataclass(frozen=True, slots=True)
class SeatOptions:
    """`workers` processes, as many as cores, with at most `per_worker` cameras before there are more.

    A worker that is silent for `silent_s` (`start_s` when it was just started) is killed; one that was
    told to end has `stop_s`.
    """

    workers: int = 1
    per_worker: int = 16
    silent_s: float = 5.0
    start_s: float = 30.0
    stop_s: float = 3.0


@dataclass(slots=True)
class _Seat:
    cameras: tuple[CameraId, ...] = ()
    child: Child | None = None
    sent: bytes | None = None
    not_before_s: float = float("-inf")
    restarts: Restarts = field(default_factory=Restarts)
    crashed_s: float = float("-inf")


class Seats:
    """All workers. `decided` takes decisions, `changed` is called when a child ended; both from other threads."""

    def __init__(
        self,
        spawn: Spawn,
        decided: Callable[[Decision], None],
        changed: Callable[[], None],
        options: SeatOptions,
        clock: Callable[[], float],
    ) -> None:
        self._spawn, self._decided, self._changed = spawn, decided, changed
        self._options, self._clock = options, clock
        self._lock = threading.Lock()
        self._seats: dict[Seat, _Seat] = {}
        self._apart: dict[Group, float] = {}
        self._blamed: dict[CameraId, float] = {}
        self._words: dict[CameraId, str] = {}
        self._ending: list[tuple[Child, float]] = []

    def tend(self, specs: Sequence[CameraSpec]) -> None:
        """Bury, place, start, tell: everything that can be done now towards running these cameras."""
        with self._lock:
            now_s = self._clock()
            for seat in self._seats.values():
                self._bury(seat, now_s)
            self._finish(now_s)
            self._place(specs, now_s)
            wanted = {spec.camera.id: spec for spec in specs}
            for seat in self._seats.values():
                if seat.child is None and now_s >= seat.not_before_s:
                    self._fill(seat, now_s)
                if seat.child is not None:
                    line = write_cameras([wanted[camera] for camera in seat.cameras])
                    if line != seat.sent:
                        seat.child.send(line)
                        seat.sent = line

    def snapshot(self, specs: Sequence[CameraSpec]) -> tuple[CameraHealth, ...]:
        """How each of these cameras is doing."""
        with self._lock:
            seats = {camera: seat for seat in self._seats.values() for camera in seat.cameras}
            return tuple(self._health(spec, seats.get(spec.camera.id)) for spec in specs)

    def placement(self) -> dict[Seat, tuple[tuple[CameraId, ...], int | None]]:
        """The cameras of each seat, and the id of its process while there is one."""
        with self._lock:
            return {
                number: (seat.cameras, None if seat.child is None else seat.child.process.pid)
                for number, seat in self._seats.items()
            }

    def end(self) -> None:
        """Ask every worker to stop. `ended` says when they have; those that take too long are killed by it."""
        with self._lock:
            now_s = self._clock()
            for seat in self._seats.values():
                if seat.child is not None:
                    self._retire(seat.child, now_s)
            self._seats = {}

    def ended(self) -> bool:
        """After `end`: whether no worker is left."""
        with self._lock:
            self._finish(self._clock())
            return not self._ending

    # With the lock held.

    def _bury(self, seat: _Seat, now_s: float) -> None:
        """See whether the seat's process died, and make one that hangs die."""
        child = seat.child
        if child is None:
            return
        if child.code is None:
            self._kill_if_silent(child, now_s)
            return
        child.close()
        seat.child, seat.sent = None, None
        problem = child.problem
        self._remember(seat, child)
        from_outside = child.code in FROM_OUTSIDE and not child.killed
        seat.restarts = seat.restarts.died(now_s - child.started_s, from_outside=from_outside)
        seat.not_before_s = now_s + seat.restarts.wait_s
        if problem is not None and problem.camera is not None:
            self._blame(problem.camera, now_s)
        elif problem is None and child.code != 0 and not from_outside and child.process.pid:
            self._suspect(seat, now_s)

    def _remember(self, seat: _Seat, child: Child) -> None:
        """Why it ended, for whoever asks how its cameras are until they tell it themselves."""
        problem = child.problem
        words = ended_by(child.code or 0) if problem is None else problem.words
        if not child.process.pid:
            words = "the process that workers are forked from ended"
        guilty = None if problem is None else problem.camera
        for camera in seat.cameras:
            whose = "" if guilty in (None, camera) else f"{guilty}: "
            self._words[camera] = f"its worker ended ({whose}{words}), and is started again"

    def _kill_if_silent(self, child: Child, now_s: float) -> None:
        heard_s = child.heard_s
        silent_s = now_s - (child.started_s if heard_s is None else heard_s)
        if silent_s > (self._options.start_s if heard_s is None else self._options.silent_s):
            child.kill()

    def _suspect(self, seat: _Seat, now_s: float) -> None:
        """It crashed, and one of its cameras may be why: the second time they are put apart."""
        group = frozenset(seat.cameras)
        again = group in self._apart or now_s - seat.crashed_s < QUIET_S
        seat.crashed_s = now_s
        if group in self._apart:
            self._apart[group] = now_s
        if again and len(group) > 1:
            self._put_apart(halved(tuple(self._apart), group), now_s)

    def _blame(self, camera: CameraId, now_s: float) -> None:
        """It is known which camera it was: the second time it is put apart."""
        again = now_s - self._blamed.get(camera, float("-inf")) < QUIET_S
        self._blamed[camera] = now_s
        if again:
            self._put_apart(singled_out(tuple(self._apart), camera), now_s)
            self._apart[frozenset({camera})] = now_s

    def _put_apart(self, groups: Sequence[Group], now_s: float) -> None:
        self._apart = {group: self._apart.get(group, now_s) for group in groups}

    def _place(self, specs: Sequence[CameraSpec], now_s: float) -> None:
        self._apart = {group: at_s for group, at_s in self._apart.items() if now_s - at_s < QUIET_S}
        active = [spec.camera.id for spec in specs if not spec.camera.paused]
        self._words = {camera: words for camera, words in self._words.items() if camera in set(active)}
        before = {number: seat.cameras for number, seat in self._seats.items()}
        options = self._options
        placed = place(active, before, seats=options.workers, most=options.per_worker, apart=tuple(self._apart))
        for number in [number for number in self._seats if number not in placed]:
            child = self._seats.pop(number).child
            if child is not None:
                self._retire(child, now_s)
        for number, cameras in placed.items():
            self._seats.setdefault(number, _Seat()).cameras = cameras

    def _fill(self, seat: _Seat, now_s: float) -> None:
        """Give the seat a process, or say why there is none."""
        try:
            process = self._spawn()
        except (OSError, BeholdenError) as error:
            seat.restarts = seat.restarts.died(0.0)
            seat.not_before_s = now_s + max(KILLED_S, seat.restarts.wait_s)
            words = error.message if isinstance(error, BeholdenError) else error.strerror
            self._words |= dict.fromkeys(seat.cameras, f"its worker cannot be started ({words})")
            return
        seat.child = Child(process, self._decided, self._changed, self._clock)

    def _retire(self, child: Child, now_s: float) -> None:
        child.terminate()
        self._ending.append((child, now_s + self._options.stop_s))

    def _finish(self, now_s: float) -> None:
        """Let go of children that were told to end and did; kill those that take too long."""
        for child, until_s in self._ending:
            if child.code is not None:
                child.close()
            elif now_s > until_s and not child.killed:
                child.kill()
        self._ending = [(child, until_s) for child, until_s in self._ending if child.code is None]

    def _health(self, spec: CameraSpec, seat: _Seat | None) -> CameraHealth:
        camera = spec.camera.id
        if spec.camera.paused:
            return CameraHealth(camera, CameraState.PAUSED)
        told = None if seat is None or seat.child is None else seat.child.health
        cameras = () if told is None else told.cameras
        waiting = CameraHealth(camera, error=self._words.get(camera))
        return next((one for one in cameras if one.camera == camera), waiting)
