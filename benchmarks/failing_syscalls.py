"""An error at every system call that one append to the log makes, injected by strace into a process that is ready.

The process opens the log and waits; strace takes hold of it, told to let call number k of a kind fail; it appends 300
leaves, which fill a tile, and says what came of it. Then somebody else opens the log: what was acknowledged must be
there, a refused append there whole or not at all, and the next append must succeed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from beholden.ledger.log import FileLog
from beholden.model.errors import LogUnavailable

ORIGIN = "beholden.invalid/faults"
CALLS = ("openat", "read", "write", "fsync", "rename", "renameat2", "mkdir", "unlink", "flock", "ftruncate", "close")
"""Those that Python makes for an append; a kind that it does not make takes one round to find that out."""
ERRORS = ("EIO", "ENOSPC")
KNOWN, MORE = 200, 300
_MOST = 2000
_CHILD = """
import sys
from pathlib import Path
from beholden.ledger.log import FileLog
from beholden.model.errors import LogUnavailable
log = FileLog.open(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
try:
    log.append([number.to_bytes(85, "big") for number in range(int(sys.argv[2]), int(sys.argv[2]) + int(sys.argv[3]))])
    said = "done"
except LogUnavailable:
    said = "refused"
sys.stdin.readline()
print(said, flush=True)
"""


class Refused(Exception):
    """Why this machine cannot inject."""


@dataclass(slots=True)
class Failed:
    """What came of all calls."""

    trials: int = 0
    lost: int = 0
    half_done: int = 0
    caught: int = 0
    problems: list[str] = field(default_factory=list)


def why_not() -> str | None:
    """Why nothing can be injected here; None where it can."""
    if shutil.which("strace") is None:
        return "strace is not installed (apt-get install strace)"
    if os.geteuid() != 0:
        return "strace takes hold of another process as root only"
    return None


def fail_every_call(scratch: Path, calls: tuple[str, ...] = CALLS, errors: tuple[str, ...] = ERRORS) -> Failed:
    """Each call of each kind, with each error. Raises Refused."""
    if (why := why_not()) is not None:
        raise Refused(why)
    scratch.mkdir(parents=True)
    good = scratch / "good"
    FileLog.create(good, ORIGIN).append([number.to_bytes(85, "big") for number in range(KNOWN)])
    found = Failed()
    for error in errors:
        for call in calls:
            for number in range(1, _MOST):
                folder = scratch / "log"
                shutil.rmtree(folder, ignore_errors=True)
                shutil.copytree(good, folder)
                said, injected = _append(folder, scratch / "trace", f"{call}:error={error}:when={number}")
                if not injected:
                    break
                found.trials += 1
                _judge(found, folder, said, f"{error} at {call} {number}")
    return found


def _append(folder: Path, trace: Path, inject: str) -> tuple[str, bool]:
    """What the process said ("done", "refused", or "" when it died), and whether the error was injected."""
    command = [sys.executable, "-c", _CHILD, str(folder), str(KNOWN), str(MORE)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdout.readline()
    trace.unlink(missing_ok=True)
    strace = subprocess.Popen(
        ["strace", "-q", "-f", "-p", str(child.pid), "-o", str(trace), "-e", f"inject={inject}"],
        stderr=subprocess.DEVNULL,
    )
    _until_held(child.pid)
    child.stdin.write("\n")
    child.stdin.flush()
    time.sleep(0.05)
    while _busy(trace):
        time.sleep(0.02)
    strace.terminate()
    strace.wait()
    out, _ = child.communicate("\n", timeout=30)
    return out.strip(), "(INJECTED)" in trace.read_text(errors="replace")


def _until_held(pid: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if "TracerPid:\t0" not in Path(f"/proc/{pid}/status").read_text():
            return
        time.sleep(0.002)
    raise Refused("strace does not get hold of another process here")


def _busy(trace: Path, quiet_s: float = 0.05) -> bool:
    """Whether the trace still grows."""
    size = trace.stat().st_size if trace.exists() else 0
    time.sleep(quiet_s)
    return (trace.stat().st_size if trace.exists() else 0) != size


def _judge(found: Failed, folder: Path, said: str, what: str) -> None:
    try:
        log = FileLog.open(folder)
        leaves = [int.from_bytes(leaf, "big") for leaf in log.leaves()]
        whole = leaves in ([*range(KNOWN)], [*range(KNOWN + MORE)])
        lost = said == "done" and len(leaves) != KNOWN + MORE
        log.append([b"next"])
    except LogUnavailable as error:
        found.problems.append(f"{what}: {error}")
        found.half_done += 1
        return
    found.lost += lost
    found.half_done += not whole
    found.caught += whole and not lost
