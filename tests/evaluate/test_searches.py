"""Identification: FPIR, FNIR and CMC against a table worked out by hand, plain loops, and scikit-learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import top_k_accuracy_score

from beholden.evaluate.rates import Rate
from beholden.evaluate.searches import Searches
from beholden.model.errors import InputError

NAN = float("nan")


def made(*rows: tuple[int, float, int, float]) -> Searches:
    """From (person, own cosine, own rank, best cosine of others)."""
    person, own, rank, other = zip(*rows, strict=True)
    return Searches(
        gallery=3,
        people=np.array(person, np.int32),
        own=np.array(own, np.float32),
        own_rank=np.array(rank, np.int32),
        other=np.array(other, np.float32),
        split=np.zeros(len(rows), np.int32),
    )


TABLE = made(
    (0, 0.75, 1, 0.25), (0, 0.5, 2, 0.625), (1, 0.25, 3, 0.5), (2, 0.5, 1, 0.125),
    (3, NAN, 0, 0.5), (3, NAN, 0, 0.25), (4, NAN, 0, 0.125), (5, NAN, 0, 0.375), (5, NAN, 0, 0.375),
)  # fmt: skip
"""Four searches of people enrolled, five of strangers."""


def drawn(seed: int, probes: int = 400, gallery: int = 30) -> tuple[Searches, np.ndarray, np.ndarray]:
    """Searches of people of whom the first are enrolled; the scores with everybody, and whose each probe is."""
    random = np.random.default_rng(seed)
    whose = random.integers(0, 2 * gallery, probes)
    scores = random.normal(size=(probes, gallery)).astype(np.float32)
    mated = whose < gallery
    scores[np.flatnonzero(mated), whose[mated]] += 1.5
    own = np.where(mated, scores[np.arange(probes), np.minimum(whose, gallery - 1)], np.nan).astype(np.float32)
    others = scores.copy()
    others[np.flatnonzero(mated), whose[mated]] = -9
    rank = np.where(mated, 1 + (scores > np.nan_to_num(own)[:, None]).sum(axis=1), 0).astype(np.int32)
    split = np.zeros(probes, np.int32)
    enrolled = np.arange(2 * gallery)[None] < gallery
    rival = others.argmax(axis=1).astype(np.int32)
    searches = Searches(
        gallery, whose.astype(np.int32), own, rank, others.max(axis=1).astype(np.float32), split, rival, enrolled
    )
    return searches, scores, whose


def counts(rate: Rate) -> tuple[int, int]:
    return rate.errors, rate.trials


@pytest.mark.parametrize(("threshold", "found"), [(0.0, 5), (0.25, 4), (0.375, 3), (0.376, 1), (0.5, 1), (0.6, 0)])
def test_fpir_of_a_small_table_is_that_counted_by_hand(threshold: float, found: int):
    """Strangers for whom anybody is at or above the threshold; searches of people enrolled do not count."""
    assert counts(TABLE.fpir(threshold)) == (found, 5)


@pytest.mark.parametrize(
    ("threshold", "rank", "missed"),
    [(0.0, 1, 2), (0.0, 2, 1), (0.0, 3, 0), (0.5, 1, 2), (0.5, 3, 1), (0.51, 3, 3), (0.75, 1, 3), (0.8, 3, 4)],
)
def test_fnir_of_a_small_table_is_that_counted_by_hand(threshold: float, rank: int, missed: int):
    """Missed: below the threshold, or not within so many places."""
    assert counts(TABLE.fnir(threshold, rank)) == (missed, 4)


def test_cmc_of_a_small_table_is_that_counted_by_hand():
    """Two of four come first, one second, one third; strangers have no rank."""
    assert [counts(rate) for rate in TABLE.cmc(3)] == [(2, 4), (3, 4), (4, 4)]


def test_cmc_is_scikit_learns_top_k_accuracy():
    """Closed set, thirty people."""
    searches, scores, whose = drawn(1)
    mated = whose < 30
    expected = [top_k_accuracy_score(whose[mated], scores[mated], k=k, labels=range(30)) for k in range(1, 30)]
    assert [rate.value for rate in searches.cmc(29)] == pytest.approx(expected)


def test_rates_of_many_searches_are_those_of_plain_loops():
    """Who is returned at or above each threshold, one search after the other."""
    searches, scores, whose = drawn(2)
    for threshold in (0.0, 1.0, 2.0, 3.0):
        false = sum(bool((row >= threshold).any()) for row, person in zip(scores, whose, strict=True) if person >= 30)
        missed = 0
        for row, person in zip(scores, whose, strict=True):
            if person < 30:
                first = int(row.argmax())
                missed += not (first == person and row[first] >= threshold)
        assert searches.fpir(threshold).errors == false
        assert searches.fnir(threshold).errors == missed


def test_the_threshold_for_an_fpir_is_the_lowest_that_keeps_it():
    """One float32 lower there are more."""
    searches, _, _ = drawn(3)
    for rate in (0.0, 0.01, 0.1, 0.5):
        threshold = searches.threshold_at_fpir(rate)
        lower = float(np.nextafter(np.float32(threshold), np.float32(-1)))
        assert (searches.fpir(threshold).value or 0) <= rate < (searches.fpir(lower).value or 0)


def test_a_threshold_without_strangers_is_refused():
    """There is no FPIR."""
    with pytest.raises(InputError):
        made((0, 0.75, 1, 0.25)).threshold_at_fpir(0.1)


def test_a_point_of_the_curve_is_what_the_rates_are_at_its_threshold():
    """With the same bounds; rank goes along."""
    searches, _, _ = drawn(4)
    for point in searches.curve([2.0, 1.0], rank=2):
        assert point.fpir.as_values() == pytest.approx(searches.fpir(point.threshold).as_values())
        assert point.fnir.as_values() == pytest.approx(searches.fnir(point.threshold, 2).as_values())
        assert point.as_values()["threshold"] == point.threshold


def test_the_curve_by_default_falls_in_one_rate_and_rises_in_the_other():
    """Thresholds rise, and none is somebody's score."""
    searches, _, _ = drawn(5)
    points = searches.curve()
    assert len(points) > 20
    assert [p.threshold for p in points] == sorted({round(p.threshold, 3) for p in points})
    assert [p.fpir.errors for p in points] == sorted((p.fpir.errors for p in points), reverse=True)
    assert [p.fnir.errors for p in points] == sorted(p.fnir.errors for p in points)


def test_knowing_the_rivals_changes_bounds_and_not_rates():
    """The gallery is another reason why FPIR would have been another: bounds are no narrower."""
    searches, _, _ = drawn(6)
    alone = replace(searches, rival=None, enrolled=None)
    for threshold in (1.5, 2.0, 2.5):
        known, unknown = searches.fpir(threshold), alone.fpir(threshold)
        assert counts(known) == counts(unknown)
        assert known.bounds is not None
        assert unknown.bounds is not None
        assert known.bounds.high >= unknown.bounds.high


def test_the_same_pictures_in_ten_splits_tell_hardly_more_than_in_one():
    """Splits repeat people: ten times the searches, and bounds about as wide."""
    searches, _, _ = drawn(7)
    searches = replace(searches, rival=None, enrolled=None)
    again = Searches(
        searches.gallery,
        np.tile(searches.people, 10),
        np.tile(searches.own, 10),
        np.tile(searches.own_rank, 10),
        np.tile(searches.other, 10),
        np.repeat(np.arange(10, dtype=np.int32), len(searches.people)),
    )
    for once, ten in ((searches.fpir(2.5), again.fpir(2.5)), (searches.fnir(2.5), again.fnir(2.5))):
        assert ten.value == once.value
        assert once.bounds is not None
        assert ten.bounds is not None
        assert ten.bounds.high - ten.bounds.low == pytest.approx(once.bounds.high - once.bounds.low, rel=0.2)


def test_no_search_has_no_rate_and_no_curve():
    """Nothing was measured."""
    nothing = TABLE.of(np.zeros(9, bool))
    assert (nothing.fpir(0.5), nothing.fnir(0.5)) == (Rate(0, 0), Rate(0, 0))
    assert nothing.cmc(2) == (Rate(0, 0), Rate(0, 0))
    assert nothing.curve() == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"own": np.zeros(3, np.float32)},
        {"own_rank": np.zeros(9, np.int32)},
        {"other": np.full(9, np.nan, np.float32)},
        {"rival": np.zeros(9, np.int32)},
        {"rival": np.zeros(9, np.int32), "enrolled": np.ones((1, 2), bool)},
    ],
    ids=["lengths", "no rank", "no other", "nobody enrolled", "too few enrolled"],
)
def test_arrays_that_do_not_fit_together_are_refused(changed: dict[str, np.ndarray]):
    """Rather than counted wrongly."""
    with pytest.raises(InputError):
        replace(TABLE, **changed)
