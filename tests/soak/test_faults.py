"""The faults run: few trials of each here, `make faults` for a thousand; and its judges find what they must."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from random import Random

import pytest
from benchmarks.failing_syscalls import fail_every_call, why_not
from benchmarks.faults import Row, flips, killed, main, old_backups
from benchmarks.kills import APPENDING, ENROLLING, WITHDRAWING, Killing, kill
from benchmarks.old_backups import Opened

from beholden.ledger.log import FileLog
from beholden.model.ids import SubjectId
from beholden.storage.folder import open_folder
from tests.people import Clock

TRIALS = 6


@pytest.mark.parametrize("killing", [APPENDING, ENROLLING, WITHDRAWING], ids=lambda each: each.name)
def test_what_was_acknowledged_before_a_kill_is_there_and_nothing_is_half_done(
    killing: Killing, tmp_path: Path
) -> None:
    """kill -9 at random moments."""
    row = killed(killing, TRIALS, 3, tmp_path)
    assert row.ok, row
    assert row.trials == TRIALS


def test_the_judge_of_appends_finds_a_leaf_that_is_gone_and_one_that_is_another(tmp_path: Path) -> None:
    """A log that was put back by two batches, and one with a wrong leaf."""
    kill(APPENDING, tmp_path / "log", Random(1))
    before = FileLog.open(tmp_path / "log").size()
    assert APPENDING.judge(tmp_path / "log", before, 2).lost == 10
    FileLog.open(tmp_path / "log").append([b"wrong"])
    assert len(APPENDING.judge(tmp_path / "log", before, 0).half_done) == 2


def test_the_judge_of_people_finds_who_is_half_gone(tmp_path: Path) -> None:
    """A key that went alone, a template that went alone, and a person who was acknowledged and is not there."""
    folder = tmp_path / "town"
    WITHDRAWING.prepare(folder)
    assert WITHDRAWING.judge(folder, 0, 0).half_done == ()
    assert ENROLLING.judge(folder, 0, 41).lost == 1
    with open_folder(folder, clock=Clock()) as opened:
        one, other = (each.id for each in opened.database.subjects()[:2])
        opened.keystore.destroy(one)
        opened.database.delete_templates(other)
    assert len(WITHDRAWING.judge(folder, 0, 0).half_done) == 2


def test_bits_that_flip_are_caught(tmp_path: Path) -> None:
    """A sample of each file; tests/ledger/test_bit_flips.py says more."""
    assert flips(tmp_path, 5, every=False).ok


@pytest.mark.skipif(why_not() is not None, reason=f"no faults can be injected here: {why_not()}")
def test_an_error_at_each_fsync_of_an_append_leaves_a_whole_log(tmp_path: Path) -> None:
    """Injected by strace; `make faults` does it for every kind of call."""
    found = fail_every_call(tmp_path / "calls", ("fsync",), ("EIO",))
    assert found.trials > 3
    assert (found.lost, found.half_done, found.caught) == (0, 0, found.trials), found.problems


def test_a_backup_from_before_opens_exactly_those_who_stayed(tmp_path: Path) -> None:
    """By itself with today's keystore, and put back; `make faults` does it with 10,000, of whom 100 withdraw."""
    row = old_backups(tmp_path, 7, people=400, leaving=6)
    assert (row.trials, row.lost, row.half_done, row.caught) == (400, 0, 0, 400)


def test_somebody_who_stayed_and_is_lost_counts_and_somebody_who_left_and_is_there() -> None:
    """In the backup, or in the folder that was made of it."""
    a, b, c = (SubjectId(name) for name in "abc")
    everybody, left = frozenset({a, b, c}), frozenset({a})
    for by_backup, put_back, lost, there in (
        ({b, c}, {b, c}, 0, 0),
        ({b}, {b, c}, 1, 0),
        ({b, c}, set(), 2, 0),
        ({a, b, c}, {b, c}, 0, 1),
        ({b, c}, {a, b}, 1, 1),
    ):
        found = Opened(everybody, left, frozenset(by_backup), frozenset(put_back))
        assert (found.stayed_and_lost, found.left_and_there) == (lost, there)


def test_a_row_is_right_only_if_everything_was_caught() -> None:
    """And something was tried at all."""
    assert Row("x", 5, 0, 0, 5).ok
    for row in (Row("x", 5, 1, 0, 5), Row("x", 5, 0, 1, 5), Row("x", 5, 0, 0, 4), Row("x", 0, 0, 0, 0)):
        assert not row.ok


def test_the_summary_has_a_row_for_each_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the counts that scripts read; an old one is replaced."""
    monkeypatch.setattr("benchmarks.faults.failing_calls", lambda _: None)
    monkeypatch.setattr("benchmarks.faults.OF_EACH", 1)
    monkeypatch.setattr("benchmarks.faults.PEOPLE", 9)
    monkeypatch.setattr("benchmarks.faults.LEAVING", 2)
    monkeypatch.setattr("benchmarks.faults.REQUESTS", 200)
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    assert main(["--trials", "1", "--out", str(tmp_path / "out")]) == 0
    values = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert values["ok"]
    assert [set(row) for row in values["faults"]] == [{"fault", "trials", "lost", "half_done", "caught"}] * 6
