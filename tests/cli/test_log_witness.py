"""log witness as a process of its own, and log cosign asking it: an outsider sees the log grow, and nothing else."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import PYTHON, Command

NAME = "witness.example/one"


@pytest.fixture
def witness(data: Path, beholden: Command, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A witness of the data folder's log, started as somebody would start it; what it said first, and its process."""
    key = tmp_path / "town.key"
    key.write_text(beholden("log", "key", "--data", data).out)
    arguments = ["log", "witness", tmp_path / "witness", "--name", NAME, "--log", key, "--port", "0", "--json"]
    process = subprocess.Popen(
        [PYTHON, "-m", "beholden", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err


@pytest.fixture
def watched(witness: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The witness is named by the settings."""
    monkeypatch.setenv("BEHOLDEN_LOG__WITNESSES", f"{witness['witness']} {witness['address']}")
    return witness


def test_a_witness_cosigns_and_who_verifies_sees_it(beholden: Command, data: Path, watched: dict[str, str]) -> None:
    """UNWITNESSED before, witnessed after; what was written since is said to be unseen."""
    before = beholden("log", "verify", data, "--witness", watched["witness"])
    assert "UNWITNESSED" in before.out
    asked = beholden("log", "cosign", "--data", data)
    assert asked.out.startswith("1 of 1 witnesses cosigned the head of ")
    assert f"{NAME} at 20" in beholden("log", "verify", data, "--witness", watched["witness"]).out
    beholden("withdraw", "Ada", "--yes", "--data", data)
    assert NAME in beholden("log", "verify", data, "--witness", watched["witness"]).out
    assert beholden("log", "cosign", "--data", data, "--json").rows[0]["signed"] == [NAME]


def test_a_log_that_was_put_back_is_found_out(
    beholden: Command, data: Path, watched: dict[str, str], tmp_path: Path
) -> None:
    """A backup of the whole folder is put back, and something else happens: the witness does not sign that."""
    shutil.copytree(data, tmp_path / "before")
    beholden("withdraw", "Ada", "--yes", "--data", data)
    assert beholden("log", "cosign", "--data", data).code == 0
    shutil.rmtree(data)
    shutil.copytree(tmp_path / "before", data)
    said = beholden("log", "cosign", "--data", data)
    assert said.code == 9
    assert NAME in said.complaint
    assert "put back or forked" in said.complaint


def test_who_is_away_is_told(beholden: Command, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name; it is not the log's fault."""
    key = beholden("log", "key", "--data", data).out.strip()
    from beholden.ledger.cosignature import WitnessKey
    from beholden.ledger.note import parse_verifier

    away = WitnessKey(NAME, parse_verifier(key).public[::-1]).encoded()
    monkeypatch.setenv("BEHOLDEN_LOG__WITNESSES", f"{away} http://127.0.0.1:9")
    said = beholden("log", "cosign", "--data", data)
    assert said.code == 0
    assert said.out.startswith("0 of 1 witnesses cosigned")
    assert f"{NAME}: it cannot be asked" in said.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["log", "witness", "w", "--log", "KEY"], "needs a name"),
        (["log", "witness", "w", "--log", "KEY", "--name", "two words"], "--name"),
        (["log", "witness", "w", "--name", NAME], "watches no log"),
        (["log", "witness", "w", "--name", NAME, "--log", "not-a-key"], "--log"),
        (["log", "cosign", "--data", "DATA"], "name no witness"),
    ],
)
def test_what_cannot_be_a_witness_is_said(
    beholden: Command,
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: str,
) -> None:
    """Settings and options that are missing or wrong: exit code 2."""
    monkeypatch.chdir(tmp_path)
    known = {"DATA": data, "KEY": beholden("log", "key", "--data", data).out.strip()}
    said = beholden(*[known.get(each, each) for each in arguments])
    assert said.code == 2
    assert words in said.complaint
    assert not (tmp_path / "w").exists()


def test_a_setting_that_names_no_witness_is_refused_when_it_is_read(
    beholden: Command, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a minute later, by a keeper that nobody reads."""
    monkeypatch.setenv("BEHOLDEN_LOG__WITNESSES", "witness.example/one https://witness.example/")
    assert beholden("people", "--data", data).code == 2
