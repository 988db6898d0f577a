"""`beholden grant show|pause|resume`: one person's agreements."""

from __future__ import annotations

from typing import Annotated

import typer

from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit, opened

Who = Annotated[str, typer.Argument(metavar="WHO", help="Name or subject id.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="One person's agreements.", no_args_is_help=True, rich_markup_mode=None)
    group.command(epilog='Example: beholden grant show "Ada Vale"')(show)
    group.command(epilog='Example: beholden grant pause "Ada Vale"')(pause)
    group.command(epilog='Example: beholden grant resume "Ada Vale"')(resume)
    app.add_typer(group, name="grant", epilog='Example: beholden grant show "Ada Vale"')


def show(who: Who, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """What somebody agreed to, where, until when, and whether it holds now."""
    from beholden.acts.people import find
    from beholden.wiring.clock import now

    with opened(data) as (acting, _):
        person = acting.do(find, who)
    for grant in person.grants:
        closed = grant.closed_at(now())
        if as_json:
            emit(
                {
                    "grant": grant.id,
                    "purpose": grant.purpose,
                    "basis": grant.basis,
                    "places": sorted(grant.places),
                    "from": grant.starts_at.isoformat(),
                    "until": grant.ends_at.isoformat(),
                    "recordings": grant.recordings,
                    "guardian": person.guardian,
                    "holds": closed is None,
                    "closed": None if closed is None else str(closed),
                }
            )
            continue
        given = "the person" if person.guardian is None else f"{person.guardian}, as guardian"
        typer.echo(f"{grant.id}  {grant.purpose} at {', '.join(sorted(grant.places)) or 'files'}")
        typer.echo(f"  given by {given}; {grant.starts_at:%Y-%m-%d %H:%M} to {grant.ends_at:%Y-%m-%d %H:%M} UTC")
        typer.echo(f"  {'holds now' if closed is None else f'does not hold: {closed}'}")
    if not person.grants and not as_json:
        typer.echo(f"{person.label or person.id} has not agreed to anything.")


def pause(who: Who, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Pause all grants of a person: nobody is recognised under them until they resume."""
    from beholden.acts.pause import pause as pause_grants
    from beholden.acts.people import find

    with opened(data) as (acting, _):
        paused = acting.do(pause_grants, acting.do(find, who).id)
    emit({"paused": list(paused)}) if as_json else typer.echo(f"Paused {counted(len(paused), 'grant')}.")


def resume(who: Who, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Resume the paused grants of a person."""
    from beholden.acts.pause import resume as resume_grants
    from beholden.acts.people import find

    with opened(data) as (acting, _):
        resumed = acting.do(resume_grants, acting.do(find, who).id)
    emit({"resumed": list(resumed)}) if as_json else typer.echo(f"Resumed {counted(len(resumed), 'grant')}.")
