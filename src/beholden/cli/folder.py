"""`beholden init`: create a data folder."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit
from beholden.model.errors import OutputRefused, SettingsError
from beholden.model.grant import Purpose

HEAD = "# Settings of this data folder; docs/settings.md lists all of them.\n"
PLACE = """
[places.{name}]
zone = "UTC"   # the place's own time zone, like "Europe/Lisbon"
purposes = [{purposes}]
{capture}
"""
KEYSTORE = """
[storage]
keystore = {path}
"""
CAPTURE = 'capture = "lane"'
NO_CAPTURE = '# capture = "lane"   # nobody is named at its cameras until this is set'


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
        list[str] | None,
        typer.Option(metavar="NAME[:PURPOSE]", help="A place to begin with, for entrance if left out; repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create a data folder: database, keystore, log and settings."""
    from beholden.settings import FILE_NAME, read_settings
    from beholden.wiring.folder import create_data, open_data

    settings = read_settings(None)
    text = settings_text(place or [], rehearsal=rehearsal)
    if settings.storage.keystore is not None:
        text += KEYSTORE.format(path=json.dumps(str(settings.storage.keystore.absolute())))
    create_data(data, settings, rehearsal=rehearsal)
    write_settings(data / FILE_NAME, text)
    open_data(data, read_settings(data)).close()  # its log begins with its rules
    if as_json:
        emit({"data": str(data), "rehearsal": rehearsal})
        return
    typer.echo(f"Created {data}{' (rehearsal)' if rehearsal else ''}. Settings: {data / FILE_NAME}")
    if rehearsal:
        first = (place or ["PLACE"])[0].partition(":")[0]
        typer.echo(f"Next: beholden enrol NAME PHOTO... --purpose entrance --place {first} --data {data}")
    else:
        typer.echo(f"Next: beholden invite NAME --purpose entrance --data {data}")


def settings_text(places: list[str], *, rehearsal: bool) -> str:
    """A first settings file. Raises SettingsError for a place that cannot be, before anything is created."""
    from beholden.settings import PLACE_NAME

    purposes: dict[str, list[Purpose]] = {}
    for entry in places:
        name, _, purpose = entry.partition(":")
        if not re.fullmatch(PLACE_NAME, name):
            raise SettingsError(
                f"--place {entry!r}: a place is a short lower-case name (a-z, 0-9, - and _)",
                advice="Write --place lobby or --place garden:care.",
            )
        if purpose not in ("", *Purpose):
            raise SettingsError(
                f"--place {entry!r}: there is no purpose {purpose!r}", advice=f"There are: {', '.join(Purpose)}."
            )
        known = purposes.setdefault(name, [])
        if (wanted := Purpose(purpose or Purpose.ENTRANCE)) not in known:
            known.append(wanted)
    capture = CAPTURE if rehearsal else NO_CAPTURE
    return HEAD + "".join(
        PLACE.format(name=name, purposes=", ".join(f'"{each}"' for each in wanted), capture=capture)
        for name, wanted in purposes.items()
    )


def write_settings(path: Path, text: str) -> None:
    """Write the settings file, readable by its owner only. Raises OutputRefused."""
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputRefused(f"{path}: cannot be written ({error.strerror})") from error
