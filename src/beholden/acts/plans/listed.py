"""Who reads what of a find-me plan: those who agree how it stands, everybody else at most that it is closed.

Every refused report is one row that is the same whatever the reason: an operator who is barred, or linked to somebody,
reads what any other does, and nobody reads from it who laid down a plan. Whoever reported reads a notice, no list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from beholden.acts.accounts.known import directory_of, proven
from beholden.acts.accounts.signed import Signed, digest_of
from beholden.acts.office import Office
from beholden.acts.plans.kept import Filed, filed_here, plans_here
from beholden.acts.plans.wishes import OUTSIDE, wishes_of
from beholden.consent.oversight.accounts import Account, Role
from beholden.consent.oversight.findme import apart_of
from beholden.consent.oversight.plans import CLOSED, Plan, Wishes, helpers, reporter_reads
from beholden.model.ids import SubjectId

LIST = "plan list"
"""What is signed."""
ASKED, OPEN = "asked for", "open"


@dataclass(frozen=True, slots=True)
class Seen:
    """What an account sees of a plan. `state` is "asked for", "open" or "closed"; `subject` and `reported_by` None:
    that is not for this account. `ends_at`, `days`: of a plan that was opened."""

    plan: str
    reported_at: datetime
    state: str
    subject: SubjectId | None = None
    reported_by: str | None = None
    ends_at: datetime | None = None
    days: int | None = None


def list_plans(office: Office, signed: Signed) -> tuple[Seen, ...]:
    """Plans of the last year that this account has to do with, the oldest first. Raises PolicyRefused."""
    account = proven(office, signed, LIST, list_digest(signed.account)).account
    plans = {each.id: each for each in plans_here(office)}
    found = (_seen(office, each, plans.get(each.plan), account) for each in filed_here(office))
    return tuple(each for each in found if each is not None)


def seen(office: Office, filed: Filed, account: Account) -> Seen:
    """As `list_plans`, of one; for somebody who has to do with it."""
    plan = next((each for each in plans_here(office) if each.id == filed.plan), None)
    return _seen(office, filed, plan, account) or Seen(filed.plan, filed.report.filed_at, ASKED)


def list_digest(account: str) -> str:
    """What is signed to list them."""
    return digest_of({"account": account})


def plan_digest(plan: str) -> str:
    """What is signed to close a plan, or to read its matches."""
    return digest_of({"plan": plan})


def _seen(office: Office, filed: Filed, plan: Plan | None, account: Account) -> Seen | None:
    """Of a refused report nobody reads more than what every one of them has; nor does anybody read less for a tie."""
    now, report = office.clock(), filed.report
    said = reporter_reads(report, _over_at(filed, plan, now), now)
    nobody = Seen(filed.plan, report.filed_at, said or ASKED)
    asked = account.id == filed.requester
    if filed.refused:
        return nobody if asked or Role.OPERATOR in account.roles else None
    wishes = wishes_of(office, filed.subject)
    apart = wishes is not None and account.person in apart_of(wishes, report)
    if not apart and Role.APPROVER in account.roles and _agrees(office, plan, wishes, account, now):
        return _whole(filed, plan, _stands(filed, plan, now))
    if asked and account.person != report.by:
        return _whole(filed, plan, said or (ASKED if plan is None else OPEN))
    return nobody if asked or Role.OPERATOR in account.roles else None


def _stands(filed: Filed, plan: Plan | None, now: datetime) -> str:
    """For those who agree."""
    if plan is None:
        return ASKED if filed.over_by(now) is None else CLOSED
    return OPEN if plan.open_at(now) else CLOSED


def _agrees(office: Office, plan: Plan | None, wishes: Wishes | None, account: Account, now: datetime) -> bool:
    """Whether an approver is asked, or agreed, or is of the welfare body while it is open."""
    if plan is None:
        return wishes is not None
    return account.id in plan.approvers or account.id in helpers(plan, directory_of(office), now)


def _whole(filed: Filed, plan: Plan | None, state: str) -> Seen:
    return Seen(
        plan=filed.plan,
        reported_at=filed.report.filed_at,
        state=state,
        subject=filed.subject,
        reported_by=filed.report.by.removeprefix(OUTSIDE) or None,
        ends_at=None if plan is None else plan.ends_at,
        days=None if plan is None else len(plan.periods),
    )


def _over_at(filed: Filed, plan: Plan | None, now: datetime) -> datetime | None:
    if plan is None:
        return filed.over_by(now)
    return plan.over_at if plan.over_at <= now else None
