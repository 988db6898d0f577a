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
    before = {thread: os.sched_getscheduler(thread) for thread in _threads()}
    own = os.sched_getscheduler(0)
    own = own if own in _ORDINARY else os.SCHED_OTHER
    try:
        yield
    finally:
        for thread in _threads():
            with suppress(OSError):  # a thread that has ended meanwhile
                if os.sched_getscheduler(thread) not in _ORDINARY and before.get(thread, own) in _ORDINARY:
                    os.sched_setscheduler(thread, before.get(thread, own), os.sched_param(0))


def _threads() -> list[int]:
    return [int(entry.name) for entry in _TASKS.iterdir()]
