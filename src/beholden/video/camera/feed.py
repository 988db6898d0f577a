"""A camera that answered: its packets as they arrive, whatever kind of camera it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard

from beholden.model.errors import CameraRefused, DecodeFailure, InputError, SourceLost
from beholden.video.camera.decoder import CODECS


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """A packet and when it came (time.monotonic(), seconds).

    `begins`: what came before has nothing to do with it; the feed has a fresh codec context. An empty
    packet ends what began.
    """

    packet: av.Packet[av.VideoStream]
    arrived_s: float
    begins: bool = False


class Feed(Protocol):
    """One connection to a camera. Used by one thread; `close` may be called twice.

    `context` is the codec context for the packets of now, not yet opened by anybody else.
    """

    @property
    def context(self) -> av.VideoCodecContext: ...

    def arrivals(self) -> Iterator[Arrival]:
        """Packets of the one video stream as they come, until the camera is lost.

        Blocks for a few seconds at most between two. Raises SourceLost, CameraRefused or DecodeFailure,
        in words, without an address; ends for no other reason.
        """
        ...

    def close(self) -> None: ...


class ContainerFeed:
    """A feed that FFmpeg reads: RTSP (through the relay) and webcams."""

    def __init__(
        self,
        container: InputContainer,
        *,
        monotonic: Callable[[], float],
        why: Callable[[], InputError | None],
        release: Callable[[], None],
        codecs: tuple[str, ...] = CODECS,
    ) -> None:
        """Takes the container over. `why` knows what went wrong, if anybody does; `release` is called at the end,
        before the container is closed, so that closing waits for nobody.

        Raises CameraRefused: no video in it, or in a codec that is not in `codecs`.
        """
        self._container, self._monotonic, self._why, self._release = container, monotonic, why, release
        try:
            self._stream = _moving(container, codecs)
        except CameraRefused:
            self.close()
            raise

    @property
    def context(self) -> av.VideoCodecContext:
        return self._stream.codec_context

    def arrivals(self) -> Iterator[Arrival]:
        begins = True
        try:
            for packet in self._container.demux(self._stream):
                if packet.size:
                    yield Arrival(packet, self._monotonic(), begins)
                    begins = False
        except (FFmpegError, OSError, ValueError):  # its text may hold the address
            pass
        raise self._why() or SourceLost("the camera stopped sending", advice="It is tried again by itself.")

    def close(self) -> None:
        self._release()
        self._container.close()


def _moving(container: InputContainer, codecs: tuple[str, ...]) -> av.VideoStream:
    """The first video stream; all others are discarded by the demuxer, sound above all."""
    chosen: av.VideoStream | None = None
    for stream in container.streams:
        if chosen is None and isinstance(stream, av.VideoStream):
            chosen = stream
        else:
            stream.discard = Discard.all
    if chosen is None:
        raise CameraRefused("there is no video in its stream")
    if chosen.codec_context is None or chosen.codec_context.name not in codecs:
        raise CameraRefused(
            "its video is in a format that is not decoded here", advice="Set H.264, H.265 or MJPEG in the camera."
        )
    return chosen


def packet_time(packet: av.Packet[av.VideoStream]) -> float | None:
    """When the picture of a packet is shown, in seconds of the stream; None when it does not say."""
    if packet.pts is None or not packet.time_base:
        return None
    return float(packet.pts * packet.time_base)


def picture_time(picture: av.VideoFrame) -> float | None:
    """The same of a decoded picture."""
    if picture.pts is None or not picture.time_base:
        return None
    return float(picture.pts * picture.time_base)


def undecodable(what: str) -> DecodeFailure:
    """A stream that arrives, and cannot be shown."""
    return DecodeFailure(what, advice="Set H.264 in the camera, and look at its network; it is tried again by itself.")
