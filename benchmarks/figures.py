"""Figures out of measurements: percentiles, a line through points, and verdicts against limits. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """A value held against what it may be at most. `value` None: not measured, which passes nowhere;
    `judged` False: measured for too short a time to say anything, which fails nowhere."""

    what: str
    value: float | None
    limit: float
    unit: str
    judged: bool = True

    @property
    def ok(self) -> bool:
        return not self.judged or (self.value is not None and self.value <= self.limit)

    def as_values(self) -> dict[str, object]:
        value = None if self.value is None else round(self.value, 4)
        return {
            "what": self.what,
            "value": value,
            "limit": self.limit,
            "unit": self.unit,
            "judged": self.judged,
            "ok": self.ok,
        }

    def line(self) -> str:
        verdict = ("ok" if self.ok else "NO") if self.judged else "too short to judge"
        value = "none" if self.value is None else f"{self.value:.3g}"
        return f"{self.what:<58} {value:>8} {self.unit:<5} at most {self.limit:<6g} {verdict}"


@dataclass(frozen=True, slots=True)
class Spread:
    """Of some values: how many, the middle, the 95th percentile (nearest rank), the highest; None of none."""

    count: int
    p50: float | None
    p95: float | None
    highest: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        ordered = sorted(values)
        return cls(len(ordered), percentile(ordered, 50), percentile(ordered, 95), ordered[-1] if ordered else None)

    def as_values(self) -> dict[str, object]:
        rounded = {name: None if v is None else round(v, 4) for name, v in zip(_NAMES, self._values(), strict=True)}
        return {"count": self.count, **rounded}

    def _values(self) -> tuple[float | None, float | None, float | None]:
        return self.p50, self.p95, self.highest


_NAMES = ("p50", "p95", "max")


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """The nearest rank of values in ascending order; None of none."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float | None:
    return percentile(sorted(values), 50)


def shares(values: Sequence[float], width: float) -> dict[str, float]:
    """Which share of the values lies in each step of `width` from 0 up, by where it begins; empty ones left out."""
    counts: dict[int, int] = {}
    for value in values:
        step = math.floor(value / width)
        counts[step] = counts.get(step, 0) + 1
    return {f"{step * width:.2f}": round(count / len(values), 3) for step, count in sorted(counts.items())}


def slope(points: Sequence[tuple[float, float]]) -> float | None:
    """Of the least-squares line through (x, y); None of fewer than two different x."""
    count = len(points)
    if count < 2:
        return None
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread > 0 else None


def thinned(values: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """At most `most` of them, evenly taken."""
    step = max(1, math.ceil(len(values) / most))
    return list(values[::step])
