"""Settings and policy that loosen what holds wait until whoever has to agree did."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from beholden.acts.approvals.in_force import POLICY, SETTINGS
from beholden.acts.approvals.loosening import LOOSENING, LOOSENS_NOTHING, kept_meanwhile
from beholden.acts.approvals.rules import (
    accept_rules,
    act_of,
    held_particulars,
    held_rules,
    hold_or_put,
    names_nobody,
)
from beholden.acts.displays import desk
from beholden.acts.recover import recover
from beholden.consent.oversight import accounts
from beholden.consent.oversight.rules import RULES, Act
from beholden.consent.purposes import Party
from beholden.model.errors import DataFolderError, LogUnavailable
from beholden.settings import Cameras, Covering, Models, Recognition, Recording, Settings, read_settings
from beholden.wiring.rules import in_force, pinned, policy_lines, settings_lines
from tests.acts.faults import Faulty, Killed
from tests.acts.oversight import told
from tests.acts.test_accounts import refusal
from tests.people import office_of

FIRST = ("log.witnesses = []", 'places.lobby.capture = "lane"', "places.lobby.hours = null",
         'places.lobby.purposes = ["entrance"]', "recognition.fpir = 0.01", "recognition.min_width_px = 48.0",
         "covering.score = 0.3", 'models.recogniser = "a"', "recording.keep_days = 7.0", "recording.keep_gb = 20.0",
         "recording.crf = null", "recognition.rate = 5.0", "recognition.analysis_width = 640", "log.batch = 32",
         "recognition.analysis_height = 360", "cameras.loopback = false")  # fmt: skip


def changed(old, new):
    assert old in FIRST
    return tuple(new if each == old else each for each in FIRST)


@pytest.mark.parametrize(
    ("old", "new", "act"),
    [
        ("recognition.fpir = 0.01", "recognition.fpir = 0.02", Act.LOOSEN),
        ("recognition.fpir = 0.01", "recognition.fpir = 0.005", None),
        ("recognition.min_width_px = 48.0", "recognition.min_width_px = 47.0", Act.LOOSEN),
        ("recognition.min_width_px = 48.0", "recognition.min_width_px = 49.0", None),
        ("covering.score = 0.3", "covering.score = 0.31", Act.LOOSEN),
        ("covering.score = 0.3", "covering.score = 0.29", None),
        ("covering.score = 0.3", "other = 1", Act.LOOSEN),
        ("covering.score = 0.3", "covering.score = null", Act.LOOSEN),
        ("recording.keep_days = 7.0", "recording.keep_days = 8.0", Act.LOOSEN),
        ("recording.keep_days = 7.0", "recording.keep_days = 6.0", None),
        ("recording.keep_gb = 20.0", "recording.keep_gb = 20.5", Act.LOOSEN),
        ("recording.keep_gb = 20.0", "recording.keep_gb = 19.5", None),
        ("recording.crf = null", "recording.crf = 1", None),
        ("recognition.rate = 5.0", "recognition.rate = 5.5", Act.LOOSEN),
        ("recognition.rate = 5.0", "recognition.rate = 4.5", Act.LOOSEN),
        ("recognition.analysis_width = 640", "recognition.analysis_width = 641", Act.LOOSEN),
        ("recognition.analysis_width = 640", "recognition.analysis_width = 639", Act.LOOSEN),
        ("recognition.analysis_height = 360", "recognition.analysis_height = 361", Act.LOOSEN),
        ("recognition.analysis_height = 360", "recognition.analysis_height = 359", Act.LOOSEN),
        ("cameras.loopback = false", "cameras.loopback = true", Act.LOOSEN),
        ("log.batch = 32", "log.batch = 31", Act.LOOSEN),
        ("log.batch = 32", "log.batch = 33", None),
        ('places.lobby.purposes = ["entrance"]', 'places.lobby.purposes = ["entrance", "care"]', Act.LOOSEN),
        ('places.lobby.purposes = ["entrance"]', "places.lobby.purposes = []", None),
        ("places.lobby.hours = null", 'places.lobby.hours = "08:00-20:00"', None),
        ('places.lobby.capture = "lane"', 'places.lobby.capture = "declared"', Act.LOOSEN),
        ('places.lobby.capture = "lane"', "places.lobby.capture = null", None),
        ('places.lobby.capture = "lane"', "x = 1", None),
        ("recording.crf = null", 'places.gate.capture = "lane"', Act.LOOSEN),
        ("recording.crf = null", "places.gate.capture = null", None),
        ("log.witnesses = []", 'log.witnesses = ["w"]', None),
        ('models.recogniser = "a"', 'models.recogniser = "b"', Act.CHANGE_POLICY),
        ("recording.keep_days = 7.0", "recording.keep_days = 7.0", None),
    ],
)
def test_a_change_of_settings_is_known_for_what_it_is(old, new, act):
    """Looser, another model, or neither."""
    assert act_of(SETTINGS, FIRST, changed(old, new)) == act


def test_hours_that_change_or_go_and_a_witness_that_goes_loosen():
    """From what a first change left."""
    hours = changed("places.lobby.hours = null", 'places.lobby.hours = "08:00-20:00"')
    assert act_of(SETTINGS, hours, FIRST) is Act.LOOSEN
    witnessed = changed("log.witnesses = []", 'log.witnesses = ["w"]')
    assert act_of(SETTINGS, witnessed, FIRST) is Act.LOOSEN


def test_what_an_older_version_did_not_tell_of_loosens_where_it_is_on():
    """Streams of this machine: off is what held, whatever was not said of it."""
    older = tuple(each for each in FIRST if not each.startswith("cameras."))
    assert act_of(SETTINGS, older, FIRST) is None
    on = changed("cameras.loopback = false", "cameras.loopback = true")
    assert act_of(SETTINGS, older, on) is Act.LOOSEN
    assert kept_meanwhile(older, on) == {"cameras.loopback": False}
    assert act_of(SETTINGS, on, FIRST) is None


def leaf_settings(model, path=""):
    for name, field in model.model_fields.items():
        kinds = [field.annotation, *getattr(field.annotation, "__args__", ())]
        inner = [each for each in kinds if isinstance(each, type) and issubclass(each, BaseModel)]
        if inner:
            yield from leaf_settings(inner[0], f"{path}{name}." if inner[0] is kinds[0] else f"{path}{name}.NAME.")
        else:
            yield f"{path}{name}"


def test_of_every_setting_it_is_said_whether_it_loosens_anything():
    """In one of the two tables, and each that may loosen is among the rules of a folder."""
    names = set(leaf_settings(Settings))
    assert "recognition.rate" in names
    assert "places.NAME.zone" in names
    assert set(LOOSENING) | set(LOOSENS_NOTHING) == names
    assert set(LOOSENING) & set(LOOSENS_NOTHING) == set()
    assert all(each.when and each.why for each in LOOSENING.values())
    lines = settings_lines(Settings.model_validate({"places": {"lobby": {}}}), None)
    told = {line.partition(" = ")[0].replace(".lobby.", ".NAME.") for line in lines}
    assert set(LOOSENING) <= told


def test_any_other_policy_is_a_change_of_policy():
    """An upgrade."""
    assert act_of(POLICY, ["beholden = 1"], ["beholden = 2"]) is Act.CHANGE_POLICY
    assert act_of(POLICY, ["beholden = 1"], ["beholden = 1"]) is None


LOOSER = changed("recognition.fpir = 0.01", "recognition.fpir = 0.02")


def test_what_holds_first_and_what_is_tighter_holds_at_once(live):
    """Nobody has to agree."""
    assert hold_or_put(live.office, SETTINGS, FIRST)
    assert hold_or_put(live.office, SETTINGS, changed("recognition.fpir = 0.01", "recognition.fpir = 0.001"))
    assert held_rules(live.office) == ()


def test_what_is_looser_waits_until_somebody_agreed(live):
    """It is not in force meanwhile, and asking is for these very lines."""
    live.everybody("olga", "sam")
    hold_or_put(live.office, SETTINGS, FIRST)
    assert not hold_or_put(live.office, SETTINGS, LOOSER)
    assert held_rules(live.office) == ("settings",)
    assert live.office.store.in_force(SETTINGS) == FIRST
    act, particulars = held_particulars(live.office, SETTINGS)
    assert act is Act.LOOSEN
    assert [value for name, value in particulars if name.startswith("line")] == [
        "- recognition.fpir = 0.01",
        "+ recognition.fpir = 0.02",
    ]
    assert refusal(lambda: accept_rules(live.office, SETTINGS, None)).startswith("one credential alone")
    warrant = live.agreed("olga", act, particulars, "sam")
    hold_or_put(live.office, SETTINGS, changed("recognition.fpir = 0.01", "recognition.fpir = 0.05"))
    reason = "what was asked for is something else"
    assert refusal(lambda: accept_rules(live.office, SETTINGS, warrant)) == reason
    hold_or_put(live.office, SETTINGS, LOOSER)
    assert accept_rules(live.office, SETTINGS, warrant)
    assert (held_rules(live.office), live.office.store.in_force(SETTINGS)) == ((), LOOSER)
    assert not accept_rules(live.office, SETTINGS, warrant)
    assert hold_or_put(live.office, SETTINGS, LOOSER)


def test_what_is_asked_for_says_which_rules_what_went_and_what_came(live):
    """In one order, whatever the order of the lines; and the digest of all of them."""
    hold_or_put(live.office, SETTINGS, FIRST)
    assert held_particulars(live.office, SETTINGS) is None
    after = [each for each in (*LOOSER, "covering.score = 0.4") if each != "covering.score = 0.3"]
    hold_or_put(live.office, SETTINGS, after)
    assert held_particulars(live.office, SETTINGS) == (
        Act.LOOSEN,
        (
            ("what", "rules"),
            ("rules", "settings"),
            ("digest", hashlib.sha256("".join(f"{each}\n" for each in after).encode()).hexdigest()),
            ("line 0000", "- covering.score = 0.3"),
            ("line 0001", "- recognition.fpir = 0.01"),
            ("line 0002", "+ covering.score = 0.4"),
            ("line 0003", "+ recognition.fpir = 0.02"),
        ),
    )
    assert held_particulars(live.office, POLICY) is None


def test_who_read_looser_settings_names_nobody_though_others_put_tighter_ones_in_force(live):
    """A keeper that was started with looser ones, while another process asks with those that hold."""
    hold_or_put(live.office, SETTINGS, FIRST)
    hold_or_put(live.office, SETTINGS, LOOSER)
    assert (names_nobody(live.office, LOOSER), names_nobody(live.office, FIRST)) == (True, True)
    hold_or_put(live.office, SETTINGS, FIRST)
    assert (names_nobody(live.office, LOOSER), names_nobody(live.office, FIRST)) == (True, False)


def test_the_way_back_needs_nobody(live):
    """Settings as they were hold at once."""
    hold_or_put(live.office, SETTINGS, FIRST)
    hold_or_put(live.office, SETTINGS, LOOSER)
    assert hold_or_put(live.office, SETTINGS, FIRST)
    assert held_rules(live.office) == ()


def test_an_upgrade_needs_another_organisation(live):
    """A colleague is not enough."""
    live.everybody("olga", "sam", "uwe")
    hold_or_put(live.office, POLICY, ["beholden = 1"])
    hold_or_put(live.office, POLICY, ["beholden = 2"])
    act, particulars = held_particulars(live.office, POLICY)
    warrant = live.agreed("olga", act, particulars)
    assert refusal(lambda: live.approve("sam", warrant.digest))
    assert refusal(lambda: accept_rules(live.office, POLICY, warrant))
    live.approve("uwe", warrant.digest)
    assert accept_rules(live.office, POLICY, warrant)


def test_who_must_agree_changes_only_once_another_organisation_agreed(live, monkeypatch):
    """Fewer or nearer approvers, a shorter wait, a longer shift: a change of policy like any other."""
    live.everybody("olga", "uwe")
    assert hold_or_put(live.office, POLICY, policy_lines())
    rule = RULES[Act.EXPORT_RECORDINGS]
    monkeypatch.setitem(RULES, Act.EXPORT_RECORDINGS, replace(rule, approvers=(Party.ANOTHER,)))
    assert not hold_or_put(live.office, POLICY, policy_lines())
    assert names_nobody(live.office, ())
    act, particulars = held_particulars(live.office, POLICY)
    assert act is Act.CHANGE_POLICY
    came = [value for _, value in particulars if value.startswith("+ ")]
    assert '+ acts.export_recordings.approvers = ["a second approver"]' in came
    warrant = live.agreed("olga", act, particulars, "uwe")
    assert accept_rules(live.office, POLICY, warrant)
    monkeypatch.setattr(accounts, "NEW_FOR", accounts.NEW_FOR / 2)
    assert not hold_or_put(live.office, POLICY, policy_lines())
    monkeypatch.undo()
    monkeypatch.setattr(desk, "SHIFT", desk.SHIFT * 2)
    monkeypatch.setitem(RULES, Act.EXPORT_RECORDINGS, replace(rule, approvers=(Party.ANOTHER,)))
    assert not hold_or_put(live.office, POLICY, policy_lines())
    _, particulars = held_particulars(live.office, POLICY)
    assert [value for name, value in particulars if name.startswith("line")] == [
        "- acting.desk_shift.seconds = 43200.0",
        "+ acting.desk_shift.seconds = 86400.0",
    ]


def test_a_rehearsal_changes_its_rules_at_will(office):
    """It says that it is one."""
    hold_or_put(office, SETTINGS, FIRST)
    assert hold_or_put(office, SETTINGS, LOOSER)


@pytest.mark.parametrize("method", ["put_in_force", "drop_kept", "put_kept", "add_openings", "set_leaves"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [Killed(), DataFolderError("failed, and there all the same")])
def test_cut_off_anywhere_rules_that_were_agreed_to_come_into_force_by_the_same_request(
    live, keystore, log, clock, method, when, error
):
    """Never without a leaf that says so; and what waits is not named under meanwhile."""
    live.everybody("olga", "sam")
    hold_or_put(live.office, SETTINGS, FIRST)
    hold_or_put(live.office, SETTINGS, LOOSER)
    act, particulars = held_particulars(live.office, SETTINGS)
    warrant = live.agreed("olga", act, particulars, "sam")
    broken = office_of(Faulty(live.office.store, method, when, error), keystore, log, clock)
    with suppress(Killed, DataFolderError, LogUnavailable):
        accept_rules(broken, SETTINGS, warrant)
    recover(live.office)
    in_force = live.office.store.in_force(SETTINGS) == LOOSER
    assert in_force <= ("+ recognition.fpir = 0.02" in str(told(live.office, "rules_changed")))
    assert in_force or held_rules(live.office) == ("settings",)
    accept_rules(live.office, SETTINGS, warrant)
    assert (held_rules(live.office), live.office.store.in_force(SETTINGS)) == ((), LOOSER)
    assert 2 <= len(told(live.office, "rules_changed")) <= 3
    hold_or_put(live.office, SETTINGS, FIRST)
    hold_or_put(live.office, SETTINGS, LOOSER)
    clock.pass_by(seconds=1)
    again = live.warrant("olga", warrant.digest)
    assert refusal(lambda: accept_rules(live.office, SETTINGS, again)) == "that was done already"


def test_an_added_recogniser_is_known_to_the_byte(tmp_path):
    """Its thresholds are in a file beside it: another one is another model."""
    folder = tmp_path / "models"
    folder.mkdir()
    contract = {"channels": "RGB", "size": [112, 112], "mean": 0.0, "scale": 1.0}
    entry = {"name": "mine", "role": "recogniser", "digest": "ab" * 32, "file": "x", "licence": "MIT", "source": "s",
             "inputs": ["i"], "contract": contract, "dimensions": 4}  # fmt: skip
    settings = Settings(models=Models(recogniser="mine"))
    plain = settings_lines(settings, tmp_path)
    (folder / f"{'ab' * 32}.json").write_text(json.dumps(entry))
    (folder / f"{'ab' * 32}.calibration").write_text("1")
    first = settings_lines(settings, tmp_path)
    (folder / f"{'ab' * 32}.calibration").write_text("2")
    second = settings_lines(settings, tmp_path)
    assert len(first) == len(second) > len(plain)
    assert act_of(SETTINGS, first, second) is Act.CHANGE_POLICY
    assert settings_lines(Settings(), tmp_path) == settings_lines(Settings(), tmp_path / "none")


def test_gates_are_handed_to_child_processes_as_they_were_approved():
    """What is written into the file meanwhile holds for none of them."""
    was = Settings(
        recognition=Recognition(fpir=0.005, min_width_px=60, rate=7.5, analysis_width=800, analysis_height=450),
        covering=Covering(score=0.2),
        cameras=Cameras(loopback=True),
    )
    now = read_settings(None, pinned(was))
    assert (now.recognition, now.covering, now.models) == (was.recognition, was.covering, was.models)
    assert now.cameras.loopback


def test_faces_are_covered_by_what_held_before_until_looser_settings_are_approved(live):
    """Nobody is named, and no face more is shown."""
    looser = Settings(covering=Covering(score=0.5))
    hold_or_put(live.office, SETTINGS, settings_lines(Settings(), Path("none")))
    looking, held = in_force(Here(live.office), looser, Path("none"))
    assert (looking.covering.score, looking.recognition, held) == (0.3, looser.recognition, True)
    smaller = Settings(
        recognition=Recognition(fpir=0.05, rate=1, analysis_width=320, analysis_height=180),
        recording=Recording(keep_days=30, keep_gb=9),
        cameras=Cameras(loopback=True),
    )
    looking, held = in_force(Here(live.office), smaller, Path("none"))
    assert (looking.recognition, held) == (Recognition(fpir=0.05), True)
    assert (looking.recording, looking.cameras) == (Recording(keep_gb=9), Cameras())
    tighter = Settings(covering=Covering(score=0.1))
    assert in_force(Here(live.office), tighter, Path("none")) == (tighter, False)


class Here:
    """Acts happen in this process."""

    rehearsal = False

    def __init__(self, office):
        self.office = office

    def do(self, act, *arguments):
        return act(self.office, *arguments)
