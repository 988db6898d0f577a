"""`beholden policy show` in words, and the values that its digest is of: as a reader saw them last."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path

import pytest

from beholden.consent import policy_words
from beholden.consent.allowing import Refusal
from beholden.consent.life import Over, Step, Unnamed
from beholden.consent.oversight import breakglass, displays
from beholden.consent.oversight.displays import Way
from beholden.consent.oversight.plans import Closing
from beholden.consent.policy_digest import policy_values
from beholden.consent.policy_meaning import meaning_rows, unbuilt_rows
from beholden.consent.policy_words import general_rows, policy_rows, stranger_rows, together_rows
from beholden.consent.purposes import Outbound, Viewer, policy_of
from beholden.consent.receipts.said import By, Status
from beholden.model.grant import Purpose
from tests.word_for_word import same

HERE = Path(__file__).parent


def test_the_rules_are_told_word_for_word_as_they_were():
    """Every heading and every sentence: a change of one is a change of what people agreed to."""
    blocks = [
        ("IF I AGREED TO NOTHING", stranger_rows()),
        *((str(purpose).upper(), policy_rows(purpose)) for purpose in Purpose),
        ("ALWAYS", general_rows()),
        ("NOBODY DOES ALONE", together_rows()),
        ("NOT THERE YET", unbuilt_rows()),
        ("WORDS", meaning_rows()),
    ]
    told = ["\n".join([title, *(f"{head}: {words}" for head, words in rows)]) for title, rows in blocks]
    same("\n\n".join(told) + "\n", HERE / "policy.txt")


def test_the_table_is_value_for_value_what_it_was():
    """What `policy_digest` is of: every number, word and order."""
    same(json.dumps(policy_values(), indent=1) + "\n", HERE / "policy.json")


def test_reasons_are_told_word_for_word_as_they_were():
    """Why nobody is named, why a grant or a plan is over, what has to happen to it, and what a receipt says of it."""
    kinds: tuple[type[StrEnum], ...] = (Refusal, Unnamed, Over, Step, Closing, Status, By)
    told = ["\n".join([kind.__name__, *(f"{each.name}: {each}" for each in kind)]) for kind in kinds]
    same("\n\n".join(told) + "\n", HERE / "reasons.txt")


@pytest.mark.parametrize(
    ("room", "name", "rows"),
    [
        (displays, "ALARM_AT", general_rows),
        (breakglass, "LASTS", together_rows),
        (breakglass, "REVIEW_WITHIN", together_rows),
        (policy_words, "MATCH_LIVES", lambda: policy_rows(Purpose.FIND_ME)),
        (policy_words, "EVERYTHING_LIVES", lambda: policy_rows(Purpose.FIND_ME)),
        (policy_words, "NOTICE_WITHIN", lambda: policy_rows(Purpose.FIND_ME)),
    ],
)
def test_numbers_in_the_words_are_those_that_decide(monkeypatch, room, name, rows):
    """Another number, another sentence."""
    before = rows()
    monkeypatch.setattr(room, name, getattr(room, name) * 2)
    assert rows() != before


@pytest.mark.parametrize("way", [Way.FEED, Way.LOOK_UP])
def test_how_long_a_look_counts_is_told_as_it_counts(monkeypatch, way):
    """What somebody looks up, and what a camera shows by itself."""
    before = meaning_rows()
    monkeypatch.setitem(displays.COUNTS_FOR, way, displays.COUNTS_FOR[way] / 2)
    assert dict(meaning_rows())["The operator"] != dict(before)["The operator"]


@pytest.mark.parametrize("purpose", Purpose)
def test_what_is_not_there_yet_is_said_where_it_is_told(purpose):
    """Nothing leaves the installation today, no picture is sent, nobody is introduced."""
    told = dict(policy_rows(purpose))
    leaves = policy_of(purpose).outbound is not Outbound.NOTHING
    assert ("Not there yet" in told["Leaves the house"]) == leaves
    assert ("Not there yet" in told) == (purpose in (Purpose.PHOTOS, Purpose.INTRODUCTIONS))


@pytest.mark.parametrize("purpose", Purpose)
def test_a_desk_is_not_told_to_look_back(purpose):
    """It sees what happens as it happens; a day is how long that is kept, not how far back a desk can look."""
    told = dict(policy_rows(purpose))["Who sees what"]
    live = {Viewer.DESK, Viewer.CARERS} & {sight.viewer for sight in policy_of(purpose).sights}
    assert ("it is not listed, and deleted within 1 day" in told) == bool(live)
