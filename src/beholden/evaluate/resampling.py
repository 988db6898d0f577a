"""Bounds by person: trials of the same person are alike, so people are what is drawn anew, with all their pictures.

How far a rate would move if other people had come is the variance over resampled people. It has a closed form, the
jackknife over people, so nothing is drawn and no seed is needed. A comparison of two people depends on both: whoever is
left out takes all comparisons along that they are in (a pair weighs w_a * w_b). What two people share would be counted
for each of them, so it is taken off once (Fafchamps and Gubert, 2007): resampling both sides as they are counts it
three times (Owen, "The pigeonhole bootstrap", 2007), and was measured to cover 99% and more.

A percentile bootstrap covers too little where errors are few, so the variance becomes an effective number of trials
(Korn and Graubard, 1998), and the bounds are those of a beta distribution at it: Jeffreys', below two effective errors
towards Clopper and Pearson's. The upper bound is raised by two things, since those who err often may not have come:
- half a person more, who errs as often as those seen to err, or, where nobody was, every time; what was seen outweighs
  that by the effective number of people who erred;
- Student's t, for the degrees of freedom that the design effect, as far as it is above 1, was measured with.
With no error at all nothing is known of how alike the trials of one person are, so they count as one: the rule of 3 on
people (or pairs of people), which is the usual one where everybody has one trial. Above a half, all of it is turned.

Measured in simulation: 240 settings of 30-400 people with 1-200 trials each (rates .003-.5, correlation within a person
0-.4), 90 of pairs of 40 or 120 people (rates .0005-.02, pictures 1-20, effects of person and of pair), and searches in
half of 40 or 120 people. Where ten people or more erred, effectively, the truth was within the bounds in 93-97.5% of
runs in nine of ten settings, and in 91-98.5% in all. With fewer it mostly was in 97-99%, since bounds are wide rather
than wrong; the least was 91%, where a few people have most of the trials or look like many others. Bounds that take all
trials for independent went down to 12%. tests/evaluate/test_resampling.py repeats a part of this.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from beholden.evaluate.rates import LEVEL, Bounds, Floats, Rate, beta_quantile, of_none
from beholden.evaluate.trials import Counts, Trials, of_people
from beholden.model.errors import InputError

BY_PERSON = "by person"
NO_ERROR = "no error seen: one-sided rule of 3, by person"
ONLY_ERRORS = "nothing but errors seen: one-sided rule of 3, by person"
TOO_FEW = "too few people to say anything of others"
FROM_LOOSER = "by person, at a threshold with more errors"
BESIDE = (5, 20)
"""Errors at the limits beside the asked one, from whose bounds it is told how alike the trials of one person are."""
NORMAL = 1.959964
"""The normal distribution has 95% of its weight within so many standard deviations."""
MOST_LEVERAGE = 0.9
"""Of a person in more of the trials than this share, leaving them out would leave too little."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How the errors at one threshold are spread over people: all that their bounds depend on.

    `enough`: whether the people tried tell anything of others. `alike`: as of `Trials`. `effect`: the design effect, 1
    or more. `who`: the effective number of people who erred (where most trials are errors: who did not). `freedom`:
    the degrees of freedom of the variance.
    """

    errors: int
    count: int
    enough: bool
    alike: float
    effect: float = 1.0
    who: float = 0.0
    freedom: float = 1.0


def by_person(errors: npt.ArrayLike, trials: npt.ArrayLike) -> Rate:
    """The rate of trials that each belong to one person; `errors` and `trials` (people,) count them.

    Raises InputError for counts that cannot be.
    """
    wrong, tried = np.asarray(errors, np.int64), np.asarray(trials, np.int64)
    if wrong.shape != tried.shape or wrong.ndim != 1 or bool(((wrong < 0) | (wrong > tried)).any()):
        raise InputError("errors and trials by person do not fit together")
    person = np.repeat(np.arange(len(tried)), tried)
    place = np.arange(len(person)) - np.repeat(np.cumsum(tried) - tried, tried)
    since = np.where(place < np.repeat(wrong, tried), 0, 1)
    return rates_of(of_people(person, len(tried)), since, 1)[0]


def rates_of(trials: Trials, since: Counts, points: int, failed: int = 0, rejected: bool = True) -> tuple[Rate, ...]:
    """The rate at each of `points` thresholds, at which errors can only become more.

    `since` (n,): the first point at which a trial is an error, `points` if at none. Quick: every trial is looked at
    once, whatever the number of points. `failed`: further trials, of nobody knows whom, that a failure to acquire
    prevented; they are errors at all points if `rejected`, else at none. Their design effect is taken to be the same.
    """
    more = failed * rejected
    found = [
        replace(spread, errors=spread.errors + more, count=spread.count + failed)
        for spread in spreads(trials, since, points)
    ]
    return tuple(
        Rate(spread.errors, spread.count, bounds) for spread, bounds in zip(found, bounds_of(found), strict=True)
    )


def rates_at(
    trials: Trials, strength: Floats, limits: Floats, failed: int = 0, rejected: bool = True
) -> tuple[Rate, ...]:
    """The rate at each limit, in any order; a trial is an error where its `strength` (n,) is at or above the limit.

    Where next to nothing goes wrong, its bounds are not above those of a lower limit with more errors, as its rate
    is not: see `BESIDE`. `failed` and `rejected` as in `rates_of`.
    """
    known = [many for many in BESIDE if many <= len(trials) and trials.alike > 1]
    beside = [float(np.partition(strength, -many)[-many]) for many in known]
    steps = np.unique(np.array([*limits, *beside]))[::-1]
    since = np.searchsorted(-steps, -strength, side="left")
    found = dict(zip(steps.tolist(), rates_of(trials, since, len(steps), failed, rejected), strict=True))
    return tuple(_within(found[limit], [found[at] for at in beside if at < limit]) for limit in limits.tolist())


def _within(rate: Rate, looser: Sequence[Rate]) -> Rate:
    """The rate, with an upper bound that is no higher than those of the rates that are never lower than it."""
    least = min((other.bounds for other in looser if other.bounds), key=lambda bounds: bounds.high, default=None)
    if rate.bounds is None or least is None or least.high >= rate.bounds.high:
        return rate
    return Rate(rate.errors, rate.trials, Bounds(rate.bounds.low, least.high, FROM_LOOSER))


def spreads(trials: Trials, since: Counts, points: int) -> Iterator[Spread]:
    """The spread at each point: the errors that come with it are added to those of the points before."""
    erred = np.flatnonzero(since < points)
    order = erred[np.argsort(since[erred].astype(np.int16 if points < 2**15 else np.int64), kind="stable")]
    ends = np.searchsorted(since[order], np.arange(points), side="right")
    first, second = np.zeros(len(trials.first_tried)), np.zeros(len(trials.second_tried))
    paired = np.zeros(len(trials.per_pair))
    squares = product = 0.0
    start = 0
    for end in map(int, ends):
        new = order[start:end]
        first += np.bincount(trials.first[new], minlength=len(first))
        if trials.second is not None and trials.pair is not None:
            second += np.bincount(trials.second[new], minlength=len(second))
            pair, more = np.unique(trials.pair[new], return_counts=True)
            squares += float((more * (2 * paired[pair] + more)).sum())
            product += float((more * trials.per_pair[pair]).sum())
            paired[pair] += more
        start = end
        rate = end / max(1, len(trials))
        yield _spread(trials, end, first, second, squares - 2 * rate * product + rate * rate * trials.squares)


def _spread(trials: Trials, errors: int, first: Floats, second: Floats, shared: float) -> Spread:
    """From the errors of each person on either side (P,); `shared`: the squared residuals of the pairs, summed."""
    rate = errors / max(1, len(trials))
    nothing = Spread(errors, len(trials), trials.enough, trials.alike)
    if not 0 < errors < len(trials):
        return nothing
    part = 1.0
    wrong, tried = first, trials.first_tried
    if trials.second is not None:
        # With many alike in a gallery, one of them less changes little: the share of finds that hang on one person.
        part = -math.log1p(-rate) * (1 - rate) / rate if trials.search else 1.0
        wrong, tried = wrong + part * second, tried + part * trials.second_tried
    weight = _weight(wrong, tried, rate, len(trials))
    people = int(np.count_nonzero(tried))
    least = shared
    if trials.search:
        least = float(_weight(first, trials.first_tried, rate, len(trials)).sum())
    variance = max(float(weight.sum()) * (people - 1) / people - part * part * shared, least)
    erred = wrong if 2 * errors <= len(trials) else tried - wrong
    sides = 1 if trials.second is None else 2
    fourth = float(np.square(weight).sum())
    return replace(
        nothing,
        effect=max(1.0, variance / (errors * (1 - rate))),
        who=float(erred.sum()) ** 2 / float(np.square(erred).sum()) / sides,
        freedom=(float(weight.sum()) ** 2 / fourth if fourth else people) / sides,
    )


def _weight(wrong: Floats, tried: Floats, rate: float, count: int) -> Floats:
    """The squares of how far the errors would move with each person left out (P,)."""
    return np.square((wrong - rate * tried) / (1 - np.minimum(tried / count, MOST_LEVERAGE)))


def bounds_of(found: Sequence[Spread]) -> list[Bounds | None]:
    """The bounds at each point; None where nothing was tried."""
    lows, highs = _intervals(found)
    return [
        _bounds(spread, float(low), float(high)) if spread.count else None
        for spread, low, high in zip(found, lows, highs, strict=True)
    ]


def _bounds(spread: Spread, low: float, high: float) -> Bounds:
    if not spread.enough:
        return Bounds(0.0, 1.0, TOO_FEW)
    some = 0 < spread.errors < spread.count
    return Bounds(low, high, BY_PERSON if some else ONLY_ERRORS if spread.errors else NO_ERROR)


def _intervals(found: Sequence[Spread]) -> tuple[Floats, Floats]:
    """Lower and upper ends; see the head of this file."""
    columns = [(each.errors, max(1, each.count), max(1.0, each.alike)) for each in found]
    errors, count, alike = np.array(columns, np.float64).reshape(-1, 3).T
    effect, who, freedom = np.array([(each.effect, each.who, each.freedom) for each in found]).reshape(-1, 3).T
    turned = 2 * errors > count
    seen = np.where(turned, count - errors, errors)
    tail = (1 - LEVEL) / 2
    least = np.maximum(seen, 1e-3) / effect
    jeffreys = np.clip(least - 1, 0.0, 1.0) / 2
    low = beta_quantile(tail, least + jeffreys, (count - seen) / effect + 1 - jeffreys)
    next_one = np.maximum(effect, (alike + who * effect) / (1 + who))
    most = seen + 0.5 * next_one
    each = (seen * (1 + (effect - 1) * _student(freedom)) + 0.5 * next_one**2) / most
    high = beta_quantile(1 - tail, most / each, np.maximum((count - most) / each + 1, 1e-3))
    low, high = np.minimum(low, seen / count), np.maximum(high, seen / count)
    low, high = np.where(seen > 0, low, 0.0), np.where(seen > 0, high, of_none(count / alike))
    return np.where(turned, 1 - high, low), np.where(turned, 1 - low, high)


def _student(freedom: Floats) -> Floats:
    """How much wider, as a variance, Student's t makes bounds of a variance known with so many degrees of freedom."""
    freedom = np.maximum(freedom, 1.5)
    share = beta_quantile(1 - LEVEL, freedom / 2, 0.5)
    return freedom * (1 - share) / share / NORMAL**2
