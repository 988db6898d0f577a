"""Verification: comparisons of two pictures, the rates of their errors, and the curve over all thresholds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from beholden.evaluate.rates import Floats, Rate
from beholden.evaluate.resampling import rates_at
from beholden.evaluate.trials import Trials, of_pairs, of_people
from beholden.model.errors import InputError

Scores = npt.NDArray[np.floating]

POINTS = 200
"""Of a curve, at most."""


@dataclass(frozen=True, slots=True)
class DetPoint:
    """One point of a DET curve: both rates at a threshold."""

    threshold: float
    fmr: Rate
    fnmr: Rate

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {"threshold": self.threshold, "fmr": self.fmr.as_values(), "fnmr": self.fnmr.as_values()}


@dataclass(frozen=True, eq=False)
class Comparisons:
    """Scores of comparisons, of whom they were, and how many could not be made.

    `scores` (n,) float32 cosines; `mated` (n,) bool; `people` (n, 2) int32, the people of both pictures as indices from
    0 (equal where mated). `failed_mated`, `failed_nonmated`: comparisons that a failure to acquire prevented.
    A comparison matches when score >= threshold. Raises InputError for arrays that do not fit together.
    """

    scores: npt.NDArray[np.float32]
    mated: npt.NDArray[np.bool_]
    people: npt.NDArray[np.int32]
    failed_mated: int = 0
    failed_nonmated: int = 0

    def __post_init__(self) -> None:
        """What does not fit is told here, not by a rate that is wrong."""
        count = len(self.scores)
        if self.mated.shape != (count,) or self.people.shape != (count, 2):
            raise InputError("scores, mated and people of the comparisons do not fit together")
        if not bool(np.isfinite(self.scores).all()) or bool((self.people < 0).any()):
            raise InputError("a comparison has no score, or nobody it is of")
        if not np.array_equal(self.mated, self.people[:, 0] == self.people[:, 1]):
            raise InputError("a comparison is mated where both pictures are of one person, and only there")

    def fmr(self, threshold: float) -> Rate:
        """False match rate: non-mated comparisons at or above the threshold. Bounds by person."""
        return self._false([threshold])[0]

    def fnmr(self, threshold: float) -> Rate:
        """False non-match rate: mated comparisons below the threshold. Bounds by person."""
        return self._missed([threshold])[0]

    def false_accept(self, threshold: float) -> Rate:
        """FAR = FMR (1 - FTA): false matches among all non-mated comparisons, also those that were not possible."""
        return self._false([threshold], self.failed_nonmated)[0]

    def false_reject(self, threshold: float) -> Rate:
        """FRR = FTA + FNMR (1 - FTA): a comparison that was not possible rejects, too."""
        return self._missed([threshold], self.failed_mated)[0]

    def threshold_at_fmr(self, fmr: float) -> float:
        """The lowest threshold (a float32 value) whose FMR on these comparisons is at most `fmr`.

        It is next to somebody's score: round it up before it is shown. Raises InputError without non-mated
        comparisons, or for a rate outside 0-1.
        """
        return lowest_threshold(self._nonmated[0], fmr)

    def det(self, thresholds: Sequence[float] | None = None) -> tuple[DetPoint, ...]:
        """The DET curve, threshold rising; by default at `POINTS` thresholds spread over both rates' logarithms.

        Empty where there is no comparison.
        """
        chosen = spread_thresholds(self._nonmated[0], self._mated[0]) if thresholds is None else sorted(thresholds)
        return tuple(
            DetPoint(float(at), fmr, fnmr)
            for at, fmr, fnmr in zip(chosen, self._false(chosen), self._missed(chosen), strict=True)
        )

    def eer(self) -> float | None:
        """Equal error rate: where FMR = FNMR on the line between measured points; None if a kind is missing."""
        nonmated, mated = np.sort(self._nonmated[0]), np.sort(self._mated[0])
        if not len(nonmated) or not len(mated):
            return None
        steps = np.unique(np.concatenate([nonmated, mated]))
        missed = np.append(np.searchsorted(mated, steps, side="left"), len(mated)) / len(mated)
        false = 1 - np.append(np.searchsorted(nonmated, steps, side="left"), len(nonmated)) / len(nonmated)
        ahead = missed - false
        at = int(np.argmax(ahead >= 0))  # never 0: at the lowest score everything matches
        part = -ahead[at - 1] / (ahead[at] - ahead[at - 1])
        return float(missed[at - 1] + part * (missed[at] - missed[at - 1]))

    @cached_property
    def _nonmated(self) -> tuple[Scores, Trials]:
        others = ~self.mated
        return self.scores[others], of_pairs(self.people[others])

    @cached_property
    def _mated(self) -> tuple[Scores, Trials]:
        return self.scores[self.mated], of_people(self.people[self.mated, 0])

    def _false(self, thresholds: Sequence[float], failed: int = 0) -> tuple[Rate, ...]:
        scores, trials = self._nonmated
        return at_or_above(trials, scores, thresholds, failed)

    def _missed(self, thresholds: Sequence[float], failed: int = 0) -> tuple[Rate, ...]:
        scores, trials = self._mated
        return below(trials, scores, thresholds, failed)


def at_or_above(trials: Trials, scores: Scores, thresholds: Sequence[float], failed: int = 0) -> tuple[Rate, ...]:
    """The rate of scores >= each threshold, where that is the error. `failed` trials found nothing."""
    return rates_at(trials, scores.astype(np.float64), np.asarray(thresholds, np.float64), failed, rejected=False)


def below(trials: Trials, scores: Scores, thresholds: Sequence[float], failed: int = 0) -> tuple[Rate, ...]:
    """The rate of scores < each threshold, where that is the error. `failed` trials are errors, too."""
    above = np.nextafter(-np.asarray(thresholds, np.float64), np.inf)
    return rates_at(trials, -scores.astype(np.float64), above, failed)


def lowest_threshold(scores: Scores, rate: float) -> float:
    """The lowest float32 threshold at or above which is at most this share of the scores; -1 where all may be.

    Raises InputError without scores, or for a rate outside 0-1.
    """
    if not 0 <= rate <= 1:
        raise InputError(f"an error rate lies between 0 and 1, not at {rate:g}")
    if not len(scores):
        raise InputError("there is no comparison of different people, so no threshold can be found for a rate")
    allowed = math.floor(rate * len(scores) + 1e-6)  # .29 * 100 is a little less than 29
    if allowed >= len(scores):
        return -1.0
    first_too_many = np.partition(scores, len(scores) - 1 - allowed)[len(scores) - 1 - allowed]
    return float(np.nextafter(np.float32(first_too_many), np.float32(np.inf)))


def spread_thresholds(false: Scores, missed: Scores) -> list[float]:
    """At most `POINTS` thresholds, rising, at which both rates are spread evenly over their logarithms.

    Rounded up to thousandths, so that none is somebody's score.
    """
    chosen: list[Floats] = []
    for scores, order in ((false, -1), (missed, 1)):
        if len(scores):
            count = np.geomspace(1, len(scores), POINTS // 2)
            ranked = np.sort(scores)[::order]
            picked = ranked[np.round(count).astype(np.intp) - 1].astype(np.float64)
            chosen.append(np.ceil(picked * 1000) / 1000)
    return [float(each) for each in np.unique(np.concatenate(chosen))] if chosen else []
