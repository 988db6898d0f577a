"""Tracks drawn from photos, seen as the product sees them: their shots' templates and qualities, in memory only.

Each photo is looked at as if its person passed a camera several times, at each of several face widths
(evaluate/views.py). The shots go through the product's detector, its gates for a camera's shots (except that for size:
sizes are what is measured) and its recogniser; the references through enrolment, one photo each.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from beholden.evaluate.templates import Flags, Floats, Progress, Templates
from beholden.evaluate.views import draw_conditions, view
from beholden.faces.align import align
from beholden.faces.detect import Detector
from beholden.faces.embed import Embedder
from beholden.faces.enrolment import FACE_SCORE, faces_that_count, make_reference
from beholden.faces.quality import QualityGates, assess, glance
from beholden.model.box import Box
from beholden.model.errors import EnrolmentRefused, InputError
from beholden.model.frame import Pixels

SIZES = (24, 32, 48, 64, 96, 140)
"""Face widths, pixels. The product's gate is at 48 and can be lowered to 32; 24 is for the record."""
SHOTS = 5
"""As many as a track keeps (faces/shots.py)."""
ANY_SIZE = QualityGates(min_width_px=0.0)
ANYBODY_ALIKE = -1.0
Photo = Callable[[], Pixels]


@dataclass(frozen=True, slots=True)
class Drawing:
    """How tracks are drawn: `tracks` per photo and size, from `seed`; `sizes` in pixels of face width.

    `enrol`: whether the photos make references as well.
    """

    seed: int
    tracks: int = 2
    sizes: tuple[int, ...] = SIZES
    enrol: bool = True


@dataclass(frozen=True, slots=True)
class PhotoOf:
    """A photo of a person: an index, the photo's digest (its random numbers come from it), and how to read it."""

    person: int
    sha256: str
    read: Photo


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """What was seen in n photos. Use within `draw_tracks` only: the templates are wiped when it ends.

    `person` (n,); `references`: a row per photo, its weight in `reference_quality` (n,), 0 where enrolment refused it.
    `shots`: a row for each photo, size, track and shot, in that order; `quality` (n, sizes, tracks, shots) float32,
    0 for a shot that was found unfit.
    """

    drawing: Drawing
    person: npt.NDArray[np.int32]
    references: Templates
    reference_quality: Floats
    shots: Templates
    quality: Floats

    def pooled(self, size: int, count: int) -> tuple[Floats, Flags]:
        """Probes pooled from the first `count` good shots: (n, tracks, d) unit rows, and whether there were so many.

        `size` is an index into the drawing's sizes. Weighted by quality, as faces/pool.py does. The caller wipes them.
        """
        at = self.quality[:, size]
        good = at > 0
        used = good & (np.cumsum(good, axis=2) <= count)
        vectors = self.shots.vectors.reshape(*self.quality.shape, -1)[:, size]
        probes = np.einsum("ntk,ntkd->ntd", np.where(used, at, np.float32(0)), vectors)
        probes /= np.maximum(np.linalg.norm(probes, axis=2, keepdims=True), 1e-9)
        return probes, used.sum(axis=2) == count

    def references_of(self, people: int, *, without: int | None = None) -> tuple[Floats, Flags]:
        """(people, d) unit rows pooled from each person's photos, and whether there is any. The caller wipes them.

        `without` leaves out one photo, for comparisons with shots of that one.
        """
        weights = self.reference_quality.copy()
        if without is not None:
            weights[without] = 0
        rows = np.zeros((people, self.references.vectors.shape[1]), np.float32)
        for photo in np.flatnonzero(weights):
            rows[self.person[photo]] += weights[photo] * self.references.vectors[photo]
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        rows /= np.maximum(lengths, 1e-9)
        return rows, lengths[:, 0] > 0


@contextmanager
def draw_tracks(
    photos: Sequence[PhotoOf], drawing: Drawing, detector: Detector, embedder: Embedder, progress: Progress
) -> Generator[Tracks]:
    """Look at each photo once; every template is wiped when the block ends. Raises InputError, ModelError.

    What a photo becomes hangs on its bytes, the seed and the drawing only, not on the other photos.
    """
    dimensions = embedder.entry.dimensions
    shape = (len(photos), len(drawing.sizes), drawing.tracks, SHOTS)
    references, shots = Templates(len(photos), dimensions), Templates(int(np.prod(shape)), dimensions)
    quality = np.zeros(shape, np.float32)
    weights = np.zeros(len(photos), np.float32)
    try:
        per_photo = int(np.prod(shape[1:]))
        for number, photo in enumerate(photos):
            progress("looking at photos", number, len(photos))
            rows = shots.vectors[number * per_photo : (number + 1) * per_photo]
            seen = _Photo(photo, drawing, detector, embedder)
            weights[number] = seen.enrol(references.vectors[number]) if drawing.enrol else 0.0
            seen.pass_by(rows.reshape(*shape[1:], dimensions), quality[number])
        progress("looking at photos", len(photos), len(photos))
        person = np.array([photo.person for photo in photos], np.int32)
        yield Tracks(drawing, person, references, weights, shots, quality)
    finally:
        references.wipe()
        shots.wipe()
        embedder.flush()


class _Photo:
    """One photo while it is looked at."""

    def __init__(self, photo: PhotoOf, drawing: Drawing, detector: Detector, embedder: Embedder) -> None:
        self._pixels = np.asarray(photo.read(), np.uint8)
        self._digest, self._drawing = int(photo.sha256[:16], 16), drawing
        self._detector, self._embedder = detector, embedder

    def enrol(self, out: Floats) -> float:
        """Write its reference; its quality, 0 where enrolment refuses it."""
        try:
            probe, quality = make_reference([self._pixels], self._detector, self._embedder, alike=ANYBODY_ALIKE)
        except EnrolmentRefused:
            return 0.0
        with probe:
            out[:] = probe.vector
        return max(quality, 1e-3)

    def pass_by(self, out: Floats, quality: Floats) -> None:
        """Write the shots (sizes, tracks, shots, d) of its tracks, and their qualities."""
        face = self._face()
        if face is None:
            return
        for at, width in enumerate(self._drawing.sizes):
            for track in range(self._drawing.tracks):
                random = np.random.default_rng([self._drawing.seed, self._digest, width, track])
                conditions = draw_conditions(width, random)
                for number in range(SHOTS):
                    seen = view(self._pixels, face, conditions, random)
                    quality[at, track, number] = self._shoot(seen, out[at, track, number])

    def _face(self) -> Box | None:
        faces = faces_that_count(self._pixels, self._detector)
        return faces[0].box if faces else None

    def _shoot(self, seen: Pixels, out: Floats) -> float:
        """Write the template of one shot; its quality, 0 where no face is found or the gates refuse it."""
        size = (seen.shape[1], seen.shape[0])
        for face in self._detector.detect(seen, FACE_SCORE)[:1]:
            if glance(face, size, (1.0, 1.0), ANY_SIZE):
                break
            aligned = align(seen, face.landmarks)
            try:
                judged = assess(face, aligned, size, (1.0, 1.0), ANY_SIZE)
                if judged.usable:
                    with self._embedder.embed(aligned) as probe:
                        out[:] = probe.vector
                    return max(judged.score, 1e-3)
            finally:
                aligned.fill(0)
        return 0.0


def photos_of(paths: Sequence[tuple[int, Path, str]], read: Callable[[Path], Pixels]) -> list[PhotoOf]:
    """Photos by (person, path, digest), read when they are looked at. What cannot be read raises InputError unnamed."""

    def reader(path: Path, number: int) -> Photo:
        def pixels() -> Pixels:
            try:
                return read(path)
            except InputError as error:
                raise type(error)(f"photo {number} of those taken cannot be used", advice=error.advice) from None

        return pixels

    return [PhotoOf(person, sha, reader(path, number)) for number, (person, path, sha) in enumerate(paths, 1)]
