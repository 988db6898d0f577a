"""Long tracks of consenting people, drawn once: all that the variants of recognition.py are made of.

Each person passes some cameras, at each of several face widths, from their smiling photo; the reference is their
neutral one. A track has twelve shots, a fifth of a second apart: every other person-track comes nearer (from .78 of its
width to 1.28), the others go away; blur and light wander, so that shots differ and neighbours are alike. Which five
shots are embedded is asked of the product's own rule (faces/shots.py). Templates are in memory only and wiped.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from beholden.evaluate.data_set import digest_of
from beholden.evaluate.tracks import ANY_SIZE
from beholden.evaluate.views import Conditions, draw_conditions, view
from beholden.faces.catalogue import SFACE
from beholden.faces.detect import Detector
from beholden.faces.embed import Embedder
from beholden.faces.engine import FaceEngine
from beholden.faces.enrolment import FACE_SCORE, faces_that_count
from beholden.faces.quality import ENROLMENT_GATES, assess, glance, sharpness
from beholden.faces.shots import MAX_SHOTS, Shots
from beholden.faces.weights import load_folded
from beholden.model.box import Box
from beholden.model.face import Face
from beholden.model.frame import Pixels
from beholden.model.template import ProbeTemplate
from beholden.pipeline.followed import RECHECK_S
from beholden.video.limits import Limits
from beholden.video.still import read_still
from benchmarks.recognition_align import LAYOUTS, PLAIN, aligned_as, mean_shape

SEED = 20261123
LONG = 12
"""Shots of a track: 2.2 s at five looks a second."""
STEP_S = 0.2
NEARER = 0.5
"""Logarithm of how much wider the face is at one end of a track than at the other."""
ALIGNED_SIZES = (32, 48)
"""Face widths at which the other alignments are embedded: where errors are, at a cost that can be paid."""
SMALL_PX = (48, 32)
"""Face widths at which a reference's photo is looked at once more, for the variant that pools those views with it."""


@dataclass(frozen=True)
class Plan:
    """What is drawn: of the first `people` (None: all), `tracks` at each of `sizes`, pixels of face width."""

    sizes: tuple[int, ...] = (24, 32, 48, 64, 96)
    tracks: int = 2
    people: int | None = None


@dataclass(eq=False)
class Drawn:
    """Unit rows: `shots` (people, sizes, tracks, LONG, d), `others` by name (people, sizes, tracks, MAX_SHOTS, d): the
    kept shots in other ways; `references` by name (people, d). A missing one is zeros.

    `quality`, `sharp`, `length` (of the network's raw output) are (people, sizes, tracks, LONG); quality 0: not fit.
    `kept`, as `others` without d: which shots the product keeps, -1 for none. `embedded` (people, sizes, tracks): how
    many it embedded for that. `enrolled` (people,): whether enrolment accepts the photo.
    """

    plan: Plan
    shots: np.ndarray
    quality: np.ndarray
    sharp: np.ndarray
    length: np.ndarray
    kept: np.ndarray
    embedded: np.ndarray
    enrolled: np.ndarray
    others: dict[str, np.ndarray] = field(default_factory=dict)
    references: dict[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def empty(cls, people: int, plan: Plan, dimensions: int) -> Drawn:
        shape = (people, len(plan.sizes), plan.tracks)
        numbers = [np.zeros((*shape, LONG), np.float32) for _ in range(3)]
        return cls(
            plan,
            np.zeros((*shape, LONG, dimensions), np.float32),
            *numbers,
            kept=np.full((*shape, MAX_SHOTS), -1, np.int8),
            embedded=np.zeros(shape, np.int8),
            enrolled=np.zeros(people, bool),
            others={name: np.zeros((*shape, MAX_SHOTS, dimensions), np.float32) for name in ("flip", *LAYOUTS)},
            references={
                name: np.zeros((people, dimensions), np.float32) for name in (PLAIN, "flip", "seen small", *LAYOUTS)
            },
        )

    def wipe(self) -> None:
        for rows in (self.shots, *self.others.values(), *self.references.values()):
            rows.fill(0)


class Measuring(Embedder):
    """The product's recogniser, which also tells how long its last output was before it was made unit length."""

    length = 0.0

    def _run(self) -> None:
        super()._run()
        self.length = float(np.linalg.norm(self._output[0]))


def load_recogniser() -> Measuring:
    return Measuring(SFACE, load_folded(SFACE))


@contextmanager
def draw(
    references: Sequence[Path],
    probes: Sequence[Path],
    plan: Plan,
    engine: FaceEngine,
    recogniser: Measuring,
    say: Callable[[str], None],
) -> Generator[Drawn]:
    """One reference and one probe photo per person, in the same order. The same inputs give the same tracks."""
    count = len(references[: plan.people])
    drawn = Drawn.empty(count, plan, recogniser.entry.dimensions)
    try:
        for person, (reference, probe) in enumerate(zip(references[:count], probes[:count], strict=True)):
            say(f"person {person + 1} of {count}")
            made = embed_photo(read(reference), engine.detector, recogniser, random_of(reference, 0, 0))
            drawn.enrolled[person] = bool(made)
            for name, row in made.items():
                drawn.references[name][person] = row
            _pass_by(probe, person, drawn, engine.detector, recogniser)
        yield drawn
    finally:
        drawn.wipe()
        recogniser.flush()


def embed_photo(
    photo: Pixels, detector: Detector, recogniser: Measuring, random: np.random.Generator | None = None
) -> dict[str, np.ndarray]:
    """A photo's templates in all ways, as enrolment makes them; none where its gates refuse it."""
    face = largest(photo, detector)
    if face is None:
        return {}
    size = (photo.shape[1], photo.shape[0])
    plain = aligned_as(PLAIN, photo, face.landmarks)
    if not assess(face, plain, size, (1.0, 1.0), ENROLMENT_GATES).usable:
        return {}
    made = {name: vector(aligned_as(name, photo, face.landmarks), recogniser) for name in (PLAIN, *LAYOUTS)}
    made["flip"] = vector(np.ascontiguousarray(plain[:, ::-1]), recogniser)
    if random is not None:
        made["seen small"] = seen_small(photo, face.box, detector, recogniser, random)
    return made


def largest(photo: Pixels, detector: Detector) -> Face | None:
    """The face of a photo, as enrolment finds it."""
    return next(iter(faces_that_count(photo, detector)), None)


def kept_by_product(quality: Sequence[float]) -> tuple[list[int], int]:
    """Which shots of a nameless track are kept, in time's order, and how many were embedded; quality 0: not fit."""
    shots, embedded = Shots(), 0
    for number, score in enumerate(quality):
        now = number * STEP_S
        resting = shots.full and now - shots.last_s < RECHECK_S  # as pipeline/followed.py
        if score > 0 and not resting and shots.wants(score, now, fresh=False):
            shots.offer(np.zeros((1, 1, 3), np.uint8), score, now)
        if shots.ready(now, fresh=False):
            embedded += shots.embed(_nobody, fresh=False) is not None
    return sorted(round(shot.at_s / STEP_S) for shot in shots.embedded), embedded


def conditions_of(width: int, nearing: bool, random: np.random.Generator) -> Iterator[Conditions]:
    """Those of each shot of a track: its width grows or falls, blur and light wander."""
    first = draw_conditions(width, random)
    blur, light = random.standard_normal(2)
    for way in np.linspace(-0.5, 0.5, LONG):
        blur, light = (0.7 * value + 0.7 * random.standard_normal() for value in (blur, light))
        yield replace(
            first,
            width_px=width * float(np.exp((NEARER if nearing else -NEARER) * way)),
            blur_px=max(first.blur_px, 0.3) * float(np.exp(0.5 * blur)),
            gain=first.gain * float(np.exp(0.1 * light)),
        )


@dataclass(frozen=True, eq=False)
class Taken:
    seen: Pixels
    landmarks: np.ndarray
    aligned: Pixels
    quality: float


def _pass_by(path: Path, person: int, drawn: Drawn, detector: Detector, recogniser: Measuring) -> None:
    photo = read(path)
    face = largest(photo, detector)
    if face is None:
        return
    for at, width in enumerate(drawn.plan.sizes):
        for track in range(drawn.plan.tracks):
            random, place = random_of(path, width, track), (person, at, track)
            nearing = (person + track) % 2 == 0
            taken = [
                take(view(photo, face.box, conditions, random), detector)
                for conditions in conditions_of(width, nearing, random)
            ]
            _embed_all(taken, place, drawn, recogniser)
            kept, drawn.embedded[place] = kept_by_product(drawn.quality[place].tolist())
            drawn.kept[place][: len(kept)] = kept
            chosen = [shot for number in kept if (shot := taken[number]) is not None]
            _embed_others(chosen, place, drawn, recogniser, LAYOUTS if width in ALIGNED_SIZES else {})


def take(seen: Pixels, detector: Detector) -> Taken | None:
    """A shot, if the gates for one pass it (that for size aside), as in evaluate/tracks.py."""
    size = (seen.shape[1], seen.shape[0])
    for face in detector.detect(seen, FACE_SCORE)[:1]:
        if not glance(face, size, (1.0, 1.0), ANY_SIZE):
            aligned = aligned_as(PLAIN, seen, face.landmarks)
            judged = assess(face, aligned, size, (1.0, 1.0), ANY_SIZE)
            if judged.usable:
                return Taken(seen, face.landmarks, aligned, max(judged.score, 1e-3))
    return None


def _embed_all(taken: Sequence[Taken | None], place: tuple[int, ...], drawn: Drawn, recogniser: Measuring) -> None:
    for number, shot in enumerate(taken):
        if shot is not None:
            drawn.shots[place][number] = vector(shot.aligned, recogniser)
            drawn.length[place][number] = recogniser.length
            drawn.sharp[place][number] = max(sharpness(shot.aligned), 1e-3)
            drawn.quality[place][number] = shot.quality


def _embed_others(
    chosen: Sequence[Taken],
    place: tuple[int, ...],
    drawn: Drawn,
    recogniser: Measuring,
    layouts: Mapping[str, object],
) -> None:
    """The kept shots once more: mirrored, and aligned in other ways."""
    shape = mean_shape([shot.landmarks for shot in chosen]) if chosen else None
    for number, shot in enumerate(chosen):
        drawn.others["flip"][place][number] = vector(np.ascontiguousarray(shot.aligned[:, ::-1]), recogniser)
        for name in layouts:
            aligned = aligned_as(name, shot.seen, shot.landmarks, shape)
            drawn.others[name][place][number] = vector(aligned, recogniser)


def seen_small(
    photo: Pixels, face: Box, detector: Detector, recogniser: Measuring, random: np.random.Generator
) -> np.ndarray:
    """The mean of two views of the photo from a good camera far away; zeros where it finds no face in them."""
    total = np.zeros(recogniser.entry.dimensions, np.float32)
    for width in SMALL_PX:
        shot = take(view(photo, face, Conditions(width, 0.0, 0.0, 1.0, 1.0, 90), random), detector)
        if shot is not None:
            total += vector(shot.aligned, recogniser)
    return total / max(float(np.linalg.norm(total)), 1e-9)


def vector(aligned: Pixels, recogniser: Measuring) -> np.ndarray:
    with recogniser.embed(aligned) as probe:
        return probe.vector.copy()


def _nobody(_: Pixels) -> ProbeTemplate:
    return ProbeTemplate(np.zeros(1, np.float32), SFACE.digest, shots=1)


def read(path: Path) -> Pixels:
    """A photo; small grey ones (att_orl) are padded and enlarged, so that the detector sees a whole head."""
    if path.suffix != ".pgm":
        return np.asarray(read_still(path), np.uint8)
    small = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert small is not None, "a picture of att_orl cannot be read"
    padded = cv2.copyMakeBorder(small, 28, 28, 28, 28, cv2.BORDER_CONSTANT, value=(128, 128, 128))
    return np.asarray(cv2.resize(padded, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC), np.uint8)


def random_of(path: Path, width: int, track: int) -> np.random.Generator:
    return np.random.default_rng([SEED, int(digest_of(path, Limits())[:16], 16), width, track])
