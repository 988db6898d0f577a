"""`beholden init`: create a data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit
from beholden.model.errors import OutputRefused, SettingsError
from beholden.settings import FILE_NAME, read_settings
from beholden.wiring import create_data

TEMPLATE = """\
# Settings of this data folder; docs/settings.md lists all of them.
{places}"""
PLACE = """
[places.{name}]
zone = "UTC"
purposes = ["{purpose}"]
{capture}
"""


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: beholden init --data town --rehearsal --place lobby --place garden:care")(init)


def init(
    data: Data = DEFAULT_DATA,
    rehearsal: Annotated[
        bool,
        typer.Option(
            "--rehearsal",
            help="Accept photos and skip delays; only files are opened, and the folder stays a rehearsal for ever.",
        ),
    ] = False,
    place: Annotated[
        list[str] | None, typer.Option(help="A place to begin with, as NAME or NAME:PURPOSE; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create a data folder: database, keystore, log and settings."""
    text = settings_text(place or [], rehearsal=rehearsal)
    settings = read_settings(None)
    create_data(data, settings, rehearsal=rehearsal)
    write_settings(data, text)
    read_settings(data)
    if as_json:
        emit({"data": str(data), "rehearsal": rehearsal})
        return
    typer.echo(f"Created {data}{' (rehearsal)' if rehearsal else ''}. Settings: {data / FILE_NAME}")
    if rehearsal:
        typer.echo(f"Next: beholden enrol --data {data} NAME PHOTO... --purpose entrance --place PLACE")
    else:
        typer.echo(f"Next: beholden invite --data {data} NAME --purpose entrance")


def settings_text(places: list[str], *, rehearsal: bool) -> str:
    """A first settings file. Raises SettingsError for a place that cannot be."""
    blocks: list[str] = []
    for entry in places:
        name, _, purpose = entry.partition(":")
        capture = 'capture = "lane"' if rehearsal else '# capture = "lane"   # naming is off until this is set'
        blocks.append(PLACE.format(name=name, purpose=purpose or "entrance", capture=capture))
    text = TEMPLATE.format(places="".join(blocks))
    _check(text)
    return text


def _check(text: str) -> None:
    """Refuse before anything is created, rather than leave a folder whose settings cannot be read."""
    import tomllib

    from pydantic import ValidationError

    from beholden.settings import Settings

    try:
        Settings.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise SettingsError(
            "a place is a short lower-case name, with a purpose after a colon",
            advice="Write --place lobby or --place garden:care. Purposes: docs/intended-use.md.",
        ) from error


def write_settings(data: Path, text: str) -> None:
    """Write the settings file, readable by its owner only. Raises OutputRefused."""
    try:
        (data / FILE_NAME).touch(mode=0o600, exist_ok=False)
        (data / FILE_NAME).write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputRefused(f"{data / FILE_NAME}: cannot be written ({error.strerror})") from error
