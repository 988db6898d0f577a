"""How many a second: a count over the last few seconds."""

from __future__ import annotations

WINDOW_S = 5
_SLOTS = WINDOW_S + 1


class Meter:
    """Counts events and their rate. Written by one thread, read by any, without a lock: a reader may be one behind."""

    __slots__ = ("_began_s", "_counts", "_seconds", "total")

    def __init__(self) -> None:
        self.total = 0
        self._counts = [0] * _SLOTS
        self._seconds = [-1] * _SLOTS
        self._began_s: float | None = None

    def count(self, now_s: float) -> None:
        """One more, at `now_s` (monotonic seconds)."""
        second = int(now_s)
        slot = second % _SLOTS
        if self._seconds[slot] != second:
            self._counts[slot], self._seconds[slot] = 0, second
        self._counts[slot] += 1
        self.total += 1
        if self._began_s is None:
            self._began_s = now_s

    def rate(self, now_s: float) -> float:
        """Events per second over the last whole seconds; 0 when nothing came for so long."""
        if self._began_s is None:
            return 0.0
        second = int(now_s)
        recent = sum(
            count for count, when in zip(self._counts, self._seconds, strict=True) if second - WINDOW_S <= when < second
        )
        return recent / max(1.0, min(WINDOW_S, second - int(self._began_s)))
