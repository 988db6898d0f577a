"""A photo as a camera would have seen it: a track's conditions are drawn once, its shots vary around them.

What a shot loses on its way from a face to the recogniser, from stills: size, turning in the plane,
blur, light, noise of the sensor, compression. Shots of one track share a camera and a place, so they are not
independent; how far a second shot helps, and how often a track is named over all its decisions, hangs on that.
Turning the head is not in it: a photo has one pose.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from beholden.model.box import Box
from beholden.model.frame import Pixels

METHOD = 1
"""Raised whenever a view of the same photo from the same random numbers becomes another picture."""
AROUND = 0.6
"""Of the photo, this much around the face is seen on each side, in widths of the face."""
GREY = (128, 128, 128)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the shots of one track have in common.

    `width_px` of the face; `turn_deg` in the plane of the picture; `blur_px` sigma, 0: none; `gain` of the light, 1:
    as in the photo; `noise` standard deviation in levels of 0-255; `jpeg` quality 1-100.
    """

    width_px: float
    turn_deg: float
    blur_px: float
    gain: float
    noise: float
    jpeg: int


def draw_conditions(width_px: float, random: np.random.Generator) -> Conditions:
    """The conditions of a track at one face width: from a good camera in daylight to a poor one at dusk."""
    return Conditions(
        width_px=width_px,
        turn_deg=random.uniform(-8.0, 8.0),
        blur_px=random.uniform(0.3, 1.0) if random.random() < 0.6 else 0.0,
        gain=random.uniform(0.55, 1.15),
        noise=random.uniform(1.0, 7.0),
        jpeg=int(random.integers(35, 86)),
    )


def view(photo: Pixels, face: Box, conditions: Conditions, random: np.random.Generator) -> Pixels:
    """One shot of a track, HxWx3 uint8 BGR; `face` is the box of the face in `photo` (pixels).

    Within a track the size varies by 8%, the turn by 5 degrees, blur and light by a little, and the noise is new.
    """
    near = _around(photo, face)
    turned = _turned(near, conditions.turn_deg + random.uniform(-5.0, 5.0))
    scale = conditions.width_px * random.uniform(0.92, 1.08) / face.w
    seen = np.asarray(cv2.resize(turned, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    blur = conditions.blur_px * random.uniform(0.5, 1.5)
    if blur >= 0.2:
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), blur), np.uint8)
    gain = conditions.gain * random.uniform(0.93, 1.07)
    return _compressed(_noisy(seen, gain, conditions.noise, random), conditions.jpeg)


def _around(photo: Pixels, face: Box) -> Pixels:
    """The face and what is around it; grey where the photo ends, so that the face is in the middle."""
    margin = AROUND * face.w
    left, top = round(face.x - margin), round(face.y - margin)
    right, bottom = round(face.x + face.w + margin), round(face.y + face.h + margin)
    height, width = photo.shape[:2]
    inside = photo[max(0, top) : min(height, bottom), max(0, left) : min(width, right)]
    edges = (max(0, -top), max(0, bottom - height), max(0, -left), max(0, right - width))
    return np.asarray(cv2.copyMakeBorder(inside, *edges, cv2.BORDER_CONSTANT, value=GREY), np.uint8)


def _turned(picture: Pixels, degrees: float) -> Pixels:
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(picture, turn, (width, height), borderValue=GREY), np.uint8)


def _noisy(picture: Pixels, gain: float, noise: float, random: np.random.Generator) -> Pixels:
    grain: npt.NDArray[np.float32] = random.standard_normal(picture.shape, np.float32)
    return np.clip(picture * np.float32(gain) + grain * np.float32(noise), 0, 255).astype(np.uint8)


def _compressed(picture: Pixels, quality: int) -> Pixels:
    packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
