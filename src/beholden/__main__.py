"""The command line: parse, call one use case, print, exit with a documented code (docs/errors.md)."""

from __future__ import annotations

import os
import resource
import signal
import sys
from types import FrameType

INTERRUPTED = 130


def main() -> int:
    """Run `beholden` with the arguments of this process; the exit code."""
    signal.signal(signal.SIGTERM, _stop)
    # One thread per numeric library: this program brings its own, and two threads per product cost more than one.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    # A file's name need not be text: it is printed as well as it can be.
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    # A crash must not write probes that are in memory to a disk (I4).
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        from beholden.cli.app import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:
        return INTERRUPTED  # while the program was still being loaded: nothing had begun


def _stop(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM is what service managers send: it ends the command as Ctrl-C does, nothing half-done left behind."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
