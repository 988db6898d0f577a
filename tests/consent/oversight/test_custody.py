"""A dispute over custody: suspended at once, settled by an outside approver."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from beholden.consent.oversight.accounts import PersonId
from beholden.consent.oversight.guardians import (
    Guardianship,
    approve,
    ask,
    authority_of,
    dispute,
    person_says,
    request_of,
    say,
    settle,
)
from beholden.consent.oversight.steps import Fact, Happened, Notice, Refused, Step
from beholden.model.grant import Purpose
from tests.consent.oversight.world import ANNA, MOTHER, NOW, SUBJECT, account, approved, directory

FATHER, AUNT = PersonId("father"), PersonId("aunt")
PAPER, OTHER_PAPER = b"Custody of both parents, born 1 April 2012", b"Custody of the mother alone"
MAJORITY = date(2030, 4, 1)
BOTH = authority_of({MOTHER, FATHER}, MAJORITY, PAPER)
MOTHERS = authority_of({MOTHER}, MAJORITY, OTHER_PAPER)
WORLD = directory()


def asked(authority=BOTH, purpose=Purpose.CARE, by=MOTHER, refused=False, now=NOW, zone="Europe/Berlin", person=ANNA):
    return ask("g_1", SUBJECT, person, purpose, authority, zone, by, refused, now)


def state(step) -> Guardianship:
    assert isinstance(step, Step), step
    return step.state


def approving(grant, *names, authority=None, requester="olga", apart=()):
    request = request_of(grant, authority or grant.authority, requester, NOW, apart)
    return request, approved(request, *(names or ("uwe",)), world=WORLD)


def seen(grant, now=NOW):
    return approve(grant, *approving(grant), WORLD, now)


def whole() -> Guardianship:
    return state(seen(state(say(state(asked()), FATHER, True, NOW))))


def test_a_dispute_suspends_until_an_outside_approver_settles_it():
    """At once, whoever is right; nothing else lifts it."""
    step = dispute(whole(), AUNT, OTHER_PAPER, NOW)
    assert isinstance(step, Step)
    assert step.facts == (Fact(NOW, Happened.CUSTODY_DISPUTED, "g_1", SUBJECT, (AUNT,), MOTHERS.evidence),)
    text = "Custody is disputed: care is suspended until an outside approver settles it."
    assert step.notices == tuple(Notice(to, text, NOW) for to in (SUBJECT, AUNT, FATHER, MOTHER))
    disputed = step.state
    suspended = "custody is disputed, until an outside approver settles it"
    assert disputed.why_not(NOW) == suspended
    assert state(say(disputed, FATHER, True, NOW)).why_not(NOW) == suspended
    assert person_says(disputed, True, NOW).state.why_not(NOW) == suspended
    assert seen(disputed) == Refused("custody is disputed: it is settled, not approved")
    assert dispute(whole(), AUNT, b"", NOW) == Refused("a dispute comes with a paper that an approver can look at")


def test_the_settlement_says_who_the_guardians_are_and_what_others_said_counts_no_more():
    """The father's no is gone with his custody; the mother's yes stays."""
    no = state(say(whole(), FATHER, False, NOW))
    disputed = state(dispute(no, MOTHER, OTHER_PAPER, NOW))
    step = settle(disputed, MOTHERS, *approving(disputed, authority=MOTHERS), WORLD, NOW)
    assert isinstance(step, Step)
    assert step.state.why_not(NOW) is None
    assert (step.state.yes, step.state.no, step.state.authority) == ({MOTHER}, frozenset(), MOTHERS)
    assert step.facts == (Fact(NOW, Happened.CUSTODY_SETTLED, "g_1", SUBJECT, ("uwe",), MOTHERS.evidence),)
    text = "The dispute over care was settled by an approver of another organisation."
    assert step.notices == tuple(Notice(to, text, NOW) for to in (SUBJECT, FATHER, MOTHER))


def test_after_a_settlement_for_somebody_new_their_yes_is_needed():
    """And a no of whoever stays a guardian stays."""
    aunts = authority_of({AUNT, FATHER}, MAJORITY, OTHER_PAPER)
    disputed = state(dispute(state(say(whole(), FATHER, False, NOW)), AUNT, OTHER_PAPER, NOW))
    settled = state(settle(disputed, aunts, *approving(disputed, "wanda", authority=aunts), WORLD, NOW))
    assert (settled.yes, settled.no, settled.approved_by) == (frozenset(), {FATHER}, "wanda")
    assert settled.why_not(NOW) == "one of the guardians said no"
    agreed = state(say(settled, FATHER, True, NOW))
    assert agreed.why_not(NOW) == "not every guardian has said yes"
    assert state(say(agreed, AUNT, True, NOW)).why_not(NOW) is None
    assert say(settled, MOTHER, True, NOW) == Refused("whoever says so is no guardian by this authority")


@pytest.mark.parametrize(
    ("authority", "reason"),
    [
        (replace(MOTHERS, guardians=frozenset()), "somebody else is the guardian, or nobody is"),
        (replace(MOTHERS, guardians=frozenset({ANNA})), "somebody else is the guardian, or nobody is"),
        (replace(MOTHERS, majority=date(2031, 4, 1)), "a dispute does not move the day of majority"),
    ],
)
def test_what_no_settlement_can_say(authority, reason):
    """Nobody at all, the person, another day of majority."""
    disputed = state(dispute(whole(), MOTHER, OTHER_PAPER, NOW))
    assert settle(disputed, authority, *approving(disputed, authority=authority), WORLD, NOW) == Refused(reason)


def test_a_settlement_needs_a_dispute_and_an_outside_approver_who_signed_it():
    """Not the site's own approver, not one of the old approval, not a guardian that was."""
    grant = whole()
    disputed = state(dispute(grant, MOTHER, OTHER_PAPER, NOW))
    inside = settle(disputed, MOTHERS, *approving(disputed, "sam", authority=MOTHERS), WORLD, NOW)
    assert inside == Refused("one of the approvers must be of an organisation of its own")
    assert settle(grant, MOTHERS, *approving(grant, authority=MOTHERS), WORLD, NOW) == Refused("nothing is disputed")
    other = settle(disputed, MOTHERS, *approving(grant, authority=MOTHERS), WORLD, NOW)
    assert other == Refused("what was approved is another grant, or another authority")
    fathers = directory(account("fathers", "union", person=FATHER))
    request = request_of(disputed, MOTHERS, "olga", NOW)
    step = settle(disputed, MOTHERS, request, approved(request, "fathers", world=fathers), fathers, NOW)
    assert step == Refused("an approver has a personal link to whom this is about")


AUNTS = authority_of({AUNT}, MAJORITY, OTHER_PAPER)
NOT_OUTSIDE = "one of the approvers must be of an organisation of its own"


def settled_in(world, authority, *approvals):
    """What comes of a settlement for `authority` by these approvals, in a world with more accounts."""
    disputed = state(dispute(whole(), MOTHER, OTHER_PAPER, NOW))
    request = request_of(disputed, authority, "olga", NOW)
    given = [replace(approved(request, name, world=world)[0], **other) for name, other in approvals]
    return settle(disputed, authority, request, given, world, NOW)


@pytest.mark.parametrize("guardian", [AUNT, MOTHER], ids=["that is to be", "that was"])
def test_nobody_of_an_organisation_of_a_guardian_settles_a_dispute(guardian):
    """Whether the guardian is one by the old authority or by the new."""
    world = directory(account("guardians", "union", person=guardian))
    assert settled_in(world, AUNTS, ("uwe", {})) == Refused(NOT_OUTSIDE)
    assert isinstance(settled_in(world, AUNTS, ("wanda", {})), Step)


def test_that_an_approver_is_not_outside_is_told_also_where_another_approval_is_bad():
    """What is wrong with the approval that would have counted, not with the other."""
    world = directory(account("guardians", "union", person=AUNT))
    assert settled_in(world, AUNTS, ("wanda", {"key": "another"}), ("uwe", {})) == Refused(NOT_OUTSIDE)
