"""When something that died is started again: at once, unless it dies again and again. Pure."""

from __future__ import annotations

import signal
from dataclasses import dataclass

LOOP = 3
"""So many deaths in a row, ..."""
LOOP_S = 10.0
"""... after living this long altogether, are a loop."""
LONGEST_S = 10.0
KILLED_S = 0.25
"""Between two starts of what was killed from outside: no fault of its own, but it may be a loop all the same."""
FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM)
"""Exit codes that nothing in a process causes: somebody killed it, or the system did for want of memory."""


@dataclass(frozen=True, slots=True)
class Restarts:
    """How one child has lived so far: its last few lives in seconds, and how often in a row it was in a loop.

    `wait_s` is how long to wait now: nothing, or 1, 2, 4, 8, 10 s in a loop.
    """

    lives: tuple[float, ...] = ()
    level: int = 0
    wait_s: float = 0.0

    def died(self, lived_s: float, *, from_outside: bool = False) -> Restarts:
        """It died after `lived_s`; `from_outside` when somebody else killed it, which says nothing about it."""
        if from_outside:
            return Restarts(self.lives, self.level, max(0.0, KILLED_S - lived_s))
        lives = (*self.lives, lived_s)[-LOOP:]
        level = self.level + 1 if len(lives) == LOOP and sum(lives) <= LOOP_S else 0
        return Restarts(lives, level, min(LONGEST_S, 2.0 ** (level - 1)) if level else 0.0)


def ended_by(code: int) -> str:
    """How a process ended, in words, from its exit code (negative for a signal)."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
