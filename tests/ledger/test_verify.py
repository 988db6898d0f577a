"""A log checked by an outsider: what is whole passes; whatever is not what was signed is found."""

from __future__ import annotations

import shutil

import pytest

from beholden.ledger.hashing import leaf_hash, root_of
from beholden.ledger.log import FileLog
from beholden.ledger.log_folder import LogFolder
from beholden.ledger.note import parse_verifier
from beholden.ledger.tiles import parse_leaves
from beholden.ledger.verify import Verified, verify_folder, verify_log
from tests.ledger.outside import LEAVES, ORIGIN, flip, grown, refused


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600])
def test_a_whole_log_passes(tmp_path, size):
    """At and around the ends of a tile; the root is that of the leaves."""
    log = grown(tmp_path / "log", (size,) if size else ())
    found = verify_folder(tmp_path / "log", parse_verifier(log.verifier))
    files = [each for each in (tmp_path / "log").rglob("tile/**/*") if each.is_file()]
    root = root_of(map(leaf_hash, LEAVES[:size]))
    assert found == Verified(ORIGIN, size, root, size, len(files), 0, 0, ())


def test_every_file_of_a_log_that_grew_in_steps_is_compared(folder, key):
    """Those that only older heads need, too."""
    files = [each for each in folder.rglob("tile/**/*") if each.is_file()]
    assert any(each.name == "44" for each in files)
    assert verify_folder(folder, key).tiles == len(files)


def test_nothing_is_written(folder, key):
    """An outsider may have no right to."""
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    verify_folder(folder, key)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


@pytest.mark.parametrize(
    ("file", "at"),
    [
        ("tile/entries/000", 2),
        ("tile/entries/001", 900),
        ("tile/entries/002.p/88", 300),
        ("tile/0/000", 0),
        ("tile/0/001", 8191),
        ("tile/0/002.p/88", 5),
        ("tile/1/000.p/2", 63),
        ("tile/entries/002.p/87", 3),
        ("tile/entries/002.p/87", 0),
        ("tile/0/002.p/44", 44 * 32 - 1),
        ("tile/1/000.p/1", 1),
    ],
)
@pytest.mark.parametrize("bit", [0, 7])
def test_a_flipped_bit_is_found(folder, key, file, at, bit):
    """In a leaf, in a length, in a hash, in a partial tile of the head or of an older one."""
    flip(folder / file, at, bit)
    refused(folder, key, "differs|shorter")


@pytest.mark.parametrize("file", ["tile/entries/001", "tile/0/001", "tile/entries/002.p/88", "tile/1/000.p/2"])
def test_a_missing_file_is_found(folder, key, file):
    """The head cannot do without it."""
    (folder / file).unlink()
    refused(folder, key, "missing")


@pytest.mark.parametrize("file", ["tile/entries/001", "tile/0/001", "tile/0/002.p/88", "tile/0/002.p/44"])
@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data[:-32], lambda data: b"", lambda d: d + d])
def test_a_file_of_another_length_is_found(folder, key, file, change):
    """Cut off, empty or doubled."""
    (folder / file).write_bytes(change((folder / file).read_bytes()))
    refused(folder, key, "shorter|differs|too long")


def test_leaves_that_were_replaced_with_all_their_tiles_are_found(folder, key, tmp_path):
    """A consistent log that is not the one that was signed."""
    shutil.rmtree(folder / "tile")
    FileLog.create(tmp_path / "other", ORIGIN).append(LEAVES[::-1])
    shutil.copytree(tmp_path / "other/tile", folder / "tile")
    refused(folder, key, "not the ones that were signed")


@pytest.mark.parametrize("size", [0, 1, 256, 300])
def test_whoever_looks_on_sees_every_leaf_that_is_checked(tmp_path, size):
    """In order, the last bundle as far as it goes."""
    log, seen = grown(tmp_path / "log", (size,) if size else ()), []
    verify_log(LogFolder(tmp_path / "log"), parse_verifier(log.verifier), look=seen.append)
    assert [leaf for bundle in seen for leaf in parse_leaves(bundle)] == LEAVES[:size]
