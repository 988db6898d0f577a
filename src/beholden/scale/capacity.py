"""How many cameras of a kind one machine carries at a load, and what stands in the way of believing it. Pure."""

from __future__ import annotations

import math

from beholden.scale.measured import Bench, Period

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


def carries(period: Period, cores: float, load: float = LOAD) -> int | None:
    """How many cameras like those of a period so many cores carry; None when none could be read."""
    each = period.cores_per_camera
    return None if not each else carried(each, cores, load)


def doubts(bench: Bench) -> tuple[str, ...]:
    """Why the figures may be wrong, one sentence each; none when nothing is known against them."""
    said: list[str] = []
    if bench.seconds < SHORT_S:
        said.append(
            f"{bench.seconds:.0f} s are too short to say much: people come and go. Give --for 60 or more, at a usual "
            "hour."
        )
    for period in bench.periods:
        said += _doubts_of(period, bench)
    return tuple(dict.fromkeys(said))


def _doubts_of(period: Period, bench: Bench) -> list[str]:
    said: list[str] = []
    while_recording = " while recording" if period.recorded else ""
    if period.others_cores >= BUSY_CORES:
        said.append(
            f"Other programs used {period.others_cores:.1f} cores of this machine{while_recording}: they are not in "
            "the figures, and made ours larger. Measure again when it is idle."
        )
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
