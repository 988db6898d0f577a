"""Curves of cost: the line through them, and the files that are written."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from benchmarks.growth import Curve, of_gallery, write

STRAIGHT = tuple((float(n), 0.2 + 0.14 * n) for n in (1, 5, 10, 20, 40))
BENT = tuple((float(n), 0.01 * n * n) for n in (1, 5, 10, 20, 40))


def curve(points: tuple[tuple[float, float], ...]) -> Curve:
    return Curve("cameras", "CPU", "cameras", "cores", points, 0.5)


def test_the_line_through_a_straight_curve_is_found() -> None:
    """What each costs, and what the first one costs besides."""
    line = curve(STRAIGHT).line
    assert line is not None
    assert line == pytest.approx((0.14, 0.2, 1.0))
    assert "NOT" not in curve(STRAIGHT).said()


def test_a_bent_curve_is_called_bent() -> None:
    """A cost that grows with the square."""
    assert "NOT straight" in curve(BENT).said()


def test_no_line_goes_through_two_points() -> None:
    """Every two points are on a line."""
    assert curve(STRAIGHT[:2]).line is None


def test_points_are_written_as_csv_and_drawn(tmp_path: Path) -> None:
    """Every point with its axes and the machine's load."""
    write([curve(STRAIGHT)], tmp_path)
    with (tmp_path / "growth.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(float(line["x"]), float(line["y"])) for line in lines] == [pytest.approx(point) for point in STRAIGHT]
    assert {(line["curve"], line["x_is"], line["y_is"], line["load"]) for line in lines} == {
        ("cameras", "cameras", "cores", "0.5")
    }
    assert (tmp_path / "growth-cameras.png").read_bytes().startswith(b"\x89PNG")


def test_the_curve_of_the_gallery_is_what_the_search_measured(tmp_path: Path) -> None:
    """Where it was not measured there is no curve."""
    found = tmp_path / "search.json"
    assert of_gallery(found) == []
    found.write_text(
        json.dumps({"points": [{"references": 100, "single_ms": 0.01}, {"references": 1000, "single_ms": 0.1}]})
    )
    assert of_gallery(found)[0].points == ((100.0, 0.01), (1000.0, 0.1))
