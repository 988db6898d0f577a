"""Has anything changed since the detector last looked? If not, its answer still holds.

The picture is averaged in 4x4 blocks, which takes the noise down four times, and compared with the
one the detector saw last (not with the frame before: slow changes add up). One changed block is
enough. A frame that passes unseen differs nowhere from one that was seen, so it inherits its covers.
"""

from __future__ import annotations

import cv2
import numpy as np

from beholden.model.frame import Pixels

BLOCK = 4
CHANGED = 6
"""Grey levels by which the mean of a block must move: six times the noise (sigma 4 before averaging)."""
LOOK_AGAIN_S = 2.0
"""The detector looks at least this often, changed or not."""


class MotionGate:
    """One camera's memory of what the detector saw last."""

    def __init__(self) -> None:
        self._seen: Pixels | None = None
        self._seen_s = -LOOK_AGAIN_S

    def changed(self, pixels: Pixels, now_s: float) -> bool:
        """Whether the detector must look at this BGR picture; remembers it when so."""
        grey = _averaged(pixels)
        still = (
            self._seen is not None
            and self._seen.shape == grey.shape
            and now_s - self._seen_s < LOOK_AGAIN_S
            and float(np.asarray(cv2.absdiff(grey, self._seen)).max()) <= CHANGED
        )
        if not still:
            self._seen, self._seen_s = grey, now_s
        return not still


def _averaged(pixels: Pixels) -> Pixels:
    """The means of `BLOCK` x `BLOCK` pixels, as grey levels.

    Grey first, and halved twice: a third of the time of one step by four in three channels, and
    within one grey level of it.
    """
    height, width = pixels.shape[:2]
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    for part in (BLOCK // 2, BLOCK):
        grey = cv2.resize(grey, (max(1, width // part), max(1, height // part)), interpolation=cv2.INTER_AREA)
    return np.asarray(grey, np.uint8)
