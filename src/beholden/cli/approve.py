"""`beholden request`, `approve` and `approvals`: what one credential alone cannot do."""

from __future__ import annotations

from typing import Annotated

import typer

from beholden.cli.account_options import (
    AccountName,
    Asking,
    KeyFile,
    RequestDigest,
    read_key,
    say_standing,
    signer,
    some_signer,
    warrant_of,
)
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit, opened, waiting
from beholden.model.errors import SettingsError

Digest = Annotated[str, typer.Argument(metavar="DIGEST", help="The request, or its first 8 digits or more.")]
Print = Annotated[
    bool,
    typer.Option("--print", help="Only print the signature, on any machine: DIGEST is the whole one, --account an id."),
]
Given = Annotated[str | None, typer.Option("--signed", metavar="LINE", help="A signature that `--print` gave.")]


def register(app: typer.Typer) -> None:
    app.command(
        "request",
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
        epilog="Example: beholden request camera zones door --account Olga --key olga.key",
    )(request)
    app.command(epilog="Example: beholden approve 5f2c81aa --account Sam --key sam.key")(approve)
    group = typer.Typer(help="What was asked for, and who agreed.", no_args_is_help=True, rich_markup_mode=None)
    group.command("list", epilog="Example: beholden approvals list --json")(list_all)
    group.command(epilog="Example: beholden approvals show 5f2c81aa")(show)
    group.command(epilog="Example: beholden approvals accept settings --request 5f2c81aa --account Olga --key o.key")(
        accept
    )
    app.add_typer(group, name="approvals", epilog="Example: beholden approvals list")


def request(context: typer.Context) -> None:
    """Ask for the command that follows, instead of doing it, and print the digest that others approve.

    For `camera add`, `camera zones`, `recordings export`, `models add`, `approvals accept`, and `find-me open`,
    `renew` and `delay`. Then do it with --request DIGEST.
    """
    if not context.args:
        raise typer.BadParameter("the command that is asked for is missing", param_hint="COMMAND")
    command = context.find_root().command
    with command.make_context("beholden", [*context.args, "--ask"]) as inner:
        command.invoke(inner)


def approve(
    digest: Digest,
    account: AccountName = None,
    key: KeyFile = None,
    only_print: Print = False,
    signed: Given = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Agree to exactly one request, by a signature that counts for a day. It says what is missing after it."""
    from beholden.acts.accounts.signed import parse_signed, sign
    from beholden.acts.approvals.requests import APPROVE, request_digest
    from beholden.acts.approvals.requests import approve as approve_request
    from beholden.wiring.clock import now

    if only_print:
        if account is None or key is None or len(digest) != 64:
            raise SettingsError("a signature needs the whole digest, --account with an id, and --key")
        line = sign(read_key(key), account, APPROVE, digest, now()).encoded()
        emit({"signed": line}) if as_json else typer.echo(line)
        return
    with opened(data) as (acting, _):
        if signed is None:
            digest = acting.do(request_digest, digest)
            given = some_signer(acting, account, key).sign(APPROVE, digest)
        else:
            given = parse_signed(signed)
        standing = acting.do(approve_request, digest, given)
    say_standing(standing, as_json=as_json)


def list_all(
    account: AccountName = None, key: KeyFile = None, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """Requests of the last 90 days, the newest first, and rules that wait: nobody is named before they are accepted.

    Those about a person are listed with an account only: for approvers, auditors, and who asked.
    """
    from beholden.acts.approvals.people import list_digest
    from beholden.acts.approvals.requests import LIST, requests
    from beholden.acts.approvals.rules import held_rules

    with opened(data) as (acting, _):
        who = signer(acting, account, key)
        signed = None if who is None else who.sign(LIST, list_digest(who.account))
        found, held = acting.do(requests, signed), acting.do(held_rules)
    for each in held:
        if as_json:
            emit({"held": each})
        else:
            typer.echo(f"Nobody is named: {waiting([each])}. beholden request approvals accept {each}")
    for each in found:
        say_standing(each, as_json=as_json)
    if not found and not held and not as_json:
        typer.echo("Nothing was asked for.")


def show(
    digest: Digest, account: AccountName = None, key: KeyFile = None, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """One request, as it stands; with an account, where it is about a person."""
    from beholden.acts.approvals.people import show_digest
    from beholden.acts.approvals.requests import SHOW
    from beholden.acts.approvals.requests import request as request_named

    with opened(data) as (acting, _):
        who = signer(acting, account, key)
        found = acting.do(request_named, digest, None if who is None else who.sign(SHOW, show_digest(digest)))
    say_standing(found, as_json=as_json)


def accept(
    rules: Annotated[str, typer.Argument(metavar="settings|policy", help="Which rules wait.")],
    request: RequestDigest = None,
    account: AccountName = None,
    key: KeyFile = None,
    asking: Asking = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Let settings or a policy that loosen what holds come into force. Without that nobody is named."""
    from beholden.acts.approvals.rules import accept_rules, held_particulars

    with opened(data) as (acting, _):
        wanted = acting.do(held_particulars, rules)
        done = False
        if wanted is not None:
            act, about = wanted
            warrant = warrant_of(acting, act, about, request=request, account=account, key=key, asking=asking)
            done = acting.do(accept_rules, rules, warrant)
    if as_json:
        emit({"rules": rules, "accepted": done})
    else:
        typer.echo(f"The {rules} are in force. Start `beholden watch` again." if done else f"No {rules} wait.")
