"""`beholden glass open|close|review|list`: one approver alone, for a quarter of an hour, and everybody is told."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.account_options import AccountName, KeyFile, signer, some_signer
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit, opened
from beholden.model.ids import SubjectId

if TYPE_CHECKING:
    from beholden.acts.approvals.breakglass import Broken

Glass = Annotated[str, typer.Argument(metavar="GLASS", help="Its id: `beholden glass list`.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Break-glass: one approver alone.", no_args_is_help=True, rich_markup_mode=None)
    group.command(
        "open",
        epilog='Example: beholden glass open PLAN --subject s_0123456789 --why "no answer at the door" --account Sam '
        "--key sam.key",
    )(open_one)
    group.command(epilog="Example: beholden glass close 1f2e3d4c5b6a7988 --account Sam --key sam.key")(close)
    group.command(epilog="Example: beholden glass review 1f2e3d4c5b6a7988 --justified --account Uwe --key uwe.key")(
        review
    )
    group.command("list", epilog="Example: beholden glass list --account Uwe --key uwe.key")(list_all)
    app.add_typer(group, name="glass", epilog="Example: beholden glass list --account Uwe --key uwe.key")


def open_one(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="The find-me plan of a report.")],
    subject: Annotated[str, typer.Option(metavar="SUBJECT", help="Whose plan it is: the subject id.")],
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why it cannot wait; everybody reads it.")],
    welfare: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Which welfare body sees matches; one's own, or the only one, if left out."),
    ] = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Open a plan alone, for 15 minutes. The person and every account are told; without a review in a day it locks."""
    from beholden.acts.approvals.breakglass import OPEN, Breaking, open_glass

    wish = Breaking(secrets.token_hex(8), plan, SubjectId(subject), why, welfare)
    with opened(data) as (acting, _):
        made = acting.do(open_glass, wish, some_signer(acting, account, key).sign(OPEN, wish.digest))
    _say(made, as_json=as_json)


def close(
    glass: Glass, account: AccountName = None, key: KeyFile = None, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """Close it before its time."""
    from beholden.acts.approvals.breakglass import CLOSE, close_glass, glass_digest

    with opened(data) as (acting, _):
        after = acting.do(close_glass, glass, some_signer(acting, account, key).sign(CLOSE, glass_digest(glass)))
    _say(after, as_json=as_json)


def review(
    glass: Glass,
    justified: Annotated[bool, typer.Option("--justified/--not-justified", help="Whether it had to be.")],
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Say whether it was justified: an approver or an auditor of another organisation. If not, its account locks."""
    from beholden.acts.approvals.breakglass import REVIEW, glass_digest, review_glass

    with opened(data) as (acting, _):
        digest = glass_digest(glass, "yes" if justified else "no")
        signed = some_signer(acting, account, key).sign(REVIEW, digest)
        after = acting.do(review_glass, glass, justified, signed)
    _say(after, as_json=as_json)


def list_all(
    account: AccountName = None, key: KeyFile = None, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """Every break-glass that there ever was: for approvers and auditors, and those of one's own account."""
    from beholden.acts.approvals.breakglass import LIST, list_glasses
    from beholden.acts.approvals.people import list_digest

    with opened(data) as (acting, _):
        who = signer(acting, account, key)
        found = acting.do(list_glasses, None if who is None else who.sign(LIST, list_digest(who.account)))
    for each in found:
        _say(each, as_json=as_json)
    if not found and not as_json:
        typer.echo("None.")


def _say(each: Broken, *, as_json: bool) -> None:
    if as_json:
        emit(
            {
                "glass": each.glass,
                "account": each.account,
                "plan": each.plan,
                "subject": each.subject,
                "opened": each.opened_at.isoformat(),
                "ends": each.ends_at.isoformat(),
                "review_due": each.review_due.isoformat(),
                "open": each.open,
                "verdict": each.verdict,
                "account_locked": each.locks,
            }
        )
        return
    state = f"open until {each.ends_at:%H:%M:%S}" if each.open else f"closed at {each.ends_at:%Y-%m-%d %H:%M:%S}"
    verdict = each.verdict or f"to be reviewed until {each.review_due:%Y-%m-%d %H:%M} UTC"
    locked = "; its account is locked" if each.locks else ""
    typer.echo(f"{each.glass}  {each.plan} of {each.subject} by {each.account}: {state} UTC; {verdict}{locked}")
