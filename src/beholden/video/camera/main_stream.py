"""The large stream of a camera whose small one is analysed: kept as packets, decoded where a face is worth it.

Only the pictures from the last keyframe on are kept, as they came; of a moment that is asked for, the
way from the keyframe there is decoded, and gone on from if the next question is a little later. That
costs a third of decoding the large stream all the time. When it is not there, or too much would have
to be decoded, the small stream's own picture stands in.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import av
import cv2
import numpy as np

from beholden.model.errors import CameraRefused
from beholden.model.frame import Detail, Pixels
from beholden.video.camera.decoder import Decoder
from beholden.video.camera.feed import Arrival, Feed, packet_time
from beholden.video.camera.kept import Group, Kept
from beholden.video.camera.wall import Jump, WallClock
from beholden.video.limits import Limits
from beholden.video.picture import FilmDetail, upright

MOST_PIXELS = 60 * 1920 * 1080
"""Decoded for one question: 60 pictures of 1080p take a quarter of a second, and of anything smaller less."""
MOST_PICTURES = 60
NEAR_S = 0.2
"""A picture further in time than this from the one that was analysed shows somebody somewhere else."""
MOST_BYTES = 16 << 20
"""Of packets, over the last two groups of pictures: 13 seconds of a stream of 10 Mbit/s."""
BACK_S = 2.0
"""Frames are asked about until so long after they were taken."""
STALE_S = 3.0
"""Without a packet for so long, the large stream counts as gone."""


@dataclass(slots=True, eq=False, kw_only=True)
class _Group(Group):
    """A group of one connection's stream; `most` pictures of it are decoded at once."""

    codec: str
    extradata: bytes | None
    most: int


class MainStream:
    """The packets of the large stream, and the picture of a moment.

    `take` is for the thread that reads the stream, `detail` for the one that makes frames,
    `picture` for the one that asks for shots (one of each). No lock is held in FFmpeg.
    """

    def __init__(self, clock: WallClock, system: Callable[[], float], limits: Limits) -> None:
        """`clock` is this stream's own, begun with the small stream's, so that offsets mean the same."""
        self._clock, self._system, self._limits = clock, system, limits
        self._lock = threading.Lock()
        self._groups: deque[_Group] = deque()
        self._size: tuple[int, int] | None = None
        self._newest_s = float("-inf")
        self._most = MOST_PICTURES
        self._work = _Work(limits.max_video_pixels)
        self.read = self.bytes = 0
        self.codec: str | None = None

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of its pictures; None while it is not there."""
        return self._size

    # ----- the reader

    def take(self, feed: Feed, arrival: Arrival) -> None:
        """Keep one packet. Raises CameraRefused for a stream whose pictures are too large."""
        packet = arrival.packet
        if arrival.begins:
            self._begin(feed.context)
        if not packet.size:
            return
        self.read += 1
        self.bytes += packet.size
        jump = self._clock.arrived(packet_time(packet), arrival.arrived_s, self._system())
        offset_s = self._clock.guess(packet_time(packet))
        kept = Kept.of(packet, offset_s, arrival.arrived_s)
        with self._lock:
            if jump is Jump.STREAM:
                self._groups.clear()
            if packet.is_keyframe:
                codec, extradata = feed.context.name, feed.context.extradata
                self._groups.append(_Group(offset_s, codec=codec, extradata=extradata, most=self._most))
            if self._groups:
                self._groups[-1].add(kept, MOST_BYTES)
            self._newest_s = offset_s
            self._forget()

    def _begin(self, context: av.VideoCodecContext) -> None:
        size = context.width, context.height
        if size[0] * size[1] > self._limits.max_video_pixels:
            raise CameraRefused(f"the pictures of its main stream, {size[0]}x{size[1]}, are past the limit")
        self._clock.begin_again()
        self.codec = context.name
        self._most = max(1, min(MOST_PICTURES, MOST_PIXELS // max(1, size[0] * size[1])))
        with self._lock:
            self._groups.clear()
            self._size = size if all(size) else None

    def _forget(self) -> None:
        """Let go of groups that nobody asks about any more, and of the decoder that was in one of them."""
        while len(self._groups) > 1 and (
            self._groups[1].began_s < self._newest_s - BACK_S or sum(group.size for group in self._groups) > MOST_BYTES
        ):
            if self._groups.popleft() is self._work.group:
                self._work = _Work(self._limits.max_video_pixels)

    def lost(self) -> None:
        """The large stream is gone: from now on the small one's pictures are used."""
        with self._lock:
            self._groups.clear()
            self._size = None
        self._work = _Work(self._limits.max_video_pixels)

    # ----- the maker of frames

    def detail(self, offset_s: float, own: Detail) -> Detail:
        """The detail of the frame of `offset_s`: of the large stream while that comes, else `own`, the small one's."""
        size = self._size
        if size is None or not self._groups or offset_s - self._newest_s > STALE_S:
            return own
        return MainDetail(self, size, offset_s, own)

    # ----- whoever asks for shots

    def picture(self, offset_s: float) -> Detail | None:
        """The picture nearest to a moment; None when it is not there, damaged, or too far to decode."""
        with self._lock:
            groups = [(group, tuple(group.kept)) for group in self._groups if group.kept]
        found = next(
            ((group, kept) for group, kept in reversed(groups) if group.began_s <= offset_s + NEAR_S / 2), None
        )
        if found is None:
            return None
        picture = self._work.nearest(*found, offset_s)
        return None if picture is None else FilmDetail(picture, upright(picture), exact=False)


class _Work:
    """The decoder of shots: where in which group it is, and the pictures around there."""

    def __init__(self, max_pixels: int) -> None:
        self._max_pixels = max_pixels
        self.group: _Group | None = None
        self._decoder: Decoder | None = None
        self._next = 0
        self._recent: deque[tuple[float, av.VideoFrame]] = deque(maxlen=3)

    def nearest(self, group: _Group, kept: tuple[Kept, ...], offset_s: float) -> av.VideoFrame | None:
        """The picture of `group` nearest to `offset_s`, within NEAR_S; decodes no more than `group.most`."""
        passed = bool(self._recent) and offset_s < self._recent[0][0] - NEAR_S
        if group is not self.group or passed:
            self._start(group)
        offsets = {one.packet.pts: one.offset_s for one in kept}
        for one in kept[self._next : self._next + group.most]:
            if self._recent and self._recent[-1][0] >= offset_s:
                break
            self._next += 1
            assert self._decoder is not None
            for picture in self._decoder.pictures(one.packet, one.offset_s, needed=True):
                self._recent.append((offsets.get(picture.pts, one.offset_s), picture))
        best = min(self._recent, key=lambda pair: abs(pair[0] - offset_s), default=None)
        return best[1] if best is not None and abs(best[0] - offset_s) <= NEAR_S else None

    def _start(self, group: _Group) -> None:
        context = cast("av.VideoCodecContext", av.CodecContext.create(group.codec, "r"))
        if group.extradata:
            context.extradata = group.extradata
        self._decoder = Decoder(context, self._max_pixels)
        self.group, self._next = group, 0
        self._recent.clear()


class MainDetail:
    """The large picture of a moment, as long as nobody has asked for it a promise only."""

    __slots__ = ("_main", "_offset_s", "_own", "_settled", "size")

    def __init__(self, main: MainStream, size: tuple[int, int], offset_s: float, own: Detail) -> None:
        self.size = size
        self._main, self._offset_s, self._own = main, offset_s, own
        self._settled: Detail | None = None

    @property
    def exact(self) -> bool:
        return False

    def settled(self) -> Detail:
        """The large picture, or the small one when it cannot be had. Decodes once."""
        if self._settled is None:
            self._settled = self._main.picture(self._offset_s) or self._own
        return self._settled

    def crop(self, left: int, top: int, right: int, bottom: int) -> Pixels:
        """The region; where a smaller picture stands in, enlarged from that one."""
        detail = self.settled()
        if detail.size == self.size:
            return detail.crop(left, top, right, bottom)
        across, down = detail.size[0] / self.size[0], detail.size[1] / self.size[1]
        first_x, first_y = int(left * across), int(top * down)
        last_x, last_y = max(first_x + 1, round(right * across)), max(first_y + 1, round(bottom * down))
        small = detail.crop(first_x, first_y, last_x, last_y)
        large = np.asarray(cv2.resize(small, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR), np.uint8)
        small.fill(0)
        return large
