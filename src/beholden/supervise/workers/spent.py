"""What this process takes, and what others on the machine do meanwhile: CPU seconds and memory, from /proc."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")
_LIMIT = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds up to a moment: wall, CPU of all threads of this process but the one that asks, CPU of the machine."""

    wall_s: float
    cpu_s: float
    machine_s: float

    @classmethod
    def now(cls) -> Spent:
        return cls(time.monotonic(), time.process_time() - time.thread_time(), machine_cpu_s())


def machine_cpu_s() -> float:
    """CPU seconds that the whole machine has spent on anything since it began."""
    fields = (PROC / "stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]
    idle, waiting = int(fields[3]), int(fields[4])
    return (sum(map(int, fields)) - idle - waiting) / os.sysconf("SC_CLK_TCK")


def own_memory_mb() -> float:
    """Memory of this process that is no page of a file, MB (10^6 bytes): what grows with cameras."""
    text = (PROC / "self" / "smaps_rollup").read_text(encoding="ascii")
    rows = (line.split() for line in text.splitlines()[1:])
    return sum(int(row[1]) for row in rows if row[0] in ("Pss_Anon:", "Pss_Shmem:")) * 1024 / 1e6


def usable_cores(quota: Path = _QUOTA) -> float:
    """Cores that this process may use: those it is bound to, or less where its container has a quota."""
    cores = float(len(os.sched_getaffinity(0)))
    try:
        most, every = quota.read_text(encoding="ascii").split()
        return min(cores, int(most) / int(every))
    except (OSError, ValueError):  # no container, or "max"
        return cores


def usable_memory_mb(limit: Path = _LIMIT) -> float:
    """Memory of this machine, or of its container where that has a limit, MB (10^6 bytes)."""
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e6
    try:
        return min(there, int(limit.read_text(encoding="ascii")) / 1e6)
    except (OSError, ValueError):
        return there


def processor() -> str:
    """The processor's name; "unknown" where Linux does not tell."""
    try:
        lines = (PROC / "cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def shares(own: dict[str, float], total: float) -> dict[str, float]:
    """`total` divided up by what each is known to have spent; evenly where nothing is known of any."""
    known = math.fsum(own.values())
    return {name: total * (spent / known if known > 0 else 1 / len(own)) for name, spent in own.items()}
