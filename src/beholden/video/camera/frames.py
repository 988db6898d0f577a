"""From packets as they arrive to the frames that are analysed: the hot path of a live camera."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import av
from av.error import FFmpegError

from beholden.model.frame import Detail, Frame, Pixels
from beholden.model.ids import CameraId
from beholden.video.camera.behind import Behind
from beholden.video.camera.decoder import Decoder
from beholden.video.camera.feed import Arrival, Feed, packet_time, picture_time, undecodable
from beholden.video.camera.wall import Jump, Moment, WallClock
from beholden.video.camera.zones import Zones
from beholden.video.clock import Foresight, Picker
from beholden.video.limits import Limits
from beholden.video.picture import FilmDetail, Shrinker, fit, turned, upright

BLIND_S = 45.0
"""Packets for this long without one whole picture: the connection is given up, and tried anew."""

Enlarge = Callable[[float, Detail], Detail]
"""From an offset in seconds and the picture at hand to the largest picture of that moment."""


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """`analysis` is the box (width, height) that frames fit in; `rate` analysed frames per second, None for all."""

    analysis: tuple[int, int] | None = (640, 360)
    rate: float | None = 5.0
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, eq=False)
class LiveFrame:
    """A frame, and when the packet that completed it came (time.monotonic(), seconds)."""

    frame: Frame
    arrived_s: float


class Frames:
    """The frames of one camera over all its connections. For one thread; counters may be read by any."""

    def __init__(
        self,
        camera: CameraId,
        options: LiveOptions,
        zones: Zones,
        clock: WallClock,
        system: Callable[[], float],
        enlarge: Enlarge | None = None,
    ) -> None:
        self._camera, self._options, self._zones = camera, options, zones
        self._clock, self._system, self._enlarge = clock, system, enlarge
        self._decoder: Decoder | None = None
        self._behind = Behind()
        self._shrinker = Shrinker()
        self._layout: tuple[int, int, str, int] | None = None
        self._cut = False
        self._index = 0
        self._whole_s = 0.0
        self.rate = options.rate
        self.read = self.analysed = self.bytes = 0
        self.codec: str | None = None
        self.last: Moment | None = None
        """The newest whole picture's."""

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of its pictures as they come; None before the first."""
        return None if self._layout is None else self._layout[:2]

    @property
    def rate(self) -> float | None:
        """Analysed frames per second; None for all. May be set at any time, by any thread."""
        return self._rate

    @rate.setter
    def rate(self, rate: float | None) -> None:
        self._rate = rate
        self._picking: tuple[Picker, Foresight] | None = None

    def take(self, feed: Feed, arrival: Arrival) -> Iterator[LiveFrame]:
        """The frames that one packet leads to: mostly none.

        Raises CameraRefused (pictures past the limit) or DecodeFailure (nothing can be shown).
        """
        packet, arrived_s = arrival.packet, arrival.arrived_s
        if arrival.begins or self._decoder is None:
            self._begin(feed, arrived_s)
        jump = None
        if packet.size:
            self.read += 1
            self.bytes += packet.size
            jump = self._clock.arrived(packet_time(packet), arrived_s, self._system())
        self._cut |= jump is Jump.STREAM
        if packet.size and self._behind.passes(arrived_s, self._clock.late_s, keyframe=packet.is_keyframe):
            return
        for picture in self._pictures(packet, arrived_s):
            self._whole_s = arrived_s
            self.last = self._clock.moment(picture_time(picture))
            if self._pick()[0].takes(self.last.offset_s):
                self.analysed += 1
                yield LiveFrame(self._frame(picture, self.last), arrived_s)
        if arrived_s - self._whole_s > BLIND_S:
            raise undecodable("its pictures cannot be decoded: too much of them is damaged")

    def _begin(self, feed: Feed, now_s: float) -> None:
        """A new connection: nothing continues what was before."""
        self._decoder = Decoder(feed.context, self._options.limits.max_video_pixels)
        self.codec = feed.context.name
        self._clock.begin_again()
        self._behind.begin_again()
        self._cut, self._whole_s = True, now_s

    def _pictures(self, packet: av.Packet[av.VideoStream], arrived_s: float) -> list[av.VideoFrame]:
        assert self._decoder is not None
        needed = self._pick()[1].needs(self._clock.guess(packet_time(packet)))
        return self._decoder.pictures(packet, arrived_s, needed=needed)

    def _pick(self) -> tuple[Picker, Foresight]:
        picking = self._picking
        if picking is None:
            picker = Picker(self._rate)
            self._picking = picking = picker, Foresight(picker)
        return picking

    def _frame(self, picture: av.VideoFrame, moment: Moment) -> Frame:
        rotation = upright(picture)
        layout = picture.width, picture.height, picture.format.name, rotation
        if layout != self._layout:
            self._layout, self._shrinker, self._cut = layout, Shrinker(), True
        pixels = self._zones.filled(self._small(picture, rotation))
        blind = self._zones.mask((pixels.shape[1], pixels.shape[0]))
        pixels.flags.writeable = False
        detail: Detail = FilmDetail(picture, rotation)
        if self._enlarge is not None:
            detail = self._enlarge(moment.offset_s, detail)
        cut, self._cut = self._cut, False
        index, self._index = self._index, self._index + 1
        return Frame(
            self._camera, index, moment.at, moment.offset_s, pixels, self._zones.over(detail), cut=cut, blind=blind
        )

    def _small(self, picture: av.VideoFrame, rotation: int) -> Pixels:
        box = self._options.analysis
        if box is not None and rotation in {90, -90}:
            box = box[1], box[0]
        size = fit((picture.width, picture.height), box)
        try:
            return turned(self._shrinker.bgr(picture, *size), rotation)
        except (FFmpegError, ValueError) as error:
            raise undecodable(f"its pixel format {picture.format.name} cannot be shown") from error
