"""`beholden canary add|list`: people who do not exist, so that whoever looks at one is noticed."""

from __future__ import annotations

from typing import Annotated

import typer

from beholden.cli.account_options import AccountName, KeyFile, signer
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit, opened
from beholden.consent.purposes import policy_of
from beholden.model.grant import Purpose
from beholden.model.ids import new_subject_id


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        help="People who do not exist: whoever looks at one is noticed.", no_args_is_help=True, rich_markup_mode=None
    )
    group.command(epilog='Example: beholden canary add "Vera Lind" --place lobby --account Audrey --key audrey.key')(
        add
    )
    group.command("list", epilog="Example: beholden canary list --account Audrey --key audrey.key")(list_all)
    app.add_typer(group, name="canary", epilog="Example: beholden canary list --account Audrey --key audrey.key")


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of nobody: check that no such person is about.")],
    purpose: Annotated[
        Purpose, typer.Option("--purpose", "-p", metavar="PURPOSE", help="What they seem to be invited for.")
    ] = Purpose.ENTRANCE,
    place: Annotated[list[str] | None, typer.Option(metavar="PLACE", help="Where; repeatable.")] = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Make somebody up, who seems to be invited and never answers. An auditor does; nobody else is told who it is."""
    from beholden.acts.displays.canaries import MAKE, canary_digest, make_canary
    from beholden.acts.grants.invite import Invitee
    from beholden.consent.invitation import new_token, token_hash

    with opened(data) as (acting, settings):
        places = frozenset(settings.place(each).id for each in place or ()) if policy_of(purpose).at_places else ()
        wish = Invitee(name, (purpose,), frozenset(places), new_subject_id(), token_hash(new_token()))
        by = signer(acting, account, key)
        made = acting.do(make_canary, wish, None if by is None else by.sign(MAKE, canary_digest(wish)))
    if as_json:
        emit({"subject": made.subject, "name": made.name})
    else:
        typer.echo(f"{made.name} ({made.subject}) does not exist: whoever looks is told to those who watch.")


def list_all(
    account: AccountName = None, key: KeyFile = None, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """All of them; for an auditor only."""
    from beholden.acts.displays.canaries import LIST, canaries_digest, list_canaries

    with opened(data) as (acting, _):
        by = signer(acting, account, key)
        found = acting.do(list_canaries, None if by is None else by.sign(LIST, canaries_digest(by.account)))
    for each in found:
        emit({"subject": each.subject, "name": each.name}) if as_json else typer.echo(f"{each.name}  {each.subject}")
    if not found and not as_json:
        typer.echo("None.")
