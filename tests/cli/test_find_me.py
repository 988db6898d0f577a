"""`beholden find-me` as people type it, in a rehearsal: what was laid down, a report, a plan, and how it ends."""

from __future__ import annotations

import json

import pytest

from beholden.acts.grants.enrol import Wish, enrol_reference
from beholden.acts.grants.reference import Reference
from beholden.model.grant import Purpose
from beholden.model.ids import PlaceId, new_subject_id
from beholden.settings import read_settings
from beholden.wiring.folder import open_acting
from tests.people import MODEL, vector


@pytest.fixture
def town(beholden, tmp_path):
    """Ada Vale agreed to be found; Olga works here, Sam approves, Wanda is of the welfare body."""
    data = tmp_path / "town"
    assert beholden("init", "--data", data, "--place", "lobby", "--rehearsal").code == 0
    for name, organisation, role in (
        ("Olga", ("Townhall", "--what", "site"), "operator"),
        ("Sam", ("Townhall",), "approver"),
        ("Wanda", ("Shelter", "--what", "welfare"), "approver"),
    ):
        public = beholden("account", "key", tmp_path / f"{name}.key", "--name", name).out.strip()
        added = beholden(
            "account", "add", name, "--organisation", *organisation, "--role", role, "--public", public, "--data", data
        )
        assert added.code == 0, added.err
    with open_acting(data, read_settings(data)) as acting:
        wish = Wish((Purpose.FIND_ME,), frozenset({PlaceId("lobby")}))
        acting.do(enrol_reference, "Ada Vale", Reference(vector(1), MODEL, 0.8, 3), wish, new_subject_id())

    def say(*words, by=None):
        """One command, signed by somebody or by nobody; what it said."""
        signed = () if by is None else ("--account", by, "--key", tmp_path / f"{by}.key")
        return beholden(*words, *signed, "--data", data, "--json")

    return say


def said(result):
    assert result.code == 0, result.err
    return [json.loads(line) for line in result.out.splitlines()]


def test_a_plan_from_the_report_to_the_answer(town):
    """Reported, asked for, agreed to by two, opened; matched by nobody yet; ended by the person."""
    said(town("find-me", "lay-down", "Ada Vale", "--never-tell", "Ben"))
    [reported] = said(town("find-me", "report", "Ada Vale", "--by", "Bea", by="Olga"))
    plan = reported["plan"]
    [asked] = said(town("request", "find-me", "open", plan, by="Olga"))
    for name in ("Sam", "Wanda"):
        [standing] = said(town("approve", asked["request"], by=name))
    assert standing["refusal"] is None
    [opened] = said(town("find-me", "open", plan, "--request", asked["request"], by="Olga"))
    assert (opened["state"], opened["days"], opened["reported_by"]) == ("open", 1, "bea")
    assert said(town("find-me", "matches", plan, by="Wanda")) == []
    refused = town("find-me", "matches", plan, by="Sam")
    assert (refused.code, "matches are for the welfare body" in refused.complaint) == (5, True)
    said(town("find-me", "answer", "Ada Vale", "safe-tell-nobody"))
    [listed] = said(town("find-me", "list", by="Sam"))
    assert (listed["state"], listed["subject"]) == ("closed", reported["subject"])


def test_whom_she_excluded_stays_excluded_when_she_says_something_else(town):
    """Until she says that nobody is."""
    said(town("find-me", "lay-down", "Ada Vale", "--never-tell", "Ben"))
    said(town("find-me", "lay-down", "Ada Vale", "--relative", "Ida Vale"))
    report = ("find-me", "report", "Ada Vale", "--by", "Ben")
    assert town(*report, by="Olga").code == 5
    said(town("find-me", "lay-down", "Ada Vale", "--never-tell", "none"))
    said(town(*report, by="Olga"))


def test_what_is_refused_says_what_to_do(town):
    """No request, no account, an excluded reporter, an answer that is none."""
    said(town("find-me", "lay-down", "Ada Vale", "--never-tell", "Ben"))
    bare = town("find-me", "open", "f_0123456789abcdef", by="Olga")
    assert (bare.code, "beholden request find-me open" in bare.complaint) == (2, True)
    assert "that is signed by an account" in town("find-me", "list").complaint
    excluded = town("find-me", "report", "Ada Vale", "--by", " ben ", by="Olga")
    assert (excluded.code, "nothing is opened on this report" in excluded.complaint) == (5, True)
    assert "There are: safe-tell-nobody" in town("find-me", "answer", "Ada Vale", "fine").complaint
    assert "no plan" in town("find-me", "close", "f_0123456789abcdef", by="Sam").complaint


def test_a_glass_is_broken_closed_and_reviewed(town):
    """By one approver alone, on a report that is there; by another organisation."""
    said(town("find-me", "lay-down", "Ada Vale"))
    [reported] = said(town("find-me", "report", "Ada Vale", "--by", "Bea", by="Olga"))
    plan, subject = reported["plan"], reported["subject"]
    [opened] = said(town("glass", "open", plan, "--subject", subject, "--why", "no answer", by="Sam"))
    assert (opened["plan"], opened["open"], opened["verdict"], opened["account_locked"]) == (plan, True, None, False)
    assert said(town("find-me", "matches", plan, by="Wanda")) == []
    [closed] = said(town("glass", "close", opened["glass"], by="Sam"))
    assert not closed["open"]
    assert [each["state"] for each in said(town("find-me", "list", by="Sam"))] == ["closed"]
    refused = town("glass", "review", opened["glass"], "--justified", by="Sam")
    assert (refused.code, "somebody of another organisation" in refused.complaint) == (5, True)
    [locked] = said(town("glass", "review", opened["glass"], "--not-justified", by="Wanda"))
    assert locked["account_locked"]
    assert any("no answer" in each["text"] for each in said(town("account", "notices", by="Wanda")))
