"""What happens to find-me plans by themselves: they end with their day, and the person is told everything in time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from beholden.acts.accounts.kept import keep
from beholden.acts.office import Office
from beholden.acts.plans.kept import (
    Filed,
    anybody_missed,
    filed_here,
    filed_record,
    matches_of,
    plans_here,
    settle,
    told_records,
)
from beholden.consent.oversight.plan_life import pass_time, told, withdraw
from beholden.consent.oversight.plans import EVERYTHING_LIVES, Plan, closed_notice, everything
from beholden.consent.oversight.steps import Notice, Refused, Step
from beholden.model.errors import BeholdenError, LogUnavailable
from beholden.model.grant import Closed

EARLY = timedelta(hours=1)
"""Everything is told so long before it has to be, if the plan is over by then: so that a minute is never late."""


def pass_days(office: Office) -> int:
    """Log and tell what is due; how many steps. To be called every minute; each step is done once.

    A plan ends with its day, or when the person withdrew or paused; a report that nobody opened is closed after
    a day. What fails for one plan does not keep the others waiting. Raises LogUnavailable, DataFolderError,
    KeystoreError, the first that there was: then the next call does it.
    """
    if not anybody_missed(office):
        return 0
    with office.journal.acting():
        plans = {each.id: each for each in plans_here(office)}
        now, steps, first = office.clock(), 0, None
        for filed in filed_here(office):
            plan = plans.get(filed.plan)
            try:
                if plan is None:
                    steps += _lapse(office, filed, now)
                elif plan.told_at is None:
                    steps += _pass(office, plan, now)
            except LogUnavailable:
                raise
            except BeholdenError as error:
                first = first or error
        if first is not None:
            raise first
        return steps


def do_what_is_due(office: Office) -> None:
    """As `pass_days`, before a plan is opened: a notice that nobody gave because nobody kept the folder is given first,
    so that it is in nobody's way. What cannot be done is left; then the plan is refused for it."""
    with suppress(BeholdenError):
        pass_days(office)


def _lapse(office: Office, filed: Filed, now: datetime) -> int:
    over = filed.over_by(now)
    if filed.refused_at is not None or over is None:
        return 0
    notices = told_records(office, filed.plan, "lapse", [closed_notice(filed.report, over)])
    keep(office, [filed_record(replace(filed, refused_at=over)), *notices])
    return 1


def _pass(office: Office, plan: Plan, now: datetime) -> int:
    steps = 0
    step = _ended(plan, now)
    if step.state != plan:
        plan, steps = settle(office, plan.id, "end", step), 1
    if now < plan.notice_due - EARLY:
        return steps
    given = told(plan, now)
    if isinstance(given, Refused):
        return steps
    text = "\n".join(everything(plan, tuple(matches_of(office, plan).values())))
    everything_now = replace(given, notices=(Notice(plan.wishes.subject, text, now),))
    settle(office, plan.id, "everything", everything_now, until=now + EVERYTHING_LIVES)
    return steps + 1


def _ended(plan: Plan, now: datetime) -> Step[Plan]:
    gone = plan.wishes.grant.closed_at(now) in (Closed.WITHDRAWN, Closed.PAUSED)
    step = withdraw(plan, now) if gone else Refused("")
    return step if isinstance(step, Step) else pass_time(plan, now)
