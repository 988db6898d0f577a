"""From an error rate to a threshold: what decisions use, what is best known, and what is called extrapolated."""

from __future__ import annotations

import copy
import json
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.evaluate import calibrating, tail, views
from beholden.faces.calibration import (
    FORMAT,
    MOST_DECISIONS,
    Calibration,
    load_calibration,
    parse_calibration,
    per_comparison,
)
from beholden.faces.catalogue import SFACE, YUNET
from beholden.model.errors import ModelError, SettingsError

SHIPPED = load_calibration(SFACE)


def shipped_table() -> dict[str, Any]:
    file = resources.files("beholden.faces") / "calibrations" / "sface-2021dec.json"
    return json.loads(file.read_text(encoding="utf-8"))


def table(**by_size: list[tuple[float, float, float]]) -> dict[str, Any]:
    """A table of one number of shots: (FMR, threshold, point) rows by face width; 4 of 100 missed, then 8."""
    cells = {
        size.strip("px"): {
            "mated": 100,
            "thresholds": {
                f"{rate:.0e}": {"threshold": upper, "point": point, "alike": point + 0.1, "missed": 4 * (number + 1)}
                for number, (rate, upper, point) in enumerate(rows)
            },
        }
        for size, rows in by_size.items()
    }
    return {
        "format": FORMAT,
        "model": SFACE.digest,
        "data": "made up",
        "stratum": "alike",
        "people": 10,
        "pairs": 45,
        "reach": 0.05,
        "decisions_per_track": 1.5,
        "by_shots": {"1": cells},
    }


def made_up() -> Calibration:
    """Two sizes; of each row, another one is worse."""
    return parse_calibration(
        table(px48=[(1e-1, 0.30, 0.20), (1e-3, 0.50, 0.40)], px96=[(1e-1, 0.35, 0.30), (1e-3, 0.45, 0.42)]), SFACE
    )


@given(st.floats(1e-6, 0.5), st.integers(1, 100_000), st.integers(1, 8))
def test_a_larger_gallery_never_lowers_the_threshold(fpir: float, size: int, shots: int) -> None:
    """More people in view, more chances to be wrong, a higher bar."""
    assert SHIPPED.for_fpir(fpir, size + 1, shots).cosine >= SHIPPED.for_fpir(fpir, size, shots).cosine - 1e-12


@given(st.floats(1e-7, 0.4), st.floats(1.01, 100), st.integers(1, 8))
def test_a_smaller_error_rate_never_lowers_the_threshold(fmr: float, factor: float, shots: int) -> None:
    """Asking for fewer errors asks for more likeness, also beyond the table."""
    assert SHIPPED.at_fmr(fmr / factor, shots).cosine >= SHIPPED.at_fmr(fmr, shots).cosine - 1e-12


@given(st.floats(1e-4, 0.5), st.integers(1, 10_000), st.integers(1, 5))
def test_what_decisions_use_is_never_below_the_best_estimate(fpir: float, size: int, shots: int) -> None:
    """The upper bound over resampled people, and as many decisions as a track was ever worth."""
    found = SHIPPED.for_fpir(fpir, size, shots)
    assert found.cosine >= found.alike


def test_of_all_sizes_the_worst_is_used() -> None:
    """Row by row: decisions do not ask how large the face was."""
    calibration = made_up()
    assert calibration.at_fmr(1e-1, 1).cosine == 0.35
    assert calibration.at_fmr(1e-3, 1).cosine == 0.50


def test_the_best_estimate_is_of_a_size_or_their_mean() -> None:
    """A width between two is that of the smaller; below all it is the smallest."""
    calibration = made_up()
    assert calibration.best_at_fmr(1e-3, 1, 90) == pytest.approx(0.40)
    assert calibration.best_at_fmr(1e-3, 1, 20) == pytest.approx(0.40)
    assert calibration.best_at_fmr(1e-3, 1) == pytest.approx(0.41)


def test_among_people_alike_more_is_needed() -> None:
    """The best estimates beside each other; decisions use neither."""
    found = made_up().at_fmr(1e-3, 1)
    assert (found.cosine, found.point, found.alike) == (0.5, pytest.approx(0.41), pytest.approx(0.51))


def test_between_rows_a_threshold_is_linear_in_the_logarithm_of_the_rate() -> None:
    """Half way between 1e-1 and 1e-3 lies 1e-2; beyond, the line goes on, and ends below 1."""
    calibration = made_up()
    assert calibration.at_fmr(1e-2, 1).cosine == pytest.approx(0.425)
    assert calibration.at_fmr(1e-5, 1).cosine == pytest.approx(0.65)
    assert calibration.at_fmr(1e-30, 1).cosine == pytest.approx(0.99)


def test_beyond_the_reach_is_called_extrapolated() -> None:
    """Where the data tell a rate within a factor of two, and where they do not."""
    assert not made_up().at_fmr(0.05, 1).extrapolated
    assert made_up().at_fmr(0.049, 1).extrapolated


def test_the_shipped_data_do_not_reach_the_default() -> None:
    """50 people carry no claim about one error in twenty thousand."""
    assert SHIPPED.for_fpir(0.01, 100, 3).extrapolated
    assert 0.02 < SHIPPED.reach < 0.15


def test_a_rate_per_track_is_divided_among_its_comparisons() -> None:
    """By hand: 100 people, each counting twice, none wrong in 99 of 100 tracks."""
    one = per_comparison(0.01, 100, 2.0)
    assert (1 - one) ** 200 == pytest.approx(0.99)
    assert SHIPPED.for_fpir(0.01, 100, 3).fmr == pytest.approx(per_comparison(0.01, 100, MOST_DECISIONS))


def test_expected_and_point_undo_each_other() -> None:
    """At the best estimate of the threshold, the best estimate of the rate is the one that was asked for."""
    for fpir, gallery in ((0.05, 25), (0.01, 100), (0.001, 5000)):
        point = SHIPPED.for_fpir(fpir, gallery, 3).point
        assert SHIPPED.expected_fpir(point, gallery, 3) == pytest.approx(fpir, rel=1e-3)
        alike = SHIPPED.for_fpir(fpir, gallery, 3).alike
        assert SHIPPED.expected_fpir(alike, gallery, 3, alike=True) == pytest.approx(fpir, rel=1e-3)


def test_what_is_missed_is_read_between_the_rows() -> None:
    """4 of 100 at the first, 8 at the second, 6 half way; and no more is said beyond the last."""
    assert made_up().missed(1e-2, 1, 48) == (pytest.approx(0.06), 100)
    assert made_up().missed(1e-9, 1, 48) == (pytest.approx(0.08), 100)


@pytest.mark.parametrize("fpir", [0.0, 1.0, -0.1, 2.0, float("nan")])
def test_a_rate_that_is_none_is_refused(fpir: float) -> None:
    """Between 0 and 1, and neither."""
    with pytest.raises(SettingsError):
        SHIPPED.for_fpir(fpir, 100, 2)


def _without(key: str) -> dict[str, Any]:
    return {name: value for name, value in shipped_table().items() if name != key}


BROKEN: dict[str, dict[str, Any]] = {
    "of other weights": shipped_table() | {"model": "0" * 64},
    "of another format": shipped_table() | {"format": 1},
    "without a format": _without("format"),
    "without a reach": _without("reach"),
    "with a reach of nothing": shipped_table() | {"reach": 0},
    "without single shots": shipped_table() | {"by_shots": {"2": shipped_table()["by_shots"]["2"]}},
    "with a number that is none": shipped_table() | {"decisions_per_track": "many"},
    "with rates that rise": table(px48=[(1e-3, 0.5, 0.4), (1e-1, 0.3, 0.2)]),
    "with one row": table(px48=[(1e-3, 0.5, 0.4)]),
    "with sizes of other rows": table(px48=[(1e-1, 0.3, 0.2), (1e-3, 0.5, 0.4)], px96=[(1e-1, 0.3, 0.2)]),
    "with no size": table(),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_table_that_cannot_be_trusted_is_refused(broken: dict[str, Any]) -> None:
    """Nobody is named by half a table."""
    with pytest.raises(ModelError):
        parse_calibration(copy.deepcopy(broken), SFACE)


def test_the_shipped_table_was_made_by_the_code_as_it_is() -> None:
    """Whoever changes what a table is made by makes it anew: benchmarks/NOTES.md has the command line."""
    made_by = shipped_table()["made_by"]
    assert made_by["method"] == [calibrating.METHOD, views.METHOD]
    assert (made_by["seed"], made_by["resamples"]) == (calibrating.SEED, calibrating.RESAMPLES)
    assert made_by["upper"] == tail.UPPER
    assert made_by["detector"] == YUNET.digest
    assert shipped_table()["stratum"] == calibrating.STRATUM
