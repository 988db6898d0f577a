"""Folders of the version before become tiles when they are opened, whatever happens meanwhile."""

from __future__ import annotations

import os
import shutil

import pytest

from beholden.ledger import migrate as migration
from beholden.ledger.log import FileLog
from beholden.ledger.tiles import encode_leaves
from beholden.model.errors import LogUnavailable

LEAVES = [str(n).encode() * (n % 7) for n in range(300)]


@pytest.fixture
def old(tmp_path):
    """A log of 300 leaves as the version before kept it, with a torn tail."""
    folder = tmp_path / "log"
    FileLog.create(folder, "beholden.invalid/test").append(LEAVES)
    shutil.rmtree(folder / "tile")
    (folder / "entries").write_bytes(encode_leaves(LEAVES) + b"\x00\x09torn")
    return folder


def test_the_leaves_and_the_head_stay_the_same(old):
    """The checkpoint's bytes too: whoever holds them can go on."""
    head = (old / "checkpoint").read_bytes()
    log = FileLog.open(old)
    assert (log.leaves(), log.checkpoint()) == (LEAVES, head)
    assert not (old / "entries").exists()
    assert log.append([b"more"]).first_index == 300
    assert FileLog.open(old).leaves() == [*LEAVES, b"more"]


def test_leaves_that_nobody_signed_are_not_migrated(old):
    """And nothing is changed by the try."""
    data = bytearray((old / "entries").read_bytes())
    data[30] ^= 1
    (old / "entries").write_bytes(data)
    with pytest.raises(LogUnavailable, match="not the ones"):
        FileLog.open(old)
    assert (old / "entries").read_bytes() == bytes(data)
    assert not (old / "tile").exists()


def test_a_short_file_is_refused(old):
    """Lost leaves are not passed over."""
    (old / "entries").write_bytes(encode_leaves(LEAVES[:-1]))
    with pytest.raises(LogUnavailable, match="shorter"):
        FileLog.open(old)


@pytest.mark.parametrize("writes", range(6))
def test_cut_off_at_any_file_it_is_begun_again(old, monkeypatch, writes):
    """The old file goes last."""
    left = [writes]
    sync = os.fsync

    def dying(fd: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        sync(fd)

    monkeypatch.setattr(os, "fsync", dying)
    with pytest.raises(KeyboardInterrupt):
        FileLog.open(old)
    monkeypatch.undo()
    assert (old / "entries").exists()
    assert FileLog.open(old).leaves() == LEAVES


def test_an_old_file_beside_another_logs_tiles_is_refused(old):
    """A file put there by somebody replaces nothing."""
    FileLog.open(old).append([b"more"])
    (old / "entries").write_bytes(encode_leaves(LEAVES))
    with pytest.raises(LogUnavailable, match="shorter"):
        FileLog.open(old)
    assert (old / "tile/0/001.p/45").exists()


def test_many_leaves_are_cut_in_steps(old, monkeypatch):
    """Whatever the size of a step, the tiles are the same."""
    monkeypatch.setattr(migration, "_AT_ONCE", 100)
    assert FileLog.open(old).leaves() == LEAVES
