"""How long to wait before a camera is tried again. Pure: chance is passed in.

A camera that is gone is tried often, so that it is back soon after it is: each wait is at most five
seconds. One that refuses us is tried seldom: many cameras lock the account after a few wrong
passwords, and then lock out their owner too.
"""

from __future__ import annotations

from collections.abc import Callable

FIRST_S = 0.5
LONGEST_S = 5.0
FIRST_REFUSED_S = 30.0
LONGEST_REFUSED_S = 300.0
GOOD_AFTER_S = 10.0
"""Pictures for this long, and what failed before is forgotten."""
_STARTING = 2  # refusals of a camera that showed pictures before: while it starts, it may not know its streams yet
_SPREAD = 0.2  # cameras that were lost together do not all come back in one instant
_ENOUGH = 16  # doublings after which nothing grows any more


class Backoff:
    """The waits of one camera. `chance` gives numbers from 0 up to 1."""

    __slots__ = ("_chance", "_losses", "_refusals", "_worked")

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._losses = self._refusals = 0
        self._worked = False

    def lost(self) -> float:
        """Seconds to wait after a camera that was gone: 0.5, doubling to 5, a little less by chance."""
        wait = min(LONGEST_S, FIRST_S * 2 ** min(self._losses, _ENOUGH))
        self._losses += 1
        return wait * (1 - _SPREAD * self._chance())

    def refused(self) -> float:
        """Seconds to wait after a refusal: 30, doubling to 300, a little more by chance, and never less than 30.

        A camera that worked before is tried twice more, soon.
        """
        if self._worked and self._refusals < _STARTING:
            self._refusals += 1
            return LONGEST_S
        wait = min(LONGEST_REFUSED_S, FIRST_REFUSED_S * 2 ** min(self._refusals - _STARTING * self._worked, _ENOUGH))
        self._refusals += 1
        return min(LONGEST_REFUSED_S, wait * (1 + _SPREAD * self._chance()))

    def good(self, pictures_s: float) -> None:
        """Pictures have come for `pictures_s` seconds without a break."""
        if pictures_s >= GOOD_AFTER_S:
            self._losses = self._refusals = 0
            self._worked = True
