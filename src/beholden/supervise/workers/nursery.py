"""Where workers and keepers come from: a process that has loaded everything, and forks.

A worker that starts by itself takes two seconds and has a copy of the models of its own. One that is
forked is there in some hundredths of a second, and shares what it never changes: weights, code, tables.
Workers have one nursery and keepers another: a worker's has no database, a keeper's has no model.

A nursery has one thread, and nothing of a camera or a person in it. A child is its grandchild, and
is handed to the supervisor by the kernel (which asks for orphans: `adopt_orphans`), so that whoever
placed the cameras also learns how a worker ended.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO

from beholden.supervise.workers.health import in_words
from beholden.supervise.workers.parent import prctl

_PR_SET_CHILD_SUBREAPER = 36
_PID = struct.Struct("<q")
_ASK = b"w"
_HANDED_OVER_S = 5.0
LOST = 71
"""Exit code of a child of which nobody knows how it ended, or that never began."""


def adopt_orphans() -> None:
    """Have the kernel make this process the parent of grandchildren whose parent has ended."""
    prctl(_PR_SET_CHILD_SUBREAPER, 1)


# The supervisor's side.


class Nursling:
    """A forked process, as `subprocess.Popen` would show it. `stdin` and `stdout` are its pipes, unbuffered."""

    def __init__(self, stdin: BinaryIO, stdout: BinaryIO, end_nursery: Callable[[], object] = lambda: None) -> None:
        self.stdin, self.stdout, self._end_nursery = stdin, stdout, end_nursery
        self.returncode: int | None = None
        self._pid: int | None = None
        self._lock = threading.Lock()
        self._wanted: signal.Signals | None = None

    @property
    def pid(self) -> int:
        """0 while it has not been born."""
        return self._pid or 0

    def born(self, pid: int) -> None:
        """It runs now; it is told what was meant for it meanwhile."""
        with self._lock:
            self._pid, wanted = pid, self._wanted
        if wanted is not None:
            self._send(wanted)

    def stillborn(self) -> None:
        """It will never run: the nursery ended."""
        with self._lock:
            if self._pid is None and self.returncode is None:
                self.returncode = LOST

    def poll(self) -> int | None:
        """Its exit code (negative: the signal), None while it lives."""
        with self._lock:
            if self.returncode is None and self._pid is not None:
                try:
                    pid, status = os.waitpid(self._pid, os.WNOHANG)
                except ChildProcessError:
                    self.returncode = LOST  # somebody else was told how it ended
                else:
                    self.returncode = os.waitstatus_to_exitcode(status) if pid else None
            return self.returncode

    def terminate(self) -> None:
        """Ask it to stop."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it now. One that has not been born will not be: a nursery that hangs ends with it."""
        self._send(signal.SIGKILL)
        if not self.pid and self.returncode is None:
            self._end_nursery()

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is not None:
            return
        with self._lock:
            if self._pid is None:
                self._wanted = number
            elif self.returncode is None:
                os.kill(self._pid, number)


class Nursery:
    """Gives children. `command` starts the nursery's process; it is started when a child is asked for and it is not
    there, so that one that died is replaced. The caller has called `adopt_orphans`."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command, self._environment = command, environment
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._unborn: deque[Nursling] = deque()
        self._raised = False

    @property
    def pid(self) -> int | None:
        """The nursery's own process id, while it runs."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def spawn(self) -> Nursling:
        """A new child. Waits for nothing: it is born when the nursery has loaded everything. Raises OSError."""
        with self._lock:
            line = self._opened()
            its_in, to_it = os.pipe2(os.O_CLOEXEC)
            from_it, its_out = os.pipe2(os.O_CLOEXEC)
            ends = (os.fdopen(to_it, "wb", buffering=0), os.fdopen(from_it, "rb"))
            child = Nursling(*ends, self._process.kill if self._process is not None else lambda: None)
            self._unborn.append(child)
            try:
                socket.send_fds(line, [_ASK], [its_in, its_out])
            except OSError:
                self._unborn.remove(child)
                child.stdin.close()
                child.stdout.close()
                raise
            finally:
                os.close(its_in)
                os.close(its_out)
            return child

    def tend(self) -> None:
        """Start it again if it died: whoever is asked for next need not wait until everything is loaded.

        One that raised nobody is not: it would die again and again. To be called now and then, by the thread that
        spawns, since it must outlive what it starts (`parent.die_with_parent`).
        """
        with self._lock:
            if self._raised and self._process is not None and self._process.poll() is not None:
                with contextlib.suppress(OSError):  # then when somebody is asked for
                    self._opened()

    def close(self) -> None:
        """End the nursery; its children live on."""
        with self._lock:
            process, line = self._process, self._line
            self._process = self._line = None
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        if process is not None:
            try:
                process.wait(2.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _opened(self) -> socket.socket:
        if self._process is not None and self._line is not None and self._process.poll() is None:
            return self._line
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                self._command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, env=dict(self._environment)
            )
        self._line, self._unborn, self._raised = ours, deque(), False
        threading.Thread(target=self._hear, args=(ours, self._unborn), name="nursery", daemon=True).start()
        return ours

    def _hear(self, line: socket.socket, unborn: deque[Nursling]) -> None:
        """Births, in the order in which they were asked for, until the nursery ends."""
        with line:
            while True:
                try:
                    said = line.recv(_PID.size)
                except OSError:
                    said = b""
                if len(said) != _PID.size:
                    break
                [pid] = _PID.unpack(said)
                with self._lock:
                    child = unborn.popleft()
                    self._raised = self._raised or (pid > 0 and line is self._line)
                child.born(pid) if pid > 0 else child.stillborn()
        with self._lock:
            left = list(unborn)
        for child in left:
            child.stillborn()


# The nursery's side.


def raise_children(line: socket.socket, work: Callable[[], int]) -> None:
    """Fork a child for each that is asked for, until the supervisor hangs up. `work` is what one does; its exit code.

    To be called by the only thread, with everything loaded. Does not return in a child.
    """
    gc.collect()
    gc.freeze()  # what is there now is never looked at by the collector again: its pages stay shared
    while True:
        try:
            said, fds, _, _ = socket.recv_fds(line, len(_ASK), 2)
        except OSError:
            return
        if not said:
            return
        pid = _forked(line, fds, work) if len(fds) == 2 and _alone() else 0
        for fd in fds:
            os.close(fd)
        with contextlib.suppress(OSError):
            line.send(_PID.pack(pid))


def _alone() -> bool:
    """Whether this is the only thread: another one's locks would be held for ever in a fork."""
    return len(os.listdir("/proc/self/task")) == 1


def _forked(line: socket.socket, fds: Sequence[int], work: Callable[[], int]) -> int:
    """The process id of a new child: 0 when there is none."""
    there, here = os.pipe2(os.O_CLOEXEC)
    try:
        between = os.fork()
    except OSError:  # no processes or no memory left: later, perhaps
        os.close(there)
        os.close(here)
        return 0
    if between == 0:
        _in_between(line, fds, here, work)
    os.close(here)
    with os.fdopen(there, "rb") as said:
        told = said.read(_PID.size)
    os.waitpid(between, 0)  # the child is an orphan from here on, and the supervisor's
    return _PID.unpack(told)[0] if len(told) == _PID.size else 0


def _in_between(line: socket.socket, fds: Sequence[int], here: int, work: Callable[[], int]) -> None:
    """Fork once more, tell who that is, and end. Never returns."""
    code = LOST
    try:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            line.close()
            ends = time.monotonic() + _HANDED_OVER_S
            while os.getppid() == parent and time.monotonic() < ends:
                time.sleep(0.001)  # who dies with its parent must have the right one
            os.dup2(fds[0], 0)
            os.dup2(fds[1], 1)
            for fd in (*fds, here):
                os.close(fd)
            code = work()
        else:
            os.write(here, _PID.pack(pid))
            code = 0
    except BaseException as error:  # noqa: BLE001 - it must not go on as a second nursery, whatever this was
        print(f"beholden, a child: {in_words(error) if isinstance(error, Exception) else 'stopped'}", file=sys.stderr)
    finally:
        os._exit(code)
