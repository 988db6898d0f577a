"""`make evaluate`: whom it measures on, and the words it says of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from beholden.evaluate.data_set import Layout, read_data_set
from beholden.evaluate.labels import read_labels
from beholden.evaluate.people_folder import read_people
from beholden.evaluate.report.about import read_about
from beholden.video.limits import Limits

ROOT = Path(__file__).resolve().parents[2]


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("evaluate_tool", ROOT / "tools" / "evaluate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = load()


@pytest.mark.parametrize(("words", "synthetic"), [("SYNTHETIC", True), ("FULL", False)])
def test_its_words_are_a_data_sheet(tmp_path: Path, words: str, synthetic: bool) -> None:
    """Every field is filled, and drawn people are called so."""
    path = tmp_path / "about.toml"
    path.write_text(getattr(TOOL, words), encoding="utf-8")
    about = read_about(path)
    assert about.synthetic is synthetic
    assert all([about.title, about.people, about.consent, about.licence, about.source, about.not_shown, about.figures])


def test_nobody_is_measured_whom_calibration_took(shared_data: Path, tmp_path: Path) -> None:
    """By their photos: the half of the London set that `calibrate --every 2` leaves out, and strangers of one photo."""
    london = shared_data / "london_cc-by"
    layout = Layout(
        ("neutral_front/{person}_03.jpg", "smiling_front/{person}_08.jpg"),
        ("face_id", "face_gender", "face_eth"),
        TOOL.EVERY,
    )
    taken = read_data_set("London", london, london / "london_info.csv", layout, Limits())
    folder, labels = TOOL.consenting_people(tmp_path / "people")
    read = read_people(folder, Limits())
    photos = {path.read_bytes() for path in read.pictures}
    assert not [path for person in taken.people for path, _ in person.photos if path.read_bytes() in photos]
    assert sorted(read.per_person().tolist()) == [1] * 40 + [2] * 51
    known = read_labels(labels, read.names)
    assert (known.unused, all(known.by_kind["sex"])) == (51, True)


def test_clips_that_are_named_are_there(shared_data: Path) -> None:
    """A clip that was renamed would be missed at the end of five minutes."""
    assert [clip for clip in TOOL.CLIPS if not (shared_data / clip).is_file()] == []
