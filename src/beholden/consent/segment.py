"""The gallery segment: the opened references of one model, in memory that processes share and only one can write.

    bytes 0..4095   header of aligned 8-byte numbers: magic, layout, capacity, dims, identity, heartbeat, version
    then            capacity x dims float32, one row per person

It is an anonymous file (memfd): it never has a name on a disk, is locked in memory where the system
allows it, and is left out of core dumps. Its seals allow no second writable mapping: readers get a
descriptor with which they can only look. Each number of the header is written by one 8-byte store,
so that a reader sees the old one or the new one. What is written where and when is `consent.gate`'s.
"""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import secrets
import weakref

import numpy as np
import numpy.typing as npt

from beholden.model.errors import DataFolderError

Rows = npt.NDArray[np.float32]
MAGIC = int.from_bytes(b"BEHOLDEN", "little")
LAYOUT = 1
HEADER = 4096
MOST_BYTES = 64 << 30
_MAGIC, _LAYOUT, _CAPACITY, _DIMS, _IDENTITY, _HEARTBEAT, _VERSION = range(7)
_F_SEAL_FUTURE_WRITE = 0x10
"""Since Linux 5.1; Python 3.11 has no name for it."""
_SHAPE_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW
_KERNEL = "Linux 5.1 or newer is needed, with /proc mounted; see `beholden doctor`."
_WRONG = "Stop all Beholden processes of this data folder, and start them again: they must be of one version."


def _mapped(fd: int, size: int, protection: int) -> tuple[mmap.mmap, bool]:
    """A shared mapping that no core dump holds, and whether it is locked in memory. Raises OSError, ValueError."""
    memory = mmap.mmap(fd, size, flags=mmap.MAP_SHARED, prot=protection)
    memory.madvise(mmap.MADV_DONTDUMP)
    address = np.frombuffer(memory, np.uint8).ctypes.data
    libc = ctypes.CDLL(None)
    # Refused past RLIMIT_MEMLOCK: then pages may reach a swap device, which `doctor` says.
    locked = libc.mlock(ctypes.c_void_p(address), ctypes.c_size_t(size)) == 0
    return memory, locked


def _views(memory: mmap.mmap, capacity: int, dims: int) -> tuple[npt.NDArray[np.int64], Rows]:
    header = np.frombuffer(memory, np.int64, HEADER // 8)
    rows = np.frombuffer(memory, np.dtype("<f4"), capacity * dims, HEADER).reshape(capacity, dims)
    return header, rows


class Segment:
    """The writer's side. One thread writes at a time: whoever owns it (`consent.gate`) holds a lock.

    `rows` is (capacity, dims) float32 and writable. `reader` is a descriptor for reading only, owned
    here: it is sent to other processes, or duplicated.
    """

    def __init__(self, capacity: int, dims: int) -> None:
        """All zeros, with a random identity. Raises DataFolderError."""
        size = HEADER + 4 * capacity * dims
        if min(capacity, dims) < 0 or size > MOST_BYTES:
            raise ValueError(f"a segment of {capacity} rows of {dims} numbers")
        try:
            fd = os.memfd_create("beholden-gallery", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
            try:
                os.ftruncate(fd, size)
                self._memory, self.locked = _mapped(fd, size, mmap.PROT_READ | mmap.PROT_WRITE)
                fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SHAPE_SEALS | _F_SEAL_FUTURE_WRITE | fcntl.F_SEAL_SEAL)
                self.reader = os.open(f"/proc/self/fd/{fd}", os.O_RDONLY | os.O_CLOEXEC)
            finally:
                os.close(fd)
        except OSError as error:
            raise DataFolderError(f"no memory for the gallery: {error.strerror}", advice=_KERNEL) from error
        self._close_reader = weakref.finalize(self, os.close, self.reader)
        self._header, self.rows = _views(self._memory, capacity, dims)
        self.capacity, self.dims = capacity, dims
        self.identity = 1 + secrets.randbits(52)
        """Never 0, and exact in every JSON."""
        fields = {_LAYOUT: LAYOUT, _CAPACITY: capacity, _DIMS: dims, _IDENTITY: self.identity, _MAGIC: MAGIC}
        for field, value in fields.items():
            self._header[field] = value

    @property
    def heartbeat_ns(self) -> int:
        return int(self._header[_HEARTBEAT])

    @heartbeat_ns.setter
    def heartbeat_ns(self, moment: int) -> None:
        """When the registry was asked last, CLOCK_MONOTONIC in nanoseconds; 0: nobody looks after this segment."""
        self._header[_HEARTBEAT] = moment

    @property
    def version(self) -> int:
        return int(self._header[_VERSION])

    @version.setter
    def version(self, version: int) -> None:
        """Raised with every change that can change an answer: views of another version do not hold."""
        self._header[_VERSION] = version

    def shown(self) -> Rows:
        """The rows, read-only: the same memory."""
        view = self.rows.view()
        view.flags.writeable = False
        return view

    def close(self) -> None:
        """Overwrite everything that readers could still see. Safe to call twice."""
        self.heartbeat_ns = 0
        self.rows.fill(0.0)
        self._close_reader()


class SegmentView:
    """A reader's side: a segment that another process, or this one, writes.

    `rows` is (capacity, dims) float32, read-only, and changes as the writer writes.
    """

    def __init__(self, fd: int) -> None:
        """Map the segment of a descriptor, which is closed in any case.

        Raises DataFolderError when it is none of this layout, or could shrink under a reader.
        """
        try:
            size = os.fstat(fd).st_size
            if fcntl.fcntl(fd, fcntl.F_GET_SEALS) & _SHAPE_SEALS != _SHAPE_SEALS or not HEADER <= size <= MOST_BYTES:
                raise DataFolderError("what was sent is no gallery segment", advice=_WRONG)
            self._memory, self.locked = _mapped(fd, size, mmap.PROT_READ)
        except (OSError, ValueError) as error:
            raise DataFolderError("the gallery segment cannot be mapped", advice=_WRONG) from error
        finally:
            os.close(fd)
        header = [int(value) for value in np.frombuffer(self._memory, np.int64, 5)]
        capacity, dims = header[_CAPACITY], header[_DIMS]
        if (
            header[_MAGIC] != MAGIC
            or header[_LAYOUT] != LAYOUT
            or min(capacity, dims) < 0
            or HEADER + 4 * capacity * dims != size
        ):
            raise DataFolderError("the gallery segment is of another layout", advice=_WRONG)
        self._header, self.rows = _views(self._memory, capacity, dims)
        self.capacity, self.dims, self.identity = capacity, dims, header[_IDENTITY]

    @property
    def heartbeat_ns(self) -> int:
        """As `Segment.heartbeat_ns`."""
        return int(self._header[_HEARTBEAT])

    @property
    def version(self) -> int:
        return int(self._header[_VERSION])
