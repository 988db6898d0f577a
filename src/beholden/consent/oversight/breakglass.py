"""Break-glass: one approver alone opens one plan for 15 minutes; everyone is told, and it is reviewed.

It does not go around the person: without a grant, or against whom the person excluded, there is
nothing to open (`findme`). It closes by itself, cannot be extended, and cannot be chained: not by the
same human being, not on the same plan, not on the same person.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beholden.consent.lengths import length
from beholden.consent.oversight.accounts import NEW_FOR, Account, AccountId, Directory, PersonId, Role
from beholden.consent.oversight.steps import Fact, Happened, Notice, Refused, Step
from beholden.model.ids import SubjectId

LASTS = timedelta(minutes=15)
REVIEW_WITHIN = timedelta(hours=24)
AGAIN_AFTER = timedelta(hours=24)
"""Even when it was reviewed at once: no second one by the same holder, or about the same person, before that."""


@dataclass(frozen=True, slots=True)
class Review:
    by: AccountId
    at: datetime
    justified: bool


@dataclass(frozen=True, slots=True)
class Glass:
    """One opening, by `account`. It is open for opened_at <= moment < `ends_at` (aware UTC)."""

    id: str
    account: Account
    plan: str
    subject: SubjectId
    opened_at: datetime
    closed_at: datetime | None = None
    review: Review | None = None
    locked_at: datetime | None = None
    """When the lock was logged; the account is locked by `locks_at` already."""

    @property
    def ends_at(self) -> datetime:
        limit = self.opened_at + LASTS
        return limit if self.closed_at is None else min(limit, self.closed_at)

    @property
    def review_due(self) -> datetime:
        return self.opened_at + REVIEW_WITHIN

    def open_at(self, moment: datetime) -> bool:
        return self.opened_at <= moment < self.ends_at

    def locks_at(self, now: datetime) -> bool:
        """Whether its account is locked: not reviewed in time, or reviewed and found not justified."""
        return now >= self.review_due if self.review is None else not self.review.justified


def locked_accounts(history: Collection[Glass], directory: Directory, now: datetime) -> frozenset[AccountId]:
    """Every account of whoever holds one that is locked: a second account, or key, is no way around."""
    locking = [glass.account for glass in history if glass.locks_at(now)]
    return frozenset(
        each.id for each in directory.accounts.values() if any(each.is_held_as(holder) for holder in locking)
    )


def break_glass(
    glass: str,
    account: AccountId,
    plan: str,
    subject: SubjectId,
    why: str,
    apart: frozenset[PersonId],
    history: Collection[Glass],
    directory: Directory,
    now: datetime,
) -> Step[Glass] | Refused:
    """Open `plan` for 15 minutes. `history`: every earlier one of the installation. `apart` as in `Request`."""
    holder = directory.acting(account, (now,))
    reason = holder if isinstance(holder, str) else _refusal(holder, plan, subject, why, apart, history, directory, now)
    if reason is not None or isinstance(holder, str):
        return refused_break(account, plan, subject, str(reason), directory, now)
    fact = Fact(now, Happened.GLASS_BROKEN, plan, subject, (account,), why)
    text = f"Account {account} opened a find-me plan alone, for {length(LASTS)}: {why}"
    everyone = (subject, *(each.id for each in directory.everyone(now)))
    return Step(Glass(glass, holder, plan, subject, now), (fact,), tuple(Notice(to, text, now) for to in everyone))


def refused_break(
    account: AccountId, plan: str, subject: SubjectId, reason: str, directory: Directory, now: datetime
) -> Refused:
    """Logged, and told to the person and to the auditors."""
    told = (subject, *(each.id for each in directory.everyone(now) if Role.AUDITOR in each.roles))
    text = f"Account {account} tried to open a plan by break-glass, and was refused: {reason}."
    fact = Fact(now, Happened.GLASS_REFUSED, plan, subject, (account,), reason)
    return Refused(reason, (fact,), tuple(Notice(to, text, now) for to in told))


def _refusal(
    holder: Account,
    plan: str,
    subject: SubjectId,
    why: str,
    apart: frozenset[PersonId],
    history: Collection[Glass],
    directory: Directory,
    now: datetime,
) -> str | None:
    if not why.strip():
        return "whoever breaks the glass says why"
    if Role.APPROVER not in holder.roles:
        return "only an approver breaks the glass"
    if holder.is_new_at(now):
        return f"a new approver waits for {length(NEW_FOR)}"
    if holder.person in apart:
        return "the account has a personal link to whom this is about"
    if holder.id in locked_accounts(history, directory, now):
        return "the account is locked"
    for earlier in history:
        if earlier.plan == plan:
            return "the glass of this plan was broken before: it is not extended"
        same = earlier.account.is_held_as(holder) or earlier.subject == subject
        if same and earlier.review is None:
            return "an earlier one waits for its review"
        if same and now < earlier.opened_at + AGAIN_AFTER:
            return "a day passes between one break-glass and the next"
    return None


def close(glass: Glass, by: AccountId, now: datetime) -> Step[Glass] | Refused:
    """Whoever opened it closes it before its time."""
    if by != glass.account.id:
        return Refused("whoever opened it closes it; for everybody else it closes by itself")
    if not glass.open_at(now):
        return Refused("it is closed already")
    fact = Fact(now, Happened.GLASS_CLOSED, glass.plan, glass.subject, (by,))
    return Step(replace(glass, closed_at=now), (fact,))


def review(glass: Glass, by: AccountId, justified: bool, directory: Directory, now: datetime) -> Step[Glass] | Refused:
    """An approver or auditor of another organisation says whether it was justified; late is late, and unlocks."""
    reviewer = directory.acting(by, (now,))
    if isinstance(reviewer, str):
        return Refused(reviewer)
    if glass.review is not None:
        return Refused("it has been reviewed")
    if reviewer.roles.isdisjoint({Role.APPROVER, Role.AUDITOR}):
        return Refused("only an approver or an auditor reviews")
    if reviewer.is_new_at(now):
        return Refused(f"a new reviewer waits for {length(NEW_FOR)}")
    if reviewer.is_held_as(glass.account) or reviewer.organisation == glass.account.organisation:
        return Refused("somebody of another organisation reviews")
    verdict = "justified" if justified else "not justified"
    fact = Fact(now, Happened.GLASS_REVIEWED, glass.plan, glass.subject, (by,), verdict)
    text = f"The break-glass of account {glass.account.id} was reviewed: {verdict}."
    told = tuple(Notice(to, text, now) for to in (glass.subject, glass.account.id))
    return Step(replace(glass, review=Review(by, now, justified)), (fact,), told)


def pass_time(glass: Glass, directory: Directory, now: datetime) -> Step[Glass]:
    """What happens by itself until now: it closes, and without a review the account locks. Each is logged once."""
    facts: list[Fact] = []
    notices: tuple[Notice, ...] = ()
    by = (glass.account.id,)
    if glass.closed_at is None and now >= glass.ends_at:
        facts.append(Fact(glass.ends_at, Happened.GLASS_CLOSED, glass.plan, glass.subject, by, "by itself"))
        glass = replace(glass, closed_at=glass.ends_at)
    if glass.locked_at is None and glass.locks_at(now):
        facts.append(Fact(now, Happened.ACCOUNT_LOCKED, glass.plan, glass.subject, by))
        text = f"Account {glass.account.id} is locked: its break-glass was not reviewed in a day, or not justified."
        notices = tuple(Notice(each.id, text, now) for each in directory.everyone(now))
        glass = replace(glass, locked_at=now)
    return Step(glass, tuple(facts), notices)
