"""What is left out to be fast changes no result: the town's clips, and somebody who comes to an empty lobby.

Fast is as a live camera runs: packets that wait while nothing moves, and no detection where nothing changed. Careful
decodes every picture and looks for faces in every analysed one. Both analyse five pictures a second of the same stream.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from tests.live.clips import write_pictures
from tests.live.resting import frames_of
from tests.pipeline.conftest import FakeGate, Stage, walk

from beholden.demo.scene import Scene, Setting, dress, film
from beholden.demo.town import film_town, town
from beholden.faces.engine import FaceEngine
from beholden.model.frame import CoveredFrame, Frame, Pixels
from beholden.pipeline.motion import MotionGate
from beholden.video.camera.feed import Arrival, packet_time
from beholden.video.camera.idle import Resting
from beholden.video.cover import FILL

TOWN = town()
LOBBY = "somebody in an empty lobby"
CLIPS = (LOBBY, *(clip.name for clip in TOWN.clips))
FPS = 12
ENOUGH = 0.95
"""Of each careful cover."""
SPECK = 16
"""Pixels: smaller patches are what is left of a cover beside another one."""


class FromFile:
    """A file as one connection to a camera: a packet arrives at its own time."""

    def __init__(self, path: Path) -> None:
        self._container = av.open(str(path))
        self._stream = self._container.streams.video[0]

    @property
    def context(self) -> av.VideoCodecContext:
        return self._stream.codec_context

    def arrivals(self) -> Iterator[Arrival]:
        begins = True
        for packet in self._container.demux(self._stream):
            if packet.size:
                yield Arrival(packet, packet_time(packet) or 0.0, begins)
                begins = False

    def close(self) -> None:
        self._container.close()


@dataclass
class Outcome:
    """Who was named, and what was analysed and shown, by offset."""

    named: set[str]
    analysed: dict[float, Frame] = field(default_factory=dict[float, Frame])
    shown: dict[float, CoveredFrame] = field(default_factory=dict[float, CoveredFrame])
    rested: bool = False


def played(path: Path, stage: Stage, when: Resting) -> Outcome:
    """A live camera's frames through all stages."""
    feed, frames, outcome = FromFile(path), frames_of(when), Outcome(set())
    for arrival in feed.arrivals():
        for live in frames.take(feed, arrival):
            stage.decisions += stage.run.step(live.frame)
            frames.looked(live.frame.offset_s, still=stage.run.still)
            outcome.analysed[round(live.frame.offset_s, 3)] = live.frame
        outcome.rested |= frames._idle.resting
    for live in frames.lost():
        stage.decisions += stage.run.step(live.frame)
    stage.decisions += stage.run.leave()
    outcome.named = stage.named
    outcome.shown = {round(covered.offset_s, 3): covered for covered in stage.shown}
    feed.close()
    return outcome


@contextmanager
def every_picture() -> Iterator[None]:
    """The detector looks at each, whatever has changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MotionGate, "changed", lambda *_: True)
        yield


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("fast")
    found = {name: clip.path for name, clip in film_town(TOWN, folder).items()}
    scene = Scene(
        Setting.LOBBY, 3, (walk("P003", (9.3, -60, 280, 84), (13.1, 1340, 290, 96)),), seconds=16.0, fps=float(FPS)
    )
    pictures = [pixels for pixels, _ in film(scene, dress([scene]))]
    return found | {LOBBY: write_pictures(folder / "lobby.mp4", pictures, fps=FPS, options={"crf": "28"})}


@pytest.fixture(scope="module")
def outcomes(files: dict[str, Path], engine: FaceEngine, references: dict[str, np.ndarray]):
    """Fast and careful, each clip once."""

    def stage() -> Stage:
        return Stage(engine, FakeGate(references, list(references), engine.embedder.model))

    made: dict[str, tuple[Outcome, Outcome]] = {}

    def both(name: str) -> tuple[Outcome, Outcome]:
        if name not in made:
            fast = played(files[name], stage(), Resting.CAREFUL)
            with every_picture():
                made[name] = fast, played(files[name], stage(), Resting.NEVER)
        return made[name]

    return both


def cover_of(frame: Frame, covered: CoveredFrame) -> np.ndarray:
    """HxW uint8: 1 where something was covered."""
    return (_filled(covered.pixels) & ~_filled(frame.pixels)).astype(np.uint8)


def _filled(pixels: Pixels) -> np.ndarray:
    return (pixels == FILL).all(axis=2)


def least_covered(fast: Outcome, careful: Outcome) -> tuple[int, float]:
    """How many careful covers are in the pictures that fast shows, and the least share of one that fast covers."""
    count, least = 0, 1.0
    for at, covered in fast.shown.items():
        theirs = cover_of(careful.analysed[at], careful.shown[at])
        ours = cover_of(fast.analysed[at], covered)
        patches, labels = cv2.connectedComponents(theirs)
        for patch in range(1, patches):
            place = labels == patch
            if place.sum() >= SPECK:
                count, least = count + 1, min(least, float(ours[place].mean()))
    return count, least


@pytest.mark.parametrize("name", CLIPS)
def test_the_same_people_are_named(name: str, outcomes) -> None:
    """No more, and no fewer."""
    fast, careful = outcomes(name)
    assert fast.named == careful.named


@pytest.mark.parametrize("name", CLIPS)
def test_what_careful_covers_is_covered(name: str, outcomes) -> None:
    """At least 95% of each cover, in every picture that is shown; what is not shown had nothing to cover."""
    fast, careful = outcomes(name)
    count, least = least_covered(fast, careful)
    assert count > 0
    assert least >= ENOUGH
    left_out = careful.shown.keys() - fast.shown.keys()
    assert [at for at in left_out if cover_of(careful.analysed[at], careful.shown[at]).any()] == []


def test_there_was_something_to_leave_out(outcomes) -> None:
    """The empty lobby rests, and whoever comes is named all the same."""
    fast, careful = outcomes(LOBBY)
    assert fast.rested
    assert not careful.rested
    assert fast.named == {"P003"}
    assert len(fast.shown) < 0.95 * len(careful.shown)


def test_a_cover_that_is_missing_would_be_noticed(outcomes) -> None:
    """The measure of covers sees one that is a third too small."""
    fast, careful = outcomes(LOBBY)
    at = next(at for at, covered in fast.shown.items() if covered.covers)
    covered, frame = fast.shown[at], fast.analysed[at]
    pixels = covered.pixels.copy()
    rows = np.flatnonzero(cover_of(frame, covered).any(axis=1))
    third = slice(rows[0], rows[len(rows) // 3])
    pixels[third] = frame.pixels[third]
    spoiled = Outcome(set(), fast.analysed, {at: CoveredFrame(0, at, pixels, 1)})
    assert least_covered(spoiled, careful)[1] < ENOUGH
