"""Opening and renewing a find-me plan: every limit, to the microsecond."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from beholden.consent.oversight.accounts import OrganisationId
from beholden.consent.oversight.findme import (
    delay_request,
    open_plan,
    opening_request,
    renew,
    renewal_request,
)
from beholden.consent.oversight.plans import Closing, Plan
from beholden.consent.oversight.steps import Fact, Happened, Notice, Refused, Step
from beholden.model.grant import Hours, Purpose
from tests.consent.oversight.world import (
    ANNA,
    DAY,
    EX,
    FRIEND,
    HOUR,
    MOTHER,
    NOW,
    PLAN,
    SUBJECT,
    TICK,
    approved,
    directory,
    report,
    wishes,
)

WORLD = directory()
LEFT_ALONE = "this person was looked for lately, and is left alone for some days"


def opened(plans=(), laid=None, by=None, now=NOW, names=("sam", "wanda"), plan=PLAN, site="site", world=WORLD):
    asked, by = wishes() if laid is None else laid, by or report(filed_at=now - HOUR)
    approvals = approved(opening_request(plan, site, by, asked, "olga", now), *names, world=world)
    return open_plan(plan, site, by, asked, "olga", now, approvals, plans, world, now)


def reason(step):
    return step.reason if isinstance(step, Refused) else None


def good(**other) -> Plan:
    step = opened()
    assert isinstance(step, Step)
    return replace(step.state, **other)


def earlier(**other) -> Plan:
    """An earlier plan of another person, that was told, but for what is said."""
    values = {"id": "p0", "report": report(name="r0"), "wishes": wishes("berta"), "told_at": NOW - DAY, **other}
    return good(**values)


def test_an_opened_plan_lasts_a_day_and_the_person_is_told_within_three():
    """Who agreed, who sees matches, and what is logged."""
    step = opened()
    assert isinstance(step, Step)
    plan = Plan(
        PLAN,
        "site",
        report(),
        wishes(),
        OrganisationId("welfare"),
        NOW,
        NOW + DAY,
        (NOW,),
        ("sam", "wanda"),
        NOW + 3 * DAY,
    )
    assert step.state == plan
    assert step.facts == (Fact(NOW, Happened.PLAN_OPENED, PLAN, SUBJECT, ("sam", "wanda"), "report"),)
    text = "A plan to find you was opened. You read here who asked, who agreed, and what was seen."
    assert step.notices == (Notice(SUBJECT, text, NOW + 3 * DAY),)


def test_the_welfare_body_that_sees_matches_is_the_one_in_its_seat():
    """Also where another welfare body approves as the second."""
    step = opened(names=("shirin", "wanda"))
    assert isinstance(step, Step)
    assert step.state.welfare == WORLD.accounts[step.state.approvers[1]].organisation


def test_a_plan_ends_with_the_grant():
    """Opened or renewed."""
    laid = wishes(grant=replace(wishes().grant, ends_at=NOW + 30 * HOUR))
    plan = opened(laid=laid)
    assert isinstance(plan, Step)
    assert plan.state.ends_at == NOW + DAY
    assert renewed(plan.state, NOW + DAY - HOUR).state.ends_at == NOW + 30 * HOUR
    soon = opened(laid=wishes(grant=replace(wishes().grant, ends_at=NOW + HOUR)))
    assert isinstance(soon, Step)
    assert soon.state.ends_at == NOW + HOUR


GRANT = wishes().grant


@pytest.mark.parametrize(
    ("grant", "filed_at", "why"),
    [
        ({}, NOW + TICK, "a report of the future opens nothing"),
        ({}, NOW, None),
        ({"starts_at": NOW}, NOW, None),
        ({"starts_at": NOW}, NOW - TICK, "the grant was not made beforehand"),
        ({"starts_at": NOW + TICK}, NOW, "the grant does not hold: cooling off"),
        ({"ends_at": NOW + TICK}, NOW, None),
        ({"ends_at": NOW}, NOW, "the grant does not hold: expired"),
        ({"hours": Hours(time(1), time(2))}, NOW, None),
        ({"purpose": Purpose.CARE}, NOW, "the person did not agree to be found"),
        ({"subject": "s_other"}, NOW, "the person did not agree to be found"),
    ],
)
def test_only_a_grant_that_holds_and_was_made_before_the_report_opens_a_plan(grant, filed_at, why):
    """Its hours are for cameras, not for agreeing."""
    laid = wishes(grant=replace(GRANT, **grant))
    step = opened(laid=laid, by=report(filed_at=filed_at))
    assert reason(step) == why


def test_a_refusal_for_the_reports_sake_is_logged_and_told_to_both():
    """The person reads who and why, whoever reported one word at the end of a day."""
    refused = opened(by=report(EX))
    assert isinstance(refused, Refused)
    why = "the person laid down that whoever reported may never be told"
    assert refused.facts == (Fact(NOW, Happened.PLAN_REFUSED, "report", SUBJECT, ("olga",), why),)
    end = NOW - HOUR + DAY
    own = Notice(SUBJECT, f"ex reported you missing at site: {why}. Nothing was opened.", NOW + 3 * DAY)
    assert refused.notices == (Notice(EX, "closed", end, not_before=end), own)
    nobody = open_plan(PLAN, "site", report(), None, "olga", NOW, (), (), WORLD, NOW)
    assert isinstance(nobody, Refused)
    assert nobody.facts[0].subject is None
    assert nobody.notices == (Notice(FRIEND, "closed", end, not_before=end),)


def test_what_lacks_an_approval_is_told_to_the_person_and_can_be_asked_again():
    """Whoever reported hears nothing yet."""
    refused = opened(names=("sam",))
    assert isinstance(refused, Refused)
    assert refused.facts == (
        Fact(NOW, Happened.PLAN_REFUSED, PLAN, SUBJECT, ("olga",), "2 others must approve, and 1 did"),
    )
    text = "olga tried to have you looked for: 2 others must approve, and 1 did. Nothing was opened."
    assert refused.notices == (Notice(SUBJECT, text, NOW + 3 * DAY),)
    assert isinstance(opened(), Step)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({}, None),
        ({"id": PLAN}, "a report opens one plan, once"),
        ({"report": report()}, "a report opens one plan, once"),
        ({"report": report(), "glass": True}, None),
        ({"id": PLAN, "glass": True}, "a report opens one plan, once"),
        ({"wishes": wishes()}, "a plan for this person is open"),
        ({"wishes": wishes(), "glass": True}, "a plan for this person is open"),
        ({"wishes": wishes(), "site": "elsewhere"}, "a plan for this person is open"),
        ({"wishes": wishes(), "closed_at": NOW}, None),
        ({"wishes": wishes(), "closed_at": NOW, "closing": Closing.WITHDRAWN}, None),
        ({"wishes": wishes(), "closed_at": NOW, "closing": Closing.ANSWERED}, LEFT_ALONE),
        ({"wishes": wishes(), "closed_at": NOW - 3 * DAY + TICK, "closing": Closing.ANSWERED}, LEFT_ALONE),
        ({"wishes": wishes(), "closed_at": NOW - 3 * DAY, "closing": Closing.ANSWERED}, None),
        ({"closed_at": NOW, "closing": Closing.ANSWERED}, None),
        ({"wishes": wishes(), "closed_at": NOW, "periods": (NOW - 7 * DAY + TICK,) * 3}, LEFT_ALONE),
        ({"wishes": wishes(), "closed_at": NOW, "periods": (NOW - DAY, NOW, NOW - 7 * DAY)}, None),
        ({"closed_at": NOW, "periods": (NOW, NOW, NOW)}, None),
        ({"told_at": None, "notice_due": NOW}, "this site owes somebody a notice: first they are told"),
        ({"told_at": None, "notice_due": NOW + TICK}, None),
        ({"told_at": None, "notice_due": NOW, "site": "elsewhere"}, None),
    ],
)
def test_an_earlier_plan_may_stand_against_another(other, why):
    """Of this person, on this report, or at this site."""
    assert reason(opened([earlier(**other)])) == why


def test_three_plans_are_open_at_a_site_at_most():
    """At this site, and open."""
    three = [earlier(id=f"p{each}", wishes=wishes(f"x{each}")) for each in range(3)]
    assert reason(opened(three)) == "3 plans are open at this site"
    assert isinstance(opened(three[:2]), Step)
    assert isinstance(opened([*three[:2], replace(three[2], site="elsewhere")]), Step)
    assert isinstance(opened([*three[:2], replace(three[2], closed_at=NOW)]), Step)
    assert isinstance(opened([*three[:2], replace(three[2], opened_at=NOW - DAY, ends_at=NOW)]), Step)


def renewed(plan, now, names=("sam", "wanda"), plans=(), world=WORLD, signed=None):
    approvals = approved(renewal_request(signed or plan, "olga", now), *names, world=world)
    return renew(plan, "olga", now, approvals, [plan, *plans], world, now)


def test_a_renewal_is_one_day_more_from_the_end_of_the_last():
    """Logged, with who agreed; everybody who ever agreed may close the plan."""
    step = renewed(good(), NOW + 20 * HOUR, ("sue", "will"))
    assert isinstance(step, Step)
    more = {"periods": (NOW, NOW + DAY), "ends_at": NOW + 2 * DAY, "approvers": ("sam", "wanda", "sue", "will")}
    assert step.state == good(**more)
    assert step.facts == (Fact(NOW + 20 * HOUR, Happened.PLAN_RENEWED, PLAN, SUBJECT, ("sue", "will")),)
    assert step.state.notice_due == good().notice_due


@pytest.mark.parametrize(
    ("after", "other", "why"),
    [
        (12 * HOUR - TICK, {}, "a day is renewed in its last 12 hours"),
        (12 * HOUR, {}, None),
        (DAY - TICK, {}, None),
        (DAY, {}, "the plan is closed"),
        (20 * HOUR, {"closed_at": NOW + 20 * HOUR}, "the plan is closed"),
        (20 * HOUR, {"closed_at": NOW + 20 * HOUR + TICK}, None),
        (20 * HOUR, {"glass": True}, "a break-glass is not extended"),
        (20 * HOUR, {"periods": (NOW, NOW)}, None),
        (20 * HOUR, {"periods": (NOW, NOW, NOW)}, "a plan is renewed 2 times at most"),
    ],
)
def test_a_plan_is_renewed_twice_each_time_in_the_last_half_of_its_day(after, other, why):
    """To the microsecond; what is refused is told to the person."""
    step = renewed(good(**other), NOW + after)
    assert reason(step) == why
    if isinstance(step, Refused):
        text = f"olga tried to have you looked for: {why}. Nothing was opened."
        assert step.notices == (Notice(SUBJECT, text, NOW + after + 3 * DAY),)


@pytest.mark.parametrize(
    ("begun", "mine", "why"),
    [
        ((0 * DAY, 0 * DAY), True, LEFT_ALONE),
        ((0 * DAY,), True, None),
        ((0 * DAY, 0 * DAY), False, None),
        ((0 * DAY, 7 * DAY), True, None),
        ((0 * DAY, 7 * DAY - TICK), True, LEFT_ALONE),
    ],
)
def test_days_of_earlier_plans_of_the_week_count_against_a_renewal(begun, mine, why):
    """Of the same person only."""
    moment = NOW + 20 * HOUR
    laid = wishes() if mine else wishes("berta")
    other = earlier(wishes=laid, closed_at=NOW, periods=tuple(moment - each for each in begun))
    assert reason(renewed(good(), moment, plans=[other])) == why


def test_both_agree_again_to_each_day():
    """Not with what they signed for the first day, not the welfare body of another plan, not one alone."""
    plan, moment = good(), NOW + 20 * HOUR
    first = opening_request(PLAN, "site", plan.report, plan.wishes, "olga", NOW)
    again = renew(plan, "olga", NOW, approved(first, "sam", "wanda"), [plan], WORLD, moment)
    assert reason(again) == "the approval is for another act"
    second = replace(plan, periods=(NOW, NOW + DAY))
    assert reason(renewed(plan, moment, signed=second)) == "the approval is for another act"
    assert reason(renewed(plan, moment, ("sam", "shirin"))) == "the welfare body of the plan agrees to each day"
    assert reason(renewed(plan, moment, ("wanda",))) == "2 others must approve, and 1 did"
    his = directory(replace(WORLD.accounts["olga"], person=EX))
    assert reason(renewed(plan, moment, world=his)) == "whoever asks has a personal link to whom this is about"


def test_what_is_signed_names_plan_site_report_day_and_whom_it_is_about():
    """And whoever has a link to the person is apart, whoever reported, too."""
    first = opening_request(PLAN, "site", report(), wishes(), "olga", NOW)
    day = ("plan", "plan"), ("site", "site"), ("report", "report")
    assert first.particulars == (*day, ("day", "1"))
    assert renewal_request(good(), "olga", NOW).particulars == (*day, ("day", "2"))
    late = delay_request(good(), HOUR, "olga", NOW)
    assert late.particulars == (("plan", "plan"), ("seconds", "3600"))
    for request in (first, renewal_request(good(), "olga", NOW), late):
        assert request.apart == {ANNA, FRIEND, MOTHER, EX}
        assert (request.subject, request.requester, request.asked_at) == (SUBJECT, "olga", NOW)
