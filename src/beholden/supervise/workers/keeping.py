"""The keeper's process: started, started again when it dies, and killed when its heart stops."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from beholden.model.errors import BeholdenError
from beholden.supervise.workers.child import Process, Spawn
from beholden.supervise.workers.health import in_words
from beholden.supervise.workers.restarts import FROM_OUTSIDE, KILLED_S, Restarts, ended_by


@dataclass(frozen=True, slots=True)
class KeepingOptions:
    """Without a heartbeat for `stale_s` it hangs (`start_s` after it was started: a large folder takes time)."""

    stale_s: float = 5.0
    start_s: float = 30.0
    stop_s: float = 3.0


class Keeping:
    """One keeper process. `alive`: whether the folder's heart beats now; it must not wait for anything.

    A process of ours that stands by, because another keeps the folder, is as good: that one's heart
    beats. `problem` is why it is being started again, in words, until the heart beats.
    """

    def __init__(
        self, spawn: Spawn, alive: Callable[[], bool], options: KeepingOptions, clock: Callable[[], float]
    ) -> None:
        self._spawn, self._alive, self._options, self._clock = spawn, alive, options, clock
        self._process: Process | None = None
        self._started_s = 0.0
        self._beat_s: float | None = None
        self._not_before_s = float("-inf")
        self._restarts = Restarts()
        self._ends_s: float | None = None
        self._killed = False
        self.problem: str | None = None

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return None if self._process is None else self._process.pid

    def tend(self) -> None:
        """Start it where it is not, kill it where it hangs. Waits for nothing."""
        now_s = self._clock()
        code = None if self._process is None else self._process.poll()
        if code is not None:
            from_outside = code in FROM_OUTSIDE and not self._killed
            self.problem = f"the keeper ended ({ended_by(code)}), and is started again"
            self._restarts = self._restarts.died(now_s - self._started_s, from_outside=from_outside)
            self._bury()
            self._not_before_s = now_s + self._restarts.wait_s
        if self._process is None:
            if now_s >= self._not_before_s:
                self._start(now_s)
            return
        if self._alive():
            self._beat_s, self.problem = now_s, None
        limit_s = self._options.start_s if self._beat_s is None else self._options.stale_s
        if now_s - (self._started_s if self._beat_s is None else self._beat_s) > limit_s:
            self._killed = True
            with contextlib.suppress(OSError):
                self._process.kill()

    def end(self) -> None:
        """Ask it to stop."""
        if self._process is not None:
            self._ends_s = self._clock() + self._options.stop_s
            with contextlib.suppress(OSError):
                self._process.terminate()

    def ended(self) -> bool:
        """After `end`: whether it has; it is killed when it takes too long."""
        if self._process is None:
            return True
        if self._process.poll() is not None:
            self._bury()
            return True
        if self._ends_s is not None and self._clock() > self._ends_s:
            with contextlib.suppress(OSError):
                self._process.kill()
        return False

    def _bury(self) -> None:
        """Let go of a process that has ended, and of the pipes to it."""
        process, self._process = self._process, None
        for pipe in () if process is None else (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _start(self, now_s: float) -> None:
        self._started_s, self._beat_s, self._killed = now_s, None, False
        try:
            self._process = self._spawn()
        except (OSError, BeholdenError) as error:
            self.problem = f"the keeper cannot be started ({in_words(error)})"
            self._restarts = self._restarts.died(0.0)
            self._not_before_s = now_s + max(KILLED_S, self._restarts.wait_s)
