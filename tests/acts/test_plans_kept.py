"""Find-me plans as they are kept, and who reads what of them; and in which words what is asked wrongly is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.acts.accounts.kept import OWN, Record, kept
from beholden.acts.grants.invite import invite_all
from beholden.acts.plans.later import PLAN, tells_of, told_later
from beholden.acts.plans.listed import LIST, Seen, list_digest, list_plans
from beholden.acts.plans.open_close import REPORT, Filing, Wanted, delay_notice, file_report, open_plan, renew_plan
from beholden.acts.plans.whom import everybody_called, in_the_future, reachable, reporter, subject_called
from beholden.acts.plans.wishes import wishes_of
from beholden.consent.oversight.plans import Closing, Reply
from beholden.consent.oversight.rules import Act
from beholden.model.errors import InputError, PolicyRefused
from beholden.model.grant import GrantState
from beholden.model.ids import GrantId, SubjectId
from beholden.storage.memory import MemoryStore
from tests.acts.houses import invitee
from tests.acts.missing import ANNA, Town
from tests.acts.oversight import World
from tests.acts.test_accounts import refusal
from tests.acts.words import lines, said_by
from tests.people import NOW, office_of

DAY = timedelta(days=1)
LIST_THEM = "List plans with `beholden find-me list`."
REACHED = "Who may be told has an account here, or is a subject: give its id."


@pytest.fixture
def town(keystore, log, clock):
    return Town(World(office_of(MemoryStore(rehearsal=False), keystore, log, clock), clock))


def seen_by(town, name):
    return list_plans(town.office, town.world.signed(name, LIST, list_digest(f"a_{name}")))


# -- a report, and what is asked for


def test_a_report_is_logged_once_about_her_and_says_which_plan_may_be_opened(town):
    """The same report again is the same; in the place of another it is none."""
    asked = town.reported()
    wanted = Wanted(asked.plan, Act.OPEN_FIND_ME, asked.particulars, ANNA)
    assert asked == wanted
    said = (("plan", asked.plan), ("site", "this site"), ("report", f"r_{asked.plan[2:]}"), ("day", "1"))
    assert asked.particulars == said

    def filed(name, plan=asked.plan, who="Anna"):
        filing = Filing(plan, who, "Bea")
        return file_report(town.office, filing, town.world.signed(name, REPORT, filing.digest))

    assert filed("olga") == asked
    assert lines(town.office, "reported_missing") == [(ANNA, {"plan": asked.plan, "subject": ANNA, "by": "a_olga"})]
    other = (InputError, "there is another plan of that id", "Leave the id out.")
    assert said_by(lambda: filed("olga", who="Nobody")) == other
    assert said_by(lambda: filed("olga", "f_1")) == (InputError, "that is no id of a plan", "Leave the id out.")
    assert refusal(lambda: filed("sam")) == "only an operator takes down a report, and asks for a plan"


def test_what_is_not_asked_for_or_not_there_is_said_so(town):
    """With what there is."""
    plan, never = town.reported().plan, "f_00000000000000ff"
    for act, message, advice in (
        (lambda: town.wanted(never, "open"), f"there is no plan {never!r}", LIST_THEM),
        (lambda: town.wanted(plan, "renew"), f"there is no plan {plan!r} that was opened", LIST_THEM),
        (lambda: town.closed(plan, "wanda"), f"there is no plan {plan!r} that was opened", LIST_THEM),
    ):
        assert said_by(act) == (InputError, message, advice)
    open_plan(town.office, plan, town.agreed(town.wanted(plan, "open"), "sam", "wanda"))
    assert said_by(lambda: town.wanted(plan, "close")) == (
        InputError,
        "'close' is not asked for",
        "There are: open, renew, delay.",
    )


def test_what_was_asked_for_one_plan_or_day_opens_no_other(town):
    """Nor does what was asked for a delay."""
    asked, other = town.reported(), town.reported()
    warrant = town.agreed(asked, "sam", "wanda")
    why = "what was asked for is something else"
    assert refusal(lambda: open_plan(town.office, other.plan, warrant)) == why
    open_plan(town.office, asked.plan, warrant)
    delay = town.agreed(town.wanted(asked.plan, "delay", 5), "uwe")
    again = town.agreed(town.wanted(asked.plan, "renew"), "sue", "will")
    assert refusal(lambda: renew_plan(town.office, asked.plan, delay)) == why
    assert refusal(lambda: delay_notice(town.office, asked.plan, 5, again)) == why
    assert refusal(lambda: open_plan(town.office, asked.plan, again)) == why


def test_each_step_that_is_sent_twice_is_one_and_answers_the_same(town):
    """Opened, told later, renewed: one leaf each, with who asked and who agreed."""
    asked = town.reported()
    warrants = {"open": town.agreed(asked, "sam", "wanda")}
    first = open_plan(town.office, asked.plan, warrants["open"])
    assert first == Seen(asked.plan, town.office.clock(), "open", ANNA, "p_bea", town.office.clock() + DAY, 1)
    assert open_plan(town.office, asked.plan, warrants["open"]) == first
    delay = town.agreed(town.wanted(asked.plan, "delay", 5), "uwe")
    assert [delay_notice(town.office, asked.plan, 5, delay) for _ in range(2)] == [first, first]
    town.world.clock.pass_by(hours=13)
    again = town.agreed(town.wanted(asked.plan, "renew"), "sue", "will")
    second = renew_plan(town.office, asked.plan, again)
    assert (second.days, second.ends_at) == (2, first.ends_at + DAY)
    assert renew_plan(town.office, asked.plan, again) == second
    for what, by in (
        ("plan_opened", ["a_sam", "a_wanda"]),
        ("notice_delayed", ["a_olga", "a_uwe"]),
        ("plan_renewed", ["a_sue", "a_will"]),
    ):
        [(about, said)] = lines(town.office, "overseen", what)
        assert (about, said["about"], said["subject"], sorted(said["by"])) == (ANNA, asked.plan, ANNA, by)


# -- who reads what


def test_each_account_reads_of_a_plan_what_is_for_it(town):
    """Who asked and those who may agree all of it; another operator that there is one; an auditor nothing."""
    town.world.add("oscar", "site", None, ("operator",), by="olga")
    asked, now = town.reported(), town.office.clock()
    whole = Seen(asked.plan, now, "asked for", ANNA, "p_bea")
    assert {name: seen_by(town, name) for name in ("olga", "sam", "uwe", "wanda", "oscar", "audrey", "max")} == {
        **dict.fromkeys(("olga", "sam", "uwe", "wanda"), (whole,)),
        "oscar": (Seen(asked.plan, now, "asked for"),),
        "audrey": (),
        "max": (),
    }
    open_plan(town.office, asked.plan, town.agreed(asked, "sam", "wanda"))
    whole = replace(whole, state="open", ends_at=now + DAY, days=1)
    agreed = ("olga", "sam", "wanda", "will")
    assert {name: seen_by(town, name) for name in (*agreed, "sue", "oscar", "uwe")} == {
        **dict.fromkeys(agreed, (whole,)),
        "sue": (),
        "oscar": (Seen(asked.plan, now, "asked for"),),
        "uwe": (),
    }
    town.closed(asked.plan, "sam")
    states = {name: [each.state for each in seen_by(town, name)] for name in ("sam", "will", "olga", "oscar")}
    assert states == {"sam": ["closed"], "will": [], "olga": ["open"], "oscar": ["asked for"]}


def test_whoever_reported_lists_nothing_and_reads_one_word_later(town):
    """Neither before nor after it was opened; then that it is closed."""
    asked = town.reported()
    assert seen_by(town, "bea") == ()
    open_plan(town.office, asked.plan, town.agreed(asked, "sam", "wanda"))
    assert seen_by(town, "bea") == ()
    assert town.reads("bea") == []
    town.passes(hours=72)
    assert seen_by(town, "bea") == ()
    assert town.reads("bea") == ["closed"]


def test_a_report_that_nobody_agreed_to_is_closed_after_a_day_for_those_who_might_have(town):
    """Until then it is asked for."""
    town.reported()
    town.world.clock.pass_by(hours=24, microseconds=-1)
    assert [town.lists(name) for name in ("sam", "wanda", "olga")] == [["asked for"]] * 3
    town.world.clock.pass_by(microseconds=1)
    assert [town.lists(name) for name in ("sam", "wanda", "olga")] == [["closed"]] * 3


# -- as it is kept


@pytest.mark.parametrize(
    ("word", "reply", "closing"),
    [
        ("help", Reply.HELP, None),
        ("safe-tell-nobody", Reply.SAFE_TELL_NOBODY, Closing.ANSWERED),
        ("safe-tell-mine", Reply.SAFE_TELL_MINE, Closing.ANSWERED),
    ],
)
def test_what_she_answered_is_kept_with_the_plan(town, word, reply, closing):
    """And read again."""
    town.opened()
    town.answers(word)
    assert [(each.reply, each.closing) for each in town.plans] == [(reply, closing)]


def test_an_answer_that_is_none_or_to_no_plan_is_refused(town):
    """With what may be answered."""
    assert said_by(lambda: town.answers("maybe")) == (
        InputError,
        "'maybe' is no answer",
        "There are: safe-tell-nobody, safe-tell-mine, help.",
    )
    assert refusal(lambda: town.answers("help")) == "no plan for them is open"


def test_matches_are_read_in_the_order_in_which_she_was_seen(town):
    """Whatever the sightings are called."""
    plan = town.opened()
    seen = []
    for number in ("9", "1", "5"):
        town.seen(number)
        seen.append(town.office.clock())
        town.world.clock.pass_by(minutes=7)
    assert [each.at for each in town.matches(plan, "wanda")] == seen


def test_her_wishes_are_of_the_grant_that_holds_and_else_of_the_newest(town):
    """Though an older one is over, or a newer one."""
    office = town.office
    [held] = office.store.grants(ANNA)
    moment = office.clock()
    older = replace(held, id=GrantId("g_old"), starts_at=moment - 90 * DAY, ends_at=moment - 60 * DAY)
    newer = replace(held, id=GrantId("g_new"), starts_at=moment - DAY, ends_at=moment + DAY)
    kept_here = office.store.grants

    def chosen(*grants):
        office.store.grants = lambda _: grants
        try:
            return wishes_of(office, ANNA).grant.id
        finally:
            office.store.grants = kept_here

    withdrawn = replace(newer, state=GrantState.WITHDRAWN)
    assert chosen(older, held) == chosen(held, older) == chosen(withdrawn, held) == held.id
    assert chosen(held, newer) == chosen(newer, held) == newer.id
    over = replace(held, state=GrantState.WITHDRAWN)
    assert chosen(over, withdrawn) == chosen(withdrawn, over) == "g_new"
    assert wishes_of(office, ANNA, GrantId("g_other")) is None


def test_what_is_told_later_is_the_plan_that_was_delayed_until_it_is_told(town):
    """About whom it is, and by all notices of it."""
    plan = town.opened()
    assert told_later(town.office, ANNA) == frozenset()
    town.delayed(plan, 72, "uwe")
    assert told_later(town.office, ANNA) == {plan}
    assert told_later(town.office, "s_other") == frozenset()
    assert [tells_of(each, {plan}) for each in (f"plan.{plan}.x", f"plan.{plan}0.x", "x")] == [True, False, False]
    town.world.clock.pass_by(hours=144, microseconds=-1)
    assert told_later(town.office, ANNA) == {plan}
    town.world.clock.pass_by(microseconds=1)
    assert told_later(town.office, ANNA) == frozenset()
    [record] = kept(town.office, PLAN)
    assert (record.about, Record(PLAN, plan, {}).about) == (OWN, OWN)


# -- whom somebody means


def test_who_is_to_be_told_is_one_person_whom_a_notice_reaches(town):
    """A subject, or whoever has an account; not two, and not somebody elsewhere."""
    assert (reachable(town.office, "Bea"), reachable(town.office, "anna"), reachable(town.office, ANNA)) == (
        "p_bea",
        ANNA,
        ANNA,
    )
    assert said_by(lambda: reachable(town.office, "Cid")) == (
        PolicyRefused,
        "nobody with an account here is called 'Cid'",
        REACHED,
    )
    invite_all(town.office, (invitee("Bea", "another token"),))
    assert said_by(lambda: reachable(town.office, " bea")) == (
        PolicyRefused,
        "more than one person is called ' bea'",
        REACHED,
    )
    assert reachable(town.office, "s_bea") == "s_bea"


def test_whoever_reported_is_taken_for_whom_she_excluded_where_several_are_meant(town):
    """Somebody with an account before somebody of that name; nobody is known by a name alone."""
    wishes = wishes_of(town.office, ANNA)
    assert everybody_called(town.office, " BEA ") == {"n_bea", "p_bea"}
    assert reporter(town.office, "Bea", None) == reporter(town.office, "Bea", wishes) == "p_bea"
    excluded = replace(wishes, never_tell=frozenset({"n_bea"}))
    assert reporter(town.office, "Bea", excluded) == "n_bea"
    assert (subject_called(town.office, "anna"), subject_called(town.office, "Bea")) == (ANNA, None)
    assert wishes_of(town.office, SubjectId("s_other")) is None


def test_a_day_on_which_somebody_comes_of_age_lies_ahead_by_eighteen_years_at_most():
    """Whoever is of age already has none."""
    assert [in_the_future(each, NOW) for each in (None, NOW, NOW - DAY)] == [None] * 3
    for moment in (NOW + DAY, NOW.replace(year=NOW.year + 18, month=12, day=31)):
        assert in_the_future(moment, NOW) == moment
    assert said_by(lambda: in_the_future(NOW.replace(year=NOW.year + 19, month=1), NOW)) == (
        InputError,
        "nobody comes of age that late",
        "Give the day on which they are an adult.",
    )
