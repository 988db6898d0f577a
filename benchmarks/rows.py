"""From measurements to the rows that are held against aims. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, Protocol

from benchmarks.aims import AIMS, Row, extra_percent
from benchmarks.latency import Latency
from benchmarks.measuring import SMALL_FLOOR
from benchmarks.ours import Keeping

MORE = 2
"""Overload: so many times the cameras that one core carries."""


class Measured(Protocol):
    """What `measuring.Bench` has measured."""

    @property
    def memory_mb(self) -> Mapping[Keeping, float]: ...

    def median(self, clip: str, loop: str) -> float: ...

    def figures(self, clip: str, loop: str) -> list[float]: ...


def engine_rows(bench: Measured) -> list[Row]:
    """Cameras per core, beside the floor and beside peers; recording and memory."""
    ours, busy = bench.median("typical", "ours"), bench.median("busy", "ours")
    floor = bench.median("typical", "floor")
    plain, recorded = bench.figures("typical", "ours"), bench.figures("typical", "ours_recording")
    busy_recording = extra_percent(bench.figures("busy", "ours"), bench.figures("busy", "ours_recording"))
    of_busy = {name: busy / bench.median("busy", name) for name in ("opencv", "opencv_policy", "dlib")}
    return [
        Row(AIMS["typical"], ours, floor),
        Row(AIMS["busy"], busy, bench.median("busy", "floor")),
        Row(AIMS["substream"], bench.median("typical", "substream"), bench.median("typical", SMALL_FLOOR)),
        *(
            Row(AIMS[name], ours / bench.median("typical", name), detail={"busy": round(of_busy[name], 2)})
            for name in ("opencv", "opencv_policy", "dlib")
        ),
        Row(AIMS["recording"], extra_percent(plain, recorded), detail={"busy": round(busy_recording, 1)}),
        Row(
            AIMS["memory"],
            bench.memory_mb[Keeping.NOTHING],
            detail={"kept": {str(keeping): round(mb, 1) for keeping, mb in bench.memory_mb.items()}},
        ),
    ]


def latency_row(latency: Latency) -> Row:
    """What was heard; no value where the load was another one, or too few were named."""
    return Row(AIMS["latency"], latency.p95, detail=latency.as_values())


def overload_count(cameras_per_core: float) -> int:
    """Cameras for one core at `MORE` times of what it carries: two at least, so that one can be held beside another."""
    return max(2, round(MORE * cameras_per_core))


def overload_rows(told: Mapping[str, Any], *, faces: int, mbit_per_s: float) -> list[Row]:
    """Evenness, covers and queues, from what `overload.watch` told of a clip with `faces` always in view."""
    looks, covers = told["looks_per_s"], told["covers"]
    count = told["cameras"]
    waiting = [(at, held * 8 / 1e6 / mbit_per_s / count) for at, held in told["waiting_bytes"]]
    short = 100 * sum(one < faces for one in covers) / len(covers) if covers else None
    told_besides = {name: told[name] for name in ("cameras", "looks_per_s", "read_per_s", "dropped", "problems")}
    return [
        Row(AIMS["overload_even"], looks[0] / looks[-1] if looks and looks[-1] else None, detail=told_besides),
        Row(AIMS["overload_looks"], looks[0] if looks else None),
        Row(AIMS["overload_covered"], short, detail={"shown": told["shown"], "least": min(covers, default=None)}),
        Row(
            AIMS["overload_age"],
            told["age_s"]["p95"],
            detail={"age_s": told["age_s"], "grown_s": grown(told["ages"]), "over_time": told["ages"]},
        ),
        Row(
            AIMS["overload_queue"],
            grown(waiting),
            detail={"over_time": [[at, round(seconds, 3)] for at, seconds in waiting]},
        ),
    ]


def grown(points: Sequence[tuple[float, float]]) -> float | None:
    """How much higher the middle of the last third is than that of the first, in time; None of fewer than six."""
    third = len(points) // 3
    if third < 2:
        return None
    ordered = sorted((at, value) for at, value in points)
    return median(value for _, value in ordered[-third:]) - median(value for _, value in ordered[:third])
