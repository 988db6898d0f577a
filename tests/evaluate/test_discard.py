"""Error versus discard on tables where the answer is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from beholden.evaluate.comparisons import Comparisons
from beholden.evaluate.discard import DiscardPoint, error_versus_discard
from beholden.model.errors import InputError


def mated(scores: Sequence[float]) -> Comparisons:
    """Each of another person."""
    who = np.arange(len(scores), dtype=np.int32)
    return Comparisons(np.array(scores, np.float32), np.ones(len(scores), bool), np.stack([who, who], axis=1))


TABLE = mated([0.1, 0.2, 0.9, 0.3, 0.9, 0.9, 0.9, 0.9])
QUALITY = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])


def found(points: Sequence[DiscardPoint]) -> list[tuple[float, int, int]]:
    return [(point.discarded, point.fnmr.errors, point.fnmr.trials) for point in points]


def test_the_worst_comparisons_are_dropped_first():
    """Three of eight fail; of the best seven two, of the best six one, of the best half none."""
    points = error_versus_discard(TABLE, QUALITY, 0.5, (0, 0.125, 0.25, 0.5))
    assert found(points) == [(0, 3, 8), (0.125, 2, 7), (0.25, 1, 6), (0.5, 0, 4)]


def test_a_share_between_two_comparisons_drops_the_fewer():
    """At most the share asked for."""
    assert found(error_versus_discard(TABLE, QUALITY, 0.5, (0.24,))) == [(0.125, 2, 7)]


def test_comparisons_of_equal_quality_stay_together():
    """A quality that tells nothing drops nobody."""
    assert found(error_versus_discard(TABLE, np.full(8, 0.5), 0.5, (0.5,))) == [(0, 3, 8)]


def test_only_mated_comparisons_count():
    """Those of different people neither fail nor are dropped."""
    people = np.array([[0, 0], [1, 1], [0, 1]], np.int32)
    table = Comparisons(np.array([0.1, 0.9, 0.0], np.float32), people[:, 0] == people[:, 1], people)
    points = error_versus_discard(table, np.array([0.2, 0.8, 0.0]), 0.5, (0, 0.5))
    assert found(points) == [(0, 1, 2), (0.5, 0, 1)]


def test_a_quality_that_foretells_errors_falls_and_one_that_does_not_stays():
    """On 2000 comparisons, a fifth of which fail."""
    random = np.random.default_rng(1)
    scores = random.normal(0.6, 0.12, 2000)
    knows = error_versus_discard(mated(scores.tolist()), scores + random.normal(0, 0.05, 2000), 0.5)
    guesses = error_versus_discard(mated(scores.tolist()), random.random(2000), 0.5)
    assert (knows[-1].fnmr.value or 0) < 0.1 * (knows[0].fnmr.value or 0)
    assert guesses[-1].fnmr.value == pytest.approx(guesses[0].fnmr.value, rel=0.2)


def test_nobodys_quality_is_shown():
    """The cut is rounded to thousandths, downwards."""
    (point,) = error_versus_discard(TABLE, QUALITY + 0.00077, 0.5, (0.25,))
    assert point.quality == 0.3
    assert point.as_values() == {"discarded": 0.25, "quality": 0.3, "fnmr": point.fnmr.as_values()}


def test_no_mated_comparison_has_no_point():
    """Nothing was measured."""
    assert error_versus_discard(mated([]), np.zeros(0), 0.5) == ()


@pytest.mark.parametrize(
    ("quality", "share"), [(np.zeros(3), 0.1), (np.full(8, np.nan), 0.1), (QUALITY, 1.0), (QUALITY, -0.1)]
)
def test_what_cannot_be_is_refused(quality: np.ndarray, share: float):
    """Not one quality for each comparison, or a share outside 0-1."""
    with pytest.raises(InputError):
        error_versus_discard(TABLE, quality, 0.5, (share,))
