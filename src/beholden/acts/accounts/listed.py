"""Accounts as they are listed, and what each is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from beholden.acts.accounts.kept import kept, key_of, stored
from beholden.acts.accounts.known import Held, accounts_held, directory_of, find_account, proven, speaks_as
from beholden.acts.accounts.signed import Signed, digest_of
from beholden.acts.office import Office
from beholden.acts.plans.later import tells_of, told_later
from beholden.consent.oversight.accounts import Account, Directory, Role

READ = "account notices"
"""What is signed."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An account, to be shown. `dead` is why it does not act now, None when it does; `new`: it does not approve yet."""

    id: str
    name: str
    organisation: str
    what: str
    roles: tuple[str, ...]
    key: str
    added_at: datetime
    expires_at: datetime
    dead: str | None
    new: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A notice to whoever reads it."""

    text: str
    due: datetime


def listed(office: Office, held: Held, known: Directory | None = None) -> Listed:
    """Whether it acts now, and why not. The account of somebody who is recognised here has no name in a live folder.

    `known`: everybody's accounts, where the caller has them.
    """
    person = held.account.roles == frozenset({Role.SUBJECT}) and not office.store.rehearsal
    account = (known or directory_of(office)).acting(held.account.id, (office.clock(),))
    return Listed(
        id=held.account.id,
        name=held.account.id if person else held.name,
        organisation=held.account.organisation,
        what=str(held.what),
        roles=tuple(sorted(held.account.roles)),
        key=held.account.key,
        added_at=held.account.added_at,
        expires_at=held.account.expires_at,
        dead=account if isinstance(account, str) else None,
        new=isinstance(account, Account) and account.is_new_at(office.clock()),
    )


def list_accounts(office: Office) -> tuple[Listed, ...]:
    """Every account, by name."""
    known = directory_of(office)
    return tuple(sorted((listed(office, each, known) for each in accounts_held(office)), key=lambda each: each.name))


def account_id(office: Office, who: str) -> str:
    """The id of the account of that name or id. Raises InputError."""
    return find_account(office, who).account.id


def notices_digest(account: str) -> str:
    """What is signed to read them."""
    return digest_of({"account": account})


def notices_for(office: Office, signed: Signed) -> tuple[Told, ...]:
    """What an account is told, and its holder, the oldest first; for the holder only. Raises PolicyRefused.

    What is about a subject is read with an account that is the subject's, and not one of today; of a plan whose notice
    was delayed, when that is due.
    """
    account = proven(office, signed, READ, notices_digest(signed.account)).account
    readers = [key_of(account.id)]
    if speaks_as(office, account, account.person):
        readers += [key_of(account.person), account.person]
    later = told_later(office, account.person)
    found = [each.values for each in kept(office, "notice", readers) if not tells_of(each.id, later)]
    now = stored(office.clock())
    due = [each for each in found if each["not_before"] is None or each["not_before"] <= now]
    return tuple(
        Told(each["text"], datetime.fromisoformat(each["due"])) for each in sorted(due, key=lambda e: e["due"])
    )
