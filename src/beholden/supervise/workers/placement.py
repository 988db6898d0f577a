"""Which worker runs which camera: even, stable, moving as few as possible. Pure.

A camera that crashes its worker takes its neighbours with it, and nobody sees from outside which one
it was. So the cameras of a worker that crashes again and again are put apart, in halves: one half
goes on crashing and is halved again, until the guilty one is alone and everybody else lives.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from beholden.model.ids import CameraId

Seat = int
"""A worker's number: its process may be replaced, its cameras stay."""
Placement = dict[Seat, tuple[CameraId, ...]]
Group = frozenset[CameraId]
"""Cameras that are kept apart from all others, in a worker of their own."""


def place(
    cameras: Sequence[CameraId],
    before: Mapping[Seat, Collection[CameraId]],
    *,
    seats: int,
    most: int,
    apart: Collection[Group] = (),
) -> Placement:
    """Give each camera a seat, each seat at most `most` cameras; only seats with cameras are named.

    There are `seats` of them (as many as cores), fewer when there are fewer cameras, more when they
    would be too full, and one more for each group that is kept `apart`. Seats differ by one camera
    at most, groups left out. Who has a seat keeps it where that allows. Raises ValueError for
    limits below 1.
    """
    if seats < 1 or most < 1:
        raise ValueError("there is at least one seat, with room for at least one camera")
    known = list(dict.fromkeys(cameras))
    groups = _present(known, apart, most)
    held: dict[Seat, list[CameraId]] = {seat: [c for c in known if c in here] for seat, here in before.items()}
    result: Placement = {}
    for group in groups:
        result[_seat_for(group, held, result)] = tuple(camera for camera in known if camera in group)
    lone = {camera for group in groups for camera in group}
    others = [camera for camera in known if camera not in lone]
    result.update(_spread(others, held, set(result), seats, most))
    return result


def halved(apart: Collection[Group], crashed: Collection[CameraId]) -> tuple[Group, ...]:
    """The groups after the worker of `crashed` crashed once too often: those cameras apart, in two halves."""
    members = sorted(crashed)
    halves = (members[: len(members) // 2], members[len(members) // 2 :])
    kept = (group.difference(members) for group in apart)
    return tuple(group for group in (*kept, *map(frozenset, halves)) if group)


def singled_out(apart: Collection[Group], guilty: CameraId) -> tuple[Group, ...]:
    """The groups when it is known which camera it was: that one alone."""
    kept = (group.difference({guilty}) for group in apart)
    return tuple(group for group in (*kept, frozenset({guilty})) if group)


def _present(known: Sequence[CameraId], apart: Collection[Group], most: int) -> list[list[CameraId]]:
    """The groups with the cameras that are there; each camera in one of them, none with more than `most`."""
    taken: set[CameraId] = set()
    groups: list[list[CameraId]] = []
    for group in apart:
        members = [camera for camera in known if camera in group and camera not in taken]
        taken.update(members)
        groups += [members[start : start + most] for start in range(0, len(members), most)]
    return groups


def _seat_for(group: Sequence[CameraId], held: Mapping[Seat, Sequence[CameraId]], taken: Collection[Seat]) -> Seat:
    """The seat where most of the group already is, if it is the greater part there; a new one otherwise."""
    here = {seat: sum(camera in cameras for camera in group) for seat, cameras in held.items() if seat not in taken}
    best = max(here, key=lambda seat: (here[seat], -seat), default=None)
    if best is not None and here[best] and 2 * here[best] >= len(held[best]):
        return best
    return _free(held, taken)


def _spread(
    cameras: Sequence[CameraId],
    held: Mapping[Seat, Sequence[CameraId]],
    taken: Collection[Seat],
    seats: int,
    most: int,
) -> Placement:
    """Cameras over seats that are not `taken`, evenly, each where it was if there is room."""
    if not cameras:
        return {}
    count = max(min(seats, len(cameras)), -(-len(cameras) // most))
    staying = {seat: [c for c in cameras if c in here] for seat, here in held.items() if seat not in taken}
    # The fullest seats are kept, and are the ones that may have one more.
    chosen = sorted((seat for seat in staying if staying[seat]), key=lambda seat: (-len(staying[seat]), seat))[:count]
    while len(chosen) < count:
        chosen.append(_free(staying, {*taken, *chosen}))
    low, more = divmod(len(cameras), count)
    result = {seat: staying.get(seat, [])[: low + (rank < more)] for rank, seat in enumerate(chosen)}
    seated = {camera for here in result.values() for camera in here}
    waiting = [camera for camera in cameras if camera not in seated]
    for rank, seat in enumerate(chosen):
        while len(result[seat]) < low + (rank < more):
            result[seat].append(waiting.pop(0))
    return {seat: tuple(here) for seat, here in result.items()}


def _free(held: Mapping[Seat, Sequence[CameraId]], taken: Collection[Seat]) -> Seat:
    """A seat that has become empty, whose process is there already, or else a new one."""
    empty = (seat for seat, here in held.items() if not here and seat not in taken)
    used = {*held, *taken}
    return next(empty, next(seat for seat in range(len(used) + 1) if seat not in used))
