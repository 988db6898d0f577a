"""From covered pixels to packets: the one encoder, of recordings and of timelines."""

from __future__ import annotations

from fractions import Fraction

import av
import cv2
import numpy as np
from av.codec.codec import codecs_available
from av.container import OutputContainer
from av.video.frame import PictureType
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from beholden.model.errors import OutputRefused
from beholden.model.frame import CoveredFrame, Pixels
from beholden.video.scheduling import ordinary_scheduling

TICKS = 90_000  # per second: every usual frame rate is a whole number of them
CODECS = ("libx264", "libvpx-vp9", "libsvtav1")
_BT709 = 1


def encoder_available(codec: str) -> bool:
    """Whether this encoder is known here and the installed FFmpeg has it."""
    return codec in CODECS and codec in codecs_available


def require_encoder(codec: str) -> None:
    """Raises OutputRefused when `codec` cannot be used."""
    if not encoder_available(codec):
        raise OutputRefused(f"the encoder {codec} is not available", advice=f"Use one of {', '.join(CODECS)}.")


def whole_rate(rate: float) -> Fraction:
    """Frames per second as an encoder takes them: files claim 0 and 90,000 too."""
    return Fraction(min(max(rate, 1.0), 240.0)).limit_denominator(1001)


class Encoder:
    """Encodes pictures of one size into a stream of `container`: yuv420p, BT.709, one thread.

    Pictures of another size are fitted into the first one's. It raises what PyAV raises (FFmpegError,
    OSError, ValueError): whoever owns the file says what that means.
    """

    def __init__(
        self,
        container: OutputContainer,
        size: tuple[int, int],
        codec: str,
        options: dict[str, str],
        rate: Fraction,
        *,
        stamp: str | None = None,
        keyframes_every: int | None = None,
    ) -> None:
        """`rate` guides the encoder and times the last picture; `keyframes_every` pictures at the latest;
        `stamp` is drawn into the lower left corner of every picture (plain ASCII)."""
        width, height = size
        self.size = width + width % 2, height + height % 2  # 4:2:0 has no odd sizes
        self._stamp = stamp
        self._interval = round(TICKS / rate)
        self._reformatter = VideoReformatter()
        self._container = container
        stream = container.add_stream(codec, rate=rate, options=options)
        if not isinstance(stream, av.VideoStream):
            raise TypeError("a video codec makes a video stream")
        stream.width, stream.height = self.size
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.time_base = Fraction(1, TICKS)
        context.thread_count = 1
        if keyframes_every is not None:
            context.gop_size = keyframes_every
        context.color_range = ColorRange.MPEG
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        with ordinary_scheduling():
            context.open()
        self._stream = stream

    def write(self, picture: CoveredFrame, pts: int, *, key: bool = False) -> None:
        """Encode and mux one picture, shown from `pts` (ticks) on; `key`: it can be decoded by itself.

        Raises TypeError for anything but a CoveredFrame.
        """
        if not isinstance(picture, CoveredFrame):
            raise TypeError("only a CoveredFrame may leave")
        pixels = fitted(picture.pixels, self.size)
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
        frame.pts = pts
        frame.time_base = Fraction(1, TICKS)
        frame.duration = self._interval
        if key:
            frame.pict_type = PictureType.I
        self._mux(self._stream.encode(frame))

    def end(self) -> None:
        """Mux what the encoder still has in hand. Nothing comes after it."""
        self._mux(self._stream.encode(None))

    def _mux(self, packets: list[av.Packet[av.VideoStream]]) -> None:
        for packet in packets:
            packet.duration = packet.duration or self._interval  # libvpx forgets it
        self._container.mux(packets)


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
