"""backup, restore, upgrade: as transcripts."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.conftest import Command


def test_what_was_deleted_after_a_backup_stays_deleted(beholden: Command, data: Path, tmp_path: Path) -> None:
    """Ada is in the backup; she withdraws; the folder is lost; what is put back knows nobody."""
    copy, again = tmp_path / "backup", tmp_path / "again"
    said = beholden("backup", copy, "--data", data)
    assert said.code == 0, said.err
    assert "No key is in it." in said.out
    beholden("withdraw", "Ada", "--yes", "--data", data)
    put_back = beholden("restore", copy, "--keystore", data / "keystore", "--data", again)
    assert put_back.code == 0, put_back.err
    assert "1 person who withdrew since stayed forgotten." in put_back.out
    assert "tell its witnesses" in put_back.out
    [row] = beholden("people", "--data", again, "--json").rows
    assert (row["name"], row["state"]) == (None, "withdrawn")


def test_who_stayed_is_there_again_and_the_log_goes_on(beholden: Command, data: Path, tmp_path: Path) -> None:
    """With the log of the folder that was lost, nothing of what happened since is missing in it."""
    beholden("backup", tmp_path / "backup", "--data", data)
    beholden("grant", "pause", "Ada", "--data", data)
    leaves = beholden("log", "verify", data, "--json").rows[0]["size"]
    arguments = ["--keystore", data / "keystore", "--log-of", data, "--data", tmp_path / "again"]
    put_back = beholden("restore", tmp_path / "backup", *arguments)
    assert put_back.code == 0, put_back.err
    assert "0 people who withdrew" in put_back.out
    assert beholden("people", "--data", tmp_path / "again", "--json").rows[0]["name"] == "Ada"
    assert int(str(beholden("log", "verify", tmp_path / "again", "--json").rows[0]["size"])) > int(str(leaves))


def test_an_upgrade_begins_with_a_backup(beholden: Command, data: Path, tmp_path: Path) -> None:
    """And says where it is."""
    said = beholden("upgrade", "--backup", tmp_path / "before", "--data", data)
    assert said.code == 0, said.err
    assert str(tmp_path / "before") in said.out
    assert (tmp_path / "before" / "manifest.json").is_file()


def test_nothing_is_logged_for_a_backup_that_cannot_be(beholden: Command, data: Path, tmp_path: Path) -> None:
    """A folder that is there; no data folder; no keystore; a changed backup. Each has its exit code."""
    size = beholden("log", "verify", data, "--json").rows[0]["size"]
    (tmp_path / "there").mkdir()
    assert beholden("backup", tmp_path / "there", "--data", data).code == 6
    assert beholden("upgrade", "--backup", tmp_path / "u", "--data", tmp_path / "nothing").code == 6
    assert beholden("log", "verify", data, "--json").rows[0]["size"] == size
    beholden("backup", tmp_path / "backup", "--data", data)
    assert beholden("restore", tmp_path / "backup", "--data", tmp_path / "again").code == 2
    shutil.rmtree(tmp_path / "backup" / "log")
    keys = ["--keystore", data / "keystore"]
    assert beholden("restore", tmp_path / "backup", *keys, "--data", tmp_path / "again").code == 6
    assert beholden("restore", tmp_path / "none", *keys, "--data", tmp_path / "again").code == 6
    assert not (tmp_path / "again").exists()
