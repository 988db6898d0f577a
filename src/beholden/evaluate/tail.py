"""The upper tail of non-mated scores: a threshold per false match rate, how sure it is, and how far the data reach.

Down to `START` thresholds are quantiles of the scores. Beyond, an exponential tail: peaks over the quantile at `START`,
whose scale is their mean excess (the maximum-likelihood fit of a generalised Pareto tail of shape 0; Coles, "An
Introduction to Statistical Modeling of Extreme Values", 2001, chapter 4). Each set of scores has its own start, all
share one scale: what a few dozen people say about it does not go further. Nor can they tell a shape.
Measured on 51 people, the mean excess falls from .029 over the 5% quantile to .025 over 3% and .014 over 1%: their tail
is lighter than the line drawn. What no such line sees are relatives and look-alikes who are not among the people
measured: of the 1,230 pairs alike among all 102 people, one is above the threshold for FPIR .01 and 100 people, and
the 51 do not hold both of them.

Comparisons that share a person are not independent, and thirty shots of a person are still one person: all bounds are
over resampled people, each drawn with all that is theirs; a pair counts as often as both of its people were drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from beholden.model.errors import EmptyInput

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]

START = 3e-2
"""Where the exponential tail begins. On people held out, FPIR per track was .6 to 1.1 times what it said at .05 to .1
(benchmarks/NOTES.md); beginning at 5% or 1%, .4 to .7 and .9 to 1.8 times."""
UPPER = 0.95
"""Of the thresholds over resampled people. Measured in simulation, with 51 people who vary as the London set's do
(300 repetitions): the true threshold lies below it in 95% at FMR 1e-1 and 3e-2, 84% at 1e-2, 87% at 1e-3, and at the
rates that decisions use, 1e-4 and 3e-5, in 92% and 96%. `faces/calibration.py` takes the worst of all sizes besides."""
FACTOR = 2.0
"""The data reach as far as 95% of resamples tell a rate within this factor."""
SIDES = (0.025, 0.975)
GRID = tuple(float(rate) for rate in np.geomspace(0.2, 1e-4, 67))
"""False match rates at which is asked whether the data reach that far: twenty a decade."""


@dataclass(frozen=True, slots=True, eq=False)
class PairScores:
    """Non-mated scores (n,) float32, any order, and `pair` (n,) int32: which pair of people each is of."""

    scores: npt.NDArray[np.float32]
    pair: Indices


@dataclass(frozen=True, slots=True)
class Tail:
    """Thresholds of one set of scores at the rates that were asked for: `upper` what decisions use, `point` best guess.

    `reach`: the smallest rate that the data tell within `FACTOR`; 1 where they tell none. `scores`: how many there are.
    """

    scores: int
    upper: tuple[float, ...]
    point: tuple[float, ...]
    reach: float


@dataclass(frozen=True, slots=True, eq=False)
class _Falling:
    """Scores, falling, the pair of each, and how many of them stand for each rate of the grid."""

    scores: Floats
    pair: Indices
    depth: npt.NDArray[np.intp]


def measure_tails(
    sets: Sequence[PairScores],
    people: Indices,
    count: int,
    rates: Sequence[float],
    resamples: int,
    random: np.random.Generator,
) -> tuple[Tail, ...]:
    """The tail of each set of scores, with bounds by person.

    `people` (p, 2) int32: the two people of each pair, below `count`. Raises EmptyInput for a set without scores.
    """
    if not sets or not all(len(each.scores) for each in sets):
        raise EmptyInput("too few scores between people of the same sex and ethnicity")
    falling = [_falling(each) for each in sets]
    point, _ = _thresholds(falling, np.ones(len(people)), rates)
    drawn: list[Floats] = []
    shares: list[Floats] = []
    for _ in range(resamples):
        times = np.bincount(random.integers(0, count, count), minlength=count)
        weights = (times[people[:, 0]] * times[people[:, 1]]).astype(np.float64)
        if all(weights[each.pair].any() for each in falling):
            thresholds, share = _thresholds(falling, weights, rates)
            drawn.append(thresholds)
            shares.append(share)
    upper = np.maximum(point, np.quantile(np.array(drawn), UPPER, axis=0)) if drawn else point
    return tuple(
        Tail(
            len(each.scores),
            _floats(upper[at]),
            _floats(point[at]),
            _reach(np.array([share[at] for share in shares]), each),
        )
        for at, each in enumerate(falling)
    )


def _falling(given: PairScores) -> _Falling:
    order = np.argsort(-given.scores, kind="stable")
    depth = np.maximum(1, np.round(np.array(GRID) * len(order))).astype(np.intp)
    return _Falling(given.scores[order].astype(np.float64), given.pair[order], depth)


def _thresholds(sets: Sequence[_Falling], pair_weights: Floats, rates: Sequence[float]) -> tuple[Floats, Floats]:
    """(sets, rates) thresholds of weighted scores, and (sets, grid) the shares of scores above the grid's depths."""
    starts: list[float] = []
    shares: list[Floats] = []
    excess = mass = 0.0
    for each in sets:
        weights = pair_weights[each.pair]
        share = np.cumsum(weights)
        share /= share[-1]
        start = _quantile(each.scores, share, START)
        above = int(np.searchsorted(-each.scores, -start, side="right"))
        excess += float((each.scores[:above] - start) @ weights[:above]) / float(weights.sum())
        mass += float(share[above - 1])
        starts.append(start)
        shares.append(share)
    scale = excess / mass
    thresholds = [
        [
            _quantile(each.scores, share, rate) if rate >= START else start + scale * float(np.log(START / rate))
            for rate in rates
        ]
        for each, share, start in zip(sets, shares, starts, strict=True)
    ]
    at_depths = [share[each.depth - 1] for each, share in zip(sets, shares, strict=True)]
    return np.array(thresholds), np.array(at_depths)


def _quantile(scores: Floats, share: Floats, rate: float) -> float:
    """The lowest score that at most this share of scores reaches; the highest where none is as rare."""
    within = int(np.searchsorted(share, rate + 1e-12, side="right"))
    highest = int(np.searchsorted(share, 0.0, side="right"))  # those before it weigh nothing
    return float(scores[max(highest, within - 1)])


def _reach(shares: Floats, given: _Falling) -> float:
    """The smallest rate of the grid down to which resampled people agree within `FACTOR`."""
    reach = 1.0
    if not len(shares):
        return reach
    measured = given.depth / len(given.scores)
    low, high = np.quantile(shares, SIDES, axis=0)
    for rate, at_least, at_most in zip(measured, low, high, strict=True):
        if at_least < rate / FACTOR or at_most > rate * FACTOR:
            break
        reach = float(rate)
    return reach


def _floats(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
