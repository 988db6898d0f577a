"""`beholden calibrate`: a table is written once, compared afterwards, and nothing else is left."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest
import typer
from typer.testing import CliRunner, Result

from beholden.cli import calibrate
from beholden.demo.people import picture
from beholden.model.errors import MissingInput, OutputRefused, PolicyRefused, SettingsError
from tests import synthetic
from tests.cli.conftest import Command, tree

app = typer.Typer()
calibrate.register(app)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people who nobody is, and what they say of themselves."""
    folder = tmp_path_factory.mktemp("people")
    lines = ["who,sex,ethnicity"]
    for name in synthetic.PEOPLE[:2]:
        photo = picture(name, "studio_portrait")
        scale = 480 / photo.shape[1]
        (folder / "set").mkdir(exist_ok=True)
        small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(folder / "set" / f"{name}_front.png"), small)
        lines.append(f"{name},f,one")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder


def run(people: Path, out: Path, *more: object) -> Result:
    arguments = [
        *("--data-set", people / "set", "--photos", "{person}_front.png", "--labels", people / "labels.csv"),
        *("--columns", "who,sex,ethnicity", "--title", "nobody", "--tracks", 1, "--out", out),
        *("--data", out.parent / "none", *more),
    ]
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def first(people: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A table, and what was said of it."""
    out = tmp_path_factory.mktemp("out") / "table.json"
    return out, run(people, out)


def test_a_table_is_written_and_only_totals_are_said(first: tuple[Path, Result]) -> None:
    """Nobody's name, and no file beside the table."""
    out, said = first
    assert said.exit_code == 0, said.output
    assert "2 people of 2 photos compared, 1 pair of" in said.output
    assert not any(name in said.output for name in synthetic.PEOPLE)
    assert tree(out.parent) == {"table.json"}
    assert json.loads(out.read_bytes())["people"] == 2


def test_a_second_run_says_that_the_bytes_are_the_same(first: tuple[Path, Result], people: Path) -> None:
    """And leaves the file as it is."""
    out, _ = first
    before = out.stat()
    said = run(people, out, "--json")
    assert said.exit_code == 0, said.output
    assert json.loads(said.stdout)["same"] is True
    assert (out.stat().st_mtime_ns, out.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_table_of_other_photos_is_told_and_kept(first: tuple[Path, Result], people: Path, tmp_path: Path) -> None:
    """Exit code 1 and what differs; with --force it is replaced."""
    table = json.loads(first[0].read_bytes())
    table["made_by"]["photos_sha256"][0] = "00" * 32
    other = tmp_path / "other.json"
    other.write_text(json.dumps(table))
    said = run(people, other)
    assert said.exit_code == 1
    assert "1 of its 2 photos are not here, 1 are new" in said.output
    assert json.loads(other.read_bytes()) == table
    assert run(people, other, "--force").exit_code == 0
    assert other.read_bytes() == first[0].read_bytes()


def test_it_runs_in_a_rehearsal_folder_and_in_no_live_one(people: Path, tmp_path: Path, beholden: Command) -> None:
    """Nobody is compared in a folder where only those who agreed may be."""
    assert beholden("init", "--data", tmp_path / "live").code == 0
    said = run(people, tmp_path / "table.json", "--data", tmp_path / "live")
    assert isinstance(said.exception, PolicyRefused)
    assert not (tmp_path / "table.json").exists()


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        (("--columns", "who,sex"), SettingsError),
        (("--photos", "nobody.png"), SettingsError),
        (("--data-set", "gone"), MissingInput),
        (("--labels", "gone.csv"), MissingInput),
        (("--out", "."), OutputRefused),
        (("--out", "gone/table.json"), OutputRefused),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_slip_is_an_error_before_any_work(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], kind: type[Exception]
) -> None:
    """And nothing is written."""
    monkeypatch.chdir(tmp_path)
    said = run(people, tmp_path / "table.json", *more)
    assert isinstance(said.exception, kind)
    assert tree(tmp_path) == set()
