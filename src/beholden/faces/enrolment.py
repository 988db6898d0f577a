"""From photos to one reference template, or a refusal that says what to do.

Used where photos are allowed at all: a rehearsal folder. A photo is looked at in memory and dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from beholden.faces.align import align
from beholden.faces.detect import Detector
from beholden.faces.embed import Embedder
from beholden.faces.pool import agreement, pool
from beholden.faces.quality import ENROLMENT_GATES, QualityGates, assess
from beholden.model.errors import EnrolmentRefused
from beholden.model.face import FLAW_WORDS, Face, Flaw
from beholden.model.frame import Pixels
from beholden.model.template import ProbeTemplate

SCALES = (640, 320, 1280)
"""Longer sides at which a photo is searched: a face may fill it, or be one of a crowd."""
SECOND_FACE = 0.35
"""Another face at least this wide, relative to the first, is another person and not a passer-by far behind."""
FACE_SCORE = 0.6
"""Detector score of a face that counts, 0-1; as for faces in cameras' pictures."""
SAME_PERSON = 0.48
"""Photos of one enrolment must be this alike: two people of one sex and ethnicity pass once in 10,000 times (the
shipped recogniser's table, single shots). OpenCV's own .363 lets them pass once in ninety."""


def make_reference(
    photos: Sequence[Pixels],
    detector: Detector,
    embedder: Embedder,
    gates: QualityGates = ENROLMENT_GATES,
    alike: float = SAME_PERSON,
) -> tuple[ProbeTemplate, float]:
    """One pooled template from photos (HxWx3 uint8 BGR) of one person, and the mean quality, 0-1.

    Each photo must be as alike to each other one as `alike` (cosine): two people never make one reference.

    The caller owns the probe and wipes it. Raises EnrolmentRefused with the reason and advice when
    a photo has no face, several faces or a poor one, or when two photos show different people.
    """
    if not photos:
        raise EnrolmentRefused("no photo was given", advice="Give at least one photo of the person's face.")
    made: list[tuple[ProbeTemplate, float]] = []
    try:
        for number, photo in enumerate(photos, 1):
            made.append(_one(photo, f"photo {number}" if len(photos) > 1 else "the photo", detector, embedder, gates))
        for (first, (one, _)), (second, (other, _)) in combinations(enumerate(made, 1), 2):
            if agreement(one, other) < alike:
                raise EnrolmentRefused(
                    f"photo {second} does not look like the person in photo {first}",
                    advice="Give photos of one person only; enrol each person by themselves.",
                )
        return pool(made), float(np.mean([quality for _, quality in made]))
    finally:
        for probe, _ in made:
            probe.wipe()
        embedder.flush()


def _one(
    photo: Pixels, name: str, detector: Detector, embedder: Embedder, gates: QualityGates
) -> tuple[ProbeTemplate, float]:
    face = _only_face(photo, name, detector)
    size = (photo.shape[1], photo.shape[0])
    aligned = align(photo, face.landmarks)
    try:
        quality = assess(face, aligned, size, (1.0, 1.0), gates)
        if not quality.usable:
            flaw = quality.flaws[0]
            least = f" (at least {gates.min_width_px:g} pixels wide)" if flaw is Flaw.SMALL else ""
            raise EnrolmentRefused(f"{name} will not do: {FLAW_WORDS[flaw]}{least}")
        return embedder.embed(aligned), quality.score
    finally:
        aligned.fill(0)


def _only_face(photo: Pixels, name: str, detector: Detector) -> Face:
    faces = faces_that_count(photo, detector)
    if not faces:
        raise EnrolmentRefused(f"no face was found in {name}")
    if len(faces) > 1:
        raise EnrolmentRefused(
            f"{name} shows {len(faces)} faces",
            advice="Give a photo of one person alone; nobody else may be enrolled by being in it.",
        )
    return faces[0]


def faces_that_count(photo: Pixels, detector: Detector) -> list[Face]:
    """The widest face of a photo (HxWx3 uint8 BGR), and all others that are no passers-by far behind, widest first."""
    faces = sorted(detector.detect_at_scales(photo, FACE_SCORE, SCALES), key=lambda face: -face.box.w)
    return [face for face in faces if face.box.w >= SECOND_FACE * faces[0].box.w]
