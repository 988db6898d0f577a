"""Clips of known content, made by the tests themselves."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from beholden.model.frame import CoveredFrame, Frame, Pixels
from beholden.model.ids import CameraId
from beholden.video.picture import StillDetail

CAMERA = CameraId("test")
STARTED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TICKS = 90_000


def noise(width: int, height: int, seed: int = 0, block: int = 8) -> Pixels:
    """Blocks of random colour: busy enough that every part of a file matters to its pictures."""
    small = np.random.default_rng(seed).integers(0, 255, (-(-height // block), -(-width // block), 3), dtype=np.uint8)
    return np.ascontiguousarray(small.repeat(block, 0).repeat(block, 1)[:height, :width])


def sliding(width: int, height: int, count: int) -> Iterator[Pixels]:
    """`count` pictures of noise that moves 3 px to the right each time."""
    base = noise(width, height)
    for index in range(count):
        yield np.roll(base, index * 3, 1)


def write_clip(
    path: Path | io.BytesIO,
    pictures: Sequence[Pixels] | Iterator[Pixels],
    *,
    codec: str = "libx264",
    rate: int = 25,
    times: Sequence[float] | None = None,
    options: dict[str, str] | None = None,
    muxing: dict[str, str] | None = None,
    form: str | None = None,
    rotation: int = 0,
    pixels: str = "yuv420p",
    prepare: Callable[[av.VideoFrame], av.VideoFrame] | None = None,
    tags: tuple[int, int] | None = None,
) -> None:
    """Encode BGR pictures; `times` in seconds for uneven rates, `tags` = (colour space, range)."""
    container = av.open(
        path if isinstance(path, io.BytesIO) else str(path), "w", format=form, container_options=muxing or {}
    )
    stream = None
    ticks = TICKS if times else rate
    for index, picture in enumerate(pictures):
        if stream is None:
            stream = container.add_stream(codec, rate=rate, options=options or {})
            stream.width, stream.height, stream.pix_fmt = picture.shape[1], picture.shape[0], pixels
            stream.codec_context.time_base = Fraction(1, ticks)
            stream.codec_context.thread_count = 1
            if tags:
                stream.codec_context.colorspace, stream.codec_context.color_range = tags
            if rotation:
                stream.set_display_rotation(rotation)
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        if prepare is not None:
            frame = prepare(frame)
        frame.pts = round((times[index] if times else index / rate) * ticks)
        frame.time_base = Fraction(1, ticks)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
    container.close()


def frame_of(pixels: Pixels, offset_s: float = 0.0, index: int = 0) -> Frame:
    pixels = pixels.copy()
    pixels.flags.writeable = False
    return Frame(CAMERA, index, STARTED, offset_s, pixels, StillDetail(pixels))


def covered_of(pixels: Pixels, offset_s: float = 0.0, index: int = 0) -> CoveredFrame:
    """A covered picture for tests of what happens after covering."""
    return CoveredFrame(index, offset_s, pixels, 0)
