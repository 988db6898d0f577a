"""The program of docs/kms.md, taken from the page as it stands, wraps the keys of a folder that commands act on."""

from __future__ import annotations

import base64
import json
import re
import shlex
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from beholden.acts.grants.people import people
from beholden.model.errors import KeystoreError
from beholden.settings import read_settings
from beholden.wiring.folder import open_acting
from tests.cli.conftest import Command, Said

PAGE = Path(__file__).parents[2] / "docs" / "kms.md"
Set = Callable[..., None]


@pytest.fixture
def program(tmp_path: Path) -> list[str]:
    """The page's program and its key, and what starts it: the interpreter of a test need not be one to be trusted."""
    [text] = [
        block for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL) if "sys.stdin" in block
    ]
    here = tmp_path / "etc"
    here.mkdir(mode=0o700)
    (here / "wrap.py").write_text(text)
    (here / "wrapping.key").write_bytes(bytes(range(32)))
    (here / "python").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    for path in here.iterdir():
        path.chmod(0o700)
    return [str(here / name) for name in ("python", "wrap.py", "wrapping.key")]


@pytest.fixture
def town(beholden: Command, tmp_path: Path) -> Path:
    """A data folder in which two people are invited."""
    town = tmp_path / "town"
    assert beholden("init", "--data", town, "--place", "lobby").code == 0
    for name in ("Ada", "Bea"):
        assert beholden("invite", name, "--purpose", "entrance", "--data", town).code == 0
    return town


def states(said: Said) -> list[object]:
    """Of Ada, Bea and whoever came later; without names: the folder is live."""
    return [row["state"] for row in said.rows]


def ada(beholden: Command, town: Path) -> object:
    """Her id: she was invited first."""
    return beholden("people", "--data", town, "--json").rows[0]["subject"]


@pytest.fixture
def setting(town: Path) -> Set:
    """Writes the settings of the town anew, with programs."""
    before = (town / "beholden.toml").read_text()

    def write(**programs: list[str]) -> None:
        lines = [f"{name} = {json.dumps(argv)}" for name, argv in programs.items()]
        (town / "beholden.toml").write_text("\n".join([before, "[keystore]", *lines, ""]))

    return write


def rows(town: Path) -> list[list[object]]:
    """The bucket keys in both copies."""
    found: list[list[object]] = []
    for copy in "ab":
        body = json.loads((town / "keystore" / f"kek.{copy}.json").read_bytes())["body"]
        found += [row for known in body.values() for row in known]
    return found


def in_the_clear(town: Path) -> bool:
    return all(len(base64.b64decode(str(row[1]))) == 32 for row in rows(town))


def test_a_folder_lives_with_it(beholden: Command, town: Path, setting: Set, program: list[str]) -> None:
    """Switched on by the next command that acts, people come and go, and it is switched off again."""
    key = base64.b64decode(str(rows(town)[0][1]))
    assert in_the_clear(town)
    setting(wrap=program)
    assert states(beholden("people", "--data", town, "--json")) == ["invited", "invited"]
    assert not in_the_clear(town)
    kept = b"".join(path.read_bytes() for path in town.rglob("*") if path.is_file())
    assert (key in kept, base64.b64encode(key) in kept) == (False, False)

    assert beholden("withdraw", ada(beholden, town), "--yes", "--data", town).code == 0
    assert beholden("invite", "Cem", "--purpose", "entrance", "--data", town).code == 0
    assert not in_the_clear(town)
    doctor = beholden("doctor", "--data", town, "--json")
    [said] = [row for row in doctor.rows if row["check"] == "keys"]
    assert said["ok"]
    assert str(said["detail"]).startswith(f"1 bucket key wrapped by {program[0]}; open, ")

    setting(unwrap=program)
    assert beholden("people", "--data", town).code == 0
    assert in_the_clear(town)
    setting()
    assert states(beholden("people", "--data", town, "--json")) == ["withdrawn", "invited", "invited"]


def test_without_its_key_nothing_opens_and_nothing_is_done(
    beholden: Command, town: Path, setting: Set, program: list[str]
) -> None:
    """Exit code 7 with the program's own words; with the key back, everything is as it was."""
    setting(wrap=program)
    assert beholden("people", "--data", town).code == 0
    key, away = Path(program[2]), Path(program[2]).with_name("away")
    who = ada(beholden, town)
    before = shutil.copytree(town / "keystore", town.with_name("before"))
    key.rename(away)
    for command in (("people",), ("withdraw", who, "--yes"), ("invite", "Cem", "--purpose", "entrance")):
        said = beholden(*command, "--data", town)
        assert said.code == 7
        assert "the medium with the key is not there" in said.complaint
    assert beholden("doctor", "--data", town).code == 1
    for path in before.glob("*.json"):
        assert (town / "keystore" / path.name).read_bytes() == path.read_bytes()
    away.rename(key)
    assert beholden("withdraw", who, "--yes", "--data", town).code == 0


def test_a_folder_whose_settings_forgot_the_program_is_refused(
    beholden: Command, town: Path, setting: Set, program: list[str]
) -> None:
    """It is not put in the clear, and not taken for damaged."""
    setting(wrap=program)
    assert beholden("people", "--data", town).code == 0
    setting()
    said = beholden("people", "--data", town)
    assert (said.code, "keystore.wrap" in said.complaint) == (7, True)
    assert not in_the_clear(town)


def test_a_keeper_goes_on_by_itself_when_the_key_is_back(
    beholden: Command, town: Path, setting: Set, program: list[str]
) -> None:
    """It started while the key was away: what it is asked is refused, and later answered."""
    setting(wrap=program)
    assert beholden("people", "--data", town).code == 0
    key, away = Path(program[2]), Path(program[2]).with_name("away")
    key.rename(away)
    with open_acting(town, read_settings(town)) as acting:
        with pytest.raises(KeystoreError, match="the medium with the key is not there"):
            acting.do(people)
        away.rename(key)
        refused = True
        while refused:  # for two seconds it is not asked again
            try:
                opens = [person.opens for person in acting.do(people)]
                refused = False
            except KeystoreError:
                time.sleep(0.05)
    assert opens == [True, True]


def test_a_program_without_an_absolute_path_is_a_wrong_setting(beholden: Command, town: Path, setting: Set) -> None:
    """Told with all other wrong settings, before anything is opened."""
    setting(wrap=["wrap.py"])
    said = beholden("people", "--data", town)
    assert (said.code, "keystore.wrap" in said.complaint) == (2, True)
