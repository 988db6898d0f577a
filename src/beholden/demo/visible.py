"""The independent look: do faces show in pictures that should be covered?

Not by the detector that covers, nor by any of its weights: dlib's frontal face detector (HOG and a
linear classifier; King, "Max-Margin Object Detection", 2015), over the full-size picture, enlarged
so that small faces are in reach. Recall and false alarms stand at `THRESHOLD`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.error import FFmpegError

from beholden.demo.installed import EXTRA_ADVICE
from beholden.model.box import Box
from beholden.model.errors import DecodeFailure, MissingInput, NotMedia
from beholden.model.frame import Pixels

SCALE = 2.0
"""Pictures are looked at this much enlarged: dlib's window is 80 px, so faces from about 40 px wide are in reach,
and it shrinks the picture step by step by itself for larger ones."""
THRESHOLD = -0.2
"""Below dlib's own 0, which loses more of the 24-30 px faces. Chosen on 45 frames of the town (93 faces, all found),
measured on 45 others: 92 of 92 faces of 56 px and more, 11 of 12 of 24-30 px, and no false alarm there, in any of the
90 frames with their faces covered, or in 24 empty places (none even at -0.4)."""
SAME_FACE = 0.3
"""Boxes with at least this intersection over union are one face."""

Look = Callable[[Pixels], list[Box]]


@dataclass(frozen=True, slots=True)
class VisibleReport:
    """What was looked at and seen: `visible` counts faces over all frames; `examples`, 20 at most, are (frame, box)."""

    frames_checked: int
    visible: int
    examples: tuple[tuple[int, Box], ...]


def visible_face_finder() -> Look:
    """The independent detector, loaded once. Raises MissingInput without the demo's extra.

    The function takes HxWx3 uint8 BGR and gives the boxes of visible faces in its pixels.
    """
    detector = _dlib_detector()

    def look(pixels: Pixels) -> list[Box]:
        larger = cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), None, fx=SCALE, fy=SCALE)
        boxes, scores, _ = detector.run(larger, 0, THRESHOLD)
        found = [
            (float(score), Box(*(side / SCALE for side in (box.left(), box.top(), box.width(), box.height()))))
            for box, score in zip(boxes, scores, strict=True)
        ]
        return _distinct(found)

    return look


def count_visible_faces(pixels: Pixels) -> list[Box]:
    """The boxes of the faces that show in one picture (HxWx3 uint8 BGR), strongest first."""
    return visible_face_finder()(pixels)


def check_clip(path: Path, every: int = 12) -> VisibleReport:
    """Look at every `every`-th frame of a video, the first one included: about 0.35 s each for 1280x720 on one core.

    Raises NotMedia when it does not open as a video, DecodeFailure when it stops decoding.
    """
    look = visible_face_finder()
    checked, visible, examples = 0, 0, list[tuple[int, Box]]()
    try:
        with av.open(str(path)) as container:
            for index, frame in enumerate(container.decode(video=0)):
                if index % every:
                    continue
                boxes = look(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
                checked, visible = checked + 1, visible + len(boxes)
                examples.extend((index, box) for box in boxes)
    except (FFmpegError, OSError, IndexError) as error:
        kind = DecodeFailure if checked else NotMedia
        raise kind(f"{path} cannot be checked for visible faces: {error}") from error
    return VisibleReport(checked, visible, tuple(examples[:20]))


def _dlib_detector() -> Any:  # noqa: ANN401  (dlib has no types)
    try:
        import dlib  # the demo's extra: not needed to cover, only to look
    except ImportError as error:
        raise MissingInput("the package dlib-bin is not installed", advice=EXTRA_ADVICE) from error
    return dlib.get_frontal_face_detector()  # pyright: ignore[reportAttributeAccessIssue]


def _distinct(found: list[tuple[float, Box]]) -> list[Box]:
    """One box per face, strongest first."""
    kept: list[Box] = []
    for _, box in sorted(found, key=lambda pair: pair[0], reverse=True):
        if all(box.iou(other) < SAME_FACE for other in kept):
            kept.append(box)
    return kept
