"""One file system call of an append fails, each in turn: the log verifies, keeps what it acknowledged, and goes on.

A call is refused, is done and said to have failed, or is half done (a write on a disk that becomes full).
"""

from __future__ import annotations

import errno
import shutil

import pytest

from beholden.ledger.log import FileLog
from beholden.model.errors import LogUnavailable
from tests.ledger.failing_calls import Calls, How

ORIGIN = "beholden.invalid/test"
OLD = [b"old %d" % n for n in range(253)]
NEW = [b"new %d" % n for n in range(5)]
"""The first three of them fill a tile: full tiles are written, and those of older heads removed."""
FULL = {"open", "write", "fsync", "mkdir", "replace"}
"""Calls that a full disk refuses; an error of the disk may come from any."""
FAULTS = [
    (How.REFUSED, errno.EIO),
    (How.REFUSED, errno.ENOSPC),
    (How.DONE, errno.EIO),
    (How.DONE, errno.ENOSPC),
    (How.HALF, errno.ENOSPC),
]


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A log of 253 leaves with two heads, closed."""
    folder = tmp_path_factory.mktemp("stored") / "log"
    log = FileLog.create(folder, ORIGIN)
    log.append(OLD[:250])
    log.append(OLD[250:])
    return folder


@pytest.fixture(scope="module")
def made(stored, tmp_path_factory):
    """The calls of an append with which nothing is wrong."""
    folder = tmp_path_factory.mktemp("made") / "log"
    shutil.copytree(stored, folder)
    calls = Calls()
    assert attempt(FileLog.open(folder), calls)
    return calls.made


def attempt(log: FileLog, calls: Calls) -> bool:
    """Whether an append was acknowledged; the only other way out is LogUnavailable."""
    with calls.counted():
        try:
            log.append(NEW)
        except LogUnavailable:
            return False
    return True


def test_the_calls_of_an_append_are_seen(made):
    """Among them every kind that changes something: what is counted is what an append does."""
    assert {"flock", "open", "read", "write", "fsync", "close", "mkdir", "replace", "unlink", "rmdir"} <= set(made)
    assert (made.count("fsync") >= 10, made.count("write") >= 8, len(made) > 100) == (True, True, True)


@pytest.mark.parametrize(("how", "code"), FAULTS, ids=[f"{how}-{errno.errorcode[code]}" for how, code in FAULTS])
def test_every_call_of_an_append_may_fail(stored, made, tmp_path, how, code):
    """No acknowledged leaf is lost, none is there in part, the next append works, and all of it verifies."""
    outcomes: set[tuple[bool, bool]] = set()
    for number, name in enumerate(made):
        if (code == errno.ENOSPC and name not in FULL) or (how is How.HALF and name != "write"):
            continue
        folder = tmp_path / f"{number}"
        shutil.copytree(stored, folder)
        log = FileLog.open(folder)
        calls = Calls(number, how, code)
        acknowledged = attempt(log, calls)
        assert calls.made[: number + 1] == made[: number + 1]
        assert FileLog.open(folder).leaves()[:253] == OLD
        log.append([b"after"])
        leaves = FileLog.open(folder).leaves()
        persisted = leaves == [*OLD, *NEW, b"after"]
        assert persisted or (not acknowledged and leaves == [*OLD, b"after"]), (number, name)
        assert not list(folder.rglob("*.part")), (number, name)
        assert (folder / "lock").read_bytes() == b"", (number, name)
        older = list(folder.glob("tile/*/000.p/25*"))  # of the tile that the new leaves fill
        assert bool(older) != persisted, (number, name)
        outcomes.add((acknowledged, persisted))
        shutil.rmtree(folder)
    assert {(False, False), (False, True)} <= outcomes
