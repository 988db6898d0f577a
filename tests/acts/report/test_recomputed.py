"""The transparency report again, from what opens the leaves, by a program that knows none of ours."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.acts.report.figures import CAMERAS, OF_GRANTS, RULES, figures
from beholden.acts.report.tally import TOLD
from beholden.acts.report.week import parse_week
from beholden.acts.report.weekly import openings, transparency
from beholden.acts.sightings.counts import OUTCOMES
from beholden.consent.oversight.displays import Way
from beholden.consent.oversight.rules import Act
from beholden.ledger.leaf import hour_of
from beholden.model.grant import Purpose
from tests.acts.report.conftest import WEEK
from tests.acts.report.second import Wrong, added_up, recompute


@pytest.fixture(scope="module")
def handed(town):
    """The lines of the file that an auditor gets."""
    found = openings(town.office, WEEK)
    return [json.dumps({"leaf": o.leaf, "salt": o.salt, "event": o.event}) for o in found]


def again(town, lines):
    return recompute(town.log, town.key, lines, WEEK, rehearsal=True)


def test_a_second_program_gets_the_same_figures(town, handed):
    """All of them."""
    assert again(town, handed) == json.loads(transparency(town.office, WEEK))


PURPOSES, PLACES = [str(each) for each in Purpose], ("", "gate", "lobby", "the yard")
NAMES = (
    *("invited", "accepted", "quarter.invited", "quarter.accepted", "erased", "erased.late", "erased.longest_ms"),
    *(f"{how}.{each}" for how in OF_GRANTS for each in PURPOSES),
    *(f"begun.{each}@{place}" for each in PURPOSES[:2] for place in PLACES[1:]),
    *(f"faces.{each}@{place}" for each in OUTCOMES for place in PLACES[1:]),
    *(f"answered.{each}@{place}" for each in ("right", "wrong") for place in PLACES),
    *(f"overseen.{each}.{way}" for each in ("shown", "display_blocked", "display_alarm") for way in Way),
    *(f"overseen.{each}" for each in sorted(TOLD)),
    *(f"overseen.{each}.{what}" for each in ("shown", "display_blocked") for what in ("guardians", "plan")),
    *("overseen.glass_reviewed.justified", "overseen.glass_reviewed.not_justified"),
)
AT = {"at": "2026-11-24T10:00:00.000Z"}
EVENTS = (
    *({"kind": kind, "act": str(act)} for kind in ("act_requested", "act_allowed", "act_refused") for act in Act),
    *({"kind": f"camera_{each}", "place": place} for each in CAMERAS for place in PLACES[1:]),
    *({"kind": "rules_changed", "rules": each, "changed": ["+ a"], **AT} for each in RULES),
    {"kind": "recording_exported", "starts_at": "2026-11-24T10:00:00.000Z", "ends_at": "2026-11-24T10:01:40.000Z"},
    {"kind": "model_added", "name": "m", "digest": "d", **AT},
    *({"kind": each} for each in ("keys_rotated", "backed_up", "restored", "folder_created", "heartbeat")),
)
HOURS = st.integers(hour_of(parse_week(WEEK).start), hour_of(parse_week(WEEK).end) - 1)


@given(
    st.dictionaries(st.sampled_from(NAMES), st.one_of(st.integers(0, 25), st.integers(0, 70_000)), max_size=60),
    st.lists(st.tuples(HOURS, st.sampled_from(EVENTS)), max_size=60),
)
@settings(max_examples=60, deadline=None)
def test_of_any_week_the_second_program_says_the_same(counts, events):
    """Also where there is more, or less, than in the one that was lived."""
    week, lines = parse_week(WEEK), [f"{number} {name}" for name, number in counts.items()]
    events = [each for n, each in enumerate(events) if each[1]["kind"] != "folder_created" or n == 0]
    assert figures(week, lines, events) == added_up(week.start, lines, events)


def test_the_second_program_imports_nothing_of_ours():
    """Else it would be the first."""
    tree = ast.parse((Path(__file__).parent / "second.py").read_text(encoding="utf-8"))
    names = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    names |= {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    assert not any((name or "").startswith(("beholden", "tests")) for name in names)


def test_a_week_in_which_much_happened_was_compared(town):
    """Nothing here is true of an empty one."""
    told = json.loads(transparency(town.office, WEEK))
    whole, lobby = told["installation"], told["places"]["lobby"]
    assert (whole["invitations"]["invited"], whole["invitations"]["accepted"]) == (14, 14)
    assert whole["invitations"]["nearly_all_accept"] is None  # most withdrew: three links are left
    assert whole["grants"]["entrance"] == {"begun": 14, "paused": None, "silent": None, "withdrawn": 11, "over": None}
    assert whole["destroyed"]["longest_seconds"] is not None
    assert (lobby["alerts"]["right"], lobby["alerts"]["wrong"]) == (11, 1)
    assert lobby["alerts"]["wrong_per_face_that_passed"]["of"] == 60
    assert told["places"]["yard"]["alerts"]["answered"] is None
    assert whole["alerts"]["answered"] == 12
    assert whole["displays"]["by_way"] == {"feed": None, "playback": None, "look_up": None, "cli": 11}
    assert whole["displays"]["total"] is None
    assert whole["approvals"]["export_recordings"] == {"asked": 2, "allowed": 1, "refused": 1}
    assert set(whole["break_glass"].values()) == {None}
    assert whole["recordings_exported"] == {"exports": 1, "minutes": 60}
    assert [len(whole["changes"][each]) for each in ("settings", "policy", "models")] == [2, 0, 1]
    assert whole["key_rotations_at_least"] == 10
    assert whole["backups"] == 1
    assert whole["heartbeat"] == {"hours": 158, "without": 158 - 27}


def test_any_opening_that_is_missing_is_missed(town, handed):
    """Also the last, which tells of the week."""
    for number in range(len(handed)):
        with pytest.raises(Wrong):
            again(town, handed[:number] + handed[number + 1 :])


def test_any_opening_that_was_changed_is_noticed(town, handed):
    """By the hash that its leaf holds."""
    for number, line in enumerate(handed):
        values = json.loads(line)
        event = values["event"].replace("2026-1", "2026-0", 1)
        assert event != values["event"]
        changed = json.dumps(values | {"event": event})
        with pytest.raises(Wrong):
            again(town, [*handed[:number], changed, *handed[number + 1 :]])


def test_an_opening_of_another_leaf_is_no_substitute(town, handed):
    """One twice, or two in each other's place."""
    for lines in ([handed[0], *handed], [handed[1], handed[0], *handed[2:]]):
        with pytest.raises(Wrong):
            again(town, lines)


def test_no_opening_names_anybody(town, handed):
    """Neither a subject's id nor a name; the people here are called P0 to P13."""
    text = "\n".join(handed)
    assert not any(f'\\"{each.id}\\"' in text or each.id in text for each in town.office.store.subjects())
    assert '"s_' not in text.replace("\\", "")
    kinds = {json.loads(json.loads(line)["event"])["kind"] for line in handed}
    assert not kinds & {"sighted", "answered", "granted", "enrolled", "withdrawn", "erased", "overseen", "paused"}
