"""A find-me plan: who may open it, on what report, and for how many days. What comes then is `plan_life`.

Everything that limits a plan is here: only what the person laid down beforehand, never for an
authority, never for somebody the person excluded; two approvers, one of them the outside welfare
body, for each of at most three days; at most three days in any week, so that ending a plan and opening
another is no way around; three plans at a site, and none while the site owes somebody a notice. Every
attempt is told to the person within 72 hours, refused ones too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from beholden.consent.lengths import length
from beholden.consent.oversight.accounts import AccountId, Directory, Kind, OrganisationId, PersonId
from beholden.consent.oversight.approvals import Allowed, Approval, Request, decide
from beholden.consent.oversight.breakglass import LASTS, Glass
from beholden.consent.oversight.plans import (
    NOTICE_WITHIN,
    Closing,
    Plan,
    PlanId,
    Report,
    Source,
    Wishes,
    closed_notice,
)
from beholden.consent.oversight.rules import Act, opening
from beholden.consent.oversight.steps import Fact, Happened, Notice, Refused, Step
from beholden.consent.purposes import DAY, Party

WEEK = 7 * DAY
LEFT_ALONE_FOR = timedelta(hours=72)
"""After the person answered that they are safe, no plan is opened for so long: this project's choice."""
RENEWED_IN_LAST = timedelta(hours=12)
"""A day is renewed when most of it has passed: each day is decided for itself. This project's choice."""
AUTHORITIES = "police and other authorities cannot have a find-me plan opened, whoever the person named"
LEFT_ALONE = "this person was looked for lately, and is left alone for some days"
"""Said of whoever answered, and of whoever was looked for on three days: it tells nobody that there was an answer."""
LINKED = "whoever asks has a personal link to whom this is about"
NO_GRANT = "there is no grant: a plan is opened only for somebody who laid it down beforehand"


def opening_request(
    plan: PlanId, site: str, report: Report, wishes: Wishes, requester: AccountId, asked_at: datetime
) -> Request:
    """What both approvers sign before a plan is opened."""
    particulars = (("plan", plan), ("site", site), ("report", report.id), ("day", "1"))
    return Request(Act.OPEN_FIND_ME, requester, asked_at, particulars, wishes.subject, apart_of(wishes, report))


def renewal_request(plan: Plan, requester: AccountId, asked_at: datetime) -> Request:
    """What both approvers sign before the plan's next day."""
    day = str(len(plan.periods) + 1)
    particulars = (("plan", plan.id), ("site", plan.site), ("report", plan.report.id), ("day", day))
    apart = apart_of(plan.wishes, plan.report)
    return Request(Act.OPEN_FIND_ME, requester, asked_at, particulars, plan.wishes.subject, apart)


def delay_request(plan: Plan, by: timedelta, requester: AccountId, asked_at: datetime) -> Request:
    """What is signed before the person is told later."""
    particulars = (("plan", plan.id), ("seconds", str(round(by.total_seconds()))))
    apart = apart_of(plan.wishes, plan.report)
    return Request(Act.DELAY_NOTICE, requester, asked_at, particulars, plan.wishes.subject, apart)


def linked_to(wishes: Wishes) -> frozenset[PersonId]:
    """The person, and whoever may have a reason of their own: they do not even hear that somebody is missed."""
    return frozenset({wishes.person}) | wishes.relatives | wishes.never_tell


def apart_of(wishes: Wishes, report: Report) -> frozenset[PersonId]:
    """Who neither asks, approves nor sees: whom it is about, whoever reported, relatives, and whom they excluded."""
    return linked_to(wishes) | {report.by}


def open_plan(
    plan: PlanId,
    site: str,
    report: Report,
    wishes: Wishes | None,
    requester: AccountId,
    asked_at: datetime,
    approvals: Sequence[Approval],
    plans: Collection[Plan],
    directory: Directory,
    now: datetime,
) -> Step[Plan] | Refused:
    """Open a plan for a day. `wishes` None: nobody with such a grant is known. `plans`: every earlier one.

    A refusal for the report's sake is final, and whoever reported reads "closed" as if it had been a
    plan; an authority reads why. What lacks approvals can be asked again.
    """
    refused = report_refusal(report, wishes, site, requester, now)
    if refused is not None or wishes is None:
        return refused or Refused(NO_GRANT)
    request = opening_request(plan, site, report, wishes, requester, asked_at)
    decision = decided(request, approvals, directory, now)
    reason = decision.reason if isinstance(decision, Refused) else _full(plan, site, report, wishes, plans, now)
    if reason is not None or isinstance(decision, Refused):
        return refused_attempt(str(reason), plan, wishes, requester, now)
    accounts = tuple(each.id for each in decision.approvers)
    welfare = decision.approvers[opening().approvers.index(Party.WELFARE_BODY)].organisation
    ends = min(now + opening().lasts, wishes.grant.ends_at)
    new = Plan(plan, site, report, wishes, welfare, now, ends, (now,), accounts, now + NOTICE_WITHIN)
    return _opened(new, now)


def open_broken(
    glass: Glass,
    site: str,
    report: Report,
    wishes: Wishes | None,
    welfare: OrganisationId,
    plans: Collection[Plan],
    directory: Directory,
    now: datetime,
) -> Step[Plan] | Refused:
    """The plan of a broken glass: one approver, 15 minutes, no renewal; the welfare body alone sees matches."""
    by, plan = glass.account, PlanId(glass.plan)
    refused = report_refusal(report, wishes, site, by.id, now)
    if refused is not None or wishes is None:
        return refused or Refused(NO_GRANT)
    found = directory.organisations.get(welfare)
    reason = _full(plan, site, report, wishes, plans, now)
    if not glass.open_at(now) or glass.subject != wishes.subject:
        reason = "the glass of this plan is not broken"
    elif by.person in apart_of(wishes, report):
        reason = "the account has a personal link to whom this is about"
    elif found is None or found.kind is not Kind.WELFARE:
        reason = "matches go to an outside welfare body"
    if reason is not None:
        return refused_attempt(reason, plan, wishes, by.id, now)
    ends = min(glass.opened_at + LASTS, glass.ends_at, wishes.grant.ends_at)
    new = Plan(plan, site, report, wishes, welfare, now, ends, (), (by.id,), now + NOTICE_WITHIN, glass=True)
    return _opened(new, now)


def report_refusal(
    report: Report, wishes: Wishes | None, site: str, requester: AccountId, now: datetime
) -> Refused | None:
    """Why nothing can be opened on this report, whoever agrees; the same for an authority, grant or no grant."""
    reason = None
    if report.source is Source.AUTHORITY:
        reason = AUTHORITIES
    elif wishes is None:
        reason = NO_GRANT
    elif report.by in wishes.never_tell:
        reason = "the person laid down that whoever reported may never be told"
    elif report.filed_at > now:
        reason = "a report of the future opens nothing"
    else:
        reason = wishes.why_not(report, now)
    return None if reason is None else refused_report(reason, report, wishes, site, requester, now)


def refused_report(
    reason: str, report: Report, wishes: Wishes | None, site: str, requester: AccountId, now: datetime
) -> Refused:
    """Logged, told to the person, and read as closed by whoever reported: as if it had been a plan."""
    subject = None if wishes is None else wishes.subject
    fact = Fact(now, Happened.PLAN_REFUSED, report.id, subject, (requester,), reason)
    shown = Notice(report.by, reason, now) if report.source is Source.AUTHORITY else closed_notice(report, now)
    own = () if wishes is None else (_attempt(wishes, f"{report.by} reported you missing at {site}: {reason}", now),)
    return Refused(reason, (fact,), (shown, *own))


def decided(request: Request, approvals: Sequence[Approval], directory: Directory, now: datetime) -> Allowed | Refused:
    """As `decide`; and whoever asks is nobody who could not approve for the person's sake, either."""
    requester = directory.accounts.get(request.requester)
    if requester is not None and requester.person in request.apart:
        return Refused(LINKED)
    return decide(request, approvals, directory, now)


def _full(
    plan: PlanId, site: str, report: Report, wishes: Wishes, plans: Collection[Plan], now: datetime
) -> str | None:
    """Why no further plan is opened, whoever agrees, or None."""
    own = [each for each in plans if each.wishes.person == wishes.person]
    if any(each.id == plan or (each.report.id == report.id and not each.glass) for each in plans):
        return "a report opens one plan, once"
    if any(each.open_at(now) for each in own):
        return "a plan for this person is open"
    if any(each.closing is Closing.ANSWERED and now < each.over_at + LEFT_ALONE_FOR for each in own):
        return LEFT_ALONE
    if _days(own, now) > opening().renewals:
        return LEFT_ALONE
    at_site = [each for each in plans if each.site == site]
    if any(each.overdue_at(now) for each in at_site):
        return "this site owes somebody a notice: first they are told"
    if sum(each.open_at(now) for each in at_site) >= opening().most_open:
        return f"{opening().most_open} plans are open at this site"
    return None


def _days(own: Collection[Plan], now: datetime) -> int:
    """How many days of plans for one person began in the last week."""
    return sum(now < begun + WEEK for each in own for begun in each.periods)


def renew(
    plan: Plan,
    requester: AccountId,
    asked_at: datetime,
    approvals: Sequence[Approval],
    plans: Collection[Plan],
    directory: Directory,
    now: datetime,
) -> Step[Plan] | Refused:
    """One day more, with both approvals again, the welfare body being the one that sees the matches."""
    wishes = plan.wishes
    reason = None
    if not plan.open_at(now):
        reason = "the plan is closed"
    elif plan.glass:
        reason = "a break-glass is not extended"
    elif len(plan.periods) > opening().renewals:
        reason = f"a plan is renewed {opening().renewals} times at most"
    elif now < plan.ends_at - RENEWED_IN_LAST:
        reason = f"a day is renewed in its last {length(RENEWED_IN_LAST)}"
    elif (
        _days([each for each in plans if each.wishes.person == wishes.person and each.id != plan.id], now)
        + len(plan.periods)
        > opening().renewals
    ):
        reason = LEFT_ALONE
    if reason is not None:
        return refused_attempt(reason, plan.id, wishes, requester, now)
    request = renewal_request(plan, requester, asked_at)
    decision = decided(request, approvals, directory, now)
    if isinstance(decision, Refused):
        return refused_attempt(decision.reason, plan.id, wishes, requester, now)
    if all(each.organisation != plan.welfare for each in decision.approvers):
        return refused_attempt("the welfare body of the plan agrees to each day", plan.id, wishes, requester, now)
    accounts = tuple(each.id for each in decision.approvers)
    fact = Fact(now, Happened.PLAN_RENEWED, plan.id, wishes.subject, accounts)
    ends = min(plan.ends_at + opening().lasts, wishes.grant.ends_at)
    longer = replace(plan, ends_at=ends, periods=(*plan.periods, plan.ends_at), approvers=(*plan.approvers, *accounts))
    return Step(longer, (fact,))


def _opened(plan: Plan, now: datetime) -> Step[Plan]:
    fact = Fact(now, Happened.PLAN_OPENED, plan.id, plan.wishes.subject, plan.approvers, plan.report.id)
    text = "A plan to find you was opened. You read here who asked, who agreed, and what was seen."
    return Step(plan, (fact,), (Notice(plan.wishes.subject, text, plan.notice_due),))


def refused_attempt(reason: str, plan: PlanId, wishes: Wishes, requester: AccountId, now: datetime) -> Refused:
    """Logged, and told to the person within 72 hours."""
    fact = Fact(now, Happened.PLAN_REFUSED, plan, wishes.subject, (requester,), reason)
    return Refused(reason, (fact,), (_attempt(wishes, f"{requester} tried to have you looked for: {reason}", now),))


def _attempt(wishes: Wishes, text: str, now: datetime) -> Notice:
    return Notice(wishes.subject, f"{text}. Nothing was opened.", now + NOTICE_WITHIN)
