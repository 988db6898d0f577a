"""What is counted of people, and how often: once, and where nobody reads from it whom it was about."""

from __future__ import annotations

import json

import pytest

from beholden.acts.accounts.kept import note
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.report.figures import figures
from beholden.acts.report.tally import AUTHORITY, running
from beholden.acts.report.week import parse_week
from beholden.acts.report.weekly import openings, transparency
from beholden.consent.oversight.displays import Way
from beholden.consent.oversight.steps import Fact, Happened
from beholden.model.errors import DataFolderError
from tests.acts.faults import Faulty
from tests.acts.report.conftest import WEEK
from tests.people import enrolled, office_of


def counted(office):
    return running(office.store).weeks.get(WEEK, {})


def test_a_withdrawal_that_failed_and_was_repeated_is_one(office, log, clock, store, keystore):
    """The disk took the leaf, and not the record."""
    subject = enrolled(office, "Ann", 1).subject
    broken = DataFolderError("the disk")
    with pytest.raises(DataFolderError):
        withdraw(office_of(Faulty(store, "begin_withdrawal", "before", broken), keystore, log, clock), subject)
    assert counted(office)["withdrawn.entrance"] == 0
    withdraw(office, subject)
    assert counted(office)["withdrawn.entrance"] == 1


def test_a_withdrawal_that_began_and_failed_then_is_one(office, log, clock, store, keystore):
    """It is carried on, and counted already."""
    subject = enrolled(office, "Ann", 1).subject
    broken = DataFolderError("the disk")
    with pytest.raises(DataFolderError):
        withdraw(office_of(Faulty(store, "begin_withdrawal", "after", broken), keystore, log, clock), subject)
    withdraw(office, subject)
    assert counted(office)["withdrawn.entrance"] == 1


@pytest.mark.parametrize(("about", "detail", "name"), [("g_1", AUTHORITY, "guardians"), ("f_1", "", "plan")])
def test_a_look_that_is_by_no_way_has_a_count_of_its_own(office, clock, about, detail, name):
    """Of who the guardians are, and of what a plan found."""
    subject = enrolled(office, "Ann", 1).subject
    note(office, [Fact(clock(), Happened.SHOWN, about, subject, ("a_olga",), detail)])
    assert {each: n for each, n in counted(office).items() if each.startswith("overseen")} == {
        f"overseen.shown.{name}": 1
    }


def test_looks_at_what_a_plan_found_are_told_in_no_report():
    """Ten of them may be about one person; those at guardians are told from ten on, and in no sum."""
    week = parse_week(WEEK)
    none = figures(week, [], [])
    assert figures(week, ["70 overseen.shown.plan", "70 overseen.display_blocked.plan"], []) == none
    told = figures(week, ["12 overseen.shown.guardians"], [])["installation"]["displays"]
    assert (told["who_guardians_are"], told["total"]) == (12, None)
    assert set(told["by_way"]) == set(Way)


def test_how_many_leaves_are_about_nobody_is_told_to_the_auditor_only(town):
    """A withdrawal adds some, and their exact number would tell of one."""
    assert set(json.loads(transparency(town.office, WEEK))["log"]) == {"leaf", "digest"}
    last = json.loads(openings(town.office, WEEK)[-1].event)
    assert last["opened"] == len(openings(town.office, WEEK)) - 1
