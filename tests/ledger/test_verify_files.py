"""What lies in a log's folder: every file is one of the log, also while it is appended to."""

from __future__ import annotations

import os
import shutil
import threading

import pytest

from beholden.ledger import log_folder
from beholden.ledger.log import FileLog
from beholden.ledger.note import parse_verifier
from beholden.ledger.tiles import encode_leaves
from beholden.ledger.verify import verify_folder
from beholden.model.errors import LogUnavailable
from tests.ledger.outside import LEAVES, ORIGIN, grown, put, refused


@pytest.mark.parametrize(
    "file",
    [
        "tile/notes.txt",
        "tile/entries/3",
        "tile/0/002.p/088",
        "tile/0/002.p/88.bak",
        "tile/0/000.p/256",
        "tile/entries/.hidden",
        "tile/-1/000",
        "tile/new\x1bline",
    ],
)
def test_a_file_that_is_no_tile_is_found(folder, key, file):
    """Nothing hides below `tile/`, and nothing of a name reaches a terminal unread."""
    put(folder / file, b"x")
    with pytest.raises(LogUnavailable, match="is not a file of this log") as error:
        verify_folder(folder, key)
    assert "\x1b" not in error.value.message


@pytest.mark.parametrize(
    "files",
    [
        ("tile/entries/004",),
        ("tile/0/003.p/1",),
        ("tile/0/002",),
        ("tile/1/001.p/1",),
        ("tile/5/000",),
        ("tile/1/000.p/3",),
        ("tile/entries/002.p/90", "tile/entries/002.p/91"),
        ("tile/entries/002", "tile/0/002", "tile/1/000.p/3", "tile/1/000.p/4"),
        ("tile/entries/002.p/90", "tile/0/002.p/89"),
    ],
)
def test_tiles_that_no_append_from_this_head_would_write_are_found(folder, key, files):
    """A gap, a tile before those that it is about, or tiles of trees of different sizes."""
    for file in files:
        put(folder / file, b"")
    refused(folder, key, "is not a file of this log")


@pytest.mark.parametrize(
    "files",
    [
        ("tile/entries/002.p/90",),
        ("tile/entries/002.p/90", "tile/0/002.p/90"),
        ("tile/entries/002", "tile/0/002", "tile/entries/003.p/7", "tile/0/003.p/7", "tile/1/000.p/3"),
    ],
)
def test_what_an_append_writes_before_it_signs_is_told_and_does_not_count(folder, key, files):
    """Whatever it holds: nobody signed for it, and it may be half-written."""
    for file in files:
        put(folder / file, b"half")
    found = verify_folder(folder, key)
    assert (found.size, found.unsigned) == (600, len(files))


def test_leaves_before_the_first_head_may_be_under_way(tmp_path):
    """An empty log that is appended to."""
    log = FileLog.create(tmp_path / "log", ORIGIN)
    put(tmp_path / "log/tile/entries/000.p/3", b"")
    assert verify_folder(tmp_path / "log", parse_verifier(log.verifier)).unsigned == 1


def test_older_tiles_that_stayed_beside_a_full_one_are_compared(folder, key, made):
    """A process that died after signing leaves them; they must be its beginning."""
    older = folder / "tile/entries/001.p/3"
    put(older, encode_leaves(LEAVES[256:259]))
    before = verify_folder(made[0], key).tiles
    assert verify_folder(folder, key).tiles == before + 1
    older.write_bytes(encode_leaves(LEAVES[256:258]))
    refused(folder, key, "differs")


def test_a_link_is_no_file(folder, key, tmp_path):
    """What lies elsewhere is not in the folder, and might be anything."""
    tile = folder / "tile/0/001"
    tile.rename(tmp_path / "elsewhere")
    tile.symlink_to(tmp_path / "elsewhere")
    refused(folder, key, "plain file")


def test_a_file_longer_than_any_tile_is_not_read(folder, key):
    """A folder from somewhere may be made to fill the memory of whoever checks it."""
    os.truncate(folder / "tile/entries/001", 256 * 65537 + 1)
    refused(folder, key, "too long for a tile")


def test_a_pipe_in_place_of_the_head_is_not_waited_for(folder, key):
    """A folder from somewhere may hold anything."""
    (folder / "checkpoint").unlink()
    os.mkfifo(folder / "checkpoint")
    refused(folder, key, "plain file")


def test_a_log_of_the_first_version_says_so(folder, key):
    """Nobody tampered with it; its keeper has to open it."""
    shutil.rmtree(folder / "tile")
    (folder / "entries").write_bytes(encode_leaves(LEAVES))
    refused(folder, key, "in one file")


def test_a_folder_without_a_log_is_told(tmp_path, key):
    """One error, ours."""
    refused(tmp_path, key, "no checkpoint")


def test_a_log_that_is_appended_to_meanwhile_passes(tmp_path):
    """Each time under the head that was newest when it was read; sizes never go back."""
    log = FileLog.create(tmp_path / "log", ORIGIN)
    key, done = parse_verifier(log.verifier), threading.Event()

    def keep() -> None:
        while not done.is_set():
            log.append(LEAVES[:100])

    keeper = threading.Thread(target=keep)
    keeper.start()
    sizes: list[int] = []
    try:
        while len(set(sizes)) < 4:
            sizes.append(verify_folder(tmp_path / "log", key).size)
    finally:
        done.set()
        keeper.join()
    found = verify_folder(tmp_path / "log", key)
    assert (found.size, found.unsigned) == (log.size(), 0)
    assert sizes == sorted(sizes)


def test_every_moment_of_an_append_passes(tmp_path, monkeypatch):
    """Stopped before each file that is written, replaced or removed: an outsider finds the old head or the new one."""
    log = grown(tmp_path / "log", (3, 250))
    key, seen = parse_verifier(log.verifier), []
    real = {name: getattr(os, name) for name in ("open", "unlink", "fsync", "rmdir")}

    def look() -> None:
        with monkeypatch.context() as plain:
            for name, function in real.items():
                plain.setattr(os, name, function)
            found = verify_folder(tmp_path / "log", key)
        seen.append((found.size, found.unsigned))

    for name, function in real.items():

        def stopped(*arguments, function=function, **options):
            look()
            return function(*arguments, **options)

        monkeypatch.setattr(os, name, stopped)
    log.append(LEAVES[250:600])
    monkeypatch.undo()
    assert {size for size, _ in seen} == {250, 600}
    assert max(unsigned for _, unsigned in seen) >= 5
    assert [unsigned for size, unsigned in seen if size == 600] == [0] * sum(size == 600 for size, _ in seen)


@pytest.mark.parametrize(
    "leftovers",
    [
        ("tile/entries/000", "tile/0/000", "tile/entries/001.p/200"),
        ("tile/entries/000.p/252", "tile/0/000.p/252"),
    ],
)
def test_an_append_at_every_moment_of_a_check_passes(tmp_path, monkeypatch, leftovers):
    """Before each step of the outsider a keeper sweeps what a dead one left, and fills a tile."""
    log = grown(tmp_path / "made", (3, 250))
    key = parse_verifier(log.verifier)
    for left in leftovers:
        put(tmp_path / "made" / left, b"half")
    (tmp_path / "made/lock").write_bytes(b"appending")
    seen, step = [], 0
    while step < 200:
        folder = tmp_path / f"log-{step}"
        shutil.copytree(tmp_path / "made", folder)
        keeper = FileLog.open(folder)
        steps = iter(range(step, -1, -1))

        def stepped(function, keeper=keeper, steps=steps):
            def call(*arguments, **options):
                if next(steps, -1) == 0:
                    keeper.append(LEAVES[250:255])
                    keeper.append(LEAVES[255:259])
                return function(*arguments, **options)

            return call

        with monkeypatch.context() as patched:
            for name in ("_read", "_listed_tile"):
                patched.setattr(log_folder, name, stepped(getattr(log_folder, name)))
            for module, name in ((os, "open"), (os, "scandir"), (os.path, "lexists")):
                patched.setattr(module, name, stepped(getattr(module, name)))
            found = verify_folder(folder, key)
        seen.append((found.size, found.unsigned))
        if next(steps, None) is not None:
            break  # it was over before
        step += 1
    assert step > 15
    assert {(259, 0), (250, len(leftovers))} <= set(seen)
    assert set(seen) <= {(259, 0), *((250, some) for some in range(len(leftovers) + 1))}
