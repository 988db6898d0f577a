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
from beholden.video.camera.idle import Idle, Resting, Step
from beholden.video.camera.kept import Kept
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
    """`analysis` is the box (width, height) that frames fit in; `rate` analysed frames per second, None for all.

    `idle`: when only keyframes are decoded, while whoever looks at the frames says that nothing moves (`idle.py`).
    """

    analysis: tuple[int, int] | None = (640, 360)
    rate: float | None = 5.0
    idle: Resting = Resting.CAREFUL
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, eq=False)
class LiveFrame:
    """A frame, and when the packet that completed it came (time.monotonic(), seconds).

    `late`: it is one of several that are delivered at once, because the camera woke: none may push out another.
    """

    frame: Frame
    arrived_s: float
    late: bool = False


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
        self._idle = Idle(options.idle)
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

    def looked(self, offset_s: float, *, still: bool) -> None:
        """The frame of `offset_s` was looked at. `still`: it shows nothing new, and nobody is followed in it.

        For whoever looks, one thread. Nobody who says so: the camera is decoded all the time.
        """
        self._idle.looked(offset_s, still=still)

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
        offset_s = self._clock.guess(packet_time(packet))
        if packet.size and not self._idle.resting and self._is_behind(arrival):
            self._cut |= jump is Jump.STREAM
            return
        step = self._idle.step(packet, offset_s, jumped=jump is Jump.STREAM)
        if step is Step.KEEP:
            self._idle.keep(Kept.of(packet, offset_s, arrived_s))
        elif step is Step.LOOK:
            yield from self._glance(Kept.of(packet, offset_s, arrived_s))
        else:
            if step is Step.WAKE:
                yield from self._woken()
            self._cut |= jump is Jump.STREAM
            yield from self._decoded(packet, offset_s, arrived_s, late=step is Step.WAKE)
        if arrived_s - self._whole_s > BLIND_S:
            raise undecodable("its pictures cannot be decoded: too much of them is damaged")

    def _is_behind(self, arrival: Arrival) -> bool:
        return self._behind.passes(arrival.arrived_s, self._clock.late_s, keyframe=arrival.packet.is_keyframe)

    def _decoded(
        self, packet: av.Packet[av.VideoStream], offset_s: float, arrived_s: float, *, late: bool
    ) -> Iterator[LiveFrame]:
        """The frames of a packet that is decoded as it comes."""
        assert self._decoder is not None
        needed = self._pick()[1].needs(offset_s)
        found = self._decoder.pictures(packet, arrived_s, needed=needed)
        for picture in found:
            yield from self._due(picture, self._clock.moment(picture_time(picture)), arrived_s, late=late)
        if self._idle.decoded(packet, offset_s, found, needed=needed):
            self._idle.rest(Kept.of(packet, offset_s, arrived_s), self._pixels(found[0]))

    def _glance(self, key: Kept) -> Iterator[LiveFrame]:
        """The frames of a keyframe that comes while the camera rests: more than one if it does not show the same."""
        assert self._decoder is not None
        found = self._decoder.pictures(key.packet, key.arrived_s, needed=True)
        pixels = self._pixels(found[0]) if found and _layout(found[0]) == self._layout else None
        if pixels is not None and self._idle.same(key, found, pixels):
            yield from self._due(found[0], self._clock.at(key.offset_s), key.arrived_s, pixels)
        else:
            yield from self._woken()
            yield from self._decoded(key.packet, key.offset_s, key.arrived_s, late=True)

    def _woken(self) -> Iterator[LiveFrame]:
        """The frames since the last keyframe, which was delivered, as they would have come: decoded after all."""
        assert self._decoder is not None
        key, *others = self._idle.wake()
        self._decoder.pictures(key.packet, key.arrived_s, needed=True)
        for one in others:
            for picture in self._decoder.pictures(one.packet, one.arrived_s, needed=True):
                yield from self._due(picture, self._clock.at(one.offset_s), one.arrived_s, late=True)

    def _due(
        self,
        picture: av.VideoFrame,
        moment: Moment,
        arrived_s: float,
        pixels: Pixels | None = None,
        *,
        late: bool = False,
    ) -> Iterator[LiveFrame]:
        """The frame of a whole picture, if its turn to be analysed has come."""
        self._whole_s, self.last = arrived_s, moment
        if self._pick()[0].takes(moment.offset_s):
            self.analysed += 1
            frame = self._frame(picture, moment, self._pixels(picture) if pixels is None else pixels)
            yield LiveFrame(frame, arrived_s, late)

    def lost(self) -> Iterator[LiveFrame]:
        """The connection is gone: what was kept is decoded, for somebody may be on it."""
        if self._idle.resting:
            yield from self._woken()

    def _begin(self, feed: Feed, now_s: float) -> None:
        """A new connection: nothing continues what was before."""
        self._decoder = Decoder(feed.context, self._options.limits.max_video_pixels)
        self.codec = feed.context.name
        self._clock.begin_again()
        self._idle.begin_again(feed.context.name, feed.context.extradata)
        self._behind.begin_again()
        self._cut, self._whole_s = True, now_s

    def _pick(self) -> tuple[Picker, Foresight]:
        picking = self._picking
        if picking is None:
            picker = Picker(self._rate)
            self._picking = picking = picker, Foresight(picker)
        return picking

    def _frame(self, picture: av.VideoFrame, moment: Moment, pixels: Pixels) -> Frame:
        blind = self._zones.mask((pixels.shape[1], pixels.shape[0]))
        detail: Detail = FilmDetail(picture, upright(picture))
        if self._enlarge is not None:
            detail = self._enlarge(moment.offset_s, detail)
        cut, self._cut = self._cut, False
        index, self._index = self._index, self._index + 1
        return Frame(
            self._camera, index, moment.at, moment.offset_s, pixels, self._zones.over(detail), cut=cut, blind=blind
        )

    def _pixels(self, picture: av.VideoFrame) -> Pixels:
        """What is analysed of a picture, read-only: small, upright, its privacy zones filled in."""
        layout = _layout(picture)
        if layout != self._layout:
            self._layout, self._shrinker, self._cut = layout, Shrinker(), True
        pixels = self._zones.filled(self._shrunk(picture, layout[3]))
        pixels.flags.writeable = False
        return pixels

    def _shrunk(self, picture: av.VideoFrame, rotation: int) -> Pixels:
        box = self._options.analysis
        if box is not None and rotation in {90, -90}:
            box = box[1], box[0]
        size = fit((picture.width, picture.height), box)
        try:
            return turned(self._shrinker.bgr(picture, *size), rotation)
        except (FFmpegError, ValueError) as error:
            raise undecodable(f"its pixel format {picture.format.name} cannot be shown") from error


def _layout(picture: av.VideoFrame) -> tuple[int, int, str, int]:
    """Width, height, pixel format and rotation."""
    return picture.width, picture.height, picture.format.name, upright(picture)
