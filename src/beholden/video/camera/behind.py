"""A reader that cannot keep up passes over pictures up to the next keyframe: being late drops pictures, queues none.

Packets that come late say that something is slow, not what: where it is the network, everything that comes has to be
decoded, and where it is this machine, decoding everything makes each picture later than the one before. So a reader is
behind when packets have been late for a while in which its thread never had to wait for one: it was running, or in the
queue of the processor (the kernel counts both). Reading on without decoding costs next to nothing and empties the
queue; a keyframe that comes in time is decoded again, and as many pictures after it as there is time for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LATE_S = 0.35
"""So late is late."""
PATIENCE_S = 4.0
"""Keyframes that are late are passed over, too, but not for longer: a camera whose packets have all been late since, is
looked at now and then."""
WATCHED_S = 0.25
"""For so long packets were late before it is asked why."""
BUSY = 0.7
"""Share of the time in which the thread was running or ready to run. Of a thread that waits for packets it is far
less; of one that is behind it is not all, because it also waits for the interpreter."""
_COUNTED = Path("/proc/thread-self/schedstat")


def ready_s() -> float | None:
    """Seconds for which this thread ran, or stood in the queue of a processor; None where the kernel does not count."""
    try:
        ran, waited, _ = _COUNTED.read_text(encoding="ascii").split()
        return (int(ran) + int(waited)) / 1e9
    except (OSError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class _Since:
    now_s: float
    ready_s: float


class Behind:
    """Whether the reader of one camera is behind. For the thread that reads."""

    def __init__(self, ready: Callable[[], float | None] = ready_s) -> None:
        self._ready = ready
        self._since: _Since | None = None
        self._from_s: float | None = None
        """Since when packets are passed over; None: they are not."""
        self.passed = 0
        """Packets that were passed over."""

    def begin_again(self) -> None:
        """A new connection."""
        self._since = self._from_s = None

    def passes(self, now_s: float, late_s: float, *, keyframe: bool) -> bool:
        """Whether the packet that came at `now_s` (time.monotonic(), seconds), `late_s` later than those that are
        least delayed, is not to be decoded."""
        if self._from_s is not None:
            if keyframe and (late_s <= LATE_S or now_s - self._from_s >= PATIENCE_S):
                self._from_s = None
        elif late_s <= LATE_S:
            self._since = None
        elif self._was_busy(now_s):
            self._since, self._from_s = None, now_s
        self.passed += self._from_s is not None
        return self._from_s is not None

    def _was_busy(self, now_s: float) -> bool:
        since = self._since
        if since is not None and now_s - since.now_s < WATCHED_S:
            return False
        ready = self._ready()
        self._since = None if ready is None else _Since(now_s, ready)
        if since is None or ready is None:
            return False
        return ready - since.ready_s >= BUSY * (now_s - since.now_s)
