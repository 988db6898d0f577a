"""A week is counted as it happens, told once when it is whole, and stays as it was told; small counts are hidden."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.acts.displays.watched import Tie
from beholden.acts.grants.invite import invite_all
from beholden.acts.grants.own import withdraw as withdraw_grant
from beholden.acts.grants.pause import pause
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.logged.heartbeat import publish_hour
from beholden.acts.office import ClockTime
from beholden.acts.reconcile import reconcile
from beholden.acts.report.close import close_weeks
from beholden.acts.report.figures import figures
from beholden.acts.report.hidden import all_or_none, at_least, cell
from beholden.acts.report.page import as_html
from beholden.acts.report.tally import running
from beholden.acts.report.week import Week, last_told, parse_week
from beholden.acts.report.weekly import OPENINGS, openings, openings_digest, transparency
from beholden.consent.oversight.displays import Way
from beholden.ledger.memory import Weather
from beholden.model.errors import DataFolderError, InputError, LogUnavailable, PolicyRefused, SettingsError
from beholden.model.event import FolderCreated
from tests.acts.faults import Faulty, Killed
from tests.acts.houses import invitee, live_office, tick
from tests.acts.oversight import ANOTHER, PEOPLE, told
from tests.acts.report.conftest import WEEK, YARD
from tests.acts.test_displays import HER, known, looked, said
from tests.people import LOBBY, NOW, enrolled, office_of

WHOLE = datetime(2026, 12, 1, tzinfo=UTC)


def counted(office, week=WEEK):
    return running(office.store).weeks.get(week, {})


def tallies(office):
    return told(office, "week_tallied")


@pytest.fixture
def begun(office, clock):
    """A folder that began this week."""
    office.journal.record([FolderCreated(at=clock(), rehearsal=True)])
    return office


# -- weeks


@given(st.integers(4 * 86400, 29_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC)))
@settings(max_examples=60)
def test_a_moment_is_in_the_week_that_it_is_said_to_be_in(moment):
    """And weeks follow each other without a gap."""
    week = Week.of(moment)
    assert week.start <= moment < week.end
    assert week.after().start == week.end
    assert parse_week(str(week)) == week
    assert last_told(week.told_from) == week
    assert last_told(week.told_from - timedelta(microseconds=1)).after() == week


@pytest.mark.parametrize("text", ["", "2026-47", "2026-W00", "2025-W53", "2026-W54", "2026-w47", "W47", "2026-W47 "])
def test_what_is_no_week_is_refused(text):
    """2025 has 52."""
    with pytest.raises(SettingsError, match="is no week"):
        parse_week(text)


# -- counting


def test_what_people_did_stays_counted_when_they_have_left(begun):
    """Nothing opens their leaves any more."""
    subjects = [enrolled(begun, name, seed).subject for seed, name in enumerate(("Ann", "Bob", "Eve"))]
    pause(begun, subjects[0])
    before = counted(begun)
    assert (before["accepted"], before["begun.entrance"], before["begun.entrance@lobby"]) == (3, 3, 3)
    assert before["paused.entrance"] == 1
    for each in subjects:
        withdraw(begun, each)
    after = counted(begun)
    assert after["withdrawn.entrance"] == after["erased"] == 3
    assert {name: after[name] for name in before} == before


def test_nobody_is_in_what_is_kept_of_a_week(begun, store):
    """Numbers, purposes, places."""
    withdraw(begun, enrolled(begun, "Ann", 1).subject)
    for line in store.in_force("tally"):
        assert re.fullmatch(r"counted \d+|closed 2026-W47|2026-W48 \d+ [a-z_.]+(@lobby)?", line)


def test_an_act_that_failed_is_not_counted(begun, log, clock, store, keystore):
    """It was announced, and is taken back."""
    enrolment = enrolled(begun, "Ann", 1)
    failing = office_of(Faulty(store, "set_standings", "before", DataFolderError("the disk")), keystore, log, clock)
    with pytest.raises(DataFolderError):
        pause(failing, enrolment.subject)
    assert counted(begun)["paused.entrance"] == 0
    pause(begun, enrolment.subject)
    assert counted(begun)["paused.entrance"] == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["put_in_force", "set_leaves"])
def test_cut_off_around_its_count_an_act_is_counted_once(begun, log, clock, store, keystore, step, when):
    """Whoever opens the folder next finds the leaf, and knows whether it was counted."""
    enrolment = enrolled(begun, "Ann", 1)
    with pytest.raises(Killed):
        pause(office_of(Faulty(store, step, when, Killed()), keystore, log, clock), enrolment.subject)
    begun.journal.recover()
    assert counted(begun)["paused.entrance"] == 1
    begun.journal.recover()
    assert counted(begun)["paused.entrance"] == 1


def test_a_grant_that_was_over_is_not_over_again_with_the_others(begun):
    """Withdrawing everything ends what is left."""
    enrolment = enrolled(begun, "Ann", 1)
    [grant] = enrolment.grants
    withdraw_grant(begun, enrolment.subject, grant.id)
    withdraw(begun, enrolment.subject)
    assert counted(begun)["withdrawn.entrance"] == 1


def test_that_an_account_was_barred_is_counted_nowhere(live):
    """A bar is silent."""
    live.add("olga", *PEOPLE["olga"])
    live.add("oscar", *ANOTHER, by="olga")
    live.clock.pass_by(hours=100)
    known(live, HER)
    live.add("her", "family", "other", ("subject",), by="olga", same_as=HER)
    said(live, "her", Tie.BARRED, "a_olga")
    before = counted(live.office)
    assert looked(live, "olga", HER, Way.CLI).name is None
    assert counted(live.office) == before
    assert looked(live, "oscar", HER, Way.CLI).name is not None
    assert counted(live.office)["overseen.shown.cli"] == 1


# -- telling


def test_a_week_is_told_once_when_it_is_whole(begun, clock):
    """A day after its end, with the hour."""
    enrolled(begun, "Ann", 1)
    publish_hour(begun)
    clock.now = WHOLE - timedelta(seconds=1)
    publish_hour(begun)
    assert tallies(begun) == []
    clock.now = WHOLE
    publish_hour(begun)
    assert (close_weeks(begun), [each["week"] for each in tallies(begun)]) == (0, [WEEK])
    assert counted(begun) == {}
    clock.pass_by(days=14)
    assert close_weeks(begun) == 2
    assert [each["week"] for each in tallies(begun)] == [WEEK, "2026-W49", "2026-W50"]


def test_a_week_that_was_not_counted_from_its_beginning_is_not_told(office, clock):
    """In a folder of before, the first is the next."""
    enrolled(office, "Ann", 1)
    assert close_weeks(office) == 0
    clock.now = WHOLE + timedelta(weeks=1)
    assert close_weeks(office) == 1
    assert [each["week"] for each in tallies(office)] == ["2026-W49"]


def test_after_a_restore_weeks_before_are_not_told_anew(begun, clock):
    """What was counted since the backup is gone; what was told then is in the log."""
    enrolled(begun, "Ann", 1)
    clock.now = WHOLE + timedelta(weeks=1)
    reconcile(begun, "2026-11-24T00:00:00Z")
    assert close_weeks(begun) == 0
    with pytest.raises(InputError, match="never told"):
        transparency(begun, WEEK)
    clock.pass_by(weeks=1)
    [told_] = [json.loads(transparency(begun, "2026-W50"))]
    assert told_["installation"]["restored"] == 1


def test_of_many_weeks_without_a_keeper_the_last_are_told(begun, clock):
    """Twelve: so long counts of faces live."""
    clock.pass_by(weeks=30)
    assert close_weeks(begun) == 12


def test_while_the_log_fails_no_week_is_told(begun, clock, log):
    """And its counts stay."""
    enrolled(begun, "Ann", 1)
    before, clock.now, log.weather = counted(begun), WHOLE, Weather.FAILS
    with pytest.raises(LogUnavailable):
        close_weeks(begun)
    assert counted(begun) == before
    log.weather = Weather.WORKS
    assert close_weeks(begun) == 1


def test_cut_off_after_its_leaf_a_week_is_not_told_twice(begun, clock, store, keystore, log):
    """It is only noted."""
    clock.now = WHOLE
    with pytest.raises(Killed):
        close_weeks(office_of(Faulty(store, "put_in_force", "before", Killed()), keystore, log, clock))
    assert close_weeks(begun) == 1
    assert len(tallies(begun)) == 1


def test_while_the_time_is_in_doubt_no_week_is_told(begun, clock):
    """A clock that jumped would end it early."""

    class Doubt(ClockTime):
        now = None

    object.__setattr__(begun, "time", Doubt(clock))
    clock.now = WHOLE
    assert close_weeks(begun) == 0


def test_a_report_says_the_same_whoever_withdraws_afterwards(begun, clock):
    """And whatever happens."""
    subjects = [enrolled(begun, f"P{n}", n).subject for n in range(2)]
    clock.now = WHOLE
    before = transparency(begun, WEEK)
    withdraw(begun, subjects[0])
    clock.pass_by(days=30)
    assert transparency(begun, WEEK) == before


def test_a_week_that_is_not_whole_or_was_before_the_log_is_refused(begun, clock):
    """With what to do."""
    with pytest.raises(InputError, match="not whole") as caught:
        transparency(begun, WEEK)
    assert "2026-12-01 00:00" in caught.value.advice
    clock.now = WHOLE
    with pytest.raises(InputError, match="no log"):
        transparency(begun, "2026-W40")
    assert json.loads(transparency(begun))["week"] == WEEK


def test_openings_are_handed_to_an_auditor_and_it_is_logged(live):
    """To nobody else outside a rehearsal."""
    live.office.journal.record([FolderCreated(at=NOW, rehearsal=False)])
    live.everybody()
    live.clock.now = WHOLE
    digest = openings_digest(WEEK)
    for signed in (None, live.signed("olga", OPENINGS, digest)):
        with pytest.raises(PolicyRefused, match="auditor only"):
            openings(live.office, WEEK, signed)
    live.add("aki", "audit", None, ("auditor",), by="audrey")
    with pytest.raises(PolicyRefused, match="a new auditor waits"):
        openings(live.office, WEEK, live.signed("aki", OPENINGS, digest))
    assert told(live.office, "openings_given") == []
    found = openings(live.office, WEEK, live.signed("audrey", OPENINGS, digest))
    assert json.loads(found[-1].event)["kind"] == "week_tallied"
    [event] = told(live.office, "openings_given")
    assert (event["week"], event["by"]) == (WEEK, "a_audrey")


def test_nearly_everybody_accepts_is_flagged_above_nine_in_ten():
    """Of ten or more links of the quarter."""

    def flag(sent, accepted):
        lines = [f"{sent} quarter.invited", f"{accepted} quarter.accepted"]
        return figures(parse_week(WEEK), lines, [])["installation"]["invitations"]["nearly_all_accept"]

    assert [flag(9, 9), flag(10, 9), flag(10, 10), flag(20, 18), flag(20, 19)] == [None, False, True, False, True]


def test_links_of_the_quarter_are_counted_with_those_that_were_used(store, keystore, log, clock):
    """Whoever was invited before is not among them."""
    office = live_office(store, keystore, log, clock)
    office.journal.record([FolderCreated(at=clock(), rehearsal=True)])
    invite_all(office, (invitee("Ann", "one", (tick().purpose,)), invitee("Bob", "two", (tick().purpose,))))
    clock.now = WHOLE
    close_weeks(office)
    [first] = tallies(office)
    assert {"2 invited", "2 quarter.invited", "0 quarter.accepted"} <= set(first["counts"])
    clock.pass_by(weeks=13)
    close_weeks(office)
    assert not any("quarter" in each for each in tallies(office)[-1]["counts"])


# -- small counts


def test_under_ten_is_hidden_and_ten_is_told():
    """Zero, too."""
    assert [cell(0), cell(9), cell(10)] == [None, None, 10]
    assert [at_least(9), at_least(19), at_least(20)] == [None, 10, 20]
    assert all_or_none({}) == {}


@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 30), min_size=1))
@settings(max_examples=60)
def test_one_small_cell_hides_all_that_a_sum_is_told_of(cells):
    """So that no difference is left."""
    hidden = any(each < 10 for each in cells.values())
    assert all_or_none(cells) == (dict.fromkeys(cells) if hidden else cells)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=60)
def test_no_hidden_answers_of_a_place_follow_from_the_whole(right, wrong, other_right, other_wrong):
    """What is told of all places is a sum of what is told of each."""
    lines = [
        f"{right} answered.right@lobby",
        f"{wrong} answered.wrong@lobby",
        f"{other_right} answered.right@yard",
        f"{other_wrong} answered.wrong@yard",
    ]
    told_ = figures(parse_week(WEEK), lines, [])
    places = [told_["places"][name]["alerts"]["answered"] for name in (LOBBY, YARD)]
    assert told_["installation"]["alerts"]["answered"] == (sum(p for p in places if p) if any(places) else None)
    assert all(each is None or each >= 10 for each in places)


def test_plans_for_missing_people_are_hidden_wherever_they_could_be_counted():
    """Whoever reported somebody must not read whether a plan was opened."""
    events = [(0, {"kind": "act_requested", "act": "open_find_me"}), (0, {"kind": "act_allowed", "act": "loosen"})]
    whole = figures(parse_week(WEEK), ["1 overseen.plan_opened"], events)["installation"]
    assert set(whole["find_me"].values()) == {None}
    assert set(whole["approvals"]["open_find_me"].values()) == {None}
    assert whole["approvals"]["loosen"]["allowed"] == 1


@pytest.mark.parametrize("what", ["glass_broken", "glass_refused", "glass_reviewed.justified", "account_locked"])
def test_a_break_glass_is_hidden_as_the_plan_that_it_opens_is(what):
    """It opens nothing else: one week with it and one without it are the same report, word for word."""
    one, none = (figures(parse_week(WEEK), lines, []) for lines in ([f"1 overseen.{what}"], []))
    assert one == none
    assert set(none["installation"]["break_glass"].values()) == {None}
    told_ = figures(parse_week(WEEK), [f"10 overseen.{what}"], [])["installation"]["break_glass"]
    assert sorted(told_.values(), key=str) == [10, None, None, None, None]


# -- the page


def test_the_page_needs_nothing_from_outside_and_shows_text_as_text(town):
    """A place is called whatever its settings call it."""
    values = json.loads(transparency(town.office, WEEK))
    values["places"]["<b>&"] = values["places"]["yard"]
    page = as_html(values)
    assert not re.search(r"<script|src=|href=|url\(|@import", page)
    assert "<b>&" not in page
    assert "&lt;b&gt;&amp;" in page
    assert "REHEARSAL" in page
    assert "23 to 29 November 2026" in page
