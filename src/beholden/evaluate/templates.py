"""From pictures to templates in memory, each picture looked at once, in the product's own way; wiped at the end.

A picture is searched as an enrolment photo is (faces/enrolment.py) and judged twice: by the gates of enrolment, which
a reference must pass, and by those of a camera's shots, which a probe must pass. Templates exist here only, are never
written anywhere, and are overwritten when the block that holds them ends, however it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from beholden.faces.align import align
from beholden.faces.engine import FaceEngine
from beholden.faces.enrolment import faces_that_count
from beholden.faces.quality import ENROLMENT_GATES, assess
from beholden.model.errors import InputError
from beholden.model.face import Face, Flaw
from beholden.model.frame import Pixels
from beholden.video.limits import Limits
from beholden.video.still import read_still

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is, and of how much."""


class Refusal(StrEnum):
    """Why a picture is not used: one reason each, the first that holds. `REFUSAL_WORDS` has the sentences."""

    UNREADABLE = "unreadable"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    UNSURE = Flaw.UNSURE.value
    SMALL = Flaw.SMALL.value
    CUT_OFF = Flaw.CUT_OFF.value
    TURNED = Flaw.TURNED.value
    BLURRED = Flaw.BLURRED.value
    DARK = Flaw.DARK.value
    BRIGHT = Flaw.BRIGHT.value
    OCCLUDED = Flaw.OCCLUDED.value
    PHOTOS_DIFFER = "photos_differ"


REFUSAL_WORDS: dict[Refusal, str] = {
    Refusal.UNREADABLE: "cannot be read as a picture",
    Refusal.NO_FACE: "no face found",
    Refusal.SEVERAL_FACES: "several faces",
    Refusal.UNSURE: "not surely a face",
    Refusal.SMALL: "face too small",
    Refusal.CUT_OFF: "face cut off by the edge",
    Refusal.TURNED: "face turned away",
    Refusal.BLURRED: "face blurred",
    Refusal.DARK: "face too dark",
    Refusal.BRIGHT: "face over-exposed",
    Refusal.OCCLUDED: "part of the face hidden",
    Refusal.PHOTOS_DIFFER: "photos that do not look like one person",
}


class Templates:
    """The templates of many pictures: (n, d) float32 unit rows, zeros where there is none, in one buffer of its own.

    After `wipe` every use raises ValueError. Never copied, pickled or printed.
    """

    __slots__ = ("_vectors", "_wiped")

    def __init__(self, count: int, dimensions: int) -> None:
        self._vectors = np.zeros((count, dimensions), np.float32)
        self._wiped = False

    @property
    def vectors(self) -> Floats:
        if self._wiped:
            raise ValueError("these templates were wiped")
        return self._vectors

    def wipe(self) -> None:
        """Overwrite the numbers in place. Safe to call twice."""
        self._vectors.fill(0.0)
        self._wiped = True

    def __repr__(self) -> str:
        return f"<Templates of {len(self._vectors)} pictures, never shown>"

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError("templates are never stored, copied or sent: they live for one evaluation and are wiped")

    __reduce__ = _refuse
    __reduce_ex__ = _refuse
    __copy__ = _refuse
    __deepcopy__ = _refuse


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What was found in n pictures, in their order.

    `at_enrolment`, `at_camera` (n): why the gates of each refuse it, None where they do not. `quality` (n,) float32:
    0-1, NaN without a face. `problems`: pictures that could not be read, with the error.
    """

    templates: Templates
    at_enrolment: tuple[Refusal | None, ...]
    at_camera: tuple[Refusal | None, ...]
    quality: Floats
    problems: tuple[tuple[int, InputError], ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len(self.at_camera)

    @property
    def readable(self) -> Flags:
        """(n,) bool: pictures that could be read; the others are counted in no rate."""
        return np.array([each is not Refusal.UNREADABLE for each in self.at_camera], bool)

    @property
    def found(self) -> Flags:
        """(n,) bool: pictures in which one face was found, whatever the gates say of it."""
        return ~np.isnan(self.quality)

    @property
    def enrollable(self) -> Flags:
        """(n,) bool: pictures that enrolment accepts."""
        return np.array([each is None for each in self.at_enrolment], bool)

    @property
    def acquired(self) -> Flags:
        """(n,) bool: pictures that a camera's gates accept."""
        return np.array([each is None for each in self.at_camera], bool)

    def as_values(self) -> dict[str, Any]:
        """For JSON: counts."""
        return {
            "pictures": len(self),
            "unreadable": len(self.problems),
            "with_one_face": int(self.found.sum()),
            "accepted_at_enrolment": int(self.enrollable.sum()),
            "accepted_at_a_camera": int(self.acquired.sum()),
        }


@dataclass(frozen=True, slots=True)
class _Seen:
    at_enrolment: Refusal | None
    at_camera: Refusal | None
    quality: float
    problem: InputError | None = None


@contextmanager
def look_at(
    pictures: Sequence[Path], engines: Sequence[FaceEngine], limits: Limits, progress: Progress
) -> Generator[Looked]:
    """Look at each picture once; the templates are wiped when the block ends.

    One thread per engine (all of one model), one picture of each in memory. A picture that cannot be read is a
    `problem`, and the others are looked at all the same. Raises ModelError.
    """
    templates = Templates(len(pictures), engines[0].embedder.entry.dimensions)
    try:
        seen = _all_seen(pictures, engines, limits, templates, progress)
        yield Looked(
            templates,
            tuple(each.at_enrolment for each in seen),
            tuple(each.at_camera for each in seen),
            np.array([each.quality for each in seen], np.float32),
            tuple((index, each.problem) for index, each in enumerate(seen) if each.problem is not None),
        )
    finally:
        templates.wipe()
        for engine in engines:
            engine.embedder.flush()


def _all_seen(
    pictures: Sequence[Path], engines: Sequence[FaceEngine], limits: Limits, templates: Templates, progress: Progress
) -> list[_Seen]:
    """What is seen in each picture, in order; templates go into their rows."""
    free: SimpleQueue[FaceEngine] = SimpleQueue()
    for engine in engines:
        free.put(engine)

    def look(index: int) -> _Seen:
        engine = free.get()
        try:
            return _look(pictures[index], engine, limits, templates.vectors[index])
        finally:
            free.put(engine)

    threads, all_seen = ThreadPoolExecutor(len(engines)), list[_Seen]()
    try:
        for seen in threads.map(look, range(len(pictures))):
            all_seen.append(seen)
            progress("looking at pictures", len(all_seen), len(pictures))
        return all_seen
    finally:
        # However it ends, no thread writes a template after this: the caller wipes them next.
        threads.shutdown(wait=True, cancel_futures=True)


def _look(path: Path, engine: FaceEngine, limits: Limits, out: Floats) -> _Seen:
    try:
        photo = read_still(path, limits)
    except InputError as error:
        return _Seen(Refusal.UNREADABLE, Refusal.UNREADABLE, np.nan, error)
    face = _only_face(photo, engine)
    if isinstance(face, Refusal):
        return _Seen(face, face, np.nan)
    aligned = align(photo, face.landmarks)
    try:
        size = (photo.shape[1], photo.shape[0])
        enrolment = assess(face, aligned, size, (1.0, 1.0), ENROLMENT_GATES)
        camera = assess(face, aligned, size, (1.0, 1.0), engine.gates)
        with engine.embedder.embed(aligned) as probe:
            out[:] = probe.vector
    finally:
        aligned.fill(0)
    return _Seen(_first(enrolment.flaws), _first(camera.flaws), camera.score)


def _only_face(photo: Pixels, engine: FaceEngine) -> Face | Refusal:
    """The face of a photo of one person, as enrolment chooses it."""
    faces = faces_that_count(photo, engine.detector)
    if not faces:
        return Refusal.NO_FACE
    return Refusal.SEVERAL_FACES if len(faces) > 1 else faces[0]


def _first(flaws: Sequence[Flaw]) -> Refusal | None:
    """The flaw that is told: the first, as enrolment tells it."""
    return Refusal(flaws[0].value) if flaws else None
