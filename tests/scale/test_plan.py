"""`scale/plan.py` and `scale/capacity.py`: the arithmetic, and what is said of a measurement that says little."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.model.errors import InputError, SettingsError
from beholden.scale.capacity import Carries, carried, carries, doubts
from beholden.scale.figures import Cost, Figures, measured, typical
from beholden.scale.measured import Machine
from beholden.scale.plan import Plan, Wish, base_mb, plan
from tests.scale.benches import CAMERA, LOST, bench, period

NUMBERS = st.floats(0.01, 4.0)
COSTS = st.builds(Cost, NUMBERS, st.floats(1, 200), st.floats(0.1, 20), st.floats(0, 100_000))
FIGURES = st.builds(
    Figures,
    COSTS,
    st.just("cameras that nobody has"),
    st.floats(0, 500),
    st.floats(0, 60),
    st.just(1000),
    st.just(512),
    st.floats(0, 1e-5),
    st.just("x"),
)
WISHES = st.builds(
    Wish,
    cameras=st.integers(1, 2000),
    cores=st.floats(8, 64),
    memory_mb=st.floats(12_000, 100_000),
    record=st.booleans(),
    days=st.floats(0.5, 90),
    people=st.integers(0, 100_000),
    load=st.floats(0.5, 1.0),
)


def value(made: Plan, name: str) -> float:
    return next(line.value for line in made.lines if line.name == name)


@settings(max_examples=40, deadline=None)
@given(WISHES, FIGURES, st.integers(0, 500))
def test_more_cameras_never_need_less(wish: Wish, figures: Figures, more: int) -> None:
    """Of anything: machines, cores, memory, network, disk."""
    few, many = plan(wish, figures), plan(replace(wish, cameras=wish.cameras + more), figures)
    assert few.machines <= many.machines
    for line in few.lines:
        if line.name != "network_per_machine_mbit_s":
            assert line.value <= value(many, line.name), line.name


@settings(max_examples=40, deadline=None)
@given(WISHES, FIGURES)
def test_the_machines_of_a_plan_are_enough_and_one_less_is_not(wish: Wish, figures: Figures) -> None:
    """Each carries its share within the load, of cores and of memory."""
    made = plan(wish, figures)
    share = math.ceil(wish.cameras / made.machines)
    assert share <= made.cameras_per_machine
    assert share * figures.camera.cores <= wish.cores * wish.load * (1 + 1e-6)
    assert base_mb(wish, figures) + share * figures.camera.memory_mb <= wish.memory_mb * wish.load * (1 + 1e-6)
    assert (made.machines - 1) * made.cameras_per_machine < wish.cameras


@settings(max_examples=40, deadline=None)
@given(WISHES, FIGURES, st.floats(1.0, 4.0))
def test_a_larger_machine_never_makes_more_of_them_needed(wish: Wish, figures: Figures, times: float) -> None:
    """Nor does a higher load."""
    larger = replace(wish, cores=wish.cores * times, memory_mb=wish.memory_mb * times)
    assert plan(larger, figures).machines <= plan(wish, figures).machines
    assert plan(replace(wish, load=1.0), figures).machines <= plan(wish, figures).machines


def test_ten_cameras_of_eight_hundredths_fill_one_core_at_eighty_percent() -> None:
    """Exactly: floating point does not cost a camera."""
    assert carried(0.08, 1.0, 0.8) == 10


def test_more_people_than_were_compared_with_is_said() -> None:
    """Comparing is part of what a camera costs."""
    few, many = (plan(Wish(1, 2, 8000, people=people), typical(record=False)) for people in (100, 5000))
    assert not any("--people" in said for said in few.said)
    assert any("beholden bench --people 5000" in said for said in many.said)


@pytest.mark.parametrize(("cores", "memory_mb", "short"), [(0.1, 8000.0, "cores"), (8.0, 300.0, "memory")])
def test_a_machine_too_small_for_one_camera_is_said_to_be(cores: float, memory_mb: float, short: str) -> None:
    """And what it has too little of."""
    with pytest.raises(SettingsError, match=short):
        plan(Wish(1, cores, memory_mb), typical(record=False))


def test_recording_is_planned_only_where_it_is_asked_for() -> None:
    """Then with what the settings must be for it."""
    wish = Wish(10, 8, 16_000)
    assert not [line for line in plan(wish, typical(record=False)).lines if "disk" in line.name]
    made = plan(replace(wish, record=True, days=3), typical(record=True))
    assert value(made, "disk_gb") == pytest.approx(10 * 9.4e3 * 86_400 * 3 / 1e9)
    assert any("recording.keep_days to 3 and recording.keep_gb to 25" in sentence for sentence in made.said)


def test_several_machines_are_said_to_share_nothing() -> None:
    """They are not there yet, and a plan for them says so; one for a single machine does not."""
    assert any("one machine so far" in said for said in plan(Wish(100, 2, 8000), typical(record=False)).said)
    assert not any("one machine so far" in said for said in plan(Wish(1, 2, 8000), typical(record=False)).said)


def test_ones_own_cameras_cost_what_was_measured() -> None:
    """The mean of those that could be read."""
    cost = measured(bench(period(CAMERA, LOST)), record=False).camera
    assert cost == Cost(cores=0.15, memory_mb=30.0, network_mbit_s=4.0, disk_bytes_s=20_000.0)


def test_recording_that_was_not_measured_is_not_guessed() -> None:
    """It is asked for."""
    with pytest.raises(InputError, match="recording was not measured"):
        measured(bench(), record=True)


def test_a_machine_carries_what_its_cores_allow_at_the_load() -> None:
    """2 cores x 0.8 / 0.15, or what its memory does; of cameras that could not be read nothing is said."""
    machine = Machine(2.0, 8000.0, "A processor")
    assert carries(period(), machine) == Carries(by_cores=10, by_memory=203)
    assert getattr(carries(period(), replace(machine, memory_mb=500.0)), "cameras", None) == 3
    assert getattr(carries(period(), replace(machine, memory_mb=300.0)), "cameras", None) == 0
    assert carries(period(LOST), machine) is None


def test_a_good_measurement_is_not_doubted() -> None:
    """Otherwise nobody would read the doubts."""
    assert doubts(bench()) == ()


@pytest.mark.parametrize(
    ("doubtful", "said"),
    [
        (bench(seconds=5), "too short"),
        (bench(period(others_s=30.0)), "Other programs used 0.5 cores"),
        (bench(period(CAMERA, LOST)), "camera-2 could not be read and is in no figure: no route to it"),
        (bench(period(replace(CAMERA, dropped=40))), "40 pictures were dropped"),
        (bench(period(replace(CAMERA, looked_at=120))), "2.0 times a second, not 5.0"),
        (bench(period(replace(CAMERA, reconnects=1))), "was lost meanwhile"),
        (bench(period(replace(CAMERA, faces=0))), "Nobody was in view"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_makes_a_measurement_doubtful_is_said(doubtful, said: str) -> None:
    """One sentence for each."""
    assert [sentence for sentence in doubts(doubtful) if said in sentence]
