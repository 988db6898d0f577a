"""`beholden account key|add|list|change|revoke|notices`: who runs, approves and audits here."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.account_options import AccountName, KeyFile, signer, some_signer
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit, opened
from beholden.model.errors import LogUnavailable, OutputRefused

if TYPE_CHECKING:
    from beholden.acts.accounts.listed import Listed

Who = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Name or id of the account.")]
Roles = Annotated[
    list[str] | None,
    typer.Option("--role", metavar="ROLE", help="operator, approver, auditor, subject or maintainer; repeatable."),
]
Public = Annotated[str, typer.Option("--public", metavar="KEY", help="The public key that `account key` printed.")]
NewPublic = Annotated[str | None, typer.Option("--public", metavar="KEY", help="Another public key.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Who runs, approves and audits here.", no_args_is_help=True, rich_markup_mode=None)
    group.command(epilog="Example: beholden account key ~/olga.key")(key)
    group.command(
        epilog="Example: beholden account add Olga --organisation Townhall --what site --role operator --public "
        "olga+1a2b3c4d+AbC..."
    )(add)
    group.command("list", epilog="Example: beholden account list --json")(list_all)
    group.command(epilog="Example: beholden account change Olga --role operator --role approver --account Max --key k")(
        change
    )
    group.command(epilog="Example: beholden account revoke Olga --account Max --key max.key")(revoke)
    group.command(epilog="Example: beholden account notices --account Olga --key olga.key")(notices)
    app.add_typer(group, name="account", epilog="Example: beholden account list")


def key(
    file: Annotated[Path, typer.Argument(readable=False, metavar="FILE", help="Where the private key goes (0600).")],
    name: Annotated[str, typer.Option(metavar="NAME", help="What the key is called; without blanks.")] = "account",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Make a private key, for its holder alone, and print its public key. Never in the data folder."""
    from beholden.ledger.keyfile import create_key
    from beholden.ledger.note import NoteError

    if data.resolve() in file.resolve().parents:
        raise OutputRefused(f"{file} is in the data folder", advice="Keep it where whoever runs this cannot read it.")
    try:
        public = create_key(file, name).verifier.encoded()
    except NoteError as error:
        raise typer.BadParameter(f"{name!r}: a name has no blanks and no plus sign", param_hint="--name") from error
    except LogUnavailable as error:
        raise OutputRefused(error.message.replace("the log's key", "the key")) from error
    emit({"public": public}) if as_json else typer.echo(public)


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call its holder; sealed.")],
    organisation: Annotated[str, typer.Option(metavar="ORG", help="The organisation it is of.")],
    role: Roles,
    public: Public,
    what: Annotated[
        str | None, typer.Option(metavar="KIND", help="What a new organisation is: site, welfare, authority or other.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, metavar="DAYS", help="How long it lasts.")] = 365,
    same_as: Annotated[
        str | None, typer.Option(metavar="WHO", help="Another account, or the subject id, of the same human being.")
    ] = None,
    log_keys: Annotated[
        Path | None,
        typer.Option(readable=False, metavar="FILE", help="Their log keys (`log keys`), which prove that they say so."),
    ] = None,
    own_account: Annotated[
        str | None, typer.Option(metavar="NAME", help="In place of that, another account of theirs.")
    ] = None,
    own_key: Annotated[Path | None, typer.Option(readable=False, metavar="FILE", help="Its private key.")] = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Add an account. Every account is told; for 72 hours it does not approve (docs/oversight.md).

    The first account of a folder, an operator's or a maintainer's, needs no other; all later ones do. One in the name
    of somebody who is known here (--same-as) needs their word, too: --log-keys, or an account of theirs.
    """
    from beholden.acts.accounts.change import ADD, add_account
    from beholden.acts.accounts.wished import SAME, NewAccount
    from beholden.cli.grant_own import proven_by
    from beholden.wiring.clock import now

    new = f"a_{secrets.token_hex(8)}"
    wish = NewAccount(new, name, organisation, what, tuple(role or ()), public, days, same_as)
    with opened(data) as (acting, _):
        who, own = signer(acting, account, key), signer(acting, own_account, own_key)
        proof = None if log_keys is None else proven_by(log_keys, wish.asked, now())[1]
        by, said = (None if each is None else each.sign(what, wish.digest) for each, what in ((who, ADD), (own, SAME)))
        made = acting.do(add_account, wish, by, said, proof)
    _say("Added", made, as_json=as_json)


def list_all(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Every account, what it may do, and whether it acts now."""
    from beholden.acts.accounts.listed import list_accounts

    with opened(data) as (acting, _):
        found = acting.do(list_accounts)
    for each in found:
        _say("", each, as_json=as_json)
    if not found and not as_json:
        typer.echo("No accounts yet: `beholden account add`.")


def change(
    who: Who,
    public: NewPublic = None,
    role: Roles = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Give an account another key or other roles; for 72 hours it does not approve. Its holder may change the key."""
    from beholden.acts.accounts.change import CHANGE, change_account, change_digest
    from beholden.acts.accounts.listed import account_id

    roles = tuple(role or ())
    with opened(data) as (acting, _):
        changed, by = acting.do(account_id, who), signer(acting, account, key)
        signed = None if by is None else by.sign(CHANGE, change_digest(changed, public, roles))
        after = acting.do(change_account, changed, public, roles, signed)
    _say("Changed", after, as_json=as_json)


def revoke(
    who: Who, account: AccountName = None, key: KeyFile = None, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """Let an account act no more. Its holder may, and its organisation; nobody in the place of a person."""
    from beholden.acts.accounts.change import REVOKE, change_digest, revoke_account
    from beholden.acts.accounts.listed import account_id

    with opened(data) as (acting, _):
        revoked, by = acting.do(account_id, who), signer(acting, account, key)
        signed = None if by is None else by.sign(REVOKE, change_digest(revoked))
        after = acting.do(revoke_account, revoked, signed)
    _say("Revoked", after, as_json=as_json)


def notices(
    account: AccountName = None, key: KeyFile = None, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """What this account is told, the oldest first."""
    from beholden.acts.accounts.listed import READ, notices_digest, notices_for

    with opened(data) as (acting, _):
        who = some_signer(acting, account, key)
        found = acting.do(notices_for, who.sign(READ, notices_digest(who.account)))
    for each in found:
        if as_json:
            emit({"due": each.due.isoformat(), "text": each.text})
        else:
            typer.echo(f"{each.due:%Y-%m-%d %H:%M} UTC  {each.text}")
    if not found and not as_json:
        typer.echo("Nothing.")


def _say(done: str, each: Listed, *, as_json: bool) -> None:
    if as_json:
        emit(
            {
                "account": each.id,
                "name": each.name,
                "organisation": each.organisation,
                "what": each.what,
                "roles": list(each.roles),
                "key": each.key,
                "added": each.added_at.isoformat(),
                "expires": each.expires_at.isoformat(),
                "acts": each.dead is None,
                "why_not": each.dead,
                "new": each.new,
            }
        )
        return
    state = each.dead or ("does not approve yet" if each.new else "acts")
    head = f"{done} {each.name}" if done else each.name
    typer.echo(f"{head} ({each.id}) of {each.organisation}: {', '.join(each.roles)}; {state}")
