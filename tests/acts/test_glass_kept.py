"""What is left of a break-glass: its leaves, its notices, what is shown of it; and which plans close with it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from beholden.acts.accounts.change import REVOKE, change_digest, revoke_account
from beholden.acts.approvals.breakglass import (
    CLOSE,
    OPEN,
    Breaking,
    Broken,
    close_glass,
    glass_digest,
    list_glasses,
    open_glass,
    pass_minutes,
)
from beholden.model.errors import InputError, PolicyRefused
from tests.acts.missing import ANNA, Town
from tests.acts.test_accounts import refusal
from tests.acts.test_breakglass import broken, listed, reviewed
from tests.acts.test_displays import HER, STRANGER, known
from tests.acts.words import lines, said_by

pytestmark = pytest.mark.parametrize("live", ["memory"], indirect=True)
QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)


@pytest.fixture
def town(live):
    live.everybody()
    known(live, HER, STRANGER)
    return live


def closed(world, name="sam", glass="g_p1"):
    return close_glass(world.office, glass, world.signed(name, CLOSE, glass_digest(glass)))


def test_all_that_is_shown_of_one(town):
    """While it is open, and when somebody said what they think of it."""
    made, now = broken(town), town.clock()
    assert made == Broken("g_p1", "a_sam", "p1", HER, now, now + QUARTER, now + DAY, True, None, False)
    town.clock.pass_by(minutes=1)
    assert closed(town).ends_at == town.clock()
    assert reviewed(town, "uwe", True).verdict == "justified"
    [shown] = listed(town)
    assert (shown.open, shown.verdict, shown.locks) == (False, "justified", False)


def test_each_of_its_leaves_is_about_her_and_says_which_plan_and_who(town):
    """Refused, broken, closed and reviewed."""
    refusal(lambda: broken(town, "olga"))
    broken(town)
    closed(town)
    reviewed(town, "uwe", False)
    why = "only an approver breaks the glass"
    for what, by, detail in (
        ("glass_refused", "a_olga", why),
        ("glass_broken", "a_sam", "no answer"),
        ("glass_closed", "a_sam", ""),
        ("glass_reviewed", "a_uwe", "not justified"),
    ):
        assert lines(town.office, "overseen", what) == [
            (HER, {"about": "p1", "subject": HER, "by": [by], "detail": detail})
        ]


def test_one_for_a_plan_of_somebody_else_or_of_nobody_is_refused_by_the_plan_that_was_named(town):
    """She hears of it, and the leaf says which it was to be."""
    broken(town, plan="p2", subject=STRANGER)
    wish = Breaking("g3", "p2", HER, "no answer")
    why = "there is no report that this plan could be opened on"
    assert refusal(lambda: open_glass(town.office, wish, town.signed("uwe", OPEN, wish.digest))) == why
    said = {"about": "p2", "subject": HER, "by": ["a_uwe"], "detail": why}
    assert lines(town.office, "overseen", "glass_refused") == [(HER, said)]


def test_each_notice_is_called_after_what_happened(town):
    """Opened and reviewed at one moment, nobody misses one of the two."""
    broken(town)
    reviewed(town, "uwe", False)
    pass_minutes(town.office)
    ids = {each.id.split(".")[2] for each in town.office.store.kept("notice") if each.id.startswith("glass.g_p1.")}
    assert ids == {"open", "review", "time"}
    hers = [each for each in town.office.store.kept("notice", [HER]) if each.id.startswith("glass.")]
    assert len(hers) == 2


def test_all_that_closed_in_a_minute_are_counted(town):
    """Of two holders, about two people."""
    broken(town)
    broken(town, "wanda", "p2", STRANGER)
    town.clock.pass_by(minutes=15)
    assert [pass_minutes(town.office) for _ in range(2)] == [2, 0]


def test_whoever_is_revoked_closes_their_own_and_no_other(town):
    """The one of somebody else goes on."""
    broken(town)
    broken(town, "wanda", "p2", STRANGER)
    revoke_account(town.office, "a_sam", town.signed("olga", REVOKE, change_digest("a_sam")))
    assert {each.account: each.open for each in listed(town)} == {"a_sam": False, "a_wanda": True}


def test_one_that_is_not_there_is_not_closed_and_the_list_is_for_accounts(town):
    """With what to do."""
    advice = "List them with `beholden glass list`."
    assert said_by(lambda: closed(town, glass="g_x")) == (InputError, "there is no break-glass 'g_x'", advice)
    kind, message, _ = said_by(lambda: list_glasses(town.office))
    assert (kind, message) == (PolicyRefused, "who broke a glass, and for whom, is read with an account")


@pytest.mark.parametrize("end", ["by its holder", "by itself"])
def test_a_plan_that_she_ended_before_does_not_keep_its_glass_open(live, end):
    """She answered that she is safe in that quarter of an hour."""
    world = Town(live)
    world.broken(world.reported().plan)
    world.answers("safe-tell-nobody")
    was_over = world.plans[0].closed_at
    world.world.clock.pass_by(minutes=1)
    if end == "by its holder":
        assert not closed(live, glass="g1").open
    else:
        world.world.clock.pass_by(minutes=14)
        assert pass_minutes(world.office) == 1
    assert (world.plans[0].closed_at, world.plans[0].closing) == (was_over, "the person answered")
    assert [what for what, _ in world.log].count("plan_closed") == 1


def test_of_two_welfare_bodies_somebody_says_which_sees_matches(live):
    """Whoever is of one needs not; a word that is wrong is no body."""
    world = Town(live)
    live.add("sheila", "shelter", "welfare", ("approver",), by="uwe")
    live.clock.pass_by(hours=100)
    plan = world.reported().plan

    def opened(name, glass, welfare=None):
        wish = Breaking(glass, plan, ANNA, "no answer", welfare)
        return open_glass(live.office, wish, live.signed(name, OPEN, wish.digest))

    assert said_by(lambda: opened("sam", "g1")) == (
        InputError,
        "there are 2 welfare bodies here",
        "Say which one sees the matches.",
    )
    assert said_by(lambda: opened("sam", "g1", "union")) == (
        InputError,
        "nobody of 'union' sees matches yet",
        "Name a welfare body that does.",
    )
    assert world.plans == ()
    opened("sheila", "g1")
    assert [each.welfare for each in world.plans] == ["shelter"]
