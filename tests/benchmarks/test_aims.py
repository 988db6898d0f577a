"""What a row reaches, and the table of aims itself."""

from __future__ import annotations

import json

import pytest
from benchmarks.aims import AIMS, Aim, Reached, Row, brought, extra_percent, table

MORE = Aim("more", "more is better", "cameras/core", 8, 9, share=0.85)
LESS = Aim("less", "less is better", "s", 0.3, 0.15, at_most=True)


@pytest.mark.parametrize(
    ("case", "firm", "stretch"),
    [
        ("typical", 8, 9),
        ("busy", 5, 6),
        ("substream", 15, 20),
        ("opencv", 30, 40),
        ("opencv_policy", 1.5, 2),
        ("dlib", 60, 100),
        ("recording", 15, 8),
        ("latency", 0.3, 0.15),
        ("memory", 30, 20),
    ],
)
def test_the_aims_are_the_ones_that_were_set(case: str, firm: float, stretch: float) -> None:
    """An aim is not moved to where the engine is."""
    assert (AIMS[case].firm, AIMS[case].stretch) == (firm, stretch)


@pytest.mark.parametrize(
    ("value", "reached"),
    [
        (7.99, Reached.MISSED),
        (8.0, Reached.FIRM),
        (8.99, Reached.FIRM),
        (9.0, Reached.STRETCH),
        (None, Reached.UNKNOWN),
    ],
)
def test_more_reaches_an_aim_from_itself_up(value: float | None, reached: Reached) -> None:
    """And what was not measured reaches nothing."""
    assert Row(MORE, value).reached is reached


@pytest.mark.parametrize(
    ("value", "reached"), [(0.31, Reached.MISSED), (0.3, Reached.FIRM), (0.15, Reached.STRETCH), (0.0, Reached.STRETCH)]
)
def test_less_reaches_an_aim_from_itself_down(value: float, reached: Reached) -> None:
    """Seconds, megabytes and percent."""
    assert Row(LESS, value).reached is reached


def test_close_to_the_floor_is_as_good_as_the_stretch_aim() -> None:
    """8.5 of 10 streams that can be decoded at all; of 10.1 it is less."""
    assert Row(MORE, 8.5, floor=10.0).reached is Reached.STRETCH
    assert Row(MORE, 8.5, floor=10.1).reached is Reached.FIRM


def test_close_to_a_low_floor_is_not_what_was_promised() -> None:
    """7.9 of 8: the machine is too slow for the aim, and the row says so."""
    assert Row(MORE, 7.9, floor=8.0).reached is Reached.MISSED


def test_a_row_is_written_with_its_aims_and_its_floor() -> None:
    """Value, firm, stretch, reached or not, and the floor beside it."""
    values = json.loads(json.dumps(Row(MORE, 8.5, floor=10.0, detail={"busy": 4.0}).as_values()))
    assert values["value"] == 8.5
    assert (values["firm"], values["stretch"], values["reached"]) == (8, 9, "stretch")
    assert (values["decode_floor"], values["share_of_floor"]) == (10.0, 0.85)
    assert values["detail"] == {"busy": 4.0}
    assert Row(MORE, None).as_values()["value"] is None


def test_recording_is_compared_with_the_run_beside_it() -> None:
    """Rounds of 8, 4 and 6 cameras without, on a machine that was busy in the second: 10, 20 and 50% more CPU."""
    assert extra_percent([8.0, 4.0, 6.0], [8 / 1.1, 4 / 1.2, 6 / 1.5]) == pytest.approx(20.0)
    assert extra_percent([8.0, 8.0], [8 / 1.1, 8 / 1.2]) == pytest.approx(15.0)


def test_the_table_has_a_line_for_each_row() -> None:
    """Also for one that was not measured."""
    lines = table([Row(MORE, 8.5, floor=10.0), Row(LESS, None)]).splitlines()
    assert len(lines) == 3
    assert "8.5" in lines[1]
    assert "85%" in lines[1]
    assert "not measured" in lines[2]
    assert "<0.3" in lines[2]


def test_a_row_of_another_benchmark_is_judged_here() -> None:
    """Its aims say whether less is better; what it says of itself does not count."""
    less = brought({"case": "search_1m_single_ratio", "value": 1.2, "aim": 1.3, "stretch": 1.1, "reached": False})
    more = brought({"case": "idle", "value": 49, "aim": 50, "stretch": 70, "unit": "cameras/core", "reached": True})
    assert less.reached is Reached.FIRM
    assert (more.reached, more.aim.unit) == (Reached.MISSED, "cameras/core")
