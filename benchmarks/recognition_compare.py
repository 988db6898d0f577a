"""Variants compared fairly: each at its own threshold for the same FMR, and differences by resampled people. Pure.

A threshold is measured on a variant's own non-mated scores: at FMR 1e-3 it is their quantile, at 1e-4 the exponential
tail over their 3% quantile, as in evaluate/tail.py. People are drawn anew, each with all that is theirs (a comparison
weighs as often as both its people were drawn), the same people for all variants, and thresholds are measured again each
time; so a difference carries their uncertainty too. Bounds of differences are the percentiles of that. With few errors
such bounds are too narrow, and of some thirty differences one or two are outside zero by chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from beholden.evaluate.rates import Rate
from beholden.evaluate.resampling import by_person
from beholden.evaluate.tail import START

FMRS = (1e-3, 1e-4)
"""At the first a quantile, at the second the tail fitted to the scores."""
SIDES = (0.025, 0.975)
KEPT = 0.25
"""Of the non-mated scores, the highest: the lower ones hold no threshold, whoever is drawn."""


@dataclass(frozen=True, eq=False)
class Cell:
    """`scores` (n, people) of n probes with everybody's reference, `person` (n,) whose probe each is.

    `counted` (n,) bool: the probes whose mated scores count, None: all. Non-mated scores always do.
    """

    scores: np.ndarray
    person: np.ndarray
    counted: np.ndarray | None = None

    def __post_init__(self) -> None:
        assert len(self.scores) == len(self.person), "a row for each probe"


@dataclass(frozen=True)
class Difference:
    """How much more a variant errs than the baseline (negative: less), with 95% bounds by person."""

    value: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether zero is outside the bounds."""
        return self.low > 0 or self.high < 0

    def as_values(self) -> dict[str, float]:
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True, eq=False)
class Measured:
    """One variant in one cell. `drawn` (1 + resamples, FMRs + 1): FNMR at each FMR and the room, the first as it is.

    The room tells differences where nobody is missed: how far the mean mated score is above the threshold at FMR 1e-4,
    in standard deviations of the non-mated scores.
    """

    rates: tuple[Rate, ...]
    drawn: np.ndarray

    @property
    def room(self) -> float:
        return float(self.drawn[0, -1])


class Ordered:
    """A cell's scores as resampling needs them: the highest non-mated ones, falling, and whose they are."""

    def __init__(self, cell: Cell, people: int) -> None:
        assert cell.scores.shape[1] == people, "a column for each person"
        counted = np.flatnonzero(np.ones(len(cell.person), bool) if cell.counted is None else cell.counted)
        self.person = cell.person[counted]
        self.mated = cell.scores[counted, self.person].astype(np.float64)
        self.tried = np.bincount(self.person, minlength=people)
        self.probes = np.bincount(cell.person, minlength=people)
        row, column = np.nonzero(cell.person[:, None] != np.arange(people))
        scores = cell.scores[row, column].astype(np.float64)
        self.spread = float(scores.std())
        order = np.argsort(-scores, kind="stable")[: max(1, int(KEPT * len(scores)))]
        self.falling, self.first, self.second = scores[order], cell.person[row[order]], column[order]

    def thresholds(self, times: np.ndarray) -> tuple[float, ...]:
        """At each of `FMRS`, where person i was drawn `times[i]` times."""
        weights = times[self.first] * times[self.second]
        share = np.cumsum(weights) / float((self.probes * times) @ (times.sum() - times))
        start = self._quantile(share, START)
        above = int(np.searchsorted(-self.falling, -start, side="right"))
        scale = float((self.falling[:above] - start) @ weights[:above]) / float(weights[:above].sum())
        return self._quantile(share, FMRS[0]), start + scale * float(np.log(START / FMRS[1]))

    def _quantile(self, share: np.ndarray, rate: float) -> float:
        """The lowest score that at most this share of scores reaches; the highest where none is as rare."""
        within = int(np.searchsorted(share, rate + 1e-12, side="right"))
        highest = int(np.searchsorted(share, 0.0, side="right"))
        return float(self.falling[max(highest, within - 1)])

    def values(self, times: np.ndarray) -> list[float]:
        thresholds, weights = self.thresholds(times), times[self.person]
        total = max(float(weights.sum()), 1e-9)
        missed = [float(weights @ (self.mated < threshold)) / total for threshold in thresholds]
        return [*missed, (float(weights @ self.mated) / total - thresholds[-1]) / self.spread]


def measure(cells: Mapping[Any, Cell], people: int, resamples: int, seed: int) -> dict[Any, Measured]:
    """Each cell, over the same resampled people."""
    random = np.random.default_rng(seed)
    draws = [np.ones(people)]
    draws += [
        np.bincount(random.integers(0, people, people), minlength=people).astype(np.float64) for _ in range(resamples)
    ]
    return {key: _measured(Ordered(cell, people), draws) for key, cell in cells.items()}


def _measured(ordered: Ordered, draws: Sequence[np.ndarray]) -> Measured:
    tried = ordered.tried
    rates = tuple(
        by_person(np.bincount(ordered.person[ordered.mated < threshold], minlength=len(tried)), tried)
        for threshold in ordered.thresholds(draws[0])
    )
    return Measured(rates, np.array([ordered.values(times) for times in draws]))


def difference(variants: Sequence[Measured], baselines: Sequence[Measured], column: int) -> Difference:
    """Of one column of `Measured.drawn` (-1: the room), the mean over cells, each beside its own baseline."""
    drawn = np.mean(
        [one.drawn[:, column] - other.drawn[:, column] for one, other in zip(variants, baselines, strict=True)], axis=0
    )
    low, high = np.quantile(drawn[1:], SIDES) if len(drawn) > 1 else (drawn[0], drawn[0])
    return Difference(float(drawn[0]), float(low), float(high))
