"""`beholden evaluate report`: one page and one file of totals, taken up again, and what it refuses."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from beholden.cli.app import run
from tests.cli.conftest import Command, tree

pytest.importorskip("matplotlib", reason="the extra `evaluate` is not installed")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty rehearsal."""
    data = tmp_path_factory.mktemp("reporting") / "town"
    assert run(["init", "--data", str(data), "--rehearsal"]) == 0
    return data


@pytest.fixture
def asked(people_photos: Path, town: Path, tmp_path: Path) -> tuple[object, ...]:
    """The short way to a report."""
    return (
        *("evaluate", "report", "--people", people_photos, "--only", "enrolment"),
        *("--out", tmp_path / "report", "--data", town),
    )


def test_a_report_is_a_page_and_a_file(
    beholden: Command, asked: tuple[object, ...], people_photos: Path, tmp_path: Path
) -> None:
    """Totals with the words that were given; nobody's name, no path; a second run measures nothing again."""
    about = tmp_path / "about.toml"
    about.write_text('title = "Four of a kind"\nsynthetic = true\n')
    said = beholden(*asked, "--about", about)
    assert said.code == 0, said.err
    assert "enrolment is measured" in said.err
    assert tree(tmp_path / "report") == {"report.html", "report.json", "parts", "parts/enrolment.json"}
    page, text = ((tmp_path / "report" / name).read_text() for name in ("report.html", "report.json"))
    values = json.loads(text)
    assert values["material"]["people"] == 4
    assert values["parts"]["enrolment"]["figures"][0]["trials"] == 4
    assert "Four of a kind" in page
    for path in (*people_photos.rglob("*"), tmp_path):
        assert path.stem not in page + text
    again = beholden(*asked, "--about", about)
    assert "enrolment was measured before" in again.err
    assert (tmp_path / "report/report.html").read_text() == page
    assert (tmp_path / "report/report.json").read_text() == text


def test_people_of_the_calibration_are_left_out(beholden: Command, asked: tuple[object, ...], tmp_path: Path) -> None:
    """Every second one, and it is told how many."""
    assert beholden(*asked, "--leave-out", 2).code == 0
    material = json.loads((tmp_path / "report/report.json").read_text())["material"]
    assert (material["people"], material["people_left_out_for_calibration"]) == (2, 2)


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--only", "enrollment"), 2, "--only 'enrollment' is no part"),
        (("--only", "real_clips"), 2, "needs clips"),
        (("--clips", "gone.mp4"), 3, "no such file or folder"),
        (("--about", "gone.toml"), 3, "gone.toml"),
        (("--only", "identification", "--leave-out", 2), 3, "too few for an open set"),
    ],
)
def test_what_does_not_fit_is_refused_before_any_work(
    beholden: Command, asked: tuple[object, ...], tmp_path: Path, options: tuple[object, ...], code: int, words: str
) -> None:
    """One line, and nothing is written."""
    said = beholden(*asked, *options)
    assert said.code == code
    assert words in said.complaint
    assert not (tmp_path / "report").exists()


def test_a_file_in_the_place_of_the_folder_is_kept(
    beholden: Command, asked: tuple[object, ...], tmp_path: Path
) -> None:
    """It is somebody's."""
    (tmp_path / "report").write_text("mine")
    said = beholden(*asked)
    assert said.code == 3
    assert "is not a folder" in said.complaint
    assert (tmp_path / "report").read_text() == "mine"


def test_a_live_folder_is_refused(beholden: Command, asked: tuple[object, ...], tmp_path: Path) -> None:
    """Templates of people who did not agree there are never made."""
    assert beholden("init", "--data", tmp_path / "live").code == 0
    said = beholden(*asked[:-1], tmp_path / "live")
    assert said.code == 5
    assert "rehearsal folders only" in said.complaint


def test_without_the_extra_nothing_is_measured(
    beholden: Command, asked: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What to install is said first, not after five minutes."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    said = beholden(*asked)
    assert said.code == 3
    assert "pip install 'beholden[evaluate]'" in said.complaint
    assert not (tmp_path / "report").exists()


def test_covering_asks_for_its_detector_first(
    beholden: Command, asked: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same for what looks at covered pictures."""
    monkeypatch.setitem(sys.modules, "dlib", None)
    said = beholden(*asked, "--only", "covering")
    assert said.code == 3
    assert "dlib" in said.complaint
    assert not (tmp_path / "report").exists()
