"""`beholden incident keep|list|show`: an incident of care that two people decide to keep for a week."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.account_options import AccountName, KeyFile, some_signer
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit, opened
from beholden.model.ids import SightingId

if TYPE_CHECKING:
    from beholden.acts.sightings.incidents import Incident

Which = Annotated[str, typer.Argument(metavar="SIGHTING", help="The id that came with the alert.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Incidents of care, kept where two people decide so.", no_args_is_help=True, rich_markup_mode=None
    )
    example = "0f3a9c1d7b24e6580f3a9c1d7b24e658 --account Olga --key olga.key"
    group.command(epilog=f"Example: beholden incident keep {example}")(keep)
    group.command("list", epilog="Example: beholden incident list --account Olga --key olga.key")(list_all)
    group.command(epilog=f"Example: beholden incident show {example}")(show)
    app.add_typer(group, name="incident", epilog="Example: beholden incident list --account Olga --key olga.key")


def keep(
    sighting: Which,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Decide that an incident is kept: the second operator who does so within a day keeps it for seven.

    Only of sightings for care, at one's own desk. It is logged, and the person is told. Everything else dies after
    24 hours.
    """
    from beholden.acts.sightings.incidents import KEEP, incident_digest, keep_incident

    with opened(data) as (acting, _):
        signed = some_signer(acting, account, key).sign(KEEP, incident_digest(sighting))
        made = acting.do(keep_incident, SightingId(sighting), signed)
    _say(made, as_json=as_json)


def list_all(
    account: AccountName = None, key: KeyFile = None, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """Incidents of one's own desk that are kept, or wait for a second operator: their ids, and nobody in them.

    Whose desk it is: the place of the first live sighting that the account saw during this shift of 12 hours.
    """
    from beholden.acts.sightings.incidents import LIST, list_digest, list_incidents

    with opened(data) as (acting, _):
        found = acting.do(list_incidents, some_signer(acting, account, key).sign(LIST, list_digest()))
    for each in found:
        _say(each, as_json=as_json)
    if not found and not as_json:
        typer.echo("None.")


def show(
    sighting: Which,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Who, where and when one incident was that two operators keep, at one's own desk.

    It counts as looking at the person (docs/oversight.md).
    """
    from beholden.acts.sightings.incidents import READ, incident_digest, read_incident

    with opened(data) as (acting, _):
        signed = some_signer(acting, account, key).sign(READ, incident_digest(sighting))
        told = acting.do(read_incident, SightingId(sighting), signed)
    if as_json:
        emit(
            {
                "sighting": told.sighting,
                "who": told.name,
                "camera": told.camera,
                "place": told.place,
                "from": told.opened_at.isoformat(),
                "to": told.seen_at.isoformat(),
                "by": list(told.by),
                "dies_at": told.dies_at.isoformat(),
            }
        )
        return
    typer.echo(f"{told.name}, {told.place}, {told.camera}: {told.opened_at:%Y-%m-%d %H:%M:%S} UTC")
    typer.echo(f"  decided by {' and '.join(told.by)}; gone on {told.dies_at:%Y-%m-%d %H:%M} UTC")


def _say(each: Incident, *, as_json: bool) -> None:
    if as_json:
        emit({"sighting": each.sighting, "kept": each.kept, "dies_at": each.dies_at.isoformat()})
    else:
        state = "kept" if each.kept else "waits for a second operator"
        typer.echo(f"{each.sighting}  {state}; gone on {each.dies_at:%Y-%m-%d %H:%M} UTC")
