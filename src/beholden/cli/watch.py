"""`beholden watch`: live lines of who came by, and covered recordings."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.live import LiveTelling, watch_live
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit, opened, parse_moment
from beholden.model.errors import InputError, MissingInput, OutputRefused, StorageFull
from beholden.model.ids import CameraId, SubjectId
from beholden.model.match import Known, Match, Reason, Undecided

if TYPE_CHECKING:
    from beholden.pipeline.ports import Show, TrackDecision
    from beholden.supervise.keeper.acting import Acting
    from beholden.wiring.files import Watch

Label = Callable[[SubjectId], str]


@dataclass(frozen=True, slots=True)
class _Telling:
    """How decisions are told: names by subject, with every reason or without, as lines or as JSON."""

    label: Label
    explain: bool
    as_json: bool
    rehearsal: bool


@dataclass(frozen=True, slots=True)
class _Job:
    """One source as it is watched: where from, when it began, and where its covered video goes.

    `in_folder`: the target lies in a folder that may have to be made.
    """

    path: Path
    camera: CameraId
    place: str | None
    started_at: datetime
    target: Path | None
    in_folder: bool


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: beholden watch lobby.mp4 --place lobby --save covered.mp4")(watch)


Sources = Annotated[
    list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Videos, photos or folders. None: all live cameras.")
]
PlaceName = Annotated[
    str | None,
    typer.Option(
        "--place",
        metavar="NAME",
        help="Play a camera of this place (rehearsal only). Without it a file is a file: only grants for photos, or "
        "with the recordings box ticked, count.",
    ),
]
CameraName = Annotated[
    str | None, typer.Option("--camera", metavar="NAME", help="Name of the camera; the file's name if left out.")
]
Began = Annotated[
    str | None, typer.Option("--at", metavar="MOMENT", help="When the recording began (ISO 8601); now if left out.")
]
Save = Annotated[
    Path | None,
    typer.Option(
        "--save", readable=False, metavar="FILE", help="Write covered video here (a folder for several sources)."
    ),
]
Seconds = Annotated[
    float | None,
    typer.Option("--seconds", min=0.1, metavar="S", help="Live cameras: stop after so long; else at Ctrl-C."),
]
Explain = Annotated[bool, typer.Option("--explain", help="Print what each name was held to, and how each track ended.")]


def watch(
    sources: Sources = None,
    place: PlaceName = None,
    camera: CameraName = None,
    at: Began = None,
    save: Save = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Write over a file that is there.")] = False,
    seconds: Seconds = None,
    explain: Explain = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Watch all live cameras at once, or files one after the other.

    Of cameras: a table of how each is doing, and who came. Of files each line is: time into the source,
    source, face, who or "unknown", why. Everybody's face is covered in what is saved, also a named
    person's. A file that breaks off is watched up to the break; the others are watched all the same.
    """
    from beholden.wiring.clock import now
    from beholden.wiring.engine import load_faces
    from beholden.wiring.files import Watch

    if not sources:
        _refuse_for_files_only(place=place, camera=camera, at=at, save=save)
        _live(data, seconds, explain=explain, as_json=as_json)
        return
    if seconds is not None:
        raise typer.BadParameter("is for live cameras; files are watched to their end", param_hint="--seconds")
    paths = [_path(source) for source in sources]
    targets = _targets(paths, save, force=force)
    began = parse_moment(at)
    exit_code = 0
    with opened(data) as (acting, settings):
        watching = Watch(acting, load_faces(settings, data), settings)
        telling = _Telling(_labels(acting), explain, as_json, acting.rehearsal)
        for path, target in zip(paths, targets, strict=True):
            job = _Job(path, CameraId(camera or _camera_name(path)), place, began or now(), target, target != save)
            for problem in _problems(watching, job, telling):
                typer.echo(f"beholden: {problem.one_line()}", err=True)
                exit_code = exit_code or problem.exit_code
    if exit_code:
        raise typer.Exit(exit_code)


def _refuse_for_files_only(**given: object) -> None:
    named = [f"--{name}" for name, value in given.items() if value is not None]
    if named:
        raise typer.BadParameter("is for files; live cameras have a place and record by themselves", param_hint=named)


def _live(data: Path, seconds: float | None, *, explain: bool, as_json: bool) -> None:
    from beholden.acts.camera import cameras
    from beholden.process import keepers_command, workers_command
    from beholden.wiring.live import LiveSystem

    with opened(data) as (acting, settings):
        rehearsal = acting.rehearsal
        if not acting.do(cameras):
            raise MissingInput("there are no cameras here", advice="Add one: `beholden camera add`. Or give a file.")
    workers = workers_command(data, rehearsal=rehearsal)
    with LiveSystem(data, settings, keepers_command(data), workers, rehearsal=rehearsal) as system:
        watch_live(system, LiveTelling(_labels(system.acting), explain, as_json, rehearsal), seconds)


def _problems(watching: Watch, job: _Job, telling: _Telling) -> list[InputError]:
    """Watch one source; what was wrong with it. A problem of the output is everybody's, and raised."""
    try:
        return _watch_one(watching, job, telling)
    except (OutputRefused, StorageFull):
        raise
    except InputError as error:
        return [error]


def _watch_one(watching: Watch, job: _Job, telling: _Telling) -> list[InputError]:
    from beholden.video.source import Folder

    viewpoint = watching.viewpoint(job.camera, job.place)
    tracks: dict[str, Reason] = {}
    broken: list[InputError] = []
    with watching.source(job.path, viewpoint.camera, job.started_at) as source, _recording(watching, job) as show:
        try:
            for decision in watching.run(source, viewpoint, show):
                tracks[decision.track] = decision.match.why.reason
                _say(decision, job.path.name, telling)
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


def _sum_up(job: _Job, tracks: dict[str, Reason]) -> None:
    typer.echo(f"{job.path.name}: {counted(len(tracks), 'face')} followed", err=True)
    if job.place is None and Reason.EMPTY_GALLERY in tracks.values():
        typer.echo("  In a file only grants for photos, or with the recordings box ticked, count.", err=True)
        typer.echo("  In a rehearsal, --place NAME plays a camera of a place.", err=True)
    if job.target is not None:
        typer.echo(f"{job.path.name}: covered in {job.target}", err=True)


@contextmanager
def _recording(watching: Watch, job: _Job) -> Iterator[Show | None]:
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


def _say(decision: TrackDecision, source: str, telling: _Telling) -> None:
    if telling.as_json:
        emit(_as_values(decision, source, telling))
        return
    if decision.ended and not telling.explain:
        return
    match = decision.match
    who = f"{_who(match, telling.label)}{' (gone)' if decision.ended else ''}"
    face = decision.track.rpartition("-")[2]
    typer.echo(f"{_clock(decision.offset_s)}  {source}  face {face}  {who}: {match.why.in_words()}")
    if telling.explain:
        typer.echo(f"           {_rate_in_words(match)}")


def _as_values(decision: TrackDecision, source: str, telling: _Telling) -> dict[str, object]:
    match = decision.match
    return {
        "at": decision.at.isoformat(timespec="milliseconds"),
        "offset_s": round(decision.offset_s, 3),
        "source": source,
        "camera": decision.viewpoint.camera,
        "place": None if decision.viewpoint.place is None else decision.viewpoint.place.id,
        "track": decision.track,
        "answer": type(match).__name__.lower(),
        "who": telling.label(match.subject) if isinstance(match, Known) else None,
        "reason": str(match.why.reason),
        "why": match.why.in_words(),
        "ended": decision.ended,
        "rehearsal": telling.rehearsal,
    }


def _clock(offset_s: float) -> str:
    """Time into the source, cut to tenths: `0:01:05.3`."""
    tenths = int(offset_s * 10 + 1e-6)
    return f"{tenths // 36000}:{tenths // 600 % 60:02}:{tenths // 10 % 60:02}.{tenths % 10}"


def _rate_in_words(match: Match) -> str:
    why = match.why
    if why.error_rate is None:
        return "no comparison was made"
    reach = "; beyond the measured data, extrapolated" if why.extrapolated else ""
    return f"at most {why.error_rate:g} of strangers' tracks may be named{reach}"


def _who(match: Match, label: Label) -> str:
    if isinstance(match, Known):
        return label(match.subject)
    return "undecided" if isinstance(match, Undecided) else "unknown"


def _labels(acting: Acting) -> Label:
    """Names by subject, each asked for once."""
    from beholden.acts.people import name_of

    known: dict[SubjectId, str] = {}

    def label(subject: SubjectId) -> str:
        if subject not in known:
            known[subject] = acting.do(name_of, subject)
        return known[subject]

    return label


def _path(source: str) -> Path:
    if re.match(r"^[a-zA-Z][a-zA-Z0-9+.-]*://", source):
        raise MissingInput(
            f"{source.split('://', 1)[0]} streams are not watched one by one",
            advice="Add the camera to a place (`beholden camera add`), and watch all of them: `beholden watch`.",
        )
    return Path(source)


def _camera_name(path: Path) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-")[:60] or "camera"


def _targets(paths: list[Path], save: Path | None, *, force: bool) -> list[Path | None]:
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
