"""The covered timeline of a camera: where its files lie, and what of them is there, read from their names and boxes.

    <folder>/<camera>/<YYYY-MM-DD>/<HH-MM-SS.mmm>Z.mp4        the UTC moment of the file's first picture

A file is fragmented MP4 (ISO/IEC 14496-12): a header, then fragments of a `moof` and an `mdat` box. What
follows the last whole fragment was cut off while it was written, and counts as not there.
"""

from __future__ import annotations

import os
import re
import stat
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from beholden.model.errors import CameraUnknown
from beholden.model.ids import CameraId

MARK = "beholden covered timeline 1"
"""Stands in the header of each file of ours; a file without it is nobody's recording."""
GAP = timedelta(seconds=2)
"""A longer time without a picture is a gap."""
BACK = timedelta(seconds=0.5)
"""A clock that goes back by less is being corrected: its pictures follow each other all the same."""
LONGEST = timedelta(minutes=10)
"""No file is longer, so that whoever looks for a moment need not look far back."""

_CAMERA = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NAME = re.compile(r"(\d{2})-(\d{2})-(\d{2})\.(\d{3})Z(?:-\d{1,2})?\.mp4", re.ASCII)
_MOST_HEADER = 1 << 16
_MOST_MOOF = 1 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """One file: the UTC moments of its first picture and of the end of its last whole one, how many there are, and
    how many bytes from its start are whole."""

    path: Path
    start: datetime
    end: datetime
    pictures: int
    whole: int


@dataclass(frozen=True, slots=True)
class Span:
    """A time that was recorded without a gap, `start` to `end` (UTC), and the files that hold it, oldest first."""

    start: datetime
    end: datetime
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """A file by its name alone: nothing in it was read."""

    path: Path
    start: datetime


def camera_folder(folder: Path, camera: CameraId) -> Path:
    """Where the camera's files lie. Raises CameraUnknown for a name that would lead elsewhere."""
    if not _CAMERA.fullmatch(camera):
        raise CameraUnknown(f"{camera!r} is no name of a camera", advice="A name is of a-z, A-Z, 0-9, dot, - and _.")
    return folder / camera


def file_for(folder: Path, camera: CameraId, start: datetime, attempt: int = 0) -> Path:
    """The name of a file whose first picture is of `start` (aware); `attempt` numbers files of one millisecond.

    Raises CameraUnknown as `camera_folder` does.
    """
    moment = start.astimezone(UTC)
    suffix = f"-{attempt}" if attempt else ""
    name = f"{moment:%H-%M-%S}.{moment.microsecond // 1000:03d}Z{suffix}.mp4"
    return camera_folder(folder, camera) / f"{moment:%Y-%m-%d}" / name


def start_of(path: Path) -> datetime | None:
    """The moment that the last two parts of `path` tell; None when they are not names of ours."""
    name = _NAME.fullmatch(path.name)
    if name is None or not _DAY.fullmatch(path.parent.name):
        return None
    hour, minute, second, milli = (int(part) for part in name.groups())
    try:
        day = date.fromisoformat(path.parent.name)
        return datetime(day.year, day.month, day.day, hour, minute, second, milli * 1000, tzinfo=UTC)
    except ValueError:
        return None


def cameras_in(folder: Path) -> list[CameraId]:
    """The cameras that have a folder here, by name."""
    return [CameraId(name) for name in _folders(folder) if _CAMERA.fullmatch(name)]


def days_of(folder: Path, camera: CameraId) -> list[Path]:
    """The camera's folders of one day each, oldest first. Raises CameraUnknown as `camera_folder` does."""
    home = camera_folder(folder, camera)
    if not _is_folder(home):
        return []
    return [home / name for name in _folders(home) if _DAY.fullmatch(name)]


def files_of(day: Path) -> list[Stored]:
    """The files of one day's folder, by moment; links, folders and names that are not ours are left out."""
    found: list[Stored] = []
    try:
        with os.scandir(day) as entries:
            for entry in entries:
                start = start_of(day / entry.name)
                if start is not None and entry.is_file(follow_symlinks=False):
                    found.append(Stored(day / entry.name, start))
    except OSError:
        return []  # removed in the meantime, or not ours to read: not there
    return sorted(found, key=lambda file: (file.start, len(file.path.name), file.path.name))


def pieces(folder: Path, camera: CameraId, start: datetime, end: datetime) -> list[Piece]:
    """The files with pictures shown between two moments (aware), oldest first; what is torn counts up to the tear.

    Costs two small reads for each second of recording. Raises CameraUnknown as `camera_folder` does.
    """
    earliest = max(start, datetime.min.replace(tzinfo=UTC) + LONGEST) - LONGEST
    first_day, last_day = f"{earliest.astimezone(UTC):%Y-%m-%d}", f"{end.astimezone(UTC):%Y-%m-%d}"
    found: list[Piece] = []
    for day in days_of(folder, camera):
        if not first_day <= day.name <= last_day:
            continue
        for file in files_of(day):
            if not earliest <= file.start < end:
                continue
            piece = measured(file.path, file.start)
            if piece is not None and piece.end > start:
                found.append(piece)
    return found


def spans(folder: Path, camera: CameraId, start: datetime, end: datetime) -> list[Span]:
    """When the camera was recorded between two moments (aware), oldest first: what is between the spans is a gap.

    Raises CameraUnknown as `camera_folder` does.
    """
    return joined(pieces(folder, camera, start, end), start, end)


def joined(found: Sequence[Piece], start: datetime, end: datetime) -> list[Span]:
    """Files as times without a gap, cut to what was asked for. Files may overlap, where a clock was set back."""
    whole: list[Span] = []
    for piece in sorted(found, key=lambda piece: piece.start):
        if whole and piece.start - whole[-1].end <= GAP:
            last = whole[-1]
            whole[-1] = Span(last.start, max(last.end, piece.end), (*last.paths, piece.path))
        else:
            whole.append(Span(piece.start, piece.end, (piece.path,)))
    return [Span(max(span.start, start), min(span.end, end), span.paths) for span in whole]


def open_piece(path: Path) -> int:
    """A file descriptor to read a regular file, never through a link. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise PermissionError(f"{path} is not a regular file")
    return fd


def measured(path: Path, start: datetime) -> Piece | None:
    """What is whole in a file whose first picture is of `start`; None when nothing is, or it is not ours."""
    try:
        fd = open_piece(path)
        try:
            return _measure(fd, os.fstat(fd).st_size, path, start)
        finally:
            os.close(fd)
    except OSError:
        return None  # deleted in the meantime, or not ours to read: not there


def _measure(fd: int, size: int, path: Path, start: datetime) -> Piece | None:
    header, scale, moof = False, 0, b""
    ticks, pictures, whole = 0, 0, 0
    for kind, at, length in _boxes(fd, size):
        if kind == b"moov":
            content = os.pread(fd, min(length, _MOST_HEADER), at)
            header, scale = MARK.encode() in content, _timescale(content)
        elif kind == b"moof":
            moof = os.pread(fd, min(length, _MOST_MOOF), at)
        elif kind == b"mdat" and moof:
            held = _fragment(moof)
            if held is None:
                break
            ticks, pictures, whole, moof = max(ticks, held[0]), pictures + held[1], at + length, b""
    if not header or not scale or not pictures or ticks > 2 * LONGEST.total_seconds() * scale:
        return None
    return Piece(path, start, start + timedelta(seconds=ticks / scale), pictures, whole)


def _boxes(fd: int, size: int) -> Iterator[tuple[bytes, int, int]]:
    """(kind, offset, length) of the outermost boxes that are whole; ends before what is torn or makes no sense."""
    at = 0
    while at + 8 <= size:
        head = os.pread(fd, 8, at)
        if len(head) < 8:
            return
        length = int.from_bytes(head[:4])
        if length < 8 or at + length > size:
            return
        yield head[4:], at, length
        at += length


def _timescale(moov: bytes) -> int:
    """Ticks per second of the one track; 0 when it does not say."""
    at = moov.find(b"mdhd") + 4
    if at < 4 or len(moov) < at + 24:
        return 0
    return int.from_bytes(moov[at + 20 : at + 24] if moov[at] else moov[at + 12 : at + 16])


def _fragment(moof: bytes) -> tuple[int, int] | None:
    """Where one fragment ends, in ticks from the file's start, and how many pictures it holds; None: it makes no sense.

    Reads the boxes tfhd (default duration), tfdt (where it starts) and trun (the duration of each picture).
    """
    try:
        traf = moof.index(b"traf") + 4
        tfhd = moof.index(b"tfhd", traf) + 4
        flags = int.from_bytes(moof[tfhd + 1 : tfhd + 4])
        default = 0
        if flags & 0x8:
            before = 8 + (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0)
            (default,) = struct.unpack_from(">I", moof, tfhd + before)
        tfdt = moof.index(b"tfdt", tfhd) + 4
        (begin,) = struct.unpack_from(">Q" if moof[tfdt] else ">I", moof, tfdt + 4)
        trun = moof.index(b"trun", tfdt) + 4
        flags = int.from_bytes(moof[trun + 1 : trun + 4])
        (count,) = struct.unpack_from(">I", moof, trun + 4)
        if not flags & 0x100:
            return (begin + count * default, count) if count * 4 <= _MOST_MOOF else None
        step = 4 * sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
        at = trun + 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
        durations = (struct.unpack_from(">I", moof, at + number * step)[0] for number in range(count))
        return begin + sum(durations), count
    except (ValueError, struct.error, IndexError):
        return None


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def _folders(folder: Path) -> list[str]:
    """Names of the folders in `folder`, sorted; links are left out."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []
