"""`beholden grant list|show|confirm|renew|correct|pause|resume|cancel|met|withdraw` and more: a person's agreements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.account_names import NOT_SHOWN, looked_up, shown_to
from beholden.cli.account_options import AccountName, KeyFile
from beholden.cli.grant_own import Keys, asked_by
from beholden.cli.handed_over import hand_over, refuse_existing
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit, opened, parse_moment
from beholden.model.errors import PolicyRefused, SettingsError
from beholden.model.grant import Basis, Hours
from beholden.model.ids import GrantId, SubjectId

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from beholden.acts.grants.people import Person
    from beholden.acts.grants.rehearse import Stand
    from beholden.supervise.keeper.acting import Acting

Register = Callable[[typer.Typer], None]
Who = Annotated[str, typer.Argument(metavar="WHO", help="Name or subject id.")]
Which = Annotated[
    str | None, typer.Option("--grant", metavar="GRANT", help="Which one; may be left out where there is only one.")
]


def register(app: typer.Typer, *others: Register) -> None:
    """Add the group; `others` add commands of theirs to it."""
    group = typer.Typer(help="One person's agreements.", no_args_is_help=True, rich_markup_mode=None)
    group.command("list", epilog="Example: beholden grant list --json")(list_grants)
    group.command(epilog='Example: beholden grant show "Ada Vale"')(show)
    group.command(epilog='Example: beholden grant confirm "Ada Vale"')(confirm)
    group.command(epilog='Example: beholden grant renew "Ada Vale" --days 90')(renew)
    group.command(epilog='Example: beholden grant correct "Ada Vale" --place lobby --hours 08:00-20:00')(correct)
    group.command(epilog='Example: beholden grant pause "Ada Vale"')(pause)
    group.command(epilog='Example: beholden grant resume "Ada Vale"')(resume)
    group.command(epilog='Example: beholden grant cancel "Ada Vale"')(cancel)
    group.command(epilog='Example: beholden grant met "Ada Vale" --at 2026-12-24T18:00:00+01:00')(met)
    group.command(epilog='Example: beholden grant withdraw "Ada Vale" --grant g_0123 --yes')(withdraw)
    for other in others:
        other(group)
    app.add_typer(group, name="grant", epilog='Example: beholden grant show "Ada Vale"')


def list_grants(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Everybody's agreements, and how each stands; names in a rehearsal only."""
    from beholden.acts.grants.people import list_people
    from beholden.acts.grants.rehearse import stands
    from beholden.wiring.clock import now

    with opened(data) as (acting, _):
        everybody = acting.do(list_people)
        if not acting.rehearsal:
            everybody = [_unnamed(person) for person in shown_to(acting, None, everybody)]
        found = [(person, stand) for person in everybody for stand in acting.do(stands, person.id)]
    for person, stand in found:
        if as_json:
            emit({"subject": person.id, "name": person.label, **_values(person, stand, now())})
        else:
            words = _state(stand, now())
            typer.echo(f"{person.label or '-'}  {person.id}  {stand.grant.id}  {stand.grant.purpose}  {words}")
    if not found and not as_json:
        typer.echo("Nobody has agreed to anything.")


def show(
    who: Who, account: AccountName = None, key: KeyFile = None, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """What somebody agreed to, where, until when, and whether it holds now.

    Outside a rehearsal somebody is found by name for an operator's account only, and that counts as looking at them; by
    id for everybody (docs/oversight.md). The same holds wherever WHO is asked for.
    """
    from beholden.acts.grants.rehearse import stands
    from beholden.wiring.clock import now

    with opened(data) as (acting, _):
        person = looked_up(acting, who, account, key)
        found = acting.do(stands, person.id)
        person = person if acting.rehearsal else _unnamed(person)
    for stand in found:
        grant = stand.grant
        if as_json:
            emit(_values(person, stand, now()))
            continue
        given = "the person" if grant.basis is Basis.CONSENT else f"{person.guardian or 'somebody'}, as guardian"
        typer.echo(f"{grant.id}  {grant.purpose} at {', '.join(sorted(grant.places)) or 'files'}")
        typer.echo(f"  given by {given}; {grant.starts_at:%Y-%m-%d %H:%M} to {grant.ends_at:%Y-%m-%d %H:%M} UTC")
        typer.echo(f"  {_state(stand, now())}")
        if stand.over is None:
            asked = "" if stand.asked_at is None else f'; "still yes?" is open since {stand.asked_at:%Y-%m-%d}'
            typer.echo(f"  last yes {stand.confirmed_at:%Y-%m-%d}, over by {stand.over_at:%Y-%m-%d}{asked}")
    if not found and not as_json:
        typer.echo(f"{person.label or person.id} has not agreed to anything.")


def confirm(who: Who, grant: Which = None, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Say yes to "still yes?"; in a rehearsal folder only: elsewhere nobody says it for the person."""
    from beholden.acts.grants.rehearse import confirm as say_yes

    with opened(data) as (acting, _):
        person, chosen = _chosen(acting, who, grant)
        acting.do(say_yes, person, chosen)
    emit({"confirmed": chosen}) if as_json else typer.echo(f"Confirmed {chosen}.")


def renew(
    who: Who,
    grant: Which = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=3660, metavar="DAYS", help="From now; the policy's longest if left out.")
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Agree anew, for longer; in a rehearsal folder only."""
    from beholden.acts.grants.rehearse import renew as renew_grant

    with opened(data) as (acting, _):
        person, chosen = _chosen(acting, who, grant)
        acting.do(renew_grant, person, chosen, days)
    emit({"renewed": chosen}) if as_json else typer.echo(f"Renewed {chosen}.")


def correct(
    who: Who,
    grant: Which = None,
    place: Annotated[list[str] | None, typer.Option(metavar="PLACE", help="Where it is to hold; repeatable.")] = None,
    hours: Annotated[str | None, typer.Option(metavar="HOURS", help="Like 08:00-20:00; any time if left out.")] = None,
    recordings: Annotated[bool, typer.Option("--recordings", help="They ticked: match me in files, too.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Say anew where and when a grant holds; in a rehearsal folder only.

    Less holds at once. What is more is a new grant, with a cooling-off of its own.
    """
    from beholden.acts.grants.rehearse import correct as correct_grant
    from beholden.consent.correction import Terms

    with opened(data) as (acting, settings):
        person, chosen = _chosen(acting, who, grant)
        places = frozenset(settings.place(each).id for each in place or [])
        done = acting.do(correct_grant, person, chosen, Terms(places, _hours(hours), recordings))
    if as_json:
        emit({"corrected": chosen, "goes_on": done.goes_on, "afresh": done.afresh})
    else:
        typer.echo(f"{chosen} {'holds as said' if done.goes_on else 'is over'}.")
        if done.afresh is not None:
            typer.echo(f"What is more is a new grant: {done.afresh}.")


def pause(
    who: Who,
    grant: Which = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Pause all grants of a person, or one: nobody is recognised under them until they resume."""
    from beholden.acts.grants.pause import pause as pause_grants

    with opened(data) as (acting, _):
        which = None if grant is None else GrantId(grant)
        paused = acting.do(pause_grants, looked_up(acting, who, account, key).id, which)
    emit({"paused": list(paused)}) if as_json else typer.echo(f"Paused {counted(len(paused), 'grant')}.")


def resume(who: Who, grant: Which = None, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Resume the paused grants of a person, or one; in a rehearsal folder only."""
    from beholden.acts.grants.pause import resume as resume_grants

    with opened(data) as (acting, _):
        which = None if grant is None else GrantId(grant)
        resumed = acting.do(resume_grants, looked_up(acting, who, None, None).id, which)
    emit({"resumed": list(resumed)}) if as_json else typer.echo(f"Resumed {counted(len(resumed), 'grant')}.")


def cancel(who: Who, grant: Which = None, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Take a grant back before naming began; in a rehearsal folder only."""
    from beholden.acts.grants.rehearse import cancel as cancel_grant

    with opened(data) as (acting, _):
        person, chosen = _chosen(acting, who, grant)
        acting.do(cancel_grant, person, chosen)
    emit({"cancelled": chosen}) if as_json else typer.echo(f"Cancelled {chosen}.")


def met(
    who: Who,
    grant: Which = None,
    at: Annotated[
        str | None, typer.Option(metavar="MOMENT", help="ISO 8601; now if left out. It may be to come.")
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Say that what a grant is for is done: it is over then. With the last one everything is destroyed."""
    from beholden.acts.grants.rehearse import purpose_met
    from beholden.wiring.clock import now

    moment = parse_moment(at) or now()
    with opened(data) as (acting, _):
        person, chosen = _chosen(acting, who, grant)
        acting.do(purpose_met, person, chosen, moment)
    if as_json:
        emit({"met": chosen, "at": moment.isoformat()})
    else:
        typer.echo(f"{chosen} is over at {moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC, or before.")


def withdraw(
    who: Who,
    grant: Which = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    receipt: Annotated[
        Path | None, typer.Option(readable=False, metavar="FILE", help="Where the signed receipt of it goes.")
    ] = None,
    keys: Keys = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """End one grant. With the last one everything that recognises the person is destroyed (`beholden withdraw`).

    Only the person gets the receipt: with --keys, but for a rehearsal. After the last grant nothing is left
    that one could be made of.
    """
    from beholden.acts.grants.rehearse import withdraw as withdraw_grant
    from beholden.acts.own_copy.receipt import asked_withdrawal, withdraw_with_receipt

    if receipt is not None:
        refuse_existing(receipt)
    with opened(data) as (acting, _):
        person, chosen = _chosen(acting, who, grant, account, key)
        if not yes:
            typer.confirm(f"End {chosen}, for good?", abort=True, err=True)
        if receipt is None:
            acting.do(withdraw_grant, person, chosen)
        else:
            proof = None if keys is None else asked_by(acting, None, keys, asked_withdrawal(chosen))[1]
            hand_over(receipt, acting.do(withdraw_with_receipt, person, chosen, proof).signed.decode())
    emit({"withdrawn": chosen}) if as_json else typer.echo(f"{chosen} is over.")


def _chosen(
    acting: Acting, who: str, grant: str | None, account: str | None = None, key: Path | None = None
) -> tuple[SubjectId, GrantId]:
    from beholden.acts.grants.rehearse import stands

    person = looked_up(acting, who, account, key)
    if grant is not None:
        return person.id, GrantId(grant)
    live = [each.grant.id for each in acting.do(stands, person.id) if each.over is None]
    if len(live) == 1:
        return person.id, live[0]
    words = f"has {len(live)} grants: say which with --grant" if live else "has no grant"
    raise PolicyRefused(f"{person.label or person.id} {words}", advice="`beholden grant show` lists them.")


def _unnamed(person: Person) -> Person:
    """Without the guardians' names: `beholden guardian show` shows those, to whoever may know them."""
    return replace(person, guardian=None if person.guardian is None else NOT_SHOWN)


def _hours(text: str | None) -> Hours | None:
    try:
        return None if text is None else Hours.parse(text)
    except ValueError as error:
        raise SettingsError(f"--hours: {error}") from error


def _closed(stand: Stand, moment: datetime) -> str | None:
    closed = stand.grant.closed_at(moment)
    return stand.unnamed if closed is None else str(closed)


def _state(stand: Stand, moment: datetime) -> str:
    closed = _closed(stand, moment)
    return "holds now" if closed is None else f"does not hold: {stand.over or stand.unnamed or closed}"


def _values(person: Person, stand: Stand, moment: datetime) -> dict[str, object]:
    grant, closed = stand.grant, _closed(stand, moment)
    return {
        "grant": grant.id,
        "purpose": grant.purpose,
        "basis": grant.basis,
        "places": sorted(grant.places),
        "from": grant.starts_at.isoformat(),
        "until": grant.ends_at.isoformat(),
        "recordings": grant.recordings,
        "guardian": None if grant.basis is Basis.CONSENT else person.guardian,
        "holds": closed is None,
        "closed": closed,
        "unnamed": stand.unnamed,
        "confirmed_at": stand.confirmed_at.isoformat(),
        "asked_at": None if stand.asked_at is None else stand.asked_at.isoformat(),
        "over_by": stand.over_at.isoformat(),
        "over": stand.over,
        "notice": stand.notice,
    }
