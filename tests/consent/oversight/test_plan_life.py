"""What happens to an open plan until it is over, and the person was told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.consent.oversight.accounts import Role
from beholden.consent.oversight.findme import delay_request, open_plan, opening_request, renew, renewal_request
from beholden.consent.oversight.plan_life import answer, close, delay, pass_time, told, withdraw
from beholden.consent.oversight.plans import (
    Closing,
    Match,
    Plan,
    Reply,
    everything,
    readable_from,
)
from beholden.consent.oversight.steps import Fact, Happened, Notice, Refused, Step
from tests.consent.oversight.world import (
    DAY,
    EX,
    FRIEND,
    HOUR,
    NOW,
    PLAN,
    SUBJECT,
    TICK,
    account,
    approved,
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


def test_a_plan_is_open_from_its_opening_to_its_end():
    """To the microsecond; closing it comes first."""
    assert [plan().open_at(NOW + each) for each in (-TICK, 0 * DAY, DAY - TICK, DAY)] == [False, True, True, False]
    closed = plan(closed_at=NOW + HOUR)
    assert [closed.open_at(NOW + each) for each in (HOUR - TICK, HOUR)] == [True, False]


# Answers and endings


def ended(step, at, closing, by=(), due=NOW + 3 * DAY):
    """What every ending has in common."""
    assert isinstance(step, Step)
    assert step.state.open_at(at - TICK)
    assert (step.state.closed_at, step.state.closing, step.state.notice_due) == (at, closing, due)
    assert step.facts[-1] == Fact(at, Happened.PLAN_CLOSED, PLAN, SUBJECT, by, closing)
    text = "A plan to find you is over. You read here who asked, who agreed, and what was seen."
    reads = readable_from(report(), at)
    words = [Notice(each, "A plan to find somebody is closed.", at) for each in ("sam", "wanda")]
    assert list(step.notices[:4]) == [Notice(SUBJECT, text, due), Notice(FRIEND, "closed", reads, reads), *words]


def test_safe_tell_nobody_closes_at_once_and_the_person_is_told_at_once():
    """Nobody else hears more than at any other ending."""
    at = NOW + HOUR
    step = answer(plan(), SAFE, WORLD, at)
    ended(step, at, Closing.ANSWERED, due=at)
    assert isinstance(step, Step)
    assert step.facts[0] == Fact(at, Happened.PLAN_ANSWERED, PLAN, SUBJECT, ())
    assert (len(step.facts), len(step.notices), step.state.reply) == (2, 4, SAFE)


def test_safe_tell_those_i_named_tells_them_and_never_whom_the_person_excluded():
    """Whoever is on both lists is never told."""
    both = wishes(may_tell=frozenset({FRIEND, EX, "zoe"}))
    step = answer(plan(wishes=both), MINE, WORLD, NOW)
    assert isinstance(step, Step)
    safe = [Notice(each, "The person who was missed is safe.", NOW) for each in (FRIEND, "zoe")]
    assert list(step.notices[4:]) == safe
    assert step.state.reply is MINE
    assert answer(plan(wishes=both), SAFE, WORLD, NOW).notices[4:] == ()


def test_an_answer_after_the_notice_was_due_does_not_move_it():
    """It was owed before."""
    late = answer(plan(notice_due=NOW, ends_at=NOW + 4 * DAY), SAFE, WORLD, NOW + DAY)
    assert good(late).notice_due == NOW


@pytest.mark.parametrize(
    ("reply", "of_age_at"), [(HELP, None), (HELP, NOW + TICK), (SAFE, NOW + TICK), (MINE, NOW + TICK)]
)
def test_please_find_me_and_a_childs_answer_go_to_the_welfare_body_and_close_nothing(reply, of_age_at):
    """A child may have been told what to answer."""
    asked = plan(wishes=wishes(of_age_at=of_age_at))
    step = answer(asked, reply, WORLD, NOW)
    assert isinstance(step, Step)
    assert step.state == replace(asked, reply=reply)
    assert step.facts == (Fact(NOW, Happened.PLAN_ANSWERED, PLAN, SUBJECT, ()),)
    assert step.notices == tuple(Notice(each, f"The person answered: {reply}.", NOW) for each in ("wanda", "will"))


def test_whoever_comes_of_age_answers_for_themselves_from_that_moment():
    """To the microsecond."""
    assert good(answer(plan(wishes=wishes(of_age_at=NOW)), SAFE, WORLD, NOW)).closing is Closing.ANSWERED


@pytest.mark.parametrize("by", ["sam", "wanda"])
def test_either_of_the_approvers_closes_a_plan_alone(by):
    """Without the other."""
    ended(close(plan(), by, WORLD, NOW + HOUR), NOW + HOUR, Closing.APPROVER, (by,))


def test_others_close_nothing_and_nothing_is_closed_twice():
    """Not the operator, not another approver, not one who was revoked."""
    for name in ("olga", "sue", "will", "paul"):
        assert close(plan(), name, WORLD, NOW) == Refused("one of those who agreed closes the plan, or the person")
    gone = directory(account("sam", revoked_at=NOW))
    assert close(plan(), "sam", gone, NOW) == Refused("the credential was revoked")
    for moment, over in ((NOW + DAY, plan()), (NOW + HOUR, plan(closed_at=NOW + HOUR))):
        assert close(over, "sam", WORLD, moment) == answer(over, SAFE, WORLD, moment) == withdraw(over, moment) == OVER


def test_withdrawing_closes_a_plan():
    """Without asking anybody."""
    ended(withdraw(plan(), NOW + HOUR), NOW + HOUR, Closing.WITHDRAWN)


def test_a_day_that_is_over_closes_the_plan_by_itself_once():
    """With the moment at which it ended, whenever that is noticed."""
    assert pass_time(plan(), NOW + DAY - TICK) == Step(plan())
    for late in (DAY, 5 * DAY):
        ended(pass_time(plan(), NOW + late), NOW + DAY, Closing.LAPSED)
    closed = plan(closed_at=NOW + HOUR)
    assert pass_time(closed, NOW + 5 * DAY) == Step(closed)


def test_approvers_who_agreed_to_several_days_are_told_once():
    """Each of them."""
    step = close(plan(approvers=("sam", "wanda", "sue", "wanda")), "sam", WORLD, NOW)
    assert isinstance(step, Step)
    assert [each.to for each in step.notices] == [SUBJECT, FRIEND, "sam", "wanda", "sue"]


# The notice


def delayed(by, of=None, names=("uwe",), now=NOW, world=WORLD, signed=None):
    of = of or plan()
    approvals = approved(delay_request(of, signed or by, "olga", now), *names, world=world)
    return delay(of, by, "olga", now, approvals, world, now)


@pytest.mark.parametrize("by", [TICK, HOUR, 3 * DAY])
def test_a_notice_is_delayed_by_three_days_at_most(by):
    """Logged with both credentials."""
    step = delayed(by)
    assert isinstance(step, Step)
    assert step.state == plan(notice_due=NOW + 3 * DAY + by, delayed=True)
    assert step.facts == (Fact(NOW, Happened.NOTICE_DELAYED, PLAN, SUBJECT, ("olga", "uwe")),)


LATE = "the notice is due, or given"


@pytest.mark.parametrize(
    ("asking", "why"),
    [
        ({"by": 3 * DAY + TICK}, "a notice is delayed by 72 hours at most"),
        ({"by": 0 * DAY}, "a notice is delayed by 72 hours at most"),
        ({"by": -TICK}, "a notice is delayed by 72 hours at most"),
        ({"by": HOUR, "of": plan(delayed=True)}, "a notice is delayed once"),
        ({"by": HOUR, "of": plan(glass=True)}, "everybody was told when the glass was broken"),
        ({"by": HOUR, "of": plan(told_at=NOW)}, LATE),
        ({"by": HOUR, "of": plan(notice_due=NOW)}, LATE),
        ({"by": HOUR, "of": plan(notice_due=NOW + TICK)}, None),
        ({"by": HOUR, "names": ()}, "1 others must approve, and 0 did"),
        ({"by": HOUR, "names": ("sam",)}, "one of the approvers must be of an organisation of its own"),
        ({"by": HOUR, "signed": 2 * HOUR}, "the approval is for another act"),
        ({"by": HOUR, "world": directory(account("olga", "site", Role.OPERATOR, person=EX))},
         "whoever asks has a personal link to whom this is about"),
    ],
)  # fmt: skip
def test_when_a_notice_is_not_delayed(asking, why):
    """And the person is told that somebody tried."""
    step = delayed(**asking)
    assert (step.reason if isinstance(step, Refused) else None) == why
    if isinstance(step, Refused):
        assert step.notices[0].to == SUBJECT
        assert step.notices[0].due == NOW + 3 * DAY


def test_the_person_is_told_everything_once_when_it_is_over():
    """And then nothing is owed."""
    over = plan(closed_at=NOW + HOUR)
    assert told(over, NOW + HOUR - TICK) == Refused("the plan is open: everything is told when it is over")
    step = told(over, NOW + HOUR)
    assert isinstance(step, Step)
    assert step.facts == (Fact(NOW + HOUR, Happened.NOTICE_GIVEN, PLAN, SUBJECT, ()),)
    assert step.state == replace(over, told_at=NOW + HOUR)
    assert told(step.state, NOW + DAY) == Refused("the person was told")
    assert [over.overdue_at(NOW + 3 * DAY + each) for each in (-TICK, 0 * DAY)] == [False, True]
    assert not step.state.overdue_at(NOW + 9 * DAY)


def test_everything_is_who_when_how_often_and_how_it_ended():
    """In sentences, for the person alone."""
    longer = plan(periods=(NOW, NOW + DAY), closed_at=NOW + HOUR, closing=Closing.APPROVER, delayed=True)
    assert everything(longer, [MATCH]) == (
        "friend reported you missing at 2026-11-23T08:41:00+00:00.",
        "A plan to find you was opened at 2026-11-23T09:41:00+00:00.",
        "sam, wanda agreed; welfare could see where you were recognised.",
        "It was renewed at 2026-11-24T09:41:00+00:00.",
        "You were recognised at 2026-11-23T09:41:00+00:00: lobby, cam 1.",
        "It ended at 2026-11-23T10:41:00+00:00: an approver closed it.",
        "This notice was delayed, with two credentials.",
    )
    endings = {each: everything(replace(longer, closing=each), [])[4] for each in Closing}
    assert [text.partition("+00:00: ")[2] for text in endings.values()] == [
        "its day was over.",
        "an approver closed it.",
        "the person answered.",
        "the person withdrew.",
    ]
    short = everything(plan(glass=True, periods=()), [])
    assert len(short) == 3
    assert short[1] == "A plan to find you was opened at 2026-11-23T09:41:00+00:00 by break-glass, for 15 minutes."


# In any history

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(("open", "renew", "close", "safe", "help", "withdraw", "tell", "delay")), st.integers(0, 30)
    ),
    max_size=25,
)


@given(EVENTS)
def test_in_any_history_nobody_is_looked_for_more_than_three_days_a_week_and_everybody_is_told(events):
    """Hours counted one by one; everybody who can agrees to everything, and tries again and again."""
    now, plans, spans, safe_at = NOW, [], [], None
    for number, (what, hours) in enumerate(events):
        now += hours * HOUR
        plans = [good(pass_time(each, now)) for each in plans]
        if what == "open":
            name, by = f"p{number}", report(filed_at=now, name=f"r{number}")
            approvals = approved(opening_request(name, "site", by, wishes(), "olga", now), "sam", "wanda")
            step = open_plan(name, "site", by, wishes(), "olga", now, approvals, plans, WORLD, now)
            if isinstance(step, Step):
                assert safe_at is None or now >= safe_at + 3 * DAY
                assert not any(each.overdue_at(now) or each.open_at(now) for each in plans)
                plans.append(step.state)
        elif plans:
            last, approvals = plans[-1], []
            if what == "renew":
                approvals = approved(renewal_request(last, "olga", now), "sam", "wanda")
            step = {
                "renew": lambda: renew(last, "olga", now, approvals, plans, WORLD, now),  # noqa: B023
                "close": lambda: close(last, "sam", WORLD, now),  # noqa: B023
                "safe": lambda: answer(last, SAFE, WORLD, now),  # noqa: B023
                "help": lambda: answer(last, HELP, WORLD, now),  # noqa: B023
                "withdraw": lambda: withdraw(last, now),  # noqa: B023
                "tell": lambda: told(last, now),  # noqa: B023
                "delay": lambda: delayed(3 * DAY, last, now=now),  # noqa: B023
            }[what]()
            if isinstance(step, Step):
                plans[-1] = step.state
                safe_at = now if what == "safe" else safe_at
        for each in plans:
            assert each.notice_due <= each.opened_at + (6 if each.delayed else 3) * DAY
            assert each.over_at <= each.opened_at + 3 * DAY
    spans = [(each.opened_at, each.over_at) for each in plans]
    for begin, _ in spans:
        week = sum(
            (min(over, begin + 7 * DAY) - opened for opened, over in spans if begin <= opened < begin + 7 * DAY),
            0 * DAY,
        )
        assert week <= 3 * DAY
