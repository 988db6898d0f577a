"""models and models add: a recogniser of one's own, checked before it is taken."""

from __future__ import annotations

import hashlib
import json
import shutil
from importlib import resources
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from beholden.faces.catalogue import SFACE, YUNET
from beholden.faces.weights import load_folded
from tests.cli.conftest import Command, Said, tree

AS_IT_IS = ("--channels", "RGB", "--mean", "0", "--scale", "1")


@pytest.fixture(scope="session")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recogniser file as a user might bring it: the folded graph of the shipped one."""
    path = tmp_path_factory.mktemp("models") / "mine.onnx"
    path.write_bytes(load_folded(SFACE))
    return path


@pytest.fixture(scope="session")
def few(people_photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small photos each of three people."""
    folder = tmp_path_factory.mktemp("few")
    for person in sorted(people_photos.iterdir())[:3]:
        (folder / person.name).mkdir()
        for name in ("happy", "neutral"):
            shutil.copy(person / f"{person.name}-{name}.jpg", folder / person.name)
    return folder


@pytest.fixture
def add(beholden: Command, rehearsal: Path, mine: Path, few: Path):
    """`beholden models add` of one's own file as `mine`, with further options."""

    def command(*options: object, file: Path = mine, name: str = "mine", people: Path = few) -> Said:
        common = ("--name", name, "--licence", "Apache-2.0", "--people", people, "--data", rehearsal)
        return beholden("models", "add", file, *common, *options)

    return command


def test_models_lists_licence_digest_and_contract(beholden: Command, tmp_path: Path) -> None:
    """For people and for machines, with and without a data folder."""
    said = beholden("models", "--data", tmp_path / "none").out
    for words in (SFACE.name, YUNET.name, SFACE.digest, "Apache-2.0", "MIT", "NCHW float32 RGB, 112x112"):
        assert words in said
    rows = beholden("models", "--json", "--data", tmp_path / "none").rows
    assert {row["name"] for row in rows} == {SFACE.name, YUNET.name}


def test_a_recogniser_is_added_and_names_nobody_without_calibration(
    beholden: Command, add, rehearsal: Path, ada: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is listed; used, it is refused with what to do, since no error rate can be promised."""
    said = add(*AS_IT_IS)
    assert said.code == 0
    assert "names nobody" in said.out
    assert "mine" in beholden("models", "--data", rehearsal).out
    monkeypatch.setenv("BEHOLDEN_MODELS__RECOGNISER", "mine")
    refused = beholden("enrol", "Ada", *ada[:2], "-p", "photos", "--data", rehearsal)
    assert refused.code == 8
    assert "--calibration" in refused.complaint
    assert "Nobody yet" in beholden("people", "--data", rehearsal).out


def test_with_its_calibration_it_works_from_photo_to_name(
    beholden: Command, add, rehearsal: Path, mine: Path, ada: list[Path], clip: Path, tmp_path: Path
) -> None:
    """Added, set in beholden.toml, enrolled with, watched with; people enrolled with another model are not met."""
    assert beholden("enrol", "Old Ada", *ada[:2], "-p", "photos", "--data", rehearsal).code == 0
    table = json.loads((resources.files("beholden.faces") / "calibrations" / "sface-2021dec.json").read_text("utf-8"))
    table["model"] = hashlib.sha256(mine.read_bytes()).hexdigest()
    calibration = tmp_path / "mine.json"
    calibration.write_text(json.dumps(table))
    said = add(*AS_IT_IS, "--calibration", calibration, "--json")
    assert said.code == 0
    assert said.rows[0]["calibrated"] is True
    with (rehearsal / "beholden.toml").open("a") as settings:
        settings.write('\n[models]\nrecogniser = "mine"\n')
    assert beholden("enrol", "Ada", *ada, "-p", "entrance", "--place", "lobby", "--data", rehearsal).code == 0
    rows = beholden("watch", clip, "--place", "lobby", "--data", rehearsal, "--json").rows
    assert {row["who"] for row in rows} == {"Ada", None}
    assert "mine in use" in beholden("doctor", "--data", rehearsal).out
    assert "mine:" in beholden("threshold", "--data", rehearsal).out


def test_swapped_colours_are_refused(add, rehearsal: Path) -> None:
    """A declaration in the wrong colour order works a little worse, silently: the check hears it."""
    before = tree(rehearsal)
    said = add("--channels", "BGR", "--mean", "0", "--scale", "1")
    assert said.code == 8
    assert "--channels RGB" in said.complaint
    assert tree(rehearsal) == before


def test_scaling_twice_is_refused(add, rehearsal: Path) -> None:
    """The graph normalises inside; doing so again outside is found out."""
    before = tree(rehearsal)
    said = add("--channels", "RGB", "--mean", "127.5", "--scale", "127.5")
    assert said.code == 8
    assert "scale" in said.complaint
    assert tree(rehearsal) == before


def test_a_name_is_taken_once(add) -> None:
    """The shipped names cannot be had."""
    said = add(*AS_IT_IS, name=SFACE.name)
    assert said.code == 8
    assert "--name" in said.complaint


@pytest.mark.parametrize("option", [("--scale", "0"), ("--scale", "nan"), ("--mean", "inf")])
def test_a_scaling_that_cannot_be_is_refused(add, option: tuple[str, str]) -> None:
    """Numbers that are none."""
    said = add("--channels", "RGB", *option)
    assert said.code == 8
    assert said.complaint


def test_a_licence_that_forbids_commerce_needs_the_setting(
    beholden: Command, add, rehearsal: Path, ada: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is listed as such, and used only where the setting accepts it."""
    assert add(*AS_IT_IS, "--non-commercial").code == 0
    assert "not for commercial use" in beholden("models", "--data", rehearsal).out
    monkeypatch.setenv("BEHOLDEN_MODELS__RECOGNISER", "mine")
    said = beholden("enrol", "Ada", *ada[:2], "-p", "photos", "--data", rehearsal)
    assert said.code == 8
    assert "accept_non_commercial" in said.complaint


def _graph(inputs: list[object], outputs: list[int]) -> bytes:
    nodes = [helper.make_node("GlobalAveragePool", ["x"], ["p"]), helper.make_node("Flatten", ["p"], ["y"])]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, inputs)
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, outputs)
    model = helper.make_model(
        helper.make_graph(nodes, "g", [x], [y]), opset_imports=[helper.make_opsetid("", 13)], ir_version=8
    )
    onnx.checker.check_model(model)
    return model.SerializeToString()


@pytest.mark.parametrize(
    "content",
    [
        b"not a model",
        b"",
        _graph([1, 3, 224, 224], [1, 3]),
        _graph([1, 3, 112, 112], [1, 3]),
    ],
    ids=["text", "empty", "other size", "too short a template"],
)
def test_a_file_that_is_no_such_model_is_refused(add, tmp_path: Path, content: bytes) -> None:
    """Text, nothing, and graphs of other shapes, each in one line."""
    file = tmp_path / "other.onnx"
    file.write_bytes(content)
    said = add(*AS_IT_IS, file=file)
    assert said.code == 8
    assert "other.onnx" in said.complaint


def test_a_missing_model_or_missing_photos_are_said(add, tmp_path: Path, few: Path) -> None:
    """No file, no folder, two people only, a photo that is none, a calibration that is none or of other weights."""
    assert add(*AS_IT_IS, file=tmp_path / "gone.onnx").code == 3
    assert "folder of photos per person" in add(*AS_IT_IS, people=tmp_path / "gone").complaint
    two = tmp_path / "two"
    for person in sorted(few.iterdir())[:2]:
        shutil.copytree(person, two / person.name)
    assert "three people" in add(*AS_IT_IS, people=two).complaint
    third = two / "third"
    third.mkdir()
    (third / ".DS_Store").write_text("x")
    (third / "a.jpg").write_text("no photo")
    (third / "b.jpg").write_text("no photo")
    assert add(*AS_IT_IS, people=two).code == 3
    assert add(*AS_IT_IS, "--calibration", tmp_path / "gone.json").code == 3
    other = resources.files("beholden.faces") / "calibrations" / "sface-2021dec.json"
    assert "other weights" in add(*AS_IT_IS, "--calibration", str(other)).complaint
    (tmp_path / "half.json").write_text("{}")
    assert add(*AS_IT_IS, "--calibration", tmp_path / "half.json").code == 8


def test_an_added_model_that_was_altered_is_not_used(
    beholden: Command, add, rehearsal: Path, ada: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes that were checked are the bytes that run."""
    add(*AS_IT_IS)
    [file] = (rehearsal / "models").glob("*.onnx")
    file.write_bytes(file.read_bytes() + b"x")
    monkeypatch.setenv("BEHOLDEN_MODELS__RECOGNISER", "mine")
    assert beholden("enrol", "Ada", *ada[:2], "-p", "photos", "--data", rehearsal).code == 8
