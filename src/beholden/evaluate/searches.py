"""Identification: searches of a gallery, open set, the rates of their errors, and the curve over all thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from beholden.evaluate.comparisons import Scores, at_or_above, below, lowest_threshold, spread_thresholds
from beholden.evaluate.rates import Rate
from beholden.evaluate.trials import Trials, of_people, of_searches
from beholden.model.errors import InputError


@dataclass(frozen=True, slots=True)
class OpenSetPoint:
    """One point of the curve: both rates at a threshold, in a gallery of the size measured."""

    threshold: float
    fpir: Rate
    fnir: Rate

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {"threshold": self.threshold, "fpir": self.fpir.as_values(), "fnir": self.fnir.as_values()}


@dataclass(frozen=True, eq=False)
class Searches:
    """What m searches of a gallery of `gallery` people ended in, over several splits into enrolled and strangers.

    `people` (m,) int32: whose probe it was, an index from 0 that is the same in all splits. `own` (m,) float32: cosine
    of the probe with that person's best reference; NaN where the person is not enrolled (non-mated).
    `own_rank` (m,) int: place of the person among the gallery, from 1; 0 where non-mated. `other` (m,) float32: best
    cosine with anybody else. `split` (m,) int: the split it belongs to, from 0.
    Optional, for FPIR bounds that also hold for other galleries: `rival` (m,) int32, the person whose reference had
    the best cosine among others, and `enrolled` (splits, people) bool, who was in the gallery of each split.
    Raises InputError for arrays that do not fit together.
    """

    gallery: int
    people: npt.NDArray[np.int32]
    own: npt.NDArray[np.float32]
    own_rank: npt.NDArray[np.int32]
    other: npt.NDArray[np.float32]
    split: npt.NDArray[np.int32]
    rival: npt.NDArray[np.int32] | None = None
    enrolled: npt.NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        """What does not fit is told here, not by a rate that is wrong."""
        arrays = [self.people, self.own, self.own_rank, self.other, self.split]
        if any(array.shape != self.people.shape for array in arrays) or self.people.ndim != 1:
            raise InputError("the arrays of the searches do not fit together")
        if not np.array_equal(self.own_rank > 0, ~np.isnan(self.own)) or bool(np.isnan(self.other).any()):
            raise InputError("a search is mated where it has a cosine and a rank of its own, and has both or none")
        if (self.rival is None) != (self.enrolled is None):
            raise InputError("rivals are of use only with who was enrolled")
        if self.enrolled is not None and len(self.people):
            splits, people = self.enrolled.shape
            if int(self.split.max()) >= splits or int(self.people.max()) >= people:
                raise InputError("who was enrolled does not fit the searches")

    def fpir(self, threshold: float) -> Rate:
        """FPIR(N, T): non-mated searches that return anybody at or above the threshold. Bounds by person."""
        return self._false([threshold])[0]

    def fnir(self, threshold: float, rank: int = 1) -> Rate:
        """FNIR(N, R, T): mated searches without the person within `rank` places at or above the threshold."""
        return self._missed([threshold], rank)[0]

    def cmc(self, most: int) -> tuple[Rate, ...]:
        """Cumulative match characteristic: for ranks 1 to `most`, mated searches with the person within that rank.

        Here `errors` counts what was found: value 1 is best.
        """
        _, trials = self._mated
        rank = self.own_rank[self.own_rank > 0]
        return below(trials, rank.astype(np.float64), [at + 0.5 for at in range(1, most + 1)])

    def threshold_at_fpir(self, fpir: float) -> float:
        """The lowest threshold (a float32 value) whose FPIR on these searches is at most `fpir`.

        It is next to somebody's score: round it up before it is shown. Raises InputError without non-mated searches,
        or for a rate outside 0-1.
        """
        return lowest_threshold(self._nonmated[0], fpir)

    def curve(self, thresholds: Sequence[float] | None = None, rank: int = 1) -> tuple[OpenSetPoint, ...]:
        """FPIR and FNIR over the threshold, rising; by default spread over both rates' logarithms."""
        spread = spread_thresholds(self._nonmated[0], self._mated[0]) if thresholds is None else sorted(thresholds)
        return tuple(
            OpenSetPoint(float(at), fpir, fnir)
            for at, fpir, fnir in zip(spread, self._false(spread), self._missed(spread, rank), strict=True)
        )

    def of(self, chosen: npt.NDArray[np.bool_]) -> Searches:
        """Only the searches `chosen` (m,), of the same galleries."""
        return Searches(
            self.gallery,
            self.people[chosen],
            self.own[chosen],
            self.own_rank[chosen],
            self.other[chosen],
            self.split[chosen],
            None if self.rival is None else self.rival[chosen],
            self.enrolled,
        )

    @cached_property
    def _nonmated(self) -> tuple[Scores, Trials]:
        chosen = self.own_rank == 0
        people, scores = self.people[chosen], self.other[chosen]
        if self.rival is None or self.enrolled is None:
            return scores, of_people(people)
        return scores, of_searches(people, self.rival[chosen], self.split[chosen], self.enrolled)

    @cached_property
    def _mated(self) -> tuple[Scores, Trials]:
        chosen = self.own_rank > 0
        return self.own[chosen], of_people(self.people[chosen])

    def _false(self, thresholds: Sequence[float]) -> tuple[Rate, ...]:
        scores, trials = self._nonmated
        return at_or_above(trials, scores, thresholds)

    def _missed(self, thresholds: Sequence[float], rank: int) -> tuple[Rate, ...]:
        """A search that ranks the person too low is a miss at any threshold."""
        scores, trials = self._mated
        within = self.own_rank[self.own_rank > 0] <= rank
        return below(trials, np.where(within, scores, -np.inf), thresholds)
