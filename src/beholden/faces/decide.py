"""Who is this track? Known, Unknown or Undecided, each with its reason.

Open set: most people who pass a camera are not enrolled, so the first question is whether anyone
matches at all at the error rate that was asked for, not who is nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from beholden.faces.calibration import Calibration
from beholden.faces.search import firsts, similarities
from beholden.faces.shots import MIN_GAP_S, Shot
from beholden.model.gallery import Gallery
from beholden.model.match import Known, Match, Reason, Undecided, Unknown, Why
from beholden.model.template import ProbeTemplate

_FEW = 16
"""Among so many of the best rows there nearly always are two people."""
_WORTH = 0.4
"""Rows far apart cost twice as much as rows that lie side by side."""
_ROUNDING = 0.01
"""More than the angles between float32 vectors can be wrong by, as a cosine: a thousandth, where two are nearly one."""
_Scores = npt.NDArray[np.float32]


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
    row = int(scores.argmax())
    best = float(scores[row])
    held_to = max(gallery.people, rule.least_gallery)
    threshold = calibration.for_fpir(rule.fpir, held_to, count)
    near = calibration.for_fpir(min(0.5, rule.fpir * rule.loose), held_to, count)
    above = best - threshold.cosine

    def why(reason: Reason) -> Why:
        return Why(reason, count, rule.fpir, threshold.extrapolated)

    if best < near.cosine:
        return Unknown(why(Reason.NOBODY_ALIKE)), above
    if count < rule.min_shots or max(s.at_s for s in shots) - min(s.at_s for s in shots) < MIN_GAP_S:
        return Undecided(why(Reason.TOO_FEW_SHOTS)), above
    if best < threshold.cosine:
        return Undecided(why(Reason.NOT_SURE_ENOUGH)), above
    second = _runner_up(scores, row, gallery)
    if best - second < rule.margin or (second >= threshold.cosine and best - second < rule.lead):
        return Undecided(why(Reason.TWO_ALIKE)), above
    if not _agree(probe, shots, scores, row, gallery, rule.min_shots):
        return Undecided(why(Reason.SHOTS_DISAGREE)), above
    return Known(gallery.subjects[row], gallery.grants[row], why(Reason.CLEAR)), above


def _runner_up(scores: _Scores, first: int, gallery: Gallery) -> float:
    """The cosine of the best reference of anybody but the person of row `first`, who has the best; -1 without anybody.

    Of the best few rows, and where those are all of that one person, of ever more.
    """
    subject, few = gallery.subjects[first], _FEW
    while True:
        few = min(few, len(scores))
        rows = np.argpartition(scores, len(scores) - few)[len(scores) - few :]
        others = [float(scores[row]) for row in rows if gallery.subjects[row] != subject]
        if others or few == len(scores):
            return max(others, default=-1.0)
        few *= _FEW


def _agree(
    probe: ProbeTemplate, shots: Sequence[Shot], scores: _Scores, first: int, gallery: Gallery, least: int
) -> bool:
    """Whether at least `least` shots, and more than half of them, each put the person of row `first` first."""
    subject, probes = gallery.subjects[first], [shot.probe for shot in shots]
    rows = _within_reach(probe, probes, scores, first, gallery)
    votes = sum(gallery.subjects[row] == subject for row in firsts(probes, gallery, rows))
    return votes >= least and 2 * votes > len(shots)


def _within_reach(
    probe: ProbeTemplate, shots: Sequence[ProbeTemplate], scores: _Scores, first: int, gallery: Gallery
) -> npt.NDArray[np.intp] | None:
    """The only rows that any shot may be as much alike to as to row `first`; None: too many to be worth choosing.

    Angles keep the triangle inequality: a row as near to a shot as row `first` is, is no further from the pooled probe
    than that row is from the shot, and the shot from the probe. All of them have unit length, or are wiped.
    """
    reference = gallery.vectors[first if gallery.rows is None else gallery.rows[first]]
    to_first = np.arccos(np.clip([shot.vector @ reference for shot in shots], -1.0, 1.0))
    to_probe = np.arccos(np.clip([shot.vector @ probe.vector for shot in shots], -1.0, 1.0))
    reach = min(np.pi, float((to_first + to_probe).max()))
    rows = np.flatnonzero(scores >= np.cos(reach) - _ROUNDING)
    return rows if len(rows) < _WORTH * len(scores) else None
