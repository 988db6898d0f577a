"""Who may add, change and revoke whose account: so that the place cannot replace those who watch it. Pure.

Those who watch are approvers and auditors of organisations that do not run the place. The place adds the first of
them; after that they add each other. An account with the role `subject` alone acts for no organisation.
"""

from __future__ import annotations

from datetime import datetime

from beholden.consent.oversight.accounts import NEW_FOR, Account, Directory, Kind, Role

ADMIN = frozenset({Role.OPERATOR, Role.MAINTAINER})
WATCHING = frozenset({Role.APPROVER, Role.AUDITOR})


def runs(account: Account, known: Directory) -> bool:
    """Whether it is one of the place that may add others."""
    return known.kind(account) is Kind.SITE and not account.roles.isdisjoint(ADMIN)


def has_powers(account: Account) -> bool:
    """Whether it may do more than speak for its holder."""
    return account.roles != frozenset({Role.SUBJECT})


def is_theirs_alone(account: Account) -> bool:
    """Whether it speaks for somebody who is, or may be, recognised here: then nobody else gives it a key."""
    return Role.SUBJECT in account.roles or account.person.startswith("s_")


def may_add(adder: Account, wished: Account, what: Kind, known: Directory, now: datetime) -> bool:
    """Whether `adder`, which acts, may add `wished` at `now` (aware), whose organisation is `what`."""
    theirs = [each for each in known.accounts.values() if each.organisation == wished.organisation and has_powers(each)]
    if adder.organisation == wished.organisation:
        if what is Kind.SITE:
            return runs(adder, known)
        return has_powers(adder) or not (has_powers(wished) or theirs)
    if what is Kind.SITE:
        return False  # a second organisation of the place would be its own outside approver
    if not has_powers(wished):
        return runs(adder, known) and not theirs
    if not _all_gone(theirs, now):
        return False
    if _watches(adder, known):
        return not adder.is_new_at(now)
    return runs(adder, known) and _all_gone([each for each in known.accounts.values() if _watches(each, known)], now)


def may_rule(changer: Account, account: Account, known: Directory) -> bool:
    """Whether `changer`, which acts and is not its holder's, may change or revoke `account`: its own organisation may,
    and nobody in the place of a person."""
    if changer.organisation != account.organisation or not has_powers(account):
        return False
    return runs(changer, known) if known.kind(account) is Kind.SITE else has_powers(changer)


def _watches(account: Account, known: Directory) -> bool:
    """Police and other authorities never act here."""
    outside = known.kind(account) not in (None, Kind.SITE, Kind.AUTHORITY)
    return outside and not account.roles.isdisjoint(WATCHING)


def _all_gone(accounts: list[Account], now: datetime) -> bool:
    """Whether all of them were revoked or expired `NEW_FOR` ago: somebody had time to notice."""
    ends = (min(each.revoked_at or each.expires_at, each.expires_at) for each in accounts)
    return all(end + NEW_FOR <= now for end in ends)
