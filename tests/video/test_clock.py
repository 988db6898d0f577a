"""Times go forward, and the analysed pictures are the first of each interval."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from beholden.video.clock import Clock, Foresight, Picker

times = st.none() | st.floats(-1e5, 1e5) | st.sampled_from([float("nan"), float("inf")])


@given(st.lists(times, max_size=60), st.floats(0, 2))
def test_offsets_strictly_increase_whatever_comes(stamps: list[float | None], interval: float) -> None:
    """None, backwards, jumps and nonsense."""
    clock = Clock(interval)
    offsets = [clock.offset(stamp) for stamp in stamps]
    assert all(a < b for a, b in itertools.pairwise(offsets))
    assert not offsets or offsets[0] == 0.0


def test_ordinary_times_are_kept_and_a_restart_goes_on() -> None:
    """The first is zero; a clock that starts again continues one interval later; a missing time is one interval."""
    clock = Clock(0.04)
    assert [round(clock.offset(t), 3) for t in (10.0, 10.04, None, 10.5, 0.0, 0.1)] == [
        0.0,
        0.04,
        0.08,
        0.5,
        0.54,
        0.64,
    ]


def test_a_small_step_back_is_moved_just_after() -> None:
    """Not a restart: the next good time is right again."""
    clock = Clock(0.04)
    assert [round(clock.offset(t), 3) for t in (0.0, 0.2, 0.15, 0.24)] == [0.0, 0.2, 0.201, 0.24]


@given(st.lists(st.floats(0.001, 0.7), min_size=1, max_size=80), st.sampled_from([1.0, 5.0, 12.5]))
def test_the_first_picture_of_each_interval_is_taken(gaps: list[float], rate: float) -> None:
    """At most one in each interval of the grid, and none of them without, if it had a picture."""
    offsets = [0.0, *itertools.accumulate(gaps)]
    picker = Picker(rate)
    taken = [offset for offset in offsets if picker.takes(offset)]
    assert [picker.slot(offset) for offset in taken] == sorted({picker.slot(offset) for offset in offsets})


@given(st.lists(st.floats(0.01, 0.3), min_size=1, max_size=60), st.integers(0, 8), st.randoms(use_true_random=False))
def test_no_needed_packet_is_passed_by(gaps: list[float], reorder: int, random: object) -> None:
    """Packets in any decoding order: every picture that would be taken is decoded."""
    offsets = [0.0, *itertools.accumulate(gaps)]
    order = sorted(range(len(offsets)), key=lambda n: n + random.random() * reorder)
    foresight = Foresight(Picker(5.0))
    needed = {offsets[n] for n in order if foresight.needs(offsets[n])}
    picker = Picker(5.0)
    assert {offset for offset in offsets if picker.takes(offset)} <= needed
    assert all(Foresight(Picker(None)).needs(offset) for offset in offsets)
