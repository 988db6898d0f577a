"""A table of thresholds from people's photos: the same bytes each time, what it says, and what is left out of it."""

from __future__ import annotations

import copy
import json
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beholden.demo.people import picture
from beholden.evaluate.calibrating import RATES, calibrate, differences, table_bytes
from beholden.evaluate.data_set import DataSet, LabelledPerson, Layout, read_data_set
from beholden.evaluate.tracks import SHOTS, Drawing
from beholden.faces.calibration import parse_calibration
from beholden.faces.catalogue import SFACE
from beholden.faces.engine import FaceEngine
from beholden.model.errors import EmptyInput
from beholden.video.limits import Limits
from tests import synthetic
from tests.evaluate.conftest import no_progress

NAMES = synthetic.PEOPLE[:3]


@pytest.fixture(scope="module")
def data(portrait: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    """Three people who nobody is, of one sex and ethnicity, a photo each, and a fourth of another."""
    import cv2

    folder = tmp_path_factory.mktemp("people")
    lines = ["person,sex,ethnicity"]
    for name in synthetic.PEOPLE:
        (folder / "set" / name).mkdir(parents=True)
        photo = picture(name, "studio_portrait")
        small = cv2.resize(photo, None, fx=700 / photo.shape[1], fy=700 / photo.shape[1], interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(folder / "set" / name / "portrait.png"), small)
        lines.append(f"{name},f,{'one' if name in NAMES else 'other'}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return read_data_set("nobody", folder / "set", folder / "labels.csv", Layout(), Limits())


def made(data: DataSet, engine: FaceEngine, seed: int = 1) -> dict[str, Any]:
    drawing = Drawing(seed, tracks=1, sizes=(48,))
    return calibrate(data, drawing, engine.detector, engine.embedder, Limits(), no_progress)


@pytest.fixture(scope="module")
def table(data: DataSet, engine: FaceEngine) -> dict[str, Any]:
    return made(data, engine)


def test_a_second_run_gives_the_same_bytes(table: dict[str, Any], data: DataSet, engine: FaceEngine) -> None:
    """From the first photo to the last digit."""
    assert table_bytes(made(data, engine)) == table_bytes(table)


def test_the_table_can_be_read_back(table: dict[str, Any]) -> None:
    """By the code that decides; few people reach nowhere."""
    calibration = parse_calibration(json.loads(table_bytes(table)), SFACE)
    assert calibration.people == 3
    assert calibration.pairs == 3
    assert calibration.reach > 0.05
    assert 1.0 <= calibration.decisions <= SHOTS - 1


def test_only_people_alike_are_compared(table: dict[str, Any]) -> None:
    """Each of the three with the two others, one track each; the fourth with nobody."""
    assert table["by_shots"]["1"]["48"]["comparisons"] == 6


def test_every_number_of_shots_has_every_rate(table: dict[str, Any]) -> None:
    """1 to 5 shots, from one in ten to one in a million, and no threshold below its best estimate."""
    assert list(table["by_shots"]) == ["1", "2", "3", "4", "5"]
    for by_size in table["by_shots"].values():
        rows = by_size["48"]["thresholds"]
        assert [float(rate) for rate in rows] == list(RATES)
        assert all(row["threshold"] >= row["alike"] for row in rows.values())


def test_people_with_one_photo_miss_nothing_that_is_counted(table: dict[str, Any]) -> None:
    """A photo is not compared with itself: without a second one there is no mated probe."""
    assert table["by_shots"]["3"]["48"]["mated"] == 0


def test_the_table_says_what_it_was_made_from_and_names_nobody(table: dict[str, Any], data: DataSet) -> None:
    """Digests of every photo and of the labels, the seed and the versions; no name of a person or a file."""
    assert table["made_by"]["photos_sha256"] == list(data.photos_sha256)
    assert table["made_by"]["labels_sha256"] == data.labels_sha256
    assert table["made_by"]["seed"] == 1
    text = table_bytes(table).decode()
    assert not any(name in text for name in (*synthetic.PEOPLE, "portrait", "labels.csv"))


def test_where_nobody_is_alike_nothing_is_measured(data: DataSet, engine: FaceEngine) -> None:
    """One person of each group: an error, not a table."""
    alone = [LabelledPerson(person.photos, (str(number), "x")) for number, person in enumerate(data.people[:2])]
    few = DataSet("nobody", 1, tuple(alone), data.photos_sha256, data.labels_sha256)
    with pytest.raises(EmptyInput):
        made(few, engine)


def test_what_differs_from_another_table_is_said(table: dict[str, Any]) -> None:
    """Photos by count, everything else by its name; nothing where they are the same."""
    assert differences(table, table) == ()
    other = copy.deepcopy(table)
    other["made_by"]["photos_sha256"][0] = "00" * 32
    other["made_by"]["seed"] = 2
    said = " ".join(differences(other, table))
    assert "1 of its 4 photos are not here, 1 are new" in said
    assert "seed was 2 and is 1" in said
    changed = copy.deepcopy(table)
    changed["reach"] = 0.5
    assert differences(changed, table) == ("the inputs are the same, the numbers are not",)
    assert differences({}, table) == ("it is of another format",)


def test_the_shipped_table_is_of_the_shared_people(shared_data: Path) -> None:
    """The digests in it are those of every second person's photos, and of the labels, as they lie here."""
    london = shared_data / "london_cc-by"
    layout = Layout(
        ("neutral_front/{person}_03.jpg", "smiling_front/{person}_08.jpg"), ("face_id", "face_gender", "face_eth"), 2
    )
    read = read_data_set("London", london, london / "london_info.csv", layout, Limits())
    file = resources.files("beholden.faces") / "calibrations" / "sface-2021dec.json"
    made_by = json.loads(file.read_text(encoding="utf-8"))["made_by"]
    assert made_by["photos_sha256"] == list(read.photos_sha256)
    assert made_by["labels_sha256"] == read.labels_sha256
    assert made_by["every"] == 2
