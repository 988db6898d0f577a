"""Acceptance, through the real acts: people who want to find somebody who does not want to be found.

Each story ends refused, or revealed. Anna laid down a plan months ago: Bea may be told, Ben never.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from beholden.acts.accounts.change import REVOKE, change_digest, revoke_account
from beholden.acts.approvals.breakglass import LIST as GLASSES
from beholden.acts.approvals.breakglass import OPEN, Breaking, list_glasses, open_glass
from beholden.acts.approvals.people import list_digest
from beholden.acts.approvals.requests import LIST, request, requests
from beholden.acts.displays.watched import Tie
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.plans import days as plan_days
from beholden.acts.plans.kept import filed_here
from beholden.acts.plans.open_close import open_plan
from beholden.acts.plans.own import LAY_DOWN, ONLY_THEY, Laid, lay_down
from beholden.acts.plans.wishes import wishes_of
from beholden.model.errors import DataFolderError, InputError
from tests.acts.missing import ANNA, Town, missed
from tests.acts.test_accounts import refusal
from tests.acts.test_displays import said

pytestmark = pytest.mark.parametrize("live", ["sqlite"], indirect=True)


@pytest.fixture
def town(live):
    return Town(live)


def test_bea_reports_anna_missing_and_the_welfare_body_finds_her(town):
    """How it should go: only the welfare body reads where; Bea reads one word, Anna everything."""
    plan = town.opened()
    assert town.seen()
    assert [each.place for each in town.matches(plan, "wanda")] == ["lobby"]
    for name in ("olga", "sam", "uwe", "audrey", "max", "bea"):
        assert refusal(lambda name=name: town.matches(plan, name)).startswith("matches are for the welfare body")
    assert not any("lobby" in text for name in ("olga", "sam", "wanda", "will", "bea") for text in town.reads(name))
    town.closed(plan, "wanda")
    assert town.reads("bea") == []
    town.passes(hours=24)
    assert town.reads("bea") == ["closed"]
    town.passes(hours=48)
    [everything] = [text for text in town.reads("anna") if "reported you missing" in text]
    for words in ("p_bea", "a_sam, a_wanda agreed; welfare could see", "lobby, cam", "an approver closed it"):
        assert words in everything


def test_a_reporting_ex_partner_is_refused_and_anna_is_told_the_same_day(town):
    """The desk does not learn why, and reads "closed" a day later: as if a plan had been opened, and had lapsed."""
    assert refusal(lambda: town.reported("ben")) == "nothing is opened on this report"
    assert town.plans == ()
    assert town.log == [("plan_refused", "the person laid down that whoever reported may never be told")]
    [told] = town.reads("anna")
    assert told.startswith("n_ben reported you missing at this site")
    assert told.endswith("Nothing was opened.")
    assert town.lists("olga") == ["asked for"]
    town.passes(hours=24)
    assert town.lists("olga") == ["closed"]


def test_an_ex_partner_who_approves_here_neither_agrees_nor_sees_that_she_is_missed(town):
    """She named him when he had no account here; nobody is told that she did."""
    town.world.add("ben", "site", None, ("approver",), by="olga")
    town.world.clock.pass_by(hours=100)
    asked = town.reported()
    warrant = town.agreed(asked, "ben", "wanda")
    assert town.lists("ben") == []
    reason = refusal(lambda: open_plan(town.office, asked.plan, warrant))
    assert reason == "an approver has a personal link to whom this is about"
    assert refusal(lambda: town.broken(asked.plan, "ben")) == "the account has a personal link to whom this is about"
    assert any("a_olga tried to have you looked for" in text for text in town.reads("anna"))


def test_whoever_knows_her_does_not_agree(town):
    """Neither with another nor alone."""
    said(town.world, "anna", Tie.KNOWN, "a_sam")
    assert refusal(town.opened) == "an approver has a personal link to whom this is about"
    [plan] = [each.plan for each in filed_here(town.office)]
    assert refusal(lambda: town.broken(plan)) == "the account has a personal link to whom this is about"


@pytest.mark.parametrize("tie", [Tie.BARRED, Tie.KNOWN])
def test_an_operator_whom_she_barred_or_knows_is_not_told_that_she_is_here(town, tie):
    """Refused as where nobody laid down a plan; who asked before she said so does not open it."""
    asked = town.reported()
    warrant = town.agreed(asked, "sam", "wanda")
    said(town.world, "anna", tie, "a_olga")
    assert refusal(lambda: open_plan(town.office, asked.plan, warrant)) == "nothing is opened on this report"
    assert refusal(town.reported) == refusal(lambda: town.reported(who="Nobody")) == "nothing is opened on this report"
    assert any("missing at this site: whoever asks has a personal link" in text for text in town.reads("anna"))


def test_who_reads_what_was_asked_for_is_neither_barred_nor_the_reporter_nor_anybody_without_an_account(town):
    """And who broke a glass."""
    asked = town.reported()
    digest = town.agreed(asked, "sam", "wanda").digest
    town.broken(asked.plan)

    def read(name):
        signed = town.world.signed(name, LIST, list_digest(f"a_{name}"))
        found = {each.digest for each in requests(town.office, signed)}
        broken = list_glasses(town.office, town.world.signed(name, GLASSES, list_digest(f"a_{name}")))
        assert len(found) == len(broken) or name in ("olga", "sam")
        return digest in found

    assert [read(name) for name in ("olga", "sue", "audrey", "max", "bea")] == [True, True, True, False, False]
    said(town.world, "anna", Tie.BARRED, "a_sue")
    assert not read("sue")
    assert requests(town.office) == ()
    with pytest.raises(InputError, match="nobody asked for"):
        request(town.office, digest[:10])
    assert refusal(lambda: list_glasses(town.office)).startswith("who broke a glass")


def test_whoever_is_new_at_the_welfare_body_reads_no_match_and_no_glass_opens_for_a_body_that_is_new(town):
    """Whoever put them there."""
    town.world.add("new", "welfare", None, ("approver",), by="wanda")
    town.world.add("evil", "shelter", "welfare", ("approver",), by="uwe")
    asked = town.reported()
    wish = Breaking("g1", asked.plan, ANNA, "no answer", "shelter")
    with pytest.raises(InputError, match="nobody of 'shelter' sees matches yet"):
        open_glass(town.office, wish, town.world.signed("sam", OPEN, wish.digest))
    open_plan(town.office, asked.plan, town.agreed(asked, "sam", "wanda"))
    town.seen()
    assert refusal(lambda: town.matches(asked.plan, "new")).startswith("matches are for")
    assert not any("recognised" in text for text in town.reads("new"))


@pytest.mark.parametrize("names", [("sam", "sue"), ("wanda", "will")])
def test_two_colluding_approvers_of_one_organisation_open_nothing(town, names):
    """Neither the site's nor the welfare body's; Anna reads that somebody tried."""
    assert refusal(lambda: town.opened(*names)).startswith("one of the approvers must be")
    assert town.plans == ()
    assert town.reads("anna")[0].startswith("a_olga tried to have you looked for: one of the approvers must be")


def test_an_endless_extension_ends_after_three_days(town):
    """Renewed twice, with both of them again; then neither that one nor another, until the week is over."""
    plan = town.opened()
    assert refusal(lambda: town.renewed(plan)) == "a day is renewed in its last 12 hours"
    for _ in range(2):
        town.world.clock.pass_by(hours=23)
        assert town.renewed(plan).ends_at == town.plans[0].ends_at
        town.world.clock.pass_by(hours=1)
    town.world.clock.pass_by(hours=23)
    assert refusal(lambda: town.renewed(plan)) == "a plan is renewed 2 times at most"
    assert town.passes(hours=1) == 2
    assert refusal(town.opened) == "this person was looked for lately, and is left alone for some days"
    everything = next(text for text in town.reads("anna") if "It was renewed at" in text)
    assert everything.count("It was renewed at") == 2
    town.passes(hours=24 * 7)
    town.opened()


@pytest.mark.parametrize("how", ["two", "glass"])
def test_what_somebody_is_owed_is_told_before_another_plan_is_opened_where_nobody_kept_the_folder(town, how):
    """For days: it would be refused until they are told."""
    town.closed(town.opened(), "wanda")
    town.world.clock.pass_by(hours=100)
    assert town.plans[0].overdue_at(town.world.clock())
    town.opened() if how == "two" else town.broken(town.reported().plan)
    assert [each.told_at is not None for each in town.plans] == [True, False]
    assert any("It ended at" in text for text in town.reads("anna"))


def test_what_she_says_of_others_leaves_whom_she_excluded(town):
    """And when she comes of age; a list that is given takes the place of the one that was there, empty or not."""
    of_age = town.world.clock() + timedelta(days=400)

    def laid(**said):
        wish = Laid(ANNA, **said)
        lay_down(town.office, wish, town.world.signed("anna", LAY_DOWN, wish.digest))
        now = wishes_of(town.office, ANNA)
        return (set(now.never_tell), set(now.may_tell), set(now.relatives), now.of_age_at)

    ben, bea, ida = {"n_ben"}, {"p_bea"}, {"n_ida"}
    assert laid(adult_from=of_age) == (ben, bea, set(), of_age)
    assert laid(relatives=("Ida",)) == (ben, bea, ida, of_age)
    assert laid(may_tell=()) == (ben, set(), ida, of_age)
    assert laid(adult_from=town.world.clock()) == (ben, set(), ida, None)
    assert laid(never_tell=()) == (set(), set(), ida, None)


def test_nobody_is_looked_for_without_a_plan_of_their_own(town):
    """Nobody of that name, somebody who withdrew: the same answer."""
    assert refusal(lambda: town.reported(who="Nobody")) == "nothing is opened on this report"
    withdraw(town.office, ANNA)
    assert refusal(lambda: town.reported(who=ANNA)) == "nothing is opened on this report"
    assert [reason for _, reason in town.log if reason.startswith("there is no grant")] != []


def test_an_authority_has_nothing_opened_and_is_told_so(town):
    """Whomever the person named; Anna is told."""
    reason = refusal(lambda: town.reported("Inspector Li", authority=True))
    assert reason.startswith("police and other authorities cannot have a find-me plan opened")
    assert town.reads("anna")[0].startswith("n_inspector li reported you missing")
    asked = town.reported()
    refused = refusal(lambda: town.agreed(asked, "paul", "wanda"))
    assert refused == "police and other authorities neither ask nor approve here"


def test_a_broken_glass_opens_no_plan_that_was_made_up(town):
    """Nobody reported anything: Anna and the auditors hear of it."""
    assert refusal(lambda: town.broken("f_00000000000000ff")).startswith("there is no report that this plan")
    assert town.log == [("glass_refused", "there is no report that this plan could be opened on")]
    assert town.plans == ()


def test_a_broken_glass_opens_a_plan_that_was_reported_for_a_quarter_of_an_hour(town):
    """Sam alone; the welfare body reads the matches, and he does not."""
    plan = town.reported().plan
    assert town.broken(plan).open
    assert town.seen()
    assert len(town.matches(plan, "will")) == 1
    assert refusal(lambda: town.matches(plan, "sam")).startswith("matches are for")
    assert town.passes(minutes=15) == 1
    assert not town.seen("2")
    assert refusal(lambda: town.matches(plan, "will")).startswith("matches are for")


def test_when_whoever_broke_the_glass_is_revoked_it_closes_with_its_plan(town):
    """At once, not after its quarter of an hour."""
    plan = town.reported().plan
    town.broken(plan)
    revoke_account(town.office, "a_sam", town.world.signed("olga", REVOKE, change_digest("a_sam")))
    assert (town.plans[0].closing, town.plans[0].open_at(town.office.clock())) == ("an approver closed it", False)
    assert [what for what, _ in town.log][-2:] == ["glass_closed", "plan_closed"]
    revoke_account(town.office, "a_sam", town.world.signed("olga", REVOKE, change_digest("a_sam")))
    assert [what for what, _ in town.log].count("glass_closed") == 1


def test_one_plan_that_cannot_be_told_keeps_no_other_waiting(town, monkeypatch):
    """Whoever was missed later is told; then the first trouble is told."""
    first = town.opened()
    missed(town.world, "f_00000000000000ff", ANNA)
    real = plan_days.pass_time

    def fails(plan, now):
        if plan.id == first:
            raise DataFolderError("no room")
        return real(plan, now)

    monkeypatch.setattr(plan_days, "pass_time", fails)
    with pytest.raises(DataFolderError, match="no room"):
        town.passes(hours=24)
    assert next(each for each in filed_here(town.office) if each.plan != first).refused_at is not None


def test_who_is_safe_ends_it_and_nobody_can_tell_that_they_answered(town):
    """Approvers, desk and reporter read the words that they read of any plan; nobody looks for her for three days."""
    plan = town.opened()
    before = {name: town.reads(name) for name in ("sam", "wanda")}
    assert refusal(lambda: town.answers("safe-tell-nobody", "bea")) == ONLY_THEY
    town.answers("safe-tell-nobody")
    assert not town.seen()
    for name, texts in before.items():
        assert town.reads(name) == [*texts, "A plan to find somebody is closed."]
    town.passes(minutes=1)
    assert any("It ended at" in text for text in town.reads("anna"))
    assert town.lists("wanda")[-1] in ("open", "closed")
    assert refusal(town.opened) == "this person was looked for lately, and is left alone for some days"
    with pytest.raises(InputError, match="no plan"):
        town.matches("f_x", "wanda")
    assert plan == town.plans[0].id


def test_an_operator_who_adds_an_account_in_her_name_is_not_her_for_three_days(town):
    """It reads nothing, lays down nothing and answers nothing; she is told of it, and ends it in that time."""
    plan = town.opened()
    town.seen()
    town.world.add("false", "fake", "other", ("subject",), by="olga", same_as=ANNA)
    assert refusal(lambda: town.matches(plan, "false")).startswith("matches are for")
    assert refusal(lambda: town.answers("safe-tell-nobody", "false")) == ONLY_THEY
    wish = Laid(ANNA, may_tell=("Bea",))
    assert refusal(lambda: lay_down(town.office, wish, town.world.signed("false", LAY_DOWN, wish.digest))) == ONLY_THEY
    assert town.reads("false") == []
    assert len(town.matches(plan, "anna")) == 1


def test_a_notice_is_delayed_once_by_three_days_with_two_credentials(town):
    """Longer, again, or by the site alone: refused, and Anna reads that, too."""
    plan = town.opened()
    reason = "a notice is delayed by 72 hours at most, and the request says how long"
    assert refusal(lambda: town.delayed(plan, 73, "uwe")) == reason
    assert (
        refusal(lambda: town.delayed(plan, 72, "sam")) == "one of the approvers must be of an organisation of its own"
    )
    town.delayed(plan, 72, "uwe")
    assert refusal(lambda: town.delayed(plan, 1, "uwe")) == "a notice is delayed once"
    town.passes(hours=100)
    assert not any("reported you missing" in text for text in town.reads("anna"))
    town.passes(hours=44)
    assert any("This notice was delayed, with two credentials." in text for text in town.reads("anna"))


def test_a_report_that_nobody_agrees_to_is_closed_after_a_day_and_opens_nothing_then(town):
    """Bea reads the same word as of any plan; an old approval is of no use, and an approver does not ask."""
    asked = town.reported()
    warrant = town.agreed(asked, "sam", "wanda")
    assert refusal(lambda: town.wanted(asked.plan, "open", name="sam")).startswith("only an operator")
    assert town.passes(hours=24) == 1
    assert town.reads("bea") == ["closed"]
    assert town.passes(hours=1) == 0
    warrant = town.world.warrant("olga", warrant.digest)
    assert refusal(lambda: open_plan(town.office, asked.plan, warrant)) == "nothing is opened on this report"
    assert refusal(lambda: town.broken(asked.plan)).startswith("there is no report")
