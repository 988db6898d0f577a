"""report transparency and report openings: as transcripts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from beholden.acts.report.week import Week, last_told
from beholden.settings import Settings
from beholden.wiring.folder import create_data
from tests.acts.report.second import recompute
from tests.cli.conftest import Command


@pytest.fixture
def weeks(tmp_path: Path) -> Path:
    """A rehearsal folder that was made three weeks ago, and kept by nobody since."""
    made = datetime.now(UTC) - timedelta(weeks=3)
    create_data(tmp_path / "town", Settings(), rehearsal=True, clock=lambda: made)
    return tmp_path / "town"


def test_the_report_and_what_an_auditor_needs(weeks: Path, tmp_path: Path, beholden: Command) -> None:
    """A page, JSON in a file and on the screen; and the openings, from which somebody else gets the same."""
    page, file, lines = (tmp_path / name for name in ("week.html", "week.json", "week.jsonl"))
    assert "hours without heartbeat  168 of 168" in beholden("report", "transparency", "-d", weeks).out
    assert beholden("report", "transparency", "-d", weeks, "--out", page).code == 0
    assert "<title>Transparency report" in page.read_text(encoding="utf-8")
    [values] = beholden("report", "transparency", "-d", weeks, "--out", file, "--json").rows
    assert json.loads(file.read_text(encoding="utf-8")) == values
    week = str(values["week"])
    assert week == str(last_told(datetime.now(UTC)))
    said = beholden("report", "openings", "-d", weeks, "--week", week, "--out", lines, "--json")
    assert said.rows == [{"file": str(lines), "week": week, "openings": 1}]
    assert lines.stat().st_mode & 0o777 == 0o600
    key = beholden("log", "key", "-d", weeks).out.strip()
    read = lines.read_text(encoding="utf-8").splitlines()
    assert recompute(weeks / "log", key, read, week, rehearsal=True) == values


def test_a_week_that_is_not_whole_says_from_when_on_it_is(weeks: Path, beholden: Command) -> None:
    """And one that is none is an error of usage."""
    said = beholden("report", "transparency", "-d", weeks, "--week", Week.of(datetime.now(UTC)))
    assert said.code == 3
    assert "is told from" in said.complaint
    assert beholden("report", "transparency", "-d", weeks, "--week", "47").code == 2


def test_nothing_is_written_over(weeks: Path, tmp_path: Path, beholden: Command) -> None:
    """A report with --force only; openings never."""
    there = tmp_path / "there"
    there.write_text("mine")
    for which in ("transparency", "openings"):
        said = beholden("report", which, "-d", weeks, "--out", there)
        assert said.code == 3
        assert there.read_text() == "mine"
    assert beholden("report", "transparency", "-d", weeks, "--out", there, "--force").code == 0
    assert there.read_text().startswith("<!doctype html>")
