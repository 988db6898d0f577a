"""Break-glass through the real acts: everyone is told first, it closes by itself, and is reviewed or locks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from beholden.acts.accounts.listed import READ, list_accounts, notices_digest, notices_for
from beholden.acts.approvals.breakglass import (
    CLOSE,
    LIST,
    OPEN,
    REVIEW,
    Breaking,
    close_glass,
    glass_digest,
    list_glasses,
    open_glass,
    pass_minutes,
    review_glass,
)
from beholden.acts.approvals.people import list_digest
from beholden.acts.displays.watched import Tie
from beholden.ledger.memory import Weather
from beholden.model.errors import DataFolderError, InputError, LogUnavailable, UnknownSubject
from beholden.model.ids import SubjectId
from tests.acts.faults import Faulty, Killed
from tests.acts.missing import missed
from tests.acts.oversight import HOUR, told
from tests.acts.test_accounts import refusal
from tests.acts.test_displays import HER, MOTHER, STRANGER, known, said
from tests.people import office_of

QUARTER, TICK = HOUR / 4, timedelta(microseconds=1)


@pytest.fixture
def town(live):
    live.everybody()
    known(live, HER, MOTHER, STRANGER)
    return live


def broken(world, name="sam", plan="p1", subject=HER, why="no answer", office=None, glass=None):
    missed(world, plan, subject)
    wish = Breaking(glass or f"g_{plan}", plan, subject, why)
    return open_glass(office or world.office, wish, world.signed(name, OPEN, wish.digest))


def reviewed(world, name, justified, glass="g_p1"):
    signed = world.signed(name, REVIEW, glass_digest(glass, "yes" if justified else "no"))
    return review_glass(world.office, glass, justified, signed)


def listed(world, name="uwe"):
    return list_glasses(world.office, world.signed(name, LIST, list_digest(f"a_{name}")))


def noticed(world):
    noted = ((each["what"], each["detail"]) for each in told(world.office, "overseen"))
    return [each for each in noted if not each[0].startswith("plan_")]


def texts(world, name):
    return [each.text for each in notices_for(world.office, world.signed(name, READ, notices_digest(f"a_{name}")))]


def test_it_is_open_for_a_quarter_of_an_hour_and_everyone_is_told(town):
    """Logged for her; every account reads who, and why."""
    made = broken(town)
    assert (made.open, made.ends_at, made.verdict) == (True, town.clock() + QUARTER, None)
    assert noticed(town) == [("glass_broken", "no answer")]
    text = "Account a_sam opened a find-me plan alone, for 15 minutes: no answer"
    assert all(texts(town, name)[-1] == text for name in ("olga", "sam", "uwe", "audrey", "wanda"))
    hers = town.office.store.kept("notice", [HER])
    assert len(hers) == 2  # the other one tells of the plan
    assert not any(b"opened" in each.sealed for each in hers)
    town.clock.pass_by(minutes=15)
    assert not listed(town)[0].open


def test_it_closes_by_itself_and_that_is_logged_once(town):
    """At its own moment, whenever somebody looks."""
    assert pass_minutes(town.office) == 0
    broken(town)
    town.clock.now += QUARTER - TICK
    assert pass_minutes(town.office) == 0
    town.clock.now += 5 * QUARTER
    assert [pass_minutes(town.office) for _ in range(3)] == [1, 0, 0]
    assert noticed(town)[1:] == [("glass_closed", "by itself")]


def test_whoever_opened_it_closes_it_earlier(town):
    """And nobody else; then it does not close by itself any more."""
    broken(town)
    by = {name: town.signed(name, CLOSE, glass_digest("g_p1")) for name in ("sam", "sue")}
    assert refusal(lambda: close_glass(town.office, "g_p1", by["sue"])).startswith("whoever opened it closes it")
    assert not close_glass(town.office, "g_p1", by["sam"]).open
    assert refusal(lambda: close_glass(town.office, "g_p1", by["sam"])) == "it is closed already"
    town.clock.pass_by(hours=1)
    assert pass_minutes(town.office) == 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("olga", "only an approver breaks the glass"),
        ("audrey", "only an approver breaks the glass"),
        ("paul", "police and other authorities neither ask nor approve here"),
        ("fresh", "a new approver waits for 72 hours"),
        ("mother", "the account has a personal link to whom this is about"),
    ],
)
def test_who_may_not_is_refused_and_she_and_the_auditors_hear_of_it(town, name, reason):
    """A relative is known as one."""
    town.add("her", "tenants", "other", ("subject",), by="olga", same_as=HER)
    said(town, "her", Tie.RELATIVE, MOTHER)
    town.add("mother", "residents", "other", ("approver",), by="uwe", same_as=MOTHER)
    town.clock.pass_by(hours=72)
    town.add("fresh", "club", "other", ("approver",), by="uwe")
    assert refusal(lambda: broken(town, name)) == reason
    assert noticed(town)[2:] == [("glass_refused", reason)]
    assert reason in texts(town, "audrey")[-1]
    assert len(town.office.store.kept("notice", [HER])) == 2  # the other one: there is an account in her name
    assert listed(town) == ()


def test_it_is_not_chained(town):
    """Not the same plan, holder or person, before a review and a day."""
    broken(town)
    assert (
        refusal(lambda: broken(town, "wanda", glass="g2"))
        == "the glass of this plan was broken before: it is not extended"
    )
    assert refusal(lambda: broken(town, "sam", "p2", STRANGER)) == "an earlier one waits for its review"
    assert refusal(lambda: broken(town, "wanda", "p2", HER)) == "an earlier one waits for its review"
    reviewed(town, "uwe", True)
    assert refusal(lambda: broken(town, "sam", "p2", STRANGER)) == "a day passes between one break-glass and the next"
    town.clock.pass_by(hours=24)
    assert broken(town, "sam", "p2", STRANGER).open


def test_without_a_review_in_a_day_the_account_locks_and_a_late_one_unlocks(town):
    """It does nothing any more, whoever calls or not; that it locked is logged once, and told."""
    broken(town)
    town.clock.pass_by(hours=24)
    assert {each.id: each.dead for each in list_accounts(town.office)}["a_sam"] == "the account is locked"
    assert refusal(lambda: texts(town, "sam")) == "the account is locked"
    assert refusal(lambda: broken(town, "sam", "p2", STRANGER)) == "the account is locked"
    assert noticed(town)[-1] == ("glass_refused", "the account is locked")
    assert [pass_minutes(town.office) for _ in range(2)] == [1, 0]
    assert [what for what, _ in noticed(town)[-2:]] == ["glass_closed", "account_locked"]
    assert "is locked" in texts(town, "olga")[-1]
    reviewed(town, "audrey", True)
    assert {each.id: each.dead for each in list_accounts(town.office)}["a_sam"] is None


def test_one_that_was_not_justified_locks_at_once(town):
    """The reviewer is of another organisation."""
    broken(town)
    assert refusal(lambda: reviewed(town, "sue", True)) == "somebody of another organisation reviews"
    assert reviewed(town, "uwe", False).locks
    assert {each.id: each.dead for each in list_accounts(town.office)}["a_sam"] == "the account is locked"
    assert refusal(lambda: reviewed(town, "wanda", True)) == "it has been reviewed"
    assert noticed(town)[-1] == ("glass_reviewed", "not justified")


def test_a_review_that_was_signed_the_other_way_round_does_not_count(town):
    """Nor one of another glass."""
    broken(town)
    signed = town.signed("uwe", REVIEW, glass_digest("g_p1", "no"))
    assert refusal(lambda: review_glass(town.office, "g_p1", True, signed)).startswith("the signature is not")
    with pytest.raises(InputError, match="no break-glass"):
        reviewed(town, "uwe", True, "g_p2")


def test_opening_it_again_is_the_same_one(town):
    """One leaf; another of that id is refused, and so is somebody who is not here."""
    assert broken(town) == broken(town)
    assert len(noticed(town)) == 1
    with pytest.raises(InputError, match="another break-glass of that id"):
        broken(town, plan="p2", glass="g_p1")
    with pytest.raises(UnknownSubject):
        broken(town, plan="p2", subject=SubjectId("s_nobody"))


def test_while_the_log_fails_it_is_not_open(town, log):
    """And nobody is told."""
    log.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        broken(town)
    assert listed(town) == ()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [Killed(), DataFolderError("x")])
def test_cut_off_it_is_open_with_its_notices_or_not_at_all(town, keystore, log, when, error):
    """The leaf is there in each case."""
    faulty = office_of(Faulty(town.office.store, "put_kept", when, error), keystore, log, town.clock)
    with pytest.raises(type(error)):
        broken(town, office=faulty)
    assert noticed(town)[0] == ("glass_broken", "no answer")
    assert bool(listed(town)) == bool(town.office.store.kept("notice", [HER])) == (when == "after")
    assert broken(town).open
