"""`beholden camera add|list|pause|resume|zones|press|remove|check`: the live cameras of the places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.account_options import AccountName, Asking, KeyFile, RequestDigest, warrant_of
from beholden.cli.camera_add import add
from beholden.cli.camera_zone import ZoneTexts, parse_zone
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit, opened
from beholden.model.errors import CameraUnknown, KeyDestroyed, OutputRefused
from beholden.model.ids import CameraId

if TYPE_CHECKING:
    from beholden.pipeline.check import CheckReport

Name = Annotated[str, typer.Argument(metavar="NAME", help="The camera's name.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="The live cameras of the places.", no_args_is_help=True, rich_markup_mode=None)
    group.command(
        epilog="Example: beholden camera add door rtsp://viewer@192.168.1.20:554/stream2 --place lobby "
        "--main rtsp://viewer@192.168.1.20:554/stream1"
    )(add)
    group.command("list", epilog="Example: beholden camera list --json")(list_cameras)
    group.command(epilog="Example: beholden camera pause door")(pause)
    group.command(epilog="Example: beholden camera resume door")(resume)
    group.command(epilog='Example: beholden camera zones door --zone "0,0 0.3,0 0.3,1 0,1"')(zones)
    group.command(epilog="Example: beholden camera press door")(press)
    group.command(epilog="Example: beholden camera remove door --yes")(remove)
    group.command(epilog="Example: beholden camera check door --seconds 30 --picture door.jpg")(check)
    app.add_typer(group, name="camera", epilog="Example: beholden camera list")


def list_cameras(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """The cameras, without addresses: those are sealed."""
    from beholden.acts.camera import ADD_AGAIN, KEY_LOST, cameras, unopened_cameras

    with opened(data) as (acting, _):
        known, lost = acting.do(cameras), acting.do(unopened_cameras)
    if as_json:
        for camera in known:
            emit(
                {
                    "camera": camera.id,
                    "place": camera.place,
                    "paused": camera.paused,
                    "key_lost": camera.id in lost,
                    "record": camera.record,
                    "zones": [[list(corner) for corner in zone.corners] for zone in camera.zones],
                    "added": camera.added_at.isoformat(timespec="seconds"),
                }
            )
        return
    if not known:
        typer.echo("No cameras yet: `beholden camera add`.")
        return
    width = max(6, *(len(camera.id) for camera in known))
    typer.echo(f"{'CAMERA'.ljust(width)}  PLACE         STATE   RECORDED  ZONES  ADDED")
    for camera in known:
        state = "lost" if camera.id in lost else "paused" if camera.paused else "on"
        kept = "yes" if camera.record else "no"
        typer.echo(
            f"{camera.id.ljust(width)}  {camera.place:<12}  {state:<6}  {kept:<8}  {len(camera.zones):<5}  "
            f"{camera.added_at:%Y-%m-%d}"
        )
    if lost:
        typer.echo(f"Lost: {KEY_LOST}. {ADD_AGAIN}")


def pause(name: Name, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Stop looking through a camera; within a second everywhere. `resume` begins again."""
    from beholden.acts.camera import pause_camera

    with opened(data) as (acting, _):
        acting.do(pause_camera, CameraId(name))
    emit({"camera": name, "paused": True}) if as_json else typer.echo(f"Paused {name}.")


def resume(name: Name, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Look through a paused camera again."""
    from beholden.acts.camera import resume_camera

    with opened(data) as (acting, _):
        acting.do(resume_camera, CameraId(name))
    emit({"camera": name, "paused": False}) if as_json else typer.echo(f"Resumed {name}.")


def zones(
    name: Name,
    zone: ZoneTexts = None,
    request: RequestDigest = None,
    account: AccountName = None,
    key: KeyFile = None,
    asking: Asking = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Replace the privacy zones of a camera; without --zone it has none. Outside a rehearsal somebody else must
    approve it first."""
    from beholden.acts.approvals.camera import zones_particulars
    from beholden.acts.camera import set_zones
    from beholden.consent.oversight.rules import Act

    shapes = tuple(parse_zone(text) for text in zone or [])
    with opened(data) as (acting, _):
        about = zones_particulars(CameraId(name), shapes)
        warrant = warrant_of(acting, Act.CAMERA_PLACE, about, request=request, account=account, key=key, asking=asking)
        acting.do(set_zones, CameraId(name), shapes, warrant)
    emit({"camera": name, "zones": len(shapes)}) if as_json else typer.echo(
        f"{name} has {counted(len(shapes), 'privacy zone')}."
    )


def press(name: Name, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Somebody pressed the button at this camera: for some seconds people may be recognised there."""
    with opened(data) as (acting, _):
        until = acting.press(CameraId(name))
    if as_json:
        emit({"camera": name, "until": until.isoformat(timespec="milliseconds")})
    else:
        typer.echo(f"People who agreed may be recognised at {name} until {until:%H:%M:%S} UTC.")


def remove(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Remove a camera, and destroy the key that opens its address, in backups too. Its recordings stay."""
    from beholden.acts.camera import remove_camera

    if not yes:
        typer.confirm(f"Remove {name}, and forget its address and password?", abort=True, err=True)
    with opened(data) as (acting, _):
        acting.do(remove_camera, CameraId(name))
    emit({"camera": name, "removed": True}) if as_json else typer.echo(f"Removed {name}.")


def check(
    name: Name,
    seconds: Annotated[float, typer.Option(min=1, max=600, metavar="S", help="How long to watch.")] = 20.0,
    picture: Annotated[
        Path | None, typer.Option(readable=False, metavar="FILE", help="Write a covered picture here (.jpg).")
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Walk past the camera: are faces large, sharp and light enough, and what would make them so?

    Nobody is recognised, and nothing but the covered picture that you ask for is kept.
    """
    from beholden.acts.camera import ADD_AGAIN, KEY_LOST, camera_specs, unopened_cameras
    from beholden.video.snapshot import save_snapshot
    from beholden.wiring.check import check_camera
    from beholden.wiring.rules import in_force

    if picture is not None and picture.suffix.lower() not in (".jpg", ".jpeg"):
        raise OutputRefused(f"{picture}: the picture is a JPEG", advice="Give a name that ends in .jpg.")
    with opened(data) as (acting, settings):
        spec = next((each for each in acting.do(camera_specs) if each.camera.id == name), None)
        if spec is None:
            if CameraId(name) in acting.do(unopened_cameras):
                raise KeyDestroyed(f"{name}: {KEY_LOST}", advice=ADD_AGAIN)
            raise CameraUnknown(f"there is no camera called {name!r} here")
        if not as_json:
            typer.echo(f"Watching {name} for {seconds:.0f} s. Walk past it, as people do there ...", err=True)
        checked = check_camera(spec, in_force(acting, settings, data)[0], seconds, rehearsal=acting.rehearsal)
    if picture is not None and checked.picture is not None:
        save_snapshot(checked.picture, picture)
    _report(name, checked.report, as_json=as_json)
    if picture is not None and not as_json:
        typer.echo(f"Covered picture: {picture}" if checked.picture is not None else "No picture arrived.")
    if not checked.report.usable:
        raise typer.Exit(1)


def _report(name: str, report: CheckReport, *, as_json: bool) -> None:
    if as_json:
        emit({"camera": name, **report.as_values()})
        return
    for line in report.in_words():
        typer.echo(line)
    for line in report.advice:
        typer.echo(f"  -> {line}")
