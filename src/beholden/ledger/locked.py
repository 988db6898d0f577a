"""Keys in memory: pages that are neither swapped nor dumped, and copies that are overwritten when nobody holds them.

What lasts lies in pages (`LockedKeys`): mlock keeps them off a swap device where the limit on locked memory
(RLIMIT_MEMLOCK) allows it, core dumps leave them out, and a forked child reads zeros. What is handed out is a `Key`:
a `bytes` that lies in ordinary memory, is overwritten as soon as its last holder lets go of it, and until then may be
swapped. Whoever makes another object of one (a slice, a text) has a copy that nobody overwrites. OpenSSL overwrites
its own copies when it frees them, but not on the stack (`consent.cipher`); registers and pipes are beyond us.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import weakref
from collections.abc import Callable, Collection

SIZE = 32
"""Bytes of every key here."""
PAGE = mmap.PAGESIZE
_MADV_WIPEONFORK = 18
"""Of linux/mman.h, since Linux 4.14; Python 3.11 has no name for it."""

_address = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object)(("PyBytes_AsString", ctypes.pythonapi))
"""Where CPython keeps the bytes of an object: documented, as is that they may be written before anybody else has it."""
_Place = ctypes.c_ubyte * SIZE


def wipe(
    data: bytes, set_memory: Callable[..., object] = ctypes.memset, address: Callable[..., object] = _address
) -> None:
    """Overwrite bytes that nobody else holds: never a constant, never what somebody may still read."""
    # The functions are arguments because this also runs while the interpreter ends, when globals are gone.
    if len(data) > 1:  # bytes of one are shared by everybody
        set_memory(address(data), 0, len(data))


class Key(bytes):
    """32 bytes of its own, overwritten when the last reference goes. Not printed, not pickled."""

    __slots__ = ()

    def __del__(self, overwrite: Callable[[bytes], None] = wipe) -> None:
        overwrite(self)

    def __repr__(self) -> str:
        return "<Key>"

    __str__ = __repr__

    def __reduce_ex__(self, protocol: object) -> tuple[object, ...]:
        raise TypeError("a key is not to be pickled")


def filled(fill: Callable[[memoryview], object]) -> Key:
    """A key whose 32 bytes `fill` writes in place, before anybody has it: no other copy is made."""
    key = Key(SIZE)
    fill(memoryview(_Place.from_address(_address(key))).cast("B"))
    return key


def taken(data: bytes) -> Key:
    """A key of bytes that were just made and that nobody else holds: they are overwritten. ValueError unless 32."""
    if len(data) != SIZE:
        wipe(data)
        raise ValueError(f"a key is {SIZE} bytes")
    key = filled(lambda place: place.__setitem__(slice(None), data))
    wipe(data)
    return key


def new_key() -> Key:
    """32 random bytes."""
    return taken(os.urandom(SIZE))


class LockedKeys:
    """Keys by name, in memory of their own. Whoever uses one holds a lock.

    A forked child begins with none, so that it has no copies in memory that is not locked; `inherited` for a key that
    it could not do without. `locked` is whether every page is: refused past RLIMIT_MEMLOCK, which `beholden doctor`
    says.
    """

    def __init__(self, *, inherited: bool = False) -> None:
        self.locked = True
        self._inherited = inherited
        self._pid = os.getpid()
        self._pages: list[mmap.mmap] = []
        self._free: list[memoryview] = []
        self._places: dict[str, memoryview] = {}
        # Not when the process ends: the kernel does it then, and a thread that goes on must not seal with zeros.
        weakref.finalize(self, _wipe_pages, self._pages).atexit = False

    def put(self, name: str, key: bytes | memoryview) -> None:
        """Copy a key in. The caller's own copy is theirs to overwrite."""
        if len(key) != SIZE:
            raise ValueError(f"a key is {SIZE} bytes")
        self._begin_anew_after_fork()
        place = self._places.get(name)
        if place is None:
            if not self._free:
                self._add_page()
            place = self._places[name] = self._free.pop()
        place[:] = key

    def get(self, name: str) -> memoryview | None:
        """Read-only, of the very place: all zeros once it is forgotten. To be used at once, never kept."""
        self._begin_anew_after_fork()
        place = self._places.get(name)
        return None if place is None else place.toreadonly()

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def keep_only(self, names: Collection[str]) -> None:
        """Overwrite all others."""
        self._begin_anew_after_fork()
        for name in [name for name in self._places if name not in names]:
            place = self._places.pop(name)
            place[:] = bytes(SIZE)
            self._free.append(place)

    def clear(self) -> None:
        self.keep_only(())

    def _add_page(self) -> None:
        page = mmap.mmap(-1, PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        page.madvise(mmap.MADV_DONTDUMP)
        if not self._inherited:
            page.madvise(_MADV_WIPEONFORK)
        first = ctypes.c_ubyte.from_buffer(page)
        libc = ctypes.CDLL(None, use_errno=True)
        self.locked &= libc.mlock(ctypes.c_void_p(ctypes.addressof(first)), ctypes.c_size_t(PAGE)) == 0
        view = memoryview(page)
        self._pages.append(page)
        self._free += [view[at : at + SIZE] for at in range(0, PAGE, SIZE)]

    def _begin_anew_after_fork(self) -> None:
        if self._inherited or self._pid == os.getpid():
            return
        self._pid, self.locked = os.getpid(), True
        self._pages.clear()
        self._free, self._places = [], {}


def _wipe_pages(pages: list[mmap.mmap]) -> None:
    for page in pages:
        page[:] = bytes(len(page))
