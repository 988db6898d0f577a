"""Words that are signed, logged or stored: another spelling is another fact."""

from __future__ import annotations

from dataclasses import replace

import pytest

from beholden.consent.oversight.accounts import Kind, Role
from beholden.consent.oversight.displays import Way
from beholden.consent.oversight.plans import Reply, Source
from beholden.consent.oversight.rules import Act, opening
from beholden.consent.oversight.steps import Happened
from beholden.consent.purposes import POLICIES
from beholden.model.grant import Purpose


def test_words_do_not_change():
    """Approvals are bound to acts, facts are read years later."""
    assert " ".join(Act) == (
        "open_find_me guardian_grant camera_place loosen export_recordings change_policy delay_notice"
    )
    assert " ".join(Role) == "operator approver auditor subject maintainer"
    assert " ".join(Way) == "feed playback look_up cli"
    assert list(Kind) == ["runs the place", "a welfare body", "police or another authority", "another organisation"]
    assert list(Reply) == ["safe, tell nobody", "safe, tell those I named", "please find me"]
    assert list(Source) == ["a person", "police or another authority"]


def test_every_fact_is_called_by_its_name():
    """In small letters."""
    assert list(Happened) == [each.name.lower() for each in Happened]


def test_a_table_that_opens_find_me_without_a_plan_is_a_defect_and_told_as_one(monkeypatch):
    """Nothing is opened by default."""
    monkeypatch.setitem(POLICIES, Purpose.FIND_ME, replace(POLICIES[Purpose.FIND_ME], opening=None))
    with pytest.raises(ValueError, match=r"^the policy table opens find_me without a plan$"):
        opening()
