"""What one camera costs: as measured here by `beholden bench`, or a typical one as benchmarks/NOTES.md has it."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.model.errors import InputError
from beholden.scale.measured import Bench, Period

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Cost:
    """One camera: cores, memory (MB, 10^6 bytes), network (Mbit/s), and what it writes (bytes a second)."""

    cores: float
    memory_mb: float
    network_mbit_s: float
    disk_bytes_s: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What a plan is made from. `source` says where the cost of a camera was measured, in words.

    `base_mb`: everything on a machine before its workers (supervisor, keeper, nurseries); `worker_mb` each of these,
    of which there are as many as cores. `template_bytes` of memory for one person; comparing one probe with one person
    takes `search_s` seconds of one core. Faces were compared with `people` when a camera was measured.
    """

    camera: Cost
    source: str
    base_mb: float
    worker_mb: float
    people: int
    template_bytes: int
    search_s: float
    search_source: str


WORKER_MB = 45.0
"""A worker that is forked from its nursery, without cameras (ARCHITECTURE.md, Processes)."""
BASE_MB = 212.0
"""490 MB with eight cameras and two workers, less 8 x 23.5 and 2 x 45: `make soak` (benchmarks/NOTES.md)."""
TYPICAL_SOURCE = "a typical 1080p camera at 4 Mbit/s, people now and then (benchmarks/NOTES.md), none of yours"
_TYPICAL = Cost(cores=1 / 7.24, memory_mb=12.6, network_mbit_s=4.0, disk_bytes_s=0.0)
"""`make bench`, case `typical`, fourth run: 7.24 cameras per core, 12.6 MB for each camera after the first."""
_TYPICAL_RECORDED = Cost(cores=1 / 6.36, memory_mb=40.2, network_mbit_s=4.0, disk_bytes_s=9_400.0)
"""The same with `typical_saving`; 9.4 kB/s as `beholden bench` wrote of that clip (a busy lobby: 23 kB/s)."""
_TYPICAL_PEOPLE = 100
"""`GALLERY` of `benchmarks/loops.py`."""
_TEMPLATE_BYTES = 512
"""The shipped recogniser's 128 numbers of 4 bytes."""
_SEARCH_S = 6e-8
"""5.9 ms for a name among 100,000, 52 ms among a million (benchmarks/NOTES.md, Search); .2 us each for 1,000."""
_SEARCH_SOURCE = "as with 100,000 random templates, benchmarks/NOTES.md"


def typical(*, record: bool) -> Figures:
    """A typical camera on a 2-core Intel Xeon of 2026: somewhere to begin before anything of one's own is measured."""
    cost = _TYPICAL_RECORDED if record else _TYPICAL
    return Figures(
        cost, TYPICAL_SOURCE, BASE_MB, WORKER_MB, _TYPICAL_PEOPLE, _TEMPLATE_BYTES, _SEARCH_S, _SEARCH_SOURCE
    )


def measured(bench: Bench, *, record: bool) -> Figures:
    """The mean of one's own cameras. Raises InputError when recording was not measured, and is asked for."""
    period = bench.period(recorded=record)
    if period is None:
        raise InputError(
            "recording was not measured" if record else "only recording was measured",
            advice="Run `beholden bench ... --record --json` again, which measures both.",
        )
    count = len(period.readable)
    whose = "one camera of your own" if count == 1 else f"{count} cameras of your own"
    source = f"{whose}, measured for {period.wall_s:.0f} s"
    return Figures(
        _cost(period),
        source,
        BASE_MB,
        WORKER_MB,
        bench.people,
        bench.template_bytes,
        bench.search_s / bench.people,
        f"measured with {bench.people:,} random templates",
    )


def _cost(period: Period) -> Cost:
    there = period.readable
    mbit = sum(stream.mbit_per_s for camera in there for stream in camera.streams)
    written = sum(camera.disk_bytes for camera in there)
    return Cost(
        cores=period.cores_per_camera or 0.0,
        memory_mb=period.memory_per_camera_mb or 0.0,
        network_mbit_s=mbit / len(there),
        disk_bytes_s=written / period.wall_s / len(there),
    )
