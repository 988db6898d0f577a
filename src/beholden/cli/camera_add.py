"""`beholden camera add`: where a camera is, and its password, which no list of processes ever shows."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.account_options import AccountName, Asking, KeyFile, RequestDigest, warrant_of
from beholden.cli.camera_zone import ZoneTexts, parse_zone
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit, opened
from beholden.model.camera import Camera
from beholden.model.errors import AddressRefused, SourceLost
from beholden.model.ids import CameraId

if TYPE_CHECKING:
    from beholden.video.camera.address import AddressRules

FROM_INPUT = "-"
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
    request: RequestDigest = None,
    account: AccountName = None,
    key: KeyFile = None,
    asking: Asking = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Add a live camera to a place. Its password is sealed, and never printed or passed on a command line.

    Outside a rehearsal somebody else must approve it first: `beholden request camera add ...`.
    """
    from beholden.acts.approvals.camera import camera_particulars
    from beholden.acts.camera import add_camera
    from beholden.consent.oversight.rules import Act
    from beholden.wiring.cameras import address_rules
    from beholden.wiring.clock import now
    from beholden.wiring.rules import in_force

    shapes = tuple(parse_zone(text) for text in zone or [])
    if address == FROM_INPUT:
        address, main = _addresses_from_input(main)
    elif not asking:  # who approves does not need the password
        address, main = _with_password(address, main, from_input=password_stdin)
    with opened(data) as (acting, settings):
        where = settings.place(place)
        rules = address_rules(in_force(acting, settings, data)[0], rehearsal=acting.rehearsal)
        shown = _checked(address, main, rules)
        camera = Camera(CameraId(name), where.id, now(), record=record, zones=shapes)
        about = camera_particulars(camera, address, main, fingerprint, where)
        warrant = warrant_of(acting, Act.CAMERA_PLACE, about, request=request, account=account, key=key, asking=asking)
        acting.do(add_camera, camera, address, main, fingerprint, warrant)
    if as_json:
        emit({"camera": name, "place": place, "address": shown, "record": record, "zones": len(shapes)})
        return
    typer.echo(f"Added {name} at {place}: {shown}")
    if where.capture is None:
        typer.echo(f"Nobody is named there until places.{place}.capture is set; faces are covered all the same.")
    typer.echo(f"Next: beholden camera check {name} --data {data}")


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
