"""The keeper's process."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from beholden.settings import read_settings
from beholden.supervise.keeper.keeper import serve_forever
from beholden.supervise.workers.parent import call_this, die_with_parent
from beholden.wiring.folder import office_opener


def run_keeper(data: Path) -> int:
    """The keeper's process: keeps the folder as soon as nobody else does, until its parent ends or SIGTERM."""
    settings = read_settings(data)
    call_this("beholden-keeper")
    stop = threading.Event()
    _stop_with_parent(stop)
    serve_forever(data, office_opener(data, settings), stop)
    return 0


def _stop_with_parent(stop: threading.Event) -> None:
    """Set `stop` when standard input ends, which is when the parent does."""
    die_with_parent()

    def hear() -> None:
        while os.read(0, 1024):
            pass
        stop.set()

    threading.Thread(target=hear, name="parent", daemon=True).start()
