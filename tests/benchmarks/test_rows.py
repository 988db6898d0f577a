"""From measurements to rows: which figure is divided by which."""

from __future__ import annotations

from statistics import median
from typing import Any

import pytest
from benchmarks.aims import Reached, Row
from benchmarks.figures import Spread
from benchmarks.latency import LEAST_NAMES, MOST, Latency, more_cameras
from benchmarks.ours import Keeping
from benchmarks.rows import engine_rows, grown, latency_row, overload_count, overload_rows


class Bench:
    """Measurements that were thought up."""

    @property
    def memory_mb(self) -> dict[Keeping, float]:
        return {Keeping.NOTHING: 12.0, Keeping.FILE: 40.0, Keeping.TIMELINE: 20.0}

    def figures(self, clip: str, loop: str) -> list[float]:
        return {
            ("typical", "ours"): [8.0, 8.4, 8.8],
            ("typical", "ours_recording"): [7.0, 7.0, 8.0],
            ("typical", "floor"): [9.0, 10.0, 11.0],
            ("typical", "floor_small"): [100.0],
            ("typical", "substream"): [16.0],
            ("typical", "opencv"): [0.24],
            ("typical", "opencv_policy"): [4.2],
            ("typical", "dlib"): [0.05],
            ("busy", "ours"): [5.5],
            ("busy", "ours_recording"): [5.0],
            ("busy", "floor"): [9.5],
            ("busy", "opencv"): [0.11],
            ("busy", "opencv_policy"): [1.1],
            ("busy", "dlib"): [0.05],
        }[clip, loop]

    def median(self, clip: str, loop: str) -> float:
        return median(self.figures(clip, loop))


def told(**other: Any) -> dict[str, Any]:
    """What an overloaded worker tells: ten cameras of 4 Mbit/s."""
    return {
        "cameras": 10,
        "looks_per_s": [2.0, 2.2, 2.5],
        "read_per_s": 25.0,
        "dropped": 40,
        "shown": 4,
        "covers": [5, 6, 5, 4],
        "age_s": {"count": 4, "p50": 1.0, "p95": 1.4, "max": 1.5},
        "ages": [[float(second), 1.0] for second in range(9)],
        "waiting_bytes": [[float(second), 5_000_000 * (second >= 3)] for second in range(9)],
        "problems": [],
    } | other


def by_case(rows: list[Row]) -> dict[str, Row]:
    return {row.aim.case: row for row in rows}


def test_every_figure_of_the_engine_is_divided_by_its_own_peer() -> None:
    """Typical, with the median of rounds; busy stands in the detail."""
    rows = by_case(engine_rows(Bench()))
    assert rows["typical"].value == 8.4
    assert rows["typical"].floor == 10.0
    assert rows["busy"].value == 5.5
    assert rows["opencv"].value == pytest.approx(35.0)
    assert rows["opencv_policy"].value == pytest.approx(2.0)
    assert rows["dlib"].value == pytest.approx(168.0)
    assert rows["opencv"].detail == {"busy": 50.0}


def test_the_floor_of_two_streams_is_decoding_the_small_one() -> None:
    """The large one need not be decoded: shots are what it costs."""
    row = by_case(engine_rows(Bench()))["substream"]
    assert (row.value, row.floor) == (16.0, 100.0)


def test_recording_is_what_it_takes_on_top() -> None:
    """8 beside 7, 8.4 beside 7, 8.8 beside 8 cameras per core: 14, 20 and 10% more."""
    assert by_case(engine_rows(Bench()))["recording"].value == pytest.approx(100 / 7)


def test_overload_is_twice_what_a_core_carries() -> None:
    """And never one camera, which is even with itself."""
    assert overload_count(5.2) == 10
    assert overload_count(0.3) == 2


def test_the_last_camera_is_held_beside_the_first() -> None:
    """2.0 looks a second beside 2.5; nobody looked at is no evenness."""
    assert by_case(overload_rows(told(), faces=5, mbit_per_s=4.0))["overload_even"].value == pytest.approx(0.8)
    nobody = by_case(overload_rows(told(looks_per_s=[0.0, 0.0]), faces=5, mbit_per_s=4.0))["overload_even"]
    assert nobody.reached is Reached.UNKNOWN


def test_a_picture_with_fewer_covers_than_faces_is_told() -> None:
    """One of four; of no pictures there is no share."""
    assert by_case(overload_rows(told(), faces=5, mbit_per_s=4.0))["overload_covered"].value == 25.0
    assert by_case(overload_rows(told(covers=[]), faces=5, mbit_per_s=4.0))["overload_covered"].value is None


def test_a_queue_that_grows_is_told_in_seconds_of_a_cameras_stream() -> None:
    """5 MB more of ten streams of 4 Mbit/s: a second of each."""
    row = by_case(overload_rows(told(), faces=5, mbit_per_s=4.0))["overload_queue"]
    assert row.value == pytest.approx(1.0)
    assert row.reached is Reached.MISSED


def test_what_stays_does_not_grow() -> None:
    """However high it is; and of too few points nothing is said."""
    assert grown([(float(second), 7.0) for second in range(9)]) == 0.0
    assert grown([(float(second), float(second)) for second in reversed(range(9))]) == 6.0
    assert grown([(0.0, 1.0)] * 5) is None


def heard(*, load: float = 0.8, names: int = LEAST_NAMES) -> Latency:
    return Latency(Spread.of([0.1] * names), load, 8, 1.4, 0.2, 5.0)


def test_a_delay_counts_at_its_load_only() -> None:
    """At half the load it is shorter, and of a few names there is no percentile."""
    assert latency_row(heard()).value == 0.1
    assert latency_row(heard(load=0.6)).value is None
    assert latency_row(heard(load=0.95)).value is None
    assert latency_row(heard(names=LEAST_NAMES - 1)).value is None


def test_cameras_are_added_up_to_the_load() -> None:
    """At 30% of two cores, a seventh of a core each: a whole core is left to fill."""
    assert more_cameras(0.3, 1 / 7, 2.0, 4) == 7
    assert more_cameras(0.8, 1 / 7, 2.0, 11) == 0
    assert more_cameras(0.95, 1 / 7, 2.0, 4) == 0
    assert more_cameras(0.0, 0.0, 64.0, 4) == MOST - 4
