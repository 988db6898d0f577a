"""The thresholds at which curves are drawn: a fixed grid, so that no point of a curve is somebody's score."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from beholden.evaluate.rates import Rate

GRID: tuple[float, ...] = tuple(round(-0.2 + 0.01 * step, 2) for step in range(121))
"""Cosines from -0.2 to 1: below, everything matches; hundredths draw a smooth line."""
RATES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
"""Round false match rates for which a threshold is looked for, as far as the data reach."""


@dataclass(frozen=True, slots=True)
class AtRate:
    """The threshold that keeps a false rate at or below what was asked on these data, and both rates there."""

    term: str
    asked: float
    threshold: float
    false: Rate
    missed: Rate

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "term": self.term,
            "asked": self.asked,
            "threshold": self.threshold,
            "false": self.false.as_values(),
            "missed": self.missed.as_values(),
        }


def raised(threshold: float) -> float:
    """Up to the next thousandth: still strict enough, and nobody's score any more."""
    return math.ceil(threshold * 1000) / 1000
