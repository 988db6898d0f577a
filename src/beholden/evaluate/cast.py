"""The people of composed clips: heads that walk, references that are enrolled, and no picture in both.

All of it lies in memory, references in the kind of segment that galleries lie in, and is overwritten at the end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Self

import numpy as np

from beholden.consent.segment import Segment
from beholden.consent.span import EVER, NEVER
from beholden.consent.view import View, gallery_of
from beholden.evaluate.composing import Head, cut_head
from beholden.evaluate.templates import Progress
from beholden.faces.engine import FaceEngine
from beholden.faces.enrolment import make_reference
from beholden.model.errors import EmptyInput, EnrolmentRefused, InputError
from beholden.model.frame import Pixels
from beholden.model.gallery import Gallery
from beholden.model.grant import Viewpoint
from beholden.model.ids import GrantId, ModelDigest, SubjectId

Picture = Callable[[], Pixels]
"""Reads one photo (HxWx3 uint8 BGR) when it is asked for, so that not all of them are in memory at once."""
MOST_PEOPLE = 200
"""Of more, some are drawn: bounds hardly become narrower, and it would take hours."""
MOST_LOOKS = 4
"""Of one person: heads are pictures, and lie in memory until the end."""
ENROLLING = 3
"""One photo in this many enrols, one at least and four at most; the others walk. With one photo, nobody is enrolled."""
_PHOTO = re.compile(r"(the )?photo( \d+)?")


@dataclass(frozen=True, slots=True)
class Person:
    """A consenting person's photos; the first ones enrol."""

    pictures: tuple[Picture, ...] = field(repr=False)

    def enrolling(self) -> tuple[Picture, ...]:
        if len(self.pictures) < 2:
            return ()
        return self.pictures[: min(4, max(1, len(self.pictures) // ENROLLING))]

    def walking(self) -> tuple[Picture, ...]:
        first = len(self.enrolling())
        return self.pictures[first : first + MOST_LOOKS]


class Cast:
    """Everybody who may walk: `heads[i]` are the looks of person `i`, `enrollable` those who have a reference.

    `refused` counts those who could not be enrolled, by reason; they walk as strangers. `faceless` counts photos to
    walk with that cannot be read, or show no face. Close it, or use it as a context manager: all of it is overwritten.
    """

    def __init__(
        self,
        heads: Sequence[tuple[Head, ...]],
        references: Segment,
        enrollable: Sequence[int],
        refused: Mapping[str, int],
        faceless: int,
        model: ModelDigest,
    ) -> None:
        self.heads, self.enrollable = tuple(heads), tuple(enrollable)
        self.refused, self.faceless = dict(refused), faceless
        self._references, self._model = references, model

    def round(self, number: int) -> tuple[int, ...]:
        """Who is enrolled in a round: every other one of those who can be, so that in two rounds everybody was both."""
        return self.enrollable[number % 2 :: 2] if len(self.enrollable) > 1 else self.enrollable

    def gate(self, enrolled: Sequence[int]) -> OpenGate:
        """A gate behind which exactly these people may be recognised."""
        rows = tuple(self.enrollable.index(person) for person in enrolled)
        subjects = tuple(subject(person) for person in enrolled)
        grants = tuple(GrantId(f"evaluation-{person}") for person in enrolled)
        view = View(subjects, grants, rows, self._model, True, EVER, NEVER, 1, self._references.identity)
        return OpenGate(gallery_of(view, self._references.rows))

    def walkers(self, face_px: float) -> list[tuple[int, int]]:
        """Every (person, look) whose photo shows the face at least this wide: nobody is drawn larger than they are."""
        return [
            (person, look)
            for person, heads in enumerate(self.heads)
            for look, head in enumerate(heads)
            if head.photo_px >= face_px
        ]

    def close(self) -> None:
        """Overwrite everything. Safe to call twice."""
        self._references.close()
        for heads in self.heads:
            for head in heads:
                head.wipe()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class OpenGate:
    """A registry that never changes: the same people at every moment, for those who agreed to be measured by."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery

    def __len__(self) -> int:
        return len(self._gallery)

    @property
    def everybody(self) -> Gallery:
        """Those behind it."""
        return self._gallery

    def revision(self) -> int:
        return self._gallery.revision

    def gallery(self, viewpoint: Viewpoint, moment: datetime, model: ModelDigest) -> Gallery:
        return self._gallery


def nobody(engine: FaceEngine) -> OpenGate:
    """A gate behind which nobody may be named."""
    view = View((), (), (), engine.embedder.model, False, EVER, NEVER, 1, 0)
    return OpenGate(gallery_of(view, np.zeros((0, engine.embedder.entry.dimensions), np.float32)))


def subject(person: int) -> SubjectId:
    """What person `person` is called while it is measured: a number, and never their name."""
    return SubjectId(f"person-{person}")


def some_of(people: Sequence[Person], most: int, seed: int) -> Sequence[Person]:
    """At most so many of them, drawn, in their order."""
    if len(people) <= most:
        return people
    drawn: list[int] = np.random.default_rng(seed).choice(len(people), most, replace=False).tolist()
    return [people[index] for index in sorted(drawn)]


def assemble(people: Sequence[Person], engine: FaceEngine, progress: Progress) -> Cast:
    """Cut the heads and make the references. Raises EmptyInput when nobody has a face, ModelError."""
    references = Segment(len(people), engine.embedder.entry.dimensions)
    try:
        cast = _assembled(people, engine, references, progress)
    except BaseException:
        references.close()
        raise
    if not any(cast.heads):
        cast.close()
        raise EmptyInput("no face was found in the pictures", advice="Give a folder per person, with photos in it.")
    return cast


def _assembled(people: Sequence[Person], engine: FaceEngine, references: Segment, progress: Progress) -> Cast:
    heads: list[tuple[Head, ...]] = []
    enrollable: list[int] = []
    refused: Counter[str] = Counter()
    faceless = 0
    for number, person in enumerate(people):
        looks = [_head(picture, engine) for picture in person.walking()]
        faceless += sum(look is None for look in looks)
        heads.append(tuple(look for look in looks if look is not None))
        if person.enrolling():
            reason = _enrol(person, engine, references, len(enrollable))
            if reason is None:
                enrollable.append(number)
            else:
                refused[reason] += 1
        progress("people", number + 1, len(people))
    return Cast(heads, references, enrollable, refused, faceless, engine.embedder.model)


def _head(picture: Picture, engine: FaceEngine) -> Head | None:
    try:
        return cut_head(np.asarray(picture(), np.uint8), engine.detector)
    except InputError:
        return None


def _enrol(person: Person, engine: FaceEngine, references: Segment, row: int) -> str | None:
    """Write the reference of a person into a row; why not, where it is refused."""
    try:
        probe, _ = make_reference([picture() for picture in person.enrolling()], engine.detector, engine.embedder)
    except EnrolmentRefused as refusal:
        return _PHOTO.sub("a photo", refusal.message)
    except InputError:
        return "a photo cannot be read"
    with probe:
        references.rows[row] = probe.vector
    return None
