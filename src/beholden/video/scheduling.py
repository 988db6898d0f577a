"""An encoder gets no more of the machine than whoever opens it."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

_TASKS = Path("/proc/self/task")
_ORDINARY = frozenset({os.SCHED_OTHER, os.SCHED_BATCH, os.SCHED_IDLE})


@contextmanager
def ordinary_scheduling() -> Generator[None]:
    """Whatever is opened within, no thread comes out with real-time priority; new ones get the caller's scheduling.

    For root, SVT-AV1 makes its own threads and the one that opens it real-time ones of the highest priority (SCHED_FIFO
    99), and all that is started from there inherits it: cameras, keeper and every other program then wait for them.
    """
    before = _schedulers()
    own = os.sched_getscheduler(0)
    own = own if own in _ORDINARY else os.SCHED_OTHER
    try:
        yield
    finally:
        for thread, scheduler in _schedulers().items():
            if scheduler not in _ORDINARY and before.get(thread, own) in _ORDINARY:
                with suppress(ProcessLookupError):
                    os.sched_setscheduler(thread, before.get(thread, own), os.sched_param(0))


def _schedulers() -> dict[int, int]:
    """Of every thread of this process; one that ends meanwhile is left out."""
    found: dict[int, int] = {}
    for entry in _TASKS.iterdir():
        with suppress(ProcessLookupError):
            found[int(entry.name)] = os.sched_getscheduler(int(entry.name))
    return found
