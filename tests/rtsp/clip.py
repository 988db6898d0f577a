"""A clip without people whose every frame says its own number."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

BITS = 12  # the number of a frame, as black and white squares along the lower edge
SQUARE = 16


def write_moving_clip(
    path: Path, size: tuple[int, int] = (640, 360), seconds: float = 2.0, fps: int = 10, seed: int = 0
) -> Path:
    """H.264 in MP4: moving shapes, one keyframe a second, no B-frames; `seed` gives other shapes and colours.

    `size` (width, height), even, at least 208 wide. Frame n carries n (mod 4096): see `frame_number`.
    """
    chance = np.random.default_rng(seed)
    shapes = [
        (chance.integers(20, 60), chance.integers(0, 200, 3).tolist(), chance.random(2), chance.uniform(0.05, 0.3, 2))
        for _ in range(5)
    ]
    with av.open(str(path), "w") as container:
        options = {"preset": "veryfast", "g": str(fps), "keyint_min": str(fps), "sc_threshold": "0", "bf": "0"}
        stream = container.add_stream("libx264", rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = size[0], size[1], "yuv420p"
        stream.codec_context.thread_count = 1
        for number in range(round(seconds * fps)):
            frame = av.VideoFrame.from_ndarray(_picture(size, shapes, number / fps, number), format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _picture(size: tuple[int, int], shapes: list, moment: float, number: int) -> np.ndarray:
    width, height = size
    picture = np.full((height, width, 3), 90, np.uint8)
    for radius, colour, start, speed in shapes:
        x, y = (start + speed * moment) % 1
        cv2.circle(picture, (int(x * width), int(y * height)), int(radius), colour, -1)
    for bit in range(BITS):
        left, value = bit * SQUARE, 235 if number >> bit & 1 else 20
        picture[height - SQUARE :, left : left + SQUARE] = value
    return picture


def frame_number(pixels: np.ndarray) -> int:
    """Which frame this is (0-4095), read from a picture of the clip's own size (BGR, or the Y plane)."""
    top = pixels.shape[0] - SQUARE * 3 // 4
    strip = pixels[top : top + SQUARE // 2]
    return sum(
        1 << bit
        for bit in range(BITS)
        if strip[:, bit * SQUARE + SQUARE // 4 : bit * SQUARE + SQUARE * 3 // 4].mean() > 128
    )
