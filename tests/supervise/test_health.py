"""How fast counters go up, and what is said of an error that is not ours."""

from __future__ import annotations

import pytest

from beholden.model.errors import SourceLost
from beholden.supervise.workers.health import WINDOW, Rates, in_words


def test_a_rate_is_over_the_last_looks() -> None:
    """25 and 5 a second, whatever was before the window; looks need not come on the second."""
    rates = Rates()
    for at_s in range(10):
        rates.look(float(at_s), 0, 0)
    told = (0.0, 0.0)
    for number in range(WINDOW + 1):
        told = rates.look(10.1 + number * 1.1, round(number * 1.1 * 25), round(number * 1.1 * 5))
    assert told == pytest.approx((25.0, 5.0), rel=0.02)


def test_a_single_look_is_no_rate() -> None:
    """Nothing is known of what was before it, nor from two at the same moment."""
    rates = Rates()
    assert rates.look(5.0, 1000, 200) == (0.0, 0.0)
    assert rates.look(5.0, 1025, 205) == (0.0, 0.0)


def test_when_nothing_comes_any_more_the_rate_falls_to_nothing() -> None:
    """After as many looks as are remembered."""
    rates = Rates()
    rates.look(0.0, 0, 0)
    for at_s in range(1, WINDOW + 2):
        told = rates.look(float(at_s), 25, 5)
    assert told == (0.0, 0.0)


def test_a_counter_that_begins_again_is_no_rate_below_nothing() -> None:
    """Another source counts from nothing: what was known of the first is forgotten."""
    rates = Rates()
    rates.look(0.0, 0, 0)
    rates.look(1.0, 25, 5)
    assert rates.look(2.0, 10, 5) == (0.0, 0.0)
    assert rates.look(3.0, 35, 10) == (25.0, 5.0)


def test_a_foreign_error_is_named_and_not_quoted() -> None:
    """It may hold an address or somebody's name; ours were written for a person."""
    try:
        raise ValueError("rtsp://viewer:hunter2@host/")
    except ValueError as error:
        said = in_words(error)
    assert said.startswith("ValueError (test_health.py:")
    assert "hunter2" not in said
    assert in_words(SourceLost("it was unplugged")) == "it was unplugged"
