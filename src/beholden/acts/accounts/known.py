"""Which accounts there are, and whether a signature is one of theirs: what every act under oversight asks first."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from beholden.acts.accounts.kept import Record, kept, key_of, moment_of, stored
from beholden.acts.accounts.signed import FRESH, Signed, fingerprint, is_signed
from beholden.acts.office import Office
from beholden.consent.lengths import length
from beholden.consent.oversight.accounts import (
    NEW_FOR,
    Account,
    AccountId,
    Directory,
    Kind,
    Organisation,
    OrganisationId,
    PersonId,
    Role,
)
from beholden.consent.oversight.breakglass import Glass, Review, locked_accounts
from beholden.model.errors import InputError, PolicyRefused
from beholden.model.ids import SubjectId

ADVICE = "docs/oversight.md says which accounts there are, and what each may do."
ACCOUNT, GLASS = "account", "glass"
"""Kinds of records."""


@dataclass(frozen=True, slots=True)
class Held:
    """An account with what people call it here, what its organisation is, and the 32 bytes of its public key.

    `had`: fingerprints of the keys that it had before.
    """

    account: Account
    name: str
    what: Kind
    public: bytes
    had: tuple[str, ...] = ()


def accounts_held(office: Office) -> tuple[Held, ...]:
    """Every account that there ever was, by id, as it is kept; but what is over is over, also where a backup that was
    put back does not know it. Raises DataFolderError, KeystoreError."""
    return tuple(_unless_over(office, _held(each)) for each in kept(office, ACCOUNT))


def end_before(office: Office) -> int:
    """Mark in the keystore, which no backup brings back, whatever account was revoked or changed; how many were not.

    Done with each change; to be called after a crash, too. Raises KeystoreError, DataFolderError.
    """
    wanted: list[str] = []
    for each in kept(office, ACCOUNT):
        held = _held(each)
        wanted += [each.values["before"]] if each.values.get("before") else []
        wanted += [over_mark(held.account)] if held.account.revoked_at is not None else []
    new = [SubjectId(mark) for mark in wanted if office.keystore.bucket(SubjectId(mark)) is None]
    if new:
        office.keystore.create_keys(new)
    return len(new)


def over_mark(account: Account) -> str:
    """What the keystore is to hold once an account with this key and these roles is over: a key that opens nothing."""
    words = (account.id, stored(account.added_at), account.key, *sorted(account.roles))
    return f"over:{hashlib.sha256(chr(31).join(words).encode()).hexdigest()[:32]}"


def directory_of(office: Office) -> Directory:
    """Accounts, organisations and who is locked now. In a rehearsal nobody is new."""
    older = NEW_FOR if office.store.rehearsal else timedelta(0)
    everybody = accounts_held(office)
    accounts = {each.account.id: replace(each.account, added_at=each.account.added_at - older) for each in everybody}
    organisations = {
        each.account.organisation: Organisation(each.account.organisation, each.what) for each in everybody
    }
    known = Directory(accounts, organisations)
    return replace(known, locked=locked_accounts(glasses(office, accounts), known, office.clock()))


def glasses(office: Office, accounts: Mapping[AccountId, Account]) -> tuple[Glass, ...]:
    """Every break-glass that there ever was, the oldest first."""
    found = (_glass(each, accounts) for each in kept(office, GLASS))
    return tuple(sorted((each for each in found if each is not None), key=lambda each: (each.opened_at, each.id)))


def find_account(office: Office, who: str) -> Held:
    """The account of that id, or the one in use of that name. Raises InputError."""
    everybody = accounts_held(office)
    for each in everybody:
        if each.account.id == who:
            return each
    for each in everybody:
        if each.account.revoked_at is None and each.name.casefold() == " ".join(who.split()).casefold():
            return each
    raise InputError(f"there is no account called {who!r} here", advice="List them with `beholden account list`.")


def proven(
    office: Office,
    signed: Signed,
    what: str,
    digest: str,
    within: timedelta = FRESH,
    *,
    acting: bool = True,
    in_doubt: bool = False,
) -> Held:
    """The account that signed this, if the signature is right, recent, and the account may act now.

    Without `acting` the last is asked by the caller; `in_doubt`: also while the time is, by which all of that is
    decided. Raises PolicyRefused that says why not.
    """
    if office.time.now is None and not (in_doubt or office.store.rehearsal):
        raise PolicyRefused("the time is in doubt", advice="Look at a watch, then `beholden time` (docs/oversight.md).")
    now = office.clock()
    held = next((each for each in accounts_held(office) if each.account.id == signed.account), None)
    if held is None or not is_signed(signed, held.public, what, digest):
        raise refused("the signature is not that account's, or is of something else")
    if not now - within < signed.at <= now:
        raise refused("the signature is not of now")
    found = directory_of(office).acting(held.account.id, (now,)) if acting else held.account
    if isinstance(found, str):
        raise refused(found)
    return held


def refuse_names(office: Office, account: Account, subject: SubjectId | None = None) -> None:
    """Go on only with an account that is shown names: an operator's, of those who run the place; or a person's own.

    `subject`: who is looked at; None: nobody who is here. Not with an operator's of today (`refuse_new`), which could
    be another one of somebody who is barred, or looked too often. Raises PolicyRefused, the same of everybody else,
    whether they are here or not.
    """
    if subject is not None and speaks_as(office, account, subject):
        return
    if Role.OPERATOR not in account.roles or directory_of(office).kind(account) is not Kind.SITE:
        raise refused("names are shown to operators of those who run the place")
    refuse_new(office, account)


def refuse_new(office: Office, account: Account) -> None:
    """Go on only with an account that is not of today, or where the folder itself is. Raises PolicyRefused."""
    if new_here(office, account) and not _began_lately(office):
        raise refused(f"a new account is shown names after {length(NEW_FOR)}")


def speaks_as(office: Office, account: Account, person: str) -> bool:
    """Whether what this account says is that human being's own word, and what is for them alone is for it.

    Whoever adds an account says whose it is: one in the name of somebody who was here before counts after `NEW_FOR`,
    in which they are told of it. A subject's has the role `subject`.
    """
    if account.person != person or (person.startswith("s_") and Role.SUBJECT not in account.roles):
        return False
    return not newly_named(office, account)


def auditing(office: Office, signed: Signed, what: str, digest: str, otherwise: str) -> AccountId:
    """The auditor who signed this: of no organisation that runs the place, and not one of today.

    Raises PolicyRefused: `otherwise`, for whoever is none.
    """
    account = proven(office, signed, what, digest).account
    if Role.AUDITOR not in account.roles:
        raise refused(otherwise)
    if directory_of(office).kind(account) is Kind.SITE:
        raise refused("whoever runs the place does not audit it")
    if new_here(office, account):
        raise refused(f"a new auditor waits for {length(NEW_FOR)}")
    return account.id


def newly_named(office: Office, account: Account) -> bool:
    """Whether it is new, and in the name of somebody who was here before."""
    return account.person != f"p_{account.id.removeprefix('a_')}" and new_here(office, account)


def new_here(office: Office, account: Account) -> bool:
    """Whether it was added or changed less than `NEW_FOR` ago; nobody is new in a rehearsal."""
    return not office.store.rehearsal and account.is_new_at(office.clock())


def _began_lately(office: Office) -> bool:
    """Whether the folder is younger than `NEW_FOR`, by its first leaf; one that cannot be read is none."""
    first = office.journal.first()
    if first is None or first.event is None or not first.genuine:
        return False
    return office.clock() < moment_of(first.event["at"]) + NEW_FOR


def refused(reason: str) -> PolicyRefused:
    return PolicyRefused(reason, advice=ADVICE)


def account_record(held: Held, before: Account | None = None) -> Record:
    """The account as it is kept, its name sealed with it under a key of its own. `before`: as it was."""
    account = held.account
    values = {
        "name": held.name,
        "organisation": account.organisation,
        "what": held.what.name,
        "person": account.person,
        "public": held.public.hex(),
        "had": list(held.had),
        "roles": sorted(account.roles),
        "added_at": stored(account.added_at),
        "expires_at": stored(account.expires_at),
        "revoked_at": _maybe(account.revoked_at),
        "before": None if before is None or over_mark(before) == over_mark(account) else over_mark(before),
    }
    return Record(ACCOUNT, account.id, values, key_of(account.id))


def glass_record(glass: Glass) -> Record:
    """The break-glass as it is kept."""
    review = glass.review
    values = {
        "account": glass.account.id,
        "plan": glass.plan,
        "subject": glass.subject,
        "opened_at": stored(glass.opened_at),
        "closed_at": _maybe(glass.closed_at),
        "locked_at": _maybe(glass.locked_at),
        "review": None if review is None else [review.by, stored(review.at), "yes" if review.justified else "no"],
    }
    return Record(GLASS, glass.id, values)


def names_of(held: Collection[Held]) -> dict[str, str]:
    """What people call the accounts, by id."""
    return {each.account.id: each.name for each in held}


def _unless_over(office: Office, held: Held) -> Held:
    account = held.account
    if account.revoked_at is not None or office.keystore.bucket(SubjectId(over_mark(account))) is None:
        return held
    return replace(held, account=replace(account, revoked_at=account.added_at))


def _held(record: Record) -> Held:
    values = record.values
    public = bytes.fromhex(values["public"])
    account = Account(
        id=AccountId(record.id),
        organisation=OrganisationId(values["organisation"]),
        person=PersonId(values["person"]),
        key=fingerprint(public),
        roles=frozenset(map(Role, values["roles"])),
        added_at=moment_of(values["added_at"]),
        expires_at=moment_of(values["expires_at"]),
        revoked_at=_moment(values["revoked_at"]),
    )
    return Held(account, values["name"], Kind[values["what"]], public, tuple(values.get("had", ())))


def _glass(record: Record, accounts: Mapping[AccountId, Account]) -> Glass | None:
    values: Mapping[str, Any] = record.values
    account = accounts.get(AccountId(values["account"]))
    if account is None:
        return None
    said = values["review"]
    return Glass(
        id=record.id,
        account=account,
        plan=values["plan"],
        subject=SubjectId(values["subject"]),
        opened_at=moment_of(values["opened_at"]),
        closed_at=_moment(values["closed_at"]),
        review=None if said is None else Review(AccountId(said[0]), moment_of(said[1]), said[2] == "yes"),
        locked_at=_moment(values["locked_at"]),
    )


def _maybe(moment: datetime | None) -> str | None:
    return None if moment is None else stored(moment)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment_of(text)
