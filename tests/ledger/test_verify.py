"""A folder checked by an outsider: what is whole passes, also while it grows; whatever else is in it is found."""

from __future__ import annotations

import base64
import os
import shutil
import threading
from pathlib import Path

import pytest

from beholden.ledger import verify
from beholden.ledger.checkpoint import Checkpoint, open_checkpoint
from beholden.ledger.cosignature import Cosignature, cosign, with_line, witness_of
from beholden.ledger.hashing import leaf_hash, root_of
from beholden.ledger.log import FileLog
from beholden.ledger.note import NoteError, Signature, SigningKey, parse_verifier
from beholden.ledger.tiles import encode_leaves, parse_leaves
from beholden.ledger.verify import WITNESSED, Verified, bundles, verify_folder
from beholden.ledger.witnessed import FILE
from beholden.model.errors import LogUnavailable

ORIGIN = "beholden.invalid/test"
LEAVES = [bytes([n % 251]) * (1 + n % 7) for n in range(600)]
STEPS = (1, 2, 3, 255, 256, 257, 300, 556, 599, 600)
"""The sizes of the heads of the log of 600 leaves: there are partial tiles of older ones."""
WITNESS, OTHER = SigningKey("witness.example/w", bytes(range(32))), SigningKey("other.example/w", bytes(range(1, 33)))


def grown(folder, steps):
    log = FileLog.create(folder, ORIGIN)
    for start, end in zip((0, *steps), steps, strict=False):
        log.append(LEAVES[start:end])
    return log


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The log of 600 leaves, with its heads on the way; never changed, only copied."""
    folder = tmp_path_factory.mktemp("verify") / "log"
    log, heads = FileLog.create(folder, ORIGIN), {}
    for start, end in zip((0, *STEPS), STEPS, strict=False):
        log.append(LEAVES[start:end])
        heads[end] = log.checkpoint()
    return folder, parse_verifier(log.verifier), heads


@pytest.fixture
def folder(made, tmp_path):
    """As an outsider has it: no key, no lock, and nothing that may be written."""
    copy = tmp_path / "log"
    shutil.copytree(made[0], copy, ignore=shutil.ignore_patterns("key", "lock"))
    return copy


@pytest.fixture(scope="module")
def key(made):
    return made[1]


@pytest.fixture(scope="module")
def heads(made, key):
    return {size: open_checkpoint(data, ORIGIN, [key]) for size, data in made[2].items()}


def refused(folder, key, match, **options):
    with pytest.raises(LogUnavailable, match=match):
        verify_folder(folder, key, **options)


def flip(file: Path, at: int, bit: int = 0) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 1 << bit
    file.write_bytes(data)


def put(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


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


def test_a_head_that_another_key_signed_is_found(folder, key):
    """Also under the same name; and the right one under another name is nobody's."""
    text = (folder / "checkpoint").read_bytes().decode().split("\n\n")[0] + "\n"
    other = SigningKey(ORIGIN, bytes(range(32)))
    refused(folder, other.verifier, "no head of the log with this key")
    origin, size, root, _ = text.split("\n")
    (folder / "checkpoint").write_bytes(Checkpoint(origin, int(size), base64.b64decode(root)).signed(other))
    refused(folder, key, "no trusted key signed this")
    assert verify_folder(folder, other.verifier).size == 600


def test_a_head_that_says_something_else_is_found(folder, key):
    """Its size, its root, its signature."""
    good = (folder / "checkpoint").read_bytes()
    for at in (good.index(b"\n600\n") + 1, good.index(b"\n600\n") + 9, len(good) - 20):
        changed = bytearray(good)
        changed[at] ^= 1
        (folder / "checkpoint").write_bytes(changed)
        refused(folder, key, "no head of the log with this key")


def test_leaves_that_were_replaced_with_all_their_tiles_are_found(folder, key, tmp_path):
    """A consistent log that is not the one that was signed."""
    shutil.rmtree(folder / "tile")
    FileLog.create(tmp_path / "other", ORIGIN).append(LEAVES[::-1])
    shutil.copytree(tmp_path / "other/tile", folder / "tile")
    refused(folder, key, "not the ones that were signed")


@pytest.mark.parametrize("size", STEPS)
def test_every_older_head_is_a_beginning(folder, key, heads, size):
    """Also where its own partial tiles are gone."""
    for level in ("entries", "0"):
        (folder / f"tile/{level}/002.p/44").unlink()
    assert verify_folder(folder, key, since=heads[size]).size == 600


def test_a_head_that_was_rolled_back_is_found_by_an_older_head_that_was_kept(folder, key, heads, made):
    """The folder is consistent in itself: only whoever kept the newer head can tell."""
    (folder / "checkpoint").write_bytes(made[2][599])
    assert verify_folder(folder, key).size == 599
    refused(folder, key, "went back from 600 to 599", since=heads[600])


def test_a_log_that_was_written_anew_is_found_by_an_older_head_that_was_kept(tmp_path, made, heads, key):
    """The same key signed both, so that each is a log; one of them is a lie."""
    fork = tmp_path / "fork"
    shutil.copytree(made[0], fork)
    shutil.rmtree(fork / "tile")
    signer = FileLog.open(made[0])._key
    (fork / "checkpoint").write_bytes(Checkpoint(ORIGIN, 0, root_of([])).signed(signer))
    log = FileLog.open(fork)
    log.append([*LEAVES[:298], b"another", *LEAVES[299:]])
    log.append([b"more"])
    assert verify_folder(fork, key, since=heads[257]).size == 601
    refused(fork, key, "first 300 leaves are not those", since=heads[300])
    refused(fork, key, "first 600 leaves are not those", since=heads[600])


def witnessed(folder, *lines: tuple[SigningKey, int]) -> str:
    data = (folder / "checkpoint").read_bytes()
    text = data.decode().split("\n\n")[0] + "\n"
    for signer, moment in lines:
        data = with_line(data, cosign(text, signer, moment))
    (folder / "checkpoint").write_bytes(data)
    return text


def test_witnesses_are_counted_once_each(folder, key):
    """Those that are trusted, however often they are named; the others are passed over."""
    witnessed(folder, (WITNESS, 7), (OTHER, 9))
    assert verify_folder(folder, key).witnesses == ()
    one = witness_of(WITNESS)
    assert verify_folder(folder, key, [one, one]).witnesses == (Cosignature("witness.example/w", 7),)
    assert len(verify_folder(folder, key, [one, witness_of(OTHER)]).witnesses) == 2


def test_a_wrong_line_of_a_trusted_witness_is_found(folder, key):
    """It says something that the witness did not say."""
    line = cosign(witnessed(folder), WITNESS, 7)
    bad = Signature(line.name, line.key_id, line.data[:7] + b"\x08" + line.data[8:])
    (folder / "checkpoint").write_bytes(with_line((folder / "checkpoint").read_bytes(), bad))
    refused(folder, key, "witness.example/w is wrong", witnesses=[witness_of(WITNESS)])
    assert verify_folder(folder, key).witnesses == ()


def kept(folder: Path, head: bytes, *lines: tuple[SigningKey, int]) -> None:
    """What the log keeps of its witnesses, beside its own head."""
    text = head.decode().split("\n\n")[0] + "\n"
    for signer, moment in lines:
        head = with_line(head, cosign(text, signer, moment))
    (folder / WITNESSED).write_bytes(head)


def test_lines_that_are_kept_beside_the_head_are_counted(folder, key, made):
    """Under the head they are about, which may be an older one: what came after it is unwitnessed."""
    both = [witness_of(WITNESS), witness_of(OTHER)]
    kept(folder, made[2][599], (WITNESS, 5))
    found = verify_folder(folder, key, both)
    assert (found.witnessed, found.witnesses) == (599, (Cosignature("witness.example/w", 5),))
    kept(folder, made[2][600], (WITNESS, 6))
    witnessed(folder, (OTHER, 4), (WITNESS, 7))
    found = verify_folder(folder, key, both)
    assert (found.witnessed, {(each.name, each.moment) for each in found.witnesses}) == (
        600,
        {("other.example/w", 4), ("witness.example/w", 6)},
    )
    kept(folder, made[2][300], (WITNESS, 1))
    assert verify_folder(folder, key, both).witnessed == 600
    assert verify_folder(folder, key).witnessed == 0


def test_a_head_that_was_rolled_back_is_found_by_what_witnesses_saw(folder, key, made):
    """Whoever rolls back forgets that, or leaves it out: then only witnesses know."""
    kept(folder, made[2][600], (WITNESS, 5))
    (folder / "checkpoint").write_bytes(made[2][599])
    refused(folder, key, "went back")


def test_what_is_kept_of_witnesses_must_be_of_this_log(folder, key, made):
    """Signed by it, and no file in another's clothes."""
    kept(folder, Checkpoint(ORIGIN, 5, bytes(32)).signed(OTHER))
    refused(folder, key, "witnessed is no head")
    (folder / WITNESSED).unlink()
    (folder / WITNESSED).symlink_to(folder / "checkpoint")
    refused(folder, key, "cannot read witnessed")
    assert WITNESSED == FILE


def test_bundles_are_those_that_were_checked(folder):
    """Cut at any size."""
    for size in (0, 1, 256, 300, 556, 600):
        leaves = [leaf for bundle in bundles(folder, size) for leaf in parse_leaves(bundle)]
        assert leaves == LEAVES[:size]


def test_a_log_is_no_witness_of_itself(made):
    """Its own key proves nothing more."""
    with pytest.raises(NoteError, match="the log itself"):
        verify_folder(made[0], made[1], [witness_of(FileLog.open(made[0])._key)])


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
                patched.setattr(verify, name, stepped(getattr(verify, name)))
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
