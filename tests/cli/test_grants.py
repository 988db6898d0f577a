"""invite, grant, notice, time: the life of a grant as transcripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command


@pytest.fixture
def live(beholden: Command, tmp_path: Path) -> Path:
    """A live folder with a lobby."""
    made = tmp_path / "live"
    assert beholden("init", "--data", made, "--place", "lobby").code == 0
    return made


def test_an_invitation_gives_a_token_once(beholden: Command, live: Path) -> None:
    """It is nowhere in the folder, and no list shows it."""
    said = beholden("invite", "Ada", "-p", "entrance", "--data", live, "--json")
    [row] = said.rows
    assert (row["name"], row["places"], len(str(row["token"]))) == ("Ada", ["lobby"], 43)
    token = str(row["token"]).encode()
    assert not any(token in path.read_bytes() for path in live.rglob("*") if path.is_file())
    listed = beholden("invite", "list", "--data", live)
    assert ("Ada" in listed.out, str(row["subject"]) in listed.out) == (False, True)
    assert "works until" in listed.out
    assert str(row["token"]) not in listed.out


def test_the_word_person_may_be_said(beholden: Command, rehearsal: Path) -> None:
    """For whoever is called like a command."""
    assert beholden("invite", "person", "list", "-p", "entrance", "--data", rehearsal).code == 0
    assert beholden("invite", "list", "--data", rehearsal, "--json").rows[0]["name"] == "list"
    assert beholden("people", "--data", rehearsal, "--json").rows[0]["name"] == "list"


def test_an_invitation_can_be_taken_back(beholden: Command, live: Path) -> None:
    """Once."""
    [ada] = beholden("invite", "Ada", "-p", "entrance", "--data", live, "--json").rows
    by_name = beholden("invite", "revoke", "Ada", "--data", live)
    assert (by_name.code, "Give their subject id" in by_name.complaint) == (5, True)
    assert beholden("invite", "revoke", ada["subject"], "--data", live, "--json").rows == [{"revoked": 1}]
    assert "taken back" in str(beholden("invite", "list", "--data", live, "--json").rows[0]["closed"])
    assert "0 links" in beholden("invite", "revoke", ada["subject"], "--data", live).out


def test_a_file_invites_everybody_or_nobody(beholden: Command, live: Path, tmp_path: Path) -> None:
    """Every wrong row is told."""
    file = tmp_path / "people.csv"
    file.write_text("name,purposes,places\nAda,entrance,lobby\nBen,spying,lobby\n=Cid,entrance,lobby\n")
    said = beholden("invite", "--csv", file, "--data", live)
    assert said.code == 5
    assert "line 3" in said.complaint
    assert "line 4" in said.complaint
    assert "Nobody yet" in beholden("people", "--data", live).out
    file.write_text("name,purposes,places\nAda,entrance,lobby\nBen,entrance;photos,lobby\n")
    rows = beholden("invite", "--csv", file, "--data", live, "--json").rows
    assert [row["name"] for row in rows] == ["Ada", "Ben"]
    assert len({row["token"] for row in rows}) == 2


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ((), 2),
        (("Ada",), 2),
        (("Ada", "--csv", "x.csv"), 2),
        (("--csv", "nowhere.csv"), 3),
        (("--csv", "nowhere.csv", "-p", "entrance"), 2),
        (("Ada", "-p", "entrance", "--place", "nowhere"), 2),
        (("Ada", "-p", "care", "--place", "lobby"), 5),
    ],
)
def test_an_invitation_that_cannot_be_is_refused(
    beholden: Command, live: Path, wrong: tuple[str, ...], code: int
) -> None:
    """One line each, and nobody is invited."""
    assert beholden("invite", *wrong, "--data", live).code == code
    assert "Nobody yet" in beholden("people", "--data", live).out


def test_a_notice_says_who_answers_or_is_not_made(beholden: Command, live: Path) -> None:
    """As the settings say it."""
    said = beholden("notice", "show", "-p", "entrance", "--data", live)
    assert (said.code, "controller" in said.complaint) == (5, True)
    with (live / "beholden.toml").open("a") as settings:
        settings.write('\n[controller]\nname = "Vale House"\ncontact = "desk@example.org"\nauthority = "the office"\n')
    text = beholden("notice", "show", "-p", "entrance", "--data", live).out
    assert "Vale House: desk@example.org." in text
    assert "lobby" in text


def test_a_rehearsal_needs_nobody_who_answers(beholden: Command, rehearsal: Path) -> None:
    """And says that it is one."""
    assert "a rehearsal" in beholden("notice", "show", "-p", "entrance", "--data", rehearsal).out


def test_the_life_of_a_grant_in_a_rehearsal(beholden: Command, data: Path) -> None:
    """Renewed, paused, resumed, corrected, withdrawn: the operator plays the person."""
    [row] = beholden("grant", "show", "Ada", "--data", data, "--json").rows
    assert (row["holds"], row["unnamed"], row["asked_at"], row["over"]) == (True, None, None, None)
    assert len(str(row["notice"])) == 64
    said = beholden("grant", "confirm", "Ada", "--data", data)
    assert (said.code, "nothing was asked" in said.complaint) == (5, True)
    assert beholden("grant", "renew", "Ada", "--days", "40", "--data", data).code == 0
    assert beholden("grant", "pause", "Ada", "--data", data).code == 0
    assert "paused" in beholden("grant", "list", "--data", data).out
    assert "1 grant" in beholden("grant", "resume", "Ada", "--data", data).out
    done = beholden("grant", "correct", "Ada", "--place", "lobby", "--place", "gate", "--data", data, "--json").rows[0]
    rows = {each["grant"]: each for each in beholden("grant", "list", "--data", data, "--json").rows}
    assert rows[done["afresh"]]["places"] == ["gate", "lobby"]
    assert beholden("grant", "withdraw", "Ada", "--grant", done["afresh"], "--yes", "--data", data).code == 0
    assert "withdrawn" in beholden("people", "--data", data).out


def test_changed_rules_are_told_and_asked_about(beholden: Command, data: Path) -> None:
    """Nobody is named until a yes; the reason is there for whoever asks."""
    settings = data / "beholden.toml"
    changed = settings.read_text().replace("[places.lobby]", '[places.lobby]\nhours = "00:00-24:00"')
    settings.write_text(changed)
    [row] = beholden("grant", "show", "Ada", "--data", data, "--json").rows
    assert (row["holds"], "rules changed" in str(row["unnamed"])) == (False, True)
    assert "still yes" in beholden("grant", "show", "Ada", "--data", data).out
    assert beholden("grant", "confirm", "Ada", "--data", data).code == 0
    assert beholden("grant", "show", "Ada", "--data", data, "--json").rows[0]["holds"] is True


def test_why_nobody_is_named_is_explained(beholden: Command, data: Path, clip: Path) -> None:
    """With --explain, before anything else."""
    beholden("grant", "pause", "Ada", "--data", data)
    said = beholden("watch", clip, "--place", "lobby", "--explain", "--data", data)
    assert "not named: Ada" in said.err
    assert "the person paused it" in said.err


def test_in_a_live_folder_nobody_speaks_for_anybody(beholden: Command, live: Path) -> None:
    """The reason is told, and nothing is changed."""
    [row] = beholden("invite", "Ada", "-p", "entrance", "--data", live, "--json").rows
    ada = row["subject"]
    said = beholden("grant", "resume", ada, "--data", live)
    assert (said.code, "only the person" in said.complaint) == (5, True)
    said = beholden("grant", "confirm", ada, "--grant", "g_1", "--data", live)
    assert (said.code, "only the person" in said.complaint) == (5, True)


def test_the_time_is_told_and_can_be_trusted(beholden: Command, rehearsal: Path) -> None:
    """In a new folder there is no doubt."""
    assert "believed" in beholden("time", "show", "--data", rehearsal).out
    assert beholden("time", "trust", "--yes", "--data", rehearsal, "--json").rows[0]["in_doubt"] is False
    assert "ok    time" in beholden("doctor", "--data", rehearsal).out
