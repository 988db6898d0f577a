"""What a child process of `beholden watch` runs: the nursery that keepers are forked from, or the workers'.

    python -m beholden.process keepers DATA
    python -m beholden.process workers DATA live|rehearsal

Nothing secret is in these words: a worker is told its cameras, with their passwords, on standard input.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path
from types import FrameType

INTERRUPTED = 130
USAGE = 2
_USAGE = "usage: python -m beholden.process keepers DATA | workers DATA live|rehearsal"
_SAFE = ("-P", "-m", "beholden.process")
"""-P: what lies in the folder that somebody happens to be in is not imported, whatever its name."""
_KINDS = {"live": False, "rehearsal": True}


def harden() -> None:
    """What every process of ours does first: one thread per numeric library, text that always prints, no core dumps."""
    # This program brings its own threads, and two threads per product cost more than one.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    # A file's name need not be text: it is printed as well as it can be.
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    # A crash must not write probes that are in memory to a disk (I4).
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def stop_on_term() -> None:
    """SIGTERM is what service managers send: it ends a process as Ctrl-C does, nothing half-done left behind."""
    signal.signal(signal.SIGTERM, _stop)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def keepers_command(data: Path) -> list[str]:
    """How the keepers' nursery is started."""
    return [sys.executable, *_SAFE, "keepers", str(data)]


def workers_command(data: Path, *, rehearsal: bool) -> list[str]:
    """How the workers' nursery is started. It has no database that would tell it what kind of folder it works for."""
    return [sys.executable, *_SAFE, "workers", str(data), "rehearsal" if rehearsal else "live"]


def main(arguments: list[str]) -> int:
    """Run one role until it is told to stop; the exit code."""
    match arguments:
        case ["keepers", folder]:
            rehearsal = None
        case ["workers", folder, ("live" | "rehearsal") as kind]:
            rehearsal = _KINDS[kind]
        case _:
            print(_USAGE, file=sys.stderr)
            return USAGE
    stop_on_term()
    harden()
    # Ctrl-C in a terminal goes to the whole group: the supervisor hears it, and ends its children in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from beholden.model.errors import BeholdenError

    data = Path(folder)
    try:
        if rehearsal is None:
            from beholden.wiring.keeper import run_keeper_nursery

            return run_keeper_nursery(data)
        from beholden.wiring.worker import run_worker_nursery

        return run_worker_nursery(data, rehearsal=rehearsal)
    except BeholdenError as error:
        print(f"beholden {arguments[0]}: {error.one_line()}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
