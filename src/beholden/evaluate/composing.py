"""Clips from stills of consenting people: heads cut from photos, walked past a drawn camera, with the truth of it.

The clip is a real one (H.264), and lies in memory only: nothing of it is ever written to a disk.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
import numpy.typing as npt

from beholden.evaluate.scenes import DrawnCamera, Pose, Scene, pose
from beholden.faces.detect import Detector
from beholden.model.box import Box
from beholden.model.face import Landmarks
from beholden.model.frame import Pixels
from beholden.video.memory_clip import MemoryClip

HEAD_PX = 160.0
"""Heads are kept at most this wide (face): above the widest that is drawn, so nothing is enlarged."""
LEAST_SIDE = 320
"""Smaller photos are enlarged to this before the detector looks: it knows no face that fills a tiny picture."""
BORDER = 0.25
"""Repeated edge put around a photo, as a share of its sides: some are cut close to the face."""
SIDES = (640, 320)
"""Longer sides at which a photo is searched."""
_SHAPE = (0.68, 0.84, -0.07)
"""Half axes of the ellipse that is cut out, and how far below the face's middle its own is, in widths and heights."""
_SOFT = 0.04  # of the face's width: how soft the ellipse's edge is
_LEVELS = 4
_SMOOTH = 3.0  # sigma of a backdrop, pixels: the camera is focused on the people


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A head to be pasted, in halving sizes.

    `levels[k]` is HxWx4 uint8: blue, green, red multiplied by alpha, and alpha; each half the size of the one before.
    `face` and `landmarks` are where the product's detector found the face, in pixels of level 0; `photo_px` is how
    wide the face is in the photo: wider than that it must not be drawn. `skin` is its mean colour (BGR).
    """

    levels: tuple[Pixels, ...] = field(repr=False)
    face: Box
    landmarks: Landmarks = field(repr=False)
    photo_px: float
    skin: tuple[int, int, int] = field(repr=False)

    def wipe(self) -> None:
        for level in self.levels:
            level.fill(0)


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The truth about one face in one frame: which walk of the scene, its box and five points, pixels of the clip."""

    walk: int
    box: Box
    landmarks: Landmarks

    @property
    def eyes_px(self) -> float:
        """How far the eyes are apart."""
        right, left = self.landmarks[:2]
        return float(np.hypot(*(left - right)))


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A composed clip in memory; `truth[i]` is what frame `i` of it shows. Close it, or use it as a context manager."""

    scene: Scene
    file: MemoryClip
    truth: tuple[tuple[Shown, ...], ...]

    @property
    def path(self) -> Path:
        return self.file.path

    def close(self) -> None:
        """Give the memory back. Safe to call twice."""
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def cut_head(photo: Pixels, detector: Detector) -> Head | None:
    """The largest face of a photo (HxWx3 uint8 BGR) with what is around it in an ellipse; None when there is none."""
    enlarged = max(1.0, LEAST_SIDE / max(photo.shape[:2]))
    picture = cv2.resize(photo, None, fx=enlarged, fy=enlarged, interpolation=cv2.INTER_CUBIC)
    across, down = round(BORDER * picture.shape[1]), round(BORDER * picture.shape[0])
    picture = np.asarray(cv2.copyMakeBorder(picture, down, down, across, across, cv2.BORDER_REPLICATE), np.uint8)
    faces = detector.detect_at_scales(picture, 0.6, SIDES)
    if not faces:
        return None
    found = max(faces, key=lambda face: face.box.w)
    scale = min(1.0, HEAD_PX / found.box.w)
    small = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    picture.fill(0)
    return _cut(small, found.box.scaled(scale, scale), found.landmarks * np.float32(scale), found.box.w / enlarged)


def _cut(picture: Pixels, face: Box, landmarks: Landmarks, photo_px: float) -> Head | None:
    across, down, below = _SHAPE
    cx, cy = face.centre
    cy += below * face.h
    area = Box(cx - across * face.w, cy - down * face.h, 2 * across * face.w, 2 * down * face.h).enlarged(1.15)
    inside = area.within(picture.shape[1], picture.shape[0])
    if inside is None:
        return None
    left, top, right, bottom = inside
    alpha = np.zeros((bottom - top, right - left), np.float32)
    axes = (across * face.w - 2 * _SOFT * face.w, down * face.h - 2 * _SOFT * face.w)
    centre = (round(cx - left), round(cy - top))
    cv2.ellipse(alpha, centre, (round(axes[0]), round(axes[1])), 0, 0, 360, (1.0,), -1, cv2.LINE_AA)
    alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), max(0.8, _SOFT * face.w)), np.float32)[..., None]
    part = picture[top:bottom, left:right]
    level = np.dstack([part * alpha, 255 * alpha]).round().astype(np.uint8)
    cheeks = face.enlarged(0.5).within(picture.shape[1], picture.shape[0])
    middle = picture[cheeks[1] : cheeks[3], cheeks[0] : cheeks[2]] if cheeks else part
    blue, green, red = (int(value) for value in middle.reshape(-1, 3).mean(0))
    return Head(
        _halved(level),
        face.moved(-left, -top),
        landmarks - np.array([left, top], np.float32),
        photo_px,
        (blue, green, red),
    )


def _halved(level: Pixels) -> tuple[Pixels, ...]:
    """Half, quarter, eighth: bilinear warping from the nearest larger one does not alias."""
    levels = [level]
    while len(levels) < _LEVELS:
        levels.append(np.asarray(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8))
    return tuple(levels)


def compose(scene: Scene, heads: Sequence[Head]) -> Clip:
    """The scene as a clip in memory; `heads[i]` is worn on walk `i`. The caller closes it.

    Raises OutputRefused when it cannot be encoded.
    """
    truth: list[tuple[Shown, ...]] = []

    def pictures() -> Iterator[Pixels]:
        for pixels, shown in film(scene, heads):
            truth.append(shown)
            yield pixels

    file = MemoryClip(pictures(), scene.size, fps=scene.fps, crf=scene.camera.crf)
    return Clip(scene, file, tuple(truth))


def film(scene: Scene, heads: Sequence[Head]) -> Iterator[tuple[Pixels, tuple[Shown, ...]]]:
    """Each frame (HxWx3 uint8 BGR, a fresh array) with the truth about it."""
    random = np.random.default_rng(scene.seed + 1)
    place = backdrop(scene.size, random)
    shirts = [tuple(int(part) for part in random.integers(40, 190, 3)) for _ in scene.walks]
    lens = _Lens(scene, random)
    for index in range(scene.frame_count):
        frame = place.copy()
        shown: list[Shown] = []
        for number, (walk, head) in enumerate(zip(scene.walks, heads, strict=True)):
            shown.append(_paste(frame, head, pose(scene, walk, index / scene.fps), number, shirts[number]))
        yield lens.through(frame), tuple(shown)


def backdrop(size: tuple[int, int], random: np.random.Generator) -> Pixels:
    """A place without a face: a wall that gets darker downward, panels and doors, out of focus; HxWx3 uint8 BGR."""
    width, height = size
    top, bottom = random.uniform(130, 220, 3), random.uniform(60, 150, 3)
    share = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    wall = np.repeat(top * (1 - share) + bottom * share, width, axis=1).astype(np.uint8)
    for _ in range(14):
        x, y = int(random.integers(0, width)), int(random.integers(0, height))
        w, h = int(random.integers(width // 20, width // 5)), int(random.integers(height // 8, height // 2))
        grey = random.uniform(60, 210)
        colour = tuple(float(np.clip(grey + part, 30, 235)) for part in random.normal(0, 18, 3))
        cv2.rectangle(wall, (x, y), (x + w, y + h), colour, -1)
    return np.asarray(cv2.GaussianBlur(wall, (0, 0), _SMOOTH), np.uint8)


def _paste(frame: Pixels, head: Head, where: Pose, walk: int, shirt: tuple[int, ...]) -> Shown:
    """Draw somebody into `frame`, in place: shoulders and neck first, then the head; where the face is."""
    scale = where.width / head.face.w
    move = _movement(head, where, scale)
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * (head.levels[0].shape[1], head.levels[0].shape[0])
    moved = corners @ move[:, :2].T + move[:, 2]
    _draw_body(frame, where, head, scale, shirt)
    low, high = moved.min(0) - 1, moved.max(0) + 1
    clipped = Box(low[0], low[1], high[0] - low[0], high[1] - low[1]).within(frame.shape[1], frame.shape[0])
    face = Box(where.x - where.width * where.narrow / 2, where.y - head.face.h * scale / 2,
               where.width * where.narrow, head.face.h * scale)  # fmt: skip
    points = (head.landmarks @ move[:, :2].T + move[:, 2]).astype(np.float32)
    if clipped is not None:
        left, top, right, bottom = clipped
        level = min(_LEVELS - 1, max(0, int(math.log2(max(1.0, 1 / scale)))))
        step, half = 2**level, (2**level - 1) / 2  # a pixel of level k lies at the middle of 2^k pixels
        shift = move[:, 2] + move[:, :2] @ np.array([half, half]) - (left, top)
        matrix = np.column_stack([move[:, :2] * step, shift])
        cut = cv2.warpAffine(head.levels[level], matrix, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
        blue, green, red, alpha = cv2.split(cut)
        rest = cv2.bitwise_not(alpha)
        region = frame[top:bottom, left:right]
        dimmed = cv2.multiply(region, cv2.merge([rest, rest, rest]), scale=1 / 255)
        frame[top:bottom, left:right] = cv2.add(dimmed, cv2.merge([blue, green, red]))
    return Shown(walk, face, points)


def _movement(head: Head, where: Pose, scale: float) -> npt.NDArray[np.float64]:
    """2x3: from level 0 of the head to the frame. Narrowed first, leaned then, about the middle of the face."""
    lean = np.array([[math.cos(where.lean), -math.sin(where.lean)], [math.sin(where.lean), math.cos(where.lean)]])
    turn = lean @ np.diag([scale * where.narrow, scale])
    return np.column_stack([turn, np.array([where.x, where.y]) - turn @ np.array(head.face.centre)])


def _draw_body(frame: Pixels, where: Pose, head: Head, scale: float, shirt: tuple[int, ...]) -> None:
    """Shoulders in a shirt and a neck, so that a head does not float."""
    width, height = where.width, head.face.h * scale
    x, chin = round(where.x), where.y + 0.5 * height
    shoulders = (x, round(chin + 1.0 * width))
    cv2.ellipse(frame, shoulders, (round(1.05 * width), round(0.72 * width)), 0, 180, 360, shirt, -1, cv2.LINE_AA)
    low = round(chin + 0.42 * width)
    neck = tuple(0.8 * part for part in head.skin)
    cv2.rectangle(frame, (round(x - 0.27 * width), round(chin - 0.3 * width)), (round(x + 0.27 * width), low), neck, -1)


class _Lens:
    """What the camera does to a frame: uneven and dim light, blur, smear, noise."""

    def __init__(self, scene: Scene, random: np.random.Generator) -> None:
        camera: DrawnCamera = scene.camera
        width, height = scene.size
        side = np.linspace(1.0, 1 - camera.side, width, dtype=np.float32)
        light = camera.gain * (side if random.random() < 0.5 else side[::-1])
        self._scale = float(light.max()) / 255
        row = (light / np.float32(self._scale)).round().astype(np.uint8)
        self._light = np.repeat(np.repeat(row[None, :, None], height, 0), 3, 2)
        self._blur = camera.blur_px
        speeds = [abs(walk.speed) for walk in scene.walks] or [0.0]
        self._smear = round(max(speeds) * camera.shutter_s)
        grain = random.standard_normal((height + 64, width + 64, 3), np.float32) * np.float32(camera.noise)
        self._more = np.clip(grain, 0, 255).astype(np.uint8)
        self._less = np.clip(-grain, 0, 255).astype(np.uint8)
        self._random = random

    def through(self, frame: Pixels) -> Pixels:
        height, width = frame.shape[:2]
        if self._smear > 1:
            frame = np.asarray(cv2.blur(frame, (self._smear, 1)), np.uint8)
        if self._blur > 0:
            frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), self._blur), np.uint8)
        lit = cv2.multiply(frame, self._light, scale=self._scale)
        x, y = (int(value) for value in self._random.integers(0, 64, 2))
        here = slice(y, y + height), slice(x, x + width)
        return np.asarray(cv2.subtract(cv2.add(lit, self._more[here]), self._less[here]), np.uint8)
