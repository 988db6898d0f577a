"""How a camera is doing: rates from counters, and what went wrong in words."""

from __future__ import annotations

import traceback
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from beholden.model.errors import BeholdenError

WINDOW = 5
"""Rates are over this many looks, one a second."""


@dataclass(frozen=True, slots=True)
class _Look:
    at_s: float
    read: int
    analysed: int


class Rates:
    """Rates per second over the last few looks at two counters."""

    def __init__(self) -> None:
        self._looks: deque[_Look] = deque(maxlen=WINDOW + 1)

    def look(self, at_s: float, read: int, analysed: int) -> tuple[float, float]:
        """Take the counters as of now; how fast both went up. 0 at the first look."""
        if self._looks and (read < self._looks[-1].read or analysed < self._looks[-1].analysed):
            self._looks.clear()  # another source or run counts from nothing
        self._looks.append(_Look(at_s, read, analysed))
        first = self._looks[0]
        elapsed = at_s - first.at_s
        if elapsed <= 0:
            return 0.0, 0.0
        return (read - first.read) / elapsed, (analysed - first.analysed) / elapsed


def in_words(error: Exception) -> str:
    """What went wrong: our errors say it themselves; of a foreign one, its name and where, and nothing that it says."""
    if isinstance(error, BeholdenError):
        return error.message
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{where}"
