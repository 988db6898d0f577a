"""`beholden papers`: made, compared, never written over by accident."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Command, tree


def test_papers_are_made_and_fit_until_something_changes(beholden: Command, rehearsal: Path, tmp_path: Path) -> None:
    """The line that no longer fits is told, and the command ends with 1."""
    out = tmp_path / "papers"
    said = beholden("papers", "--out", out, "--data", rehearsal)
    assert said.code == 0, said.err
    assert "threats.md" in said.out
    assert (out / "sign-lobby.html").is_file()
    assert beholden("papers", "--check", out, "--data", rehearsal).code == 0
    settings = rehearsal / "beholden.toml"
    settings.write_text(settings.read_text() + "\n[recording]\nkeep_days = 2\n")
    said = beholden("papers", "--check", out, "--data", rehearsal)
    assert said.code == 1
    assert '  - "recording.keep_days = 7.0"' in said.out
    assert '  + "recording.keep_days = 2.0"' in said.out
    assert "retention.html" not in said.out
    [row] = beholden("papers", "--check", out, "--data", rehearsal, "--json").rows
    assert row["fits"] is False
    assert beholden("papers", "--out", out, "--force", "--data", rehearsal).code == 0
    assert beholden("papers", "--check", out, "--data", rehearsal).code == 0


def test_papers_are_not_written_over_and_answers_never(beholden: Command, rehearsal: Path, tmp_path: Path) -> None:
    """Not even with --force; papers of a place that is gone go with it."""
    out = tmp_path / "papers"
    beholden("papers", "--out", out, "--data", rehearsal)
    answers = out / "answers.toml"
    text = answers.read_text().replace('"record.transfers" = ""', '"record.transfers" = "to nobody"') + '"slip" = ""\n'
    answers.write_text(text)
    (out / "sign-gone.html").write_text("old")
    (out / "mine.html").write_text("mine")
    before = tree(out)
    said = beholden("papers", "--out", out, "--data", rehearsal)
    assert said.code == 3
    assert "--force" in said.complaint
    assert tree(out) == before
    said = beholden("papers", "--out", out, "--force", "--data", rehearsal)
    assert said.code == 0
    assert "slip" in said.err
    assert answers.read_text() == text
    assert "to nobody" in (out / "record-of-processing.md").read_text()
    assert not (out / "sign-gone.html").exists()
    assert (out / "mine.html").read_text() == "mine"
    [row] = beholden("papers", "--out", out, "--force", "--data", rehearsal, "--json").rows
    assert "record.transfers" not in row["to_fill_in"]
    assert row["tests"]


def test_a_slip_is_told(beholden: Command, rehearsal: Path, tmp_path: Path) -> None:
    """Neither or both, a folder that is none, answers that are none."""
    assert beholden("papers", "--data", rehearsal).code == 2
    assert beholden("papers", "--out", "a", "--check", "b", "--data", rehearsal).code == 2
    said = beholden("papers", "--check", tmp_path / "none", "--data", rehearsal)
    assert said.code == 3
    (tmp_path / "file").write_text("x")
    assert beholden("papers", "--out", tmp_path / "file", "--data", rehearsal).code == 3
    (tmp_path / "answers.toml").write_text("nonsense")
    said = beholden("papers", "--out", tmp_path, "--data", rehearsal)
    assert said.code == 2
    assert "answers.toml" in said.complaint
