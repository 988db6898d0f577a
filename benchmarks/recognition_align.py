"""Other ways to turn a face upright than the product's (faces/align.py), to be compared with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from beholden.faces.align import SIDE, TEMPLATE, Transform, align, similarity
from beholden.model.frame import Pixels

PLAIN = "plain"
"""The product's own: all five points, bilinear."""


@dataclass(frozen=True)
class Layout:
    """`points`: which landmarks are used. `scale`: how large the face is in its picture, 1: as the product has it.

    `tracked`: shots are fitted to the mean shape of their track, whose landmarks jump less than one shot's.
    """

    points: tuple[int, ...] = (0, 1, 2, 3, 4)
    scale: float = 1.0
    interpolation: int = cv2.INTER_LINEAR
    tracked: bool = False


LAYOUTS: dict[str, Layout] = {
    "eyes and mouth": Layout(points=(0, 1, 3, 4)),
    "face 5% smaller": Layout(scale=0.95),
    "face 5% larger": Layout(scale=1.05),
    "mean landmarks": Layout(tracked=True),
    "bicubic": Layout(interpolation=cv2.INTER_CUBIC),
}


def aligned_as(name: str, pixels: Pixels, landmarks: np.ndarray, shape: np.ndarray | None = None) -> Pixels:
    """The aligned face, 112x112x3 uint8 BGR. `shape` is the mean shape of its track, where there is one."""
    if name == PLAIN:
        return align(pixels, landmarks)
    layout = LAYOUTS[name]
    middle = (SIDE - 1) / 2
    target = middle + layout.scale * ((shape if layout.tracked and shape is not None else TEMPLATE) - middle)
    used = list(layout.points)
    move = fit(np.asarray(landmarks, np.float64)[used], target[used])
    return np.asarray(cv2.warpAffine(pixels, move, (SIDE, SIDE), flags=layout.interpolation), np.uint8)


def fit(points: np.ndarray, target: np.ndarray) -> Transform:
    """(2, 3): the rotation, uniform scale and shift that bring `points` (n, 2) closest to `target` (n, 2)."""
    source, wanted = points @ (1, 1j), target @ (1, 1j)
    around = source - source.mean()
    turn = np.vdot(around, wanted - wanted.mean()) / np.vdot(around, around)
    shift = wanted.mean() - turn * source.mean()
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def mean_shape(landmarks: Sequence[np.ndarray]) -> np.ndarray:
    """(5, 2): the mean of shots' landmarks (5, 2), each moved into the aligned picture first."""
    ones = np.ones((len(TEMPLATE), 1))
    return np.mean([np.hstack([each, ones]) @ similarity(each).T for each in landmarks], axis=0)
