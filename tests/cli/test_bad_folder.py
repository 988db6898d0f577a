"""Data folders and settings that cannot be used: one line, the documented exit code, nothing changed."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import PYTHON, Command, Said, tree

_LIBC = ctypes.CDLL(None)
_DROP, _MAY_OVERRIDE, _MAY_READ = 24, 1, 2
"""PR_CAPBSET_DROP of linux/prctl.h; CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of linux/capability.h."""


def _as_anybody() -> None:
    """In the child, before it runs: root gives up what lets it pass over permissions; others have no such thing."""
    if os.geteuid() == 0:
        _LIBC.prctl(_DROP, _MAY_OVERRIDE, 0, 0, 0)
        _LIBC.prctl(_DROP, _MAY_READ, 0, 0, 0)


_SCRIPT = """
import contextlib, io, json, sys
from beholden.cli.app import run
for line in sys.argv[1:]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(json.loads(line))
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""


def ordinary(*commands: tuple[object, ...], cwd: Path) -> list[Said]:
    """The commands, run one after the other by an account that permissions count for."""
    lines = [json.dumps([str(each) for each in command]) for command in commands]
    done = subprocess.run(
        [PYTHON, "-c", _SCRIPT, *lines], capture_output=True, text=True, cwd=cwd, preexec_fn=_as_anybody, check=False
    )
    assert done.returncode == 0, done.stderr
    return [Said(*json.loads(line)) for line in done.stdout.splitlines()]


def test_a_missing_folder_says_how_to_make_one(beholden: Command, tmp_path: Path, clip: Path) -> None:
    """For every command that needs it; nothing is created in passing."""
    data = tmp_path / "none"
    for command in (
        ("people",),
        ("watch", clip, "--save", tmp_path / "out.mp4"),
        ("withdraw", "Ada", "--yes"),
        ("grant", "show", "Ada"),
        ("invite", "Ada", "-p", "photos"),
    ):
        said = beholden(*command, "--data", data)
        assert said.code == 6
        assert "beholden init" in said.complaint
    assert tree(tmp_path) == set()


def test_a_file_or_another_folder_is_no_data_folder(beholden: Command, tmp_path: Path, clip: Path) -> None:
    """Neither is taken for one."""
    assert beholden("people", "--data", clip).code == 6
    assert beholden("people", "--data", tmp_path).code == 6
    assert beholden("init", "--data", clip).code == 6
    assert beholden("init", "--data", clip / "below").code == 6


def test_without_its_keystore_nobody_can_be_recognised(beholden: Command, data: Path) -> None:
    """Exit code 7, and no new keystore is made up."""
    shutil.rmtree(data / "keystore")
    said = beholden("people", "--data", data)
    assert said.code == 7
    assert "Put the keystore back" in said.complaint
    assert not (data / "keystore").exists()


def test_an_exposed_keystore_is_not_used(beholden: Command, data: Path) -> None:
    """Exit code 7 with the command that helps; after it the folder works."""
    (data / "keystore" / "kek.a.json").chmod(0o644)
    said = beholden("people", "--data", data)
    assert said.code == 7
    assert "chmod 600" in said.complaint
    (data / "keystore" / "kek.a.json").chmod(0o600)
    assert beholden("people", "--data", data).code == 0


def test_a_database_of_a_newer_version_is_left_alone(beholden: Command, data: Path) -> None:
    """Exit code 6; not a byte of it is touched."""
    with sqlite3.connect(data / "beholden.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = (data / "beholden.db").read_bytes()
    said = beholden("people", "--data", data)
    assert said.code == 6
    assert "newer Beholden" in said.complaint
    assert (data / "beholden.db").read_bytes() == before


def test_a_damaged_database_says_so(beholden: Command, data: Path) -> None:
    """Bytes that are no database, and a missing log."""
    shutil.copytree(data, data.with_name("other"))
    (data / "beholden.db").write_bytes(b"no database" * 1000)
    assert beholden("people", "--data", data).code == 6
    shutil.rmtree(data.with_name("other") / "log")
    said = beholden("people", "--data", data.with_name("other"))
    assert said.code == 9
    assert said.complaint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[recognition]\nfpri = 0.1\n", "did you mean fpir?"),
        ("[recogniton]\nfpir = 0.1\n", "did you mean recognition?"),
        ("[recognition]\nfpir = 2\n", "recognition.fpir: should be less than or equal to 0.1"),
        ("[recognition]\nfpir = 'low'\n", "recognition.fpir"),
        ("[places.lobby]\nzone = 'Mars/Olympus'\n", "no such time zone: Mars/Olympus"),
        ("[places.lobby]\nzone = '../etc'\n", "places.lobby.zone"),
        ("[places.Lobby]\n", "short lower-case name"),
        ("[places.lobby]\ncaptures = 'lane'\n", "did you mean capture?"),
        ("[places.lobby]\npurposes = ['spying']\n", "places.lobby.purposes"),
        ("recognition = 3\n", "recognition"),
        ("[recognition\n", "beholden.toml cannot be read"),
        ("\xff\xfe", "beholden.toml cannot be read"),
    ],
)
def test_a_slip_in_the_settings_file_is_named(beholden: Command, data: Path, text: str, words: str) -> None:
    """Which entry, what is wrong with it, and where to correct it."""
    (data / "beholden.toml").write_bytes(text.encode("latin-1"))
    said = beholden("people", "--data", data)
    assert said.code == 2
    assert words in said.complaint
    assert "docs/settings.md" in said.complaint


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BEHOLDEN_RECOGNITION__FPRI", "0.1", "did you mean fpir?"),
        ("BEHOLDEN_RECOGNITION__FPIR", "low", "recognition.fpir"),
        ("BEHOLDEN_RECOGNITON__FPIR", "0.1", "did you mean recognition?"),
        ("BEHOLDEN_FPIR", "0.1", "fpir: there is no such setting"),
        ("BEHOLDEN_", "x", "there is no such setting"),
        ("BEHOLDEN_STORAGE__CACHE__DEEPER", "x", "storage.cache"),
    ],
)
def test_a_slip_in_the_environment_is_named(
    beholden: Command,
    tmp_path: Path,
    portrait: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    words: str,
) -> None:
    """It is never ignored, and nothing is created with it."""
    monkeypatch.setenv(name, value)
    for command in (("init", "--data", tmp_path / "town"), ("cover", portrait, tmp_path / "out.jpg")):
        said = beholden(*command)
        assert said.code == 2
        assert words in said.complaint
    assert tree(tmp_path) == set()


def test_the_environment_wins_over_the_file(beholden: Command, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And both over what is built in."""
    with (data / "beholden.toml").open("a") as settings:
        settings.write("\n[recognition]\nfpir = 0.02\n")
    assert "FPIR 0.02" in beholden("doctor", "--data", data).out
    monkeypatch.setenv("BEHOLDEN_RECOGNITION__FPIR", "0.03")
    monkeypatch.setenv("BEHOLDEN_DATA", str(data))
    assert "FPIR 0.03" in beholden("doctor").out


def test_a_keystore_elsewhere(beholden: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may lie outside the data folder, which remembers where; without it the folder is not usable."""
    monkeypatch.setenv("BEHOLDEN_STORAGE__KEYSTORE", str(tmp_path / "keys"))
    assert beholden("init", "--data", tmp_path / "town").code == 0
    assert (tmp_path / "keys").is_dir()
    assert beholden("people", "--data", tmp_path / "town").code == 0
    assert beholden("init", "--data", tmp_path / "second").code == 7
    assert not (tmp_path / "second").exists()
    monkeypatch.delenv("BEHOLDEN_STORAGE__KEYSTORE")
    assert beholden("people", "--data", tmp_path / "town").code == 0
    (tmp_path / "keys").rename(tmp_path / "away")
    assert beholden("people", "--data", tmp_path / "town").code == 7


def test_keys_that_no_longer_open_are_told(beholden: Command, tmp_path: Path) -> None:
    """A keystore from before somebody came opens nobody new: doctor fails, and the list says who lost their key."""
    town = tmp_path / "town"
    beholden("init", "--data", town, "--place", "lobby")
    shutil.copytree(town / "keystore", tmp_path / "old")
    beholden("invite", "Ada", "--purpose", "entrance", "--data", town)
    shutil.rmtree(town / "keystore")
    shutil.copytree(tmp_path / "old", town / "keystore")
    assert "(key lost)" in beholden("people", "--data", town).out
    doctor = beholden("doctor", "--data", town)
    assert doctor.code == 1
    assert "the keys of 1 of 1 people do not open" in doctor.out


@pytest.fixture
def common(tmp_path: Path) -> Iterator[Path]:
    """A folder whose permissions a test may change."""
    folder = tmp_path / "common"
    folder.mkdir()
    yield folder
    folder.chmod(0o700)
    for path in folder.iterdir():
        path.chmod(0o700)


def test_a_folder_of_somebody_else_is_not_used(enrolled: Path, common: Path) -> None:
    """No permission to enter, to read the settings, or to write the database: exit code 6 each time."""
    data = common / "data"
    shutil.copytree(enrolled, data)
    for closed, mode in ((data, 0o000), (data / "beholden.toml", 0o000), (data / "beholden.db", 0o444)):
        was = closed.stat().st_mode
        closed.chmod(mode)
        [said] = ordinary(("people", "--data", data), cwd=common)
        closed.chmod(was)
        assert said.code == 6
        assert "this account may not" in said.complaint


def test_doctor_says_that_it_may_not_look(enrolled: Path, common: Path) -> None:
    """A folder that cannot be entered is not called missing."""
    shutil.copytree(enrolled, common / "closed" / "data")
    (common / "closed").chmod(0o000)
    [said] = ordinary(("doctor", "--data", common / "closed" / "data"), cwd=common)
    assert said.code == 1
    assert "FAIL  data folder" in said.out
    assert "no data folder" not in said.out


def test_files_that_may_not_be_read_or_written(portrait: Path, common: Path) -> None:
    """A closed photo, a photo in a closed folder, a folder that takes no file, one where none can be created."""
    (common / "in").mkdir()
    shutil.copy(portrait, common / "in" / "closed.jpg")
    shutil.copy(portrait, common / "open.jpg")
    (common / "in" / "closed.jpg").chmod(0o000)
    (common / "open.jpg").chmod(0o644)
    (common / "shut").mkdir()
    shutil.copy(portrait, common / "shut" / "photo.jpg")
    (common / "shut").chmod(0o000)
    common.chmod(0o555)
    before = sorted(path.name for path in common.iterdir())
    *covers, made = ordinary(
        ("cover", "in/closed.jpg", "out.jpg"),
        ("cover", "in", "out"),
        ("cover", "shut/photo.jpg", "out.jpg"),
        ("cover", "shut", "out"),
        ("cover", "open.jpg", "out.jpg"),
        ("cover", "open.jpg", "shut/out.jpg"),
        ("init", "--data", "town"),
        cwd=common,
    )
    assert [said.code for said in covers] == [3] * 6
    assert all(said.complaint for said in covers)
    assert made.code == 6
    assert sorted(path.name for path in common.iterdir()) == before
