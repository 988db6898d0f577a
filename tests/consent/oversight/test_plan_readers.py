"""Who reads what of a find-me plan: matches, everything, and one word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from beholden.consent.oversight.accounts import Role
from beholden.consent.oversight.plan_life import matched
from beholden.consent.oversight.plans import (
    Match,
    Plan,
    Reply,
    helpers,
    readable_from,
    reporter_reads,
    who_may_see,
)
from beholden.consent.oversight.steps import Fact, Happened, Notice, Refused, Step
from tests.consent.oversight.world import (
    ANNA,
    DAY,
    EX,
    FRIEND,
    HOUR,
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
SAFE, MINE, HELP = Reply.SAFE_TELL_NOBODY, Reply.SAFE_TELL_MINE, Reply.HELP
MATCH = Match(PLAN, "lobby", "cam 1", NOW)
OVER = Refused("the plan is closed")


def plan(**other) -> Plan:
    made = Plan(PLAN, "site", report(), wishes(), "welfare", NOW, NOW + DAY, (NOW,), ("sam", "wanda"), NOW + 3 * DAY)
    return replace(made, **other)


def good(step) -> Plan:
    assert isinstance(step, Step), step
    return step.state


def seen_by(match=MATCH, at=NOW, world=WORLD, **other):
    return [name for name in world.accounts if who_may_see(match, name, plan(**other), world, at)]


def test_only_the_welfare_body_and_the_person_see_a_match():
    """Of all accounts there are."""
    assert seen_by() == ["wanda", "will", "anna"]
    assert seen_by(welfare="shelter") == ["shirin", "anna"]


@pytest.mark.parametrize(
    ("other", "sees"),
    [
        (account("x", "welfare", Role.APPROVER), True),
        (account("x", "welfare", Role.OPERATOR, Role.AUDITOR, Role.MAINTAINER), False),
        (account("x", "union", Role.APPROVER), False),
        (account("x", "welfare", Role.APPROVER, person=EX), False),
        (account("x", "welfare", Role.APPROVER, person=FRIEND), False),
        (account("x", "welfare", Role.APPROVER, person=ANNA), False),
        (account("x", "welfare", Role.SUBJECT, person=ANNA), True),
        (account("x", "welfare", Role.APPROVER, expires_at=NOW), False),
    ],
)
def test_not_everybody_at_the_welfare_body_sees_a_match(other, sees):
    """Not whoever reported (the friend), nor the ex, nor one who only works there."""
    world = directory(other)
    assert ("x" in seen_by(world=world)) == sees
    assert ("x" in helpers(plan(), world, NOW)) == (sees and Role.APPROVER in other.roles)


@pytest.mark.parametrize(
    ("match", "now", "sees"),
    [
        (MATCH, NOW, True),
        (MATCH, NOW + DAY - TICK, True),
        (MATCH, NOW + DAY, False),
        (replace(MATCH, at=NOW + TICK), NOW, False),
        (replace(MATCH, at=NOW - TICK), NOW, False),
        (replace(MATCH, at=NOW + DAY), NOW + DAY, False),
        (replace(MATCH, plan="p2"), NOW, False),
    ],
)
def test_matches_are_seen_while_the_plan_is_open(match, now, sees):
    """Of the plan, in its time, by the welfare body; the person reads them later, too."""
    assert ("wanda" in seen_by(match, now)) == sees
    person = sees or (match == MATCH and now == NOW + DAY)
    assert ("anna" in seen_by(match, now)) == person


def test_a_match_is_seen_for_three_days_at_most():
    """As the policy table has it, if a plan could last so long."""
    long = {"ends_at": NOW + 9 * DAY}
    assert "wanda" in seen_by(at=NOW + 3 * DAY - TICK, **long)
    assert "wanda" not in seen_by(at=NOW + 3 * DAY, **long)


def test_a_match_is_told_to_the_welfare_body_and_logged_without_a_place():
    """The person does not get a message that whoever holds their telephone could read."""
    step = matched(plan(), replace(MATCH, at=NOW + HOUR), WORLD, NOW + 2 * HOUR)
    assert isinstance(step, Step)
    assert step.state == plan()
    assert step.facts == (Fact(NOW + 2 * HOUR, Happened.PLAN_MATCHED, PLAN, SUBJECT, ()),)
    text = "Recognised at 2026-11-23T10:41:00+00:00: lobby, cam 1."
    assert step.notices == (Notice("wanda", text, NOW + 2 * HOUR), Notice("will", text, NOW + 2 * HOUR))


@pytest.mark.parametrize(
    ("match", "now"),
    [
        (replace(MATCH, plan="p2"), NOW),
        (replace(MATCH, at=NOW - TICK), NOW),
        (MATCH, NOW + DAY),
        (replace(MATCH, at=NOW + DAY), NOW + DAY - TICK),
    ],
)
def test_nothing_is_told_outside_the_plan(match, now):
    """Another plan's, before, after."""
    assert matched(plan(), match, WORLD, now) == OVER


# Whoever reported


@pytest.mark.parametrize(
    ("ended_after", "reads_after"),
    [(0 * DAY, DAY), (TICK, DAY), (DAY, DAY), (DAY + TICK, 2 * DAY), (2 * DAY, 2 * DAY), (3 * DAY + HOUR, 4 * DAY)],
)
def test_whoever_reported_reads_closed_at_the_end_of_a_day_since_the_report(ended_after, reads_after):
    """So that the moment says nothing; before it, nothing."""
    one = report(filed_at=NOW)
    assert readable_from(one, NOW + ended_after) == NOW + reads_after
    assert reporter_reads(one, NOW + ended_after, NOW + reads_after - TICK) is None
    assert reporter_reads(one, NOW + ended_after, NOW + reads_after) == "closed"
    assert reporter_reads(one, None, NOW + 99 * DAY) is None
