"""Acceptance: people who want to find somebody who does not want to be found. Each story ends refused, or revealed.

Anna laid down a find-me plan a month ago: her friend may be told, her ex never. Olga works at the site, Sam
approves there; Wanda and Will approve at the welfare body.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from beholden.consent.oversight.accounts import PersonId
from beholden.consent.oversight.breakglass import break_glass
from beholden.consent.oversight.findme import (
    delay_request,
    open_broken,
    open_plan,
    opening_request,
    renew,
    renewal_request,
)
from beholden.consent.oversight.plan_life import answer, close, delay, matched, pass_time
from beholden.consent.oversight.plans import Match, Plan, Reply, Source, everything, reporter_reads, who_may_see
from beholden.consent.oversight.steps import Refused, Step
from beholden.model.grant import GrantState
from tests.consent.oversight.world import (
    DAY,
    EX,
    FRIEND,
    HOUR,
    MOTHER,
    NOW,
    PLAN,
    SUBJECT,
    account,
    approved,
    directory,
    report,
    wishes,
)

WORLD = directory()


def opened(by, *approvers, laid=None, now=NOW, world=WORLD, plans=(), requester="olga", plan=PLAN):
    """Olga asks at this moment, for whoever reported, and these approve."""
    asked = wishes() if laid is None else laid
    approvals = approved(opening_request(plan, "site", by, asked, requester, now), *approvers, world=world)
    return open_plan(plan, "site", by, asked, requester, now, approvals, plans, world, now)


def renewed(plan, now, *approvers, plans=()):
    approvals = approved(renewal_request(plan, "olga", now), *approvers)
    return renew(plan, "olga", now, approvals, [plan, *plans], WORLD, now)


def good(step) -> Plan:
    assert isinstance(step, Step), step
    return step.state


def told(step, to):
    return [each for each in step.notices if each.to == to]


def test_the_friend_reports_anna_missing_and_the_welfare_body_finds_her():
    """How it should go: only the welfare body reads where; the friend reads one word; Anna reads everything."""
    plan = good(opened(report(FRIEND), "sam", "wanda"))
    found = Match(PLAN, "lobby", "cam 1", NOW + 3 * HOUR)
    step = matched(plan, found, WORLD, found.at)
    assert isinstance(step, Step)
    assert [each.to for each in step.notices] == ["wanda", "will"]
    assert [name for name in WORLD.accounts if who_may_see(found, name, plan, WORLD, found.at)] == [
        "wanda",
        "will",
        "anna",
    ]
    over = close(plan, "wanda", WORLD, NOW + 4 * HOUR)
    assert [each.text for each in told(over, FRIEND)] == ["closed"]
    (notice,) = told(over, SUBJECT)
    assert notice.due <= NOW + 72 * HOUR
    anna_reads = "\n".join(everything(good(over), [found]))
    for word in (FRIEND, "sam", "wanda", "welfare", "lobby", "cam 1", NOW.isoformat(), "an approver closed it"):
        assert word in anna_reads


def test_a_reporting_ex_partner_is_refused_reads_only_closed_and_anna_is_told():
    """Whoever approves. To him it looks as if a plan had been opened, and had lapsed."""
    refused = opened(report(EX), "sam", "wanda")
    assert isinstance(refused, Refused)
    assert refused.reason == "the person laid down that whoever reported may never be told"
    (his,) = told(refused, EX)
    assert his.text == "closed"
    (hers,) = told(refused, SUBJECT)
    assert "ex reported you missing at site" in hers.text
    assert hers.due == NOW + 72 * HOUR
    friend = report(FRIEND)
    lapsed = pass_time(good(opened(friend, "sam", "wanda", now=friend.filed_at)), NOW + 9 * DAY)
    assert told(lapsed, FRIEND)[0].not_before == his.not_before


def test_an_ex_partner_who_works_at_the_site_can_neither_ask_nor_approve_nor_see():
    """His account is like any other but for whom Anna named; the reason does not say that she did."""
    world = directory(account("his", person=EX), replace(WORLD.accounts["olga"], person=EX))
    for refused in (
        opened(report(FRIEND), "sam", "wanda", world=world),
        opened(report(FRIEND), "his", "wanda", world=directory(account("his", person=EX))),
    ):
        assert isinstance(refused, Refused)
        assert refused.reason.endswith("has a personal link to whom this is about")
        assert told(refused, SUBJECT)
    at_welfare = directory(account("his", "welfare", person=EX))
    plan, found = good(opened(report(FRIEND), "sam", "wanda")), Match(PLAN, "lobby", "cam 1", NOW)
    assert not who_may_see(found, "his", plan, at_welfare, NOW)
    assert "his" not in [each.to for each in matched(plan, found, at_welfare, NOW).notices]


def test_a_relative_does_not_approve_and_whoever_reported_does_not_either():
    """Her mother works at the welfare body; her friend approves at the site."""
    world = directory(account("mothers", "welfare", person=MOTHER), account("friends", "site", person=FRIEND))
    for names in (("sam", "mothers"), ("friends", "wanda")):
        refused = opened(report(FRIEND), *names, world=world)
        assert refused.reason == "an approver has a personal link to whom this is about"


@pytest.mark.parametrize(
    "names", [("sam", "sue"), ("sue", "sam"), ("wanda", "will"), ("will", "wanda"), ("wanda", "wanda")]
)
def test_two_colluding_approvers_of_one_organisation_open_nothing(names):
    """Neither the site's nor the welfare body's; and Anna reads that somebody tried."""
    refused = opened(report(FRIEND), *names)
    assert isinstance(refused, Refused)
    assert told(refused, SUBJECT)[0].text.startswith("olga tried to have you looked for: one ")


def test_one_approver_with_two_accounts_opens_nothing():
    """Sam is hired by the welfare body, too."""
    world = directory(account("sams second", "welfare", person=PersonId("sam")))
    refused = opened(report(FRIEND), "sam", "sams second", world=world)
    assert refused.reason == "one person, or one key, does not approve twice"


def test_an_endless_extension_ends_after_three_days():
    """Renewed twice, with both again; the third time nobody can, nor open another plan, until the week is over."""
    plan = good(opened(report(FRIEND), "sam", "wanda"))
    for day in (1, 2):
        plan = good(renewed(plan, NOW + day * DAY - HOUR, "sue", "will"))
    assert plan.ends_at == NOW + 3 * DAY
    refused = renewed(plan, NOW + 3 * DAY - HOUR, "sam", "wanda")
    assert isinstance(refused, Refused)
    assert refused.reason == "a plan is renewed 2 times at most"
    assert told(refused, SUBJECT)
    over = replace(good(pass_time(plan, NOW + 3 * DAY)), told_at=NOW + 3 * DAY)
    for later in (3 * DAY, 7 * DAY - HOUR):
        moment = NOW + later
        again = report(FRIEND, moment, name=f"again {later}")
        second = opened(again, "sam", "wanda", now=moment, plans=[over], plan="second")
        assert isinstance(second, Refused)
        assert second.reason == "this person was looked for lately, and is left alone for some days"
        assert told(second, SUBJECT)


def test_closing_and_opening_again_every_day_is_no_way_to_more_days():
    """Three plans of a day each are the three days of the week."""
    plans, days = [], 0
    for day in range(7):
        moment = NOW + day * DAY
        step = opened(report(FRIEND, moment, name=f"r{day}"), "sam", "wanda", now=moment, plans=plans, plan=f"p{day}")
        if isinstance(step, Step):
            days += 1
            plans.append(replace(good(close(step.state, "sam", WORLD, moment + 20 * HOUR)), told_at=moment + 20 * HOUR))
    assert days == 3


@pytest.mark.parametrize(
    ("laid", "reason"),
    [
        (None, "there is no grant: a plan is opened only for somebody who laid it down beforehand"),
        (wishes(grant=replace(wishes().grant, ends_at=NOW)), "the grant does not hold: expired"),
        (wishes(grant=replace(wishes().grant, state=GrantState.WITHDRAWN)), "the grant does not hold: withdrawn"),
        (wishes(grant=replace(wishes().grant, state=GrantState.PAUSED)), "the grant does not hold: paused"),
    ],
)
def test_a_plan_for_a_person_without_a_grant_cannot_be_opened(laid, reason):
    """Whoever agrees: nobody can lay it down for them afterwards."""
    approvals = approved(opening_request(PLAN, "site", report(), wishes(), "olga", NOW), "sam", "wanda")
    step = open_plan(PLAN, "site", report(), laid, "olga", NOW, approvals, (), WORLD, NOW)
    assert isinstance(step, Refused)
    assert step.reason == reason
    assert [each.text for each in told(step, FRIEND)] == ["closed"]


def test_a_grant_made_after_the_report_is_none():
    """Whoever took her telephone cannot agree in her name, and then report her."""
    late = wishes(grant=replace(wishes().grant, starts_at=NOW - HOUR + HOUR / 60))
    refused = opened(report(FRIEND, NOW - HOUR), "sam", "wanda", laid=late)
    assert refused.reason == "the grant was not made beforehand"


@pytest.mark.parametrize("laid", [wishes(), None])
def test_an_authoritys_request_is_refused_with_the_reason_grant_or_no_grant(laid):
    """The police read why, and not whether Anna is known here; she reads that they asked."""
    asks = report(PersonId("inspector"), source=Source.AUTHORITY)
    refused = open_plan(PLAN, "site", asks, laid, "olga", NOW, (), (), WORLD, NOW)
    assert isinstance(refused, Refused)
    assert refused.reason == "police and other authorities cannot have a find-me plan opened, whoever the person named"
    (theirs,) = told(refused, "inspector")
    assert (theirs.text, theirs.due, theirs.not_before) == (refused.reason, NOW, None)
    assert len(told(refused, SUBJECT)) == (laid is not None)


def test_an_authority_neither_asks_nor_approves_with_an_account():
    """Even if somebody gave it every role."""
    for requester, names in (("paul", ("sam", "wanda")), ("olga", ("paul", "wanda")), ("olga", ("sam", "paul"))):
        refused = opened(report(FRIEND), *names, requester=requester)
        assert isinstance(refused, Refused)
        assert refused.reason == "police and other authorities neither ask nor approve here"


def test_anna_answers_safe_tell_nobody():
    """It is closed at once; everybody else reads that it is closed, and nobody that she answered, where, or when."""
    plan = good(opened(report(FRIEND), "sam", "wanda"))
    moment = NOW + 2 * HOUR
    step = answer(plan, Reply.SAFE_TELL_NOBODY, WORLD, moment)
    closed, found = good(step), Match(PLAN, "lobby", "cam 1", moment)
    assert isinstance(matched(closed, found, WORLD, moment), Refused)
    assert not any(who_may_see(found, name, closed, WORLD, moment) for name in WORLD.accounts)
    by_hand = close(plan, "sam", WORLD, moment)
    assert isinstance(step, Step)
    assert isinstance(by_hand, Step)
    others = [[each for each in one.notices if each.to != SUBJECT] for one in (step, by_hand)]
    assert others[0] == others[1]
    (hers,) = told(step, SUBJECT)
    assert hers.due == moment
    again = opened(report(FRIEND, moment, name="again"), "sam", "wanda", now=moment, plans=[closed], plan="second")
    assert again.reason == "this person was looked for lately, and is left alone for some days"


def test_whoever_reported_reads_the_same_at_every_hour_however_it_ended_that_day():
    """Refused, answered, closed by hand: one reading."""
    friend = report(FRIEND, NOW)
    plan = good(opened(friend, "sam", "wanda"))
    ends = [NOW]  # refused at once
    for step in (
        answer(plan, Reply.SAFE_TELL_NOBODY, WORLD, NOW + 5 * HOUR),
        close(plan, "wanda", WORLD, NOW + 23 * HOUR),
        pass_time(plan, NOW + 30 * HOUR),
    ):
        ends.append(good(step).over_at)
    for hours in range(100):
        read = {reporter_reads(friend, end, NOW + hours * HOUR) for end in ends}
        assert read == ({None} if hours < 24 else {"closed"})


def test_a_notice_is_delayed_once_with_two_credentials_and_no_longer_than_three_days():
    """So that nobody is never told."""
    plan = good(opened(report(FRIEND), "sam", "wanda"))
    three_days = approved(delay_request(plan, 3 * DAY, "olga", NOW), "uwe")
    later = good(delay(plan, 3 * DAY, "olga", NOW, three_days, WORLD, NOW))
    assert later.notice_due == NOW + 6 * DAY
    again = delay(later, HOUR, "olga", NOW, approved(delay_request(later, HOUR, "olga", NOW), "uwe"), WORLD, NOW)
    assert again.reason == "a notice is delayed once"
    alone = delay(plan, HOUR, "olga", NOW, approved(delay_request(plan, HOUR, "olga", NOW), "sam"), WORLD, NOW)
    assert alone.reason == "one of the approvers must be of an organisation of its own"
    assert told(again, SUBJECT)
    assert told(alone, SUBJECT)


def test_break_glass_goes_around_nobodys_wishes():
    """One approver alone opens for a quarter of an hour: not for the ex, not without a grant; the welfare body sees."""
    glass = break_glass("g", "sam", PLAN, SUBJECT, "a cold night", frozenset(), (), WORLD, NOW)
    assert isinstance(glass, Step)
    assert SUBJECT in [each.to for each in glass.notices]
    plan = good(open_broken(glass.state, "site", report(FRIEND), wishes(), "welfare", (), WORLD, NOW))
    assert plan.ends_at == NOW + HOUR / 4
    assert renewed(plan, NOW + HOUR / 5, "sam", "wanda").reason == "a break-glass is not extended"
    found = Match(PLAN, "lobby", "cam 1", NOW)
    assert [name for name in WORLD.accounts if who_may_see(found, name, plan, WORLD, NOW)] == ["wanda", "will", "anna"]
    for by, laid in ((EX, wishes()), (FRIEND, None)):
        assert isinstance(open_broken(glass.state, "site", report(by), laid, "welfare", (), WORLD, NOW), Refused)
