"""The plan of a broken glass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from beholden.consent.oversight.breakglass import break_glass
from beholden.consent.oversight.findme import (
    open_broken,
)
from beholden.consent.oversight.plan_life import close_broken
from beholden.consent.oversight.plans import Closing, Plan
from beholden.consent.oversight.steps import Fact, Happened, Notice, Refused, Step
from tests.consent.oversight.world import (
    DAY,
    EX,
    HOUR,
    MOTHER,
    NOW,
    PLAN,
    SUBJECT,
    TICK,
    account,
    directory,
    report,
    wishes,
)

WORLD = directory()
LEFT_ALONE = "this person was looked for lately, and is left alone for some days"


GRANT = wishes().grant
OPEN = Plan("p0", "site", report(name="r0"), wishes(), "welfare", NOW, NOW + DAY, (NOW,), (), NOW + 3 * DAY)


def reason(step):
    return step.reason if isinstance(step, Refused) else None


def broken(name="sam", plan=PLAN, subject=SUBJECT, **other):
    world = directory(account("mothers", "site", person=MOTHER))
    step = break_glass("g", name, plan, subject, "cold", frozenset(), (), world, NOW)
    assert isinstance(step, Step)
    return replace(step.state, **other)


def by_glass(glass, laid=None, by=None, welfare="welfare", plans=(), now=NOW):
    return open_broken(glass, "site", by or report(), laid or wishes(), welfare, plans, WORLD, now)


def test_the_plan_of_a_broken_glass_ends_with_it():
    """A quarter of an hour after it was broken, not after the plan was opened."""
    step = by_glass(broken(), now=NOW + HOUR / 6)
    assert isinstance(step, Step)
    moment = NOW + HOUR / 6
    plan = Plan(
        PLAN, "site", report(), wishes(), "welfare", moment, NOW + HOUR / 4, (), ("sam",), moment + 3 * DAY, glass=True
    )
    assert step.state == plan
    assert step.facts[0].what is Happened.PLAN_OPENED
    closing = by_glass(broken(closed_at=NOW + HOUR / 12))
    assert isinstance(closing, Step)
    assert closing.state.ends_at == NOW + HOUR / 12
    soon = by_glass(broken(), wishes(grant=replace(GRANT, ends_at=NOW + TICK)))
    assert isinstance(soon, Step)
    assert soon.state.ends_at == NOW + TICK


@pytest.mark.parametrize(
    ("glass", "asking", "why"),
    [
        ({}, {"now": NOW + HOUR / 4}, "the glass of this plan is not broken"),
        ({}, {"now": NOW + HOUR / 4 - TICK}, None),
        ({"subject": "s_other"}, {}, "the glass of this plan is not broken"),
        ({"closed_at": NOW}, {}, "the glass of this plan is not broken"),
        ({"name": "mothers"}, {}, "the account has a personal link to whom this is about"),
        ({}, {"welfare": "site"}, "matches go to an outside welfare body"),
        ({}, {"welfare": "police"}, "matches go to an outside welfare body"),
        ({}, {"welfare": "nowhere"}, "matches go to an outside welfare body"),
        ({}, {"plans": [OPEN]}, "a plan for this person is open"),
        ({}, {"by": report(EX)}, "the person laid down that whoever reported may never be told"),
        ({}, {"laid": wishes(grant=replace(GRANT, ends_at=NOW))}, "the grant does not hold: expired"),
    ],
)
def test_what_a_broken_glass_does_not_open(glass, asking, why):
    """The same limits as for two approvers, and the person reads of the attempt."""
    step = by_glass(broken(**glass), **asking)
    assert reason(step) == why
    if isinstance(step, Refused):
        assert [each.to for each in step.notices if each.to == SUBJECT] == [SUBJECT]
        assert step.facts[0].by == (broken(**glass).account.id,)


def test_an_attempt_is_told_and_logged_with_the_account_that_broke_the_glass():
    """The person reads who tried, and that nothing was opened."""
    step = by_glass(broken(), welfare="site")
    why = "matches go to an outside welfare body"
    assert step == Refused(
        why,
        (Fact(NOW, Happened.PLAN_REFUSED, PLAN, SUBJECT, ("sam",), why),),
        (Notice(SUBJECT, f"sam tried to have you looked for: {why}. Nothing was opened.", NOW + 3 * DAY),),
    )


def test_a_plan_is_closed_with_its_glass_by_whoever_broke_it_and_once():
    """Also where that account may not act any more; what is over is not closed again."""
    plan = by_glass(broken())
    assert isinstance(plan, Step)
    closed = close_broken(plan.state, NOW + TICK)
    assert isinstance(closed, Step)
    assert (closed.state.closed_at, closed.state.closing) == (NOW + TICK, Closing.APPROVER)
    assert [(each.what, each.by) for each in closed.facts] == [(Happened.PLAN_CLOSED, ("sam",))]
    for over, now in ((closed.state, NOW + TICK), (plan.state, NOW + HOUR / 4)):
        assert close_broken(over, now) == Refused("the plan is closed")
