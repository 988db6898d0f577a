"""A file played as a camera: in real time, over and over. For rehearsals; a live folder opens no files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError

from beholden.model.errors import NotMedia
from beholden.video.camera.feed import Arrival, undecodable
from beholden.video.container import moving_pictures, open_container
from beholden.video.still import open_file

_BEHIND_S = 0.5  # later than this, and the file is put back in time instead of being hurried
_GAP_S = 10.0  # a longer one between two packets is a broken timestamp
_FEWEST_S = 0.01  # of a file with a single picture: it is no camera, but it must not spin


class Replay:
    """A feed from a video file. Every round through it begins anew, as a camera that was started again."""

    def __init__(self, path: Path, *, monotonic: Callable[[], float], pause: Callable[[float], object]) -> None:
        """`pause` waits for so many seconds, or less when nobody wants to wait any longer.

        Raises MissingInput, EmptyInput, NotMedia.
        """
        self._path, self._monotonic, self._pause = path, monotonic, pause
        self._open()

    def _open(self) -> None:
        self._file, _ = open_file(self._path)
        self._container: InputContainer = open_container(self._path, self._file, cut_off=False)
        try:
            self._stream = moving_pictures(self._path, self._container)
        except NotMedia:
            self.close()
            raise

    @property
    def context(self) -> av.VideoCodecContext:
        return self._stream.codec_context

    def arrivals(self) -> Iterator[Arrival]:
        """Packets when they are due. Raises DecodeFailure when the file cannot be read, and what opening it raises."""
        due_s = self._monotonic()
        while True:
            came = 0
            for packet, after_s in self._round():
                due_s = self._wait(due_s + after_s)
                yield Arrival(packet, due_s, begins=not came)
                came += packet.size > 0
            if not came:
                raise undecodable("there is no picture in the file")
            self.close()
            self._open()

    def _round(self) -> Iterator[tuple[av.Packet[av.VideoStream], float]]:
        """The packets of the file, each with the seconds since the one before it; an empty one at the end."""
        base = float(self._stream.time_base or 0)
        rate = self._stream.average_rate or self._stream.guessed_rate
        interval = max(_FEWEST_S, 1 / float(rate)) if rate else 0.04
        last: float | None = None
        try:
            for packet in self._container.demux(self._stream):
                if not packet.size:
                    yield packet, 0.0
                    continue
                sent = packet.pts if packet.dts is None else packet.dts
                at = None if sent is None else sent * base
                step = interval if at is None or last is None else at - last
                yield packet, step if 0 <= step <= _GAP_S else interval
                last = at if at is not None else last
        except (FFmpegError, OSError, ValueError) as error:
            raise undecodable("the file cannot be read on") from error

    def _wait(self, due_s: float) -> float:
        """Until `due_s`; gives when the packet came, which is then, or now when that is long past."""
        now = self._monotonic()
        if now < due_s:
            self._pause(due_s - now)
        elif now > due_s + _BEHIND_S:
            return now
        return due_s

    def close(self) -> None:
        self._container.close()
        self._file.close()
