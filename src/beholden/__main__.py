"""The command line: parse, call one use case, print, exit with a documented code (docs/errors.md)."""

from __future__ import annotations

import sys

from beholden.process import INTERRUPTED, harden, stop_on_term


def main() -> int:
    """Run `beholden` with the arguments of this process; the exit code."""
    stop_on_term()
    harden()
    try:
        from beholden.cli.app import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:
        return INTERRUPTED  # while the program was still being loaded: nothing had begun


if __name__ == "__main__":
    sys.exit(main())
