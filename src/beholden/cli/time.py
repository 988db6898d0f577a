"""`beholden time show|trust`: what is known of the time, and the word of somebody who looked at a watch."""

from __future__ import annotations

from typing import Annotated

import typer

from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit, opened


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="The time by which grants begin and end.", no_args_is_help=True, rich_markup_mode=None)
    group.command(epilog="Example: beholden time show")(show)
    group.command(epilog="Example: beholden time trust --yes")(trust)
    app.add_typer(group, name="time", epilog="Example: beholden time show")


def show(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """What time it is, and whether that is believed. In doubt nobody is named, asked or destroyed by it."""
    from beholden.acts.grants.known_time import time_now

    with opened(data) as (acting, _):
        known = acting.do(time_now)
    if as_json:
        emit(
            {
                "in_doubt": known.now is None,
                "latest": known.latest.isoformat(timespec="seconds"),
                "clock": known.reading.isoformat(timespec="seconds"),
                "synchronised": known.trusted,
            }
        )
        return
    state = "in doubt" if known.now is None else "believed"
    source = "synchronised" if known.trusted else "not synchronised"
    typer.echo(f"The clock says {known.reading:%Y-%m-%d %H:%M:%S} UTC ({source}): {state}.")
    if known.now is None:
        typer.echo(f"It was {known.latest:%Y-%m-%d %H:%M:%S} UTC at least. If the clock is right: beholden time trust")


def trust(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Say that the clock is right, after looking at a watch. It is logged; what is due by then happens at once."""
    from beholden.acts.grants.known_time import time_now
    from beholden.acts.grants.known_time import trust as trust_clock

    with opened(data) as (acting, _):
        if not yes:
            reading = acting.do(time_now).reading
            typer.confirm(f"Is it {reading:%Y-%m-%d %H:%M:%S} UTC?", abort=True, err=True)
        known = acting.do(trust_clock)
    if as_json:
        emit({"in_doubt": known.now is None, "latest": known.latest.isoformat(timespec="seconds")})
    else:
        typer.echo(f"It is {known.latest:%Y-%m-%d %H:%M:%S} UTC.")
