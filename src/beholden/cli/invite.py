"""`beholden invite`, `invite list|revoke`: links by which people read the notice and decide for themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from beholden.cli.account_names import looked_up
from beholden.cli.account_options import AccountName, KeyFile
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit, opened
from beholden.model.errors import FolderForbidden, MissingInput, PolicyRefused
from beholden.model.grant import Purpose
from beholden.model.ids import PlaceId, new_subject_id

if TYPE_CHECKING:
    from beholden.acts.grants.invite import Invitee
    from beholden.consent.invitation import Offer
    from beholden.settings import Settings

_DEFAULT = "person"


class _Invite(TyperGroup):
    """What is not the name of a command is the name of a person: `beholden invite "Ada Vale" -p entrance`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - click's own types are not public
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        cls=_Invite,
        help="Invite people to read the notice and decide. Nothing about their face is known or asked for.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command(_DEFAULT, epilog='Example: beholden invite person "Ada Vale" --purpose entrance --place lobby')(
        invite
    )
    group.command("list", epilog="Example: beholden invite list --json")(list_links)
    group.command(epilog='Example: beholden invite revoke "Ada Vale"')(revoke)
    app.add_typer(group, name="invite", epilog='Example: beholden invite person "Ada Vale" --purpose entrance')


def invite(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="What people call them here; one name each.")
    ] = None,
    purpose: Annotated[
        list[Purpose] | None,
        typer.Option("--purpose", "-p", metavar="PURPOSE", help=f"What for: {', '.join(Purpose)}. Repeatable."),
    ] = None,
    place: Annotated[
        list[str] | None, typer.Option(metavar="PLACE", help="Where; all that serve it if left out. Repeatable.")
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", readable=False, metavar="FILE", help="Many at once: columns name, purposes, places."),
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Invite somebody, or with --csv everybody in a file (all of them, or nobody). `person` may be left out.

    Each gets a link that works once, for 14 days. Its token is shown now and never again: only its SHA-256 is kept.
    """
    from beholden.acts.grants.invite import invite_all

    if (name is None) is (csv is None):
        raise typer.BadParameter("give a NAME, or --csv FILE", param_hint="NAME")
    if csv is not None and (purpose or place):
        raise typer.BadParameter("is in the file already", param_hint="--purpose" if purpose else "--place")
    with opened(data) as (acting, settings):
        offers = [_offer(name or "", purpose, place, settings)] if csv is None else _from_file(csv, settings)
        made = [_invitee(offer) for offer in offers]
        acting.do(invite_all, tuple(invitee for invitee, _ in made))
    for invitee, token in made:
        if as_json:
            emit(
                {
                    "subject": invitee.subject,
                    "name": invitee.label,
                    "purposes": list(invitee.purposes),
                    "places": sorted(invitee.places),
                    "token": token,
                }
            )
            continue
        typer.echo(f"Invited {invitee.label} ({invitee.subject}) for {', '.join(invitee.purposes)}.")
        typer.echo(f"  token of their link, shown only now: {token}")
    if not as_json:
        typer.echo("Nobody is recognised by an invitation.")


def list_links(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Which links were sent, and whether they still work. A no looks like silence here: nobody can tell them apart."""
    from beholden.acts.grants.invite import links

    with opened(data) as (acting, _):
        sent = acting.do(links)
    for link in sent:
        if as_json:
            emit(
                {
                    "name": link.name,
                    "subject": link.subject,
                    "purposes": list(link.purposes),
                    "places": list(link.places),
                    "expires_at": link.expires_at.isoformat(),
                    "closed": link.closed,
                }
            )
        else:
            until = f"works until {link.expires_at:%Y-%m-%d %H:%M} UTC" if link.closed is None else link.closed
            typer.echo(f"{link.name or link.subject}  {link.subject}  {', '.join(link.purposes)}  {until}")
    if not sent and not as_json:
        typer.echo("No links.")


def revoke(
    who: Annotated[str, typer.Argument(metavar="WHO", help="Name or subject id.")],
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Take back somebody's link before they use it.

    Outside a rehearsal somebody is found by name for an operator's account only.
    """
    from beholden.acts.grants.invite import revoke as revoke_link

    with opened(data) as (acting, _):
        number = acting.do(revoke_link, looked_up(acting, who, account, key).id)
    emit({"revoked": number}) if as_json else typer.echo(f"Took back {counted(number, 'link')}.")


def _offer(name: str, purpose: list[Purpose] | None, place: list[str] | None, settings: Settings) -> Offer:
    """Without places: everywhere where something of it is served."""
    from beholden.consent.invitation import Offer
    from beholden.consent.purposes import policy_of

    if not purpose:
        raise typer.BadParameter("what for is to be said", param_hint="--purpose")
    wanted = tuple(dict.fromkeys(purpose))
    if place:
        return Offer(name, wanted, frozenset(settings.place(each).id for each in place))
    there = {each for each in wanted if policy_of(each).at_places}
    serving = [PlaceId(each) for each, known in settings.places.items() if there & set(known.purposes)]
    return Offer(name, wanted, frozenset(serving))


def _from_file(path: Path, settings: Settings) -> tuple[Offer, ...]:
    from beholden.consent.invitation_rows import MOST_BYTES, invitation_rows

    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise MissingInput(f"there is no file {path}") from error
    except OSError as error:
        raise FolderForbidden(f"cannot read {path}: {error.strerror}") from error
    rows = invitation_rows(data, {place.id: place for place in map(settings.place, settings.places)})
    complaint = rows.complaint()
    if complaint is not None:
        raise PolicyRefused(f"nobody is invited: {'; '.join(complaint.splitlines())}")
    if not rows.offers:
        raise PolicyRefused("nobody is invited: there is no row")
    return rows.offers


def _invitee(offer: Offer) -> tuple[Invitee, str]:
    """With a token that stays here: the folder keeps its SHA-256."""
    from beholden.acts.grants.invite import Invitee
    from beholden.consent.invitation import new_token, token_hash

    token = new_token()
    return Invitee(offer.label, offer.purposes, offer.places, new_subject_id(), token_hash(token)), token
