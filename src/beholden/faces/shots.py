"""The best shots of one track: at most five, by quality, spread in time; wiped when the track ends.

Embedding costs twenty times what looking at a shot costs, so few are embedded. While nobody knows who
it is, a shot is embedded at once, and the next ones ever further apart: a name comes soon, and what
supports it is spread over seconds. Later looks wait for the best of a short window.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from beholden.faces.pool import pool
from beholden.model.frame import Pixels
from beholden.model.template import ProbeTemplate

MAX_SHOTS = 5
"""Most of the gain of pooling is reached by five (measured: TAR .78 -> .92 at 32 px)."""
MIN_GAP_S = 0.15
"""Shots closer in time than this are nearly the same picture, and no second opinion. The third is taken
after twice this time, the fourth after three times, ...
"""
BETTER = 1.2
"""A shot this much better than the best is not waited with; once there are five, one this much better
than the worst replaces it."""
WINDOW_S = 0.2
"""Of a track that has a name, a candidate waits this long for a better one: nobody waits for it."""


@dataclass(slots=True)
class _Candidate:
    aligned: Pixels
    quality: float
    at_s: float
    window_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One embedded shot: its template, its quality 0-1 and when (seconds since the source began)."""

    probe: ProbeTemplate
    quality: float
    at_s: float


class Shots:
    """The shots of one track. Nothing here outlives `wipe`."""

    def __init__(self) -> None:
        self._candidate: _Candidate | None = None
        self._shots: list[Shot] = []

    @property
    def embedded(self) -> tuple[Shot, ...]:
        return tuple(self._shots)

    @property
    def full(self) -> bool:
        return len(self._shots) >= MAX_SHOTS

    @property
    def last_s(self) -> float:
        """When the newest embedded shot was taken; minus infinity when there is none."""
        return max((shot.at_s for shot in self._shots), default=-math.inf)

    def wants(self, quality: float, now_s: float, *, fresh: bool) -> bool:
        """Whether a shot of this quality taken now would be of use; `fresh` asks for a new one whatever its quality."""
        gap_s = now_s - self.last_s
        if gap_s < MIN_GAP_S:
            return False
        if self._candidate is not None and quality <= self._candidate.quality:
            return False
        if fresh or not self._shots:
            return True
        qualities = [shot.quality for shot in self._shots]
        if self.full:
            return quality > BETTER * min(qualities)
        return gap_s >= MIN_GAP_S * len(self._shots) or quality > BETTER * max(qualities)

    def offer(self, aligned: Pixels, quality: float, now_s: float) -> None:
        """Keep an aligned face (112x112x3 BGR, owned here from now on) as the best so far of its window."""
        window = self._candidate.window_s if self._candidate else now_s
        self._drop_candidate()
        self._candidate = _Candidate(aligned, quality, now_s, window)

    def ready(self, now_s: float, *, fresh: bool) -> bool:
        """Whether a candidate has waited long enough; only one that gives a `fresh` look at a known face waits."""
        if self._candidate is None:
            return False
        return not fresh or now_s - self._candidate.window_s >= WINDOW_S - 1e-3

    @property
    def waiting(self) -> bool:
        return self._candidate is not None

    def embed(self, embed: Callable[[Pixels], ProbeTemplate], *, fresh: bool) -> Shot | None:
        """Turn the waiting candidate into a shot; the oldest (`fresh`) or the worst one makes room."""
        if self._candidate is None:
            return None
        candidate = self._candidate
        try:
            shot = Shot(embed(candidate.aligned), candidate.quality, candidate.at_s)
        finally:
            self._drop_candidate()
        while len(self._shots) >= MAX_SHOTS:
            leaving = min(self._shots, key=lambda kept: kept.at_s if fresh else kept.quality)
            self._shots.remove(leaving)
            leaving.probe.wipe()
        self._shots.append(shot)
        return shot

    def pooled(self) -> ProbeTemplate | None:
        """One probe from all shots, in a buffer of its own; None when there are none. The caller wipes it."""
        return pool([(shot.probe, shot.quality) for shot in self._shots]) if self._shots else None

    def wipe(self) -> None:
        """Overwrite every template and picture."""
        self._drop_candidate()
        for shot in self._shots:
            shot.probe.wipe()
        self._shots.clear()

    def _drop_candidate(self) -> None:
        if self._candidate is not None:
            self._candidate.aligned.fill(0)
            self._candidate = None
