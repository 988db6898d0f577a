"""What an export says of a plan to find somebody: everything once they are told, and nobody who reported them."""

from __future__ import annotations

import json

import pytest

from beholden.acts.own_copy.export import ASKED, export_held
from tests.acts.missing import ANNA, Town
from tests.acts.test_accounts import refusal
from tests.acts.test_receipts import proof

pytestmark = pytest.mark.parametrize("live", ["memory"], indirect=True)
SAID = ("plan to find", "plan opened", "plan matched", "plan closed", "reported you missing", "looked for")


@pytest.fixture
def town(live):
    return Town(live)


def held(town):
    """What it says of her, as one text in small letters; her wishes are her own words."""
    values = json.loads(export_held(town.office, ANNA, proof(town.office, ANNA, ASKED)).data)
    records = [each for each in values["records"] if each["what"] != "What you laid down for when you go missing"]
    assert len(records) == len(values["records"]) - 1
    leaves = [each["words"] for each in values["leaves"]]
    return json.dumps([records, leaves, values["messages"]]).lower()


def test_of_a_plan_whose_notice_was_delayed_nothing_is_said_until_it_is_due(town):
    """Neither in an export nor among what she is told; also once it is closed."""
    plan = town.opened()
    assert town.seen()
    assert "plan opened" in held(town)
    town.delayed(plan, 72, "uwe")
    town.closed(plan, "wanda")
    assert [each for each in (*SAID, plan) if each in held(town)] == []
    assert town.reads("anna") == []
    town.passes(hours=142)
    assert town.reads("anna") == []
    town.passes(hours=1)
    assert [each for each in SAID if each not in held(town)] == []
    assert any("This notice was delayed" in text for text in town.reads("anna"))


def test_who_reported_her_is_named_to_her_and_not_in_the_file(town):
    """It can be lost, and Ben agreed to nothing."""
    assert refusal(lambda: town.reported("ben"))
    assert [text[:25] for text in town.reads("anna")] == ["n_ben reported you missing"[:25]]
    assert "somebody else reported you missing" in held(town)
    assert "ben" not in held(town)
