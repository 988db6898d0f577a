"""Help, version, usage errors, doctor, threshold, and the flags of demo: what a newcomer meets first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from beholden import __version__
from beholden.cli.app import app
from tests.cli.conftest import Command, tree


def _commands(group: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every command and group."""
    for name, command in getattr(group, "commands", {}).items():
        yield (*path, name)
        yield from _commands(command, (*path, name))


COMMANDS = list(_commands(typer.main.get_command(app)))


def test_the_commands_are_all_there() -> None:
    """What the next test walks over is not empty."""
    assert {" ".join(path) for path in COMMANDS} >= {
        *("init", "invite", "enrol", "people", "withdraw", "watch", "cover", "threshold", "doctor", "demo"),
        *("grant", "grant show", "grant pause", "grant resume", "models", "models add", "answer", "answers"),
        *("evaluate verification", "evaluate identification", "evaluate enrolment"),
        *("evaluate video", "evaluate covering", "calibrate"),
    }


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(beholden: Command, path: tuple[str, ...]) -> None:
    """The example is of this command; options are explained; help is no error and goes to standard output."""
    said = beholden(*path, "--help")
    assert said.code == 0
    assert said.err == ""
    assert f"Example: beholden {path[0]}" in said.out
    assert said.out == beholden(*path, "-h").out


def test_help_names_every_exit_code(beholden: Command) -> None:
    """Those of the error tree, and those of the command line."""
    said = beholden("--help").out
    for code in ("0 done", "1 not as", "2 usage", "3 input", "6", "9 log", "130"):
        assert code in said


def test_nothing_at_all_shows_the_help(beholden: Command) -> None:
    """A bare `beholden`, and a bare group."""
    for arguments in ((), ("grant",)):
        said = beholden(*arguments)
        assert said.code == 2
        assert "Usage:" in said.err


def test_version(beholden: Command) -> None:
    """The package's own."""
    assert beholden("--version").out == f"beholden {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("bogus",),
        ("watch", "--camera", "door"),
        ("cover", "a.jpg"),
        ("people", "--no-such-option"),
        ("threshold", "--gallery", "0"),
        ("threshold", "--gallery", "many"),
        ("threshold", "--fpir", "2"),
        ("models", "add", "x.onnx"),
        ("demo", "--sabotage", "everything"),
    ],
    ids=" ".join,
)
def test_a_slip_is_one_line_that_says_where_to_look(
    beholden: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """Exit code 2, and nothing is made."""
    monkeypatch.chdir(tmp_path)
    said = beholden(*arguments)
    assert said.code == 2
    assert "--help" in said.complaint or "docs/settings.md" in said.complaint
    assert tree(tmp_path) == set()


def test_demo_touches_no_folder_that_is_not_its_own(beholden: Command, tmp_path: Path) -> None:
    """What lies there stays."""
    (tmp_path / "letter.txt").write_text("dear")
    said = beholden("demo", "--out", tmp_path)
    assert said.code == 3
    assert "--out" in said.complaint
    assert tree(tmp_path) == {"letter.txt"}


def test_doctor_is_content_with_a_healthy_folder(beholden: Command, data: Path) -> None:
    """Every check passes, for people and for machines."""
    said = beholden("doctor", "--data", data)
    assert said.code == 0
    assert "FAIL" not in said.out
    assert "rehearsal, 1 person" in said.out
    rows = beholden("doctor", "--data", data, "--json").rows
    assert all(row["ok"] for row in rows)
    assert {"models", "data folder", "disk", "encoder"} <= {row["check"] for row in rows}


def test_doctor_finds_what_is_wrong(beholden: Command, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exposed keystore and a codec that is not there, all in one go, each with what to do."""
    for copy in (data / "keystore").glob("*.json"):
        copy.chmod(0o644)
    monkeypatch.setenv("BEHOLDEN_RECORDING__CODEC", "theora")
    said = beholden("doctor", "--data", data)
    assert said.code == 1
    assert said.out.count("FAIL") >= 2
    assert "recording.codec" in said.out


def test_doctor_without_a_folder_says_how_to_make_one(beholden: Command, tmp_path: Path) -> None:
    """No folder is no fault."""
    said = beholden("doctor", "--data", tmp_path / "none")
    assert said.code == 0
    assert "beholden init" in said.out


def test_threshold_explains_itself(beholden: Command, tmp_path: Path) -> None:
    """Stricter means higher; beyond the data it says so."""
    none = ("--data", tmp_path / "none")
    loose, strict = (beholden("threshold", "--fpir", rate, "--json", *none).rows[0] for rate in ("0.05", "0.001"))
    assert strict["threshold"] > loose["threshold"]  # type: ignore[operator]
    assert strict["extrapolated"] is True
    said = beholden("threshold", "--fpir", "0.001", "--tracks", "500", *none).out
    assert "0.5 false alerts a day" in said
    assert "extrapolated" in said
