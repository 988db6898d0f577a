"""A clip that can be played for ever: there, and the same way back.

A clip that starts again where it began would throw people across the picture, which no camera ever
shows. Played there and back, its last picture is followed by one that is almost the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
from av.error import FFmpegError
from av.video.frame import PictureType

from beholden.model.errors import DecodeFailure, NotMedia, OutputRefused

GOP_S = 2
"""Seconds between keyframes: who connects sees a picture after one second on average."""


def write_endless(source: Path, target: Path, fps: float) -> None:
    """Write `source` (H.264, `fps` pictures a second) to `target`, there and back, as a camera would encode it.

    No B-frames, one slice a picture. All of its pictures are in memory meanwhile (1.4 MB each at
    1280x720). Raises NotMedia, DecodeFailure, OutputRefused.
    """
    frames = _frames(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with av.open(str(target), "w", format="mp4") as container:
            stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000))
            stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, "yuv420p"
            stream.gop_size = round(GOP_S * fps)
            stream.codec_context.thread_count = 1  # one thread, one slice
            stream.options = {"preset": "ultrafast", "crf": "21", "bf": "0"}
            for number, frame in enumerate(_there_and_back(frames)):
                frame.pts, frame.time_base = number, 1 / Fraction(fps).limit_denominator(1000)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    except (FFmpegError, OSError) as error:
        raise OutputRefused(f"the clip {target} cannot be written: {error}") from error


def _frames(source: Path) -> list[av.VideoFrame]:
    frames: list[av.VideoFrame] = []
    try:
        with av.open(str(source)) as container:
            for frame in container.decode(video=0):
                frame.pict_type = PictureType.NONE  # or the encoder would repeat its keyframes
                frames.append(frame)
    except (FFmpegError, OSError, IndexError) as error:
        kind = DecodeFailure if frames else NotMedia
        raise kind(f"the clip {source} cannot be read: {error}") from error
    if not frames:
        raise NotMedia(f"the clip {source} holds no picture")
    return frames


def _there_and_back(frames: list[av.VideoFrame]) -> Iterable[av.VideoFrame]:
    """Neither end twice: the way back ends one picture before the beginning, which comes next."""
    return chain(frames, reversed(frames[1:-1]))
