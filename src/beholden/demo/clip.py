"""A scene as an H.264 file, with the truth of what it shows kept beside it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError
from av.video.stream import VideoStream

from beholden.demo.scene import Scene, Seen, Wardrobe, film
from beholden.model.errors import OutputRefused


@dataclass(frozen=True, slots=True)
class Clip:
    """A written clip: `truth[i]` is what frame `i` shows, in pixels of `size` (width, height)."""

    path: Path
    size: tuple[int, int]
    fps: float
    truth: tuple[tuple[Seen, ...], ...]


def write_clip(scene: Scene, path: Path, wardrobe: Wardrobe) -> Clip:
    """Film the scene into `path` (mp4, H.264, one thread, so that the bytes are the same each time).

    Raises OutputRefused when it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    truth: list[tuple[Seen, ...]] = []
    try:
        with av.open(str(path), "w", format="mp4") as container:
            stream = _stream(container.add_stream("libx264", rate=Fraction(scene.fps).limit_denominator(1000)), scene)
            for pixels, seen in film(scene, wardrobe):
                truth.append(seen)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")))
            container.mux(stream.encode(None))
    except (FFmpegError, OSError) as error:
        raise OutputRefused(f"the clip {path} cannot be written: {error}") from error
    return Clip(path, (scene.width, scene.height), scene.fps, tuple(truth))


def _stream(stream: VideoStream, scene: Scene) -> VideoStream:
    stream.width, stream.height = scene.width, scene.height
    stream.pix_fmt = "yuv420p"
    stream.gop_size = round(2 * scene.fps)
    stream.codec_context.thread_count = 1
    stream.options = {"preset": "ultrafast", "crf": str(scene.effects.crf)}
    return stream
