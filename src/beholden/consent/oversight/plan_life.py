"""A find-me plan while it is open and after: matched, answered, closed, and told to the person.

However it ends, everybody but the person reads the same words: nobody can tell an answer from a day
that was over. Only those whom the person named read that they are safe, if the person wants them to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from beholden.consent.oversight.accounts import AccountId, Directory
from beholden.consent.oversight.approvals import Approval
from beholden.consent.oversight.findme import decided, delay_request, refused_attempt
from beholden.consent.oversight.plans import Closing, Match, Plan, Reply, closed_notice, helpers, who_may_see
from beholden.consent.oversight.rules import RULES, Act
from beholden.consent.oversight.steps import Fact, Happened, Notice, Refused, Step

IS_CLOSED = "A plan to find somebody is closed."
OVER = "the plan is closed"


def matched(plan: Plan, match: Match, directory: Directory, now: datetime) -> Step[Plan] | Refused:
    """The welfare body is told, and nobody else. The fact holds neither place nor camera."""
    if match.plan != plan.id or not plan.open_at(match.at) or not plan.open_at(now):
        return Refused(OVER)
    fact = Fact(now, Happened.PLAN_MATCHED, plan.id, plan.wishes.subject, ())
    text = f"Recognised at {match.at.isoformat()}: {match.place}, {match.camera}."
    seeing = [each for each in helpers(plan, directory, now) if who_may_see(match, each, plan, directory, now)]
    return Step(plan, (fact,), tuple(Notice(each, text, now) for each in seeing))


def answer(plan: Plan, reply: Reply, directory: Directory, now: datetime) -> Step[Plan] | Refused:
    """The person answers. An adult who is safe closes the plan at once; of a child the welfare body hears it."""
    if not plan.open_at(now):
        return Refused(OVER)
    fact = Fact(now, Happened.PLAN_ANSWERED, plan.id, plan.wishes.subject, ())
    if reply is Reply.HELP or not plan.wishes.adult_at(now):
        text = f"The person answered: {reply}."
        notices = tuple(Notice(each, text, now) for each in helpers(plan, directory, now))
        return Step(replace(plan, reply=reply), (fact,), notices)
    closed = _closed(replace(plan, reply=reply, notice_due=min(plan.notice_due, now)), Closing.ANSWERED, now, ())
    mine = plan.wishes.told() if reply is Reply.SAFE_TELL_MINE else ()
    notices = (*closed.notices, *(Notice(each, "The person who was missed is safe.", now) for each in mine))
    return Step(closed.state, (fact, *closed.facts), notices)


def close(plan: Plan, by: AccountId, directory: Directory, now: datetime) -> Step[Plan] | Refused:
    """Either of those who agreed ends it, alone."""
    if by not in plan.approvers:
        return Refused("one of those who agreed closes the plan, or the person")
    acting = directory.acting(by, (now,))
    if isinstance(acting, str):
        return Refused(acting)
    if not plan.open_at(now):
        return Refused(OVER)
    return _closed(plan, Closing.APPROVER, now, (by,))


def close_broken(plan: Plan, now: datetime) -> Step[Plan] | Refused:
    """The glass that it was opened by is closed, whoever may act."""
    return _closed(plan, Closing.APPROVER, now, plan.approvers) if plan.open_at(now) else Refused(OVER)


def withdraw(plan: Plan, now: datetime) -> Step[Plan] | Refused:
    """The person withdrew the grant, or paused it: nothing is left that a plan could rest on."""
    return _closed(plan, Closing.WITHDRAWN, now, ()) if plan.open_at(now) else Refused(OVER)


def pass_time(plan: Plan, now: datetime) -> Step[Plan]:
    """A day that was not renewed closes the plan, by itself; logged once."""
    if plan.closed_at is not None or now < plan.ends_at:
        return Step(plan)
    return _closed(plan, Closing.LAPSED, plan.ends_at, ())


def delay(
    plan: Plan,
    by: timedelta,
    requester: AccountId,
    asked_at: datetime,
    approvals: Sequence[Approval],
    directory: Directory,
    now: datetime,
) -> Step[Plan] | Refused:
    """The person is told later, once, with two credentials; never so that they are not told."""
    longest = RULES[Act.DELAY_NOTICE].longest or timedelta(0)
    reason = None
    if plan.delayed:
        reason = "a notice is delayed once"
    elif plan.glass:
        reason = "everybody was told when the glass was broken"
    elif plan.told_at is not None or now >= plan.notice_due:
        reason = "the notice is due, or given"
    elif not timedelta(0) < by <= longest:
        reason = f"a notice is delayed by {longest // timedelta(hours=1)} hours at most"
    if reason is not None:
        return refused_attempt(reason, plan.id, plan.wishes, requester, now)
    request = delay_request(plan, by, requester, asked_at)
    decision = decided(request, approvals, directory, now)
    if isinstance(decision, Refused):
        return refused_attempt(decision.reason, plan.id, plan.wishes, requester, now)
    accounts = (requester, *(each.id for each in decision.approvers))
    fact = Fact(now, Happened.NOTICE_DELAYED, plan.id, plan.wishes.subject, accounts)
    return Step(replace(plan, notice_due=plan.notice_due + by, delayed=True), (fact,))


def told(plan: Plan, now: datetime) -> Step[Plan] | Refused:
    """The person was given `plans.everything`; not while it goes on, when it would not be everything."""
    if plan.told_at is not None:
        return Refused("the person was told")
    if now < plan.over_at:
        return Refused("the plan is open: everything is told when it is over")
    fact = Fact(now, Happened.NOTICE_GIVEN, plan.id, plan.wishes.subject, ())
    return Step(replace(plan, told_at=now), (fact,))


def _closed(plan: Plan, closing: Closing, at: datetime, by: tuple[AccountId, ...]) -> Step[Plan]:
    fact = Fact(at, Happened.PLAN_CLOSED, plan.id, plan.wishes.subject, by, closing)
    over = replace(plan, closed_at=at, closing=closing)
    text = "A plan to find you is over. You read here who asked, who agreed, and what was seen."
    own = Notice(plan.wishes.subject, text, plan.notice_due)
    others = tuple(Notice(each, IS_CLOSED, at) for each in dict.fromkeys(plan.approvers))
    return Step(over, (fact,), (own, closed_notice(plan.report, at), *others))
