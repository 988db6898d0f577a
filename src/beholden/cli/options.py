"""Options that several commands share, and how a command gets its settings, its folder and its output."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from beholden.model.errors import SettingsError
from beholden.settings import Settings, read_settings
from beholden.storage.folder import DataFolder
from beholden.wiring import open_data

Data = Annotated[Path, typer.Option("--data", "-d", envvar="BEHOLDEN_DATA", help="The data folder.", show_default=True)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line, for machines.")]
DEFAULT_DATA = Path("beholden-data")


@contextmanager
def opened(data: Path) -> Iterator[tuple[DataFolder, Settings]]:
    """The data folder and its settings; a rehearsal says so on standard error."""
    settings = read_settings(data if data.is_dir() else None)
    with open_data(data, settings) as folder:
        if folder.rehearsal:
            typer.echo("REHEARSAL", err=True)
        yield folder, settings


def parse_moment(text: str | None, option: str = "--at") -> datetime | None:
    """An ISO 8601 moment with a time zone; without one it is UTC. Raises SettingsError."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(
            f"{option} {text!r} is not a moment", advice="Write it like 2026-05-04T08:30:00+02:00."
        ) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def emit(values: dict[str, object]) -> None:
    """One JSON object on one line of standard output."""
    typer.echo(json.dumps(values, ensure_ascii=False, default=str))
