"""Where frames come from: a video, a still, or a folder of both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import cv2
import numpy as np

from beholden.model.errors import EmptyInput, InputError, InputTooLarge, MissingInput
from beholden.model.frame import Frame, Pixels
from beholden.model.ids import CameraId
from beholden.video.film import Film
from beholden.video.info import SourceInfo
from beholden.video.limits import Limits
from beholden.video.picture import StillDetail, fit
from beholden.video.still import looks_still, open_file, read_still

_BETWEEN_S = 1.0  # stills have no time: they are put this far apart
_STILLS = ("jpg", "jpeg", "jpe", "mpo", "png", "webp", "bmp", "tif", "tiff", "pgm", "ppm", "pbm", "avif")
_VIDEOS = ("mp4", "m4v", "mov", "3gp", "mkv", "webm", "avi", "ts", "mts", "m2ts", "mpg", "mpeg", "ogg", "ogv", "flv")
_RARER = ("gif", "wmv", "asf", "h264", "264", "h265", "265", "hevc", "mjpeg", "ivf", "obu", "mxf")
SUFFIXES = frozenset(f".{name}" for name in (*_STILLS, *_VIDEOS, *_RARER))
"""Names of files that a folder is searched for; a file given by its own path is judged by its content."""


class Source(Protocol):
    """Frames of one file or folder, in order, once.

    `decoded` counts pictures decoded so far, analysed or not; `damaged` those passed over;
    `position_s` is the newest time reached, `progress` 0 to 1 or None when the length is unknown;
    `current` is the file being read.
    """

    info: SourceInfo

    @property
    def decoded(self) -> int: ...

    @property
    def damaged(self) -> int: ...

    @property
    def position_s(self) -> float: ...

    @property
    def progress(self) -> float | None: ...

    @property
    def current(self) -> Path: ...

    def frames(self) -> Iterator[Frame]: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_source(
    path: Path | str,
    *,
    camera: CameraId,
    started_at: datetime,
    analysis: tuple[int, int] | None = (640, 360),
    rate: float | None = 5.0,
    limits: Limits | None = None,
) -> Source:
    """Open a video, an image or a folder; the first picture of a video is decoded at once.

    `started_at` (aware) is the moment of offset 0. `analysis` is the box (width, height) that
    `Frame.pixels` fits in, shape kept, never enlarged; None = own size. `rate` analysed frames per
    second, chosen by presentation time; None = every one. Paths only: an address is no such file.

    Raises MissingInput, EmptyInput, NotMedia, InputTooLarge, SourceLost (cut off before the first
    picture) or DecodeFailure.
    """
    if started_at.tzinfo is None:
        raise ValueError("started_at needs a time zone")
    if rate is not None and not rate > 0:
        raise ValueError("rate is a positive number of frames per second, or None")
    path = Path(path)
    limits = limits or Limits()
    try:
        folder = path.is_dir()
    except (OSError, ValueError) as error:
        raise MissingInput(f"{path}: cannot be read") from error
    if folder:
        return Folder(path, camera=camera, started_at=started_at, analysis=analysis, rate=rate, limits=limits)
    file, _ = open_file(path)
    head = file.read(32)
    file.seek(0)
    if looks_still(head):
        file.close()
        return Still(path, camera=camera, started_at=started_at, analysis=analysis, limits=limits)
    return Film(path, file, camera=camera, started_at=started_at, analysis=analysis, rate=rate, limits=limits)


class Still:
    """One image: a single frame at offset 0. Raises what `read_still` raises, when made."""

    def __init__(
        self,
        path: Path,
        *,
        camera: CameraId,
        started_at: datetime,
        analysis: tuple[int, int] | None,
        limits: Limits,
    ) -> None:
        pixels = read_still(path, limits)
        size = pixels.shape[1], pixels.shape[0]
        self.info = SourceInfo(path=path, kind="still", codec=path.suffix.lstrip(".").lower() or "image", size=size)
        self.decoded, self.damaged = 1, 0
        self._frame = Frame(camera, 0, started_at, 0.0, shrunk(pixels, analysis), StillDetail(pixels))
        self._done = False

    def frames(self) -> Iterator[Frame]:
        """The one frame, once."""
        if not self._done:
            self._done = True
            yield self._frame

    @property
    def position_s(self) -> float:
        return 0.0

    @property
    def progress(self) -> float | None:
        return float(self._done)

    @property
    def current(self) -> Path:
        return self.info.path

    def close(self) -> None:
        self._done = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def shrunk(pixels: Pixels, box: tuple[int, int] | None) -> Pixels:
    """`pixels` made to fit `box` by area averaging; read-only."""
    size = fit((pixels.shape[1], pixels.shape[0]), box)
    if size != (pixels.shape[1], pixels.shape[0]):
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    pixels.flags.writeable = False
    return pixels


class Folder:
    """The images and videos of one folder, by name; subfolders, hidden files and other files are left out.

    Subfolders are not entered: a folder of photos is a choice, and what lies below it was perhaps
    not part of that choice. A file that cannot be read does not end the run: it is put in
    `refused` with its error. Stills are one second apart; videos take their own time.
    """

    def __init__(
        self,
        path: Path,
        *,
        camera: CameraId,
        started_at: datetime,
        analysis: tuple[int, int] | None,
        rate: float | None,
        limits: Limits,
    ) -> None:
        """Raises MissingInput, EmptyInput (nothing to read) or InputTooLarge (too many files)."""
        self._camera, self._started_at = camera, started_at
        self._analysis, self._rate, self._limits = analysis, rate, limits
        self._files = media_in(path, limits)
        self.info = SourceInfo(path=path, kind="folder", codec="folder", size=None, pictures=len(self._files))
        self.refused: list[tuple[Path, InputError]] = []
        self.damaged = 0
        self._decoded_before = 0
        self._at = 0
        self._open: Source | None = None
        self._offset = 0.0

    def frames(self) -> Iterator[Frame]:
        """The frames of all files, offsets strictly increasing.

        Raises the first file's error if not one file gave a picture.
        """
        index = 0
        for at, path in enumerate(self._files):
            self._at = at
            try:
                for number, frame in enumerate(self._frames_of(path)):
                    yield self._moved(frame, index, cut=number == 0)
                    index += 1
            except InputError as error:
                self.refused.append((path, error))
            finally:
                self._leave()
        self._at = len(self._files)
        if index == 0 and self.refused:
            raise self.refused[0][1]

    def _frames_of(self, path: Path) -> Iterator[Frame]:
        self._open = open_source(
            path,
            camera=self._camera,
            started_at=self._started_at,
            analysis=self._analysis,
            rate=self._rate,
            limits=self._limits,
        )
        yield from self._open.frames()

    def _moved(self, frame: Frame, index: int, *, cut: bool) -> Frame:
        offset = self._offset + frame.offset_s
        moment = self._started_at + timedelta(seconds=offset)
        return Frame(frame.camera, index, moment, offset, frame.pixels, frame.detail, cut)

    def _leave(self) -> None:
        if self._open is not None:
            self._offset += self._open.position_s + _BETWEEN_S
            self._decoded_before += self._open.decoded
            self.damaged += self._open.damaged
            self._open.close()
            self._open = None

    @property
    def decoded(self) -> int:
        return self._decoded_before + (self._open.decoded if self._open else 0)

    @property
    def position_s(self) -> float:
        return self._offset + (self._open.position_s if self._open else 0.0)

    @property
    def progress(self) -> float | None:
        within = (self._open.progress or 0.0) if self._open else 0.0
        return min(1.0, (self._at + within) / len(self._files))

    @property
    def current(self) -> Path:
        return self._files[min(self._at, len(self._files) - 1)]

    def close(self) -> None:
        self._leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def media_in(path: Path, limits: Limits) -> list[Path]:
    """The images and videos of a folder, by name, chosen by their suffix (see `Folder`).

    Raises MissingInput, EmptyInput (none there) or InputTooLarge (too many).
    """
    try:
        files = [
            entry
            for entry in path.iterdir()
            if entry.suffix.lower() in SUFFIXES and not entry.name.startswith(".") and entry.is_file()
        ]
    except OSError as error:
        raise MissingInput(f"{path}: the folder cannot be read ({error.strerror})") from error
    if not files:
        raise EmptyInput(f"{path}: no images or videos in this folder", advice="Subfolders are not searched.")
    if len(files) > limits.max_folder:
        raise InputTooLarge(f"{path}: {len(files)} files are past the limit of {limits.max_folder}")
    return sorted(files, key=lambda entry: entry.name)
