"""Whether an act is allowed: who asks, who approved exactly this act, and whether they are really several people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, permutations

from beholden.consent.lengths import length
from beholden.consent.oversight.accounts import NEW_FOR, Account, AccountId, Directory, Kind, PersonId, Role
from beholden.consent.oversight.rules import RULES, Act, Rule
from beholden.consent.oversight.steps import Refused
from beholden.consent.purposes import Party
from beholden.model.ids import SubjectId

APPROVAL_LASTS = timedelta(hours=24)
"""An approval counts so long after it was given: this project's choice, the length of a plan's day."""
SECONDS = "seconds"
"""The particular that says for how long, where the rule has a longest."""
TOO_LONG = "a notice is delayed by "
NOT_WELFARE = "one of the approvers must be the outside welfare body"
NOT_ITS_OWN = "one of the approvers must be of an organisation of its own"
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Request:
    """Exactly one act: `digest` is what approvals are bound to. `asked_at` is aware UTC.

    `apart`: whom the act is about, their relatives, and whoever they excluded. None of them approves.
    It is looked up when the act is decided, and is no part of the digest.
    """

    act: Act
    requester: AccountId
    asked_at: datetime
    particulars: tuple[tuple[str, str], ...]
    subject: SubjectId | None = None
    apart: frozenset[PersonId] = frozenset()

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical JSON of everything that is asked for."""
        values = {
            "act": str(self.act),
            "requester": self.requester,
            "asked_at": self.asked_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "particulars": sorted(self.particulars),
            "subject": self.subject,
        }
        text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Approval:
    """`account` agreed to the act of `digest` at `at` (aware UTC), signed with `key` (its fingerprint)."""

    account: AccountId
    key: str
    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Allowed:
    """Who approved, in the order of the rule's `approvers`."""

    approvers: tuple[Account, ...]


def decide(request: Request, approvals: Sequence[Approval], directory: Directory, now: datetime) -> Allowed | Refused:
    """Whether the act may happen now (aware), or the reason why not.

    An approval that does not count does no harm either: nobody can block an act with a bad one.
    """
    rule = RULES[request.act]
    requester = _asking(request, rule, directory, now)
    if isinstance(requester, str):
        return Refused(requester)
    if rule.longest is not None and not _lasts(request) <= rule.longest:
        return Refused(f"{TOO_LONG}{rule.longest // timedelta(hours=1)} hours at most, and the request says how long")
    counted: list[Account] = []
    reasons: list[str] = []
    for approval in approvals:
        approver = _approving(approval, request, requester, directory, now)
        if isinstance(approver, str):
            reasons.append(approver)
        else:
            counted.append(approver)
    needed = len(rule.approvers)
    if len(counted) < needed:
        return Refused(reasons[0] if reasons else f"{needed} others must approve, and {len(counted)} did")
    counted.sort(key=lambda approver: directory.kind(approver) is Kind.WELFARE)  # the seat it is for is the last one
    clashes: list[str] = []
    for chosen in permutations(counted, needed):
        clash = _clash(requester, chosen, rule, directory)
        if clash is None:
            return Allowed(chosen)
        clashes.append(clash)
    return Refused(clashes[0])


def never_counts(request: Request, approval: Approval, directory: Directory, now: datetime) -> str | None:
    """Why this approval counts for nothing whoever else approves, or None.

    A link to whom it is about is none of these reasons: it may be taken back until the act is done.
    """
    requester = directory.acting(request.requester, (request.asked_at, now))
    if isinstance(requester, str):
        return None
    approver = _approving(approval, replace(request, apart=frozenset()), requester, directory, now)
    if isinstance(approver, str):
        return approver
    reasons = [_seat(party, approver, requester, directory) for party in RULES[request.act].approvers]
    return reasons[-1] if reasons and all(reasons) else None


def _seat(party: Party, approver: Account, requester: Account, directory: Directory) -> str | None:
    """Why somebody is not what one of those who agree has to be, or None."""
    if party is Party.ANOTHER:
        return None
    if party is Party.WELFARE_BODY and directory.kind(approver) is not Kind.WELFARE:
        return NOT_WELFARE
    return NOT_ITS_OWN if approver.organisation == requester.organisation else None


def _asking(request: Request, rule: Rule, directory: Directory, now: datetime) -> Account | str:
    if request.asked_at > now:
        return "what is asked for in the future is not decided now"
    requester = directory.acting(request.requester, (request.asked_at, now))
    if isinstance(requester, Account) and requester.roles.isdisjoint(rule.asked_by):
        return f"only {' or '.join(rule.asked_by)} asks for this"
    return requester


def _lasts(request: Request) -> timedelta:
    """How long what is asked for is to last; without end where it does not say so in whole seconds."""
    said = [value for name, value in request.particulars if name == SECONDS]
    if len(said) != 1 or not said[0].isascii() or not said[0].isdecimal() or len(said[0]) > _MOST_DIGITS:
        return timedelta.max
    return timedelta(seconds=int(said[0]))


def _approving(
    approval: Approval, request: Request, requester: Account, directory: Directory, now: datetime
) -> Account | str:
    """The account whose approval counts, or why it does not, whoever else approved."""
    if approval.digest != request.digest:
        return "the approval is for another act"
    if approval.at < request.asked_at:
        return "the approval is older than the request"
    if approval.at > now:
        return "the approval is from the future"
    if now >= approval.at + APPROVAL_LASTS:
        return "the approval is too old"
    approver = directory.acting(approval.account, (approval.at, now))
    if isinstance(approver, str):
        return approver
    if approval.key != approver.key:
        return "the approval is signed with another key than the account's"
    if Role.APPROVER not in approver.roles:
        return "the account is not an approver"
    if approver.is_new_at(approval.at):
        return f"a new approver waits for {length(NEW_FOR)}"
    if approver.is_held_as(requester):
        return "whoever asks does not approve"
    if approver.person in request.apart:
        return "an approver has a personal link to whom this is about"
    return approver


def _clash(requester: Account, chosen: Sequence[Account], rule: Rule, directory: Directory) -> str | None:
    """Why these accounts together, in this order, are not what the rule asks for, or None."""
    for one, other in combinations(chosen, 2):
        if one.is_held_as(other):
            return "one person, or one key, does not approve twice"
    for place, (party, approver) in enumerate(zip(rule.approvers, chosen, strict=True)):
        if party is Party.ANOTHER:
            continue
        if party is Party.WELFARE_BODY and directory.kind(approver) is not Kind.WELFARE:
            return NOT_WELFARE
        others = (requester, *chosen[:place], *chosen[place + 1 :])
        if any(approver.organisation == other.organisation for other in others):
            return NOT_ITS_OWN
    return None
