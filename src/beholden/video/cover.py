"""The only builder of `CoveredFrame`: every face a solid rectangle, before it was found and after it was lost.

Blur and pixelation can be undone: an attacker who hides a known gallery the same way reaches rank-1
57% through 8x8 pixelation. One constant colour holds nothing of what it hides.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from beholden.model.box import Box
from beholden.model.frame import CoveredFrame, Frame, Pixels
from beholden.model.ids import TrackId
from beholden.model.track import Track
from beholden.video.shape import (
    MARGIN,
    Velocity,
    guessed_before,
    guessed_later,
    is_finite,
    measured,
    region,
)

FILL = (72, 72, 72)
"""Blue, green, red of every cover. Grey: nothing for chroma to bleed."""
_ROUNDING_S = 0.001  # 0.8 - 0.2 is more than 0.6
_EXTRA_S = 0.25  # a weak detection also covers the pictures beside its own: weak ones flicker


def cover(frame: Frame, boxes: Sequence[Box], *, margin: float = MARGIN) -> CoveredFrame:
    """One picture by itself (a photo): `boxes` in pixels of `frame.pixels`. `frame` is left as it was."""
    return _covered(frame.index, frame.offset_s, frame.pixels, boxes, margin, whole=False)


def cover_whole(frame: Frame) -> CoveredFrame:
    """A picture of which nothing may be shown, because no detector has seen it."""
    return _covered(frame.index, frame.offset_s, frame.pixels, (), MARGIN, whole=True)


def _covered(
    index: int, offset_s: float, pixels: Pixels, boxes: Iterable[Box], margin: float, *, whole: bool
) -> CoveredFrame:
    boxes = tuple(boxes)
    height, width = pixels.shape[:2]
    if whole or not all(is_finite(box) for box in boxes):
        solid = np.empty_like(pixels)
        solid[:] = FILL
        solid.flags.writeable = False
        return CoveredFrame(index, offset_s, solid, 1, whole=True)
    found = (region(box, width, height, margin) for box in boxes)
    regions = {area for area in found if area is not None}
    # A picture without faces is shared, not copied: both are read-only.
    output = pixels.copy() if regions or pixels.flags.writeable else pixels
    for left, top, right, bottom in regions:
        output[top:bottom, left:right] = FILL
    output.flags.writeable = False
    return CoveredFrame(index, offset_s, output, len(regions))


@dataclass(frozen=True, slots=True, eq=False)
class _Sight:
    """A track as of one picture; box and velocity in fractions of the picture, so that sizes may change."""

    at_s: float
    box: Box
    velocity: Velocity
    seen: bool
    seen_s: float
    began_s: float


@dataclass(slots=True, eq=False)
class _Waiting:
    """A picture that is held back until it is known whether a face appears just after it."""

    index: int
    at_s: float
    pixels: Pixels
    whole: bool
    extra: list[Box] = field(default_factory=list[Box])


class Coverer:
    """Covers the pictures of one source, in order, `look_back_s` late.

    A picture is covered where a track is; where a track that begins within `look_back_s` after it
    may have been; where a track lost up to `look_ahead_s` before it may be; and, inside a gap of a
    track, over both ends of the gap. `push` gives what is ready, `flush` the rest at the end. Use a
    new one for each source: two photos that follow each other have nothing in common.
    """

    def __init__(self, *, look_back_s: float = 0.6, look_ahead_s: float = 1.0, margin: float = MARGIN) -> None:
        self._back, self._ahead, self._margin = look_back_s + _ROUNDING_S, look_ahead_s + _ROUNDING_S, margin
        self._waiting: deque[_Waiting] = deque()
        self._extras: deque[tuple[float, list[Box]]] = deque()
        self._tracks: dict[TrackId, list[_Sight]] = {}

    def push(
        self, frame: Frame, tracks: Sequence[Track], extra: Sequence[Box] = (), *, failed: bool = False
    ) -> list[CoveredFrame]:
        """Take one picture and what was found in it; give those that may leave now, oldest first.

        Boxes are in pixels of `frame.pixels`. `extra`: weak detections that belong to no track.
        `failed`: the detector did not see this picture, so all of it is covered.
        """
        width, height = frame.size
        lost_place = any(not is_finite(box) for box in (*(track.box for track in tracks), *extra))
        waiting = _Waiting(frame.index, frame.offset_s, frame.pixels, failed or lost_place)
        if not waiting.whole:
            waiting.extra = [box.scaled(1 / width, 1 / height) for box in extra]
            for track in tracks:
                self._note(track, frame.offset_s, width, height)
        self._waiting.append(waiting)
        self._extras.append((waiting.at_s, waiting.extra))
        return self._ready(frame.offset_s - self._back + 2 * _ROUNDING_S)

    def flush(self) -> list[CoveredFrame]:
        """The pictures still held back, oldest first. Nothing comes after them."""
        return self._ready(float("inf"))

    def _note(self, track: Track, at_s: float, width: int, height: int) -> None:
        sights = self._tracks.setdefault(track.id, [])
        seen = track.face is not None
        seen_s = at_s if seen else sights[-1].seen_s if sights else min(at_s, track.seen_s)
        velocity = track.velocity[0] / width, track.velocity[1] / height
        box = track.box.scaled(1 / width, 1 / height)
        sights.append(_Sight(at_s, box, velocity, seen, seen_s, min(at_s, track.began_s)))

    def _ready(self, until_s: float) -> list[CoveredFrame]:
        done: list[CoveredFrame] = []
        while self._waiting and self._waiting[0].at_s <= until_s:
            picture = self._waiting.popleft()
            height, width = picture.pixels.shape[:2]
            boxes = [box.scaled(width, height) for box in self._boxes(picture.at_s)]
            done.append(_covered(picture.index, picture.at_s, picture.pixels, boxes, self._margin, whole=picture.whole))
            self._forget(picture.at_s)
        return done

    def _boxes(self, at_s: float) -> Iterable[Box]:
        for when, boxes in self._extras:
            if abs(when - at_s) <= _EXTRA_S:
                yield from boxes
        for sights in self._tracks.values():
            yield from self._places(sights, at_s)

    def _places(self, sights: list[_Sight], at_s: float) -> Iterable[Box]:
        """Where the face of one track may be at one moment."""
        before = next((sight for sight in reversed(sights) if sight.at_s <= at_s), None)
        seen_after = next((sight for sight in sights if sight.at_s > at_s and sight.seen), None)
        if before is not None and before.at_s == at_s:
            unseen_s = 0.0 if before.seen else at_s - before.seen_s
            yield guessed_later(before.box, (0.0, 0.0), 0.0, unseen_s)
        elif before is not None and at_s - before.seen_s <= self._ahead:
            yield guessed_later(before.box, before.velocity, at_s - before.at_s, at_s - before.seen_s)
        if before is not None and seen_after is not None and not (before.seen and before.at_s == at_s):
            seen_before = next((sight for sight in reversed(sights) if sight.at_s <= at_s and sight.seen), before)
            yield seen_before.box.union(seen_after.box)
        if before is None and sights[0].began_s - at_s <= self._back:
            yield self._place_before(sights, at_s)

    def _place_before(self, sights: list[_Sight], at_s: float) -> Box:
        first = sights[0]
        seen = [sight for sight in sights if sight.seen]
        velocity = measured(seen[0].box, seen[-1].box, seen[-1].at_s - seen[0].at_s) if seen else None
        return guessed_before(first.box, velocity or first.velocity, first.at_s - at_s)

    def _forget(self, left_s: float) -> None:
        """Drop what no picture after `left_s` can need."""
        horizon = left_s - self._ahead
        while self._extras and self._extras[0][0] < left_s - _EXTRA_S:
            self._extras.popleft()
        for track, sights in list(self._tracks.items()):
            # The newest sight before the horizon may still be one end of a gap.
            while len(sights) > 1 and sights[1].at_s < horizon:
                sights.pop(0)
            if sights[-1].at_s < horizon:
                del self._tracks[track]
