"""`beholden camera add|list|pause|resume|zones|press|remove|check`: the live cameras of the places."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit, opened
from beholden.model.camera import Camera, CameraSpec, Zone
from beholden.model.errors import AddressRefused, CameraUnknown, OutputRefused, SettingsError, SourceLost
from beholden.model.ids import CameraId

if TYPE_CHECKING:
    from beholden.pipeline.check import CheckReport
    from beholden.video.camera.address import AddressRules

Name = Annotated[str, typer.Argument(metavar="NAME", help="The camera's name.")]
FROM_INPUT = "-"


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


Address = Annotated[
    str,
    typer.Argument(
        metavar="ADDRESS",
        help="rtsp(s)://USER@HOST:PORT/PATH, http(s):// (MJPEG), webcam:/dev/video0, or in a rehearsal a video file. "
        "Without the password, which is asked for. `-` reads whole addresses from standard input, one a line: the "
        "camera's, then the main stream's.",
    ),
]
PlaceName = Annotated[str, typer.Option("--place", metavar="PLACE", help="The place that it shows.")]
Main = Annotated[
    str | None,
    typer.Option("--main", metavar="ADDRESS", help="Its larger stream: faces are cut from it, only when needed."),
]
Record = Annotated[bool, typer.Option("--record", help="Keep its covered picture as a timeline.")]
ZoneTexts = Annotated[
    list[str] | None,
    typer.Option(
        "--zone",
        metavar="CORNERS",
        help='A privacy zone, never analysed and always covered: corners in fractions, "0,0 0.3,0 0.3,1". Repeatable.',
    ),
]
Fingerprint = Annotated[
    str | None, typer.Option(metavar="SHA256", help="Trust the camera's TLS certificate by this fingerprint.")
]
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input, do not ask.")]


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A short name: a-z, 0-9, - and _.")],
    address: Address,
    place: PlaceName,
    main: Main = None,
    record: Record = False,
    zone: ZoneTexts = None,
    fingerprint: Fingerprint = None,
    password_stdin: FromInput = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Add a live camera to a place. Its password is sealed, and never printed or passed on a command line."""
    from beholden.acts.camera import add_camera
    from beholden.wiring.cameras import address_rules
    from beholden.wiring.clock import now

    shapes = tuple(parse_zone(text) for text in zone or [])
    if address == FROM_INPUT:
        address, main = _addresses_from_input(main)
    else:
        address, main = _with_password(address, main, from_input=password_stdin)
    with opened(data) as (acting, settings):
        where = settings.place(place)
        rules = address_rules(settings, rehearsal=acting.rehearsal)
        shown = _checked(address, main, rules)
        camera = Camera(CameraId(name), where.id, now(), record=record, zones=shapes)
        acting.do(add_camera, camera, address, main, fingerprint)
    if as_json:
        emit({"camera": name, "place": place, "address": shown, "record": record, "zones": len(shapes)})
        return
    typer.echo(f"Added {name} at {place}: {shown}")
    if where.capture is None:
        typer.echo(f"Nobody is named there until places.{place}.capture is set; faces are covered all the same.")
    typer.echo(f"Next: beholden camera check {name} --data {data}")


def list_cameras(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """The cameras, without addresses: those are sealed."""
    from beholden.acts.camera import cameras

    with opened(data) as (acting, _):
        known = acting.do(cameras)
    if as_json:
        for camera in known:
            emit(
                {
                    "camera": camera.id,
                    "place": camera.place,
                    "paused": camera.paused,
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
        state, kept = "paused" if camera.paused else "on", "yes" if camera.record else "no"
        typer.echo(
            f"{camera.id.ljust(width)}  {camera.place:<12}  {state:<6}  {kept:<8}  {len(camera.zones):<5}  "
            f"{camera.added_at:%Y-%m-%d}"
        )


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
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Replace the privacy zones of a camera; without --zone it has none."""
    from beholden.acts.camera import set_zones

    shapes = tuple(parse_zone(text) for text in zone or [])
    with opened(data) as (acting, _):
        acting.do(set_zones, CameraId(name), shapes)
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
    from beholden.acts.camera import camera_specs
    from beholden.video.snapshot import save_snapshot
    from beholden.wiring.check import check_camera

    if picture is not None and picture.suffix.lower() not in (".jpg", ".jpeg"):
        raise OutputRefused(f"{picture}: the picture is a JPEG", advice="Give a name that ends in .jpg.")
    with opened(data) as (acting, settings):
        spec = _spec(acting.do(camera_specs), name)
        if not as_json:
            typer.echo(f"Watching {name} for {seconds:.0f} s. Walk past it, as people do there ...", err=True)
        checked = check_camera(spec, settings, seconds, rehearsal=acting.rehearsal)
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


def _spec(specs: tuple[CameraSpec, ...], name: str) -> CameraSpec:
    for spec in specs:
        if spec.camera.id == name:
            return spec
    raise CameraUnknown(f"there is no camera called {name!r} here")


def parse_zone(text: str) -> Zone:
    """`"0,0 0.3,0 0.3,1"` as a zone. Raises SettingsError."""
    try:
        corners = tuple((float(x), float(y)) for x, y in (corner.split(",") for corner in text.split()))
    except ValueError:
        corners = ()
    if len(corners) < 3 or not all(0 <= value <= 1 for corner in corners for value in corner):
        raise SettingsError(
            f"--zone {text!r} is not a zone",
            advice='Give three or more corners in fractions of the picture: "0,0 0.3,0 0.3,1 0,1".',
        )
    return Zone(corners)


def _with_password(address: str, main: str | None, *, from_input: bool) -> tuple[str, str | None]:
    """The addresses with the password that was asked for. Raises AddressRefused for one given on the command line."""
    from beholden.video.camera.credentials import has_password, wants_password, with_password

    if has_password(address) or (main is not None and has_password(main)):
        raise AddressRefused(
            "a password on the command line can be read by everybody on this machine",
            advice="Leave it out (USER@HOST): it is asked for, or read with --password-stdin. Then change it.",
        )
    if not wants_password(address) and not (main is not None and wants_password(main)):
        return address, main
    secret = sys.stdin.readline().rstrip("\r\n") if from_input else typer.prompt("Password", hide_input=True, err=True)
    return (
        with_password(address, secret) if wants_password(address) else address,
        with_password(main, secret) if main is not None and wants_password(main) else main,
    )


def _addresses_from_input(main: str | None) -> tuple[str, str | None]:
    lines = [line.strip() for line in sys.stdin.read().splitlines() if line.strip()]
    if not 1 <= len(lines) <= 2 or (len(lines) == 2 and main is not None):
        raise AddressRefused(
            f"standard input held {len(lines)} addresses", advice="One line for the camera, one for --main."
        )
    return lines[0], lines[1] if len(lines) == 2 else main


def _checked(address: str, main: str | None, rules: AddressRules) -> str:
    """The address as it may be shown, after it and the main stream's were judged. Raises AddressRefused.

    A name that is not known now may be known when the camera is there: it is judged at each connection.
    """
    from beholden.video.camera.address import parse_address
    from beholden.video.camera.resolve import resolve

    shown: list[str] = []
    for text in (address, main):
        if text is not None:
            where = parse_address(text, rules)
            if where.host:
                with suppress(SourceLost):
                    resolve(where, rules)
            shown.append(str(where))
    return shown[0]
