"""`beholden counts`: how many faces passed, by place and hour, without anybody's identity."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit, opened
from beholden.model.ids import PlaceId

_NAMES = ("known", "unknown", "undecided")


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: beholden counts --place lobby --days 2")(counts)


def counts(
    place: Annotated[str | None, typer.Option(metavar="NAME", help="This place only.")] = None,
    days: Annotated[float, typer.Option(min=0.05, max=90, metavar="DAYS", help="How far back.")] = 1.0,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """How many faces were followed, per place and whole hour (UTC), by what they ended as.

    A count is of tracks, not of people. Counts under 10 are hidden, and the hour that is not over is left out.
    """
    from beholden.acts.sightings.counts import counts as read_counts
    from beholden.wiring.clock import now

    with opened(data) as (acting, settings):
        where = None if place is None else PlaceId(settings.place(place).id)
        until = now()
        rows = acting.do(read_counts, until - timedelta(days=days), until, where)
    if as_json:
        for row in rows:
            emit(row.as_values())
        return
    if not rows:
        typer.echo("Nothing was counted in that time.")
        return
    typer.echo(f"{'HOUR (UTC)':<17} {'PLACE':<14} {'KNOWN':>8} {'UNKNOWN':>8} {'UNDECIDED':>9}")
    for row in rows:
        shown = [_shown(row.outcomes.get(name, 0)) for name in _NAMES]
        typer.echo(f"{row.hour:%Y-%m-%d %H:%M}  {row.place or 'files':<14} {shown[0]:>8} {shown[1]:>8} {shown[2]:>9}")


def _shown(count: int | None) -> str:
    return "hidden" if count is None else str(count)
