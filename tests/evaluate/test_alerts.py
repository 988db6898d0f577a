"""False alerts per face, per alert and per day, from numbers worked out by hand."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from beholden.evaluate.alerts import Estimate, counted, per_alert, per_camera_day, per_face
from beholden.evaluate.rates import Rate, exact
from beholden.model.errors import InputError


def some(estimate: Estimate | None) -> Estimate:
    assert estimate is not None
    assert estimate.low <= estimate.value <= estimate.high
    return estimate


def test_the_same_false_alerts_have_two_denominators():
    """Two of eight alerts, two of a thousand faces."""
    both = counted(2, 8, 1000)
    assert (both.per_face, both.per_alert) == (exact(2, 1000), exact(2, 8))
    assert both.as_values() == {"per_face": exact(2, 1000).as_values(), "per_alert": exact(2, 8).as_values()}


@pytest.mark.parametrize("counts", [(3, 2, 10), (1, 11, 10), (-1, 2, 10)])
def test_counts_that_cannot_be_are_refused(counts: tuple[int, int, int]):
    """More false alerts than alerts, or more alerts than faces."""
    with pytest.raises(InputError):
        counted(*counts)


def test_one_error_in_a_thousand_faces_is_half_of_the_alerts_where_one_in_a_thousand_is_enrolled():
    """Nearly: 999 strangers raise 0.999 alerts for each one that is right."""
    estimate = some(per_alert(exact(10, 10_000), exact(0, 10_000), 0.001))
    assert estimate.value == pytest.approx(0.999 / 1.999)
    assert estimate.low < 0.4 < 0.6 < estimate.high


def test_missing_people_enrolled_makes_more_of_the_alerts_false():
    """FPIR .01, half of the faces enrolled: .01 in 1.01 if all are found, .01 in .51 if half are."""
    assert some(per_alert(exact(10, 1000), exact(0, 100), 0.5)).value == pytest.approx(0.01 / 1.01)
    assert some(per_alert(exact(10, 1000), exact(50, 100), 0.5)).value == pytest.approx(0.01 / 0.51)


def test_bounds_of_the_share_hold_in_95_of_100_runs():
    """400 measurements of FPIR .02 and FNIR .2, where a tenth of the faces is enrolled."""
    random, measured = np.random.default_rng(4), cache(exact)
    truth = 0.9 * 0.02 / (0.9 * 0.02 + 0.1 * 0.8)
    held = 0
    for _ in range(400):
        fpir, fnir = int(random.binomial(1000, 0.02)), int(random.binomial(100, 0.2))
        estimate = some(per_alert(measured(fpir, 1000), measured(fnir, 100), 0.1))
        held += estimate.low <= truth <= estimate.high
    assert 0.93 <= held / 400 <= 0.985


def test_no_false_alert_seen_is_bounded_from_above():
    """The rule of 3 for FPIR, with as many missed as may be."""
    estimate = some(per_alert(exact(0, 1000), exact(10, 100), 0.5))
    assert (estimate.value, estimate.low) == (0, 0)
    assert 0.003 < estimate.high < 0.004


def test_only_strangers_raise_only_false_alerts():
    """And where everybody is enrolled, none is."""
    assert some(per_alert(exact(10, 1000), exact(10, 100), 0.0)).as_values().items() >= {"value": 1, "low": 1}.items()
    assert some(per_alert(exact(10, 1000), exact(10, 100), 1.0)).high == 0


def test_nobody_found_leaves_only_false_alerts():
    """And the bounds say how far that may be chance."""
    estimate = some(per_alert(exact(10, 1000), exact(20, 20), 0.5))
    assert (estimate.value, estimate.high) == (1, 1)
    assert 0 < estimate.low < 0.1


def test_no_alert_at_all_has_no_share():
    """Nothing is divided by nothing; nor is what was not measured."""
    assert per_alert(exact(0, 10), exact(10, 10), 0.5) is None
    assert per_alert(Rate(0, 0), exact(1, 10), 0.5) is None
    assert per_alert(exact(1, 10), Rate(0, 0), 0.5) is None


def test_false_alerts_per_face_are_those_of_strangers():
    """FPIR .02, a quarter enrolled: .015 of all faces, and so are the bounds."""
    fpir = exact(20, 1000)
    estimate = some(per_face(fpir, 0.25))
    assert fpir.bounds is not None
    assert estimate.value == pytest.approx(0.015)
    assert (estimate.low, estimate.high) == pytest.approx((0.75 * fpir.bounds.low, 0.75 * fpir.bounds.high))


def test_false_alerts_a_day_grow_with_the_tracks():
    """FPIR .01 and 500 tracks are 5 a day; 4 if a fifth of them is enrolled."""
    fpir = exact(10, 1000)
    assert some(per_camera_day(fpir, 500)).value == pytest.approx(5)
    assert some(per_camera_day(fpir, 500, 0.2)).value == pytest.approx(4)
    assert per_camera_day(Rate(0, 0), 500) is None


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_outside_0_to_1_is_refused(share: float):
    """In every denominator."""
    for estimate in (lambda: per_face(exact(1, 9), share), lambda: per_alert(exact(1, 9), exact(1, 9), share)):
        with pytest.raises(InputError):
            estimate()


@pytest.mark.parametrize("tracks", [-1.0, float("inf"), float("nan")])
def test_a_number_of_tracks_that_cannot_be_is_refused(tracks: float):
    """Fewer than none, or no end."""
    with pytest.raises(InputError):
        per_camera_day(exact(1, 9), tracks)
