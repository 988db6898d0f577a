"""How many cameras of a kind one machine carries at a load, and what stands in the way of believing it. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from beholden.scale.figures import BASE_MB, WORKER_MB
from beholden.scale.measured import Bench, Machine, Period

LOAD = 0.8
"""What is left free takes the minutes in which more people pass than usual (design section 9: p95 at 80% load)."""
_SLIVER = 1e-9
"""0.8 x 10 / 0.8 is 10 cameras, whatever floating point says."""
SHORT_S = 30.0
"""A shorter measurement has seen a few keyframes, and perhaps nobody who passed."""
BUSY_CORES = 0.1
KEPT_UP = 0.95
"""Fewer of the promised looks than this, and a camera was not kept up with, or sends fewer pictures."""


def carried(each: float, there: float, load: float = LOAD) -> int:
    """How many cameras that take `each` fit into `load` of what is `there`: cores, or megabytes."""
    return math.floor(there * load / each + _SLIVER)


@dataclass(frozen=True, slots=True)
class Carries:
    """How many cameras like those that were measured the cores of a machine carry, and its memory."""

    by_cores: int
    by_memory: int

    @property
    def cameras(self) -> int:
        return min(self.by_cores, self.by_memory)


def workers(cores: float) -> int:
    """Worker processes where there are cameras enough: as many as cores (`cameras.workers` is unset)."""
    return max(1, math.floor(cores))


def by_memory(each_mb: float, before_mb: float, there_mb: float, load: float = LOAD) -> int:
    """How many cameras of `each_mb` fit beside `before_mb` into `load` of the memory that is there."""
    free = there_mb - before_mb / load
    # A camera that takes next to none is held back by the cores alone.
    return carried(max(each_mb, 0.1), free, load) if free > 0 else 0


def carries(period: Period, machine: Machine, load: float = LOAD) -> Carries | None:
    """How many cameras like those of a period a machine carries; None when none could be read."""
    cores, memory_mb = period.cores_per_camera, period.memory_per_camera_mb
    if not cores or memory_mb is None:
        return None
    before_mb = BASE_MB + workers(machine.cores) * WORKER_MB
    return Carries(carried(cores, machine.cores, load), by_memory(memory_mb, before_mb, machine.memory_mb, load))


def doubts(bench: Bench) -> tuple[str, ...]:
    """Why the figures may be wrong, one sentence each; none when nothing is known against them."""
    said: list[str] = []
    if bench.seconds < SHORT_S:
        said.append(
            f"{bench.seconds:.0f} s are too short to say much: people come and go. Give --for 60 or more, at a usual "
            "hour."
        )
    others = max(period.others_cores for period in bench.periods)
    if others >= BUSY_CORES:
        said.append(
            f"Other programs used {others:.1f} cores of this machine meanwhile: they are not in the figures, and made "
            "ours larger. Measure again when it is idle."
        )
    for period in bench.periods:
        said += _doubts_of(period, bench)
    return tuple(dict.fromkeys(said))


def _doubts_of(period: Period, bench: Bench) -> list[str]:
    said: list[str] = []
    while_recording = " while recording" if period.recorded else ""
    for camera in period.cameras:
        if not camera.readable:
            said.append(
                f"{camera.camera} could not be read and is in no figure: {camera.problem or 'no picture came'}."
            )
            continue
        expected = bench.rate * period.wall_s
        if camera.reconnects or camera.problem:
            why = camera.problem or "it came back"
            said.append(f"{camera.camera} was lost meanwhile{while_recording}: its figures are too small ({why}).")
        elif camera.dropped > (1 - KEPT_UP) * expected:
            said.append(
                f"{camera.camera}: {camera.dropped} pictures were dropped{while_recording} because this machine did "
                "not keep up. Measure fewer cameras at once."
            )
        elif camera.looked_at < KEPT_UP * expected - 1:
            rate = camera.looked_at / period.wall_s
            said.append(
                f"{camera.camera} was looked at {rate:.1f} times a second{while_recording}, "
                f"not {bench.rate:.1f}: it sends fewer pictures, and a camera that sends more costs more."
            )
    if period.readable and not any(camera.faces for camera in period.readable):
        said.append("Nobody was in view: a camera that sees people costs more. Measure at a usual hour.")
    return said
