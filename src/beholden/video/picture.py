"""A decoded picture as it lies in memory: made small for analysis, cut for shots, turned upright."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import av
import cv2
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from beholden.model.frame import Pixels

if TYPE_CHECKING:
    from typing_extensions import Buffer

_TURNS = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, -90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180}
_PLANAR = frozenset({"yuv420p", "yuvj420p"})


def fit(size: tuple[int, int], box: tuple[int, int] | None) -> tuple[int, int]:
    """The largest (width, height) of the same shape inside `box`; never larger than `size`.

    Both are even when the picture shrinks, so that 4:2:0 chroma divides. None keeps `size`.
    """
    width, height = size
    if box is None or (width <= box[0] and height <= box[1]):
        return size
    factor = min(box[0] / width, box[1] / height)
    return max(2, round(width * factor / 2) * 2), max(2, round(height * factor / 2) * 2)


def upright(frame: av.VideoFrame) -> int:
    """Degrees to turn counter-clockwise for display: 0, 90, 180 or -90 (the display matrix, rounded)."""
    turn = round(frame.rotation / 90) * 90 % 360
    return -90 if turn == 270 else turn


def turned(pixels: Pixels, rotation: int) -> Pixels:
    """`pixels` turned counter-clockwise by `rotation` degrees (0, 90, 180, -90)."""
    return pixels if rotation == 0 else np.asarray(cv2.rotate(pixels, _TURNS[rotation]), np.uint8)


def shown_size(frame: av.VideoFrame, rotation: int) -> tuple[int, int]:
    """(width, height) as displayed."""
    return (frame.height, frame.width) if rotation in {90, -90} else (frame.width, frame.height)


class Shrinker:
    """From decoded pictures to small BGR, by swscale.

    4:2:0 is averaged down as it is and converted afterwards: 0.63 ms for 1080p to 640x360, where
    averaging straight to BGR takes 0.98 and two-tap sampling, which aliases, 0.66 (one core).
    Contexts are reused while sizes stay.
    """

    __slots__ = ("_colour", "_size")

    def __init__(self) -> None:
        self._size = VideoReformatter()
        self._colour = VideoReformatter()

    def bgr(self, frame: av.VideoFrame, width: int, height: int) -> Pixels:
        """`frame` as HxWx3 uint8 BGR of `width` x `height`, not turned; colour range and matrix respected.

        Raises what PyAV raises (av.error.FFmpegError) for a pixel format that swscale does not know.
        """
        if frame.format.name in _PLANAR and (width, height) != (frame.width, frame.height):
            frame = self._size.reformat(
                frame, width, height, frame.format.name, interpolation=Interpolation.AREA, threads=1
            )
        small = self._colour.reformat(frame, width, height, "bgr24", interpolation=Interpolation.AREA, threads=1)
        return np.asarray(small.to_ndarray(), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class StillDetail:
    """A picture that is BGR already: HxWx3 uint8, upright."""

    pixels: Pixels

    @property
    def size(self) -> tuple[int, int]:
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def exact(self) -> bool:
        return True

    def settled(self) -> StillDetail:
        return self

    def crop(self, left: int, top: int, right: int, bottom: int) -> Pixels:
        return self.pixels[top:bottom, left:right].copy()


@dataclass(frozen=True, slots=True, eq=False)
class FilmDetail:
    """A picture as the decoder left it; only what is cut is converted. `rotation` as `upright` gives it.

    `exact` is False for a picture of another stream than the one that was analysed.
    """

    frame: av.VideoFrame
    rotation: int
    exact: bool = True

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) as displayed."""
        return shown_size(self.frame, self.rotation)

    def settled(self) -> FilmDetail:
        return self

    def crop(self, left: int, top: int, right: int, bottom: int) -> Pixels:
        """The region of the displayed picture as BGR, a fresh array; ValueError outside the picture."""
        width, height = self.size
        if not (0 <= left < right <= width and 0 <= top < bottom <= height):
            raise ValueError(f"({left}, {top}, {right}, {bottom}) is not inside {width}x{height}")
        region = _stored(left, top, right, bottom, (self.frame.width, self.frame.height), self.rotation)
        pixels = _cut(self.frame, *region)
        if not self.rotation:
            return pixels
        shown = np.ascontiguousarray(turned(pixels, self.rotation))
        pixels.fill(0)
        return shown


def _stored(
    left: int, top: int, right: int, bottom: int, size: tuple[int, int], rotation: int
) -> tuple[int, int, int, int]:
    """A displayed region in the coordinates of the stored picture, which is `size` before turning."""
    width, height = size
    if rotation == -90:
        return top, height - right, bottom, height - left
    if rotation == 90:
        return width - bottom, left, width - top, right
    if rotation == 180:
        return width - right, height - bottom, width - left, height - top
    return left, top, right, bottom


def _cut(frame: av.VideoFrame, left: int, top: int, right: int, bottom: int) -> Pixels:
    """A region of the stored picture as BGR. Only 4:2:0 of even size is cut before it is converted."""
    if frame.format.name not in _PLANAR or frame.width % 2 or frame.height % 2:
        return _taken(frame.reformat(format="bgr24", threads=1), left, top, right, bottom)
    # Chroma samples cover 2x2 pixels: widen to even edges, convert, and cut again.
    x, y, x_end, y_end = left & ~1, top & ~1, right + 1 & ~1, bottom + 1 & ~1
    width, height = x_end - x, y_end - y
    packed = np.empty((height * 3 // 2, width), np.uint8)
    at = 0
    for number, plane in enumerate(frame.planes[:3]):
        half = 1 if number else 0
        rows = np.frombuffer(memoryview(cast("Buffer", plane)), np.uint8).reshape(-1, plane.line_size)
        part = rows[y >> half : y_end >> half, x >> half : x_end >> half]
        packed.reshape(-1)[at : at + part.size] = part.reshape(-1)
        at += part.size
    piece = av.VideoFrame.from_ndarray(packed, format=frame.format.name)
    piece.colorspace, piece.color_range = frame.colorspace, frame.color_range
    packed.fill(0)
    pixels = _taken(piece.reformat(format="bgr24", threads=1), left - x, top - y, right - x, bottom - y)
    _blank(piece)
    return pixels


def _taken(picture: av.VideoFrame, left: int, top: int, right: int, bottom: int) -> Pixels:
    """A region of a BGR picture as an array of its own; the picture is wiped (I4: a face was cut out of it)."""
    pixels = np.array(picture.to_ndarray()[top:bottom, left:right], np.uint8, order="C")
    _blank(picture)
    return pixels


def _blank(picture: av.VideoFrame) -> None:
    """Overwrite a picture of our own making: FFmpeg gives its memory back as it is."""
    for plane in picture.planes:
        np.frombuffer(memoryview(cast("Buffer", plane)), np.uint8).fill(0)
