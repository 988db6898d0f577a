"""The parent of all processes that watch: it starts the keeper and the workers, and starts again whatever dies.

It holds no database, no key and no model, so that there is little in it that could fail. Three
threads: one looks after the children (and is the one that starts them), one asks which cameras are
wanted, which may wait for a keeper, and one hands decisions on, which may wait for a terminal.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from beholden.model.camera import CameraHealth, CameraSpec
from beholden.supervise.workers.child import Spawn
from beholden.supervise.workers.health import in_words
from beholden.supervise.workers.keeping import Keeping, KeepingOptions
from beholden.supervise.workers.reports import Decision
from beholden.supervise.workers.seats import SeatOptions, Seats

MOST_DECISIONS = 2000
"""Decisions that wait for whoever takes them; then the oldest is dropped."""
STOOD_STILL_S = 2.0
CATCH_UP_S = 2.0
_KILL_S = 2.0
"""After a kill, a process is waited for this long: one that hangs in the kernel is left to it."""


@dataclass(frozen=True, slots=True)
class SupervisorOptions:
    """`ask_s` between two questions which cameras are wanted, `tick_s` between two looks at the children."""

    seats: SeatOptions = field(default_factory=SeatOptions)
    keeping: KeepingOptions = field(default_factory=KeepingOptions)
    ask_s: float = 0.5
    tick_s: float = 0.1


class Supervisor:
    """Runs the keeper and the workers of one data folder, from `start` to `stop`.

    `spawn_keeper` None: no keeper is started. `desired` says which cameras are wanted, paused ones
    included; while it fails, the last answer counts. `decided` takes decisions, in order, from one
    thread; it may wait. `keeper_alive` says whether the keeper's heart beats, and must not wait. `tend` is
    called at each look at the children, by the thread that starts them.
    """

    def __init__(
        self,
        spawn_keeper: Spawn | None,
        spawn_worker: Spawn,
        desired: Callable[[], Sequence[CameraSpec]],
        *,
        decided: Callable[[Decision], object] = lambda _: None,
        keeper_alive: Callable[[], bool] = lambda: True,
        tend: Callable[[], object] = lambda: None,
        options: SupervisorOptions | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options = options or SupervisorOptions()
        self._desired, self._on_decision, self._tend, self._clock = desired, decided, tend, clock
        self._changed = threading.Condition()
        self._stirred = False
        self._stopping = False
        self._specs: tuple[CameraSpec, ...] = ()
        self._decisions: deque[Decision] = deque(maxlen=MOST_DECISIONS)
        self._to_tell = threading.Condition()
        self._keeping = (
            None if spawn_keeper is None else Keeping(spawn_keeper, keeper_alive, self._options.keeping, clock)
        )
        self._seats = Seats(spawn_worker, self._decided, self._stir, self._options.seats, clock)
        self._threads: list[threading.Thread] = []
        self._problems: dict[str, str] = {}

    def start(self) -> None:
        """Begin; returns at once."""
        if self._threads:
            raise ValueError("a supervisor is started once")
        for name, work in (("supervise", self._supervise), ("ask", self._ask), ("tell", self._tell)):
            self._threads.append(threading.Thread(target=work, name=name, daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End all children, workers first, in order if they can; returns when they have ended."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        with self._to_tell:
            self._to_tell.notify_all()
        if self._threads:
            self._threads[0].join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def snapshot(self) -> tuple[CameraHealth, ...]:
        """How each camera is doing, paused ones included, in the order in which they are wanted."""
        return self._seats.snapshot(self._specs)

    @property
    def problem(self) -> str | None:
        """What is wrong beyond single cameras, in words."""
        keeper = None if self._keeping is None else self._keeping.problem
        return keeper or next(iter(self._problems.copy().values()), None)

    @property
    def seats(self) -> Seats:
        """The workers: which process runs which cameras."""
        return self._seats

    @property
    def keeper_pid(self) -> int | None:
        """The process id of the keeper that was started here."""
        return None if self._keeping is None else self._keeping.pid

    # The thread that looks after the children. They end with it: it lives as long as they do.

    def _supervise(self) -> None:
        ticked_s = self._clock()
        while not self._stopping:
            before_s, ticked_s = ticked_s, self._clock()
            if ticked_s - before_s > STOOD_STILL_S:
                # This process stood still (Ctrl-Z, a paused machine): what its children said meanwhile is heard first.
                self._rest(CATCH_UP_S)
                ticked_s = self._clock()
            self._tick()
            with self._changed:
                if not (self._stirred or self._stopping):
                    self._changed.wait(self._options.tick_s)
                self._stirred = False
        self._end()

    def _rest(self, seconds: float) -> None:
        until_s = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < until_s:
            time.sleep(0.05)

    def _tick(self) -> None:
        try:
            if self._keeping is not None:
                self._keeping.tend()
            self._seats.tend(self._specs)
            self._tend()
            self._problems.pop("children", None)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next look may go well, and nobody else looks
            self._problems["children"] = in_words(error)

    def _end(self) -> None:
        self._seats.end()
        self._wait_for(self._seats.ended, self._options.seats.stop_s)
        if self._keeping is not None:
            self._keeping.end()
            self._wait_for(self._keeping.ended, self._options.keeping.stop_s)

    def _wait_for(self, ended: Callable[[], bool], seconds: float) -> None:
        until_s = time.monotonic() + seconds + _KILL_S
        while not ended() and time.monotonic() < until_s:
            time.sleep(0.02)

    def _stir(self) -> None:
        """A child ended: do not wait for the next tick."""
        with self._changed:
            self._stirred = True
            self._changed.notify_all()

    # The thread that asks, and the one that tells.

    def _ask(self) -> None:
        while not self._stopping:
            try:
                specs = tuple({spec.camera.id: spec for spec in self._desired()}.values())
                self._problems.pop("cameras", None)
            except Exception as error:  # noqa: BLE001 - the keeper is away, or whatever: what was wanted still is
                specs, self._problems["cameras"] = self._specs, in_words(error)
            with self._changed:
                if specs != self._specs:
                    self._specs, self._stirred = specs, True
                    self._changed.notify_all()
                until_s = time.monotonic() + self._options.ask_s
                while not self._stopping and (left_s := until_s - time.monotonic()) > 0:
                    self._changed.wait(left_s)

    def _decided(self, decision: Decision) -> None:
        with self._to_tell:
            self._decisions.append(decision)
            self._to_tell.notify()

    def _tell(self) -> None:
        while True:
            with self._to_tell:
                while not self._decisions:
                    if self._stopping:
                        return
                    self._to_tell.wait()
                decision = self._decisions.popleft()
            try:
                self._on_decision(decision)
                self._problems.pop("decisions", None)
            except Exception as error:  # noqa: BLE001 - whoever is told may fail; the cameras are none of its concern
                self._problems["decisions"] = in_words(error)
