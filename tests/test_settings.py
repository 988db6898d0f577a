"""Settings of places and cameras: what is read, what is refused, and in which words."""

from __future__ import annotations

from datetime import time

import pytest

from beholden.consent.policy import undeclared
from beholden.model.errors import SettingsError
from beholden.model.grant import Capture, Hours
from beholden.settings import read_settings

DECLARED = 'capture = "declared"\nlegal_basis = "Order 12 of 2026"\nimpact_assessment = "DPIA 7"\n'


@pytest.fixture
def read(tmp_path):
    def settings(text, **environment):
        (tmp_path / "beholden.toml").write_text(text)
        return read_settings(tmp_path, environment)

    return settings


def test_a_place_has_hours_on_its_own_clock(read):
    """And none unless they are set."""
    settings = read('[places.lobby]\nzone = "Europe/Lisbon"\nhours = "08:00-20:00"\n[places.yard]\n')
    assert settings.place("lobby").hours == Hours(time(8), time(20))
    assert (settings.place("lobby").zone, settings.place("yard").hours) == ("Europe/Lisbon", None)


@pytest.mark.parametrize("hours", ["8-20", "08:00-26:00", "always", ""])
def test_hours_that_cannot_be_read_are_named(read, hours):
    """With how they are written."""
    with pytest.raises(SettingsError, match=r"places\.lobby\.hours: hours are written like 08:00-20:00"):
        read(f'[places.lobby]\nhours = "{hours}"\n')


@pytest.mark.parametrize("capture", ["lane", "button"])
def test_a_lane_and_a_button_need_nothing_more(read, capture):
    """Nobody but those who chose it is looked at."""
    assert read(f'[places.lobby]\ncapture = "{capture}"\n').place("lobby").capture == capture


def test_a_declared_place_says_why_it_is_lawful_and_where_that_was_assessed(read):
    """Both written down, it is read."""
    assert read(f"[places.lobby]\n{DECLARED}").place("lobby").capture is Capture.DECLARED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('capture = "declared"\n', "legal_basis and impact_assessment"),
        ('capture = "declared"\nlegal_basis = "Order 12"\n', "needs impact_assessment"),
        ('capture = "declared"\nimpact_assessment = "DPIA 7"\n', r"needs legal_basis \("),
        (DECLARED.replace("DPIA 7", "  "), "needs impact_assessment"),
    ],
)
def test_a_declaration_that_is_missing_is_named(read, text, words):
    """Where, what, and which page says why."""
    with pytest.raises(SettingsError, match=words) as refused:
        read(f"[places.lobby]\n{text}")
    assert "places.lobby" in refused.value.message
    assert "docs/intended-use.md" in refused.value.message


@pytest.mark.parametrize(
    ("capture", "basis", "assessment", "missing"),
    [
        (None, None, None, ()),
        (Capture.LANE, None, None, ()),
        (Capture.BUTTON, None, None, ()),
        (Capture.DECLARED, "a law", "a page", ()),
        (Capture.DECLARED, None, "a page", ("legal_basis",)),
        (Capture.DECLARED, "a law", " \t", ("impact_assessment",)),
        (Capture.DECLARED, None, "", ("legal_basis", "impact_assessment")),
    ],
)
def test_what_is_undeclared(capture, basis, assessment, missing):
    """Only who looks at people that did not choose it has to say why."""
    assert undeclared(capture, basis, assessment) == missing


def test_cameras_and_recordings_have_settings(read):
    """In the file and in the environment."""
    settings = read("[cameras]\nworkers = 3\n[recording]\nkeep_gb = 5.5\n", BEHOLDEN_RECORDING__KEEP_DAYS="2")
    assert (settings.cameras.workers, settings.cameras.loopback) == (3, False)
    assert (settings.recording.keep_gb, settings.recording.keep_days) == (5.5, 2)
    assert read("").cameras.workers is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[cameras]\nloop_back = true\n", "did you mean loopback"),
        ("[cameras]\nworkers = 0\n", "cameras.workers"),
        ("[recording]\nkeep_gb = 0\n", "recording.keep_gb"),
        ("[recording]\nkeep_days = -1\n", "recording.keep_days"),
        ("[recording]\nkeep_days = nan\n", "recording.keep_days"),
        ("[recording]\nkeep_gb = inf\n", "recording.keep_gb"),
        ("[places.lobby]\nhour = '08:00-20:00'\n", "did you mean hours"),
    ],
)
def test_a_slip_in_the_new_settings_is_named(read, text, words):
    """As everywhere."""
    with pytest.raises(SettingsError, match=words):
        read(text)
