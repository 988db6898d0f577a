"""Rates in plain words: never rounded in our favour, and never without their bounds."""

from __future__ import annotations

import pytest

from beholden.evaluate.rates import Bounds, Rate
from beholden.evaluate.words import in_numbers, number, of_so_many, percent


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0%"),
        (1.0, "100%"),
        (0.049, "4.9%"),
        (0.1234, "12%"),
        (0.00033, "0.033%"),
        (0.996, "99.6%"),
        (0.5, "50%"),
        (0.01, "1%"),
        (0.000997, "0.1%"),
    ],
)
def test_two_digits_that_mean_something(value: float, said: str) -> None:
    """No more than the data can say, no less than the rate needs; and nearly all is not all."""
    assert percent(value) == said


@pytest.mark.parametrize(("value", "said"), [(130.4, "130"), (0.7213, "0.72"), (12.0, "12"), (1e-5, "0.00001")])
def test_numbers_have_no_exponent(value: float, said: str) -> None:
    """For people, not for machines."""
    assert number(value) == said


def test_a_rate_is_told_with_counts_and_bounds() -> None:
    """Or, where no error was seen, with how large it may be."""
    assert in_numbers(Rate(5, 102, Bounds(0.016, 0.111, "m"))) == "4.9% (5 of 102; 1.6% to 11%)"
    assert in_numbers(Rate(0, 898, Bounds(0.0, 0.00333, "m"))) == "0% (0 of 898; at most 0.33%)"
    assert in_numbers(Rate(0, 0)) == "not measured"


def test_no_error_is_told_as_at_most() -> None:
    """The upper bound, rounded up: nobody says never."""
    said = of_so_many(Rate(0, 898, Bounds(0.0, 0.00333, "m")), "strangers who pass", "are named")
    assert said == "of 1,000 strangers who pass, at most 4 are named (here none of 898)"


def test_errors_are_told_with_their_upper_bound() -> None:
    """About so many, at most so many."""
    said = of_so_many(Rate(2, 510, Bounds(0.0005, 0.0141, "m")), "strangers who pass", "are named")
    assert said == "of 1,000 strangers who pass, about 4, at most 15, are named"


def test_so_many_are_always_several() -> None:
    """Counted by more, where it would be one: `1 are named` is no sentence."""
    said = of_so_many(Rate(14, 1020, Bounds(0.0014, 0.133, "m")), "strangers who pass", "are named")
    assert said == "of 1,000 strangers who pass, about 14, at most 133, are named"


def test_nothing_but_errors_is_told_as_at_least() -> None:
    """The lower bound, rounded down."""
    said = of_so_many(Rate(40, 40, Bounds(0.918, 1.0, "m")), "people", "cannot be enrolled")
    assert said == "all 40 people cannot be enrolled (at least 91 of 100)"


def test_nothing_tried_is_told_as_such() -> None:
    """Not as zero."""
    assert of_so_many(Rate(0, 0), "strangers who pass", "are named") == "not measured: there were no strangers who pass"
