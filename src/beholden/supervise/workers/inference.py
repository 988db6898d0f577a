"""The one thread of a worker that looks at pictures: all due cameras are covered before any is named.

Frames come from slots that hold the newest only, so that being late drops frames and never queues
them. What goes wrong with one camera ends nothing but its own run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

from beholden.model.ids import CameraId
from beholden.pipeline.live import LiveRun
from beholden.pipeline.ports import TrackDecision
from beholden.supervise.workers.schedule import Work, next_turn
from beholden.supervise.workers.watched import Watched

POLL_S = 0.01
"""A name that is being recorded is asked for this often."""
LOOK_UP_S = 0.1
"""Without anything to do, the registry and lost cameras are looked after this often."""


class Inference:
    """Covers and names the frames of a worker's cameras.

    `arrived` is the condition of all slots. `make_run` begins a camera's run; `decided` takes
    answers. `add`, `remove` and `stop` may be called from any thread, the rest from one.
    """

    def __init__(
        self,
        arrived: threading.Condition,
        make_run: Callable[[Watched], LiveRun],
        decided: Callable[[Sequence[TrackDecision]], None],
        clock: Callable[[], float],
    ) -> None:
        self._arrived = arrived
        self._make_run = make_run
        self._decided = decided
        self._clock = clock
        self._watched: dict[CameraId, Watched] = {}
        self._removed: list[Watched] = []
        self._stopping = False
        self._polled_s = float("-inf")

    def add(self, watched: Watched) -> None:
        """Look at this camera from now on; one of the same name is removed."""
        with self._arrived:
            self.remove(watched.spec.camera.id)
            self._watched[watched.spec.camera.id] = watched
            self._arrived.notify_all()

    def remove(self, camera: CameraId) -> None:
        """Look at it no more: its run is left, and all it holds wiped, before anything else is done."""
        with self._arrived:
            watched = self._watched.pop(camera, None)
            if watched is not None:
                self._removed.append(watched)
                self._arrived.notify_all()

    def stop(self) -> None:
        """End `run` after what is being done now."""
        with self._arrived:
            self._stopping = True
            self._arrived.notify_all()

    def run(self) -> None:
        """Until `stop`; every camera's run is left on the way out, whatever ends it."""
        try:
            while not self._stopping:
                if not self.step():
                    with self._arrived:
                        if not self._anything():
                            self._arrived.wait(self._pause())
        finally:
            with self._arrived:
                everyone = [*self._removed, *self._watched.values()]
                self._removed, self._watched = [], {}
            for watched in everyone:
                self._end(watched)

    def step(self) -> bool:
        """Do one thing, if there is one; whether there was."""
        now_s = self._clock()
        with self._arrived:
            removed = self._removed.pop() if self._removed else None
            cameras = dict(self._watched)
        if removed is not None:
            self._end(removed)
            return True
        for watched in cameras.values():
            if watched.lost():
                self._leave(watched)
                return True
        self._poll(cameras, now_s)
        turn = next_turn(watched.standing() for watched in cameras.values())
        if turn is None:
            return False
        if turn.work is Work.SEE:
            self._see(cameras[turn.camera])
        else:
            self._name(cameras[turn.camera])
        return True

    def _anything(self) -> bool:
        standings = (watched.standing() for watched in self._watched.values())
        return self._stopping or bool(self._removed) or next_turn(standings) is not None

    def _pause(self) -> float:
        waiting = any(watched.run is not None and watched.run.waiting for watched in self._watched.values())
        return POLL_S if waiting else LOOK_UP_S

    def _see(self, watched: Watched) -> None:
        try:
            watched.see(self._make_run)
        except Exception as error:  # noqa: BLE001 - a picture that breaks the code is this camera's: the others go on
            self._give_up(watched, error)

    def _name(self, watched: Watched) -> None:
        if watched.run is not None:
            self._answers(watched, partial(watched.run.name, hurried=watched.hurried()))

    def _poll(self, cameras: dict[CameraId, Watched], now_s: float) -> None:
        if now_s - self._polled_s < self._pause():
            return
        self._polled_s = now_s
        for watched in cameras.values():
            if watched.run is not None:
                self._answers(watched, watched.run.poll)

    def _answers(self, watched: Watched, ask: Callable[[], list[TrackDecision]]) -> None:
        """Ask for answers and tell them. When that fails names are forgotten, and covering goes on."""
        try:
            decisions = ask()
        except Exception as error:  # noqa: BLE001 - a face that breaks the code must not stop the covering of all others
            watched.failed(error)
            try:
                if watched.run is not None:
                    watched.run.forget_names()
            except Exception as second:  # noqa: BLE001 - the recogniser itself is broken
                watched.failed(second)
            return
        if decisions:
            self._decided(decisions)

    def _leave(self, watched: Watched) -> None:
        """End its tracks, wipe all it holds, show the covered pictures that wait."""
        if watched.run is None:
            return
        try:
            decisions = watched.run.leave()
        except Exception as error:  # noqa: BLE001 - what cannot be ended in order is dropped
            self._give_up(watched, error)
            return
        watched.left()
        if decisions:
            self._decided(decisions)

    def _end(self, watched: Watched) -> None:
        """It is looked at no more: leave its run, then close its recording, to which the last pictures went."""
        self._leave(watched)
        if watched.tape is not None:
            watched.tape.close()

    def _give_up(self, watched: Watched, error: Exception) -> None:
        watched.failed(error)
        try:
            watched.drop()
        except Exception as second:  # noqa: BLE001 - the shots were wiped first; only flushing the recogniser can fail
            watched.failed(second)
