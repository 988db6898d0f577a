"""The upper tail of non-mated scores: quantiles, the fit beyond them, and what resampled people say about both."""

from __future__ import annotations

from itertools import permutations
from statistics import NormalDist

import numpy as np
import pytest

from beholden.evaluate.tail import START, UPPER, PairScores, Tail, measure_tails
from beholden.model.errors import EmptyInput

RATES = (1e-1, 3e-2, 1e-3)


def everybody(people: int) -> np.ndarray:
    """All ordered pairs."""
    return np.array(list(permutations(range(people), 2)), np.int32)


def scores_of(people: int, seed: int, shots: int = 1, own: float = 0.036) -> PairScores:
    """Cosines of pairs, varying as on the London set: some people are like everybody (`own`), each pair has its own
    likeness, a shot adds little.
    """
    random = np.random.default_rng(seed)
    pairs, likeness = everybody(people), random.normal(0, own, people)
    mean = likeness[pairs[:, 0]] + likeness[pairs[:, 1]] + random.normal(0, 0.08, len(pairs))
    scores = mean[:, None] + random.normal(0, 0.02, (len(pairs), shots))
    return PairScores(scores.astype(np.float32).ravel(), np.repeat(np.arange(len(pairs), dtype=np.int32), shots))


def measured(scores: PairScores, people: int, resamples: int = 200, rates: tuple[float, ...] = RATES) -> Tail:
    return measure_tails([scores], everybody(people), people, rates, resamples, np.random.default_rng(1))[0]


def test_down_to_the_start_a_threshold_is_a_quantile() -> None:
    """Of 100 scores, ten reach the threshold of a tenth, three that of 3%."""
    scores = PairScores(np.linspace(0, 0.99, 100, dtype=np.float32), np.arange(100, dtype=np.int32) % 90)
    found = measured(scores, 10, resamples=0)
    assert found.point[:2] == (pytest.approx(0.90), pytest.approx(0.97))
    assert [(scores.scores >= np.float32(cosine)).sum() for cosine in found.point[:2]] == [10, 3]


def test_beyond_the_start_an_exponential_tail_is_carried_on() -> None:
    """Scores of a known exponential: the threshold of one in a thousand is found from one in thirty on."""
    random = np.random.default_rng(2)
    scores = PairScores(random.exponential(0.03, 20_000).astype(np.float32), np.arange(20_000, dtype=np.int32) % 90)
    assert measured(scores, 10, resamples=0).point[2] == pytest.approx(-0.03 * np.log(1e-3), rel=0.05)


def test_all_sets_share_one_scale() -> None:
    """Beyond the start, the lines of two sets are parallel; each begins where its own scores do."""
    one, other = scores_of(20, 1), scores_of(20, 1)
    other = PairScores(other.scores + np.float32(0.1), other.pair)
    tails = measure_tails([one, other], everybody(20), 20, (START, 1e-3, 1e-5), 0, np.random.default_rng(1))
    first, second = (np.array(each.point) for each in tails)
    assert second - first == pytest.approx(np.full(3, 0.1), abs=1e-6)


def test_the_upper_bound_is_above_the_best_estimate() -> None:
    """And the further beyond the data, the further above."""
    found = measured(scores_of(30, 3), 30, rates=(1e-1, 1e-2, 1e-4, 1e-6))
    margins = np.array(found.upper) - np.array(found.point)
    assert (margins > 0).all()
    assert margins[-1] > margins[1]


def test_more_shots_of_the_same_people_make_nothing_surer() -> None:
    """Twenty times the same comparisons are the same people: bounds and reach stay where they were."""
    once = scores_of(30, 4)
    often = PairScores(np.repeat(once.scores, 20), np.repeat(once.pair, 20))
    few, many = measured(once, 30), measured(often, 30)
    assert many.upper == pytest.approx(few.upper, abs=0.02)
    assert many.reach == pytest.approx(few.reach, rel=0.2)


def test_more_people_reach_further() -> None:
    """What a dozen people do not tell within a factor of two, a hundred and twenty do."""
    few, many = (measured(scores_of(people, 5, own=0.02), people).reach for people in (12, 120))
    assert many < 0.5 * few <= 0.5


def test_nobody_reaches_anything_without_resamples() -> None:
    """A reach that was not measured is none."""
    assert measured(scores_of(12, 5), 12, resamples=0).reach == 1.0


def test_the_upper_bound_holds_as_often_as_it_says() -> None:
    """Eighty repetitions with other people: the true threshold lies below it about nineteen times in twenty.

    The scores are sums of normal numbers, so the truth is known, also far beyond the scores.
    """
    spread = float(np.sqrt(2 * 0.036**2 + 0.08**2 + 0.02**2))
    truth = np.array([spread * NormalDist().inv_cdf(1 - rate) for rate in (1e-1, 3e-5)])
    held = [
        np.array(measured(scores_of(30, seed), 30, resamples=60, rates=(1e-1, 3e-5)).upper) >= truth
        for seed in range(80)
    ]
    assert np.mean(held, axis=0) == pytest.approx(UPPER, abs=0.05)


def test_the_same_seed_gives_the_same_tail() -> None:
    """To the last bit."""
    assert measured(scores_of(20, 6), 20) == measured(scores_of(20, 6), 20)


def test_no_scores_are_no_tail() -> None:
    """An error that says so, not a number."""
    with pytest.raises(EmptyInput):
        measured(PairScores(np.zeros(0, np.float32), np.zeros(0, np.int32)), 3)
