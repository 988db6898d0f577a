"""A child process as its supervisor sees it: what is sent waits for nobody, what it says is read at once."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Callable

from beholden.supervise.workers.nursery import Nursling
from beholden.supervise.workers.reports import LONGEST, Decision, Health, Problem, read_report

Process = subprocess.Popen[bytes] | Nursling
Spawn = Callable[[], Process]
"""Starts a child with its standard input and output as pipes, unbuffered or not. May raise OSError or BeholdenError."""


class Child:
    """A worker process: two threads serve its pipes, so that a child that hangs makes nobody wait.

    `heard_s` is when it last reported (None: never), `health` its newest report of how its cameras
    do, `problem` what it said was wrong before it ended. `killed`: by us.
    """

    def __init__(
        self,
        process: Process,
        decided: Callable[[Decision], None],
        changed: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("a worker is started with pipes for its standard input and output")
        self.process = process
        self._stdin, self._stdout = process.stdin, process.stdout
        self._decided, self._changed, self._clock = decided, changed, clock
        self.started_s = clock()
        self.heard_s: float | None = None
        self.health: Health | None = None
        self.problem: Problem | None = None
        self.killed = False
        self._line: bytes | None = None
        self._to_send = threading.Condition()
        self._over = False
        for name, work in (("hear", self._hear), ("send", self._send)):
            threading.Thread(target=work, name=f"{name} worker", daemon=True).start()

    @property
    def code(self) -> int | None:
        """Its exit code, negative for a signal; None while it lives."""
        return self.process.poll()

    def send(self, line: bytes) -> None:
        """Have the line sent; one that was not sent yet is replaced, as only the newest counts."""
        with self._to_send:
            self._line = line
            self._to_send.notify()

    def terminate(self) -> None:
        """Ask it to stop."""
        with contextlib.suppress(OSError):
            self.process.terminate()

    def kill(self) -> None:
        """End it now."""
        self.killed = True
        with contextlib.suppress(OSError):
            self.process.kill()

    def close(self) -> None:
        """Let go of the pipes of a child that has ended."""
        with self._to_send:
            self._over = True
            self._to_send.notify()

    def _hear(self) -> None:
        with contextlib.suppress(OSError, ValueError), self._stdout:
            while line := self._stdout.readline(LONGEST):
                self._take(line)
        self._changed()

    def _take(self, line: bytes) -> None:
        report = read_report(line)
        if report is None:
            return  # no word of ours: who says nothing else is silent, and is killed for that
        self.heard_s = self._clock()
        if isinstance(report, Decision):
            self._decided(report)
        elif isinstance(report, Health):
            self.health = report
        else:
            self.problem = report

    def _send(self) -> None:
        with contextlib.suppress(OSError, ValueError), self._stdin:
            while True:
                with self._to_send:
                    while self._line is None:
                        if self._over:
                            return
                        self._to_send.wait()
                    line, self._line = self._line, None
                self._stdin.write(line)
                self._stdin.flush()
