"""Privacy zones: filled in before anybody sees a pixel of them, in the small picture and in every crop.

A zone is a polygon in fractions of the picture as displayed. Every pixel that it touches is filled:
what lies on its edge lies in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from beholden.model.camera import Zone
from beholden.model.frame import Detail, Pixels
from beholden.video.cover import FILL

_RIM = 2  # around what is drawn on: OpenCV bends lines that leave it
_FINER = 8  # bits of a pixel to which corners are drawn
_SIZES = 8  # of pictures whose masks are kept: the small one, the large one, and a change of resolution


class Zones:
    """The zones of one camera. The mask of each size of picture is computed once."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        """Raises ValueError for a zone with fewer than three corners, or a corner outside the picture."""
        for zone in zones:
            if len(zone.corners) < 3 or not all(0 <= value <= 1 for corner in zone.corners for value in corner):
                raise ValueError("a zone has three corners or more, each two numbers from 0 to 1")
        self._zones = tuple(zones)
        self._masks: dict[tuple[int, int], Pixels] = {}

    def __bool__(self) -> bool:
        return bool(self._zones)

    def mask(self, size: tuple[int, int]) -> Pixels | None:
        """HxW uint8, read-only, 255 where a zone is, for a picture of (width, height); None without zones."""
        if not self._zones:
            return None
        found = self._masks.get(size)
        if found is None:
            found = _drawn(self._zones, size)
            if len(self._masks) >= _SIZES:
                self._masks.clear()
            self._masks[size] = found
        return found

    def filled(self, pixels: Pixels) -> Pixels:
        """`pixels` (HxWx3 BGR, as displayed) with the zones filled: in place where they may be written, else a copy."""
        mask = self.mask((pixels.shape[1], pixels.shape[0]))
        if mask is None:
            return pixels
        output = pixels if pixels.flags.writeable else pixels.copy()
        output[mask > 0] = FILL
        return output

    def over(self, detail: Detail) -> Detail:
        """`detail`, whose crops have the zones filled."""
        return ZonedDetail(detail, self) if self._zones else detail


@dataclass(frozen=True, slots=True, eq=False)
class ZonedDetail:
    """A detail in which the zones are filled, whatever is cut from it."""

    within: Detail
    zones: Zones

    @property
    def size(self) -> tuple[int, int]:
        return self.within.size

    @property
    def exact(self) -> bool:
        return self.within.exact

    def settled(self) -> Detail:
        """What `within` settles for, with the zones filled."""
        return ZonedDetail(self.within.settled(), self.zones)

    def crop(self, left: int, top: int, right: int, bottom: int) -> Pixels:
        """The region as BGR with the zones in it filled; a fresh array."""
        pixels = self.within.crop(left, top, right, bottom)
        mask = self.zones.mask(self.within.size)
        if mask is not None:
            pixels[mask[top:bottom, left:right] > 0] = FILL
        return pixels


def _drawn(zones: Sequence[Zone], size: tuple[int, int]) -> Pixels:
    width, height = size
    canvas = height + 2 * _RIM, width + 2 * _RIM
    mask = np.zeros(canvas, np.uint8)
    for zone in zones:
        one = np.zeros(canvas, np.uint8)
        # OpenCV's whole numbers are the middles of pixels.
        corners = np.array(zone.corners, np.float64) * size + (_RIM - 0.5)
        cv2.fillPoly(one, [np.round(corners * (1 << _FINER)).astype(np.int32)], 255, shift=_FINER)
        # Where the outline crosses itself, fillPoly leaves holes.
        outlines, _ = cv2.findContours(one, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(mask, outlines, -1, 255, cv2.FILLED)
    # Pixels are touched whose middle is not inside.
    mask = np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)), np.uint8)
    mask = np.ascontiguousarray(mask[_RIM:-_RIM, _RIM:-_RIM])
    mask.flags.writeable = False
    return mask
