"""What `beholden bench` measured, as plain numbers, and its JSON: written whole, read strictly."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from beholden.model.errors import InputError

MEASURED = "measured"
LONGEST = 1 << 20
"""Bytes of a file that may be such a result: some thousand cameras."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it was measured: cores that may be used, memory in MB (10^6 bytes), the processor's name."""

    cores: float
    memory_mb: float
    processor: str


@dataclass(frozen=True, slots=True)
class StreamMeasured:
    """One stream of a camera as it came: pictures and megabits a second. None: it never came."""

    codec: str | None
    width: int | None
    height: int | None
    pictures_per_s: float
    mbit_per_s: float


@dataclass(frozen=True, slots=True)
class CameraMeasured:
    """One camera over the measured time. `address` without login and path.

    `streams`: the one that is analysed, then the main one. `faces` summed over the pictures that were looked at;
    `tracks` were in view at some time, `compared` of them were compared with the gallery. `cpu_s` is its share of all
    CPU seconds: `reading_s` (receiving, decoding), `looking_s` (finding, following, recognising) and `writing_s`
    (recording) are those of its own threads. `disk_bytes` were written. `problem`: why it could not be read, or was
    lost, in words.
    """

    camera: str
    address: str
    streams: tuple[StreamMeasured, ...]
    read: int
    looked_at: int
    dropped: int
    reconnects: int
    faces: int
    tracks: int
    compared: int
    cpu_s: float
    reading_s: float
    looking_s: float
    writing_s: float
    disk_bytes: int
    problem: str | None = None

    @property
    def readable(self) -> bool:
        """Whether pictures of it were looked at."""
        return self.looked_at > 0

    @property
    def faces_per_picture(self) -> float:
        return self.faces / self.looked_at if self.looked_at else 0.0


@dataclass(frozen=True, slots=True)
class Period:
    """All cameras over one measured time: seconds of wall and CPU (all threads), and those that others spent.

    `memory_before_mb`: of the process before its cameras, `memory_mb`: the most with them; memory of its own, no
    pages of files.
    """

    recorded: bool
    wall_s: float
    cpu_s: float
    others_cpu_s: float
    memory_before_mb: float
    memory_mb: float
    cameras: tuple[CameraMeasured, ...]

    @property
    def readable(self) -> tuple[CameraMeasured, ...]:
        return tuple(camera for camera in self.cameras if camera.readable)

    def cores(self, camera: CameraMeasured) -> float:
        """How many cores one camera took."""
        return camera.cpu_s / self.wall_s

    @property
    def cores_per_camera(self) -> float | None:
        """The mean of all that could be read; None when none could."""
        return self.cpu_s / self.wall_s / len(self.readable) if self.readable else None

    @property
    def others_cores(self) -> float:
        return self.others_cpu_s / self.wall_s

    @property
    def memory_per_camera_mb(self) -> float | None:
        there = len(self.readable)
        return max(0.0, self.memory_mb - self.memory_before_mb) / there if there else None


@dataclass(frozen=True, slots=True)
class Bench:
    """One run. `rate` looks a second were promised to each camera, `seconds` of each period asked for.

    `people` random templates of nobody were compared with; comparing one probe with all took `search_s` of one core.
    """

    version: str
    machine: Machine
    seconds: float
    warm_up_s: float
    rate: float
    people: int
    template_bytes: int
    search_s: float
    periods: tuple[Period, ...]

    def period(self, *, recorded: bool) -> Period | None:
        """The period with or without recording."""
        return next((period for period in self.periods if period.recorded is recorded), None)


_STRICT = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, allow_inf_nan=False)
_benches: TypeAdapter[tuple[Bench]] = TypeAdapter(tuple[Bench], config=_STRICT)


def as_values(bench: Bench) -> dict[str, Any]:
    """Everything that was measured, for machines: `read_bench` takes it back."""
    return {MEASURED: _benches.dump_python((bench,), mode="json")[0]}


def read_bench(text: bytes, name: str) -> Bench:
    """The result that `beholden bench --json` wrote. Raises InputError for anything else."""
    try:
        [bench] = _benches.validate_json(json.dumps([json.loads(text)[MEASURED]]))
    except (ValueError, KeyError, TypeError, RecursionError, ValidationError) as error:
        raise InputError(
            f"{name} is no result of a bench of this version", advice="Make it with `beholden bench ... --json`."
        ) from error
    if not possible(bench):
        raise InputError(f"{name} holds numbers that nobody measured", advice="Run `beholden bench` again.")
    return bench


def possible(bench: Bench) -> bool:
    """Whether something was measured, and no number is one that cannot be."""
    machine, periods = bench.machine, bench.periods
    return (
        min(machine.cores, machine.memory_mb, bench.seconds, bench.people, bench.template_bytes) > 0
        and bench.search_s >= 0
        and 1 <= len(periods) == len({period.recorded for period in periods})
        and all(period.wall_s > 0 and period.cpu_s > 0 and period.readable for period in periods)
        and all(camera.cpu_s >= 0 and camera.disk_bytes >= 0 for period in periods for camera in period.cameras)
    )
