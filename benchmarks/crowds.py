"""Clips for curves: so many faces always in view, or so many people who pass in a minute. 1080p25 as in `clips.py`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from beholden.demo.backdrop import Setting
from beholden.demo.scene import Actor, Effects, Scene
from benchmarks.clips import FPS, LEDGE, SIZE, actor, recipe, write_clip

FACES = (0, 1, 2, 5, 10, 15, 20)
PASSERS = (0, 2, 4, 8)
"""In each clip of `PASSING_S`, one after the other."""
CROWD_S, PASSING_S = 12.0, 24.0
_CROWD = ("P003", "P008", "P007", "P005", "P001", "P002", "P006", "P009", "P004", "P010")
_KNOWN = ("P003", "P005", "P007", "P008")
_FACE = 56.0
"""Wide enough to be recognised (48), and twenty stand beside each other."""
_SWAY = 16.0
_CROSSES_S = 2.8


@dataclass(frozen=True, slots=True)
class Crowd:
    """A clip on disk, and how many faces are in view or how many people pass."""

    count: int
    path: Path
    seconds: float


def make_crowds(folder: Path) -> list[Crowd]:
    """Clips with each number of `FACES` in view; made on the first call, two processes at once."""
    return _made(folder, "crowd", FACES, CROWD_S)


def make_passing(folder: Path) -> list[Crowd]:
    """Clips in which each number of `PASSERS` pass, all of them people of `ENROLLED` of the latency benchmark."""
    return _made(folder, "passing", PASSERS, PASSING_S)


def crowd(count: int) -> Scene:
    """`count` people beside each other, swaying together, so that nobody hides anybody."""
    apart = SIZE[0] / max(count, 1)
    return _scene(50 + count, tuple(_swaying(number, apart) for number in range(count)), CROWD_S)


def passing(count: int) -> Scene:
    """`count` people who cross the picture, evenly spread over the clip, nobody in view at both ends."""
    return _scene(90 + count, tuple(_crossing(number, count) for number in range(count)), PASSING_S)


_SCENES: dict[str, Callable[[int], Scene]] = {"crowd": crowd, "passing": passing}


def _scene(seed: int, actors: tuple[Actor, ...], seconds: float) -> Scene:
    return Scene(Setting.LOBBY, seed, actors, seconds, FPS, *SIZE, LEDGE, Effects(noise=0.0))


def _swaying(number: int, apart: float) -> Actor:
    middle = apart * (number + 0.5)
    steps = [
        (float(t), middle + (_SWAY if turn % 2 else -_SWAY), 640.0, _FACE)
        for turn, t in enumerate(np.arange(0.0, CROWD_S + 3.1, 1.5))
    ]
    return actor(number % 5, _CROWD[number % len(_CROWD)], *steps)


def _crossing(number: int, count: int) -> Actor:
    begins = 0.5 + number * (PASSING_S - 1.0 - _CROSSES_S) / max(1, count - 1)
    ends = (-120.0, SIZE[0] + 120.0)
    start, stop = ends if number % 2 else ends[::-1]
    return actor(number % 5, _KNOWN[number % 4], (begins, start, 480, 72), (begins + _CROSSES_S, stop, 450, 96))


def _made(folder: Path, kind: str, counts: tuple[int, ...], seconds: float) -> list[Crowd]:
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        paths = pool.map(_make, [folder] * len(counts), [kind] * len(counts), counts)
        return [Crowd(count, path, seconds) for count, path in zip(counts, paths, strict=True)]


def _make(folder: Path, kind: str, count: int) -> Path:
    path = folder / f"{kind}-{count}-{recipe(Path(__file__))}.mp4"
    if not path.exists():
        for old in folder.glob(f"{kind}-{count}-*"):
            old.unlink()
        write_clip(_SCENES[kind](count), path)
    return path
