"""`beholden threshold`: the choice in plain words, what the data cannot support, and what would help."""

from __future__ import annotations

from pathlib import Path

import pytest

from beholden.cli.threshold import people_needed, supported
from tests.cli.conftest import Command


@pytest.fixture
def none(tmp_path: Path) -> tuple[str, Path]:
    """No data folder: the shipped model and settings."""
    return "--data", tmp_path / "none"


def test_it_says_that_the_data_do_not_support_it(beholden: Command, none: tuple[str, Path]) -> None:
    """Far beyond a few dozen people: no, how far beyond, and how many people it would take."""
    said = beholden("threshold", "--fpir", "0.01", "--gallery", "5000", *none).out
    assert "Do the data support it? No, it is extrapolated." in said
    assert "no place, however small" in said
    assert "would be needed" in said


def test_it_says_what_would_help_with_figures(beholden: Command, none: tuple[str, Path]) -> None:
    """Another shot, a smaller place, and a person who looks."""
    said = beholden("threshold", "--fpir", "0.01", "--gallery", "5000", "--tracks", "700", *none).out
    helps = said.partition("What would help\n")[2].splitlines()
    assert [line.split(":")[0].strip() for line in helps] == [
        *("4 shots", "5 shots", "a place of 1,000", "a place of 100", "a person who looks"),
    ]
    assert all("threshold 0." in line for line in helps[:4])
    assert "up to 7 false alerts a day" in helps[4]


def test_a_smaller_place_needs_a_lower_threshold(beholden: Command, none: tuple[str, Path]) -> None:
    """The same figures for machines."""
    row = beholden("threshold", "--gallery", "5000", "--json", *none).rows[0]
    places = [help["threshold"] for help in row["helps"] if help["gallery"] < 5000]  # type: ignore[union-attr,index,operator]
    assert row["threshold"] > places[0] > places[1]  # type: ignore[operator]


def test_five_shots_and_a_small_place_leave_only_a_person(beholden: Command, none: tuple[str, Path]) -> None:
    """Nothing is proposed that is there already."""
    assert beholden("threshold", "--shots", "5", "--json", *none).rows[0]["helps"] == []


def test_a_small_place_is_held_to_a_larger_one(beholden: Command, none: tuple[str, Path]) -> None:
    """The threshold is that of 100, and it says so."""
    said = beholden("threshold", "--gallery", "7", *none).out
    assert "A place of 7 is held to what 100 need" in said
    few, hundred = (beholden("threshold", "--gallery", size, "--json", *none).rows[0] for size in ("7", "100"))
    assert few["threshold"] == hundred["threshold"]


def test_it_never_claims_less_than_the_point(beholden: Command, none: tuple[str, Path]) -> None:
    """What decisions use is above the best guess, and the best guess of what it gives is below what was asked."""
    row = beholden("threshold", "--fpir", "0.05", "--gallery", "300", "--json", *none).rows[0]
    assert row["threshold"] > row["point"]  # type: ignore[operator]
    assert row["expected_fpir"] < 0.05  # type: ignore[operator]


def test_what_data_support_follows_from_their_reach() -> None:
    """By hand: one comparison in 10,000 may go wrong, twice as many are made as there are people."""
    place, rate = supported(1e-4, 0.01, 100)
    assert place == 50
    assert rate == pytest.approx(1 - (1 - 1e-4) ** 200)


def test_enough_people_make_eight_errors() -> None:
    """So many that of all their pairs eight go wrong."""
    count = people_needed(1e-4)
    assert (count - 1) * (count - 2) / 2 * 1e-4 < 8 <= count * (count - 1) / 2 * 1e-4
