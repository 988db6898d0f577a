"""Whose turn it is: covering before naming, and equal shares for equal cameras whatever the load."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.model.ids import CameraId
from beholden.supervise.workers.schedule import Standing, Turn, Work, next_turn

PERIOD = 0.2
NEVER = float("-inf")


def standing(name: str, waiting: float | None, started: float = NEVER, *, to_name: bool = False) -> Standing:
    return Standing(CameraId(name), waiting, started, PERIOD, to_name)


def test_nothing_waits_nothing_is_done() -> None:
    """Neither a frame nor a name."""
    assert next_turn([]) is None
    assert next_turn([standing("a", None, 1.0)]) is None


def test_the_earliest_deadline_is_first() -> None:
    """Due one period after the last start: whoever was looked at longest ago."""
    turn = next_turn([standing("a", 5.0, 4.9), standing("b", 5.05, 4.8), standing("c", None, 1.0)])
    assert turn == Turn(CameraId("b"), Work.SEE)


def test_a_slower_camera_is_due_later() -> None:
    """The period counts: one frame a second is not due after a fifth of it."""
    slow = Standing(CameraId("a"), 5.0, 4.7, 1.0)
    assert next_turn([slow, standing("b", 5.0, 4.9)]) == Turn(CameraId("b"), Work.SEE)


def test_all_due_cameras_are_covered_before_any_is_named() -> None:
    """Naming waits while somebody's picture is not covered."""
    turn = next_turn([standing("a", 5.0, 4.9, to_name=True), standing("b", 5.0, 4.99)])
    assert turn == Turn(CameraId("b"), Work.SEE)


def test_a_frame_is_named_before_the_next_of_its_camera_is_seen() -> None:
    """Its own next frame waits, so its name comes first."""
    assert next_turn([standing("a", 5.0, 4.9, to_name=True)]) == Turn(CameraId("a"), Work.NAME)


def test_names_come_in_the_order_of_their_frames() -> None:
    """Whoever was seen first is named first."""
    turn = next_turn([standing("a", None, 4.9, to_name=True), standing("b", None, 4.8, to_name=True)])
    assert turn == Turn(CameraId("b"), Work.NAME)


@dataclass
class Machine:
    """A worker on paper: frames arrive, and each piece of work takes as long as `takes` says."""

    cameras: int
    takes: Callable[[Turn], float]
    arrives: Callable[[int, float], float | None]
    """The arrival of the newest frame of a camera up to a moment that it did not take yet; None: no new one."""
    now: float = 0.0
    started: dict[int, float] = field(default_factory=dict)
    to_name: set[int] = field(default_factory=set)
    starts: list[tuple[float, int]] = field(default_factory=list)

    def standings(self) -> list[Standing]:
        return [
            standing(
                f"{camera:02}",
                self.arrives(camera, self.now),
                self.started.get(camera, NEVER),
                to_name=camera in self.to_name,
            )
            for camera in range(self.cameras)
        ]

    def run(self, until: float) -> None:
        while self.now < until:
            standings = self.standings()
            turn = next_turn(standings)
            if turn is None:
                self.now += 0.005
                continue
            camera = int(turn.camera)
            if turn.work is Work.SEE:
                assert camera not in self.to_name
                self.started[camera] = self.now
                self.starts.append((self.now, camera))
                self.to_name.add(camera)
            else:
                assert not [one for one in standings if one.waiting_s is not None and not one.to_name]
                self.to_name.remove(camera)
            self.now += self.takes(turn)


def spread(starts: list[tuple[float, int]], cameras: int) -> int:
    """By how much the counts of any two cameras differ at most, over any window."""
    worst = 0
    for one in range(cameras):
        for other in range(one):
            walk, lowest, highest = 0, 0, 0
            for _, camera in starts:
                walk += (camera == one) - (camera == other)
                lowest, highest = min(lowest, walk), max(highest, walk)
                worst = max(worst, walk - lowest, highest - walk)
    return worst


durations = st.floats(0.001, 0.3)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 7), st.lists(durations, min_size=1, max_size=40))
def test_under_overload_no_camera_is_ahead_by_more_than_one_frame(cameras: int, takes: list[float]) -> None:
    """A frame always waits, work takes any time: over any window counts differ by one at most."""
    count = 0

    def duration(_: Turn) -> float:
        nonlocal count
        count += 1
        return takes[count % len(takes)]

    machine = Machine(cameras, duration, lambda _, now: now)
    machine.run(15.0)
    assert spread(machine.starts, cameras) <= 1


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 6),
    st.lists(st.floats(0.0, 0.199), min_size=6, max_size=6),
    st.lists(durations, min_size=1, max_size=40),
    st.sampled_from([0.05, 0.3, 1.0]),
)
def test_nobody_is_looked_at_twice_while_another_waits(
    cameras: int, phases: list[float], takes: list[float], load: float
) -> None:
    """Five frames a second each, in any phase, under any load: who waits is next before anybody's second turn."""
    seen: dict[int, float] = {}
    since: dict[int, float] = {}
    count = 0

    def newest(camera: int, now: float) -> float | None:
        frames = int((now - phases[camera]) / PERIOD) if now >= phases[camera] else -1
        arrival = phases[camera] + frames * PERIOD
        new = frames >= 0 and arrival > seen.get(camera, NEVER)
        if new:
            since.setdefault(camera, now)
        return arrival if new else None

    def duration(turn: Turn) -> float:
        nonlocal count
        count += 1
        if turn.work is Work.SEE:
            seen[int(turn.camera)] = machine.now
            began = since.pop(int(turn.camera))
            others = [camera for at, camera in machine.starts[:-1] if at > began]
            assert len(others) == len(set(others))
        return load * takes[count % len(takes)]

    machine = Machine(cameras, duration, newest)
    machine.run(12.0)
    assert count


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 7), st.lists(durations, min_size=1, max_size=40))
def test_nobody_starves(cameras: int, takes: list[float]) -> None:
    """Between two starts of one camera every other is looked at and named once: no longer than that."""
    count = 0

    def duration(_: Turn) -> float:
        nonlocal count
        count += 1
        return takes[count % len(takes)]

    machine = Machine(cameras, duration, lambda _, now: now)
    machine.run(15.0)
    longest = 2 * cameras * max(takes)
    for camera in range(cameras):
        starts = [at for at, who in machine.starts if who == camera]
        assert starts
        assert all(later - earlier <= longest + 0.01 for earlier, later in itertools.pairwise(starts))
