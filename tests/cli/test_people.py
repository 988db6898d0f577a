"""init, invite, enrol, people, grant, withdraw: as transcripts."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Command, tree


def test_init_creates_a_private_rehearsal_with_its_places(beholden: Command, tmp_path: Path) -> None:
    """The folder is the owner's alone, its settings can be read back, and the next step is said."""
    data = tmp_path / "town"
    said = beholden("init", "--data", data, "--rehearsal", "--place", "lobby", "--place", "garden:care")
    assert said.code == 0
    assert "Created" in said.out
    assert "beholden enrol" in said.out
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "beholden.toml").stat().st_mode) == 0o600
    assert "2 places" in beholden("doctor", "--data", data).out


def test_a_place_may_serve_two_purposes(beholden: Command, tmp_path: Path) -> None:
    """The same place named twice is one place with both purposes."""
    data = tmp_path / "town"
    assert beholden("init", "--data", data, "--place", "garden:care", "--place", "garden:entrance").code == 0
    assert 'purposes = ["care", "entrance"]' in (data / "beholden.toml").read_text()
    assert "1 place" in beholden("doctor", "--data", data).out


@pytest.mark.parametrize("place", ["Lobby", "a b", "lobby:spying", "x]\n[recognition", ""])
def test_init_refuses_an_impossible_place_and_creates_nothing(beholden: Command, tmp_path: Path, place: str) -> None:
    """A wrong place is a usage error before anything is made."""
    said = beholden("init", "--data", tmp_path / "town", "--place", place)
    assert said.code == 2
    assert "--place" in said.complaint
    assert tree(tmp_path) == set()


def test_init_refuses_what_is_there(beholden: Command, rehearsal: Path) -> None:
    """A folder is never created over another."""
    before = tree(rehearsal)
    said = beholden("init", "--data", rehearsal)
    assert said.code == 6
    assert "never converted" in said.complaint
    assert tree(rehearsal) == before


def test_init_needs_the_folder_above(beholden: Command, tmp_path: Path) -> None:
    """A typing error in the path does not make a tree of folders."""
    said = beholden("init", "--data", tmp_path / "no" / "where")
    assert said.code == 6
    assert "Create it first" in said.complaint


def test_a_live_folder_takes_invitations_and_no_photos(beholden: Command, tmp_path: Path, portrait: Path) -> None:
    """Outside a rehearsal nobody is enrolled by somebody else."""
    data = tmp_path / "live"
    assert "beholden invite" in beholden("init", "--data", data, "--place", "lobby").out
    invited = beholden("invite", "Ada", "--purpose", "entrance", "--data", data, "--json")
    assert invited.rows[0]["purposes"] == ["entrance"]
    assert "REHEARSAL" not in invited.err
    said = beholden("enrol", "Ada", portrait, "-p", "entrance", "--place", "lobby", "--data", data)
    assert said.code == 5
    assert "rehearsal" in said.complaint
    assert "invited" in beholden("people", "--data", data).out


def test_naming_is_off_at_a_new_live_place(beholden: Command, tmp_path: Path) -> None:
    """A live place names nobody until somebody sets how it captures."""
    data = tmp_path / "live"
    beholden("init", "--data", data, "--place", "lobby")
    assert "\ncapture" not in (data / "beholden.toml").read_text()


def test_somebody_invited_is_enrolled_under_their_name(beholden: Command, rehearsal: Path, ada: list[Path]) -> None:
    """An invitation followed by the photos is one person."""
    beholden("invite", "Ada", "--purpose", "entrance", "--data", rehearsal)
    said = beholden("enrol", "ada", *ada[:2], "-p", "entrance", "--place", "lobby", "--data", rehearsal)
    assert said.code == 0
    assert len(beholden("people", "--data", rehearsal, "--json").rows) == 1


def test_enrol_says_what_was_agreed(beholden: Command, rehearsal: Path, ada: list[Path]) -> None:
    """Name, photos, purposes, places and the last day are in the answer."""
    said = beholden(
        *("enrol", "Ada", *ada, "-p", "entrance", "-p", "photos", "--place", "lobby", "--days", "30"),
        *("--recordings", "--data", rehearsal, "--json"),
    )
    assert said.code == 0
    assert said.rows[0]["shots"] == len(ada)
    shown = beholden("grant", "show", "Ada", "--data", rehearsal, "--json").rows
    assert {row["purpose"]: row["places"] for row in shown} == {"entrance": ["lobby"], "photos": []}
    assert all(row["holds"] and row["recordings"] for row in shown)


def test_a_guardian_agrees_for_a_dependent(beholden: Command, tmp_path: Path, ada: list[Path]) -> None:
    """The grant says who gave it, and entrance is refused to guardians."""
    data = tmp_path / "town"
    beholden("init", "--data", data, "--rehearsal", "--place", "garden:care")
    common = ("--place", "garden", "--guardian", "Eli's mother", "--data", data)
    refused = beholden("enrol", "Eli", *ada[:2], "-p", "entrance", *common)
    assert refused.code == 5
    assert "guardian" in refused.complaint
    assert beholden("enrol", "Eli", *ada[:2], "-p", "care", *common).code == 0
    assert "Eli's mother, as guardian" in beholden("grant", "show", "Eli", "--data", data).out


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (("-p", "entrance"), 5),
        (("-p", "entrance", "--place", "nowhere"), 2),
        (("-p", "entrance", "--place", "lobby", "--days", "400"), 5),
        (("-p", "entrance", "--place", "lobby", "--days", "0"), 2),
        (("-p", "entrance", "--place", "lobby", "--from", "tomorrow"), 2),
        (("-p", "entrance", "--place", "lobby", "--from", "9999-12-31"), 2),
        (("-p", "spying", "--place", "lobby"), 2),
        ((), 2),
    ],
)
def test_enrol_refuses_a_wish_that_cannot_be(
    beholden: Command, rehearsal: Path, ada: list[Path], wrong: tuple[str, ...], code: int
) -> None:
    """A missing place, an unknown one, too long, no time at all: one line each, and nobody is enrolled."""
    said = beholden("enrol", "Ada", *ada[:2], *wrong, "--data", rehearsal)
    assert said.code == code
    assert said.complaint
    assert "Nobody yet" in beholden("people", "--data", rehearsal).out


@pytest.mark.parametrize("name", ["", "a\x1b[31m", "x" * 101, "\udcff"])
def test_a_name_is_readable_text(beholden: Command, rehearsal: Path, ada: list[Path], name: str) -> None:
    """Control characters, bytes that are no text, nothing at all and very long names are refused."""
    said = beholden("invite", name, "--purpose", "entrance", "--data", rehearsal)
    assert said.code == 5
    assert "printable" in said.complaint


def test_nobody_enrols_twice(beholden: Command, data: Path, ada: list[Path]) -> None:
    """The name is taken, in any case of letters, and the person there stays."""
    said = beholden("enrol", "ADA", *ada[:2], "-p", "entrance", "--place", "lobby", "--data", data)
    assert said.code == 5
    assert "already" in said.complaint
    assert len(beholden("people", "--data", data, "--json").rows) == 1


def test_people_is_never_wrapped(beholden: Command, rehearsal: Path) -> None:
    """A long name keeps its line: ids can be searched and pasted."""
    long = "Ada " * 20
    beholden("invite", long, "--purpose", "photos", "--data", rehearsal)
    lines = beholden("people", "--data", rehearsal).out.splitlines()
    assert len(lines) == 2
    assert long.strip() in lines[1]
    assert " s_" in lines[1]


def test_pause_and_resume(beholden: Command, data: Path) -> None:
    """A paused grant does not hold until it is resumed, and showing it says so."""
    assert beholden("grant", "pause", "Ada", "--data", data).out == "Paused 1 grant.\n"
    assert "does not hold" in beholden("grant", "show", "Ada", "--data", data).out
    assert "none" in beholden("people", "--data", data).out
    assert len(beholden("grant", "resume", "Ada", "--data", data, "--json").rows[0]["resumed"]) == 1  # type: ignore[arg-type]
    assert "holds now" in beholden("grant", "show", "Ada", "--data", data).out


@pytest.mark.parametrize("command", [("grant", "show"), ("grant", "pause"), ("grant", "resume"), ("withdraw", "-y")])
def test_nobody_of_that_name(beholden: Command, data: Path, command: tuple[str, ...]) -> None:
    """A name that is not here is said, with where to look."""
    said = beholden(*command, "Zoe", "--data", data)
    assert said.code == 5
    assert "beholden people" in said.complaint


def test_withdraw_asks_first(beholden: Command, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a yes nothing happens."""
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    said = beholden("withdraw", "Ada", "--data", data)
    assert said.code == 1
    assert "Destroy everything that recognises Ada?" in said.err
    assert "nothing was done" in said.err
    assert "enrolled" in beholden("people", "--data", data).out


def test_withdrawal_is_for_good(beholden: Command, data: Path) -> None:
    """The name is gone; a second withdrawal by id says that there is nothing left; the name is free again."""
    subject = beholden("people", "--data", data, "--json").rows[0]["subject"]
    assert "forgotten" in beholden("withdraw", "Ada", "--yes", "--data", data).out
    assert beholden("withdraw", "Ada", "--yes", "--data", data).code == 5
    again = beholden("withdraw", subject, "--data", data)
    assert again.code == 0
    assert "before" in again.out
    row = beholden("people", "--data", data, "--json").rows[0]
    assert (row["name"], row["state"]) == (None, "withdrawn")
    assert "g_" in beholden("grant", "show", subject, "--data", data).out
    assert beholden("invite", "Ada", "--purpose", "photos", "--data", data).code == 0


def test_a_receipt_of_a_withdrawal_verifies_with_the_logs_key_alone(
    beholden: Command, data: Path, tmp_path: Path
) -> None:
    """At once, or later by the id; a file that is there is not written over, and nothing was destroyed for it."""
    first, later = tmp_path / "first.json", tmp_path / "later.json"
    first.write_text("mine")
    assert beholden("withdraw", "Ada", "--yes", "--receipt", first, "--data", data).code == 3
    assert beholden("people", "--data", data, "--json").rows[0]["state"] == "enrolled"
    first.unlink()
    subject = str(beholden("people", "--data", data, "--json").rows[0]["subject"])
    assert beholden("withdraw", "Ada", "--yes", "--receipt", first, "--data", data).code == 0
    assert beholden("withdraw", subject, "--receipt", later, "--data", data).code == 0
    key = beholden("log", "key", "--data", data).out.strip()
    for receipt in (first, later):
        assert receipt.stat().st_mode & 0o077 == 0
        said = beholden("log", "receipt", "verify", receipt, "--key", key)
        assert "withdrawn" in said.out
        assert "data key: in both copies of the keystore" in said.out
    first.write_text(first.read_text().replace("withdrawn", "withdrawm"))
    assert beholden("log", "receipt", "verify", first, "--key", key).code == 3


def test_pausing_after_withdrawal_changes_nothing(beholden: Command, data: Path) -> None:
    """A withdrawn grant can be neither paused nor resumed."""
    subject = beholden("people", "--data", data, "--json").rows[0]["subject"]
    beholden("withdraw", "Ada", "--yes", "--data", data)
    for act in ("pause", "resume"):
        beholden("grant", act, subject, "--data", data)
        assert not any(row["holds"] for row in beholden("grant", "show", subject, "--data", data, "--json").rows)
