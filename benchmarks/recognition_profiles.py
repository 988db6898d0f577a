"""How far enrolment with profiles mends profiles, on synthetic people: ten of openpeople, nobody in them exists.

Their character sheets show each person's profile four times: twice large, which enrols, and twice some 50 pixels wide,
which comes by. All four are drawn by one generator for one sheet, so they are more alike than a camera's would be, and
several of these people look alike. Small numbers: twenty probes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beholden.demo.people import PEOPLE, PersonId, cells, picture
from beholden.evaluate.rates import Rate
from beholden.evaluate.resampling import by_person
from beholden.faces.detect import Detector
from beholden.faces.enrolment import FACE_SCORE, SCALES
from beholden.faces.quality import ENROLMENT_GATES, QualityGates, assess, frontal
from beholden.model.face import Face
from beholden.model.frame import Pixels
from benchmarks.recognition_align import PLAIN, aligned_as
from benchmarks.recognition_draw import Measuring, largest, vector

PROFILE = 0.35
"""A face that is less frontal than this (faces/quality.py) is not taken as a shot: the gate for cameras."""
OWN_FMR = 0.05
"""Nine of the 180 comparisons of profiles with others: fewer would be nothing to set a threshold by."""
PORTRAIT, SELFIE, NEUTRAL, ONE_SIDE, OTHER_SIDE, MIRRORED = range(6)
"""Rows of what enrols."""
ENROLMENTS: dict[str, tuple[tuple[int, ...], ...]] = {
    "portrait alone": ((PORTRAIT,),),
    "three frontal, pooled": ((PORTRAIT, SELFIE, NEUTRAL),),
    "portrait and two profiles, pooled": ((PORTRAIT, ONE_SIDE, OTHER_SIDE),),
    "portrait and two profiles, apart": ((PORTRAIT,), (ONE_SIDE,), (OTHER_SIDE,)),
    "portrait, one profile, its mirror image, apart": ((PORTRAIT,), (ONE_SIDE,), (MIRRORED,)),
}
"""The pictures of each template."""


@dataclass(frozen=True, eq=False)
class Person:
    """Unit rows (n, d): what enrols, small profiles, and frontal pictures that do not enrol."""

    enrols: np.ndarray
    profiles: np.ndarray
    frontal: np.ndarray

    def wipe(self) -> None:
        for rows in (self.enrols, self.profiles, self.frontal):
            rows.fill(0)


@dataclass(frozen=True)
class Outcome:
    """One enrolment at the shipped threshold for one shot: FNMR and FMR of profiles and of frontal pictures.

    `at_own`: FNMR of profiles at this enrolment's own threshold, where FMR of profiles is `OWN_FMR`.
    """

    name: str
    at_own: Rate
    missed: Rate
    matched: Rate
    frontal_missed: Rate
    frontal_matched: Rate


@dataclass(frozen=True)
class Gated:
    """Of so many profiles, how many the gates accept: of enrolment, of cameras (that for size aside)."""

    profiles: int
    enrol: int
    pass_by: int


def look_at_profiles(detector: Detector, recogniser: Measuring) -> tuple[list[Person], Gated]:
    """All ten. The caller wipes them."""
    people: list[Person] = []
    judged: list[tuple[bool, bool]] = []
    for person in PEOPLE:
        sheet = picture(person, "character_sheet")
        sides = profiles_of(sheet, detector)
        judged += [_judge(sheet, face) for face in sides]
        people.append(_look_at(person, sheet, sides, detector, recogniser))
    accepted = np.array(judged).sum(axis=0)
    return people, Gated(len(judged), int(accepted[0]), int(accepted[1]))


def measure_profiles(people: Sequence[Person], threshold: float) -> list[Outcome]:
    return [_outcome(name, sets, people, threshold) for name, sets in ENROLMENTS.items()]


def profiles_of(sheet: Pixels, detector: Detector) -> list[Face]:
    """The four profiles of a character sheet, widest first."""
    found = [face for face in detector.detect_at_scales(sheet, FACE_SCORE, SCALES) if frontal(face.landmarks) < PROFILE]
    assert len(found) == 4, f"a character sheet shows {len(found)} profiles"
    return sorted(found, key=lambda face: -face.box.w)


def _judge(sheet: Pixels, face: Face) -> tuple[bool, bool]:
    aligned, size = aligned_as(PLAIN, sheet, face.landmarks), (sheet.shape[1], sheet.shape[0])
    enrol, pass_by = (
        assess(face, aligned, size, (1.0, 1.0), gates) for gates in (ENROLMENT_GATES, QualityGates(min_width_px=0.0))
    )
    return enrol.usable, pass_by.usable


def _look_at(
    person: PersonId, sheet: Pixels, sides: Sequence[Face], detector: Detector, recogniser: Measuring
) -> Person:
    expressions = cells(person)
    portraits = [picture(person, "studio_portrait"), picture(person, "amateur_selfie"), expressions["neutral"]]
    fronts = [row for each in portraits if (row := _row(each, largest(each, detector), recogniser)) is not None]
    assert len(fronts) == len(portraits), "a portrait without a face"
    aligned = [aligned_as(PLAIN, sheet, face.landmarks) for face in sides]
    mirrored = np.ascontiguousarray(aligned[0][:, ::-1])
    enrols = [*fronts, *(vector(each, recogniser) for each in (*aligned[:2], mirrored))]
    others = [cell for name, cell in expressions.items() if name != "neutral"]
    frontal_rows = [_row(cell, largest(cell, detector), recogniser) for cell in others]
    return Person(
        np.array(enrols),
        np.array([vector(each, recogniser) for each in aligned[2:]]),
        np.array([row for row in frontal_rows if row is not None]),
    )


def _row(pixels: Pixels, face: Face | None, recogniser: Measuring) -> np.ndarray | None:
    return None if face is None else vector(aligned_as(PLAIN, pixels, face.landmarks), recogniser)


def _outcome(name: str, sets: Sequence[Sequence[int]], people: Sequence[Person], threshold: float) -> Outcome:
    templates = [_templates(person.enrols, sets) for person in people]
    sides, fronts = [person.profiles for person in people], [person.frontal for person in people]
    others = np.concatenate([np.delete(_scores(rows, templates), at, axis=1).ravel() for at, rows in enumerate(sides)])
    at_own = _rates(sides, templates, float(np.quantile(others, 1 - OWN_FMR, method="higher")))[0]
    return Outcome(name, at_own, *_rates(sides, templates, threshold), *_rates(fronts, templates, threshold))


def _scores(rows: np.ndarray, templates: Sequence[np.ndarray]) -> np.ndarray:
    """(n, people): with each person, the highest of their templates."""
    return np.stack([(rows @ each.T).max(axis=1) for each in templates], axis=1)


def _rates(probes: Sequence[np.ndarray], templates: Sequence[np.ndarray], threshold: float) -> tuple[Rate, Rate]:
    """FNMR and FMR, bounds by the probe's person."""
    missed, matched, tried, others = (np.zeros(len(probes), int) for _ in range(4))
    for own, rows in enumerate(probes):
        passed = _scores(rows, templates) >= threshold
        tried[own], missed[own] = len(rows), int((~passed[:, own]).sum())
        others[own], matched[own] = len(rows) * (len(probes) - 1), int(passed.sum() - passed[:, own].sum())
    return by_person(missed, tried), by_person(matched, others)


def _templates(rows: np.ndarray, sets: Sequence[Sequence[int]]) -> np.ndarray:
    pooled = np.array([rows[list(chosen)].mean(axis=0) for chosen in sets])
    return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
