"""`beholden guardian approve|decline|settle|show`: what an approver of another organisation does about guardians."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from beholden.cli.account_options import AccountName, KeyFile, signer
from beholden.cli.guardian_lines import (
    Grant,
    Guardians,
    Paper,
    account_ids,
    evidence_of,
    named_guarded,
    paper_or_none,
    say_guarded,
)
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, opened
from beholden.model.ids import GrantId

SeenPaper = Annotated[
    Path | None,
    typer.Option("--paper", readable=False, metavar="FILE", help="The paper that you saw: it must be the guardians'."),
]
Line = Annotated[
    str | None, typer.Option("--signed", metavar="LINE", help="A signature that `beholden approve --print` gave.")
]
_SIGNS = "--account Uwe --key uwe.key"


def register(group: typer.Typer) -> None:
    group.command(epilog=f"Example: beholden guardian approve g_0123 --paper custody.pdf {_SIGNS}")(approve)
    group.command(epilog=f"Example: beholden guardian decline g_0123 {_SIGNS}")(decline)
    group.command(epilog=f"Example: beholden guardian settle g_0123 --guardian Father --paper court.pdf {_SIGNS}")(
        settle
    )
    group.command(epilog=f"Example: beholden guardian show g_0123 {_SIGNS}")(show)


def approve(
    grant: Grant,
    paper: SeenPaper = None,
    signed: Line = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """An approver of another organisation saw the guardians' paper. With another paper it is refused.

    `beholden guardian show` tells the digest that is signed; somewhere else `beholden approve DIGEST --print` signs it.
    """
    from beholden.acts.accounts.signed import parse_signed
    from beholden.acts.approvals.requests import APPROVE
    from beholden.acts.guardians.seen import approve as approve_grant
    from beholden.acts.guardians.seen import to_sign

    evidence = paper_or_none(paper)
    with opened(data) as (acting, _):
        name = GrantId(grant)
        by = None if signed is not None else signer(acting, account, key)
        given = None if signed is None else parse_signed(signed)
        if by is not None:
            given = by.sign(APPROVE, acting.do(to_sign, name, evidence))
        made = acting.do(approve_grant, name, evidence, given)
    say_guarded(made, as_json=as_json)


def decline(
    grant: Grant,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """An approver of another organisation refuses the authority. No other one is asked: guardians ask anew."""
    from beholden.acts.guardians.seen import DECLINE, to_sign
    from beholden.acts.guardians.seen import decline as decline_grant

    with opened(data) as (acting, _):
        by, name = signer(acting, account, key), GrantId(grant)
        signed = None if by is None else by.sign(DECLINE, acting.do(to_sign, name))
        made = acting.do(decline_grant, name, None, signed)
    say_guarded(made, as_json=as_json)


def settle(
    grant: Grant,
    guardian: Guardians,
    paper: Paper,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """An approver of another organisation says who the guardians are. Whoever is new has to say yes, too."""
    from beholden.acts.approvals.requests import APPROVE
    from beholden.acts.guardians.seen import settle as settle_grant
    from beholden.acts.guardians.seen import to_sign

    evidence = evidence_of(paper)
    with opened(data) as (acting, _):
        others, name = account_ids(acting, guardian), GrantId(grant)
        by = signer(acting, account, key)
        signed = None if by is None else by.sign(APPROVE, acting.do(to_sign, name, evidence, others))
        made = acting.do(settle_grant, name, evidence, others, signed)
    say_guarded(made, as_json=as_json)


def show(
    grant: Grant, account: AccountName = None, key: KeyFile = None, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """One grant with the names of its guardians: for approvers, the guardians and the dependent; it is logged.

    An approver of another organisation is shown the dependent's name, too, which counts as any display does.
    """
    with opened(data) as (acting, _):
        found, name = named_guarded(acting, GrantId(grant), signer(acting, account, key))
    say_guarded(found, as_json=as_json, name=name)
