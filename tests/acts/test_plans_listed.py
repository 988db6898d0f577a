"""What an account reads in the list of plans tells nobody why a report was refused, nor who laid down a plan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from beholden.acts.displays.watched import Tie
from beholden.acts.plans.listed import LIST, list_digest, list_plans
from beholden.acts.plans.open_close import REPORT, Filing, file_report
from tests.acts.missing import PLAN, Town
from tests.acts.test_accounts import refusal
from tests.acts.test_displays import said

pytestmark = pytest.mark.parametrize("live", ["memory"], indirect=True)
WHY = ("nobody laid down a plan", "reporter excluded", "barred", "known", "authority", "operator reports")


@pytest.fixture
def town(live):
    town = Town(live)
    for name in ("oscar", "ben"):
        town.world.add(name, "site", None, ("operator",), by="olga")
    town.world.clock.pass_by(hours=100)
    return town


def rows(town, name):
    """What an account reads, but for when that was."""
    found = list_plans(town.office, town.world.signed(name, LIST, list_digest(f"a_{name}")))
    return [replace(each, reported_at=None) for each in found]


def refused_for(town, why):
    """Somebody comes to Olga's desk, and nothing is opened."""
    if why in ("barred", "known"):
        said(town.world, "anna", Tie(why), "a_olga")
    who = "Nobody" if why == "nobody laid down a plan" else "Anna"
    by = {"reporter excluded": "Ben", "authority": "Inspector Li"}.get(why, "Oscar")
    if why == "operator reports":
        said(town.world, "anna", Tie.BARRED, "a_oscar")
    assert refusal(lambda: town.reported(by, who, authority=why == "authority")) is not None


@pytest.mark.parametrize("why", WHY)
def test_every_refused_report_is_the_same_row_whatever_the_reason(town, why):
    """For whoever took it down and every other operator, also whoever reported; for nobody else, before and after."""
    refused_for(town, why)
    for state in ("asked for", "closed"):
        for name in ("olga", "oscar", "ben"):
            [row] = rows(town, name)
            assert (row.plan, row.state) == (PLAN.format(0), state)
            assert (row.subject, row.reported_by, row.ends_at, row.days) == (None, None, None, None)
        assert [rows(town, name) for name in ("sam", "wanda", "audrey", "bea", "anna")] == [[]] * 5
        town.passes(hours=24)


def test_a_row_stays_what_it_was_when_somebody_is_barred_later(town):
    """Both for whoever took the report down and for the others; and to be asked for, it is like a refused one."""
    asked = town.reported()
    before = {name: rows(town, name) for name in ("olga", "oscar")}
    for name in before:
        said(town.world, "anna", Tie.BARRED, f"a_{name}")
    assert {name: rows(town, name) for name in before} == before
    assert before["oscar"][0].subject is None
    assert refusal(lambda: town.wanted(asked.plan, "open")) == "nothing is opened on this report"


@pytest.mark.parametrize("who", ["Anna", "Nobody"])
def test_the_same_report_about_somebody_else_tells_nothing_of_whom_it_was_about(town, who):
    """Nor is it asked for with another answer."""
    refused_for(town, "barred")
    filing = Filing(PLAN.format(0), who, "Bea")
    again = refusal(lambda: file_report(town.office, filing, town.world.signed("olga", REPORT, filing.digest)))
    assert again == refusal(lambda: town.wanted(filing.plan, "open")) == "nothing is opened on this report"
