"""`beholden watch`: live lines of who came by, and covered recordings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.account_names import Names
from beholden.cli.account_options import AccountName, KeyFile, signer
from beholden.cli.live import LiveTelling, watch_live
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, hold_looser, opened, parse_moment
from beholden.cli.watch_files import Job, camera_name, path_of, targets_of, watch_file
from beholden.cli.watch_lines import Telling, say_not_named
from beholden.model.errors import MissingInput, SettingsError
from beholden.model.ids import CameraId, PlaceId

if TYPE_CHECKING:
    from beholden.settings import Settings


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
        help="Live cameras: tell what happens at this place only; an account sees one place during a shift. Files: "
        "play a camera of this place (rehearsal only); without it only grants for photos, or with the recordings box "
        "ticked, count.",
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
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Watch all live cameras at once, or files one after the other.

    Of cameras: a table of how each is doing, and who came. Of files each line is: time into the source,
    source, face, who or "unknown", why. Everybody's face is covered in what is saved, also a named
    person's. A file that breaks off is watched up to the break; the others are watched all the same.

    Outside a rehearsal a name is shown to an operator's account only, of one place during a shift, and each sighting
    counts (docs/oversight.md).
    """
    from beholden.consent.oversight.displays import Way
    from beholden.wiring.clock import now
    from beholden.wiring.engine import load_faces
    from beholden.wiring.files import Watch

    if not sources:
        _refuse_for_files_only(camera=camera, at=at, save=save)
        _live(data, seconds, place, (account, key), explain=explain, as_json=as_json)
        return
    if seconds is not None:
        raise typer.BadParameter("is for live cameras; files are watched to their end", param_hint="--seconds")
    paths = [path_of(source) for source in sources]
    targets = targets_of(paths, save, force=force)
    began = parse_moment(at)
    exit_code = 0
    with opened(data) as (acting, asked):
        settings = hold_looser(acting, asked, data)
        watching = Watch(acting, load_faces(settings, data), settings)
        names = Names(acting, signer(acting, account, key), Way.PLAYBACK)
        telling = Telling(names, explain, as_json, acting.rehearsal)
        if explain:
            say_not_named(acting, telling.label)
        for path, target in zip(paths, targets, strict=True):
            job = Job(path, CameraId(camera or camera_name(path)), place, began or now(), target, target != save)
            for problem in watch_file(watching, job, telling):
                typer.echo(f"beholden: {problem.one_line()}", err=True)
                exit_code = exit_code or problem.exit_code
    if exit_code:
        raise typer.Exit(exit_code)


def _refuse_for_files_only(**given: object) -> None:
    named = [f"--{name}" for name, value in given.items() if value is not None]
    if named:
        raise typer.BadParameter("is for files; live cameras have a place and record by themselves", param_hint=named)


def _live(
    data: Path,
    seconds: float | None,
    place: str | None,
    by: tuple[str | None, Path | None],
    *,
    explain: bool,
    as_json: bool,
) -> None:
    from beholden.acts.camera import cameras
    from beholden.consent.oversight.displays import Way
    from beholden.process import keepers_command, workers_command
    from beholden.wiring.live import LiveSystem

    with opened(data) as (acting, settings):
        looking = hold_looser(acting, settings, data)
        rehearsal = acting.rehearsal
        there = acting.do(cameras)
        if not there:
            raise MissingInput("there are no cameras here", advice="Add one: `beholden camera add`. Or give a file.")
        at = one_place(place, None if by == (None, None) else [each.place for each in there], settings)
    workers = workers_command(data, rehearsal=rehearsal)
    keepers = keepers_command(data)
    with LiveSystem(data, settings, keepers, workers, rehearsal=rehearsal, looking=looking) as system:
        names = Names(system.acting, signer(system.acting, *by), Way.FEED)
        if explain:
            say_not_named(system.acting, names)
        watch_live(system, LiveTelling(names, explain, as_json, rehearsal, at), seconds)


def one_place(asked: str | None, signed_for: Sequence[PlaceId] | None, settings: Settings) -> PlaceId | None:
    """The place that is told of; None: all. `signed_for`: where cameras are, if it is an account that watches.

    Raises SettingsError for a place that there is not, and for an account that does not say which.
    """
    if asked is not None:
        return PlaceId(settings.place(asked).id)
    if signed_for is not None and len(places := sorted(set(signed_for))) > 1:
        raise SettingsError(
            "an account sees the sightings of one place during a shift",
            advice=f"Say which with --place: {', '.join(places)}.",
        )
    return None
