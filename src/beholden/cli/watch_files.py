"""Files watched one after the other: up to a break, and with a covered video of each where one is wanted."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from beholden.cli.options import counted
from beholden.cli.watch_lines import Telling, say
from beholden.model.errors import InputError, MissingInput, OutputRefused, StorageFull
from beholden.model.ids import CameraId
from beholden.model.match import Reason

if TYPE_CHECKING:
    from beholden.pipeline.ports import Show
    from beholden.wiring.files import Watch


@dataclass(frozen=True, slots=True)
class Job:
    """One source as it is watched: where from, when it began, and where its covered video goes.

    `in_folder`: the target lies in a folder that may have to be made.
    """

    path: Path
    camera: CameraId
    place: str | None
    started_at: datetime
    target: Path | None
    in_folder: bool


def watch_file(watching: Watch, job: Job, telling: Telling) -> list[InputError]:
    """Watch one source; what was wrong with it. A problem of the output is everybody's, and raised."""
    try:
        return _watch_one(watching, job, telling)
    except (OutputRefused, StorageFull):
        raise
    except InputError as error:
        return [error]


def _watch_one(watching: Watch, job: Job, telling: Telling) -> list[InputError]:
    from beholden.video.source import Folder

    viewpoint = watching.viewpoint(job.camera, job.place)
    tracks: dict[str, Reason] = {}
    broken: list[InputError] = []
    with watching.source(job.path, viewpoint.camera, job.started_at) as source, _recording(watching, job) as show:
        try:
            for decision in watching.run(source, viewpoint, show):
                tracks[decision.track] = decision.match.why.reason
                say(decision, job.path.name, telling)
        except (OutputRefused, StorageFull):
            raise
        except InputError as error:
            # What came before the break is worth keeping: the recording is finished, then the error is told.
            broken.append(error)
        if isinstance(source, Folder):
            broken += [error for _, error in source.refused]
    if not telling.as_json:
        _sum_up(job, tracks)
    return broken


def _sum_up(job: Job, tracks: dict[str, Reason]) -> None:
    typer.echo(f"{job.path.name}: {counted(len(tracks), 'face')} followed", err=True)
    if job.place is None and Reason.EMPTY_GALLERY in tracks.values():
        typer.echo("  In a file only grants for photos, or with the recordings box ticked, count.", err=True)
        typer.echo("  In a rehearsal, --place NAME plays a camera of a place.", err=True)
    if job.target is not None:
        typer.echo(f"{job.path.name}: covered in {job.target}", err=True)


@contextmanager
def _recording(watching: Watch, job: Job) -> Iterator[Show | None]:
    """Where covered frames go: the file is there whole when the block ends, and not at all if it raises."""
    if job.target is None:
        yield None
        return
    try:
        if job.in_folder:
            job.target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputRefused(f"{job.target.parent}: cannot be made ({error.strerror})") from error
    try:
        with watching.recorder(job.target) as recorder:
            yield recorder.write
    finally:
        if job.in_folder:
            with contextlib.suppress(OSError):  # it stays where there is something in it
                job.target.parent.rmdir()


def path_of(source: str) -> Path:
    """The path that was given. Raises MissingInput for the address of a stream."""
    if re.match(r"^[a-zA-Z][a-zA-Z0-9+.-]*://", source):
        raise MissingInput(
            f"{source.split('://', 1)[0]} streams are not watched one by one",
            advice="Add the camera to a place (`beholden camera add`), and watch all of them: `beholden watch`.",
        )
    return Path(source)


def camera_name(path: Path) -> str:
    """What the camera is called that a file plays, when nobody says: like the file, in letters of an id."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-")[:60] or "camera"


def targets_of(paths: list[Path], save: Path | None, *, force: bool) -> list[Path | None]:
    """Where each source's covered video goes: one file, or a file per source in a folder. Raises OutputRefused."""
    if save is None:
        return [None] * len(paths)
    if save.suffix and not os.path.isdir(save):
        if len(paths) > 1:
            raise OutputRefused(f"{save}: one file cannot hold {len(paths)} sources", advice="Name a folder.")
        targets = [save]
    else:
        targets = []
        for path in paths:
            target, number = save / f"{path.stem or 'source'}.covered.mp4", 2
            while target in targets:
                target, number = save / f"{path.stem or 'source'}.{number}.covered.mp4", number + 1
            targets.append(target)
    for target in targets:
        if os.path.lexists(target) and not force:
            raise OutputRefused(f"{target} is there already", advice="Name another file, or add --force.")
        if any(os.path.realpath(target) == os.path.realpath(path) for path in paths):
            raise OutputRefused(f"{target}: is one of the sources", advice="Name another file: originals are kept.")
    return list(targets)
