"""Plots are drawn as said: zero on an axis without zero, bounds within the picture, a place for every name."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from beholden.evaluate.report.plots import DOTS, SIZE, draw
from beholden.evaluate.report.shown import Axis, Mark, Plot, Series, Style, Table, floor_for, one_in, series
from tests.evaluate.report_sample import rate

pytest.importorskip("matplotlib", reason="the extra `evaluate` is not installed")
LINE = Plot(
    "line",
    "A line",
    "",
    Axis("false", floor=1e-3, highest=1.0),
    Axis("missed", floor=1e-3, highest=1.0),
    (Series("each threshold", (0.0, 0.01, 1.0), (0.5, 0.1, 0.0), (0.4, 0.05, 0.0), (0.6, 0.2, 0.01)),),
    Table("", ("", ""), (("", ""),)),
)
POINTS = Plot(
    "points",
    "Points",
    "",
    Axis("rate"),
    Axis("", places=((0.0, "one"), (1.0, "another"))),
    (Series("rate", (0.0, 1.0), (0.1, 0.0), (0.05, 0.0), (0.2, 0.3), Style.POINTS, faint=(1,)),),
    Table("", ("", ""), (("", ""),)),
    across=True,
)


def size(png: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.format == "PNG"
        return picture.size


def test_a_plot_is_a_picture_of_the_size_that_pages_have() -> None:
    """Sharp at the width of a page."""
    assert size(draw(LINE)) == (round(SIZE[0] * DOTS), round(SIZE[1] * DOTS))


def test_a_plot_of_categories_is_as_high_as_they_need() -> None:
    """Ten names need more room than two."""
    many = replace(POINTS, y=Axis("", places=tuple((float(at), f"label {at}") for at in range(10))))
    assert size(draw(many))[1] > size(draw(POINTS))[1]


def test_zero_is_drawn_on_a_logarithmic_axis() -> None:
    """It stands where “none” is, and not nowhere: another value there is another picture."""
    higher = replace(LINE, series=(replace(LINE.series[0], y=(0.5, 0.1, 0.02)),))
    assert draw(LINE) != draw(higher)
    at_floor = replace(LINE, series=(replace(LINE.series[0], y=(0.5, 0.1, 1e-3)),))
    assert draw(LINE) == draw(at_floor)


@pytest.mark.parametrize(
    "changed",
    [
        replace(LINE, mark=Mark("default", 0.01, 0.1, (0.001, 0.1), (0.05, 0.2))),
        replace(LINE, series=(replace(LINE.series[0], high=(0.6, 0.3, 0.01)),)),
        replace(LINE, series=(replace(LINE.series[0], style=Style.DASHED),)),
        replace(LINE, uprights=((0.1, "here"),)),
        replace(LINE, lines=((0.1, "asked"),)),
    ],
    ids=["mark", "band", "dashes", "upright", "line"],
)
def test_what_a_plot_has_is_seen(changed: Plot) -> None:
    """Each of these makes another picture."""
    assert draw(changed) != draw(LINE)


def test_points_that_must_not_be_compared_look_different() -> None:
    """Hollow, not filled."""
    filled = replace(POINTS, series=(replace(POINTS.series[0], faint=()),))
    assert draw(filled) != draw(POINTS)


def test_stacked_bars_stand_on_each_other() -> None:
    """Their tops are sums."""
    bars = tuple(Series(name, (0.0, 1.0), (0.5, 0.4), style=Style.BARS) for name in ("named", "unknown"))
    plot = replace(POINTS, x=POINTS.y, y=POINTS.x, series=bars, across=False, stacked=True)
    assert draw(plot) != draw(replace(plot, stacked=False))


def test_a_series_without_points_is_no_error() -> None:
    """Nothing was measured: an empty plot."""
    assert size(draw(replace(POINTS, series=(Series("rate", (), (), style=Style.POINTS),))))


@pytest.mark.parametrize(
    ("trials", "floor"), [(1, 1e-1), (10, 1e-1), (11, 1e-2), (100, 1e-2), (101, 1e-3), (1530, 1e-4), (20_000, 1e-5)]
)
def test_the_floor_is_not_above_one_error(trials: int, floor: float) -> None:
    """So that “none” is no place where an error could lie."""
    assert floor_for([rate(0, trials, 0.0, 1.0)]) == pytest.approx(floor)
    assert floor_for([rate(0, trials, 0.0, 1.0)]) <= max(0.1, 1 / trials)


def test_what_was_not_measured_is_no_point() -> None:
    """A rate without trials is left out of a series."""
    nothing = {"errors": 0, "trials": 0, "rate": None, "low": None, "high": None, "method": None}
    assert series("x", [(1.0, nothing), (2.0, rate(1, 10, 0.0, 0.4))]).x == (2.0,)


@pytest.mark.parametrize(("share", "words"), [(5.02e-5, "1 in 20,000"), (0.08, "1 in 12"), (0.0, "none")])
def test_one_in_is_rounded_to_what_is_known(share: float, words: str) -> None:
    """Two digits."""
    assert one_in(share) == words
