"""watch: who is named, where, when, and what is written."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import pytest

from tests.cli.conftest import Command, Said, tree

AT_LOBBY = ("--place", "lobby")


def named(said: Said) -> set[object]:
    """Everyone who was named in the rows of `--json`."""
    return {row["who"] for row in said.rows} - {None}


def test_who_agreed_is_named_and_who_did_not_is_unknown(beholden: Command, data: Path, clip: Path) -> None:
    """Ada by name, the stranger as unknown; time, source and reason stand on every line."""
    said = beholden("watch", clip, *AT_LOBBY, "--data", data)
    assert said.code == 0
    lines = said.out.splitlines()
    assert all(re.match(r"\d:\d\d:\d\d\.\d  passage\.mp4  face \d+  \S[^:]*: \S", line) for line in lines)
    assert any("  Ada: several good shots agree" in line for line in lines)
    assert any("  unknown: nobody who may be recognised here" in line for line in lines)
    assert "REHEARSAL" in said.err
    assert "2 faces followed" in said.err


def test_json_tells_the_same_for_machines(beholden: Command, data: Path, clip: Path) -> None:
    """Every row parses and has a time with its zone; no score and no template is in any of them."""
    rows = beholden("watch", clip, *AT_LOBBY, "--data", data, "--json", "--camera", "door").rows
    assert {row["answer"] for row in rows} >= {"known", "unknown"}
    assert {row["camera"] for row in rows} == {"door"}
    assert {row["place"] for row in rows} == {"lobby"}
    assert all(datetime.fromisoformat(str(row["at"])).utcoffset() is not None for row in rows)
    assert not any(isinstance(value, float) for row in rows for key, value in row.items() if key != "offset_s")


def test_explain_prints_the_reasons(beholden: Command, data: Path, clip: Path) -> None:
    """What a name was held to, and how each track ended."""
    said = beholden("watch", clip, *AT_LOBBY, "--data", data, "--explain").out
    assert "at most 0.01 of strangers' tracks may be named" in said
    assert "Ada (gone)" in said


def test_an_alert_is_answered_by_the_id_that_came_with_it(beholden: Command, data: Path, clip: Path) -> None:
    """Machines and whoever asks for reasons are told it; strangers have none."""
    rows = beholden("watch", clip, *AT_LOBBY, "--data", data, "--json").rows
    [alert] = {row["sighting"] for row in rows if row["who"] == "Ada"}
    assert {row["sighting"] for row in rows if row["who"] is None} == {None}
    assert f"; sighting {alert}\n" in beholden("watch", clip, *AT_LOBBY, "--data", data, "--explain").out
    assert beholden("answer", str(alert), "right", "--data", data).out == "Noted: right.\n"


def test_explain_says_when_nobody_was_compared(beholden: Command, data: Path, clip: Path) -> None:
    """At the gate there is nobody whom anybody could be."""
    said = beholden("watch", clip, "--place", "gate", "--data", data, "--explain").out
    assert "no comparison was made" in said
    assert "strangers' tracks may be named" not in said


def test_nobody_is_named_at_another_place(beholden: Command, data: Path, clip: Path) -> None:
    """Ada agreed to the lobby, not to the gate."""
    said = beholden("watch", clip, "--place", "gate", "--data", data, "--json")
    assert said.rows
    assert named(said) == set()


def test_a_file_without_a_place_matches_no_camera_grant(beholden: Command, data: Path, clip: Path) -> None:
    """A file is a file; what would help is said."""
    assert named(beholden("watch", clip, "--data", data, "--json")) == set()
    assert "--place NAME" in beholden("watch", clip, "--data", data).err


@pytest.mark.parametrize("agreed", [("-p", "photos"), ("-p", "entrance", "--place", "lobby", "--recordings")])
def test_a_file_matches_who_agreed_to_files(
    beholden: Command, rehearsal: Path, ada: list[Path], clip: Path, agreed: tuple[str, ...]
) -> None:
    """Grants for photos, and those with the recordings box, count in files."""
    assert beholden("enrol", "Ada", *ada, *agreed, "--data", rehearsal).code == 0
    assert named(beholden("watch", clip, "--data", rehearsal, "--json")) == {"Ada"}


@pytest.mark.parametrize("days", [-1, 400])
def test_nobody_is_named_before_the_grant_or_after_it(beholden: Command, data: Path, clip: Path, days: int) -> None:
    """A day before it began, and a day after it ended."""
    moment = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    assert named(beholden("watch", clip, *AT_LOBBY, "--at", moment, "--data", data, "--json")) == set()


def test_a_paused_grant_names_nobody_until_it_is_resumed(beholden: Command, data: Path, clip: Path) -> None:
    """Pause, watch, resume, watch."""
    beholden("grant", "pause", "Ada", "--data", data)
    assert named(beholden("watch", clip, *AT_LOBBY, "--data", data, "--json")) == set()
    beholden("grant", "resume", "Ada", "--data", data)
    assert named(beholden("watch", clip, *AT_LOBBY, "--data", data, "--json")) == {"Ada"}


def test_a_withdrawn_person_is_not_named_again(beholden: Command, data: Path, clip: Path) -> None:
    """From the withdrawal on she is a stranger."""
    assert named(beholden("watch", clip, *AT_LOBBY, "--data", data, "--json")) == {"Ada"}
    beholden("withdraw", "Ada", "--yes", "--data", data)
    assert named(beholden("watch", clip, *AT_LOBBY, "--data", data, "--json")) == set()


def test_a_live_folder_plays_no_cameras(beholden: Command, tmp_path: Path, clip: Path) -> None:
    """Outside a rehearsal a file has no place; it is watched without one."""
    live = tmp_path / "live"
    beholden("init", "--data", live, "--place", "lobby")
    said = beholden("watch", clip, *AT_LOBBY, "--data", live)
    assert said.code == 5
    assert "--rehearsal" in said.complaint
    assert beholden("watch", clip, "--data", live).code == 0


def test_save_writes_a_covered_video(beholden: Command, data: Path, clip: Path, tmp_path: Path) -> None:
    """The file plays, and its faces are solid: each small part of a face has one colour."""
    target = tmp_path / "covered.mp4"
    said = beholden("watch", clip, *AT_LOBBY, "--save", target, "--data", data)
    assert said.code == 0
    assert str(target) in said.err
    assert ada_spread(target) < 2
    assert ada_spread(clip) > 10


def test_a_rehearsals_recording_says_so(beholden: Command, data: Path, clip: Path, tmp_path: Path) -> None:
    """A word stands in the lower left corner of what is saved; in a live folder's recording there is none."""
    live = tmp_path / "live"
    beholden("init", "--data", live, "--place", "lobby")
    corners = []
    for folder in (data, live):
        target = tmp_path / f"{folder.name}.mp4"
        assert beholden("watch", clip, "--save", target, "--data", folder).code == 0
        with av.open(str(target)) as film:
            corners.append(next(film.decode(video=0)).to_ndarray(format="gray")[-30:, :120])
    assert corners[0].max() > 200
    assert corners[1].max() < 200


def ada_spread(path: Path) -> float:
    """How much the grey values vary where Ada's face is, shortly after the beginning."""
    with av.open(str(path)) as film:
        frame = next(frame for frame in film.decode(video=0) if frame.time >= 0.4).to_ndarray(format="gray")
    height, width = frame.shape
    return float(frame[int(height * 0.385) : int(height * 0.415), int(width * 0.24) : int(width * 0.28)].std())


def test_saving_several_sources_makes_a_folder(beholden: Command, data: Path, clip: Path, tmp_path: Path) -> None:
    """A file per source, none over another."""
    out = tmp_path / "covered"
    assert beholden("watch", clip, clip, "--save", out, "--data", data, "--json").code == 0
    assert tree(out) == {"passage.covered.mp4", "passage.2.covered.mp4"}


def test_saving_writes_over_nothing(beholden: Command, data: Path, clip: Path, tmp_path: Path) -> None:
    """An older file stays unless --force says otherwise, a source always."""
    mine = tmp_path / "mine.mp4"
    shutil.copy(clip, mine)
    refused = beholden("watch", clip, "--save", mine, "--data", data)
    assert refused.code == 3
    assert "--force" in refused.complaint
    assert beholden("watch", mine, "--save", mine, "--force", "--data", data).code == 3
    assert mine.read_bytes() == clip.read_bytes()
    assert beholden("watch", clip, "--save", mine, "--force", "--data", data).code == 0
    assert mine.read_bytes() != clip.read_bytes()


def test_several_sources_need_a_folder(beholden: Command, data: Path, clip: Path, tmp_path: Path) -> None:
    """One name for two videos is a slip."""
    said = beholden("watch", clip, clip, "--save", tmp_path / "one.mp4", "--data", data)
    assert said.code == 3
    assert "folder" in said.complaint


def test_a_folder_of_photos_is_watched_and_what_cannot_be_read_is_told(
    beholden: Command, data: Path, portrait: Path, tmp_path: Path
) -> None:
    """The good photo is looked at; the bad one is named, and the exit code says so."""
    folder = tmp_path / "photos"
    folder.mkdir()
    shutil.copy(portrait, folder / "a.jpg")
    (folder / "b.jpg").write_bytes(b"\xff\xd8\xffnot much of a photo")
    said = beholden("watch", folder, "--data", data, "--json")
    assert said.code == 3
    assert "b.jpg" in said.complaint
    assert len(said.rows) >= 1


def test_one_bad_source_does_not_cost_the_others(beholden: Command, data: Path, clip: Path, tmp_path: Path) -> None:
    """The missing one is named; the other is watched and saved."""
    out = tmp_path / "out"
    said = beholden("watch", tmp_path / "gone.mp4", clip, *AT_LOBBY, "--save", out, "--data", data, "--json")
    assert said.code == 3
    assert "gone.mp4" in said.complaint
    assert named(said) == {"Ada"}
    assert tree(out) == {"passage.covered.mp4"}


def test_what_came_before_a_break_is_kept(beholden: Command, data: Path, clip: Path, tmp_path: Path) -> None:
    """A recording that was cut off is watched and covered up to the cut, and the cut is told."""
    whole, cut, saved = tmp_path / "whole.mkv", tmp_path / "cut.mkv", tmp_path / "saved.mp4"
    assert beholden("watch", clip, "--save", whole, "--data", data).code == 0
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 7 // 10])
    said = beholden("watch", cut, "--save", saved, "--data", data, "--json")
    assert said.code == 3
    assert "before the cut" in said.complaint
    assert saved.exists()


def test_streams_are_refused_in_a_sentence(beholden: Command, data: Path) -> None:
    """An address is not mistaken for a missing file."""
    said = beholden("watch", "rtsp://camera/1", "--data", data)
    assert said.code == 3
    assert "beholden camera add" in said.complaint
