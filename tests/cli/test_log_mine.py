"""log keys and log mine: a person finds what the log holds about them, in a copy, without asking."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Command


@pytest.fixture
def keys(beholden: Command, data: Path, tmp_path: Path) -> Path:
    """Ada's keys, as she was given them."""
    said = beholden("log", "keys", "Ada", tmp_path / "ada.keys", "--data", data)
    assert said.code == 0, said.err
    assert "They are Ada's alone." in said.out
    return tmp_path / "ada.keys"


@pytest.fixture
def copy(data: Path, tmp_path: Path):
    """What anybody may have: the log without its key, as it is when this is called."""

    def made() -> Path:
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        return Path(
            shutil.copytree(data / "log", tmp_path / "copy", ignore=shutil.ignore_patterns("key", "lock", "witnessed"))
        )

    return made


def test_she_finds_her_leaves_and_later_her_withdrawal(beholden: Command, data: Path, keys: Path, copy) -> None:
    """Also after her key is gone here: then nobody else can find them."""
    before = beholden("log", "mine", copy(), "--keys", keys, "--json").rows
    assert len(before) >= 3
    beholden("withdraw", "Ada", "--yes", "--data", data)
    after = beholden("log", "mine", copy(), "--keys", keys)
    assert len(after.out.splitlines()) == len(before) + 2
    assert "are about you, by your keys of 20" in after.out


def test_the_log_of_the_data_folder_is_looked_at_where_no_other_is_named(
    beholden: Command, data: Path, keys: Path, copy
) -> None:
    """As with other commands: -d, --data."""
    assert (
        beholden("log", "mine", "--keys", keys, "-d", data).out == beholden("log", "mine", copy(), "--keys", keys).out
    )
    said = beholden("log", "verify", "--data", data)
    assert (said.code, said.out) == (0, beholden("log", "verify", data).out)
    assert "This key came from the same folder" in said.out
    assert beholden("log", "verify", "--data", data.parent / "none").code == 3


def test_the_file_is_hers_alone(keys: Path) -> None:
    """No other account reads it; it says which log it is for."""
    assert keys.stat().st_mode & 0o077 == 0
    values = json.loads(keys.read_text())
    assert values["format"] == "beholden-log-keys/1"
    assert len(values["months"]) == 13
    assert all(len(key) == 64 for key in values["months"].values())


def test_a_changed_copy_is_not_searched(beholden: Command, keys: Path, copy) -> None:
    """What is left out of it would not be missed."""
    folder = copy()
    bundle = next(path for path in (folder / "tile" / "entries").rglob("*") if path.is_file())
    data = bytearray(bundle.read_bytes())
    data[-1] ^= 1
    bundle.write_bytes(data)
    said = beholden("log", "mine", folder, "--keys", keys)
    assert said.code == 9


@pytest.mark.parametrize(
    "spoil",
    [
        lambda values: values | {"format": "something"},
        lambda values: values | {"months": {}},
        lambda values: values | {"months": {"2026-13": "00" * 32}},
        lambda values: values | {"months": {"2026-11": "00"}},
        lambda values: values | {"key": "no key"},
        lambda values: [],
    ],
)
def test_what_is_no_file_of_keys_is_refused(beholden: Command, keys: Path, copy, spoil) -> None:
    """Exit code 3, and why."""
    keys.write_text(json.dumps(spoil(json.loads(keys.read_text()))))
    said = beholden("log", "mine", copy(), "--keys", keys)
    assert said.code == 3
    assert str(keys) in said.complaint


def test_keys_are_written_over_nothing_and_for_nobody_unknown(
    beholden: Command, data: Path, keys: Path, tmp_path: Path
) -> None:
    """And a month is a month."""
    before = keys.read_text()
    assert beholden("log", "keys", "Ada", keys, "--data", data).code == 3
    assert keys.read_text() == before
    assert beholden("log", "keys", "Zoe", tmp_path / "zoe", "--data", data).code == 5
    assert beholden("log", "keys", "Ada", tmp_path / "new", "--from", "2026", "--data", data).code == 2
    assert not (tmp_path / "zoe").exists()
    assert not (tmp_path / "new").exists()
