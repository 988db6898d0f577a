"""Memory that a process has freed goes back to the system."""

from __future__ import annotations

import ctypes
import gc
import threading

EVERY_S = 60.0


def give_memory_back() -> None:
    """Return the heap's free pages to the system: half a millisecond, and as much for what only rings hold.

    Without it, pictures and decoders that come and go leave a worker some 20 MB larger each hour. A worker makes so
    few objects that Python itself looks through old ones almost never.
    """
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def keep_giving_back(stop: threading.Event) -> None:
    """Give memory back each minute from a thread of its own, until `stop` is set."""

    def give() -> None:
        while not stop.wait(EVERY_S):
            give_memory_back()

    threading.Thread(target=give, name="give memory back", daemon=True).start()
