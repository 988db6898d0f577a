"""Figures out of measurements say what was measured, and nothing where nothing was."""

from __future__ import annotations

import pytest
from benchmarks.figures import Check, Spread, percentile, shares, slope, thinned


@pytest.mark.parametrize(
    ("values", "percent", "found"),
    [([], 50, None), ([4.0], 95, 4.0), ([1.0, 2.0, 3.0], 50, 2.0), ([float(n) for n in range(1, 101)], 95, 95.0)],
)
def test_percentiles_are_of_the_nearest_rank(values: list[float], percent: float, found: float | None) -> None:
    """A value that was measured, never one between two."""
    assert percentile(values, percent) == found


def test_a_spread_of_nothing_is_none() -> None:
    """And not zero, which would pass every limit."""
    assert Spread.of([]) == Spread(0, None, None, None)
    assert Spread.of([0.3, 0.1, 0.2]) == Spread(3, 0.2, 0.3, 0.3)


def test_the_slope_of_a_line_is_found_through_noise() -> None:
    """3 MB an hour, give or take half a MB each time."""
    points = [(hour / 10, 100 + 3 * hour / 10 + (0.5 if hour % 2 else -0.5)) for hour in range(40)]
    assert slope(points) == pytest.approx(3.0, abs=0.2)


@pytest.mark.parametrize("points", [[], [(1.0, 5.0)], [(1.0, 5.0), (1.0, 9.0)]])
def test_no_line_goes_through_one_moment(points: list[tuple[float, float]]) -> None:
    """Then there is no slope."""
    assert slope(points) is None


def test_a_limit_is_kept_up_to_itself() -> None:
    """What was not measured keeps none, what was measured too briefly breaks none."""
    assert Check("p95", 0.3, 0.3, "s").ok
    assert not Check("p95", 0.31, 0.3, "s").ok
    assert not Check("p95", None, 0.3, "s").ok
    assert Check("slope", 99.0, 5.0, "MB/h", judged=False).ok


def test_shares_are_of_the_steps_in_which_values_lie() -> None:
    """Half below 50 ms, a quarter from there, a quarter from 200 ms."""
    assert shares([0.01, 0.049, 0.05, 0.21], 0.05) == {"0.00": 0.5, "0.05": 0.25, "0.20": 0.25}
    assert shares([], 0.05) == {}


def test_samples_are_thinned_evenly() -> None:
    """Never more than asked for, the first one kept."""
    points = [(float(n), 0.0) for n in range(100)]
    assert len(thinned(points, 30)) <= 30
    assert thinned(points, 30)[0] == points[0]
    assert thinned(points, 1000) == points
