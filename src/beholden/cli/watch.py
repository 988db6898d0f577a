"""`beholden watch`: live lines of who came by, and covered recordings."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from beholden.acts.people import people
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit, opened, parse_moment
from beholden.model.errors import InputError, MissingInput, OutputRefused
from beholden.model.frame import CoveredFrame
from beholden.model.ids import CameraId, SubjectId
from beholden.model.match import Known, Match, Undecided
from beholden.pipeline.ports import TrackDecision
from beholden.storage.folder import DataFolder
from beholden.video.record import Recorder
from beholden.wiring import Watch, load_faces, now

Label = Callable[[SubjectId], str]


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: beholden watch lobby.mp4 --place lobby --save covered.mp4")(watch)


def watch(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Videos, photos or folders.")],
    place: Annotated[
        str | None, typer.Option(help="Play a camera of this place (rehearsal only); without it, a file is a file.")
    ] = None,
    camera: Annotated[str | None, typer.Option(help="Name of the camera; the file's name if left out.")] = None,
    at: Annotated[str | None, typer.Option(help="When it was taken (ISO 8601); now if left out.")] = None,
    save: Annotated[Path | None, typer.Option(help="Write covered video here (a folder for several sources).")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print each decision with its reasons.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Watch sources one after the other. Each line: time, source, who or "unknown", why.

    Everybody's face is covered in what is saved, also a named person's. A file that breaks off is
    watched up to the break; the others are watched all the same.
    """
    paths = [_path(source) for source in sources]
    targets = _targets(paths, save)
    with opened(data) as (folder, settings):
        watching = Watch(folder, load_faces(settings, data), settings)
        started = parse_moment(at) or now()
        label = _labels(folder)
        broken: list[InputError] = []
        for path, target in zip(paths, targets, strict=True):
            try:
                _watch_one(
                    watching, path, camera or _camera_name(path), place, started, target, label, explain, as_json
                )
            except InputError as error:
                if len(paths) == 1:
                    raise
                typer.echo(f"beholden: {error.one_line()}", err=True)
                broken.append(error)
    if broken:
        raise typer.Exit(broken[0].exit_code)


def _watch_one(
    watching: Watch,
    path: Path,
    camera: str,
    place: str | None,
    started: datetime,
    target: Path | None,
    label: Label,
    explain: bool,
    as_json: bool,
) -> None:
    viewpoint = watching.viewpoint(CameraId(camera), place)
    recording = watching.settings.recording
    broken: InputError | None = None
    with watching.source(path, viewpoint.camera, started) as source, ExitStack() as stack:
        show: Callable[[CoveredFrame], None] | None = None
        if target is not None:
            recorder = Recorder(
                target, codec=recording.codec, crf=recording.crf, rate=watching.settings.recognition.rate
            )
            show = stack.enter_context(recorder).write
        try:
            for decision in watching.run(source, viewpoint, show):
                _say(decision, path.name, label, explain, as_json)
        except (OutputRefused, OSError):
            raise
        except InputError as error:
            # What came before the break is worth keeping: the recording is finished, then the error is told.
            broken = error
    if broken is not None:
        raise broken
    if target is not None and not as_json:
        typer.echo(f"covered: {target}", err=True)


def _say(decision: TrackDecision, source: str, label: Label, explain: bool, as_json: bool) -> None:
    match = decision.match
    who = _who(match, label)
    if as_json:
        emit(
            {
                "at": decision.at.isoformat(timespec="milliseconds"),
                "offset_s": round(decision.offset_s, 3),
                "source": source,
                "camera": decision.viewpoint.camera,
                "place": None if decision.viewpoint.place is None else decision.viewpoint.place.id,
                "track": decision.track,
                "answer": type(match).__name__.lower(),
                "who": label(match.subject) if isinstance(match, Known) else None,
                "reason": str(match.why.reason),
                "why": match.why.in_words(),
                "ended": decision.ended,
            }
        )
        return
    if decision.ended and not explain:
        return
    clock = str(timedelta(seconds=round(decision.offset_s, 1)))[:9].removesuffix("00000")
    ending = "  (gone)" if decision.ended else ""
    typer.echo(f"{clock:>9}  {source}  {who}  - {match.why.in_words()}{ending}")
    if explain:
        typer.echo(f"           track {decision.track}, {_rate_in_words(match)}")


def _rate_in_words(match: Match) -> str:
    why = match.why
    if why.error_rate is None:
        return "no comparison was made"
    reach = "; beyond the measured data, extrapolated" if why.extrapolated else ""
    return f"held to {why.error_rate:g} strangers named per track{reach}"


def _who(match: Match, label: Label) -> str:
    if isinstance(match, Known):
        return label(match.subject)
    return "undecided" if isinstance(match, Undecided) else "unknown"


def _labels(folder: DataFolder) -> Label:
    """Names by subject, asked for again when a new one turns up."""
    known: dict[SubjectId, str] = {}

    def label(subject: SubjectId) -> str:
        if subject not in known:
            known.update({person.id: person.label or person.id for person in people(folder.office)})
        return known.get(subject, subject)

    return label


def _path(source: str) -> Path:
    if re.match(r"^[a-zA-Z][a-zA-Z0-9+.-]*://", source):
        raise MissingInput(
            f"{source.split('://', 1)[0]} streams are not opened by this version", advice="Give a file or a folder."
        )
    return Path(source)


def _camera_name(path: Path) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-")[:60] or "camera"


def _targets(paths: list[Path], save: Path | None) -> list[Path | None]:
    """Where each source's covered video goes: one file, or a file per source in a folder."""
    if save is None:
        return [None] * len(paths)
    if len(paths) == 1 and save.suffix:
        return [save]
    try:
        save.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputRefused(f"{save}: cannot be made ({error.strerror})") from error
    names: list[Path | None] = []
    for number, path in enumerate(paths, 1):
        target = save / f"{path.stem}.covered.mp4"
        names.append(save / f"{path.stem}.{number}.covered.mp4" if target in names else target)
    return names
