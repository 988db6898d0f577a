"""Rates and their exact bounds, against SciPy's beta distribution and numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from beholden.evaluate.rates import Bounds, Rate, beta_quantile, exact, rankable
from beholden.model.errors import InputError


def ends(rate: Rate) -> tuple[float, float]:
    assert rate.bounds is not None
    return rate.bounds.low, rate.bounds.high


def test_bounds_of_independent_trials_are_clopper_and_pearsons():
    """Every count of errors in a few numbers of trials, and large counts, as SciPy's beta distribution has it."""
    cases = [(errors, trials) for trials in (1, 2, 5, 13, 25) for errors in range(1, trials + 1)]
    for errors, trials in [*cases, (1, 5_000_000), (30, 5_000_000), (2_500_000, 5_000_000), (999, 1000)]:
        low = beta.ppf(0.025, errors, trials - errors + 1)
        high = 1.0 if errors == trials else beta.ppf(0.975, errors + 1, trials - errors)
        assert ends(exact(errors, trials)) == pytest.approx((low, high), rel=1e-8), (errors, trials)


def test_five_errors_in_a_hundred_are_between_1_64_and_11_28_percent():
    """The textbook interval."""
    assert ends(exact(5, 100)) == pytest.approx((0.0164, 0.1128), abs=1e-4)


@pytest.mark.parametrize("trials", [1, 3, 100, 4950])
def test_no_error_is_told_with_the_rule_of_3(trials: int):
    """One-sided: 1 - .05^(1/n), which is just under 3/n, and 0 below."""
    rate = exact(0, trials)
    assert ends(rate) == (0.0, pytest.approx(1 - 0.05 ** (1 / trials), rel=1e-12))
    assert ends(rate)[1] < 3 / trials
    assert rate.bounds is not None
    assert "rule of 3" in rate.bounds.method


def test_no_trial_has_neither_value_nor_bounds():
    """Nothing was measured, so nothing is told."""
    rate = exact(0, 0)
    assert (rate.value, rate.bounds) == (None, None)
    assert rate.as_values() == {"errors": 0, "trials": 0, "rate": None, "low": None, "high": None, "method": None}


def test_a_rate_is_written_with_its_counts_and_bounds():
    """What JSON has."""
    values = Rate(1, 4, Bounds(0.1, 0.6, "some way")).as_values()
    assert values == {"errors": 1, "trials": 4, "rate": 0.25, "low": 0.1, "high": 0.6, "method": "some way"}


@pytest.mark.parametrize(("errors", "trials"), [(-1, 5), (6, 5), (1, 0)])
def test_counts_that_cannot_be_are_refused(errors: int, trials: int):
    """More errors than trials, or fewer than none."""
    with pytest.raises(InputError):
        exact(errors, trials)


def test_thirty_errors_can_be_ranked_and_twenty_nine_cannot():
    """Doddington's rule of 30."""
    assert rankable(exact(30, 1000))
    assert not rankable(exact(29, 1000))


def test_quantiles_are_scipys_for_any_shape_of_the_distribution():
    """Fractional and very unequal parameters, as effective numbers of trials are."""
    random = np.random.default_rng(1)
    a, b = np.exp(random.uniform(-1, 8, 400)), np.exp(random.uniform(-1, 15, 400))
    share = random.choice([0.025, 0.05, 0.5, 0.975], 400)
    assert beta_quantile(share, a, b) == pytest.approx(beta.ppf(share, a, b), rel=1e-7)


def test_quantiles_keep_the_shape_they_are_asked_in():
    """A table in, a table out; a number in, a number out."""
    assert beta_quantile(0.5, np.ones((2, 3)), 1.0) == pytest.approx(np.full((2, 3), 0.5))
    assert beta_quantile(0.25, 1.0, 1.0).shape == ()
