"""The clocks of this machine: the one on the wall, one that nobody can set, and what the kernel thinks of the first.

Linux on 64 bits. Where a clock is not there, nothing is made up: then the time is in doubt sooner.
"""

from __future__ import annotations

import ctypes
import time
from pathlib import Path

from beholden.acts.grants.known_time import Clocks
from beholden.wiring.clock import now

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_SIZE, _STATUS = 512, 40
"""More than `struct timex` has, and where its `status` begins where a long has 8 bytes (adjtimex(2))."""
_TIME_ERROR, _STA_UNSYNC = 5, 0x40


def machine_clocks() -> Clocks:
    """Of this machine."""
    return Clocks(now, _count_us, _boot(), synchronised)


def synchronised() -> bool:
    """Whether the kernel says that its clock is synchronised, by NTP or better; False where it says nothing."""
    if ctypes.sizeof(ctypes.c_long) != 8:
        return False
    try:
        timex = ctypes.create_string_buffer(_SIZE)
        state = ctypes.CDLL(None, use_errno=True).adjtimex(timex)
    except (OSError, AttributeError):
        return False
    return said_synchronised(state, timex.raw)


def said_synchronised(state: int, timex: bytes) -> bool:
    """What adjtimex(2) said: its result, and its structure."""
    status = int.from_bytes(timex[_STATUS : _STATUS + 4], "little")
    return 0 <= state < _TIME_ERROR and not status & _STA_UNSYNC


def _count_us() -> int | None:
    try:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000
    except (AttributeError, OSError):
        return None


def _boot() -> str | None:
    try:
        return _BOOT_ID.read_text().strip()[:64] or None
    except OSError:
        return None
