"""What is covered: rectangles, in fractions of the picture, and then in whole pixels. Pure geometry."""

from __future__ import annotations

import math

from beholden.model.box import Box

MARGIN = 0.3
"""Added on each side, as a share of the box. Detectors box the face from brow to chin; hairline, chin
and ears, by which people are told apart too, lie within a third of it."""
GROWTH_PER_S = 0.6
"""A place that is guessed grows by this share for each second between the guess and what was seen."""
_LEAST_PX = 4

Velocity = tuple[float, float]


def is_finite(box: Box) -> bool:
    """False for a box that names no place: what it stood for may be anywhere."""
    return all(math.isfinite(value) for value in (box.x, box.y, box.w, box.h))


def guessed_later(box: Box, velocity: Velocity, moved_s: float, unseen_s: float) -> Box:
    """Where a face may be `moved_s` after `box`, not seen for `unseen_s`: if it stopped, and if it went on."""
    moved = box.moved(velocity[0] * moved_s, velocity[1] * moved_s)
    return box.union(moved).enlarged(1 + GROWTH_PER_S * max(0.0, unseen_s))


def guessed_before(box: Box, velocity: Velocity, before_s: float) -> Box:
    """Where a face may have been `before_s` before it was first seen in `box`."""
    return guessed_later(box, (-velocity[0], -velocity[1]), before_s, before_s)


def measured(first: Box, last: Box, between_s: float) -> Velocity | None:
    """Velocity of the centre between two sightings; None when they are of one moment."""
    if between_s <= 0:
        return None
    (x, y), (x_last, y_last) = first.centre, last.centre
    return (x_last - x) / between_s, (y_last - y) / between_s


def region(box: Box, width: int, height: int, margin: float = MARGIN) -> tuple[int, int, int, int] | None:
    """The pixels (left, top, right, bottom) that hide what `box` (in pixels) holds; None when all is outside.

    Widened by `margin` and at least 4 pixels on each side, to even edges, so that no 2x2 block of
    4:2:0 chroma is shared with what is hidden.
    """
    dx, dy = max(_LEAST_PX, box.w * margin), max(_LEAST_PX, box.h * margin)
    inside = Box(box.x - dx, box.y - dy, box.w + 2 * dx, box.h + 2 * dy).within(width, height)
    if inside is None:
        return None
    left, top, right, bottom = inside
    return left & ~1, top & ~1, min(width, right + 1 & ~1), min(height, bottom + 1 & ~1)
