"""Cover every face in photos, videos and folders, at full size: a redaction tool that names nobody."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from beholden.faces.detect import COVER_BORDER
from beholden.faces.engine import FaceFinder
from beholden.faces.tracker import Tracker, unfollowed
from beholden.model.errors import DecodeFailure, InputError, ModelError, OutputRefused, SourceLost, StorageFull
from beholden.model.frame import CoveredFrame, Frame, Pixels
from beholden.model.ids import CameraId, new_epoch
from beholden.video.cover import Coverer, cover, cover_whole
from beholden.video.limits import Limits
from beholden.video.picture import StillDetail
from beholden.video.record import Recorder
from beholden.video.snapshot import save_snapshot
from beholden.video.source import Source, media_in, open_source
from beholden.video.still import looks_still, open_file

STILL_SIDES = (1 << 16, 2560, 1280, 640, 320)
"""Longer sides at which a photo is searched; the first is its own size."""
VIDEO_SIDES = (1 << 16, 640)
"""The same for video: its own size finds small faces, 640 those that fill the picture."""
_START = datetime(2000, 1, 1, tzinfo=UTC)
"""A file that is only covered has no moment; nothing reads this one."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """What was done: files written, pictures in them, pictures with a cover, pictures covered whole.

    `failures` are (path, error) of the files of a folder that could not be covered; the others are done.
    """

    files: int = 0
    pictures: int = 0
    with_covers: int = 0
    whole: int = 0
    failures: tuple[tuple[Path, InputError], ...] = ()

    def plus(self, other: Redaction) -> Redaction:
        return Redaction(
            self.files + other.files,
            self.pictures + other.pictures,
            self.with_covers + other.with_covers,
            self.whole + other.whole,
            self.failures + other.failures,
        )


@dataclass(frozen=True, slots=True)
class RedactionOptions:
    """Limits on what is read, and the encoder of what is written (`crf` None: the encoder's usual one).

    `overwrite`: files that are there already may be replaced; otherwise they are refused before any work.
    """

    limits: Limits = field(default_factory=Limits)
    codec: str = "libx264"
    crf: int | None = None
    overwrite: bool = False


Progress = Callable[[Path, float | None], None]
"""Called with the file being read and how much of it is done, 0-1, or None when its length is unknown."""


def redact(
    source: Path,
    out: Path,
    finder: FaceFinder,
    options: RedactionOptions | None = None,
    progress: Progress | None = None,
) -> Redaction:
    """Write `source` (image, video or folder) to `out` with every detected face covered.

    A folder is written to a folder, images as .jpg, videos as .mp4; its subfolders are not entered.
    Neither sound nor metadata is copied. A file that breaks off is written up to the break, and then SourceLost or
    DecodeFailure is raised; in a folder it is listed in `failures`. Raises also what `open_source`,
    `Recorder` and `save_snapshot` raise.
    """
    options = options or RedactionOptions()
    here, there = Path(os.path.realpath(source)), Path(os.path.realpath(out))
    folder = os.path.isdir(source)
    if here == there or (folder and here in there.parents):
        raise OutputRefused(f"{out}: lies on or inside the source", advice="Name another place: originals are kept.")
    if folder:
        return _redact_folder(source, out, finder, options, progress)
    _refuse_taken([out], options)
    return _redact_file(source, out, finder, options, progress)


def _refuse_taken(targets: Iterable[Path], options: RedactionOptions) -> None:
    for target in targets:
        if os.path.lexists(target) and not options.overwrite:
            raise OutputRefused(f"{target} is there already", advice="Name another one, or add --force.")


def _redact_folder(
    source: Path, out: Path, finder: FaceFinder, options: RedactionOptions, progress: Progress | None
) -> Redaction:
    total = Redaction()
    files = media_in(source, options.limits)
    names = _output_names(files, out)
    _refuse_taken(names, options)
    made = not os.path.lexists(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputRefused(f"{out}: cannot be made ({error.strerror})") from error
    try:
        for done, (path, target) in enumerate(zip(files, names, strict=True)):
            within = _within_folder(progress, done, len(files))
            within(path, 0.0)
            try:
                total = total.plus(_redact_file(path, target, finder, options, within))
            except (OutputRefused, StorageFull):
                raise
            except InputError as error:
                total = replace(total, failures=(*total.failures, (path, error)))
    finally:
        if made:
            with contextlib.suppress(OSError):  # it stays as soon as there is something in it
                out.rmdir()
    return total


def _within_folder(progress: Progress | None, done: int, files: int) -> Progress:
    """Progress of one file as progress of the folder."""

    def report(path: Path, part: float | None) -> None:
        if progress is not None:
            progress(path, (done + (part or 0.0)) / files)

    return report


def _output_names(files: list[Path], out: Path) -> list[Path]:
    """Where each file goes. `a.png` beside `a.jpg` becomes `a.png.jpg`: no two go to one place."""
    names: list[Path] = []
    taken: set[Path] = set()
    for path in files:
        suffix = ".jpg" if _still(path) else ".mp4"
        target = out / f"{path.stem}{suffix}"
        if target in taken:
            target = out / f"{path.name}{suffix}"
        while target in taken:
            target = target.with_name(f"_{target.name}")
        taken.add(target)
        names.append(target)
    return names


def _still(path: Path) -> bool:
    """By its first bytes; a file that cannot be read has no name to give, and is told of when its turn comes."""
    try:
        file, _ = open_file(path)
        with file:
            return looks_still(file.read(32))
    except (InputError, OSError):
        return False


def _redact_file(
    source: Path, out: Path, finder: FaceFinder, options: RedactionOptions, progress: Progress | None
) -> Redaction:
    camera = CameraId("redact")
    with open_source(
        source, camera=camera, started_at=_START, analysis=None, rate=None, limits=options.limits
    ) as opened:
        if opened.info.kind == "still":
            covered = _cover_still(next(iter(opened.frames())), finder)
            save_snapshot(covered, out)
            return _counted(Redaction(files=1), covered)
        return _redact_video(opened, out, finder, options, progress)


def _redact_video(
    opened: Source, out: Path, finder: FaceFinder, options: RedactionOptions, progress: Progress | None
) -> Redaction:
    done = Redaction(files=1)
    broken: InputError | None = None
    with Recorder(out, codec=options.codec, crf=options.crf, rate=opened.info.frame_rate or 25.0) as recorder:
        coverer, tracker = Coverer(), Tracker(new_epoch())
        frames = opened.frames()
        while True:
            try:
                frame = next(frames, None)
            except (SourceLost, DecodeFailure) as error:
                frame, broken = None, error
            ready = coverer.flush() if frame is None else _cover_next(frame, finder, tracker, coverer)
            for covered in ready:
                recorder.write(covered)
                done = _counted(done, covered)
            if frame is None:
                break
            if progress is not None:
                progress(opened.current, opened.progress)
    if broken is not None:
        raise broken
    return done


def _cover_next(frame: Frame, finder: FaceFinder, tracker: Tracker, coverer: Coverer) -> list[CoveredFrame]:
    """Detect at full size, follow, and cover; what may leave now."""
    try:
        faces = finder.detector.detect_at_scales(frame.pixels, finder.cover_score, VIDEO_SIDES, COVER_BORDER)
    except ModelError:
        return list(coverer.push(frame, (), failed=True))
    tracks = tracker.update(faces, frame.offset_s)
    return list(coverer.push(frame, tracks, unfollowed(faces, tracks)))


def _cover_still(frame: Frame, finder: FaceFinder) -> CoveredFrame:
    try:
        faces = finder.detector.detect_at_scales(frame.pixels, finder.cover_score, STILL_SIDES, COVER_BORDER)
    except ModelError:
        return cover_whole(frame)
    return cover(frame, [face.box for face in faces])


def cover_pixels(pixels: Pixels, finder: FaceFinder) -> CoveredFrame:
    """One picture in memory (HxWx3 uint8 BGR), every detected face covered; whole when the detector fails."""
    return _cover_still(Frame(CameraId("redact"), 0, _START, 0.0, pixels, StillDetail(pixels)), finder)


def _counted(so_far: Redaction, covered: CoveredFrame) -> Redaction:
    return replace(
        so_far,
        pictures=so_far.pictures + 1,
        with_covers=so_far.with_covers + (covered.covers > 0),
        whole=so_far.whole + covered.whole,
    )
