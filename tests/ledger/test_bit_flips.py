"""A single bit that flips anywhere in a store of 1,000 leaves is caught before the next head is signed.

A sample by default; `EVERY_BIT=1` in the environment turns over all 1,155,696 of them (36 minutes of CPU).
"""

from __future__ import annotations

import os

import pytest
from benchmarks.flips import ORIGIN, Bit, every_bit, files, flipped, passed_over, some_bits, store

from beholden.ledger.log import COMPARED_AGAIN, OLDER_COMPARED_AGAIN, FileLog
from beholden.model.errors import LogUnavailable

EVERY_BIT = bool(os.environ.get("EVERY_BIT"))


def contents(folder):
    return {file: file.read_bytes() for file in files(folder)}


def test_every_flipped_bit_is_caught_before_the_next_head(tmp_path):
    """By an open log's append and by opening; turned back, the log is what it was and goes on."""
    folder = tmp_path / "log"
    log = store(folder)
    before = contents(folder)
    partial = [file for file in before if file.parent.suffix == ".p"]
    assert (log.size(), len(before), len(partial)) == (1000, 24, 15)
    bits = every_bit(folder) if EVERY_BIT else some_bits(folder, 16, seed=5)
    missed = {bit: found for bit in bits if (found := passed_over(log, folder, bit))}
    assert not missed
    assert contents(folder) == before
    assert log.append([b"later"]).first_index == 1000
    assert FileLog.open(folder).leaves(999)[1:] == [b"later"]


def test_the_search_finds_a_bit_that_nobody_compares(tmp_path):
    """A byte in a file that is no part of the log is passed over, and told."""
    log = store(tmp_path / "log")
    (tmp_path / "log" / "else").write_bytes(b"x")
    found = passed_over(log, tmp_path / "log", Bit(tmp_path / "log" / "else", 0, 0))
    assert found == ["append", "open", "signed"]


def test_a_log_that_grew_leaf_by_leaf_compares_all_its_older_tiles_at_once(tmp_path):
    """The most there can be below 1,280 leaves: 254 of leaves, 254 of their hashes, 3 above."""
    log = FileLog.create(tmp_path / "log", ORIGIN)
    for number in (256, 256, 256, 256, *[1] * 255):
        log.append([b"x"] * number)
    older = [file for file in files(tmp_path / "log" / "tile") if file.parent.suffix == ".p"]
    newest = 3
    assert (log.size(), len(older) - newest) == (1279, 511)
    assert OLDER_COMPARED_AGAIN >= 511
    assert COMPARED_AGAIN >= 1279 // 256
    for width in (1, 128, 254):
        for level in ("entries", "0"):
            bit = Bit(tmp_path / "log" / "tile" / level / "004.p" / str(width), width, 3)
            assert passed_over(log, tmp_path / "log", bit) == []


def test_where_there_are_more_older_tiles_they_are_compared_in_turn(tmp_path, monkeypatch):
    """Each append reads the next ones, round and round."""
    monkeypatch.setattr("beholden.ledger.log.OLDER_COMPARED_AGAIN", 4)
    log = FileLog.create(tmp_path / "log", ORIGIN)
    for _ in range(4):
        log.append([b"x"])
    for level in ("entries", "0"):
        for width in (1, 2, 3):
            with flipped(Bit(tmp_path / "log" / "tile" / level / "000.p" / str(width), 0, 0)):
                refused = 0
                for _ in range(4):
                    try:
                        log.append([b"x"])
                    except LogUnavailable:
                        refused += 1
                assert refused


def test_a_key_that_was_exchanged_stops_the_next_append(tmp_path):
    """Or leaves would be signed that nobody could open again; a key that is gone likewise."""
    log = store(tmp_path / "log")
    FileLog.create(tmp_path / "other", ORIGIN)
    (tmp_path / "other" / "key").replace(tmp_path / "log" / "key")
    with pytest.raises(LogUnavailable, match="not the one"):
        log.append([b"later"])
    (tmp_path / "log" / "key").unlink()
    with pytest.raises(LogUnavailable, match="cannot read"):
        log.append([b"later"])
