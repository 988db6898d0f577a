"""`beholden recordings list|export`: the covered timelines of cameras, by time."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from beholden.cli.account_options import AccountName, Asking, KeyFile, RequestDigest, warrant_of
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit, opened, parse_moment
from beholden.model.errors import CameraUnknown, OutputRefused
from beholden.model.ids import CameraId

From = Annotated[str | None, typer.Option("--from", metavar="MOMENT", help="ISO 8601; a day ago if left out.")]
Until = Annotated[str | None, typer.Option("--until", metavar="MOMENT", help="ISO 8601; now if left out.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Covered recordings, by time.", no_args_is_help=True, rich_markup_mode=None)
    group.command("list", epilog="Example: beholden recordings list door --from 2026-05-04T08:00:00+02:00")(list_spans)
    group.command(
        epilog="Example: beholden recordings export door morning.mp4 --from 2026-05-04T08:00:00Z "
        "--until 2026-05-04T08:10:00Z"
    )(export)
    app.add_typer(group, name="recordings", epilog="Example: beholden recordings list door")


def list_spans(
    camera: Annotated[str, typer.Argument(metavar="CAMERA", help="The camera's name.")],
    begin: From = None,
    until: Until = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """When a camera was recorded: spans without a gap. No faces, no names: only times."""
    from beholden.video.recordings.timeline import spans
    from beholden.wiring.cameras import recordings_folder

    start, end = _between(begin, until)
    found = spans(recordings_folder(data), CameraId(camera), start, end)
    if not found:
        _refuse_unknown(camera, data)
    if as_json:
        for span in found:
            emit({"camera": camera, "from": span.start.isoformat(), "until": span.end.isoformat()})
        return
    if not found:
        typer.echo(f"Nothing of {camera} was recorded in that time.")
    for span in found:
        typer.echo(f"{span.start:%Y-%m-%d %H:%M:%S} to {span.end:%Y-%m-%d %H:%M:%S} UTC")


def export(
    camera: Annotated[str, typer.Argument(metavar="CAMERA", help="The camera's name.")],
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The video to write (.mp4).")],
    begin: From = None,
    until: Until = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Write over a file that is there.")] = False,
    request: RequestDigest = None,
    account: AccountName = None,
    key: KeyFile = None,
    asking: Asking = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Play a camera's covered timeline into one file. The export is logged before it is written.

    Outside a rehearsal somebody of another organisation must approve it first: `beholden request recordings export
    ...`, with --from and --until.
    """
    from beholden.acts.recording import export_particulars, log_export
    from beholden.consent.oversight.rules import Act
    from beholden.video.recordings.playback import export as write_export
    from beholden.video.recordings.playback import refuse_empty
    from beholden.wiring.cameras import recordings_folder

    if (asking or request is not None) and (begin is None or until is None):
        raise typer.BadParameter("are needed: others approve exactly what is exported", param_hint="--from, --until")
    start, end = _between(begin, until)
    if os.path.lexists(out) and not force:
        raise OutputRefused(f"{out} is there already", advice="Name another file, or add --force.")
    folder = recordings_folder(data)
    refuse_empty(folder, CameraId(camera), start, end)
    with opened(data) as (acting, _):
        about = export_particulars(CameraId(camera), start, end)
        warrant = warrant_of(
            acting, Act.EXPORT_RECORDINGS, about, request=request, account=account, key=key, asking=asking
        )
        acting.do(log_export, CameraId(camera), start, end, warrant)
    made = write_export(folder, CameraId(camera), start, end, out)
    if as_json:
        emit(
            {
                "file": str(out),
                "from": made.start.isoformat(),
                "until": made.end.isoformat(),
                "pictures": made.pictures,
                "gaps": [[a.isoformat(), b.isoformat()] for a, b in made.gaps],
            }
        )
        return
    typer.echo(f"{out}: {made.start:%Y-%m-%d %H:%M:%S} to {made.end:%H:%M:%S} UTC, {made.pictures} pictures, covered.")
    for gap_start, gap_end in made.gaps:
        typer.echo(f"  nothing was recorded from {gap_start:%H:%M:%S} to {gap_end:%H:%M:%S}")


def _refuse_unknown(camera: str, data: Path) -> None:
    """Nothing was recorded: perhaps because no such camera was meant. Raises CameraUnknown, DataFolderError."""
    from beholden.acts.camera import cameras

    with opened(data) as (acting, _):
        known = [each.id for each in acting.do(cameras)]
    if camera not in known:
        raise CameraUnknown(
            f"there is no camera called {camera!r} here, and no recording of one",
            advice=f"Cameras here: {', '.join(known) or 'none'}.",
        )


def _between(begin: str | None, until: str | None) -> tuple[datetime, datetime]:
    from beholden.wiring.clock import now

    end = parse_moment(until, "--until") or now()
    return parse_moment(begin, "--from") or end - timedelta(days=1), end
