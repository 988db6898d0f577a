"""A camera with two streams: the small one is looked at, shots are cut from the large one.

What runs is our live-camera code: `Frames` takes the small stream's packets, `MainStream` keeps the
large one's, `CameraRun` looks and names. The packets come from two files in the order of their times
and nobody waits for them; a packet's time is when it "arrived". What a connection costs (the relay,
RTP) is not in these figures, as it is not in those of the main stream alone.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import cv2

from beholden.faces.engine import load_engine
from beholden.model.frame import Frame
from beholden.model.ids import CameraId
from beholden.video.camera.feed import Arrival, packet_time
from beholden.video.camera.frames import Frames, LiveOptions
from beholden.video.camera.main_stream import MainStream
from beholden.video.camera.wall import WallClock
from beholden.video.camera.zones import Zones
from benchmarks import ours
from benchmarks.clips import FPS, GOP_S
from benchmarks.loops import SMALL, Clock

BITRATE = 512_000
"""A usual setting for a second stream of 640x360 at 25 pictures a second."""
_BEGAN_S = datetime(2026, 5, 4, 12, tzinfo=UTC).timestamp()


def small_of(large: Path) -> Path:
    """Where the small stream of a clip lies; made on the first call, from the large one's pictures."""
    path = large.with_name(f"{large.stem}-small-{BITRATE // 1000}.mp4")
    if not path.exists():
        _shrink(large, path)
    return path


def _shrink(large: Path, path: Path) -> None:
    """As a camera makes it: every picture, smaller, encoded by itself with a keyframe at the same moments."""
    cv2.setNumThreads(1)
    partial = path.with_suffix(".partial")
    with av.open(str(large)) as source, av.open(str(partial), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(FPS))
        stream.width, stream.height, stream.pix_fmt = *SMALL, "yuv420p"
        stream.gop_size, stream.bit_rate = GOP_S * FPS, BITRATE
        stream.codec_context.thread_count = 1
        params = f"keyint={GOP_S * FPS}:min-keyint={GOP_S * FPS}:scenecut=0:bframes=0:ref=1:rc-lookahead=0"
        stream.options = {
            "preset": "superfast",
            "profile": "high",
            "maxrate": str(BITRATE * 5 // 4),
            "bufsize": str(BITRATE),
            "x264-params": f"{params}:cabac=1:8x8dct=1",
        }
        for picture in source.decode(video=0):
            pixels = cv2.resize(picture.to_ndarray(format="bgr24"), SMALL, interpolation=cv2.INTER_AREA)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")))
        container.mux(stream.encode(None))
    partial.replace(path)


class Played:
    """A file as one connection to a camera: a packet arrives at its own time."""

    def __init__(self, path: Path) -> None:
        self._container = av.open(str(path))
        self._stream = self._container.streams.video[0]

    @property
    def context(self) -> av.VideoCodecContext:
        return self._stream.codec_context

    def arrivals(self) -> Iterator[Arrival]:
        begins = True
        for packet in self._container.demux(self._stream):
            if packet.size:
                yield Arrival(packet, packet_time(packet) or 0.0, begins)
                begins = False

    def close(self) -> None:
        self._container.close()


class TwoStreams:
    """The frames of a camera with two streams, as `LiveCamera` puts them together, without its connections."""

    def __init__(self, small: Path, large: Path) -> None:
        self._small, self._large = Played(small), Played(large)
        self._now_s = 0.0
        options = LiveOptions()
        clocks = [WallClock(0.0, _BEGAN_S) for _ in range(2)]
        self.main = MainStream(clocks[1], self._system, options.limits)
        self.made = Frames(CameraId("bench-0"), options, Zones(()), clocks[0], self._system, self.main.detail)

    def _system(self) -> float:
        return _BEGAN_S + self._now_s

    def frames(self) -> Iterator[Frame]:
        """What is looked at. Of two packets of one moment the large one is there first."""
        both = heapq.merge(
            ((arrival.arrived_s, 0, arrival) for arrival in self._large.arrivals()),
            ((arrival.arrived_s, 1, arrival) for arrival in self._small.arrivals()),
            key=lambda one: one[:2],
        )
        for self._now_s, stream, arrival in both:
            if stream == 0:
                self.main.take(self._large, arrival)
            else:
                for live in self.made.take(self._small, arrival):
                    yield live.frame

    def close(self) -> None:
        self._small.close()
        self._large.close()


def watch(large: Path) -> dict[str, object]:
    """One camera from the first picture to the last. `pictures`: of the small stream; `faces`: tracks with a shot."""
    engine = load_engine()
    ours.warm(engine, large)
    ends = ours.Ends()
    clock = Clock()
    streams = TwoStreams(small_of(large), large)
    try:
        for _ in ours.run_of(engine, 0, ends, None).watch(streams.frames()):
            pass
    finally:
        streams.close()
    return ours.as_row(clock.spent(streams.made.read, ends.tracks, ends.named_calls))
