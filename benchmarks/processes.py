"""What a program and all its children take: memory (PSS: shared pages are shared out), CPU, and who they are.

From /proc, so Linux only, and of processes of this user only.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")
ROLES = ("keeper", "nursery", "worker")
_CHILD_OF = {"keepers": "keeper", "workers": "worker"}
ESTABLISHED = "01"


@dataclass(frozen=True, slots=True)
class Process:
    """A running process; `role` is keeper, nursery, worker, or the program itself (`watch`)."""

    pid: int
    parent: int
    role: str
    cpu_s: float


def tree(root: int) -> tuple[Process, ...]:
    """The process and everything that it started, directly or not; zombies left out."""
    everybody = {process.pid: process for process in _running()}
    found = [root] if root in everybody else []
    for pid in found:
        found.extend(process.pid for process in everybody.values() if process.parent == pid)
    return tuple(everybody[pid] for pid in found)


def pss_mb(pids: Iterable[int]) -> float:
    """Proportional set size of all of them together, MB (10^6 bytes); one that has just ended counts nothing."""
    return sum(_pss_kib(pid, ("Pss",)) for pid in pids) * 1024 / 1e6


def own_mb(pids: Iterable[int]) -> float:
    """The part of `pss_mb` that is no page of a file: what can grow.

    A library's pages count less while any other program on the machine has mapped the same file, so
    that the whole figure moves with what else runs.
    """
    return sum(_pss_kib(pid, ("Pss_Anon", "Pss_Shmem")) for pid in pids) * 1024 / 1e6


def connections(pid: int, port: int) -> int:
    """How many TCP connections (IPv4) a process has to this port of any host."""
    remote = f":{port:04X}"
    try:
        rows = [line.split() for line in (PROC / str(pid) / "net" / "tcp").read_text(encoding="ascii").splitlines()[1:]]
        inodes = {f"socket:[{row[9]}]" for row in rows if row[2].endswith(remote) and row[3] == ESTABLISHED}
        return sum(_link(entry) in inodes for entry in (PROC / str(pid) / "fd").iterdir())
    except OSError:
        return 0  # it has just ended


def unread_bytes(pid: int) -> int:
    """Bytes that came to the TCP connections (IPv4) of a process, and that it has not read yet."""
    try:
        rows = [line.split() for line in (PROC / str(pid) / "net" / "tcp").read_text(encoding="ascii").splitlines()[1:]]
        own = {_link(entry) for entry in (PROC / str(pid) / "fd").iterdir()}
    except OSError:
        return 0  # it has just ended
    return sum(
        int(row[4].partition(":")[2], 16) for row in rows if row[3] == ESTABLISHED and f"socket:[{row[9]}]" in own
    )


class CpuMeter:
    """CPU seconds of all processes that were ever seen, those that ended included as they were seen last."""

    def __init__(self) -> None:
        self._seen: dict[int, float] = {}

    def look(self, processes: Iterable[Process]) -> float:
        """CPU seconds up to now."""
        self._seen.update({process.pid: process.cpu_s for process in processes})
        return sum(self._seen.values())


class Restarts:
    """How often a process of each role was replaced by another."""

    def __init__(self) -> None:
        self._ever: dict[str, set[int]] = {role: set() for role in ROLES}
        self._most: dict[str, int] = dict.fromkeys(ROLES, 0)

    def look(self, processes: Iterable[Process]) -> None:
        now = tuple(processes)
        for role in ROLES:
            pids = {process.pid for process in now if process.role == role}
            self._ever[role] |= pids
            self._most[role] = max(self._most[role], len(pids))

    def counted(self) -> Mapping[str, int]:
        """Processes of a role that were ever there, beyond those that were there at once."""
        return {role: len(self._ever[role]) - self._most[role] for role in ROLES}


def _link(entry: Path) -> str:
    try:
        return os.readlink(entry)
    except OSError:
        return ""  # closed meanwhile


def _running() -> Iterable[Process]:
    for folder in PROC.iterdir():
        if folder.name.isdigit() and (process := _process(folder)) is not None:
            yield process


def _process(folder: Path) -> Process | None:
    try:
        fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return None  # it has just ended
    if fields[0] in ("Z", "X"):
        return None
    cpu_s = (int(fields[11]) + int(fields[12])) / _TICKS
    return Process(int(folder.name), int(fields[1]), _role(words, threads=int(fields[17])), cpu_s)


def _role(words: list[str], threads: int) -> str:
    """From the command line. A child was forked from its nursery and has its words, but several threads."""
    after = words[words.index("beholden.process") + 1 :] if "beholden.process" in words else []
    child = _CHILD_OF.get(after[0]) if after else None
    if child is None:
        return "watch"
    return child if threads > 1 else "nursery"


def _pss_kib(pid: int, names: tuple[str, ...]) -> int:
    try:
        text = (PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0  # it has just ended
    rows = (line.split() for line in text.splitlines()[1:])
    return sum(int(row[1]) for row in rows if row[0].removesuffix(":") in names)
