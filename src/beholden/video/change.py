"""Do two pictures show the same scene? Pure: the one rule of the detector's gate and of cameras that idle.

Pictures are averaged in 4x4 blocks, which takes the noise down four times. One changed block is enough.
"""

from __future__ import annotations

import cv2
import numpy as np

from beholden.model.frame import Pixels

BLOCK = 4
CHANGED = 6
"""Grey levels by which the mean of a block must move: six times the noise (sigma 4 before averaging)."""


def averaged(pixels: Pixels) -> Pixels:
    """The means of `BLOCK` x `BLOCK` pixels of a BGR picture, as grey levels (HxW uint8).

    Grey first, and halved twice: a third of the time of one step by four in three channels, and
    within one grey level of it.
    """
    height, width = pixels.shape[:2]
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    for part in (BLOCK // 2, BLOCK):
        grey = cv2.resize(grey, (max(1, width // part), max(1, height // part)), interpolation=cv2.INTER_AREA)
    return np.asarray(grey, np.uint8)


def differ(one: Pixels, other: Pixels) -> bool:
    """Whether something changed between two pictures, each as `averaged` gives it. Another size is a change."""
    return one.shape != other.shape or float(np.asarray(cv2.absdiff(one, other)).max()) > CHANGED
