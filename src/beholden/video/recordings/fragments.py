"""The covered timeline of a camera as it is written: fragments that survive the death of their process.

A fragment is handed to the operating system once a second. What was handed over survives `kill -9`; a
power cut takes what the system had not written yet, about half a minute by default.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.error import FFmpegError

from beholden.model.errors import BeholdenError, OutputRefused
from beholden.model.frame import CoveredFrame
from beholden.model.ids import CameraId
from beholden.video.encode import TICKS, Encoder, require_encoder, whole_rate
from beholden.video.output import output_error
from beholden.video.recordings.timeline import BACK, GAP, LONGEST, MARK, camera_folder, file_for, measured, start_of

FRAGMENT_S = 1.0
"""A picture is on its way to the disk this much later, and one picture more."""
KEYFRAME_S = 2.0
"""A player can begin at least this often."""
_TINY = TICKS // 1000
_MOST_OF_A_MILLISECOND = 100
_CRF = {"libx264": 28, "libvpx-vp9": 36, "libsvtav1": 38}
_OPTIONS = {
    # Measured at 640x360 with this CRF, one thread: ultrafast 1.2 ms and 23 kB/s of a busy lobby, superfast 2.3 ms and
    # 21 kB/s, veryfast 2.6 ms and 12 kB/s. `zerolatency`: a picture comes out before the next one goes in.
    # `repeat-headers`: files of different sizes can be put behind each other without encoding them again.
    "libx264": {"preset": "ultrafast", "tune": "zerolatency", "x264-params": "repeat-headers=1"},
    "libvpx-vp9": {"b:v": "0", "deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
    "libsvtav1": {"preset": "10", "svtav1-params": "pred-struct=1:lp=1"},
}
_MUXING = {
    "movflags": "+empty_moov+default_base_moof+frag_keyframe",
    "frag_duration": str(round(FRAGMENT_S * 1_000_000)),
    "flush_packets": "1",
}


@dataclass(frozen=True, slots=True)
class _Encoding:
    codec: str
    options: dict[str, str]
    rate: float
    stamp: str | None


class TimelineWriter:
    """Writes the `CoveredFrame`s of one camera into files that begin at boundaries of wall time. For one thread.

    A new file begins every `segment_s` seconds of UTC, at midnight, after two seconds without a picture, when the
    size of the pictures changes, and when the clock goes back. A file is never written over. `close` ends the
    file; a later picture begins another one, so it is also what to do when a camera is lost for a while.
    `written` counts pictures handed to the encoder, `lost` those of times when nothing could be written.
    """

    def __init__(
        self,
        folder: Path,
        camera: CameraId,
        *,
        codec: str = "libx264",
        crf: int | None = None,
        rate: float = 5.0,
        stamp: str | None = None,
        segment_s: float = 60.0,
    ) -> None:
        """`folder` and what is below it is made when needed, for this account alone. `rate` is the usual number of
        pictures a second, `stamp` a word drawn into each (plain ASCII).

        Raises OutputRefused (codec), CameraUnknown (a name that is none), ValueError (`segment_s`).
        """
        if not 1.0 <= segment_s <= LONGEST.total_seconds():
            raise ValueError(f"a file is 1 to {LONGEST.total_seconds():.0f} seconds long")
        require_encoder(codec)
        camera_folder(folder, camera)
        options = _OPTIONS[codec] | {"crf": str(_CRF[codec] if crf is None else crf)}
        self._encoding = _Encoding(codec, options, rate, stamp)
        self._folder, self._camera, self._segment_s = folder, camera, segment_s
        self._file: _File | None = None
        self._slot: tuple[object, ...] = ()
        self._given_up: tuple[object, ...] | None = None
        self.written = self.lost = 0

    @property
    def path(self) -> Path | None:
        """The file that is being written."""
        return self._file.path if self._file is not None else None

    def write(self, picture: CoveredFrame, captured_at: datetime) -> None:
        """Add the picture of one moment (aware).

        Raises TypeError for anything but a CoveredFrame; StorageFull or OutputRefused once for each file that cannot
        be written: until the next one would begin, pictures are then counted as lost and nothing is raised.
        """
        if not isinstance(picture, CoveredFrame):
            raise TypeError("only a CoveredFrame may leave")
        if captured_at.tzinfo is None:
            raise ValueError("captured_at needs a time zone")
        moment = captured_at.astimezone(UTC)
        slot = (moment.date(), moment.timestamp() // self._segment_s)
        problem: BeholdenError | None = None
        if self._file is not None and not (slot == self._slot and self._file.continues(picture, moment)):
            problem = self._end()
        if slot == self._given_up:
            self.lost += 1
            return
        try:
            if self._file is None:
                self._file, self._slot = _File(self._folder, self._camera, self._encoding, picture, moment), slot
            self._file.write(picture, moment)
        except BeholdenError as error:
            self._given_up, problem = slot, error
            self.lost += 1
            self._end()
        else:
            self._given_up = None
            self.written += 1
        if problem is not None:
            raise problem

    def close(self) -> None:
        """End the file, if there is one. Raises StorageFull or OutputRefused when its last second could not be
        written; what came before it is there."""
        problem = self._end()
        if problem is not None:
            raise problem

    def _end(self) -> BeholdenError | None:
        file, self._file = self._file, None
        return file.end() if file is not None else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self._end()


class _File:
    """One file of the timeline. Its times count from the millisecond in its name."""

    def __init__(
        self, folder: Path, camera: CameraId, encoding: _Encoding, picture: CoveredFrame, moment: datetime
    ) -> None:
        """Raises OutputRefused or StorageFull."""
        self._size = picture.size
        self._last, self._last_at, self._key_at = -_TINY, moment, moment - timedelta(days=1)
        self._sink = _begin(folder, camera, moment)
        self.path = self._sink.path
        self._start = start_of(self.path) or moment
        try:
            self._container = av.open(self._sink, mode="w", format="mp4", container_options=_MUXING)
            self._container.metadata["comment"] = MARK
            rate = whole_rate(encoding.rate)
            self._encoder = Encoder(
                self._container,
                self._size,
                encoding.codec,
                encoding.options,
                rate,
                stamp=encoding.stamp,
                keyframes_every=max(1, int(KEYFRAME_S * rate)),
            )
        except (FFmpegError, OSError, ValueError) as error:
            self._sink.close()
            self.path.unlink(missing_ok=True)
            raise OutputRefused(f"{self.path}: cannot be written ({type(error).__name__})") from error

    def continues(self, picture: CoveredFrame, moment: datetime) -> bool:
        """Whether this picture can follow the last one in the same file."""
        return picture.size == self._size and -BACK <= moment - self._last_at <= GAP

    def write(self, picture: CoveredFrame, moment: datetime) -> None:
        """Raises OutputRefused or StorageFull; then nothing more can be written here."""
        key = moment - self._key_at >= timedelta(seconds=KEYFRAME_S - 0.001)
        ticks = round((moment - self._start).total_seconds() * TICKS)
        pts = 0 if self._last < 0 else max(self._last + _TINY, ticks)  # FFmpeg counts from the first picture
        try:
            self._encoder.write(picture, pts, key=key)
        except (FFmpegError, OSError, ValueError) as error:
            raise self._problem(error) from error
        if self._sink.error is not None:
            raise output_error(self.path, self._sink.error)
        self._last, self._last_at = pts, moment
        if key:
            self._key_at = moment

    def end(self) -> BeholdenError | None:
        """Write what is pending and close. A file in which nothing is whole is removed. Gives the first problem."""
        problem: BeholdenError | None = None
        try:
            if self._sink.error is None and self._last >= 0:
                self._encoder.end()
        except (FFmpegError, OSError, ValueError) as error:
            problem = self._problem(error)
        with contextlib.suppress(FFmpegError, OSError, ValueError):  # whatever FFmpeg says, its memory goes
            self._container.close()
        if self._sink.error is not None:
            problem = output_error(self.path, self._sink.error)
        self._sink.close()
        # Only what certainly holds nothing: a file that cannot be read just now is there all the same.
        if (self._last < 0 or problem is not None) and measured(self.path, self._start) is None:
            with contextlib.suppress(OSError):
                self.path.unlink()
        return problem

    def _problem(self, error: Exception) -> BeholdenError:
        if self._sink.error is not None:
            return output_error(self.path, self._sink.error)
        return OutputRefused(f"{self.path}: cannot be encoded ({type(error).__name__})")


class _Sink:
    """A file as an encoder writes to it: never raises, keeps its first error, locked as long as it is being written.

    The lock dies with the process; `quota` leaves a locked file alone.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError, FileExistsError when there is a file of that name."""
        self.path = path
        self.error: OSError | None = None
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with contextlib.suppress(OSError):  # a file system without locks: being the newest protects it
            fcntl.flock(self._fd, fcntl.LOCK_EX)  # `quota` may be asking just now: it never holds it

    def write(self, data: bytes) -> int:
        """Take all of `data`, or note why not."""
        rest = memoryview(data)
        try:
            while rest and self.error is None and self._fd >= 0:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as error:
            self.error = error
        return len(data)

    def close(self) -> None:
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            with contextlib.suppress(OSError):
                os.close(fd)


def _begin(folder: Path, camera: CameraId, moment: datetime) -> _Sink:
    """A new file for `moment`, in folders for this account alone. Raises OutputRefused or StorageFull."""
    path = file_for(folder, camera, moment)
    try:
        for attempt in range(_MOST_OF_A_MILLISECOND):
            path = file_for(folder, camera, moment, attempt)
            with contextlib.suppress(FileExistsError):
                return _made(path, folder)
    except OSError as error:
        raise output_error(path, error) from error
    raise OutputRefused(f"{path}: a hundred files of one millisecond are there", advice="Look at the camera's clock.")


def _made(path: Path, folder: Path) -> _Sink:
    try:
        return _Sink(path)
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise
    # Not there yet, or an empty day that `quota` has just removed.
    for each in (folder, path.parent.parent, path.parent):
        with contextlib.suppress(FileExistsError):
            each.mkdir(mode=0o700)
    return _Sink(path)
