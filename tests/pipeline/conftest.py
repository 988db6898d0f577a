"""Scenes of synthetic people walked through the real pipeline, with the registry and the log as hand-written fakes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest

from beholden.demo.backdrop import Setting
from beholden.demo.people import PersonId, photos
from beholden.demo.scene import Actor, Scene, Seen, Step, dress, film
from beholden.faces.engine import FaceEngine, load_engine
from beholden.faces.enrolment import make_reference
from beholden.model.errors import BeholdenError
from beholden.model.frame import CoveredFrame, Frame
from beholden.model.gallery import Gallery
from beholden.model.grant import Capture, Place, Viewpoint
from beholden.model.ids import (
    CameraId,
    Epoch,
    GrantId,
    ModelDigest,
    PlaceId,
    SightingId,
    SubjectId,
    TrackId,
    sighting_id,
)
from beholden.model.match import Known, Match
from beholden.pipeline.ports import TrackDecision
from beholden.pipeline.stages import CameraRun
from beholden.video.picture import StillDetail

START = datetime(2026, 5, 4, 8, tzinfo=UTC)
RATE = 5.0
LOOKS = ("calm", "determined")
VIEWPOINT = Viewpoint(CameraId("cam"), Place(PlaceId("lobby"), capture=Capture.LANE))


@pytest.fixture(scope="session")
def engine() -> FaceEngine:
    return load_engine()


@pytest.fixture(scope="session")
def references(engine: FaceEngine) -> dict[str, np.ndarray]:
    """Reference vectors of everybody who may be enrolled in a test, by person."""
    vectors: dict[str, np.ndarray] = {}
    for person in ("P003", "P005", "P007", "P008"):
        probe, _ = make_reference(list(photos(PersonId(person)).values()), engine.detector, engine.embedder)
        with probe:
            vectors[person] = probe.vector.copy()
    return vectors


class FakeGate:
    """A registry in memory: who may be seen, and an error to raise instead."""

    def __init__(self, references: dict[str, np.ndarray], people: Sequence[str], model: ModelDigest) -> None:
        self.references, self.people, self.model = references, list(people), model
        self.changes = 1
        self.naming = True
        self.error: BeholdenError | None = None

    def withdraw(self, person: str) -> None:
        self.people.remove(person)
        self.changes += 1

    def revision(self) -> int:
        if self.error:
            raise self.error
        return self.changes

    def gallery(self, viewpoint: Viewpoint, moment: datetime, model: ModelDigest) -> Gallery:
        if self.error:
            raise self.error
        rows = [self.references[person] for person in self.people]
        return Gallery(
            tuple(SubjectId(person) for person in self.people),
            tuple(GrantId(f"g-{person}") for person in self.people),
            np.array(rows, np.float32).reshape(len(rows), 128),
            self.model,
            self.changes,
            self.naming,
        )


class FakeSettle:
    """A log and a store in memory, which can refuse."""

    def __init__(self) -> None:
        self.names: list[tuple[str, TrackId]] = []
        self.endings: list[Match] = []
        self.error: BeholdenError | None = None

    def named(
        self, viewpoint: Viewpoint, epoch: Epoch, track: TrackId, match: Known, moment: datetime
    ) -> SightingId | None:
        if self.error:
            raise self.error
        self.names.append((match.subject, track))
        return sighting_id(viewpoint.camera, epoch, track, match.subject)

    def ended(self, viewpoint: Viewpoint, track: TrackId, match: Match, moment: datetime, seconds: float) -> None:
        if self.error:
            raise self.error
        self.endings.append(match)


def walk(person: str, *steps: tuple[float, float, float, float]) -> Actor:
    """Someone along steps of (t, x, y, face width)."""
    return Actor(PersonId(person), tuple(Step(*step) for step in steps), LOOKS)


def frames_of(*actors: Actor, seconds: float = 4.0, seed: int = 3) -> list[tuple[Frame, tuple[Seen, ...]]]:
    """Frames of a scene at five a second, with the truth of each: analysed at 640x360, shots from 1280x720."""
    scene = Scene(Setting.LOBBY, seed, actors, seconds=seconds, fps=RATE)
    made: list[tuple[Frame, tuple[Seen, ...]]] = []
    for index, (pixels, truth) in enumerate(film(scene, dress([scene]))):
        small = np.asarray(cv2.resize(pixels, (640, 360), interpolation=cv2.INTER_AREA), np.uint8)
        small.flags.writeable = False
        offset = index / RATE
        captured = START + timedelta(seconds=offset)
        made.append((Frame(VIEWPOINT.camera, index, captured, offset, small, StillDetail(pixels)), truth))
    return made


class Stage:
    """One run over a scene: what was decided, shown and stored."""

    def __init__(self, engine: FaceEngine, gate: FakeGate) -> None:
        self.gate, self.settle = gate, FakeSettle()
        self.shown: list[CoveredFrame] = []
        self.run = CameraRun(engine, VIEWPOINT, Epoch("e"), gate, self.settle, self.shown.append)
        self.decisions: list[TrackDecision] = []

    def play(self, frames: Sequence[Frame] | Iterator[Frame]) -> list[TrackDecision]:
        for decision in self.run.watch(frames):
            self.decisions.append(decision)
        return self.decisions

    @property
    def named(self) -> set[str]:
        return {d.match.subject for d in self.decisions if isinstance(d.match, Known)}


@pytest.fixture
def stage(engine: FaceEngine, references: dict[str, np.ndarray]):
    """A stage for the people of a gallery: `stage("P003", "P007")`."""

    def build(*people: str) -> Stage:
        return Stage(engine, FakeGate(references, people, engine.embedder.model))

    return build
