"""The promises of a log: durable, in order, shared between processes, and refusing what was tampered with."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from beholden.ledger.checkpoint import open_checkpoint
from beholden.ledger.hashing import leaf_hash, root_of
from beholden.ledger.log import Appended, FileLog
from beholden.ledger.memory import MemoryLog, Weather
from beholden.ledger.note import parse_verifier
from beholden.model.errors import LogUnavailable

ORIGIN = "beholden.invalid/test"


@pytest.fixture(params=["file", "memory"])
def log(request, tmp_path):
    return FileLog.create(tmp_path / "log", ORIGIN) if request.param == "file" else MemoryLog(ORIGIN)


@pytest.fixture
def folder(tmp_path):
    """A log of three leaves, closed."""
    FileLog.create(tmp_path / "log", ORIGIN).append([b"a", b"bb", b""])
    return tmp_path / "log"


def in_child(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments], stdout=subprocess.PIPE, text=True
    )


def test_leaves_are_kept_in_order(log):
    """What is appended is read, and says where it went."""
    assert log.append([b"a", b"b"]) == Appended(0, 2)
    assert log.append([b"c"]) == Appended(2, 3)
    assert (log.leaves(), log.leaves(1, 2), log.leaves(9), log.size()) == ([b"a", b"b", b"c"], [b"b"], [], 3)


def test_the_head_is_the_root_of_the_leaves(log):
    """The checkpoint commits to what is stored."""
    leaves = [bytes([n]) * n for n in range(20)]
    for leaf in leaves:
        log.append([leaf])
    text = log.checkpoint().decode().split("\n")
    assert text[:2] == [ORIGIN, "20"]
    import base64

    assert base64.b64decode(text[2]) == root_of(map(leaf_hash, leaves))


@pytest.mark.parametrize("leaves", [[], [b"x" * 65536]])
def test_an_append_of_nothing_or_of_too_much_is_refused(log, leaves):
    """Programming errors raise ValueError and append nothing."""
    with pytest.raises(ValueError, match="append"):
        log.append(leaves)
    assert log.size() == 0


def test_a_log_is_opened_as_it_was_left(folder):
    """Leaves and signature survive."""
    log = FileLog.open(folder)
    assert log.leaves() == [b"a", b"bb", b""]
    assert open_checkpoint(log.checkpoint(), ORIGIN, [parse_verifier(log.verifier)]).size == 3


def test_its_files_are_private(folder):
    """Folders 0700, files 0600."""
    assert folder.stat().st_mode & 0o777 == 0o700
    modes = {(file.is_dir(), file.stat().st_mode & 0o777) for file in folder.rglob("*")}
    assert modes == {(True, 0o700), (False, 0o600)}


def test_a_torn_tail_is_removed_by_the_next_append(folder):
    """What was never signed does not count, is told apart, and goes."""
    torn = [folder / "tile/entries/000.p/4", folder / "tile/entries/000", folder / "tile/0/000.p/200"]
    for file in torn:
        file.write_bytes(b"\x00\x09torn")
    log = FileLog.open(folder)
    assert log.leaves() == [b"a", b"bb", b""]
    log.append([b"d", b"e"])
    assert FileLog.open(folder).leaves() == [b"a", b"bb", b"", b"d", b"e"]
    assert not any(file.exists() for file in torn)


def test_a_torn_tail_of_another_process_is_removed_by_one_that_was_open(folder):
    """The lock's file says that somebody died before signing."""
    log = FileLog.open(folder)
    log.append([b"d"])
    (folder / "tile/0/000.p/9").write_bytes(b"torn")
    (folder / "lock").write_bytes(b"appending")
    log.append([b"e"])
    assert not (folder / "tile/0/000.p/9").exists()
    assert (folder / "lock").read_bytes() == b""


def test_a_tree_shorter_than_its_head_is_refused(folder):
    """Lost leaves are not passed over."""
    entries = folder / "tile/entries/000.p/3"
    entries.write_bytes(entries.read_bytes()[:-1])
    with pytest.raises(LogUnavailable, match="shorter"):
        FileLog.open(folder)
    entries.unlink()
    with pytest.raises(LogUnavailable, match="shorter"):
        FileLog.open(folder)


@pytest.mark.parametrize(("name", "at"), [("entries", 2), ("entries", 5), ("0", 0), ("0", 95)])
def test_a_flipped_byte_is_refused(folder, name, at):
    """Every stored leaf is hashed before the log is used, and every tile compared."""
    file = folder / "tile" / name / "000.p" / "3"
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)
    with pytest.raises(LogUnavailable, match="not the ones"):
        FileLog.open(folder)


def test_a_forged_head_is_refused(folder):
    """A size that nobody signed does not count."""
    head = (folder / "checkpoint").read_bytes()
    (folder / "checkpoint").write_bytes(head.replace(b"\n3\n", b"\n2\n"))
    with pytest.raises(LogUnavailable, match="damaged"):
        FileLog.open(folder)


def test_an_open_log_refuses_to_go_back(folder):
    """A head put back from a backup is noticed by whoever has seen the newer one."""
    old = (folder / "checkpoint").read_bytes()
    log = FileLog.open(folder)
    log.append([b"d"])
    (folder / "checkpoint").write_bytes(old)
    with pytest.raises(LogUnavailable, match="went back"):
        log.append([b"e"])


def test_two_open_logs_follow_each_other(folder):
    """The frontier of one takes in what the other appended."""
    one, two = FileLog.open(folder), FileLog.open(folder)
    for n in range(6):
        assert (one, two)[n % 2].append([bytes([n])]).first_index == 3 + n
    assert one.leaves() == two.leaves() == FileLog.open(folder).leaves()


def test_two_processes_append_at_once(folder):
    """No leaf is lost, and every acknowledged index holds the leaf that it was given for."""
    code = """
        import sys
        from pathlib import Path
        from beholden.ledger.log import FileLog
        log = FileLog.open(Path(sys.argv[1]))
        for n in range(25):
            print(log.append([f"{sys.argv[2]}{n}".encode()]).first_index)
    """
    children = {name: in_child(code, str(folder), name) for name in ("x", "y")}
    told = {name: [int(line) for line in child.communicate()[0].split()] for name, child in children.items()}
    leaves = FileLog.open(folder).leaves()
    assert len(leaves) == 53
    for name, indexes in told.items():
        assert [leaves[index] for index in indexes] == [f"{name}{n}".encode() for n in range(25)]


def test_a_killed_process_loses_no_acknowledged_leaf(folder):
    """SIGKILL at an arbitrary moment leaves a log that opens."""
    code = """
        import sys
        from pathlib import Path
        from beholden.ledger.log import FileLog
        log = FileLog.open(Path(sys.argv[1]))
        while True:
            print(log.append([b"leaf" * 50, b"more"]).size, flush=True)
    """
    child = in_child(code, str(folder))
    assert child.stdout is not None
    told = [int(child.stdout.readline()) for _ in range(10)][-1]
    child.kill()
    child.communicate()
    log = FileLog.open(folder)
    assert log.size() >= told
    assert log.append([b"after"]).size == log.size()


def test_a_full_disk_leaves_the_log_as_it_was(folder):
    """A write that the kernel refuses (a file size limit stands in for a full disk) appends nothing."""
    code = """
        import resource, signal, sys
        from pathlib import Path
        from beholden.ledger.log import FileLog
        from beholden.model.errors import LogUnavailable
        log = FileLog.open(Path(sys.argv[1]))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
        try:
            log.append([b"x" * 5000])
        except LogUnavailable:
            print("refused")
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print(log.append([b"later"]).first_index)
    """
    assert in_child(code, str(folder)).communicate()[0].split() == ["refused", "3"]
    assert FileLog.open(folder).leaves() == [b"a", b"bb", b"", b"later"]


def test_a_missing_log_is_refused(tmp_path):
    """One error, ours."""
    with pytest.raises(LogUnavailable):
        FileLog.open(tmp_path / "log")


def test_the_fake_can_fail_and_can_fail_after_writing():
    """Both kinds of failure are there to test with."""
    log = MemoryLog()
    for weather, size in ((Weather.FAILS, 0), (Weather.FAILS_BUT_PERSISTED, 1)):
        log.weather = weather
        with pytest.raises(LogUnavailable):
            log.append([b"a"])
        assert log.size() == size
