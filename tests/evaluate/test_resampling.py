"""Bounds by person: they cover the truth where trials of one person are alike, and are those of resampled people."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import beta, norm

from beholden.evaluate.rates import Rate, exact
from beholden.evaluate.resampling import Spread, bounds_of, by_person, rates_of, spreads
from beholden.evaluate.trials import Trials, of_pairs, of_people, of_searches
from beholden.model.errors import InputError

Indices = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]
Run = Callable[[np.random.Generator], tuple[Trials, Scores]]
"""One measurement: whose the trials are, and how strong each is. A trial is an error at or above a limit."""


def ends(rate: Rate) -> tuple[float, float]:
    assert rate.bounds is not None
    return rate.bounds.low, rate.bounds.high


def simulate(run: Run, limits: Sequence[float], runs: int, seed: int = 7) -> list[list[Spread]]:
    """By limit (falling): the spread of the errors in each run."""
    random = np.random.default_rng(seed)
    steps = -np.array(limits)
    found = []
    for _ in range(runs):
        trials, strength = run(random)
        found.append(list(spreads(trials, np.searchsorted(steps, -strength), len(steps))))
    return [list(column) for column in zip(*found, strict=True)]


def covered(found: Sequence[Spread], truth: float) -> float:
    """The share of runs with the truth within their bounds."""
    bounds = [each for each in bounds_of(found) if each is not None]
    assert len(bounds) == len(found)
    return float(np.mean([each.low <= truth <= each.high for each in bounds]))


def covered_plainly(found: Sequence[Spread], truth: float) -> float:
    """The same for Clopper and Pearson's bounds, which take all trials for independent."""
    errors = np.array([each.errors for each in found])
    count = np.array([each.count for each in found])
    low = np.where(errors > 0, beta.ppf(0.025, np.maximum(errors, 1), count - errors + 1), 0)
    high = beta.ppf(0.975, errors + 1, np.maximum(count - errors, 1e-9))
    return float(np.mean((low <= truth) & (truth <= high)))


def mated(random: np.random.Generator) -> tuple[Trials, Scores]:
    """All comparisons of the 2 to 9 pictures of each of 150 people; some people are harder than others."""
    pictures = 1 + np.minimum(random.geometric(0.4, 150), 8)
    person = np.repeat(np.arange(150), pictures * (pictures - 1) // 2)
    return of_people(person), 0.5 * random.normal(size=150)[person] + np.sqrt(0.75) * random.normal(size=len(person))


def nonmated(random: np.random.Generator) -> tuple[Trials, Scores]:
    """All comparisons of the 1 to 3 pictures of each of 60 people with those of others; some look like many."""
    who = np.repeat(np.arange(60), random.integers(1, 4, 60))
    one, other = np.triu_indices(len(who), 1)
    one, other = (side[who[one] != who[other]] for side in (one, other))
    a, b = who[one], who[other]
    alike, pair = 0.22 * random.normal(size=60), 0.45 * random.normal(size=(60, 60))
    rest = np.sqrt(1 - 2 * 0.22**2 - 0.45**2)
    return of_pairs(np.stack([a, b], axis=1)), alike[a] + alike[b] + pair[a, b] + rest * random.normal(size=len(a))


def strangers(random: np.random.Generator) -> tuple[Trials, Scores]:
    """Four splits of 60 people, half of them enrolled: the 1 to 4 pictures of the others are searched for."""
    who = np.repeat(np.arange(60), random.integers(1, 5, 60))
    alike, pair = 0.3 * random.normal(size=60), 0.4 * random.normal(size=(60, 60))
    scores = alike[who][:, None] + alike[None] + pair[who] + np.sqrt(0.66) * random.normal(size=(len(who), 60))
    enrolled = np.zeros((4, 60), bool)
    probe, rival, split, best = [], [], [], []
    for number in range(4):
        gallery = random.permutation(60)[:30]
        enrolled[number, gallery] = True
        rows = np.flatnonzero(~enrolled[number][who])
        found = scores[rows][:, gallery]
        probe.append(who[rows])
        rival.append(gallery[found.argmax(axis=1)])
        split.append(np.full(len(rows), number))
        best.append(found.max(axis=1))
    whose = of_searches(np.concatenate(probe), np.concatenate(rival), np.concatenate(split), enrolled)
    return whose, np.concatenate(best)


def enrolled(random: np.random.Generator) -> tuple[Trials, Scores]:
    """100 people come back 1 to 30 times each; some are found more easily than others."""
    person = np.repeat(np.arange(100), np.minimum(random.geometric(0.12, 100), 30))
    return of_people(person), 0.5 * random.normal(size=100)[person] + np.sqrt(0.75) * random.normal(size=len(person))


def goats(random: np.random.Generator) -> tuple[Trials, Scores]:
    """60 people come 20 times each; nearly all always succeed, and some fail often. One of a hundred trials fails."""
    person = np.repeat(np.arange(60), 20)
    return of_people(person), random.beta(0.02, 1.98, 60)[person] - random.random(len(person))


def fpir(limit: float) -> float:
    """The true rate of `strangers`: any of 30 people enrolled is alike enough, averaged over strangers."""
    stranger, weight = np.polynomial.hermite_e.hermegauss(60)
    none = norm.cdf((limit - 0.3 * stranger) / np.sqrt(1 - 0.3**2)) ** 30
    return float(1 - (none * weight).sum() / weight.sum())


@pytest.mark.parametrize(
    ("run", "runs", "limits"),
    [
        pytest.param(mated, 1500, (norm.isf(0.03), norm.isf(0.15)), id="FNMR"),
        pytest.param(nonmated, 500, (norm.isf(0.002), norm.isf(0.02)), id="FMR"),
        pytest.param(strangers, 500, (2.9, 2.6), id="FPIR"),
        pytest.param(enrolled, 1500, (norm.isf(0.03), norm.isf(0.15)), id="FNIR"),
    ],
)
def test_bounds_hold_in_95_of_100_runs(run: Run, runs: int, limits: Sequence[float]):
    """Within 2%, at a small and a moderate rate; bounds that take trials for independent hold too seldom."""
    for limit, found in zip(limits, simulate(run, limits, runs), strict=True):
        truth = fpir(limit) if run is strangers else float(norm.sf(limit))
        assert 0.93 <= covered(found, truth) <= 0.97
        assert covered_plainly(found, truth) < 0.92


@pytest.mark.parametrize(
    ("run", "limit", "truth"),
    [
        pytest.param(mated, float(norm.isf(0.004)), 0.004, id="FNMR"),
        pytest.param(nonmated, float(norm.isf(0.0005)), 0.0005, id="FMR"),
        pytest.param(goats, 0.0, 0.01, id="a few who mostly fail"),
    ],
)
def test_bounds_hold_no_less_often_where_next_to_nothing_goes_wrong(run: Run, limit: float, truth: float):
    """None, one or two people err: the bounds are wide rather than wrong."""
    (found,) = simulate(run, [limit], 300)
    assert np.mean([each.who for each in found]) < 3
    assert covered(found, truth) >= 0.95


def test_a_pair_that_weighs_for_both_its_people_would_have_bounds_too_wide():
    """Resampling both sides of a comparison as they are counts what two people share three times (Owen, 2007)."""
    random = np.random.default_rng(3)
    one, other = np.triu_indices(80, 1)
    trials = of_pairs(np.stack([one, other], axis=1))
    wrong = random.random(len(one)) < 0.1
    weights = random.multinomial(80, np.full(80, 1 / 80), 1000).astype(np.float64)
    both = weights[:, one] * weights[:, other]
    resampled = (both @ wrong) / both.sum(axis=1)
    spread = next(spreads(trials, np.where(wrong, 0, 1), 1))
    assert spread.effect == pytest.approx(1, abs=0.4)
    assert resampled.var() / (0.1 * 0.9 / len(one)) == pytest.approx(3, abs=0.6)


def test_bounds_are_those_of_resampled_people_where_errors_are_many():
    """The closed form against drawing 4000 times 300 people of the 300, with all their trials."""
    random = np.random.default_rng(5)
    trials = random.integers(1, 30, 300)
    errors = random.binomial(trials, random.beta(2, 8, 300))
    weights = random.multinomial(300, np.full(300, 1 / 300), 4000)
    drawn = np.quantile((weights @ errors) / (weights @ trials), [0.025, 0.975])
    assert ends(by_person(errors, trials)) == pytest.approx(drawn, abs=0.1 * (drawn[1] - drawn[0]))


def test_people_with_one_trial_each_are_independent_trials():
    """Nothing can be alike: the bounds are near the exact ones, and the rule of 3 is the usual one."""
    some = by_person([1] * 40 + [0] * 160, [1] * 200)
    assert ends(some) == pytest.approx(ends(exact(40, 200)), abs=0.006)
    assert ends(by_person([0] * 50, [1] * 50)) == pytest.approx(ends(exact(0, 50)))


def test_no_error_is_told_with_the_rule_of_3_on_people():
    """Ten trials of each of 40 people tell as much as 40 trials: a person may fail in all of theirs."""
    rate = by_person([0] * 40, [10] * 40)
    assert (rate.errors, rate.trials) == (0, 400)
    assert ends(rate) == pytest.approx(ends(exact(0, 40)))
    assert rate.bounds is not None
    assert "rule of 3" in rate.bounds.method


def test_no_error_among_pairs_of_people_counts_the_pairs():
    """Four comparisons of each of 45 pairs tell as much as 45."""
    pairs = np.repeat(np.stack(np.triu_indices(10, 1), axis=1), 4, axis=0)
    (rate,) = rates_of(of_pairs(pairs), np.ones(len(pairs), np.int64), 1)
    assert ends(rate) == pytest.approx(ends(exact(0, 45)))


def test_bounds_turn_with_what_is_called_an_error():
    """Errors and successes are each other's mirror, also at none and at all."""
    random = np.random.default_rng(9)
    trials = random.integers(1, 9, 50)
    for errors in (random.binomial(trials, 0.2), np.zeros(50, int)):
        low, high = ends(by_person(errors, trials))
        assert ends(by_person(trials - errors, trials)) == pytest.approx((1 - high, 1 - low))


def test_one_person_tells_nothing_of_others():
    """However many trials: the bounds are all there is."""
    rate = by_person([3], [100])
    assert (rate.value, ends(rate)) == (0.03, (0.0, 1.0))


def test_two_people_tell_nothing_of_other_pairs():
    """There is one pair."""
    (rate,) = rates_of(of_pairs(np.array([[0, 1]] * 5)), np.zeros(5, np.int64), 1)
    assert ends(rate) == (0.0, 1.0)


def test_nobody_has_neither_value_nor_bounds():
    """No trial, no rate."""
    assert by_person([], []) == Rate(0, 0)
    assert by_person([0, 0], [0, 0]) == Rate(0, 0)


@pytest.mark.parametrize(("errors", "trials"), [([1], [0]), ([-1], [2]), ([0, 0], [1])])
def test_counts_that_cannot_be_are_refused(errors: list[int], trials: list[int]):
    """More errors than trials, fewer than none, or of other people."""
    with pytest.raises(InputError):
        by_person(errors, trials)


def test_many_points_are_each_what_one_point_is():
    """Errors added from point to point come to what they come to at once."""
    random = np.random.default_rng(2)
    who = random.integers(0, 20, (400, 2))
    trials = of_pairs(who[who[:, 0] != who[:, 1]])
    since = random.integers(0, 12, len(trials))
    together = rates_of(trials, since, 10)
    for point, rate in enumerate(together):
        (alone,) = rates_of(trials, np.where(since <= point, 0, 1), 1)
        assert rate.errors == alone.errors == int((since <= point).sum())
        assert ends(rate) == pytest.approx(ends(alone))


def test_the_order_of_two_people_makes_no_difference():
    """A pair is a pair."""
    random = np.random.default_rng(2)
    who = np.array([pair for pair in random.integers(0, 12, (300, 2)) if pair[0] != pair[1]])
    turned = np.where(random.random(len(who))[:, None] < 0.5, who, who[:, ::-1])
    since = random.integers(0, 2, len(who))
    (one,), (other,) = (rates_of(of_pairs(people), since, 1) for people in (who, turned))
    assert ends(one) == pytest.approx(ends(other))


def test_failed_trials_count_and_are_as_alike_as_the_others():
    """As errors or as none; a rate of only failed trials tells nothing of other people."""
    person, since = np.repeat(np.arange(50), 4), np.tile([0, 1, 1, 1], 50)
    (rejected,) = rates_of(of_people(person), since, 1, failed=50)
    (accepted,) = rates_of(of_people(person), since, 1, failed=50, rejected=False)
    assert (rejected.errors, rejected.trials) == (100, 250)
    assert (accepted.errors, accepted.trials) == (50, 250)
    (nothing_else,) = rates_of(of_people(np.zeros(0, np.int64)), np.zeros(0, np.int64), 1, failed=7)
    assert (nothing_else.value, ends(nothing_else)) == (1.0, (0.0, 1.0))


def test_a_gallery_widens_bounds_where_one_person_of_it_is_taken_for_many():
    """Every stranger who finds somebody finds the same one: another gallery would have had other errors."""
    probe, split = np.arange(40), np.zeros(40, np.int64)
    enrolled = np.zeros((1, 60), bool)
    enrolled[0, 40:] = True
    since = np.where(probe < 10, 0, 1)
    (by_one,) = rates_of(of_searches(probe, np.full(40, 41), split, enrolled), since, 1)
    (by_all,) = rates_of(of_searches(probe, 40 + probe % 20, split, enrolled), since, 1)
    (alone,) = rates_of(of_people(probe), since, 1)
    assert ends(by_one)[1] > 1.2 * ends(by_all)[1]
    assert ends(by_all) == pytest.approx(ends(alone), abs=0.05)


def test_trials_of_a_gallery_are_shared_among_its_people():
    """Of every pair of people, in three splits, counted one search and one person after the other."""
    random = np.random.default_rng(8)
    enrolled = random.random((3, 9)) < 0.4
    asked = [(person, split) for split in range(3) for person in np.flatnonzero(~enrolled[split]) for _ in range(2)]
    probe, split = (np.array(column) for column in zip(*asked, strict=True))
    rival = np.array([random.choice(np.flatnonzero(enrolled[number])) for number in split])
    trials = of_searches(probe, rival, split, enrolled)
    shares = np.zeros((9, 9))
    for person, number in asked:
        for other in np.flatnonzero(enrolled[number]):
            shares[person, other] += 1 / enrolled[number].sum()
    both = shares + shares.T
    assert trials.first_tried == pytest.approx(shares.sum(axis=1))
    assert trials.second_tried == pytest.approx(shares.sum(axis=0))
    assert trials.squares == pytest.approx(np.square(both[np.triu_indices(9, 1)]).sum())
    assert trials.pair is not None
    assert trials.per_pair[trials.pair] == pytest.approx(both[probe, rival])


def test_a_gallery_says_little_where_everybody_is_found_in_it_anyway():
    """196 of 200 strangers find one of five people: without those, most would have found another."""
    probe, split = np.arange(200), np.zeros(200, np.int64)
    enrolled = np.zeros((1, 220), bool)
    enrolled[0, 200:] = True
    (rate,) = rates_of(of_searches(probe, 200 + probe % 5, split, enrolled), np.where(probe < 196, 0, 1), 1)
    assert ends(rate)[0] > 0.8
