"""A log asks its witnesses, keeps their lines, and goes on without those who are away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from beholden.ledger.cosignature import cosignatures
from beholden.ledger.errors import LogUnavailable
from beholden.ledger.log import FileLog
from beholden.ledger.note import SigningKey, parse_verifier
from beholden.ledger.witness import Witness
from beholden.ledger.witness_http import serving, witness_server
from beholden.ledger.witnessed import FILE, WitnessAt, collect, witnessed

NAMES = ("witness.example/one", "witness.example/two")


@pytest.fixture
def log(tmp_path: Path) -> FileLog:
    made = FileLog.create(tmp_path / "log", "example.org/log")
    made.append([b"first"])
    return made


@pytest.fixture
def witnesses(tmp_path: Path, log: FileLog) -> Iterator[list[WitnessAt]]:
    """Two who are there, at different times of day."""
    one, two = (
        Witness.create(tmp_path / f"witness-{number}", name, lambda number=number: 1000 + number)
        for number, name in enumerate(NAMES)
    )
    for each in (one, two):
        each.watch(parse_verifier(log.verifier))
    with (
        serving(witness_server(one, "127.0.0.1", 0, lambda _: None)) as first,
        serving(witness_server(two, "127.0.0.1", 0, lambda _: None)) as second,
    ):
        yield [WitnessAt(first, one.verifier), WitnessAt(second, two.verifier)]


def test_the_lines_of_all_are_kept_under_one_head(tmp_path: Path, log: FileLog, witnesses: list[WitnessAt]) -> None:
    """Again with each head that is asked about; the log's own signature stays first."""
    for size in (1, 2):
        done = collect(tmp_path / "log", log, witnesses)
        assert (done.size, [(each.name, each.moment) for each in done.signed]) == (
            size,
            [(NAMES[0], 1000), (NAMES[1], 1001)],
        )
        kept = witnessed(tmp_path / "log", parse_verifier(log.verifier))
        assert kept is not None
        assert kept.startswith(log.checkpoint())
        assert len(cosignatures(kept, [each.key for each in witnesses])) == 2
        log.append([b"more"])


def test_who_is_away_costs_their_line_only(tmp_path: Path, log: FileLog, witnesses: list[WitnessAt]) -> None:
    """The other one's line is kept, and it is said who is missing and that it may mend itself."""
    away = WitnessAt("http://127.0.0.1:9", witnesses[1].key)
    done = collect(tmp_path / "log", log, [witnesses[0], away])
    assert [each.name for each in done.signed] == [NAMES[0]]
    assert [(name, refusal.status) for name, refusal in done.refused] == [(NAMES[1], 0)]
    assert done.forked == ()


def test_without_any_line_what_was_witnessed_before_stays(
    tmp_path: Path, log: FileLog, witnesses: list[WitnessAt]
) -> None:
    """An old head that somebody saw is worth more than a new one that nobody did."""
    collect(tmp_path / "log", log, witnesses)
    before = witnessed(tmp_path / "log", parse_verifier(log.verifier))
    log.append([b"more"])
    collect(tmp_path / "log", log, [WitnessAt("http://127.0.0.1:9", each.key) for each in witnesses])
    assert witnessed(tmp_path / "log", parse_verifier(log.verifier)) == before


def test_a_fork_is_told_by_name(tmp_path: Path, log: FileLog, witnesses: list[WitnessAt]) -> None:
    """A copy of before is put back and goes on another way."""
    log.append([b"second"])
    saved = {path: path.read_bytes() for path in (tmp_path / "log").rglob("*") if path.is_file()}
    log.append([b"third"])
    collect(tmp_path / "log", log, witnesses)
    for path in (tmp_path / "log" / "tile").rglob("*"):
        if path.is_file():
            path.unlink()
    for path, data in saved.items():
        path.write_bytes(data)
    other = FileLog.open(tmp_path / "log")
    other.append([b"another third"])
    done = collect(tmp_path / "log", other, witnesses)
    assert done.forked == NAMES
    assert done.signed == ()


def test_a_damaged_file_of_lines_is_no_proof_and_is_replaced(
    tmp_path: Path, log: FileLog, witnesses: list[WitnessAt]
) -> None:
    """It is refused where it is read, and asking the witnesses mends it."""
    collect(tmp_path / "log", log, witnesses)
    path = tmp_path / "log" / FILE
    path.write_bytes(path.read_bytes().replace(b"\n1\n", b"\n7\n"))
    with pytest.raises(LogUnavailable):
        witnessed(tmp_path / "log", parse_verifier(log.verifier))
    assert len(collect(tmp_path / "log", log, witnesses).signed) == 2
    assert witnessed(tmp_path / "log", parse_verifier(log.verifier)) is not None


def test_before_anybody_was_asked_there_is_nothing(tmp_path: Path, log: FileLog) -> None:
    """And it is no error."""
    assert witnessed(tmp_path / "log", SigningKey.generate("example.org/log").verifier) is None
