"""`beholden ties bar|unbar|relative|unrelate|known|unknown|list`: what a person says about who may look at them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.account_options import AccountName, KeyFile, signer
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit, opened
from beholden.model.ids import SubjectId

if TYPE_CHECKING:
    from beholden.acts.displays.watched import Tie

Holder = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Name or id of an account.")]
Relative = Annotated[str, typer.Argument(metavar="SUBJECT", help="The relative's subject id, which they know.")]
Whose = Annotated[
    str | None,
    typer.Option("--subject", metavar="SUBJECT", help="Whose word it is; left out where their own account signs."),
]


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        help="What a person says about who may look at them; nobody is told.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command(epilog="Example: beholden ties bar Olga --account Ada --key ada.key")(bar)
    group.command(epilog="Example: beholden ties unbar Olga --account Ada --key ada.key")(unbar)
    group.command(epilog="Example: beholden ties relative s_4f1d0c9b8a7e --account Ada --key ada.key")(relative)
    group.command(epilog="Example: beholden ties unrelate s_4f1d0c9b8a7e --account Ada --key ada.key")(unrelate)
    group.command(epilog="Example: beholden ties known Olga --account Ada --key ada.key")(known)
    group.command(epilog="Example: beholden ties unknown Olga --account Ada --key ada.key")(unknown)
    group.command("list", epilog="Example: beholden ties list --account Ada --key ada.key")(list_all)
    app.add_typer(group, name="ties", epilog="Example: beholden ties list --account Ada --key ada.key")


def bar(
    who: Holder,
    subject: Whose = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """To whoever holds that account, the person is not there from now on; its holder is not told."""
    from beholden.acts.displays.watched import Tie

    _said(data, Tie.BARRED, who, subject, account, key, back=False)
    _done(as_json, "barred", who, f"To {who} you are not there from now on.")


def unbar(
    who: Holder,
    subject: Whose = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Lift a bar, with the account that set it."""
    from beholden.acts.displays.watched import Tie

    _said(data, Tie.BARRED, who, subject, account, key, back=True)
    _done(as_json, "unbarred", who, f"{who} is barred no more.")


def relative(
    who: Relative,
    subject: Whose = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Looking at one of a family is looking at the other: both count together."""
    from beholden.acts.displays.watched import Tie

    _said(data, Tie.RELATIVE, who, subject, account, key, back=False)
    _done(as_json, "relative", who, f"Looks at you and at {who} count together.")


def unrelate(
    who: Relative,
    subject: Whose = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Count looks at the two apart again."""
    from beholden.acts.displays.watched import Tie

    _said(data, Tie.RELATIVE, who, subject, account, key, back=True)
    _done(as_json, "unrelated", who, f"Looks at you and at {who} count apart.")


def known(
    who: Holder,
    subject: Whose = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Say that an account's holder and the person know each other: each look is told to those who watch.

    Its holder may say so, too, with --subject. They do not approve what concerns the person.
    """
    from beholden.acts.displays.watched import Tie

    _said(data, Tie.KNOWN, who, subject, account, key, back=False)
    _done(as_json, "known", who, f"Those who watch are told when {who} looks, or is shown them.")


def unknown(
    who: Holder,
    subject: Whose = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Take that back, with the account that said it."""
    from beholden.acts.displays.watched import Tie

    _said(data, Tie.KNOWN, who, subject, account, key, back=True)
    _done(as_json, "unknown", who, f"Taken back: {who} is nobody in particular.")


def list_all(
    subject: Whose = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """What the person said, and who said to be their relative. For the person alone."""
    from beholden.acts.displays.ties import READ, ties, ties_digest

    with opened(data) as (acting, _):
        by = signer(acting, account, key)
        signed = None if by is None else by.sign(READ, ties_digest(by.account))
        found = acting.do(ties, None if subject is None else SubjectId(subject), signed)
    for each in found:
        emit({"tie": str(each.tie), "other": each.other}) if as_json else typer.echo(f"{each.tie}  {each.other}")
    if not found and not as_json:
        typer.echo("Nothing was said.")


def _said(
    data: Path, tie: Tie, other: str, subject: str | None, account: str | None, key: Path | None, *, back: bool
) -> None:
    from beholden.acts.accounts.listed import account_id
    from beholden.acts.displays.ties import SAY, TAKE_BACK, say, take_back, tie_digest
    from beholden.acts.displays.watched import Tie

    act: Callable[..., None] = take_back if back else say
    with opened(data) as (acting, _):
        named = other if tie is Tie.RELATIVE else acting.do(account_id, other)
        by = signer(acting, account, key)
        digest = tie_digest(tie, named, subject)
        signed = None if by is None else by.sign(TAKE_BACK if back else SAY, digest)
        acting.do(act, tie, named, None if subject is None else SubjectId(subject), signed)


def _done(as_json: bool, what: str, who: str, words: str) -> None:
    emit({what: who}) if as_json else typer.echo(words)
