"""`beholden enrol`, `people`, `withdraw`: who agreed, and who no longer does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from beholden.cli.account_names import looked_up, shown_to
from beholden.cli.account_options import AccountName, KeyFile, signer
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit, opened, parse_moment
from beholden.consent.registry import SubjectState
from beholden.model.grant import Purpose
from beholden.model.ids import PlaceId, new_subject_id

Name = Annotated[str, typer.Argument(metavar="NAME", help="What people call them here; one name, one person.")]
Purposes = Annotated[
    list[Purpose],
    typer.Option("--purpose", "-p", metavar="PURPOSE", help=f"What for: {', '.join(Purpose)}. Repeatable."),
]

WithNames = Annotated[bool, typer.Option("--names", help="With names; in a rehearsal they always are.")]


def register(app: typer.Typer) -> None:
    app.command(
        epilog='Example: beholden enrol "Ada Vale" ada1.jpg ada2.jpg --purpose entrance --place lobby --days 90'
    )(enrol)
    app.command("people", epilog="Example: beholden people --json")(list_people)
    app.command(epilog='Example: beholden withdraw "Ada Vale" --yes')(withdraw)


def enrol(
    name: Name,
    photos: Annotated[
        list[Path], typer.Argument(readable=False, metavar="PHOTO", help="One to five photos of one person.")
    ],
    purpose: Purposes,
    place: Annotated[list[str] | None, typer.Option(metavar="PLACE", help="Where it holds; repeatable.")] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=3660, metavar="DAYS", help="How long; the policy's longest if left out.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="MOMENT", help="When it begins (ISO 8601); now if left out.")
    ] = None,
    guardian: Annotated[str | None, typer.Option(metavar="NAME", help="Who agrees for a dependent.")] = None,
    recordings: Annotated[bool, typer.Option("--recordings", help="They ticked: match me in files, too.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Enrol somebody from photos; in a rehearsal folder only. Photos are looked at in memory and not kept."""
    from beholden.acts.grants.enrol import Wish, enrol_reference, make_enrolment_reference, refuse_early
    from beholden.video.still import read_still
    from beholden.wiring.engine import input_limits, load_faces, template_maker

    with opened(data) as (acting, settings):
        places = frozenset(PlaceId(settings.place(each).id) for each in place or [])
        wish = Wish(
            purposes=tuple(purpose),
            places=places,
            duration=None if days is None else timedelta(days=days),
            guardian=guardian,
            recordings=recordings,
            starts_at=parse_moment(start, "--from"),
        )
        acting.do(refuse_early, name, wish)
        limits = input_limits(settings)
        pictures = [read_still(photo, limits) for photo in photos]
        with make_enrolment_reference(pictures, template_maker(load_faces(settings, data))) as reference:
            made = acting.do(enrol_reference, name, reference, wish, new_subject_id())
    if as_json:
        emit({"subject": made.subject, "name": name, "grants": [g.id for g in made.grants], "shots": made.shots})
        return
    typer.echo(f"Enrolled {name} ({made.subject}) from {counted(made.shots, 'photo')}.")
    for granted in made.grants:
        where = ", ".join(sorted(granted.places)) or "files"
        typer.echo(f"  {granted.id}  {granted.purpose} at {where} until {granted.ends_at:%Y-%m-%d %H:%M} UTC")


def list_people(
    names: WithNames = False,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Who was invited, is enrolled, or withdrew. Not where anybody was seen: nobody may list that.

    Outside a rehearsal names are shown with --names only, to an account, and each of them counts (docs/oversight.md).
    """
    from beholden.acts.grants.people import list_people as list_everybody
    from beholden.wiring.clock import now

    with opened(data) as (acting, _):
        everybody = acting.do(list_everybody)
        if not acting.rehearsal:
            everybody = shown_to(acting, signer(acting, account, key) if names else None, everybody)
    if as_json:
        for person in everybody:
            valid = sum(grant.valid_at(now()) for grant in person.grants)
            emit(
                {
                    "subject": person.id,
                    "name": person.label,
                    "state": str(person.state),
                    "grants": len(person.grants),
                    "grants_that_hold_now": valid,
                }
            )
        return
    if not everybody:
        typer.echo("Nobody yet.")
        return
    rows = [("NAME", "STATE", "SUBJECT", "GRANTS THAT HOLD NOW")]
    for person in everybody:
        valid = [grant for grant in person.grants if grant.valid_at(now())]
        held = "; ".join(f"{g.purpose} at {', '.join(sorted(g.places)) or 'files'}" for g in valid)
        lost = "-" if person.state is SubjectState.WITHDRAWN else "(key lost)"
        rows.append((person.label or lost, str(person.state), person.id, held or "none"))
    # Plain columns, never cut or wrapped: they can be searched and pasted.
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for *cells, last in rows:
        typer.echo("  ".join([*(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)), last]))


def withdraw(
    who: Annotated[str, typer.Argument(metavar="WHO", help="Name or subject id.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    receipt: Annotated[
        Path | None,
        typer.Option(readable=False, metavar="FILE", help="Where the proof of it goes; for the person to keep."),
    ] = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Withdraw: templates and the key that opened them are destroyed, in backups too. This cannot be undone.

    The receipt proves to anybody, offline, that it was done and what was destroyed (`beholden log
    receipt verify`). It can be had again later, by the subject id. Outside a rehearsal somebody is found
    by name for an operator's account only, and that counts as looking at them (docs/oversight.md); by id for everybody.
    """
    from beholden.acts.grants.withdraw import withdraw as withdraw_person
    from beholden.acts.grants.withdraw import withdrawal_receipt
    from beholden.cli.handed_over import hand_over, refuse_existing

    if receipt is not None:
        refuse_existing(receipt)
    with opened(data) as (acting, _):
        person = looked_up(acting, who, account, key)
        name = person.label or person.id
        if not yes and person.state is not SubjectState.WITHDRAWN:
            typer.confirm(f"Destroy everything that recognises {name}?", abort=True, err=True)
        done = acting.do(withdraw_person, person.id)
        if receipt is not None and done.result_logged:
            hand_over(receipt, acting.do(withdrawal_receipt, person.id))
    if as_json:
        emit({"subject": person.id, "state": "withdrawn", "already": done.already})
    elif done.already:
        typer.echo(f"{name} had withdrawn before: there is nothing left to destroy.")
    else:
        typer.echo(f"{name} is forgotten: templates and keys are destroyed.")
        if receipt is None:
            typer.echo(f"For a proof to keep: beholden withdraw {person.id} --receipt FILE")
    if not done.result_logged:
        typer.echo("beholden: the log could not take the result; the next command adds it.", err=True)
