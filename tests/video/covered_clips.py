"""Pictures with a number and a covered face in them, for tests of timelines; run by itself, a camera that never stops.

The face is a red square. Nothing else is red: a red pixel in a recording is an uncovered face.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from beholden.model.box import Box
from beholden.model.frame import CoveredFrame, Frame, Pixels
from beholden.model.ids import CameraId
from beholden.video.cover import cover
from beholden.video.picture import StillDetail
from beholden.video.recordings.fragments import TimelineWriter
from beholden.video.source import open_source

CAMERA = CameraId("door")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SIZE = (160, 96)
FACE = Box(60, 20, 24, 30)
BITS, BIT = 12, 12  # a number as squares along the lower edge, each this many pixels wide


def bare(number: int, size: tuple[int, int] = SIZE) -> Pixels:
    """A picture as a camera sees it: a slope, a number, and a red face."""
    width, height = size
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = np.linspace(60, 190, width, dtype=np.uint8)[None, :, None]
    pixels[int(FACE.y) : int(FACE.bottom), int(FACE.x) : int(FACE.right)] = (20, 20, 230)
    for bit in range(BITS):
        pixels[-BIT:, bit * BIT : (bit + 1) * BIT] = 235 if number >> bit & 1 else 20
    pixels.flags.writeable = False
    return pixels


def covered(number: int, size: tuple[int, int] = SIZE) -> CoveredFrame:
    """The same, as `video.cover` lets it leave."""
    pixels = bare(number, size)
    frame = Frame(CAMERA, number, NOON, number * 0.2, pixels, StillDetail(pixels))
    return cover(frame, [FACE])


def number_in(pixels: Pixels) -> int:
    """The number that a decoded picture shows."""
    squares = pixels[-BIT + 3 : -3, : BITS * BIT].reshape(BIT - 6, BITS, BIT, 3)[:, :, 3:-3].mean(axis=(0, 2, 3))
    return sum(1 << bit for bit, level in enumerate(squares) if level > 128)


def shows_a_face(pixels: Pixels) -> bool:
    """Whether something red is in the picture."""
    blue, green, red = (pixels[:, :, channel].astype(int) for channel in range(3))
    return bool((red - np.maximum(blue, green) > 60).any())


def recorded(
    folder: Path, moments: Iterable[datetime], *, camera: CameraId = CAMERA, first: int = 0, **options: object
) -> None:
    """A timeline with one picture at each moment, numbered from `first`."""
    size = options.pop("size", SIZE)
    with TimelineWriter(folder, camera, **options) as writer:
        for number, moment in enumerate(moments, first):
            writer.write(covered(number, size), moment)


def shown(path: Path) -> list[tuple[float, int]]:
    """(seconds, number) of each picture of a video file; all of them covered."""
    with open_source(path, camera=CAMERA, started_at=NOON, analysis=None, rate=None) as source:
        pictures = [(frame.offset_s, frame.pixels) for frame in source.frames()]
    assert not any(shows_a_face(pixels) for _, pixels in pictures)
    return [(offset, number_in(pixels)) for offset, pixels in pictures]


def run_for_ever(folder: Path) -> None:
    """Record twenty pictures a second; say the number and the moment of each one that was written."""
    writer = TimelineWriter(folder, CAMERA, rate=20.0, segment_s=2.0)
    number = 0
    while True:
        moment = datetime.now(UTC)
        writer.write(covered(number), moment)
        sys.stdout.write(f"{number} {moment.isoformat()}\n")
        sys.stdout.flush()
        number += 1
        time.sleep(0.05)


if __name__ == "__main__":
    run_for_ever(Path(sys.argv[1]))
