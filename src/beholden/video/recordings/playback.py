"""A camera's covered timeline by time: what was recorded between two moments, as one file.

Packets are copied as they are, never encoded again, so nothing that was covered can be uncovered or
degraded. Only files of our own making are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import av
from av.error import FFmpegError

from beholden.model.errors import DecodeFailure, InputError, MissingInput, NotMedia, OutputRefused
from beholden.model.ids import CameraId
from beholden.video.encode import TICKS
from beholden.video.output import PendingFile, output_error
from beholden.video.recordings.piece import OpenedPiece, Shown
from beholden.video.recordings.timeline import BACK, GAP, Piece, cameras_in, days_of, files_of, measured, pieces

Gap = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the moments (UTC) of the first picture and of the end of the last, how many pictures, and the
    gaps longer than two seconds, which the file skips. The moment of a picture is `start`, plus its time in the
    file, plus the length of the gaps before it. `damaged` are files that could not be read, or not to their end."""

    start: datetime
    end: datetime
    pictures: int
    gaps: tuple[Gap, ...]
    damaged: tuple[Path, ...] = ()


def refuse_empty(folder: Path, camera: CameraId, start: datetime, end: datetime) -> None:
    """Raises MissingInput, saying what there is, when nothing was recorded between two moments (aware)."""
    _found(folder, camera, start, end)


def export(folder: Path, camera: CameraId, start: datetime, end: datetime, out: Path) -> Exported:
    """Write what a camera recorded from `start` to `end` (aware) to `out` (.mp4), whole or not at all.

    It begins with the keyframe at or before `start`, at most two seconds early, since what follows is drawn upon
    it. Gaps are skipped and reported. Where the camera's clock was set back, its files follow one another.
    Torn files are read up to the tear; an older file of the name `out` is replaced.

    Raises MissingInput (nothing there; the advice says what is), CameraUnknown (no name of a camera),
    OutputRefused, StorageFull.
    """
    if out.suffix.lower() != ".mp4":
        raise OutputRefused(f"{out}: recordings are exported as MP4", advice="Give a name that ends in .mp4.")
    found = _found(folder, camera, start, end)
    with _Film(out, camera) as film:
        for piece in found:
            try:
                _copy(piece, film, start, end)
            except (MissingInput, NotMedia, DecodeFailure):  # one bad file does not cost the rest of the day
                film.damaged.append(piece.path)
        return film.finish()


def _found(folder: Path, camera: CameraId, start: datetime, end: datetime) -> list[Piece]:
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("moments need a time zone")
    if end <= start:
        raise MissingInput(
            "the time asked for ends before it begins", advice="Give the earlier moment first (--from, then --until)."
        )
    found = pieces(folder, camera, start, end)
    if found:
        return found
    raise MissingInput(
        f"nothing of {camera} was recorded from {_said(start)} to {_said(end)}", advice=_what_there_is(folder, camera)
    )


def _what_there_is(folder: Path, camera: CameraId) -> str:
    """The advice for somebody who asked for a time that is not there."""
    days = days_of(folder, camera)
    first = next((file for day in days for file in files_of(day)), None)
    last = next((file for day in reversed(days) for file in reversed(files_of(day))), None)
    if first is not None and last is not None:
        piece = measured(last.path, last.start)
        until = piece.end if piece is not None else last.start
        return f"Its recordings begin at {_said(first.start)} and end at {_said(until)}; there may be gaps between."
    others = [name for name in cameras_in(folder) if name != camera and days_of(folder, name)]
    if others:
        return f"There are recordings of: {', '.join(others)}."
    return "Nothing has been recorded: add the camera with --record, and let `beholden watch` run."


def _said(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _copy(piece: Piece, film: _Film, start: datetime, end: datetime) -> None:
    """The pictures of one file that are shown between the two moments, and what the first is drawn upon."""
    with OpenedPiece(piece) as opened:
        film.follow(opened.stream)
        waiting: list[Shown] = []
        for shown in opened.pictures():
            if shown.at >= end:
                break
            if shown.packet.is_keyframe and shown.at <= start:
                waiting.clear()
            waiting.append(shown)
            if shown.at > start:
                film.add(waiting)
                waiting.clear()
        film.add(waiting)


class _Film:
    """One MP4 file of copied packets; it appears when `finish` is called, and not at all otherwise."""

    def __init__(self, path: Path, camera: CameraId) -> None:
        """Raises OutputRefused or StorageFull."""
        self._path, self._camera = path, camera
        self._file = PendingFile(path)
        self._stream: av.VideoStream | None = None
        self._codec = ""
        self._start = self._end = datetime.min.replace(tzinfo=UTC)
        self._skipped = timedelta()
        self._gaps: list[Gap] = []
        self.damaged: list[Path] = []
        self._last = -1
        self._pictures = 0
        muxing = {"movflags": "+faststart"}
        try:
            self._container = av.open(self._file, "w", format="mp4", container_options=muxing, io_open=self._again)
        except (FFmpegError, OSError, ValueError) as error:
            self._file.discard()
            raise OutputRefused(f"{path}: cannot be written ({type(error).__name__})") from error

    def _again(self, url: str, flags: int, options: dict[str, str]) -> BinaryIO:
        """The muxer reads its own file once more when it moves the index to the front."""
        return self._file.temporary.open("rb")

    def follow(self, stream: av.VideoStream) -> None:
        """The next packets are of this stream. Raises OutputRefused when they cannot follow those before."""
        if self._stream is None:
            self._codec = stream.codec_context.name
            self._stream = self._container.add_stream_from_template(stream, opaque=True)
        elif self._codec != stream.codec_context.name:
            raise OutputRefused(
                f"the recordings of {self._camera} change their encoding at {_said(self._end)}",
                advice="Export what lies before that moment, and what follows it.",
            )

    def add(self, pictures: list[Shown]) -> None:
        """Copy these. Raises OutputRefused or StorageFull."""
        assert self._stream is not None  # `follow` comes first
        for shown in pictures:
            self._place(shown.at)
            packet = shown.packet
            packet.stream = self._stream
            packet.time_base = Fraction(1, TICKS)
            packet.pts = packet.dts = self._last
            packet.duration = round((shown.until - shown.at).total_seconds() * TICKS)
            try:
                self._container.mux(packet)
            except (FFmpegError, OSError, ValueError) as error:
                raise self._problem(error) from error
            self._end = shown.until
            self._pictures += 1

    def _place(self, at: datetime) -> None:
        """Where in the file a picture of this moment is shown: as it was taken, without the gaps."""
        if not self._pictures:
            self._start = self._end = at
            self._container.metadata["creation_time"] = f"{at:%Y-%m-%dT%H:%M:%S}Z"
        elif at - self._end > GAP:
            self._gaps.append((self._end, at))
            self._skipped += at - self._end
        elif at - self._end < -BACK:
            self._skipped += at - self._end
        self._last = max(self._last + 1, round((at - self._start - self._skipped).total_seconds() * TICKS))

    def finish(self) -> Exported:
        """Give the file its name. Raises MissingInput (no picture came), OutputRefused or StorageFull."""
        if not self._pictures:
            raise MissingInput(
                f"nothing of {self._camera} could be read there", advice="Its files are damaged, or were just deleted."
            )
        try:
            self._container.close()
        except (FFmpegError, OSError, ValueError) as error:
            raise self._problem(error) from error
        self._file.commit()
        return Exported(self._start, self._end, self._pictures, tuple(self._gaps), tuple(self.damaged))

    def _problem(self, error: Exception) -> InputError:
        if self._file.error is not None:
            return output_error(self._path, self._file.error)
        return OutputRefused(f"{self._path}: cannot be written ({type(error).__name__})")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            return
        try:
            self._container.close()
        except (FFmpegError, OSError, ValueError):
            pass  # the file goes anyway
        finally:
            self._file.discard()
