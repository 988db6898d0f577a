"""Clips of known colour and known contents, as files and as JPEG pictures."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from beholden.model.frame import Pixels

RED = (30, 30, 200)
BLUE = (200, 40, 30)


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (320, 240)) -> Pixels:
    picture = np.empty((size[1], size[0], 3), np.uint8)
    picture[:] = colour
    return picture


def write_pictures(
    path: Path, pictures: list[Pixels], fps: int = 10, codec: str = "libx264", options: dict[str, str] | None = None
) -> Path:
    """A clip of `pictures`, a keyframe each second, no B-frames unless `options` say so."""
    usual = {"preset": "ultrafast", "g": str(fps), "keyint_min": str(fps), "sc_threshold": "0", "bf": "0"}
    if codec == "libx265":
        usual = {"preset": "ultrafast", "x265-params": f"keyint={fps}:min-keyint={fps}:bframes=0:log-level=none"}
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps, options=usual | (options or {}))
        stream.height, stream.width, _ = pictures[0].shape
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_jpeg_clip(path: Path, pictures: list[Pixels], fps: int = 25) -> Path:
    """A clip of JPEG pictures (.avi)."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=fps)
        stream.height, stream.width, _ = pictures[0].shape
        stream.pix_fmt = "yuvj420p"
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def jpeg(picture: Pixels) -> bytes:
    done, data = cv2.imencode(".jpg", picture)
    assert done
    return data.tobytes()


def is_colour(pixels: Pixels, colour: tuple[int, int, int], off: int = 12) -> bool:
    """Whether the picture as a whole has this colour (blue, green, red)."""
    mean = pixels.reshape(-1, 3).mean(0)
    return bool(np.abs(mean - colour).max() <= off)
