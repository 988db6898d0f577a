"""The gallery segment: written by one, looked at by others, on no disk, in no dump, and gone when it is wiped."""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import re
import struct
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from beholden.acts.grants.pause import pause
from beholden.acts.grants.withdraw import withdraw
from beholden.consent.gate import Gate
from beholden.consent.segment import HEADER, MOST_BYTES, Segment, SegmentView
from beholden.ledger.memory import MemoryLog
from beholden.model.errors import DataFolderError
from beholden.model.grant import Purpose
from beholden.storage.memory import MemoryStore
from tests.people import AT_LOBBY, MODEL, NOW, Clock, enrolled, office_of, vector

ALL = tuple(Purpose)


@pytest.fixture
def segment():
    made = Segment(4, 128)
    yield made
    made.close()


def view_of(segment):
    return SegmentView(os.dup(segment.reader))


def test_a_reader_sees_what_the_writer_writes(segment):
    """The same memory: rows, heartbeat, version, identity."""
    reader = view_of(segment)
    segment.rows[2] = vector(1)
    segment.version, segment.heartbeat_ns = 7, 12345
    assert np.array_equal(reader.rows[2], vector(1))
    assert (reader.version, reader.heartbeat_ns, reader.identity) == (7, 12345, segment.identity)
    assert (reader.capacity, reader.dims) == (4, 128)


def test_two_segments_are_told_apart(segment):
    """A view of one never fits the other."""
    assert Segment(4, 128).identity != segment.identity


def test_no_segment_is_number_zero(monkeypatch):
    """That is what an unwritten header says; and every JSON keeps the largest exactly."""
    for drawn, identity in ((0, 1), (2**52 - 1, 2**52)):
        monkeypatch.setattr("secrets.randbits", lambda bits, drawn=drawn: drawn if bits == 52 else None)
        assert Segment(1, 8).identity == identity


@pytest.mark.parametrize(("capacity", "dims"), [(0, 0), (0, 128), (4, 0)])
def test_a_segment_for_nobody_is_one(capacity, dims):
    """Before anybody enrolled."""
    segment = Segment(capacity, dims)
    assert view_of(segment).rows.shape == (capacity, dims)
    assert not segment.shown().flags.writeable


def test_a_reader_cannot_write(segment):
    """Not through its array, not by mapping it anew, not by opening it anew, not through the descriptor."""
    reader = view_of(segment)
    with pytest.raises(ValueError, match="read-only"):
        reader.rows[0, 0] = 1.0
    with pytest.raises(PermissionError):
        mmap.mmap(segment.reader, HEADER, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    anew = os.open(f"/proc/self/fd/{segment.reader}", os.O_RDWR)
    try:
        with pytest.raises(PermissionError):
            mmap.mmap(anew, HEADER, prot=mmap.PROT_READ | mmap.PROT_WRITE)
        with pytest.raises(PermissionError):
            os.pwrite(anew, b"x", HEADER)
        with pytest.raises(PermissionError):
            os.ftruncate(anew, 0)
        with pytest.raises(PermissionError):
            fcntl.fcntl(anew, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)
    finally:
        os.close(anew)
    segment.rows[0, 0] = 1.0
    assert reader.rows[0, 0] == 1.0, "the control: the writer can"


def mappings():
    """(what, flags) of every mapping of this process."""
    text = Path("/proc/self/smaps").read_text()
    return re.findall(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+ +(.*)\n(?:(?![0-9a-f]+-).*\n)*?VmFlags: (.*)$", text, re.M)


def test_no_core_dump_holds_it(segment):
    """Neither the writer's mapping nor the reader's; an ordinary one would be in it."""
    reader = view_of(segment)
    ours = [flags.split() for what, flags in mappings() if "beholden-gallery" in what]
    assert len(ours) >= 2
    assert all("dd" in flags for flags in ours)
    fd = os.memfd_create("ordinary")
    os.ftruncate(fd, 4096)
    with mmap.mmap(fd, 4096):
        assert [flags for what, flags in mappings() if "ordinary" in what and "dd" not in flags.split()]
    os.close(fd)
    del reader


def test_whether_it_is_locked_in_memory_is_known(segment):
    """As the kernel says: `lo`."""
    ours = [flags.split() for what, flags in mappings() if "beholden-gallery" in what]
    assert segment.locked == any("lo" in flags for flags in ours)


def test_closing_leaves_zeros_and_no_heartbeat(segment):
    """For readers that still hold it."""
    reader = view_of(segment)
    segment.rows[:] = vector(1)
    segment.heartbeat_ns = 5
    segment.close()
    assert not reader.rows.any()
    assert reader.heartbeat_ns == 0


OF_ONE_VERSION = "Stop all Beholden processes of this data folder, and start them again: they must be of one version."


def sealed_file(data: bytes, seals: int = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW) -> int:
    fd = os.memfd_create("other", os.MFD_ALLOW_SEALING)
    os.write(fd, data)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    return fd


def whole() -> bytes:
    segment = Segment(2, 8)
    data = os.pread(segment.reader, HEADER + 64, 0)
    segment.close()
    return data


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"X" + data[1:],
        lambda data: data[:8] + (2).to_bytes(8, "little") + data[16:],
        lambda data: data[:16] + (1 << 40).to_bytes(8, "little") + data[24:],
        lambda data: data[:16] + (-2).to_bytes(8, "little", signed=True) + data[24:],
        lambda data: data[:16] + struct.pack("<2q", -2, -8) + data[32:],
        lambda data: data[:16] + struct.pack("<2q", 0, -8) + data[32:HEADER],
        lambda data: data[:-4],
        lambda data: data + b"\0" * 8,
        lambda data: data[:100],
    ],
    ids=["magic", "layout", "capacity", "negative", "both negative", "none of less", "short", "long", "cut"],
)
def test_another_layout_is_refused(damage):
    """Whatever it is; what is whole is taken. The descriptor is closed either way."""
    fd = sealed_file(damage(whole()))
    with pytest.raises(DataFolderError) as refused:
        SegmentView(fd)
    assert refused.value.message in (
        "the gallery segment is of another layout",
        "what was sent is no gallery segment",
    )
    assert refused.value.advice == OF_ONE_VERSION
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)
    assert SegmentView(sealed_file(whole())).capacity == 2


def test_the_layout_is_what_its_description_says():
    """Written by hand: a page of header, then rows of float32, little-endian."""
    header = struct.pack("<8s6q", b"BEHOLDEN", 1, 2, 8, 77, 12345, 6)
    rows = np.arange(16, dtype="<f4").reshape(2, 8)
    view = SegmentView(sealed_file(header.ljust(4096, b"\0") + rows.tobytes()))
    assert (view.capacity, view.dims, view.identity, view.heartbeat_ns, view.version) == (2, 8, 77, 12345, 6)
    assert np.array_equal(view.rows, rows)


def test_what_could_shrink_under_a_reader_is_refused(tmp_path):
    """A file, or memory without seals: reading it could end the process."""
    with pytest.raises(DataFolderError, match=r"^what was sent is no gallery segment$") as unsealed:
        SegmentView(sealed_file(whole(), 0))
    (tmp_path / "file").write_bytes(whole())
    with pytest.raises(DataFolderError, match=r"^the gallery segment cannot be mapped$") as unmapped:
        SegmentView(os.open(tmp_path / "file", os.O_RDONLY))
    assert unsealed.value.advice == unmapped.value.advice == OF_ONE_VERSION


def test_without_memory_for_it_the_kernel_it_needs_is_told(monkeypatch):
    """In the words of the system, and with what to look at."""

    def none(*_):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(os, "memfd_create", none)
    with pytest.raises(DataFolderError, match=r"^no memory for the gallery: Function not implemented$") as refused:
        Segment(1, 8)
    assert refused.value.advice == "Linux 5.1 or newer is needed, with /proc mounted; see `beholden doctor`."


@pytest.mark.parametrize(("capacity", "dims"), [(-1, 8), (1, -8), (MOST_BYTES // 4, 1)])
def test_no_segment_has_fewer_than_no_rows_or_more_than_fits(capacity, dims):
    """A defect of the program, and told as one."""
    with pytest.raises(ValueError, match=f"^a segment of {capacity} rows of {dims} numbers$"):
        Segment(capacity, dims)


# -- what the gate writes where


@pytest.fixture
def office(keystore):
    return office_of(MemoryStore(), keystore, MemoryLog(), Clock())


@pytest.fixture
def gate(office, keystore):
    gate = Gate(office.store, keystore)
    yield gate
    gate.close()


def seen(gate, moment=NOW):
    return gate.view(AT_LOBBY, ALL, moment, MODEL, rehearsal=True)


def test_a_withdrawn_persons_bytes_are_zero_at_the_next_beat(office, gate):
    """In the shared memory itself; the others' are not."""
    ann, _ = enrolled(office, "Ann", 1), enrolled(office, "Ben", 2)
    view, reader = seen(gate), SegmentView(gate.reader(MODEL))
    row = view.rows[view.subjects.index(ann.subject)]
    assert np.array_equal(reader.rows[row], vector(1))
    withdraw(office, ann.subject)
    gate.beat(NOW, lambda: 5)
    assert not reader.rows[row].any()
    assert np.array_equal(reader.rows[1 - row], vector(2))
    assert reader.version > view.version


def test_a_row_is_never_given_to_somebody_else(office, gate):
    """However old a view is, it shows nobody as another."""
    ann = enrolled(office, "Ann", 1)
    row = seen(gate).rows[0]
    withdraw(office, ann.subject)
    enrolled(office, "Ben", 2)
    assert seen(gate).rows != (row,)
    assert not SegmentView(gate.reader(MODEL)).rows[row].any()


def test_a_paused_person_leaves_the_view_and_keeps_the_row(office, gate):
    """So that resuming needs no key."""
    ann = enrolled(office, "Ann", 1)
    row = seen(gate).rows[0]
    pause(office, ann.subject)
    assert seen(gate).subjects == ()
    assert SegmentView(gate.reader(MODEL)).rows[row].any()


def test_a_full_segment_is_replaced_and_the_old_one_overwritten(office, gate):
    """By a larger one, with everybody who is enrolled in it, of the same version and heartbeat."""
    everybody = [enrolled(office, "Person 0", 0)]
    gate.beat(NOW, lambda: 77)
    first = SegmentView(gate.reader(MODEL))
    everybody += [enrolled(office, f"Person {n}", n) for n in range(1, first.capacity + 1)]
    view, second = seen(gate), SegmentView(gate.reader(MODEL))
    assert (view.segment, second.capacity > first.capacity) == (second.identity, True)
    assert not first.rows.any()
    assert first.heartbeat_ns == 0
    assert (second.version, second.heartbeat_ns) == (view.version, 77)
    for number, made in enumerate(everybody):
        row = view.rows[view.subjects.index(made.subject)]
        assert np.array_equal(second.rows[row], vector(number))


def test_nothing_is_stamped_while_the_registry_cannot_be_asked(office, gate, monkeypatch):
    """A heart that beats without asking would keep names alive."""
    enrolled(office, "Ann", 1)
    seen(gate)
    gate.beat(NOW, lambda: 5)
    reader = SegmentView(gate.reader(MODEL))

    def fail():
        raise DataFolderError("the disk is gone")

    monkeypatch.setattr(office.store, "revision", fail)
    with pytest.raises(DataFolderError):
        gate.beat(NOW + timedelta(seconds=1), lambda: 6)
    assert reader.heartbeat_ns == 5


def test_a_stamp_is_of_before_the_question(office, gate):
    """An answer that took long is old when it comes."""
    enrolled(office, "Ann", 1)
    seen(gate)
    ticks = iter([10, 20, 30])
    gate.beat(NOW, lambda: next(ticks))
    assert SegmentView(gate.reader(MODEL)).heartbeat_ns == 10
