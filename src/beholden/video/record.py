"""Covered pictures as a video file that browsers play."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import av
import cv2
import numpy as np
from av.codec.codec import codecs_available
from av.error import FFmpegError
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from beholden.model.errors import BeholdenError, OutputRefused
from beholden.model.frame import CoveredFrame, Pixels
from beholden.video.output import PendingFile, output_error

_TICKS = 90_000  # per second: every usual frame rate is a whole number of them
_CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
_CRF = {"libx264": 23, "libvpx-vp9": 33, "libsvtav1": 35}
_PRESETS = {"libx264": "veryfast", "libsvtav1": "10"}
_BT709 = 1


def encoder_available(codec: str) -> bool:
    """Whether `Recorder` knows this encoder and the installed FFmpeg has it."""
    return codec in _CRF and codec in codecs_available


class Recorder:
    """Writes `CoveredFrame`s to `path`; the suffix chooses the container (mp4, mov, mkv, webm).

    H.264 by default: yuv420p, BT.709, index in front. A picture is shown from its `offset_s` to that
    of the next, so that uneven rates stay. The first picture sets the size; later ones of another
    size are fitted into it. Use it as a context manager: the file appears under its name when the
    block ends, and not at all if it raises.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        codec: str = "libx264",
        crf: int | None = None,
        preset: str | None = None,
        rate: float = 25.0,
        stamp: str | None = None,
    ) -> None:
        """`rate` is the usual frames per second; it guides the encoder and times the last picture.

        `stamp` is a word drawn into the lower left corner of every picture (plain ASCII).

        Raises OutputRefused (folder, permission, suffix or codec) or StorageFull.
        """
        self._path = Path(path)
        container = _CONTAINERS.get(self._path.suffix.lower())
        if container is None:
            raise OutputRefused(f"{self._path}: not a video name", advice=f"End it in one of {', '.join(_CONTAINERS)}.")
        if not encoder_available(codec):
            raise OutputRefused(f"the encoder {codec} is not available", advice=f"Use one of {', '.join(_CRF)}.")
        if container == "webm" and codec == "libx264":
            raise OutputRefused(f"{self._path}: WebM holds no H.264", advice="Use .mp4, or the codec libvpx-vp9.")
        rate = min(max(rate, 1.0), 240.0)  # files claim 0 and 90,000 too
        self._codec, self._crf, self._preset, self._stamp = codec, crf, preset, stamp
        self._rate = Fraction(rate).limit_denominator(1001)
        self._interval = round(_TICKS / rate)
        self._reformatter = VideoReformatter()
        self._stream: av.VideoStream | None = None
        self._size = (0, 0)
        self._start_s = 0.0
        self._last = -1
        self.written = 0
        self._ended: BeholdenError | None = None
        """Set once nothing more can be written: FFmpeg crashes on a container that is closed."""
        self._file = PendingFile(self._path)
        try:
            flags = {"movflags": "+faststart"} if container in {"mp4", "mov"} else {}
            self._container = av.open(
                self._file, mode="w", format=container, container_options=flags, io_open=self._again
            )
        except (FFmpegError, OSError, ValueError) as error:
            self._file.discard()
            raise OutputRefused(f"{self._path}: cannot be written ({error})") from error

    def _again(self, url: str, flags: int, options: dict[str, str]) -> BinaryIO:
        """The muxer reads its own file once more when it moves the index to the front."""
        return self._file.temporary.open("rb")

    def write(self, picture: CoveredFrame) -> None:
        """Add one picture. Raises TypeError for anything but a CoveredFrame, StorageFull, OutputRefused."""
        if not isinstance(picture, CoveredFrame):
            raise TypeError("only a CoveredFrame may leave")
        if self._ended is not None:
            raise self._ended
        try:
            stream = self._stream or self._begin(picture)
            pixels = fitted(picture.pixels, self._size)
            if self._stamp:
                pixels = stamped(pixels, self._stamp)
            frame = av.VideoFrame.from_ndarray(pixels, format="bgr24")
            frame = self._reformatter.reformat(
                frame,
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
                threads=1,
            )
            frame.pts = max(self._last + 1, round((picture.offset_s - self._start_s) * _TICKS))
            frame.time_base = Fraction(1, _TICKS)
            frame.duration = self._interval
            self._last = frame.pts
            self._container.mux(stream.encode(frame))
            self.written += 1
        except (FFmpegError, OSError, ValueError) as error:
            raise self._refused(error) from error
        if self._file.error is not None:
            raise self._refused(self._file.error) from self._file.error

    def _begin(self, picture: CoveredFrame) -> av.VideoStream:
        width, height = picture.size
        self._size = width + width % 2, height + height % 2  # 4:2:0 has no odd sizes
        self._start_s = picture.offset_s
        stream = self._container.add_stream(self._codec, rate=self._rate, options=self._options())
        if not isinstance(stream, av.VideoStream):
            raise TypeError("a video codec makes a video stream")
        stream.width, stream.height = self._size
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.time_base = Fraction(1, _TICKS)
        context.thread_count = 1
        context.color_range = ColorRange.MPEG
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        self._stream = stream
        return stream

    def _options(self) -> dict[str, str]:
        options = {"crf": str(_CRF[self._codec] if self._crf is None else self._crf)}
        if self._codec == "libvpx-vp9":
            return options | {"b:v": "0", "deadline": "realtime", "cpu-used": self._preset or "8"}
        return options | {"preset": self._preset or _PRESETS[self._codec]}

    def close(self) -> None:
        """Finish the file and give it its name. Raises StorageFull or OutputRefused, leaving nothing."""
        if self._ended is not None:
            raise self._ended
        try:
            if self._stream is None:
                raise OutputRefused(f"{self._path}: there was no picture to record", advice="Nothing was written.")
            self._container.mux(self._stream.encode(None))
            self._container.close()
        except (FFmpegError, OSError, ValueError) as error:
            raise self._refused(error) from error
        except BeholdenError:
            self.discard()
            raise
        self._ended = OutputRefused(f"{self._path}: the recording has ended", advice="Start another.")
        self._file.commit()

    def discard(self) -> None:
        """Stop, and leave nothing. Safe to call twice."""
        self._ended = self._ended or OutputRefused(f"{self._path}: the recording has ended", advice="Start another.")
        try:
            self._container.close()
        except (FFmpegError, OSError, ValueError):
            pass  # the file goes anyway
        finally:
            self._file.discard()

    def _refused(self, error: Exception) -> BeholdenError:
        """Why the recording ends here. It is said again to whoever goes on writing."""
        cause = self._file.error or (error if isinstance(error, OSError) else None)
        if cause is not None:
            self._ended = output_error(self._path, cause)
        else:
            self._ended = OutputRefused(f"{self._path}: cannot be encoded ({error})")
        self.discard()
        return self._ended

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.discard()


def fitted(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """`pixels` in a picture of `size` (width, height): as they are, an edge repeated to make an odd size
    even, or scaled to fit with black beside them."""
    width, height = size
    rows, columns = pixels.shape[:2]
    if (columns, rows) == size:
        return np.ascontiguousarray(pixels)
    if 0 <= width - columns <= 1 and 0 <= height - rows <= 1:
        return np.pad(pixels, ((0, height - rows), (0, width - columns), (0, 0)), mode="edge")
    factor = min(width / columns, height / rows)
    inner = max(1, round(columns * factor)), max(1, round(rows * factor))
    output = np.zeros((height, width, 3), np.uint8)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    output[top : top + inner[1], left : left + inner[0]] = cv2.resize(pixels, inner, interpolation=cv2.INTER_AREA)
    return output


def stamped(pixels: Pixels, word: str) -> Pixels:
    """A copy with `word` on a dark strip in the lower left corner, a twentieth of the height."""
    out = pixels.copy()
    height = max(12, out.shape[0] // 20)
    scale = height / 30
    (width, _), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    out[-height:, : width + height] = 0
    cv2.putText(
        out, word, (height // 2, out.shape[0] - height // 4), cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), 1
    )
    return out
