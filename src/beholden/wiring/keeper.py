"""The keeper's processes: one that has loaded everything and waits, and the keeper that is forked from it."""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

from beholden.settings import read_settings
from beholden.supervise.keeper.keeper import serve_forever
from beholden.supervise.workers.nursery import raise_children
from beholden.supervise.workers.parent import call_this, die_with_parent
from beholden.wiring.folder import office_opener
from beholden.wiring.memory import keep_giving_back


def run_keeper_nursery(data: Path) -> int:
    """Fork a keeper for each that the parent asks for on standard input.

    Loading a keeper's code takes a second, and ten on a busy machine: nobody would be named for as long.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    call_this("beholden-nurse")
    die_with_parent()
    with socket.socket(fileno=os.dup(0)) as line:
        raise_children(line, lambda: _keep(data))
    return 0


def _keep(data: Path) -> int:
    """A keeper: keeps the folder as soon as nobody else does, until its parent ends or SIGTERM."""
    call_this("beholden-keeper")
    stop = threading.Event()
    _stop_with_parent(stop)
    keep_giving_back(stop)
    os.dup2(2, 1)  # it has nothing to say on standard output, and nobody listens there
    serve_forever(data, office_opener(data, read_settings(data)), stop)
    sys.stderr.flush()
    return 0


def _stop_with_parent(stop: threading.Event) -> None:
    """Set `stop` at SIGTERM, and when standard input ends, which is when the parent does: then both come at once.

    The handler only writes to a pipe. It runs between any two steps of the main thread, also while that holds the
    lock of `stop` because it was just told to: setting it there would wait for itself for ever.
    """
    asked, ask = os.pipe()
    os.set_blocking(ask, False)
    signal.signal(signal.SIGTERM, lambda *_: _wake(ask))
    die_with_parent()

    def hear() -> None:
        while asked not in (ready := select.select([0, asked], [], [])[0]):
            if ready and not os.read(0, 1024):
                break
        stop.set()

    threading.Thread(target=hear, name="parent", daemon=True).start()


def _wake(pipe: int) -> None:
    with suppress(BlockingIOError):  # it is full of the same
        os.write(pipe, b".")
