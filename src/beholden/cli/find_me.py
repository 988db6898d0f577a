"""`beholden find-me`: what somebody laid down in case they go missing, and the plans that others open on it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.account_names import looked_up
from beholden.cli.account_options import (
    AccountName,
    Asking,
    KeyFile,
    RequestDigest,
    signer,
    some_signer,
    warrant_of,
)
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit, opened, parse_moment, said_names
from beholden.model.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from beholden.acts.approvals.requests import Warrant
    from beholden.acts.plans.listed import Seen
    from beholden.supervise.keeper.acting import Acting

Who = Annotated[str, typer.Argument(metavar="WHO", help="The person: name or subject id.")]
PlanName = Annotated[str, typer.Argument(metavar="PLAN", help="Its id: `beholden find-me list`.")]
Names = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="A name, account or subject id; repeatable. `none`: nobody."),
]
NEEDED = "that needs others to agree"


def register(app: typer.Typer) -> None:
    signed = "--account Olga --key olga.key"
    group = typer.Typer(
        help="Find-me plans: laid down beforehand, opened by two.", no_args_is_help=True, rich_markup_mode=None
    )
    group.command("lay-down", epilog='Example: beholden find-me lay-down "Ada Vale" --may-tell Bea --never-tell Ben')(
        lay_down
    )
    group.command(epilog=f'Example: beholden find-me report "Ada Vale" --by Bea {signed}')(report)
    group.command("open", epilog=f"Example: beholden find-me open f_0123456789abcdef --request 5f2c81aa {signed}")(
        open_one
    )
    group.command(epilog=f"Example: beholden find-me renew f_0123456789abcdef --request 5f2c81aa {signed}")(renew)
    group.command(epilog="Example: beholden find-me close f_0123456789abcdef --account Wanda --key wanda.key")(close)
    group.command(epilog='Example: beholden find-me answer "Ada Vale" safe-tell-nobody --account Ada --key ada.key')(
        answer
    )
    group.command(epilog=f"Example: beholden find-me delay f_0123456789abcdef --hours 24 --request 5f2c81aa {signed}")(
        delay
    )
    group.command(epilog="Example: beholden find-me matches f_0123456789abcdef --account Wanda --key wanda.key")(
        matches
    )
    group.command("list", epilog=f"Example: beholden find-me list {signed}")(list_all)
    app.add_typer(group, name="find-me", epilog=f"Example: beholden find-me list {signed}")


def lay_down(
    who: Who,
    may_tell: Names = None,
    never_tell: Names = None,
    relative: Names = None,
    adult_from: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day on which they come of age; a past one: an adult.")
    ] = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Say who may, and who may never, be told; with a find_me grant. What is left out stays as it was said before.

    A list takes the place of the one that was there; `--never-tell none` empties it. Only the person says it, with an
    account of their own; in a rehearsal anybody.
    """
    from beholden.acts.plans.own import LAY_DOWN, Laid
    from beholden.acts.plans.own import lay_down as lay_down_wishes

    adult = parse_moment(adult_from, "--adult-from")
    with opened(data) as (acting, _):
        person = looked_up(acting, who, account, key).id
        wish = Laid(person, said_names(may_tell), said_names(never_tell), said_names(relative), adult)
        by = signer(acting, account, key)
        acting.do(lay_down_wishes, wish, None if by is None else by.sign(LAY_DOWN, wish.digest))
    emit({"laid_down": person}) if as_json else typer.echo(f"Laid down for {person}.")


def report(
    who: Who,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who says that they are missing.")],
    authority: Annotated[bool, typer.Option("--authority", help="Police, or another authority, says so.")] = False,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Take down that somebody is missing. It opens nothing: then ask with `beholden request find-me open PLAN`.

    Where nothing is opened on the report, whoever agrees, it is not said why. The person is told of each.
    """
    from beholden.acts.plans.open_close import REPORT, Filing, file_report

    filing = Filing(f"f_{secrets.token_hex(8)}", who, by, authority)
    with opened(data) as (acting, _):
        done = acting.do(file_report, filing, some_signer(acting, account, key).sign(REPORT, filing.digest))
    if as_json:
        emit({"plan": done.plan, "subject": done.subject})
    else:
        typer.echo(f"{done.plan}. Ask for it: beholden request find-me open {done.plan}")


def open_one(
    plan: PlanName,
    request: RequestDigest = None,
    account: AccountName = None,
    key: KeyFile = None,
    asking: Asking = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Open a plan for 24 hours, after an approver and the welfare body agreed (`beholden request`, `approve`)."""
    from beholden.acts.plans.open_close import open_plan

    with opened(data) as (acting, _):
        warrant = _warrant(acting, plan, "open", 0, request, account, key, asking=asking, as_json=as_json)
        done = acting.do(open_plan, plan, warrant)
    _say(done, as_json=as_json)


def renew(
    plan: PlanName,
    request: RequestDigest = None,
    account: AccountName = None,
    key: KeyFile = None,
    asking: Asking = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """One day more, in the last 12 hours of a day, with both of them again; twice at most."""
    from beholden.acts.plans.open_close import renew_plan

    with opened(data) as (acting, _):
        warrant = _warrant(acting, plan, "renew", 0, request, account, key, asking=asking, as_json=as_json)
        done = acting.do(renew_plan, plan, warrant)
    _say(done, as_json=as_json)


def delay(
    plan: PlanName,
    hours: Annotated[int, typer.Option(min=1, metavar="HOURS", help="How much later; 72 at most, once.")],
    request: RequestDigest = None,
    account: AccountName = None,
    key: KeyFile = None,
    asking: Asking = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Tell the person everything later than 72 hours after it was opened; an outside approver agrees."""
    from beholden.acts.plans.open_close import delay_notice

    with opened(data) as (acting, _):
        warrant = _warrant(acting, plan, "delay", hours, request, account, key, asking=asking, as_json=as_json)
        done = acting.do(delay_notice, plan, hours, warrant)
    _say(done, as_json=as_json)


def close(
    plan: PlanName,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """End a plan at once: any one of those who agreed to it."""
    from beholden.acts.plans.listed import plan_digest
    from beholden.acts.plans.open_close import CLOSE, close_plan

    with opened(data) as (acting, _):
        done = acting.do(close_plan, plan, some_signer(acting, account, key).sign(CLOSE, plan_digest(plan)))
    _say(done, as_json=as_json)


def answer(
    who: Who,
    reply: Annotated[str, typer.Argument(metavar="safe-tell-nobody|safe-tell-mine|help", help="What they answer.")],
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Answer the plan that is open for oneself: an adult who is safe ends it, and nobody else can tell why it ended."""
    from beholden.acts.plans.own import ANSWER, answer_digest, answer_plan

    with opened(data) as (acting, _):
        person, by = looked_up(acting, who, account, key).id, signer(acting, account, key)
        signed = None if by is None else by.sign(ANSWER, answer_digest(person, reply))
        acting.do(answer_plan, person, reply, signed)
    emit({"answered": reply}) if as_json else typer.echo("Answered.")


def matches(
    plan: PlanName,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Where the person was recognised: for the welfare body that agreed, while the plan is open; each is logged."""
    from beholden.acts.plans.listed import plan_digest
    from beholden.acts.plans.matches import MATCHES, read_matches

    with opened(data) as (acting, _):
        signed = some_signer(acting, account, key).sign(MATCHES, plan_digest(plan))
        found = acting.do(read_matches, plan, signed)
    for each in found:
        if as_json:
            emit({"at": each.at.isoformat(), "place": each.place, "camera": each.camera})
        else:
            typer.echo(f"{each.at:%Y-%m-%d %H:%M:%S} UTC  {each.place}  {each.camera}")
    if not found and not as_json:
        typer.echo("They were not recognised so far.")


def list_all(
    account: AccountName = None, key: KeyFile = None, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """Plans of the last year, as this account may see them: the desk reads no more than whoever reported."""
    from beholden.acts.plans.listed import LIST, list_digest, list_plans

    with opened(data) as (acting, _):
        who = some_signer(acting, account, key)
        found = acting.do(list_plans, who.sign(LIST, list_digest(who.account)))
    for each in found:
        _say(each, as_json=as_json)
    if not found and not as_json:
        typer.echo("None that this account has to do with.")


def _warrant(
    acting: Acting,
    plan: str,
    what: str,
    hours: int,
    request: str | None,
    account: str | None,
    key: Path | None,
    *,
    asking: bool,
    as_json: bool,
) -> Warrant:
    """What it is done under. When `asking`, it is asked for, and the command ends. Raises SettingsError for none."""
    from beholden.acts.plans.open_close import ASK, wanted, wanted_digest

    if request is None and not asking:
        raise SettingsError(NEEDED, advice=f"Ask with `beholden request find-me {what} {plan}`, then give --request.")
    signed = some_signer(acting, account, key).sign(ASK, wanted_digest(plan, what, hours))
    asked = acting.do(wanted, plan, what, hours, signed)
    warrant = warrant_of(
        acting,
        asked.act,
        asked.particulars,
        request=request,
        account=account,
        key=key,
        asking=asking,
        subject=asked.subject,
        as_json=as_json,
    )
    if warrant is None:
        raise SettingsError(NEEDED)
    return warrant


def _say(each: Seen, *, as_json: bool) -> None:
    if as_json:
        emit(
            {
                "plan": each.plan,
                "reported": each.reported_at.isoformat(),
                "state": each.state,
                "subject": each.subject,
                "reported_by": each.reported_by,
                "ends": None if each.ends_at is None else each.ends_at.isoformat(),
                "days": each.days,
            }
        )
        return
    about = "" if each.subject is None else f"  {each.subject}, reported by {each.reported_by or '-'}"
    until = f" until {each.ends_at:%Y-%m-%d %H:%M} UTC" if each.ends_at is not None and each.state == "open" else ""
    typer.echo(f"{each.plan}  {each.reported_at:%Y-%m-%d %H:%M} UTC  {each.state}{until}{about}")
