"""`beholden guardian`: grants for dependents, asked for, agreed to, seen, refused, disputed, settled, and listed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from beholden.cli import guardian_seen
from beholden.cli.account_names import looked_up
from beholden.cli.account_options import AccountName, KeyFile, signer
from beholden.cli.guardian_lines import Grant, Guardians, Paper, Who, account_ids, evidence_of, say_guarded, zone_of
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit, opened
from beholden.model.errors import SettingsError
from beholden.model.grant import Hours, Purpose
from beholden.model.ids import GrantId, new_grant_id

As = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who says so, in a rehearsal.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Grants that guardians give.", no_args_is_help=True, rich_markup_mode=None)
    group.command(
        epilog="Example: beholden guardian ask Kim -p care --place garden --guardian Mother --guardian Father "
        "--majority 2030-04-01 --zone Europe/Berlin --paper custody.pdf --account Mother --key mother.key"
    )(ask)
    group.command(epilog="Example: beholden guardian agree g_0123 --account Father --key father.key")(agree)
    group.command(epilog="Example: beholden guardian refuse Kim")(refuse)
    group.command(epilog="Example: beholden guardian allow Kim --account Kim --key kim.key")(allow)
    group.command(epilog="Example: beholden guardian dispute g_0123 --paper court.pdf --account Father --key f.key")(
        dispute
    )
    group.command(epilog="Example: beholden guardian enrol kim1.jpg kim2.jpg --grant g_0123")(enrol)
    group.command(epilog="Example: beholden guardian still g_0123 --yes --account Mother --key mother.key")(still)
    group.command("list", epilog="Example: beholden guardian list --json")(list_all)
    guardian_seen.register(group)
    app.add_typer(group, name="guardian", epilog="Example: beholden guardian list")


def ask(
    who: Who,
    purpose: Annotated[Purpose, typer.Option("--purpose", "-p", metavar="PURPOSE", help="care, photos or find_me.")],
    guardian: Guardians,
    majority: Annotated[str, typer.Option(metavar="DAY", help="The day on which they are of age, like 2030-04-01.")],
    paper: Paper,
    place: Annotated[list[str] | None, typer.Option(metavar="PLACE", help="Where it holds; repeatable.")] = None,
    zone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Where they live (IANA); the place's if left out.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=3660, metavar="DAYS", help="How long; the policy's longest if left out.")
    ] = None,
    hours: Annotated[str | None, typer.Option(metavar="HOURS", help="Like 08:00-20:00; any time if left out.")] = None,
    recordings: Annotated[bool, typer.Option("--recordings", help="They are matched in files, too.")] = False,
    as_who: As = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """A guardian asks for a grant for somebody who was invited. Nobody is named by it.

    It counts once every guardian said yes and an approver of another organisation saw the paper; the dependent's own
    no blocks it at any age. It ends with the day of majority.
    """
    from beholden.acts.guardians.ask import ASK, Ask
    from beholden.acts.guardians.ask import ask as ask_for

    try:
        day = date.fromisoformat(majority)
        times = None if hours is None else Hours.parse(hours)
    except ValueError as error:
        raise SettingsError(f"--majority or --hours: {error}", advice="Like 2030-04-01 and 08:00-20:00.") from None
    evidence = evidence_of(paper)
    with opened(data) as (acting, settings):
        places = [settings.place(each) for each in place or []]
        wish = Ask(
            grant=new_grant_id(),
            subject=looked_up(acting, who, account, key).id,
            purpose=purpose,
            guardians=account_ids(acting, guardian),
            majority=day,
            zone=zone_of(places, zone),
            evidence=evidence,
            places=frozenset(each.id for each in places),
            duration=None if days is None else timedelta(days=days),
            hours=times,
            recordings=recordings,
        )
        by = signer(acting, account, key)
        made = acting.do(ask_for, wish, None if by is None else by.sign(ASK, wish.digest), as_who)
    say_guarded(made, as_json=as_json)


def agree(
    grant: Grant,
    no: Annotated[bool, typer.Option("--no", help="Say no: then it does not count.")] = False,
    as_who: As = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """A guardian says yes, or with --no no; the last word of each counts. One yes and one no is no."""
    from beholden.acts.guardians.ask import NO, YES, said_digest, say

    with opened(data) as (acting, _):
        by, what = signer(acting, account, key), NO if no else YES
        signed = None if by is None else by.sign(what, said_digest(grant))
        made = acting.do(say, GrantId(grant), not no, signed, as_who)
    say_guarded(made, as_json=as_json)


def refuse(
    who: Who, account: AccountName = None, key: KeyFile = None, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """The dependent says no, at any age: no guardian's grant counts, now or later. Written down for whoever says so."""
    from beholden.acts.guardians.ask import PERSON_NO, own_digest
    from beholden.acts.guardians.ask import refuse as refuse_all

    with opened(data) as (acting, _):
        person, by = looked_up(acting, who, account, key).id, signer(acting, account, key)
        acting.do(refuse_all, person, None if by is None else by.sign(PERSON_NO, own_digest(person)))
    if as_json:
        emit({"subject": person, "refused": True})
    else:
        typer.echo(f"{person} said no: no guardian's grant counts. `beholden withdraw` destroys what is kept.")


def allow(
    who: Who, account: AccountName = None, key: KeyFile = None, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """The dependent takes their own no back, by their own account (added with --same-as)."""
    from beholden.acts.guardians.ask import PERSON_YES, own_digest
    from beholden.acts.guardians.ask import allow as allow_again

    with opened(data) as (acting, _):
        person, by = looked_up(acting, who, account, key).id, signer(acting, account, key)
        acting.do(allow_again, person, None if by is None else by.sign(PERSON_YES, own_digest(person)))
    emit({"subject": person, "refused": False}) if as_json else typer.echo(f"{person} took their own no back.")


def dispute(
    grant: Grant,
    paper: Paper,
    as_who: As = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Somebody shows a paper that says otherwise: suspended at once, until an approver of elsewhere settles it."""
    from beholden.acts.guardians.ask import DISPUTE, said_digest
    from beholden.acts.guardians.ask import dispute as dispute_grant

    evidence = evidence_of(paper)
    with opened(data) as (acting, _):
        by, name = signer(acting, account, key), GrantId(grant)
        signed = None if by is None else by.sign(DISPUTE, said_digest(grant, evidence))
        made = acting.do(dispute_grant, name, evidence, signed, as_who)
    say_guarded(made, as_json=as_json)


def enrol(
    photos: Annotated[list[Path], typer.Argument(readable=False, metavar="PHOTO", help="One to five photos of them.")],
    grant: Annotated[list[str], typer.Option(metavar="GRANT", help="Under which grants; repeatable.")],
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Enrol the dependent under grants that count; in a rehearsal only: elsewhere they are captured live."""
    from beholden.acts.grants.enrol import make_enrolment_reference
    from beholden.acts.guardians.enrol_dependent import enrol_dependent, refuse_dependent
    from beholden.video.still import read_still
    from beholden.wiring.engine import input_limits, load_faces, template_maker

    grants = tuple(GrantId(each) for each in grant)
    with opened(data) as (acting, settings):
        acting.do(refuse_dependent, grants)
        pictures = [read_still(photo, input_limits(settings)) for photo in photos]
        with make_enrolment_reference(pictures, template_maker(load_faces(settings, data))) as reference:
            made = acting.do(enrol_dependent, grants, reference)
    if as_json:
        emit({"subject": made.subject, "grants": [each.id for each in made.grants], "shots": made.shots})
    else:
        typer.echo(f"Enrolled {made.subject} from {counted(made.shots, 'photo')}, for their guardians.")


def still(
    grant: Grant,
    days: Annotated[
        int | None, typer.Option(min=1, max=3660, metavar="DAYS", help="Agree for so long from now, not only still.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="The notice was read: do not ask.")] = False,
    as_who: As = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """A guardian reads the notice as it is now, and answers "still yes?" for the dependent."""
    from beholden.acts.guardians.still import STILL, notice_of, still_digest
    from beholden.acts.guardians.still import still as still_yes

    with opened(data) as (acting, _):
        by, name = signer(acting, account, key), GrantId(grant)
        notice = acting.do(notice_of, name)
        if not yes:
            typer.echo(notice.text, err=True)
            typer.confirm("Is it still a yes?", abort=True, err=True)
        signed = None if by is None else by.sign(STILL, still_digest(name, notice.digest, days))
        made = acting.do(still_yes, name, notice.digest, days, signed, as_who)
    say_guarded(made, as_json=as_json)


def list_all(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Every grant that guardians asked for, and why it does not count. Who they are is shown in a rehearsal only."""
    from beholden.acts.guardians.ask import list_guarded

    with opened(data) as (acting, _):
        found = acting.do(list_guarded)
    for each in found:
        say_guarded(each, as_json=as_json)
    if not found and not as_json:
        typer.echo("No guardian asked for anything.")
