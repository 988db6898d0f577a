"""The command line: parse, call one use case, print, exit with a documented code (docs/errors.md)."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run `beholden` with the arguments of this process; the exit code."""
    # One thread per numeric library: this program brings its own, and two threads per product cost more than one.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    from beholden.cli.app import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
