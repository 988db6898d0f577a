"""Whose account a command acts for, and what it is allowed by; the private key is read here and goes nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.options import emit
from beholden.model.errors import LogUnavailable, MissingInput, SettingsError

if TYPE_CHECKING:
    from beholden.acts.accounts.signed import Signed
    from beholden.acts.approvals.requests import Particulars, Standing, Warrant
    from beholden.consent.oversight.rules import Act
    from beholden.ledger.note import SigningKey
    from beholden.supervise.keeper.acting import Acting

AccountName = Annotated[
    str | None,
    typer.Option("--account", envvar="BEHOLDEN_ACCOUNT", metavar="NAME", help="The account that does it: name or id."),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key", envvar="BEHOLDEN_KEY", readable=False, metavar="FILE", help="Its private key: `beholden account key`."
    ),
]
RequestDigest = Annotated[
    str | None,
    typer.Option("--request", metavar="DIGEST", help="What others approved; `beholden request` asks for it."),
]
Asking = Annotated[bool, typer.Option("--ask", hidden=True, help="Ask for it, instead of doing it.")]


@dataclass(frozen=True, slots=True)
class Signer:
    """An account, with the key that it signs with."""

    account: str
    key: SigningKey

    def sign(self, what: str, digest: str, at: datetime | None = None) -> Signed:
        from beholden.acts.accounts.signed import sign
        from beholden.wiring.clock import now

        return sign(self.key, self.account, what, digest, at or now())


def signer(acting: Acting, account: str | None, key: Path | None) -> Signer | None:
    """Whose command it is; None when neither was said. Raises SettingsError, InputError."""
    if account is None and key is None:
        return None
    return some_signer(acting, account, key)


def some_signer(acting: Acting, account: str | None, key: Path | None) -> Signer:
    """As `signer`, where there must be one."""
    from beholden.acts.accounts.listed import account_id

    if account is None or key is None:
        raise SettingsError(
            "that is signed by an account", advice="Give --account and --key, or BEHOLDEN_ACCOUNT and BEHOLDEN_KEY."
        )
    return Signer(acting.do(account_id, account), read_key(key))


def read_key(path: Path) -> SigningKey:
    """The private key of a file. Raises MissingInput when it is not there, damaged, or readable by others."""
    from beholden.ledger.keyfile import load_key

    try:
        return load_key(path)
    except LogUnavailable as error:
        text = error.message.replace("the log's key", "the key")
        raise MissingInput(text, advice=f"Make one with `beholden account key {path}`, or `chmod 600` it.") from error


def warrant_of(
    acting: Acting,
    act: Act,
    particulars: Particulars,
    *,
    request: str | None,
    account: str | None,
    key: Path | None,
    asking: bool,
    subject: str | None = None,
    as_json: bool = False,
) -> Warrant | None:
    """What the act is done under: None when nothing was said. When `asking`, it is asked for, and the command ends."""
    from beholden.acts.approvals.requests import DO, REQUEST, Warrant, ask, request_digest, request_of
    from beholden.wiring.clock import now

    if asking:
        who, at = some_signer(acting, account, key), now()
        digest = request_of(act, particulars, who.account, at, subject).digest
        say_standing(acting.do(ask, act, particulars, who.sign(REQUEST, digest, at), subject), as_json=as_json)
        raise typer.Exit
    if request is None:
        return None
    digest = acting.do(request_digest, request)
    return Warrant(digest, some_signer(acting, account, key).sign(DO, digest))


def say_standing(standing: Standing, *, as_json: bool = False) -> None:
    """What is asked for, who agreed, and what is missing."""
    if as_json:
        emit(
            {
                "request": standing.digest,
                "act": str(standing.act),
                "by": standing.requester,
                "asked": standing.asked_at.isoformat(),
                "particulars": [list(each) for each in standing.particulars],
                "approved_by": list(standing.approved_by),
                "state": standing.state,
                "refusal": standing.refusal,
            }
        )
        return
    typer.echo(f"{standing.digest}  {standing.state}")
    typer.echo(f"  {standing.about}")
    typer.echo(f"  asked by {standing.requester} at {standing.asked_at:%Y-%m-%d %H:%M:%S} UTC")
    for name, value in standing.particulars:
        typer.echo(f"    {name}: {value or '-'}")
    typer.echo(f"  approved by {', '.join(standing.approved_by) or 'nobody yet'}")
    typer.echo("  it may be done now" if standing.refusal is None else f"  not now: {standing.refusal}")
