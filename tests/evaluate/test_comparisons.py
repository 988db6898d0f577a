"""Verification: FMR, FNMR, thresholds and curves against a table worked out by hand, and scikit-learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from beholden.evaluate.comparisons import POINTS, Comparisons
from beholden.evaluate.rates import Rate
from beholden.model.errors import InputError


def made(*rows: tuple[float, int, int], failed_mated: int = 0, failed_nonmated: int = 0) -> Comparisons:
    """From (score, one person, another)."""
    people = np.array([row[1:] for row in rows], np.int32).reshape(-1, 2)
    scores = np.array([row[0] for row in rows], np.float32)
    return Comparisons(scores, people[:, 0] == people[:, 1], people, failed_mated, failed_nonmated)


TABLE = made(
    (0.125, 0, 1), (0.25, 0, 2), (0.5, 0, 3), (0.5, 1, 2), (0.375, 1, 3),
    (0.25, 0, 0), (0.5, 1, 1), (0.75, 2, 2), (0.875, 3, 3),
    failed_mated=1, failed_nonmated=5,
)  # fmt: skip
"""Five comparisons of different people, four of the same; one and five more that were not possible."""


def many(seed: int, people: int = 60, pictures: int = 4) -> Comparisons:
    """All comparisons of some pictures each of some people; scores overlap, and many are equal."""
    random = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), pictures)
    one, other = np.triu_indices(len(who), 1)
    whose = np.stack([who[one], who[other]], axis=1).astype(np.int32)
    mated = whose[:, 0] == whose[:, 1]
    scores = np.round(0.12 * random.normal(size=len(one)) + 0.3 * mated, 3).astype(np.float32)
    return Comparisons(scores, mated, whose)


def counts(rate: Rate) -> tuple[int, int]:
    return rate.errors, rate.trials


def high(rate: Rate) -> float:
    assert rate.bounds is not None
    return rate.bounds.high


@pytest.mark.parametrize(
    ("threshold", "false", "missed"),
    [(0.0, 5, 0), (0.25, 4, 0), (0.2500001, 3, 1), (0.5, 2, 1), (0.51, 0, 2), (0.875, 0, 3), (0.9, 0, 4)],
)
def test_rates_of_a_small_table_are_those_counted_by_hand(threshold: float, false: int, missed: int):
    """A score at the threshold matches."""
    assert counts(TABLE.fmr(threshold)) == (false, 5)
    assert counts(TABLE.fnmr(threshold)) == (missed, 4)


def test_failures_to_acquire_reject_and_never_accept():
    """FAR = FMR (1 - FTA), FRR = FTA + FNMR (1 - FTA), by ISO/IEC 19795-1."""
    far, frr = TABLE.false_accept(0.5), TABLE.false_reject(0.5)
    assert far.value == pytest.approx(2 / 5 * (1 - 5 / 10))
    assert frr.value == pytest.approx(1 / 5 + 1 / 4 * (1 - 1 / 5))


def test_the_threshold_is_compared_as_it_is_and_not_rounded_to_float32():
    """0.1 lies below the float32 next to it."""
    just_above = made((0.1, 0, 1), (0.3, 1, 2))
    assert float(np.float32(0.1)) > 0.1
    assert counts(just_above.fmr(float(np.float32(0.1)))) == (2, 2)
    assert counts(just_above.fmr(float(np.float32(0.1)) + 1e-12)) == (1, 2)


def test_rates_are_scikit_learns_at_every_threshold():
    """roc_curve: FPR is FMR, TPR is 1 - FNMR."""
    table = many(1)
    fpr, tpr, thresholds = roc_curve(table.mated, table.scores, drop_intermediate=False)
    points = table.det([float(each) for each in thresholds[1:]])[::-1]
    assert len(points) > 500
    assert [point.fmr.value for point in points] == pytest.approx(fpr[1:], abs=1e-12)
    assert [point.fnmr.value for point in points] == pytest.approx(1 - tpr[1:], abs=1e-12)


def test_the_area_under_the_curve_is_scikit_learns():
    """The whole curve at once."""
    table = many(2)
    points = table.det([-2.0, *np.unique(table.scores).tolist(), 2.0])
    area = np.trapezoid([1 - float(p.fnmr.value or 0) for p in points][::-1], [p.fmr.value for p in points][::-1])
    assert area == pytest.approx(roc_auc_score(table.mated, table.scores))


def test_the_equal_error_rate_is_where_scikit_learns_curve_crosses():
    """On the line between its points."""
    table = many(3)
    fpr, tpr, _ = roc_curve(table.mated, table.scores)
    at = np.linspace(0, 1, 200_001)
    crossing = at[np.argmin(np.abs(np.interp(at, fpr, tpr) - (1 - at)))]
    assert table.eer() == pytest.approx(crossing, abs=1e-5)


def test_the_equal_error_rate_of_a_small_table_is_that_counted_by_hand():
    """Between (FMR 2/5, FNMR 1/4) and (0, 2/4) on a straight line: both are 0.3077."""
    assert TABLE.eer() == pytest.approx(4 / 13)


def test_people_who_are_told_apart_have_no_equal_error_rate_but_zero():
    """And without one kind of comparison there is none."""
    assert made((0.1, 0, 1), (0.2, 0, 2), (0.8, 1, 1)).eer() == 0
    assert made((0.1, 0, 1)).eer() is None
    assert made((0.1, 1, 1)).eer() is None


@pytest.mark.parametrize("rate", [0.0, 1e-4, 0.01, 0.1, 0.29, 0.5])
def test_the_threshold_for_a_rate_is_the_lowest_that_keeps_it(rate: float):
    """One float32 lower there are more, also where scores are equal."""
    table = many(4)
    threshold = table.threshold_at_fmr(rate)
    lower = float(np.nextafter(np.float32(threshold), np.float32(-1)))
    assert threshold == np.float32(threshold)
    assert (table.fmr(threshold).value or 0) <= rate < (table.fmr(lower).value or 0)


def test_a_share_of_the_comparisons_is_counted_exactly():
    """0.29 of 100 is 29, though 0.29 * 100 is less in binary; and all may match at rate 1."""
    table = made(*((at / 128, 0, 1 + at) for at in range(100)))
    assert counts(table.fmr(table.threshold_at_fmr(0.29))) == (29, 100)
    assert counts(table.fmr(table.threshold_at_fmr(1.0))) == (100, 100)


def test_a_threshold_for_no_rate_or_of_no_comparison_is_refused():
    """Outside 0-1, or nobody different."""
    with pytest.raises(InputError):
        TABLE.threshold_at_fmr(1.5)
    with pytest.raises(InputError):
        made((0.5, 1, 1)).threshold_at_fmr(0.01)


def test_a_point_of_the_curve_is_what_the_rates_are_at_its_threshold():
    """With the same bounds, in rising order, whatever order is asked."""
    table = many(5)
    points = table.det([0.4, 0.1, 0.25])
    assert [point.threshold for point in points] == [0.1, 0.25, 0.4]
    for point in points:
        alone = table.fmr(point.threshold), table.fnmr(point.threshold)
        for rate, single in zip((point.fmr, point.fnmr), alone, strict=True):
            assert rate.as_values() == pytest.approx(single.as_values())


def test_the_curve_by_default_is_spread_over_both_rates_and_shows_no_score():
    """From where one comparison errs to where nearly all do."""
    table = many(6)
    points = table.det()
    assert 50 < len(points) <= POINTS
    assert min(p.fmr.errors for p in points) <= 1
    assert min(p.fnmr.errors for p in points) <= 1
    assert all(round(p.threshold, 3) == p.threshold for p in points)
    assert [p.threshold for p in points] == sorted({p.threshold for p in points})


def test_a_point_is_written_with_both_rates():
    """What JSON has."""
    (point,) = TABLE.det([0.5])
    assert point.as_values() == {
        "threshold": 0.5,
        "fmr": TABLE.fmr(0.5).as_values(),
        "fnmr": TABLE.fnmr(0.5).as_values(),
    }


def test_no_comparison_has_no_curve_and_no_rate():
    """Nothing was measured."""
    nothing = made()
    assert nothing.det() == ()
    assert (nothing.fmr(0.5), nothing.fnmr(0.5)) == (Rate(0, 0), Rate(0, 0))


def test_bounds_of_fmr_are_wider_where_the_same_person_is_in_all_false_matches():
    """One who looks like many, against as many false matches spread over all."""
    one, other = np.triu_indices(60, 1)
    people = np.stack([one, other], axis=1).astype(np.int32)
    everywhere = (np.arange(len(one)) % 60 == 0).astype(np.float32)
    somewhere = np.zeros(len(one), np.float32)
    somewhere[: int(everywhere.sum())] = 1
    spread, bundled = (
        Comparisons(scores, np.zeros(len(one), bool), people).fmr(0.5) for scores in (everywhere, somewhere)
    )
    assert spread.errors == bundled.errors
    assert high(bundled) > 1.5 * high(spread)


def test_no_false_match_is_not_told_worse_than_a_few_at_a_lower_threshold():
    """FMR only falls as the threshold rises, and so does the end of its bounds."""
    table = many(7)
    highest = float(table.scores[~table.mated].max())
    fifth = float(np.sort(table.scores[~table.mated])[-5])
    none = table.fmr(highest + 0.01)
    assert none.errors == 0
    assert 0 < high(none) <= high(table.fmr(fifth))


@pytest.mark.parametrize(
    "changed",
    [
        {"mated": np.array([True])},
        {"people": np.zeros((9, 3), np.int32)},
        {"scores": np.full(9, np.nan, np.float32)},
        {"people": np.full((9, 2), -1, np.int32), "mated": np.ones(9, bool)},
        {"mated": ~TABLE.mated},
    ],
    ids=["lengths", "three people", "no score", "nobody", "mated of different people"],
)
def test_arrays_that_do_not_fit_together_are_refused(changed: dict[str, np.ndarray]):
    """Rather than counted wrongly."""
    with pytest.raises(InputError):
        replace(TABLE, **changed)
