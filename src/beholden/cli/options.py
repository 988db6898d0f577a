"""Options that several commands share, and how a command gets its settings, its folder and its output."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.model.errors import SettingsError

if TYPE_CHECKING:
    from beholden.settings import Settings
    from beholden.supervise.keeper.acting import Acting

# `readable=False` at every path: whether it can be read is asked where it is read, with our own words and exit code.
Data = Annotated[
    Path,
    typer.Option("--data", "-d", envvar="BEHOLDEN_DATA", readable=False, metavar="FOLDER", help="The data folder."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line, for machines.")]
DEFAULT_DATA = Path("beholden-data")


@contextmanager
def opened(data: Path) -> Iterator[tuple[Acting, Settings]]:
    """Where acts on the data folder happen, and its settings; a rehearsal says so on standard error.

    This process keeps the folder if no other one does, and acts through that one otherwise.
    """
    from beholden.acts.approvals.rules import held_rules
    from beholden.settings import read_settings
    from beholden.wiring.folder import open_acting

    settings = read_settings(data)
    with open_acting(data, settings) as acting:
        if acting.rehearsal:
            typer.echo("REHEARSAL", err=True)
        else:
            _say_held(acting.do(held_rules))
        yield acting, settings


def hold_looser(acting: Acting, settings: Settings, data: Path) -> Settings:
    """The settings to look with. They hold for whoever names from here on, also where an older process keeps the
    folder; looser ones wait for approval, and nobody is named. In a rehearsal nothing waits."""
    from beholden.acts.approvals.in_force import SETTINGS
    from beholden.wiring.rules import in_force

    looking, held = in_force(acting, settings, data)
    if held:
        _say_held((SETTINGS,))
    return looking


def waiting(held: Sequence[str]) -> str:
    """`the settings wait`, `the policy waits`, `the policy and the settings wait`."""
    return f"the {' and the '.join(held)} {'waits' if list(held) == ['policy'] else 'wait'}"


def _say_held(held: tuple[str, ...]) -> None:
    if held:
        typer.echo(f"NOBODY IS NAMED: {waiting(held)} for approval (`beholden approvals list`)", err=True)


def said_names(said: list[str] | None) -> tuple[str, ...] | None:
    """None: nothing was said of that list; `none` alone empties it."""
    if not said:
        return None
    return () if said == ["none"] else tuple(said)


def parse_moment(text: str | None, option: str = "--at") -> datetime | None:
    """An ISO 8601 moment with a time zone; without one it is UTC. Raises SettingsError."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    # At the edges of the calendar a zone, a grant's length or a video's would fall out of it.
    if moment is None or not 1900 <= moment.year <= 2999:
        raise SettingsError(f"{option} {text!r} is not a moment", advice="Write it like 2026-05-04T08:30:00+02:00.")
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def emit(values: dict[str, object]) -> None:
    """One JSON object on one line of standard output."""
    typer.echo(json.dumps(values, ensure_ascii=False, default=str))


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 grant`, `2 grants`; `2 leaves` where the plural is given."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"
