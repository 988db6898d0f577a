"""The process that is searched: watches the clip, and stands still as soon as the last track has ended.

`python -m tests.strangers.child CLIP FOLDER CACHE` uses FOLDER/data and FOLDER/covered. It reads one
JSON line per run, {"plants": [...], "stop_after": ...}; says "ended" when nobody is followed any more,
and goes on when it is sent another line. A plant keeps something of this very run on purpose, so
that a search which finds nothing is known to be able to find it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from beholden.faces import shots
from beholden.faces.embed import Embedder
from beholden.model.frame import Pixels
from beholden.model.template import ProbeTemplate
from beholden.pipeline import shot
from beholden.pipeline.ports import TrackDecision
from beholden.video.picture import FilmDetail
from tests.strangers.watching import OPEN, open_watch, watch

PLACES = ("data", "temp", "covered")


class Plants:
    """What this run keeps, and where: nothing unless it was asked to.

    A plant is named after what is kept, `template`, and, after a colon, where or how: `template:data`
    in a file, `template:printed` on standard error, `template:float16` in another form.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: list[np.ndarray] = []
        self._files: list[Path] = []
        self.wanted: dict[str, list[str]] = {}

    def want(self, names: Sequence[str]) -> None:
        for name in names:
            kind, _, how = name.partition(":")
            self.wanted.setdefault(kind, []).append(how)

    def take(self, kind: str, array: np.ndarray) -> None:
        """Keep `array` as often as plants of this kind ask for."""
        for how in self.wanted.get(kind, ()):
            if how in PLACES:
                self._files.append(self._folder / how / f"planted-{len(self._files)}")
                with self._files[-1].open("wb", buffering=0) as file:  # a buffer would be one more copy
                    file.write(b"odd")
                    file.write(array.data)
            elif how == "printed":
                print([float(value) for value in array.ravel()], file=sys.stderr, flush=True)
            else:
                self._held.append(_shaped(array, how))

    def clear(self) -> None:
        for held in self._held:
            held.fill(0)
        for path in self._files:
            path.unlink()
        self._held, self._files, self.wanted = [], [], {}


def _shaped(array: np.ndarray, how: str) -> np.ndarray:
    if how in ("float16", "float64"):
        return array.astype(how)
    if how == "piece":  # eight numbers of a template
        return array.ravel()[40:48].copy()
    if how == "row":  # a third of one row of a crop
        return array[56, 40:72].copy()
    return array.copy()


class LeakyEmbedder(Embedder):
    """The recogniser, with places to plant from."""

    plants: Plants

    def embed(self, aligned: Pixels) -> ProbeTemplate:
        self.plants.take("crop", aligned)
        if "grey" in self.plants.wanted:
            grey = np.asarray(cv2.cvtColor(aligned, cv2.COLOR_BGR2GRAY))
            self.plants.take("grey", grey)
            grey.fill(0)
        probe = super().embed(aligned)
        self.plants.take("template", probe.vector)
        return probe

    def _run(self) -> None:
        blank = not self._input.any()
        if not blank:
            self.plants.take("planes", self._input)
            if "prepared" in self.plants.wanted:
                prepared = self._input.copy()
                prepared -= np.float32(127.5)
                prepared *= np.float32(0.0078125)
                self.plants.take("prepared", prepared)
                prepared.fill(0)
        super()._run()
        if not blank:
            self.plants.take("raw", self._output[0])


def tap(plants: Plants) -> None:
    """Let plants reach what is made outside the recogniser."""
    cut, pool, crop = shot.cut, shots.pool, FilmDetail.crop

    def tapped_cut(*args: Any) -> Pixels | None:
        aligned = cut(*args)
        if aligned is not None:
            plants.take("unused", aligned)
        return aligned

    def tapped_pool(*args: Any) -> ProbeTemplate:
        pooled = pool(*args)
        plants.take("pooled", pooled.vector)
        return pooled

    def tapped_region(self: FilmDetail, *args: int) -> Pixels:
        region = crop(self, *args)
        plants.take("region", region)
        return region

    FilmDetail.crop = tapped_region  # type: ignore[assignment]
    shot.cut, shots.pool = tapped_cut, tapped_pool  # type: ignore[assignment]


class Stand:
    """Stands still, once, as soon as everybody who was followed is gone, until the parent has searched."""

    def __init__(self) -> None:
        self.stood = False

    def look(self, made: Sequence[TrackDecision], *, broken_off: bool = False) -> None:
        followed_ = {decision.track for decision in made}
        ended = {decision.track for decision in made if decision.ended}
        if not self.stood and followed_ and (broken_off or ended == followed_):
            self.stood = True
            say("ended", tracks=len(followed_), shots=max(decision.match.why.shots for decision in made))
            sys.stdin.readline()


def say(word: str, **more: object) -> None:
    print(json.dumps({"at": word, **more}), flush=True)


def main(clip: Path, folder: Path, cache: Path) -> None:
    cv2.setNumThreads(1)
    plants = LeakyEmbedder.plants = Plants(folder)
    tap(plants)
    watching = open_watch(folder / "data", cache, LeakyEmbedder)
    say("ready")
    for number, line in enumerate(sys.stdin):
        asked = json.loads(line)
        plants.want(asked["plants"])
        stand = Stand()
        watch(watching, clip, folder / "covered" / f"{number}.mp4", stand.look, asked["stop_after"])
        plants.clear()
        say("done", stood=stand.stood)
    OPEN.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
