"""Who is this track? Known, Unknown or Undecided, each with its reason.

Open set: most people who pass a camera are not enrolled, so the first question is whether anyone
matches at all at the error rate that was asked for, not who is nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beholden.faces.calibration import Calibration
from beholden.faces.search import similarities
from beholden.faces.shots import MIN_GAP_S, Shot
from beholden.model.gallery import Gallery
from beholden.model.match import Known, Match, Reason, Undecided, Unknown, Why
from beholden.model.template import ProbeTemplate


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """How sure is sure enough.

    `fpir`: how often a stranger's track may be named, for the gallery in view. `loose`: within this
    factor of the rate a near match is Undecided rather than Unknown. `lead`: when a second person
    passes the threshold too, the first must be ahead by this cosine. `margin`: the first must always
    be ahead by this. `min_shots` good shots, spread over `MIN_GAP_S`.
    """

    fpir: float = 0.01
    loose: float = 10.0
    lead: float = 0.25
    margin: float = 0.08
    min_shots: int = 2
    least_gallery: int = 100


def decide(
    probe: ProbeTemplate, shots: Sequence[Shot], gallery: Gallery, calibration: Calibration, rule: DecisionRule
) -> tuple[Match, float]:
    """The answer, and how far the best candidate is above the threshold (for ranking two tracks in one frame only).

    `probe` is pooled from `shots`. Raises ModelMismatch for a gallery of another model.
    """
    count = len(shots)
    if not gallery.naming:
        return Unknown(Why(Reason.NAMING_OFF, count)), 0.0
    if not len(gallery):
        return Unknown(Why(Reason.EMPTY_GALLERY, count)), 0.0
    scores = similarities(probe, gallery)
    people = _best_by_subject(scores, gallery)
    held_to = max(len(people), rule.least_gallery)
    threshold = calibration.for_fpir(rule.fpir, held_to, count)
    near = calibration.for_fpir(min(0.5, rule.fpir * rule.loose), held_to, count)
    row, best = people[0]
    second = people[1][1] if len(people) > 1 else -1.0
    above = best - threshold.cosine

    def why(reason: Reason) -> Why:
        return Why(reason, count, rule.fpir, threshold.extrapolated)

    if best < near.cosine:
        return Unknown(why(Reason.NOBODY_ALIKE)), above
    if count < rule.min_shots or max(s.at_s for s in shots) - min(s.at_s for s in shots) < MIN_GAP_S:
        return Undecided(why(Reason.TOO_FEW_SHOTS)), above
    if best < threshold.cosine:
        return Undecided(why(Reason.NOT_SURE_ENOUGH)), above
    if best - second < rule.margin or (second >= threshold.cosine and best - second < rule.lead):
        return Undecided(why(Reason.TWO_ALIKE)), above
    if not _agree(shots, gallery, gallery.subjects[row], rule.min_shots):
        return Undecided(why(Reason.SHOTS_DISAGREE)), above
    return Known(gallery.subjects[row], gallery.grants[row], why(Reason.CLEAR)), above


def _best_by_subject(scores: np.ndarray, gallery: Gallery) -> list[tuple[int, float]]:
    """(row, cosine) of the two best people: one person's several references are one candidate."""
    order = np.argsort(scores)[::-1]
    best: dict[str, tuple[int, float]] = {}
    for row in order:
        best.setdefault(gallery.subjects[row], (int(row), float(scores[row])))
    return sorted(best.values(), key=lambda pair: -pair[1])


def _agree(shots: Sequence[Shot], gallery: Gallery, subject: str, least: int) -> bool:
    """Whether at least `least` shots, and more than half of them, each put this person first."""
    votes = 0
    for shot in shots:
        first = int(np.argmax(similarities(shot.probe, gallery)))
        votes += gallery.subjects[first] == subject
    return votes >= least and 2 * votes > len(shots)
