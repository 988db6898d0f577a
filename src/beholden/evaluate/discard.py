"""Error versus discard: how FNMR falls when the comparisons of lowest quality are dropped (ISO/IEC 29794-1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from beholden.evaluate.comparisons import Comparisons, below
from beholden.evaluate.rates import Rate
from beholden.evaluate.trials import of_people
from beholden.model.errors import InputError

SHARES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


@dataclass(frozen=True, slots=True)
class DiscardPoint:
    """FNMR of what is left when the share `discarded` of mated comparisons, those below `quality`, is dropped."""

    discarded: float
    quality: float
    fnmr: Rate

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {"discarded": self.discarded, "quality": self.quality, "fnmr": self.fnmr.as_values()}


def error_versus_discard(
    comparisons: Comparisons,
    quality: npt.NDArray[np.floating],
    threshold: float,
    shares: Sequence[float] = SHARES,
) -> tuple[DiscardPoint, ...]:
    """FNMR at a fixed threshold by share discarded. `quality` (n,): the lower one of each comparison's two pictures.

    Qualities are cut at thousandths, and those that are equal stay together, so at most the share asked for is dropped;
    `discarded` is the share that was. A quality that says something makes FNMR fall; one that says nothing leaves it.
    Raises InputError where `quality` is not one number per comparison, or a share is not within 0-1.
    """
    if quality.shape != comparisons.scores.shape or bool(np.isnan(quality).any()):
        raise InputError("there is not one quality for each comparison")
    if not all(0 <= share < 1 for share in shares):
        raise InputError("a share to discard lies between 0 and 1")
    mated = comparisons.mated
    scores, people, worth = comparisons.scores[mated], comparisons.people[mated, 0], quality[mated]
    if not len(scores):
        return ()
    ranked = np.sort(worth)
    points: list[DiscardPoint] = []
    for share in shares:
        cut = float(np.floor(float(ranked[int(share * len(ranked) + 1e-6)]) * 1000) / 1000)
        kept = worth >= cut
        fnmr = below(of_people(people[kept]), scores[kept], [threshold])[0]
        points.append(DiscardPoint(1 - float(kept.mean()), cut, fnmr))
    return tuple(points)
