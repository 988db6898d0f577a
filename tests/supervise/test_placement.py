"""Which worker runs which camera: everybody once, evenly, moving few, and the guilty one alone in the end."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.model.ids import CameraId
from beholden.supervise.workers.placement import Placement, halved, place, singled_out

CAMERAS = tuple(CameraId(f"c{number:02}") for number in range(30))


def names(*numbers: int) -> tuple[CameraId, ...]:
    return tuple(CAMERAS[number] for number in numbers)


def moved(before: Placement, after: Placement) -> set[CameraId]:
    """Cameras that were in one seat and are in another."""
    was = {camera: seat for seat, here in before.items() for camera in here}
    return {camera for seat, here in after.items() for camera in here if was.get(camera, seat) != seat}


def test_cameras_are_spread_over_the_cores() -> None:
    """Four cameras, two cores: two each."""
    assert sorted(len(here) for here in place(CAMERAS[:4], {}, seats=2, most=16).values()) == [2, 2]


def test_there_are_no_more_workers_than_cameras() -> None:
    """One camera needs one process."""
    assert place(CAMERAS[:1], {}, seats=8, most=16) == {0: names(0)}
    assert place((), {}, seats=8, most=16) == {}


def test_full_workers_bring_more_workers() -> None:
    """More cameras than two workers take: a third one."""
    sizes = [len(here) for here in place(CAMERAS[:9], {}, seats=2, most=4).values()]
    assert sizes == [3, 3, 3]


def test_a_new_camera_moves_nobody() -> None:
    """It goes where there are fewest."""
    before: Placement = {0: names(0, 1), 1: names(2)}
    assert place(CAMERAS[:4], before, seats=2, most=16) == {0: names(0, 1), 1: names(2, 3)}


def test_a_removed_camera_moves_nobody_while_it_stays_even() -> None:
    """Three and three, one goes: three and two."""
    before: Placement = {0: names(0, 1, 2), 1: names(3, 4, 5)}
    assert place(names(0, 1, 2, 3, 4), before, seats=2, most=16) == {0: names(0, 1, 2), 1: names(3, 4)}


def test_one_camera_named_twice_is_one() -> None:
    assert place((CAMERAS[0], CAMERAS[0]), {}, seats=2, most=16) == {0: names(0)}


def test_impossible_limits_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        place(CAMERAS, {}, seats=0, most=1)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_everybody_has_one_seat_and_none_is_too_full(data: st.DataObject) -> None:
    """Over any history of cameras coming and going and of groups put apart."""
    seats, most = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 6))
    placed: Placement = {}
    for _ in range(data.draw(st.integers(1, 5))):
        cameras = data.draw(st.lists(st.sampled_from(CAMERAS), unique=True))
        apart = tuple(frozenset(group) for group in data.draw(st.lists(st.sets(st.sampled_from(CAMERAS)), max_size=3)))
        placed = place(cameras, placed, seats=seats, most=most, apart=apart)
        assert sorted(camera for here in placed.values() for camera in here) == sorted(cameras)
        assert all(0 < len(here) <= most for here in placed.values())
        lone = set().union(*apart) if apart else set()
        shared = [here for here in placed.values() if not lone & set(here)]
        assert not [here for here in placed.values() if lone & set(here) and not set(here) <= lone]
        if shared:
            assert max(map(len, shared)) - min(map(len, shared)) <= 1
            assert len(shared) <= max(seats, -(-sum(map(len, shared)) // most))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_more_cameras_move_than_must(data: st.DataObject) -> None:
    """Even, with the fewest moves: who is above the even share of a seat, and nobody else."""
    seats = data.draw(st.integers(1, 5))
    first = data.draw(st.lists(st.sampled_from(CAMERAS), unique=True, min_size=1))
    second = data.draw(st.lists(st.sampled_from(CAMERAS), unique=True, min_size=1))
    before = place(first, {}, seats=seats, most=30)
    after = place(second, before, seats=seats, most=30)
    staying = sorted((len(set(here) & set(second)) for here in before.values()), reverse=True)
    count = min(seats, len(second))
    low, more = divmod(len(second), count)
    shares = [low + (rank < more) for rank in range(count)]
    must = sum(staying) - sum(min(here, share) for here, share in zip(staying, shares, strict=False))
    assert len(moved(before, after)) == must


def test_the_same_cameras_are_placed_the_same() -> None:
    """Asked again, nothing moves."""
    placed = place(CAMERAS, {}, seats=3, most=16)
    assert place(CAMERAS, placed, seats=3, most=16) == placed


def test_a_guilty_camera_that_is_known_leaves_its_neighbours_where_they_are() -> None:
    """It gets a worker of its own, and only it moves."""
    before: Placement = {0: names(0, 1, 2), 1: names(3, 4, 5)}
    after = place(CAMERAS[:6], before, seats=2, most=16, apart=singled_out((), CAMERAS[1]))
    assert names(1) in after.values()
    assert moved(before, after) <= {CAMERAS[1], CAMERAS[3], CAMERAS[4], CAMERAS[5]}
    assert len(moved(before, after)) <= 1


@pytest.mark.parametrize("count", [2, 3, 5, 8, 16])
def test_halving_finds_the_guilty_camera(count: int) -> None:
    """Whoever it is: after a few crashes it is alone, and no innocent camera crashes again."""
    for guilty in CAMERAS[:count]:
        apart: tuple[frozenset[CameraId], ...] = ()
        placed = place(CAMERAS[:count], {}, seats=1, most=16)
        crashes = 0
        while len(crashed := next(here for here in placed.values() if guilty in here)) > 1:
            apart = halved(apart, crashed)
            placed = place(CAMERAS[:count], placed, seats=1, most=16, apart=apart)
            crashes += 1
        assert crashed == (guilty,)
        assert crashes <= count.bit_length()
        assert len(placed) <= 1 + crashes


def test_two_guilty_cameras_are_found_too() -> None:
    """Each half goes on being halved."""
    chance = random.Random(7)
    for _ in range(50):
        guilty = set(chance.sample(CAMERAS[:12], 2))
        apart: tuple[frozenset[CameraId], ...] = ()
        placed = place(CAMERAS[:12], {}, seats=2, most=16)
        for _ in range(12):
            crashing = [here for here in placed.values() if guilty & set(here) and len(here) > 1]
            if not crashing:
                break
            apart = halved(apart, chance.choice(crashing))
            placed = place(CAMERAS[:12], placed, seats=2, most=16, apart=apart)
        assert {here for here in placed.values() if guilty & set(here)} == {(camera,) for camera in guilty}
