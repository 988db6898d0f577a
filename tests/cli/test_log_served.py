"""log verify and log mine of an address: as transcripts, by somebody who has a URL and a public key."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from beholden.ledger.cosignature import cosign, with_line, witness_of
from beholden.ledger.log import FileLog
from beholden.ledger.note import SigningKey
from tests.cli.conftest import Command, child
from tests.ledger.served import answering, served

WITNESS = SigningKey("witness.example/w", bytes(range(32)))
LEAVES = [str(number).encode() * 9 for number in range(300)]
KEY = SigningKey("example.org/town", bytes(32)).verifier.encoded()


@pytest.fixture
def log(tmp_path: Path) -> FileLog:
    made = FileLog.create(tmp_path / "log", "example.org/town")
    made.append(LEAVES[:3])
    (tmp_path / "earlier").write_bytes(made.checkpoint())
    made.append(LEAVES[3:])
    return made


def test_an_outsider_checks_a_served_log(beholden: Command, log: FileLog, tmp_path: Path) -> None:
    """What is said is what is said of its folder."""
    words = ("--key", log.verifier, "--since", tmp_path / "earlier")
    text = log.checkpoint().decode().split("\n\n")[0] + "\n"
    witnessed = with_line(log.checkpoint(), cosign(text, WITNESS, 1795426920))
    with served(tmp_path / "log", {"checkpoint": answering(witnessed)}) as server:
        said = beholden("log", "verify", server.url, *words, "--witness", witness_of(WITNESS).encoded())
    assert (said.code, said.err) == (0, "")
    first, second, *_, last = said.out.splitlines()
    assert first.startswith("example.org/town: 300 leaves, root ")
    assert second == "  300 leaves hashed, 5 tiles compared: as signed"
    assert f"  its first 3 leaves are those of {tmp_path / 'earlier'}" in said.out
    assert "  witnessed by 1 of 1\n" in said.out
    assert last == "    witness.example/w at 2026-11-23T09:42:00+00:00"


def test_the_same_for_machines(beholden: Command, log: FileLog, tmp_path: Path) -> None:
    """One object, that of the folder."""
    words = ("--key", log.verifier, "--json")
    with served(tmp_path / "log") as server:
        [row] = beholden("log", "verify", server.url, *words).rows
    assert row == beholden("log", "verify", tmp_path / "log", *words).rows[0]


def test_a_process_of_its_own_ends_when_the_server_is_wrong(log: FileLog, tmp_path: Path) -> None:
    """Exit code 9 and one line, also while other files are on their way."""
    with served(tmp_path / "log", {"tile/0/000": answering(b"", status=404)}) as server:
        said = child("log", "verify", server.url, "--key", log.verifier)
    assert (said.code, said.out) == (9, "")
    assert f"the log at {server.url} is shorter than its signed head: tile/0/000 is missing" in said.complaint


def test_a_served_log_needs_a_key_from_elsewhere(beholden: Command, log: FileLog, tmp_path: Path) -> None:
    """Also where the whole folder is served, which it must not be."""
    with served(tmp_path / "log") as server:
        said = beholden("log", "verify", server.url)
    assert said.code == 2
    assert "--key is needed" in said.complaint
    assert server.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "https://ada:hunter2@town.example/log",
        "http://ada:hunter2@127.0.0.1/log",
        "https://town.example/log?token=hunter2",
        "ftp://ada:hunter2@town.example/log",
        "https:/ada:hunter2@town.example",
        " https://ada:hunter2@town.example",
        "http://town.example/hunter2",
    ],
)
def test_an_address_that_is_not_taken_is_not_printed(beholden: Command, url: str) -> None:
    """Exit code 3, and how to write it."""
    said = beholden("log", "verify", url, "--key", KEY)
    assert (said.code, said.out) == (3, "")
    assert "hunter2" not in said.err
    assert "the address of the log cannot be used" in said.complaint
    assert "https://town.example/log" in said.complaint


def test_she_finds_her_leaves_in_a_served_log(beholden: Command, data: Path, tmp_path: Path) -> None:
    """Those that she finds in a copy; the whole log is fetched, and nothing more often for being hers."""
    keys = tmp_path / "ada.keys"
    assert beholden("log", "keys", "Ada", keys, "--data", data).code == 0
    copy = shutil.copytree(data / "log", tmp_path / "copy", ignore=shutil.ignore_patterns("key", "lock"))
    with served(copy) as server:
        found = beholden("log", "mine", server.url, "--keys", keys)
    assert found.code == 0
    assert found.out == beholden("log", "mine", copy, "--keys", keys).out
    assert len(found.out.splitlines()) > 3
    bundles = [name for name in server.asked if name.startswith("tile/entries/")]
    assert {bundles.count(name) for name in bundles} == {2}, "the one bundle is partial: hashed, and compared"


def test_a_served_log_that_was_changed_is_not_searched(beholden: Command, data: Path, tmp_path: Path) -> None:
    """Nothing is told of what is not the log."""
    keys = tmp_path / "ada.keys"
    beholden("log", "keys", "Ada", keys, "--data", data)
    copy = shutil.copytree(data / "log", tmp_path / "copy", ignore=shutil.ignore_patterns("key", "lock"))
    bundles = [path for path in (copy / "tile" / "entries").rglob("*") if path.is_file()]
    changed = {path: path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1]) for path in bundles}
    with served(
        copy, {path.relative_to(copy).as_posix(): answering(other) for path, other in changed.items()}
    ) as server:
        said = beholden("log", "mine", server.url, "--keys", keys)
    assert (said.code, said.out) == (9, "")
