"""Named accounts, who holds them, of which organisation, and whether they may act at a moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

AccountId = NewType("AccountId", str)
OrganisationId = NewType("OrganisationId", str)
PersonId = NewType("PersonId", str)
"""A human being, opaque: the same for all accounts that one holds, and for whoever is a subject here, too."""

NEW_FOR = timedelta(hours=72)
"""So long after they were added, approvers do not approve: somebody has time to notice them (design section 8)."""


class Role(StrEnum):
    OPERATOR = "operator"
    APPROVER = "approver"
    AUDITOR = "auditor"
    SUBJECT = "subject"
    MAINTAINER = "maintainer"


class Kind(StrEnum):
    """What an organisation is."""

    SITE = "runs the place"
    WELFARE = "a welfare body"
    AUTHORITY = "police or another authority"
    OTHER = "another organisation"


@dataclass(frozen=True, slots=True)
class Organisation:
    id: OrganisationId
    kind: Kind


@dataclass(frozen=True, slots=True)
class Account:
    """`person` holds it, with the credential whose key has the fingerprint `key`.

    It counts for added_at <= moment < expires_at, and not from `revoked_at` on (aware UTC). A change of
    key or roles begins a new account in this sense: see `changed`.
    """

    id: AccountId
    organisation: OrganisationId
    person: PersonId
    key: str
    roles: frozenset[Role]
    added_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def dead_at(self, moment: datetime) -> str | None:
        """Why the credential does not count at `moment` (aware), or None when it does."""
        if moment < self.added_at:
            return "the account was added later"
        if self.revoked_at is not None and moment >= self.revoked_at:
            return "the credential was revoked"
        if moment >= self.expires_at:
            return "the credential has expired"
        return None

    def is_new_at(self, moment: datetime) -> bool:
        return moment < self.added_at + NEW_FOR

    def is_held_as(self, other: Account) -> bool:
        """Whether one human being is, or may be, behind both."""
        return self.id == other.id or self.person == other.person or self.key == other.key


def changed(account: Account, now: datetime, *, key: str | None = None, roles: Collection[Role] = ()) -> Account:
    """With another key or other roles from now on: as new as an account that is added now."""
    return replace(account, key=key or account.key, roles=frozenset(roles) or account.roles, added_at=now)


def roles_refusal(roles: Collection[Role]) -> str | None:
    """Why nobody may hold these roles with one account (I11), or None."""
    if not roles:
        return "an account has a role"
    if Role.AUDITOR in roles and not set(roles) <= {Role.AUDITOR, Role.SUBJECT}:
        return "whoever audits does nothing of what is audited"
    if Role.APPROVER in roles and Role.MAINTAINER in roles:
        return "whoever maintains the machines does not approve"
    return None


@dataclass(frozen=True, slots=True)
class Directory:
    """Every account and organisation; `locked` are accounts that lost their right to act (`breakglass`)."""

    accounts: Mapping[AccountId, Account]
    organisations: Mapping[OrganisationId, Organisation]
    locked: frozenset[AccountId] = frozenset()

    def kind(self, account: Account) -> Kind | None:
        organisation = self.organisations.get(account.organisation)
        return None if organisation is None else organisation.kind

    def acting(self, account: AccountId, moments: Collection[datetime]) -> Account | str:
        """The account, if it may act at all of `moments` (aware), or why not.

        Authorities do not act here, whatever their role: they ask the operator, as the law says.
        """
        found = self.accounts.get(account)
        if found is None:
            return "there is no such account"
        if found.id in self.locked:
            return "the account is locked"
        for moment in moments:
            reason = found.dead_at(moment)
            if reason is not None:
                return reason
        kind = self.kind(found)
        if kind is None:
            return "the account is of no known organisation"
        if kind is Kind.AUTHORITY:
            return "police and other authorities neither ask nor approve here"
        return found

    def everyone(self, now: datetime) -> tuple[Account, ...]:
        """Accounts that may act now, by id."""
        found = (self.acting(each, (now,)) for each in sorted(self.accounts))
        return tuple(each for each in found if isinstance(each, Account))

    def watchers(self, watched: Account, now: datetime) -> tuple[Account, ...]:
        """Who hears of an alarm about `watched`: auditors, and approvers of other organisations; never its holder."""
        return tuple(
            each
            for each in self.everyone(now)
            if not each.is_held_as(watched)
            and (
                Role.AUDITOR in each.roles
                or (Role.APPROVER in each.roles and each.organisation != watched.organisation)
            )
        )
