"""Break-glass: 15 minutes, one plan, everyone told, reviewed within a day; it cannot be extended or chained."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.consent.oversight.accounts import PersonId, Role
from beholden.consent.oversight.breakglass import Glass, Review, break_glass, close, locked_accounts, pass_time, review
from beholden.consent.oversight.steps import Fact, Happened, Notice, Refused, Step
from tests.consent.oversight.world import DAY, HOUR, NOW, SUBJECT, TICK, account, directory

QUARTER = HOUR / 4
WORLD = directory()


def broken(name="sam", plan="p1", subject=SUBJECT, history=(), now=NOW, world=WORLD, why="no answer", apart=()):
    return break_glass(f"g {plan}", name, plan, subject, why, frozenset(apart), history, world, now)


def glass(**other) -> Glass:
    made = broken()
    assert isinstance(made, Step)
    return replace(made.state, **other)


def test_it_is_open_for_fifteen_minutes_and_closes_by_itself():
    """To the microsecond, and not before it was opened."""
    opened = glass()
    assert [opened.open_at(NOW + each) for each in (-TICK, 0 * TICK, QUARTER - TICK, QUARTER)] == [
        False,
        True,
        True,
        False,
    ]
    step = pass_time(opened, WORLD, NOW + QUARTER)
    assert step.facts == (Fact(NOW + QUARTER, Happened.GLASS_CLOSED, "p1", SUBJECT, ("sam",), "by itself"),)
    assert step.state.closed_at == NOW + QUARTER
    assert step.notices == ()
    assert pass_time(opened, WORLD, NOW + QUARTER - TICK) == Step(opened)
    assert pass_time(step.state, WORLD, NOW + HOUR) == Step(step.state)


def test_everyone_is_told_at_once_the_person_too():
    """Every account that may act, by name of who did it and why; and it is logged."""
    step = broken()
    assert isinstance(step, Step)
    assert [each.to for each in step.notices] == [SUBJECT, *(each.id for each in WORLD.everyone(NOW))]
    assert {(each.due, each.text) for each in step.notices} == {
        (NOW, "Account sam opened a find-me plan alone, for 15 minutes: no answer")
    }
    assert step.facts == (Fact(NOW, Happened.GLASS_BROKEN, "p1", SUBJECT, ("sam",), "no answer"),)
    assert step.state == Glass("g p1", WORLD.accounts["sam"], "p1", SUBJECT, NOW)


STRANGE = directory(
    account("fresh", added_at=NOW - 72 * HOUR + TICK),
    account("seasoned", added_at=NOW - 72 * HOUR),
    account("gone", revoked_at=NOW),
    account("sams second", "union", person=PersonId("sam")),
    locked={"sue"},
)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("olga", "only an approver breaks the glass"),
        ("audrey", "only an approver breaks the glass"),
        ("paul", "police and other authorities neither ask nor approve here"),
        ("fresh", "a new approver waits for 72 hours"),
        ("gone", "the credential was revoked"),
        ("sue", "the account is locked"),
        ("nobody", "there is no such account"),
    ],
)
def test_only_an_approver_of_long_standing_breaks_the_glass(name, reason):
    """The attempt is logged, and told to the person and the auditors."""
    refused = broken(name, world=STRANGE)
    assert isinstance(refused, Refused)
    assert refused.reason == reason
    assert refused.facts == (Fact(NOW, Happened.GLASS_REFUSED, "p1", SUBJECT, (name,), reason),)
    text = f"Account {name} tried to open a plan by break-glass, and was refused: {reason}."
    assert refused.notices == (Notice(SUBJECT, text, NOW), Notice("audrey", text, NOW))
    assert isinstance(broken("seasoned", world=STRANGE), Step)


def test_whoever_is_linked_to_the_person_does_not_and_whoever_does_says_why():
    """A relative, or the person, or whom the person excluded."""
    assert broken(apart={"sam"}).reason == "the account has a personal link to whom this is about"
    assert isinstance(broken(apart={"sue"}), Step)
    assert broken(why=" \n").reason == "whoever breaks the glass says why"


REVIEWED = Review("wanda", NOW, True)
WAITS, DAY_BETWEEN = "an earlier one waits for its review", "a day passes between one break-glass and the next"


@pytest.mark.parametrize(
    ("name", "plan", "subject", "after", "looked_at", "reason"),
    [
        ("sam", "p1", SUBJECT, 9 * DAY, REVIEWED, "the glass of this plan was broken before: it is not extended"),
        ("wanda", "p1", SUBJECT, 9 * DAY, REVIEWED, "the glass of this plan was broken before: it is not extended"),
        ("sam", "p2", "s_other", HOUR, None, WAITS),
        ("sams second", "p2", "s_other", HOUR, None, WAITS),
        ("wanda", "p2", SUBJECT, HOUR, None, WAITS),
        ("wanda", "p2", SUBJECT, 30 * DAY, None, WAITS),
        ("sam", "p2", "s_other", DAY - TICK, REVIEWED, DAY_BETWEEN),
        ("sams second", "p2", "s_other", DAY - TICK, REVIEWED, DAY_BETWEEN),
        ("wanda", "p2", SUBJECT, DAY - TICK, REVIEWED, DAY_BETWEEN),
        ("sam", "p2", SUBJECT, DAY, REVIEWED, None),
        ("wanda", "p2", SUBJECT, DAY, REVIEWED, None),
        ("wanda", "p2", "s_other", TICK, None, None),
    ],
)
def test_it_is_not_extended_and_not_chained(name, plan, subject, after, looked_at, reason):
    """Not on one plan, not by one holder, not on one person, whoever reviewed it how quickly."""
    then = broken(name, plan, subject, [glass(review=looked_at)], NOW + after, STRANGE)
    assert (then.reason if isinstance(then, Refused) else None) == reason


def test_a_lock_that_the_directory_does_not_know_yet_counts():
    """What the history says is enough, for another account of the holder, too."""
    late = [glass(plan="p0", subject="s_other")]
    for name in ("sam", "sams second"):
        assert broken(name, "p2", SUBJECT, late, NOW + DAY, STRANGE).reason == "the account is locked"


def test_without_a_review_in_a_day_the_account_locks_and_everyone_reads_it():
    """And every other account of whoever holds it; logged once."""
    opened = glass()
    assert locked_accounts([opened], STRANGE, NOW + DAY - TICK) == frozenset()
    assert locked_accounts([opened], STRANGE, NOW + DAY) == {"sam", "sams second"}
    before = pass_time(pass_time(opened, WORLD, NOW + HOUR).state, WORLD, NOW + DAY - TICK)
    step = pass_time(before.state, WORLD, NOW + DAY)
    assert before.facts == ()
    assert step.facts == (Fact(NOW + DAY, Happened.ACCOUNT_LOCKED, "p1", SUBJECT, ("sam",)),)
    assert [each.to for each in step.notices] == [each.id for each in WORLD.everyone(NOW)]
    assert {(each.due, each.text) for each in step.notices} == {
        (NOW + DAY, "Account sam is locked: its break-glass was not reviewed in a day, or not justified.")
    }
    assert pass_time(step.state, WORLD, NOW + 2 * DAY) == Step(step.state)


@pytest.mark.parametrize("justified", [True, False])
def test_a_review_in_time_keeps_the_account_only_if_it_was_justified(justified):
    """The reviewer's word is logged, and told to the person and the holder."""
    step = review(glass(), "wanda", justified, WORLD, NOW + HOUR)
    assert isinstance(step, Step)
    verdict = "justified" if justified else "not justified"
    assert step.state.review == Review("wanda", NOW + HOUR, justified)
    assert step.facts == (Fact(NOW + HOUR, Happened.GLASS_REVIEWED, "p1", SUBJECT, ("wanda",), verdict),)
    text = f"The break-glass of account sam was reviewed: {verdict}."
    assert step.notices == (Notice(SUBJECT, text, NOW + HOUR), Notice("sam", text, NOW + HOUR))
    assert step.state.locks_at(NOW + HOUR) == step.state.locks_at(NOW + 9 * DAY) == (not justified)
    assert review(step.state, "uwe", True, WORLD, NOW + HOUR) == Refused("it has been reviewed")


def test_a_late_review_that_finds_it_justified_unlocks():
    """What was missing is there."""
    step = review(glass(), "audrey", True, WORLD, NOW + 5 * DAY)
    assert isinstance(step, Step)
    assert locked_accounts([step.state], WORLD, NOW + 5 * DAY) == frozenset()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("sam", "somebody of another organisation reviews"),
        ("sue", "somebody of another organisation reviews"),
        ("sams second", "somebody of another organisation reviews"),
        ("olga", "only an approver or an auditor reviews"),
        ("fresh outside", "a new reviewer waits for 72 hours"),
        ("paul", "police and other authorities neither ask nor approve here"),
        ("seasoned outside", None),
        ("audrey", None),
        ("wanda", None),
    ],
)
def test_somebody_of_another_organisation_reviews(name, reason):
    """Not the holder with a second account, nobody new, no authority."""
    world = directory(
        account("sams second", "union", person=PersonId("sam")),
        account("fresh outside", "union", Role.AUDITOR, added_at=NOW - 72 * HOUR + TICK),
        account("seasoned outside", "union", Role.AUDITOR, added_at=NOW - 72 * HOUR),
    )
    step = review(glass(), name, True, world, NOW)
    assert (step.reason if isinstance(step, Refused) else None) == reason


def test_whoever_opened_it_closes_it_earlier_once():
    """And nobody else, nor after it is over."""
    step = close(glass(), "sam", NOW + HOUR / 60)
    assert isinstance(step, Step)
    assert step.facts == (Fact(NOW + HOUR / 60, Happened.GLASS_CLOSED, "p1", SUBJECT, ("sam",)),)
    assert not step.state.open_at(NOW + HOUR / 60)
    assert step.state.open_at(NOW + HOUR / 60 - TICK)
    assert pass_time(step.state, WORLD, NOW + HOUR).facts == ()
    assert close(step.state, "sam", NOW + HOUR / 30) == Refused("it is closed already")
    assert close(glass(), "sam", NOW + QUARTER) == Refused("it is closed already")
    assert close(glass(), "sue", NOW).reason.startswith("whoever opened it closes it")


NAMES = ("sam", "sue", "wanda", "sams second")
EVENTS = st.lists(
    st.tuples(
        st.integers(1, 40), st.sampled_from(("break", "review", "close")), st.sampled_from(NAMES), st.integers(0, 2)
    ),
    max_size=30,
)


@given(EVENTS)
def test_in_any_history_nobody_looks_for_longer_than_a_quarter_of_an_hour_a_day(events):
    """By one human being, or at one person; and whoever owes a review opens nothing (a model of lists and minutes)."""
    world, now, opened = STRANGE, NOW, {}
    for hours, what, name, number in events:
        now += hours * HOUR / 2
        plan, subject = f"p{len(opened)}", f"s_{number}"
        if what == "break":
            world = replace(STRANGE, locked=locked_accounts(list(opened.values()), STRANGE, now) | {"sue"})
            step = broken(name, plan, subject, list(opened.values()), now, world)
            holder = STRANGE.accounts[name].person
            related = [g for g in opened.values() if g.account.person == holder or g.subject == subject]
            owed = any(g.review is None for g in related)
            locked = name == "sue" or any(
                g.account.person == holder and g.review is not None and not g.review.justified for g in opened.values()
            )
            lately = any(now - g.opened_at < DAY for g in related)
            assert isinstance(step, Step) == (not owed and not locked and not lately)
            if isinstance(step, Step):
                opened[plan] = step.state
        elif opened and what == "review":
            last = list(opened)[-1]
            step = review(opened[last], "uwe", number > 0, STRANGE, now)
            opened[last] = step.state if isinstance(step, Step) else opened[last]
        opened = {key: pass_time(each, world, now).state for key, each in opened.items()}
    assert all(each.ends_at - each.opened_at <= QUARTER for each in opened.values())
