"""A face that was found in one picture, found again in another of nearly the same moment.

The two are of different streams of one camera and up to a tenth of a second apart: the landmarks of
one do not fit the other, and the face may have moved by half its width.
"""

from __future__ import annotations

from math import hypot

import cv2
import numpy as np

from beholden.faces.detect import Detector
from beholden.model.box import Box
from beholden.model.face import Face
from beholden.model.frame import Detail

AROUND = 2.5
"""The place that is searched, in sizes of the box: three quarters of a face to each side, and the face itself."""
FAR = 0.75
"""In widths: further away than this from where it was expected is another face."""
RIVAL = 1.5
"""In widths: with a second face as near as this, it is not certain which one is meant."""
_SIMILAR = (0.6, 1.6)  # of the expected width
_SCORE = 0.3  # rivals count from here on; whether the face itself is sure enough is asked of every shot
_LONGEST = 320  # a detector looks at no more: 4 ms


def find_again(detail: Detail, expected: Box, detector: Detector) -> Face | None:
    """The face around `expected` (both in pixels of `detail`); None when none or several may be meant.

    Raises ModelError when the detector fails.
    """
    region = expected.enlarged(AROUND).within(*detail.size)
    if region is None:
        return None
    left, top, right, bottom = region
    pixels = detail.crop(left, top, right, bottom)
    ratio = max(1.0, max(right - left, bottom - top) / _LONGEST)
    size = max(1, round((right - left) / ratio)), max(1, round((bottom - top) / ratio))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8) if ratio > 1 else pixels
    found = detector.detect(small, _SCORE)
    pixels.fill(0)
    small.fill(0)
    across, down = (right - left) / size[0], (bottom - top) / size[1]
    return _meant([_placed(face, across, down, left, top) for face in found], expected)


def _placed(face: Face, across: float, down: float, left: int, top: int) -> Face:
    landmarks = (face.landmarks * (across, down) + (left, top)).astype(np.float32)
    landmarks.flags.writeable = False
    return Face(face.box.scaled(across, down).moved(left, top), landmarks, face.score)


def _meant(faces: list[Face], expected: Box) -> Face | None:
    x, y = expected.centre
    away = sorted(
        ((hypot(face.box.centre[0] - x, face.box.centre[1] - y) / max(1.0, expected.w), face) for face in faces),
        key=lambda pair: pair[0],
    )
    if not away or away[0][0] > FAR or (len(away) > 1 and away[1][0] <= RIVAL):
        return None
    low, high = _SIMILAR
    nearest = away[0][1]
    return nearest if low <= nearest.box.w / max(1.0, expected.w) <= high else None
