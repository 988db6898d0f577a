"""What outsiders can prove, and that each scene fails when what it shows is not so."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.people import NOW, Clock, enrolled

from beholden.acts.grants.withdraw import withdraw
from beholden.acts.own_copy.logkeys import give_log_keys
from beholden.demo import proofs
from beholden.demo.proofs import RECEIPT, Left, prove
from beholden.ledger.log import FileLog
from beholden.ledger.witness_http import Refusal
from beholden.storage.folder import LOG, create_folder, open_folder


@pytest.fixture
def day(tmp_path: Path):
    """Ann and Ben are enrolled; Ann took her keys and withdrew. (office, the log's folder, Ann)."""
    clock = Clock()
    create_folder(tmp_path / "data", rehearsal=True, clock=clock)
    with open_folder(tmp_path / "data", clock=clock) as folder:
        ann, _ = enrolled(folder.office, "Ann", 1), enrolled(folder.office, "Ben", 2)
        month = f"{NOW:%Y-%m}"
        left = Left("Ann", ann.subject, give_log_keys(folder.office, ann.subject, month, month))
        withdraw(folder.office, ann.subject)
        yield folder.office, tmp_path / "data" / LOG, left


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


def test_every_scene_shows_what_it_promises(day, tmp_path: Path, scratch: Path) -> None:
    """On a day as the demo has it; the log itself stays as it was, and the receipt is there to look at."""
    office, log, left = day
    before = {path: path.read_bytes() for path in log.rglob("*") if path.is_file()}
    shown = prove(office, log, left, tmp_path / "out", scratch)
    assert [proof.ok for proof in shown] == [True] * 4
    assert {path: path.read_bytes() for path in log.rglob("*") if path.is_file()} == before
    assert '"withdrawn' in (tmp_path / "out" / RECEIPT).read_text().replace("\\", "")


def test_a_check_that_accepts_everything_fails_the_scene(
    day, tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verifier that looks at nothing would let the changed log pass."""
    office, log, left = day
    real = proofs.verify_folder
    monkeypatch.setattr(proofs, "verify_folder", lambda _, key: real(log, key))
    assert [proof.ok for proof in prove(office, log, left, tmp_path / "out", scratch)] == [True, True, False, True]


def test_a_witness_that_signs_everything_fails_the_scene(
    day, tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So does one that was not there."""
    office, log, left = day
    monkeypatch.setattr(proofs, "ask", lambda *_: Refusal("away"))
    assert [proof.ok for proof in prove(office, log, left, tmp_path / "out", scratch)][3] is False


def test_keys_of_somebody_else_find_no_withdrawal(day, tmp_path: Path, scratch: Path) -> None:
    """Ben's keys do not find Ann's leaf."""
    office, log, left = day
    ben = next(each.id for each in office.store.subjects() if each.id != left.subject)
    month = f"{NOW:%Y-%m}"
    wrong = Left("Ann", left.subject, give_log_keys(office, ben, month, month))
    assert [proof.ok for proof in prove(office, log, wrong, tmp_path / "out", scratch)] == [True, False, True, True]
    assert FileLog.open(log).size() > 0
