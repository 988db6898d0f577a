"""One video file, decoded: the hot path.

What keeps it near the decode floor: one decoding thread per stream; pictures that nobody will
analyse are never converted, and those of them that no other picture refers to are not decoded
either; sound is dropped by the demuxer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import av
from av.error import FFmpegError

from beholden.model.errors import BeholdenError, DecodeFailure, InputTooLarge, SourceLost
from beholden.model.frame import Frame, Pixels
from beholden.model.ids import CameraId
from beholden.video.clock import Clock, Foresight, Picker
from beholden.video.container import moving_pictures, open_container
from beholden.video.extent import is_cut_off
from beholden.video.info import SourceInfo
from beholden.video.limits import Limits
from beholden.video.picture import FilmDetail, Shrinker, fit, shown_size, turned, upright
from beholden.video.wear import Wear

_FIRST_PICTURE_WITHIN = 300  # packets: a recording may begin between two keyframes, but not for longer


class Film:
    """A video file. `frames()` may be run through once; close it, or use it as a context manager.

    `decoded` counts decoded pictures, analysed or not; `passed` the packets that were not decoded
    because nobody needed them (or are still in the decoder); `damaged` the pictures that would
    not decode and were passed over;
    `position_s` is the newest time reached.
    """

    def __init__(
        self,
        path: Path,
        file: BinaryIO,
        *,
        camera: CameraId,
        started_at: datetime,
        analysis: tuple[int, int] | None,
        rate: float | None,
        limits: Limits,
    ) -> None:
        """Takes `file` over. Raises NotMedia, InputTooLarge, SourceLost or DecodeFailure."""
        self._path, self._file, self._limits = path, file, limits
        self._camera, self._started_at, self._analysis = camera, started_at, analysis
        self._shrinker = Shrinker()
        self.decoded = self._packets_seen = 0
        self._reached_s: float | None = None
        self._cut_off = is_cut_off(file, path.stat().st_size)
        self._container = open_container(path, file, cut_off=self._cut_off)
        try:
            self._stream = moving_pictures(path, self._container)
            self._check_size(self._stream.codec_context.width, self._stream.codec_context.height)
            self._stream.codec_context.options = {"max_pixels": str(limits.max_video_pixels)}
            self._interval = self._picture_interval()
            self._wear = Wear(self._interval, alone=len(self._container.streams) == 1)
            self._clock = Clock(self._interval)
            self._picker = Picker(None if rate is None or rate * self._interval >= 1 else rate)
            self._foresight = Foresight(self._picker)
            self._pictures = self._decode()
            self._first = next(self._pictures, None)
            if self._first is None:
                raise DecodeFailure(f"{path}: no picture in it can be decoded")
        except BeholdenError:
            self.close()
            raise
        self.info = self._describe(self._first)

    def _check_size(self, width: int, height: int) -> None:
        if width * height > self._limits.max_video_pixels:
            raise InputTooLarge(
                f"{self._path}: pictures of {width}x{height} are past the limit of "
                f"{self._limits.max_video_pixels / 1e6:.0f} million pixels"
            )

    def _picture_interval(self) -> float:
        rate = self._stream.average_rate or self._stream.guessed_rate
        return 1 / float(rate) if rate else 0.04

    def _describe(self, first: av.VideoFrame) -> SourceInfo:
        rotation = upright(first)
        rate = self._stream.average_rate or self._stream.guessed_rate
        start, end = self._declared()
        if end is None and self._container.duration:
            start, end = 0.0, self._container.duration / av.time_base
        return SourceInfo(
            path=self._path,
            kind="video",
            codec=self._stream.codec_context.name,
            size=shown_size(first, rotation),
            rotation=rotation,
            frame_rate=float(rate) if rate else None,
            duration_s=None if end is None else max(0.0, end - start),
        )

    def _declared(self) -> tuple[float, float | None]:
        """Where the stream says that it starts and ends, in its own seconds; None when it does not say."""
        stream, container = self._stream, self._container
        start = float(stream.start_time * stream.time_base) if stream.start_time and stream.time_base else 0.0
        if stream.duration and stream.time_base:
            return start, start + float(stream.duration * stream.time_base)
        alone = len(container.streams) == 1
        if container.duration and alone:  # else it may be the length of the sound
            return start, (container.duration + (container.start_time or 0)) / av.time_base
        return start, None

    # ----- decoding

    def frames(self) -> Iterator[Frame]:
        """The analysed pictures in order.

        Returns at the end of the stream. Raises SourceLost where a file was cut off, and
        DecodeFailure where pictures would not decode: both after all that came before.
        """
        try:
            index = 0
            if self._first is not None:
                first, self._first = self._first, None
                for picture in self._chain(first):
                    offset = self._clock.offset(picture.time)
                    if self._picker.takes(offset):
                        yield self._frame(picture, index, offset)
                        index += 1
        finally:
            self.close()

    def _chain(self, first: av.VideoFrame) -> Iterator[av.VideoFrame]:
        yield first
        yield from self._pictures

    def _decode(self) -> Iterator[av.VideoFrame]:
        """All pictures that can be had, then the end, or what ended them."""
        try:
            yield from self._decode_packets()
        except (SourceLost, DecodeFailure):
            yield from self._held_back()
            raise
        self._end()

    def _held_back(self) -> list[av.VideoFrame]:
        """What the decoder still had in hand for reordering."""
        try:
            return self._stream.decode(None)
        except FFmpegError:
            return []

    def _decode_packets(self) -> Iterator[av.VideoFrame]:
        stream, context = self._stream, self._stream.codec_context
        base = float(stream.time_base or 0)
        for packet in self._packets():
            self._packets_seen += packet.size > 0
            if packet.is_corrupt and self._cut_off:
                continue  # the half packet at the cut: it decodes to grey
            if packet.size and packet.pts is not None:
                shown_s = packet.pts * base
                self._wear.packet(shown_s, packet.pos, packet.size)
                self._check_wear()
                self._reached_s = max(self._reached_s or 0.0, shown_s + (packet.duration or 0) * base)
                # Pictures that no other refers to need no decoding unless they are analysed.
                needed = self._foresight.needs(self._clock.guess(shown_s))
                context.skip_frame = "DEFAULT" if needed or not self.decoded else "NONREF"
            yield from self._pictures_of(packet)
            if not self.decoded and self._packets_seen > _FIRST_PICTURE_WITHIN:
                break

    def _packets(self) -> Iterator[av.Packet[av.VideoStream]]:
        try:
            yield from self._container.demux(self._stream)
        except (FFmpegError, OSError) as error:
            if self._cut_off:
                raise self._lost() from error
            raise DecodeFailure(f"{self._path}: the file cannot be read past {self.position_s:.1f} s") from error

    def _pictures_of(self, packet: av.Packet[av.VideoStream]) -> list[av.VideoFrame]:
        try:
            found = packet.decode()
        except FFmpegError as error:
            if self.decoded:  # before the first picture, a recording that begins between keyframes
                self._damage(error)
            return []
        for picture in found:
            self._check_size(picture.width, picture.height)
            self.decoded += 1
            if picture.is_corrupt:
                self._damage(None)
            else:
                self._wear.good()
        return found

    def _damage(self, error: FFmpegError | None) -> None:
        self._wear.bad()
        self._check_wear(error)

    def _check_wear(self, error: FFmpegError | None = None) -> None:
        if self._wear.level > self._limits.max_damaged and not self._cut_off:
            raise DecodeFailure(
                f"{self._path}: {self.damaged} pictures up to {self.position_s:.1f} s would not decode"
            ) from error

    def _end(self) -> None:
        """Nothing more comes: was this the end?"""
        if self._cut_off:
            raise self._lost()
        if not self.decoded:
            raise DecodeFailure(f"{self._path}: no picture in it can be decoded")
        start, end = self._declared()
        if end is not None and self._reached_s is not None:
            missing = end - self._reached_s
            if missing > max(0.5, 0.02 * (end - start)):
                raise DecodeFailure(f"{self._path}: the last {missing:.1f} s cannot be decoded")

    def _lost(self) -> SourceLost:
        return SourceLost(f"{self._path}: the file is cut off after {self.position_s:.1f} s")

    def _frame(self, picture: av.VideoFrame, index: int, offset: float) -> Frame:
        rotation = upright(picture)
        box = self._analysis
        if box is not None and rotation in {90, -90}:
            box = (box[1], box[0])
        size = fit((picture.width, picture.height), box)
        try:
            pixels = turned(self._shrinker.bgr(picture, *size), rotation)
        except (FFmpegError, ValueError) as error:
            raise DecodeFailure(f"{self._path}: pixel format {picture.format.name} cannot be shown") from error
        return self._wrap(pixels, FilmDetail(picture, rotation), index, offset)

    def _wrap(self, pixels: Pixels, detail: FilmDetail, index: int, offset: float) -> Frame:
        pixels.flags.writeable = False
        moment = self._started_at + timedelta(seconds=offset)
        return Frame(self._camera, index, moment, offset, pixels, detail)

    # ----- state

    @property
    def damaged(self) -> int:
        return self._wear.count

    @property
    def passed(self) -> int:
        return max(0, self._packets_seen - self.decoded - self.damaged)

    @property
    def position_s(self) -> float:
        return self._clock.last_s

    @property
    def progress(self) -> float | None:
        """0 to 1, None when the length is not known."""
        duration = self.info.duration_s
        return min(1.0, self.position_s / duration) if duration else None

    @property
    def current(self) -> Path:
        return self._path

    def close(self) -> None:
        """Give the file back. Safe to call twice; no frame comes after it."""
        self._first = None
        self._container.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
