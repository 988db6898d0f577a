"""What tests of evaluation share: an engine loaded once, a synthetic portrait, and people made of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from beholden.demo.anatomy import find_face
from beholden.demo.people import picture
from beholden.evaluate.people_folder import PeopleFolder
from beholden.evaluate.setting import Setting
from beholden.evaluate.templates import Looked, Refusal, Templates
from beholden.faces.engine import FaceEngine, load_engine
from beholden.model.frame import Pixels
from tests import synthetic


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the demo's extra, tests that look at synthetic people are skipped with the reason; CI installs it."""
    if synthetic.EXTRA:
        for item in items:
            if "portrait" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.skip(reason=synthetic.REASON))


@pytest.fixture(scope="session")
def engine() -> FaceEngine:
    """The shipped models."""
    return load_engine()


@pytest.fixture(scope="session")
def portrait() -> Pixels:
    """A synthetic person's portrait, shrunk until the face is about 160 pixels wide."""
    photo = picture(synthetic.ADA, "studio_portrait")
    scale = 160 / find_face(photo, "the portrait").box.w
    return np.asarray(cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def no_progress(what: str, done: int, total: int) -> None:
    """Nobody looks."""


def setting_for(gallery: int) -> Setting:
    """A setting with the threshold 0.5, whatever the gallery."""
    return Setting("made-up", "aa" * 32, "made up", 0.01, max(100, gallery), 0.5, extrapolated=False, alike=0.5)


def looked_at(
    vectors: np.ndarray,
    at_enrolment: Sequence[Refusal | None] | None = None,
    at_camera: Sequence[Refusal | None] | None = None,
    quality: Sequence[float] | None = None,
) -> Looked:
    """Pictures whose templates are these rows, made unit length; none is refused where nothing is said."""
    rows = np.asarray(vectors, np.float32)
    templates = Templates(*rows.shape)
    templates.vectors[:] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    nothing: list[Refusal | None] = [None] * len(rows)
    return Looked(
        templates,
        tuple(at_enrolment or nothing),
        tuple(at_camera or at_enrolment or nothing),
        np.array([0.8] * len(rows) if quality is None else quality, np.float32),
    )


def people_of(person: Sequence[int]) -> PeopleFolder:
    """Pictures of these people, that lie nowhere."""
    who = np.array(person, np.int32)
    count = int(who.max()) + 1
    return PeopleFolder(
        names=tuple(f"person {number}" for number in range(count)),
        pictures=tuple(Path(f"{index}.jpg") for index in range(len(who))),
        person=who,
        folder=who + 1,
        place=np.arange(1, len(who) + 1, dtype=np.int32),
        empty=0,
        passed_over=0,
        repeated=0,
    )


def crowd(people: int, pictures: int, seed: int = 1, spread: float = 0.05, length: int = 32) -> np.ndarray:
    """(people * pictures, length): random directions, one per person, each picture a little beside it."""
    random = np.random.default_rng(seed)
    centres = np.repeat(random.normal(size=(people, length)), pictures, axis=0)
    return centres + spread * random.normal(size=centres.shape)
