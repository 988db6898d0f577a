"""Keys in memory: of their own bytes, overwritten when let go of, in pages that are locked and not dumped."""

from __future__ import annotations

import copy
import ctypes
import gc
import os
from pathlib import Path

import pytest

from beholden.ledger.locked import PAGE, SIZE, Key, LockedKeys, filled, new_key, taken, wipe


def address(key: bytes) -> int:
    return id(key) + bytes.__basicsize__ - 1


def other() -> bytes:
    """Bytes of a key that nothing here overwrites."""
    return os.urandom(SIZE)


def test_a_key_is_its_32_bytes():
    """It compares, is sent and is counted as bytes are."""
    data = other()
    key = taken(bytes(bytearray(data)))
    assert (key, len(key), key[:4]) == (data, SIZE, data[:4])
    assert new_key() != new_key()


def test_a_key_is_overwritten_when_it_is_let_go_of():
    """Its memory holds zeros, until somebody else's does: looked at while the object is on its way out."""
    seen: list[bytes] = []

    class Watched(Key):
        __slots__ = ()

        def __del__(self, *_: object) -> None:
            seen.append(ctypes.string_at(address(self), SIZE))
            super().__del__()
            seen.append(ctypes.string_at(address(self), SIZE))

    data = other()
    key = Watched(data)
    del key
    gc.collect()
    assert seen == [data, bytes(SIZE)]


def test_what_a_key_was_taken_from_is_overwritten():
    """There is no second copy, also when it was no key."""
    data, short = bytes(bytearray(other())), bytes(bytearray(b"short"))
    assert any(taken(data))
    assert not any(data)
    with pytest.raises(ValueError, match="32 bytes"):
        taken(short)
    assert not any(short)


def test_a_key_that_could_not_be_made_is_none():
    """What `fill` raises is raised."""
    with pytest.raises(ZeroDivisionError):
        filled(lambda _: 1 // 0)


def test_bytes_of_one_that_everybody_shares_are_left_alone():
    """CPython has one object for each."""
    shared = b"abc"[:1]
    wipe(shared)
    assert shared == b"a"


def test_a_key_is_neither_printed_nor_pickled():
    """Nor copied by accident."""
    key = new_key()
    assert repr(key) == f"{key!s}" == "<Key>"
    with pytest.raises(TypeError):
        copy.copy(key)


def test_keys_are_kept_by_name():
    """More of them than a page holds; put again, the newer counts."""
    keys, data = LockedKeys(), {str(n): other() for n in range(2 * PAGE // SIZE)}
    for name in data:
        keys.put(name, other())
        keys.put(name, data[name])
    assert {name: bytes(keys.get(name) or b"") for name in data} == data
    assert keys.get("nobody's") is None
    with pytest.raises(ValueError, match="32 bytes"):
        keys.put("short", b"short")


def test_what_is_handed_out_cannot_be_written():
    """It is the place itself."""
    keys = LockedKeys()
    keys.put("a", other())
    place = keys.get("a")
    assert place is not None
    with pytest.raises(TypeError):
        place[0] = 1


def test_what_is_not_kept_is_overwritten_in_place():
    """Whoever still looks at it sees zeros; its place is used again, the others are untouched."""
    keys, stays = LockedKeys(), other()
    keys.put("goes", other())
    keys.put("stays", stays)
    place = keys.get("goes")
    assert place is not None
    assert any(place)
    keys.keep_only({"stays"})
    assert ("goes" in keys, bytes(place), bytes(keys.get("stays") or b"")) == (False, bytes(SIZE), stays)
    keys.put("new", other())
    assert any(place)


def test_all_is_overwritten_with_the_object():
    """Also where nobody closed anything."""
    keys = LockedKeys()
    keys.put("a", other())
    place = keys.get("a")
    assert place is not None
    del keys
    gc.collect()
    assert not any(place)


def flags_of(at: int) -> set[str]:
    """The kernel's word on the page at an address: VmFlags of /proc/self/smaps."""
    here = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        first = line.split(maxsplit=1)[0]
        if "-" in first and not first.endswith(":"):
            low, high = (int(end, 16) for end in first.split("-"))
            here = low <= at < high
        elif here and first == "VmFlags:":
            return set(line.split()[1:])
    return set()


def test_pages_are_not_dumped_not_inherited_and_locked_if_it_says_so():
    """dd: not in a core dump; wf: zeros in a forked child; lo: locked."""
    keys = LockedKeys()
    keys.put("a", other())
    place = keys.get("a")
    assert place is not None
    flags = flags_of(ctypes.addressof(ctypes.c_ubyte.from_buffer(keys._pages[0])))
    assert {"dd", "wf"} <= flags
    assert ("lo" in flags) == keys.locked


def test_a_forked_child_begins_with_none():
    """It does not take zeros for keys, and has a memory of its own."""
    keys, data = LockedKeys(), other()
    keys.put("a", data)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if "a" not in keys else 2
            keys.put("a", data)
            code = code or (0 if keys.get("a") == data else 3)
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert keys.get("a") == data
