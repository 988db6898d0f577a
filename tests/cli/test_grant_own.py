"""grant receipt and grant export: files that only their person can read, and a check that needs no folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command, tree


@pytest.fixture
def keys(beholden: Command, data: Path, tmp_path: Path) -> Path:
    assert beholden("log", "keys", "Ada", tmp_path / "ada.keys", "--data", data).code == 0
    return tmp_path / "ada.keys"


@pytest.fixture
def key(beholden: Command, data: Path, tmp_path: Path) -> Path:
    """The log's public key, as an outsider has it."""
    (tmp_path / "town.key").write_text(beholden("log", "key", "--data", data).out)
    return tmp_path / "town.key"


def test_a_receipt_by_her_keys_is_checked_without_the_folder(
    beholden: Command, data: Path, keys: Path, key: Path, tmp_path: Path
) -> None:
    """And told in words; a changed byte proves nothing."""
    out = tmp_path / "receipts"
    [row] = beholden("grant", "receipt", "give", "--keys", keys, "--out", out, "--data", data, "--json").rows
    file = Path(str(row["file"]))
    assert file.stat().st_mode & 0o077 == 0
    data.rename(tmp_path / "elsewhere")
    said = beholden("grant", "receipt", "verify", file, "--key", key)
    assert said.code == 0, said.err
    assert "for entrance:" in said.out
    assert "where: lobby" in said.out
    assert "given, until" in said.out
    file.write_bytes(file.read_bytes().replace(b"lobby", b"gate1"))
    said = beholden("grant", "receipt", "verify", file, "--key", key)
    assert said.code == 3
    assert "proves nothing" in said.complaint


def test_an_export_is_two_files_of_hers_and_never_written_over(
    beholden: Command, data: Path, keys: Path, tmp_path: Path
) -> None:
    """For programs and for people."""
    out = tmp_path / "about-me"
    said = beholden("grant", "export", "--keys", keys, "--out", out, "--data", data)
    assert said.code == 0, said.err
    assert out.stat().st_mode & 0o077 == 0
    assert {each.name: each.stat().st_mode & 0o077 for each in out.iterdir()} == {"held.json": 0, "held.html": 0}
    told = json.loads((out / "held.json").read_text())
    assert told["grants"][0]["purpose"] == "entrance"
    assert "What is held about you" in (out / "held.html").read_text()
    before = tree(out), tree(data)
    assert beholden("grant", "export", "Ada", "--out", out, "--data", data).code == 3
    assert (tree(out), tree(data)) == before
    assert beholden("grant", "export", "Ada", "--out", tmp_path / "again", "--data", data).code == 0


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda values: values | {"months": dict.fromkeys(values["months"], "00" * 32)}, 5),
        (lambda values: values | {"subject": "s_00000000000000000000"}, 5),
        (lambda values: {name: value for name, value in values.items() if name != "subject"}, 3),
        (lambda values: values | {"months": {"2020-01": "00" * 32}}, 3),
    ],
)
def test_other_keys_open_nothing(beholden: Command, data: Path, keys: Path, tmp_path: Path, spoil, code) -> None:
    """No folder is made either."""
    keys.write_text(json.dumps(spoil(json.loads(keys.read_text()))))
    out = tmp_path / "about-me"
    said = beholden("grant", "export", "--keys", keys, "--out", out, "--data", data)
    assert (said.code, out.exists()) == (code, False)
    assert said.complaint


def test_who_asks_is_said_in_one_way(beholden: Command, data: Path, keys: Path, tmp_path: Path) -> None:
    """By keys, or by name."""
    for about in ([], ["Ada", "--keys", keys]):
        assert beholden("grant", "export", *about, "--out", tmp_path / "x", "--data", data).code == 2
    assert beholden("grant", "receipt", "give", "Zoe", "--out", tmp_path / "x", "--data", data).code == 5
    assert not (tmp_path / "x").exists()


def test_a_last_receipt_comes_with_the_withdrawal(beholden: Command, data: Path, key: Path, tmp_path: Path) -> None:
    """It says withdrawn."""
    file = tmp_path / "last.json"
    said = beholden("grant", "withdraw", "Ada", "--yes", "--receipt", file, "--data", data)
    assert said.code == 0, said.err
    told = beholden("grant", "receipt", "verify", file, "--key", key)
    assert told.code == 0, told.err
    assert "withdrawn (leaf" in told.out


def test_a_history_is_turned_on_shown_and_turned_off(beholden: Command, data: Path, keys: Path, tmp_path: Path) -> None:
    """By her keys; the key that opens it stays with her."""
    own = tmp_path / "ada.history"
    public = beholden("grant", "history", "key", own).out.strip()
    assert own.stat().st_mode & 0o077 == 0
    mine = ("--keys", keys, "--data", data)
    assert beholden("grant", "history", "on", "--public", "zz", *mine).code == 3
    assert beholden("grant", "history", "on", "--public", public, "--days", 7, *mine).code == 0
    assert "0 lines. The history is on, for 7 days." in beholden("grant", "history", "show", "--key", own, *mine).out
    assert beholden("grant", "history", "show", "--key", keys, *mine).code == 3
    assert beholden("grant", "history", "off", *mine).code == 0
    assert "The history is off." in beholden("grant", "history", "show", "--key", own, *mine).out


def test_a_receipt_says_who_answers_as_settings_say(beholden: Command, data: Path, key: Path, tmp_path: Path) -> None:
    """Where that is not set, none is given, and the setting is named."""
    settings, give = data / "beholden.toml", ("grant", "receipt", "give", "Ada", "--data", data, "--out")
    who = '\n[controller]\nname = "Vale House"\ncontact = "desk@example.org"\nauthority = "the authority"\n'
    before = settings.read_text()
    settings.write_text(before + who)
    said = beholden(*give, tmp_path / "none")
    assert said.code == 5
    assert "controller.address and controller.jurisdiction" in said.complaint
    settings.write_text(before + who + 'address = "1 Vale Street"\njurisdiction = "US-IL"\ngdpr = false\n')
    said = beholden(*give, tmp_path / "one", "--json")
    assert said.code == 0, said.err
    [row] = said.rows
    told = beholden("grant", "receipt", "verify", str(row["file"]), "--key", key)
    assert "who answers: Vale House, 1 Vale Street" in told.out
    receipt = json.loads(Path(str(row["file"])).read_text())["dpv:hasRecordOfActivity"]
    assert (receipt["dpv:hasJurisdiction"], "dpv:hasApplicableLaw" in receipt) == ("loc:US-IL", False)
