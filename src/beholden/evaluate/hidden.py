"""Is a known face hidden in a covered picture? By the pixels of its eyes, by another detector, by a recogniser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from beholden.evaluate.composing import Clip
from beholden.evaluate.faces_left import LookThere
from beholden.faces.align import align
from beholden.faces.engine import FaceEngine
from beholden.faces.pool import pool
from beholden.faces.search import similarities
from beholden.model.box import Box
from beholden.model.errors import ModelError
from beholden.model.face import Landmarks
from beholden.model.frame import Pixels
from beholden.model.gallery import Gallery
from beholden.model.ids import CameraId
from beholden.model.template import ProbeTemplate
from beholden.video.cover import FILL
from beholden.video.source import open_source

EYES_PX = 8.0
"""Eyes closer together are the smaller faces, which are counted apart."""
LIKE_FILL = 12
"""Grey levels by which a covered pixel may differ from the colour of covers, after encoding and decoding."""
HIDES = 0.9
"""This much of the eyes' region must have that colour; the rest may be the blur of a cover's edge."""
LOOK_EVERY = 3
"""The other detector looks at every third frame; the pixels of the eyes are looked at in every one."""
SHOTS = 5
"""A face is attacked with this many frames pooled, as many as the product pools."""
_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FaceFrames:
    """One walk through one covered clip, in faces x frames: how many there were, how many of them showed by the eyes'
    pixels or to the detector; `small` are those with eyes less than `EYES_PX` apart."""

    walk: int
    small: bool
    faces: int
    shown: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What is left in one covered clip. Shares (0-1) of the picture, means over frames: `covered` has the colour of
    covers, `faces` is where faces are (their boxes)."""

    faces: tuple[FaceFrames, ...]
    covered: float
    in_faces: float
    frames: int


def judged(covered: Path, clip: Clip, look: LookThere) -> Judged:
    """Hold a covered video of a clip against where its faces are; it may have another size and fewer frames.

    Raises what `open_source` raises.
    """
    faces: dict[tuple[int, bool], list[int]] = {}
    share, in_faces, frames = 0.0, 0.0, 0
    for pixels, at_s in frames_of(covered):
        index = min(len(clip.truth) - 1, round(at_s * clip.scene.fps))
        sx, sy = pixels.shape[1] / clip.scene.size[0], pixels.shape[0] / clip.scene.size[1]
        for shown in clip.truth[index]:
            points, box = shown.landmarks * np.array([sx, sy], np.float32), shown.box.scaled(sx, sy)
            visible = not eyes_hidden(pixels, points) or (index % LOOK_EVERY == 0 and look(pixels, box))
            counts = faces.setdefault((shown.walk, eyes_apart(points) < EYES_PX), [0, 0])
            counts[0] += 1
            counts[1] += visible
            in_faces += box.area / (pixels.shape[0] * pixels.shape[1])
        share += fill_share(pixels)
        frames += 1
    each = tuple(FaceFrames(walk, small, seen, shown) for (walk, small), (seen, shown) in sorted(faces.items()))
    return Judged(each, share / max(1, frames), in_faces / max(1, frames), frames)


def frames_of(path: Path) -> list[tuple[Pixels, float]]:
    """Every frame of a short video (HxWx3 uint8 BGR) with its time in seconds."""
    with open_source(path, camera=CameraId("look"), started_at=_DAY, analysis=None, rate=None) as source:
        return [(frame.pixels, frame.offset_s) for frame in source.frames()]


def like_fill(pixels: Pixels) -> Pixels:
    """HxW uint8: 255 where a pixel has the colour of covers."""
    low, high = (np.clip(np.array(FILL) + sign * LIKE_FILL, 0, 255) for sign in (-1, 1))
    return np.asarray(cv2.inRange(pixels, low, high), np.uint8)


def fill_share(pixels: Pixels) -> float:
    """The share (0-1) of a picture that has the colour of covers."""
    return cv2.countNonZero(like_fill(pixels)) / (pixels.shape[0] * pixels.shape[1])


def eyes_apart(points: Landmarks) -> float:
    """Pixels between the eyes."""
    return float(np.hypot(*(points[1] - points[0])))


def eyes_hidden(pixels: Pixels, points: Landmarks) -> bool:
    """Whether a cover lies on the eyes; also where they are outside the picture."""
    (rx, ry), (lx, ly) = (float(points[0][0]), float(points[0][1])), (float(points[1][0]), float(points[1][1]))
    around = 0.3 * eyes_apart(points)
    region = Box(min(rx, lx) - around, min(ry, ly) - around, abs(lx - rx) + 2 * around, abs(ly - ry) + 2 * around)
    return region_hidden(pixels, region)


def region_hidden(pixels: Pixels, region: Box) -> bool:
    """Whether a region has the colour of covers."""
    part = region.within(pixels.shape[1], pixels.shape[0])
    if part is None:
        return True
    left, top, right, bottom = part
    return fill_share(pixels[top:bottom, left:right]) >= HIDES


def recognised(
    frames: Sequence[tuple[Pixels, float]], clip: Clip, walk: int, engine: FaceEngine, gallery: Gallery
) -> int | None:
    """Which row of the gallery a recogniser puts first for somebody, told where their face is in every frame.

    The strongest attack on a cover: nothing has to be found. None when the recogniser gives no template.
    """
    chosen = frames[:: max(1, len(frames) // SHOTS)][:SHOTS]
    probes: list[ProbeTemplate] = []
    try:
        for pixels, at_s in chosen:
            truth = clip.truth[min(len(clip.truth) - 1, round(at_s * clip.scene.fps))]
            scale = np.array([pixels.shape[1], pixels.shape[0]], np.float32) / np.array(clip.scene.size, np.float32)
            aligned = align(pixels, truth[walk].landmarks * scale)
            probes.append(engine.embedder.embed(aligned))
            aligned.fill(0)
        with pool([(probe, 1.0) for probe in probes]) as probe:
            return int(np.argmax(similarities(probe, gallery)))
    except ModelError:
        return None
    finally:
        for probe in probes:
            probe.wipe()
        engine.embedder.flush()
