"""What a camera's sensor adds to filmed pictures: noise in their luma, fresh in every picture."""

from __future__ import annotations

import cv2
import numpy as np

from beholden.model.frame import Pixels

_SLACK = 256
"""The field is larger than a picture by so many pixels each way: as many places as a window may lie at."""


def i420(pixels: Pixels) -> np.ndarray:
    """A BGR picture (h, w, 3) as I420 planes, uint8, (1.5 h, w): what encoders take."""
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2YUV_I420)


class SensorNoise:
    """Noise that is never the same twice: windows at random places of one large field. The same for the same seed."""

    def __init__(self, seed: int, size: tuple[int, int], deviation: float) -> None:
        """For pictures of `size` (width, height); `deviation` is the standard deviation in grey levels."""
        self._random = np.random.default_rng(seed)
        self._width, self._height = size
        field = self._random.normal(0, deviation, (self._height + _SLACK, self._width + _SLACK)).round()
        self._more = np.clip(field, 0, 255).astype(np.uint8)
        self._less = np.clip(-field, 0, 255).astype(np.uint8)

    def spoiled(self, planes: np.ndarray) -> np.ndarray:
        """A copy of these I420 planes with noise in its luma, which is their first `height` rows."""
        noisy = planes.copy()
        luma = noisy[: self._height]
        y, x = (int(value) for value in self._random.integers(0, _SLACK, 2))
        window = np.s_[y : y + self._height, x : x + self._width]
        cv2.add(luma, self._more[window], dst=luma)
        cv2.subtract(luma, self._less[window], dst=luma)
        return noisy
