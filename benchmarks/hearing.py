"""What `beholden watch --json` says, line by line, kept as figures: nothing in here grows with the time but numbers."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from benchmarks.figures import median
from benchmarks.stack import Line


@dataclass
class CameraFigures:
    """One camera's health over time, each second: rates while it was live, and the newest line."""

    read_fps: list[float] = field(default_factory=list)
    analysed_fps: list[float] = field(default_factory=list)
    latency_s: list[float] = field(default_factory=list)
    dropped: int = 0
    dropped_before: int = 0
    last: dict[str, Any] = field(default_factory=dict)


class Hearing:
    """Takes lines from the program's thread; everything else may be asked from any other."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._more = threading.Condition()
        self.health: dict[str, CameraFigures] = defaultdict(CameraFigures)
        self.delays: list[float] = []
        """Seconds from the arrival of the decisive shot to each name."""
        self.named: dict[str, Counter[str]] = defaultdict(Counter)
        """How often each person was named at each camera."""
        self.ended: Counter[str] = Counter()
        """What tracks ended as."""

    def hear(self, line: Line) -> None:
        with self._more:
            if "health" in line:
                self._healthy(dict(line["health"]))
            elif "decision" in line:
                self._decided(dict(line["decision"]))
            self._more.notify_all()

    def wait_live(self, camera: str, seconds: float) -> bool:
        """Wait until a camera is looked at; whether it is."""
        with self._more:
            return self._more.wait_for(lambda: bool(self.health[camera].last.get("analysed")), seconds)

    def mean_fps(self, camera: str) -> tuple[float, float]:
        """Pictures read and analysed a second, while the camera was live."""
        figures = self.health[camera]
        return (
            fmean(figures.read_fps) if figures.read_fps else 0.0,
            fmean(figures.analysed_fps) if figures.analysed_fps else 0.0,
        )

    def camera_values(self, camera: str) -> dict[str, Any]:
        figures = self.health[camera]
        read, analysed = self.mean_fps(camera)
        latency = median(figures.latency_s)
        return {
            "read_fps": round(read, 2),
            "analysed_fps": round(analysed, 2),
            "dropped": figures.dropped_before + figures.dropped,
            "reconnects": figures.last.get("reconnects", 0),
            "latency_p50_s": None if latency is None else round(latency, 4),
            "latency_max_s": max(figures.latency_s, default=None),
            "error": figures.last.get("error"),
            "named": sum(self.named[camera].values()),
        }

    def _healthy(self, health: dict[str, Any]) -> None:
        figures = self.health[health["camera"]]
        if health["dropped"] < figures.dropped:  # its worker began again
            figures.dropped_before += figures.dropped
        figures.dropped = health["dropped"]
        figures.last = health
        if health["state"] == "live" and health["analysed_fps"] > 0:
            figures.read_fps.append(health["read_fps"])
            figures.analysed_fps.append(health["analysed_fps"])
            if health["latency_s"] is not None:
                figures.latency_s.append(health["latency_s"])

    def _decided(self, decision: dict[str, Any]) -> None:
        if decision["ended"]:
            self.ended[decision["answer"]] += 1
        elif decision["answer"] == "known":
            self.named[decision["camera"]][decision["who"]] += 1
            if decision["shot_to_event_s"] is not None:
                self.delays.append(decision["shot_to_event_s"])
