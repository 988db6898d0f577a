"""Which detection is which track: pure geometry, solved as an assignment.

At 5 frames a second a 60-pixel face can move a box width between frames, so boxes need not overlap
at all: the cost is the distance of centres in units of the face's size, from where the track is
expected, plus the change of size. Two rounds as in ByteTrack (Zhang et al., ECCV 2022): confident
detections meet all tracks, doubtful ones meet only what is left over.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import lap
import numpy as np

from beholden.model.box import Box

GATE = 1.3
"""Centres further apart than this many face sizes are not the same face one frame later."""
GATE_GROWTH = 0.8
"""How much the gate widens per second without a detection, in face sizes."""
MAX_SIZE_RATIO = 1.7
SIZE_WEIGHT = 0.8


@dataclass(frozen=True, slots=True)
class Expected:
    """Where a track is expected now, and for how long it has not been seen (seconds)."""

    box: Box
    unseen_s: float


def cost(expected: Expected, found: Box) -> float:
    """Dissimilarity of a track and a detection; infinite when they cannot be the same face."""
    size = max(1.0, (expected.box.w + expected.box.h + found.w + found.h) / 4)
    ratio = max(found.w, 1.0) / max(expected.box.w, 1.0)
    if not 1 / MAX_SIZE_RATIO <= ratio <= MAX_SIZE_RATIO:
        return math.inf
    (ax, ay), (bx, by) = expected.box.centre, found.centre
    distance = math.hypot(ax - bx, ay - by) / size
    if distance > GATE + GATE_GROWTH * min(expected.unseen_s, 1.0):
        return math.inf
    return distance + SIZE_WEIGHT * abs(math.log(ratio))


def assign(tracks: Sequence[Expected], found: Sequence[Box]) -> list[tuple[int, int]]:
    """Pairs (track, detection) of the cheapest one-to-one assignment; impossible pairs are left out."""
    if not tracks or not found:
        return []
    far = 1e3
    costs = np.array([[min(cost(track, box), far) for box in found] for track in tracks])
    _, rows, _ = lap.lapjv(costs, extend_cost=True, cost_limit=far)
    return [(track, int(box)) for track, box in enumerate(rows) if box >= 0 and costs[track, box] < far]


def contested(pair: tuple[int, int], tracks: Sequence[Expected], found: Sequence[Box]) -> bool:
    """Whether this pair could have been another: its rival's cost is too close to its own to be sure.

    True when another track could own the detection, or another detection the track, at a cost
    within 0.5 of the chosen one's: then the two may have been exchanged.
    """
    track, box = pair
    own = cost(tracks[track], found[box])
    for other in range(len(tracks)):
        if other != track and cost(tracks[other], found[box]) < own + 0.5:
            return True
    return any(other != box and cost(tracks[track], found[other]) < own + 0.5 for other in range(len(found)))


def overlapping(boxes: Sequence[Box], share: float = 0.15) -> set[int]:
    """Indices of boxes that cover at least `share` of a smaller one, or are covered so."""
    crossing: set[int] = set()
    for i, one in enumerate(boxes):
        for j in range(i + 1, len(boxes)):
            smaller = min(one.area, boxes[j].area)
            if smaller > 0 and one.intersection(boxes[j]) > share * smaller:
                crossing |= {i, j}
    return crossing
