"""How often the product, as it is shipped, does not name an enrolled person's track, and names a stranger's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from beholden.evaluate.rates import Rate
from beholden.evaluate.resampling import by_person
from beholden.faces.catalogue import SFACE
from beholden.faces.decide import decide
from beholden.faces.engine import FaceEngine
from beholden.faces.pool import pool
from beholden.faces.shots import Shot
from beholden.model.gallery import Gallery
from beholden.model.ids import GrantId, SubjectId
from beholden.model.match import Known
from beholden.model.template import ProbeTemplate
from benchmarks.recognition_align import PLAIN
from benchmarks.recognition_draw import STEP_S, Drawn


@dataclass(frozen=True)
class AtSize:
    """At one face width: tracks of enrolled people that were not named as who they are (`below`: those whose score is
    below the threshold, whatever the other rules say), strangers' tracks that were named, and how many enrolled
    people's tracks gave no five shots."""

    width: int
    fnir: Rate
    below: Rate
    fpir: Rate
    short: int


def measure_shipped(drawn: Drawn, engine: FaceEngine, people: np.ndarray) -> list[AtSize]:
    """With a gallery of these people (indices), by the product's whole rule.

    Every track counts, also one that gave fewer shots or none. As a stranger, everybody is searched in a gallery of the
    others.
    """
    enrolled = np.array([person for person in people if drawn.enrolled[person]])
    return [_at_size(drawn, engine, enrolled, at, width) for at, width in enumerate(drawn.plan.sizes)]


def _at_size(drawn: Drawn, engine: FaceEngine, people: np.ndarray, at: int, width: int) -> AtSize:
    references = drawn.references[PLAIN]
    everybody, tried = _gallery(references, people), np.full(len(people), drawn.plan.tracks)
    wrong, below, named = (np.zeros(len(people), int) for _ in range(3))
    short = 0
    for number, person in enumerate(people):
        others = _gallery(references, np.delete(people, number))
        for track in range(drawn.plan.tracks):
            shots = _shots_of(drawn, (person, at, track))
            short += len(shots) < drawn.kept.shape[-1]
            if not shots:
                wrong[number] += 1
                below[number] += 1
                continue
            with pool([(shot.probe, shot.quality) for shot in shots]) as probe:
                match, _ = decide(probe, shots, everybody, engine.calibration, engine.rule)
                stranger, _ = decide(probe, shots, others, engine.calibration, engine.rule)
                held_to = max(len(people), engine.rule.least_gallery)
                threshold = engine.calibration.for_fpir(engine.rule.fpir, held_to, len(shots)).cosine
                below[number] += float(probe.vector @ references[person]) < threshold
            wrong[number] += not (isinstance(match, Known) and match.subject == str(number))
            named[number] += isinstance(stranger, Known)
            for shot in shots:
                shot.probe.wipe()
    return AtSize(width, by_person(wrong, tried), by_person(below, tried), by_person(named, tried), short)


def _shots_of(drawn: Drawn, place: tuple[int, int, int]) -> list[Shot]:
    """The shots that the product keeps of a track, in time's order."""
    return [
        Shot(
            ProbeTemplate(drawn.shots[place][number].copy(), SFACE.digest, shots=1),
            float(drawn.quality[place][number]),
            number * STEP_S,
        )
        for number in drawn.kept[place]
        if number >= 0
    ]


def _gallery(references: np.ndarray, people: np.ndarray) -> Gallery:
    """In the order of `people`; subjects are numbered by it."""
    return Gallery(
        subjects=tuple(SubjectId(str(number)) for number in range(len(people))),
        grants=tuple(GrantId(str(number)) for number in range(len(people))),
        vectors=references[people],
        model=SFACE.digest,
        revision=1,
    )
