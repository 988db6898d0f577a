"""The independent look: do faces show in pictures that should be covered?

Not by the detector that covers, nor by any of its weights: dlib's frontal face detector (HOG and a
linear classifier; King, "Max-Margin Object Detection", 2015), over the full-size picture, enlarged
so that small faces are in reach. Recall and false alarms stand at `THRESHOLD`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2

from beholden.model.box import Box
from beholden.model.errors import MissingInput
from beholden.model.frame import Pixels
from beholden.model.ids import CameraId
from beholden.video.source import open_source

SCALE = 2.0
"""Pictures are looked at this much enlarged: dlib's window is 80 px, so faces from about 40 px wide are in reach,
and it shrinks the picture step by step by itself for larger ones."""
THRESHOLD = -0.2
"""Below dlib's own 0, which loses more of the 24-30 px faces. Chosen on 45 frames of the town (93 faces, all found),
measured on 45 others: 92 of 92 faces of 56 px and more, 11 of 12 of 24-30 px, and no false alarm there, in any of the
90 frames with their faces covered, or in 24 empty places (none even at -0.4)."""
SAME_FACE = 0.3
"""Boxes with at least this intersection over union are one face."""
WINDOW = 110.0
"""Where it is known where a face would be, it is enlarged to this width: more than dlib's window, which is 80 px."""
AROUND = 2.4
"""Of a known place, this many times the face's box is looked at."""

Look = Callable[[Pixels], list[Box]]
LookThere = Callable[[Pixels, Box], bool]
"""Whether a face shows at a known place of a picture (HxWx3 uint8 BGR)."""
_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class VisibleReport:
    """What was looked at and seen: `visible` counts faces over all frames; `examples`, 20 at most, are (frame, box)."""

    frames_checked: int
    visible: int
    examples: tuple[tuple[int, Box], ...]


def visible_face_finder(scale: float = SCALE, threshold: float = THRESHOLD) -> Look:
    """The independent detector, loaded once. Raises MissingInput without the demo's extra.

    The function takes HxWx3 uint8 BGR, enlarges it by `scale`, and gives the boxes of visible faces in its own pixels.
    """
    detector = _dlib_detector()
    return lambda pixels: _found(detector, pixels, scale, threshold)


def known_face_finder() -> LookThere:
    """The independent detector for places where a face is known to be; not for two threads at once.

    Small faces are enlarged until they are in its reach. Raises MissingInput without the demo's extra.
    """
    detector = _dlib_detector()

    def look(pixels: Pixels, face: Box) -> bool:
        part = face.enlarged(AROUND).within(pixels.shape[1], pixels.shape[0])
        if part is None:
            return False
        left, top, right, bottom = part
        scale = min(8.0, max(WINDOW / face.w, 0.5))
        there = face.moved(-left, -top)
        return any(box.iou(there) >= SAME_FACE for box in _found(detector, pixels[top:bottom, left:right], scale))

    return look


def count_visible_faces(pixels: Pixels) -> list[Box]:
    """The boxes of the faces that show in one picture (HxWx3 uint8 BGR), strongest first."""
    return visible_face_finder()(pixels)


def check_clip(path: Path, every: int = 12) -> VisibleReport:
    """Look at every `every`-th frame of a video, the first one included: about 0.35 s each for 1280x720 on one core.

    Raises what `open_source` raises: NotMedia when it is no video, DecodeFailure when it stops decoding.
    """
    look = visible_face_finder()
    checked, visible, examples = 0, 0, list[tuple[int, Box]]()
    with open_source(path, camera=CameraId("look"), started_at=_DAY, analysis=None, rate=None) as source:
        for index, frame in enumerate(source.frames()):
            if index % every:
                continue
            boxes = look(frame.pixels)
            checked, visible = checked + 1, visible + len(boxes)
            examples.extend((index, box) for box in boxes)
    return VisibleReport(checked, visible, tuple(examples[:20]))


def _dlib_detector() -> Any:  # noqa: ANN401  (dlib has no types)
    try:
        import dlib  # pyright: ignore[reportMissingTypeStubs]  # the demo's extra: not needed to cover, only to look
    except ImportError as error:
        raise MissingInput(
            "the package dlib-bin is not installed", advice="Install the demo's extra: pip install 'beholden[demo]'."
        ) from error
    return dlib.get_frontal_face_detector()  # pyright: ignore


def _found(detector: Any, pixels: Pixels, scale: float, threshold: float = THRESHOLD) -> list[Box]:  # noqa: ANN401
    """One box per face, strongest first, in pixels of the picture."""
    larger = cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), None, fx=scale, fy=scale)
    boxes, scores, _ = detector.run(larger, 0, threshold)
    found = [
        (float(score), Box(*(side / scale for side in (box.left(), box.top(), box.width(), box.height()))))
        for box, score in zip(boxes, scores, strict=True)
    ]
    kept: list[Box] = []
    for _, box in sorted(found, key=lambda pair: pair[0], reverse=True):
        if all(box.iou(other) < SAME_FACE for other in kept):
            kept.append(box)
    return kept
