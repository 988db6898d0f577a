"""Verification on pictures: pairs of one person and of two, at the product's own setting and over all thresholds.

The first picture of a pair is the reference, held to the gates of enrolment; the second is the probe, held to those of
a camera's shots. What the gates refuse is counted as ISO/IEC 19795-1 counts it: a probe that fails is a failure to
acquire (in FRR and FAR), a reference that fails a failure to enrol (in GFRR and GFAR). Beside that stands the same
without gates, on every pair in which both faces were found, which shows what the gates are for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from beholden.evaluate.comparisons import Comparisons, DetPoint
from beholden.evaluate.curves import GRID, RATES, AtRate, raised
from beholden.evaluate.discard import DiscardPoint, error_versus_discard
from beholden.evaluate.duplicates import Indices
from beholden.evaluate.failures import Failures, failures
from beholden.evaluate.groups import Difference, Group, differences, fmr_by_label, fnmr_by_label
from beholden.evaluate.labels import Labels
from beholden.evaluate.pairs_file import Pairs
from beholden.evaluate.setting import Setting, SettingFor
from beholden.evaluate.templates import Flags, Floats, Looked, Progress
from beholden.evaluate.words import Figure, of_so_many

BLOCK = 4096
"""Pairs that are compared at once: 4 MB of templates."""


@dataclass(frozen=True, slots=True)
class Verification:
    """Counts, rates with bounds, and curves: no name, no file, no single score."""

    setting: Setting
    people: int
    told_by: str
    mated: int
    nonmated: int
    repeated: int
    itself: int
    unreadable: int
    looked: dict[str, Any]
    enrol: Failures
    acquire: Failures
    figures: tuple[Figure, ...]
    without_gates: tuple[Figure, ...]
    eer: float | None
    eer_without_gates: float | None
    at_rates: tuple[AtRate, ...]
    det: tuple[DetPoint, ...]
    discard: tuple[DiscardPoint, ...]
    groups: dict[str, dict[str, tuple[Group, ...]]]
    clear: dict[str, dict[str, tuple[Difference, ...]]]

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "protocol": "verification",
            "setting": self.setting.as_values(),
            "people": self.people,
            "people_told_by": self.told_by,
            "pairs": {
                "mated": self.mated,
                "nonmated": self.nonmated,
                "repeated_rows": self.repeated,
                "rows_of_a_picture_with_itself": self.itself,
                "unreadable": self.unreadable,
            },
            "pictures": self.looked,
            "failure_to_enrol": self.enrol.as_values(),
            "failure_to_acquire": self.acquire.as_values(),
            "at_the_products_setting": [figure.as_values() for figure in self.figures],
            "without_gates": [figure.as_values() for figure in self.without_gates],
            "eer": self.eer,
            "eer_without_gates": self.eer_without_gates,
            "at_rates": [each.as_values() for each in self.at_rates],
            "det": [point.as_values() for point in self.det],
            "error_versus_discard": [point.as_values() for point in self.discard],
            "groups": {
                kind: {term: [each.as_values() for each in groups] for term, groups in by_term.items()}
                for kind, by_term in self.groups.items()
            },
            "differences": {
                kind: {term: [each.as_values() for each in found] for term, found in by_term.items()}
                for kind, by_term in self.clear.items()
            },
        }


def verify(
    pairs: Pairs, looked: Looked, setting_for: SettingFor, labels: Labels | None, progress: Progress
) -> Verification:
    """Compare every pair that can be compared. `looked` is of `pairs.pictures`.

    Raises InputError where every pair has an unreadable picture.
    """
    setting = setting_for(1)
    readable = looked.readable[pairs.reference] & looked.readable[pairs.probe]
    scores = score_pairs(pairs, looked, progress)
    enrolled, acquired = looked.enrollable[pairs.reference], looked.acquired[pairs.probe]
    gated = _comparisons(pairs, scores, readable & enrolled, acquired)
    general = _comparisons(pairs, scores, readable, enrolled & acquired)
    found = looked.found[pairs.reference] & looked.found[pairs.probe]
    plain = _comparisons(pairs, scores, found, found)
    at = setting.threshold
    progress("bounds", 0, 1)
    quality = np.minimum(looked.quality[pairs.reference], looked.quality[pairs.probe])[found]
    groups = _groups(gated, labels, at)
    return Verification(
        setting=setting,
        people=len(np.unique(pairs.people[np.concatenate([pairs.reference, pairs.probe])])),
        told_by="rows of Yes" if pairs.folders is None else "folders",
        mated=int((pairs.mated & readable).sum()),
        nonmated=int((~pairs.mated & readable).sum()),
        repeated=pairs.repeated,
        itself=pairs.itself,
        unreadable=int((~readable).sum()),
        looked=looked.as_values(),
        enrol=failures(looked.at_enrolment, pairs.people, _used(pairs.reference, len(looked))),
        acquire=failures(looked.at_camera, pairs.people, _used(pairs.probe, len(looked))),
        figures=_figures(gated, general, at),
        without_gates=_match_figures(plain, at),
        eer=gated.eer(),
        eer_without_gates=plain.eer(),
        at_rates=_at_rates(gated),
        det=gated.det(GRID),
        discard=error_versus_discard(plain, quality, at),
        groups=groups,
        clear={kind: {term: differences(each) for term, each in by.items()} for kind, by in groups.items()},
    )


def score_pairs(pairs: Pairs, looked: Looked, progress: Progress) -> Floats:
    """(n,) float32 cosine of each pair, in blocks; 0 where a picture has no template."""
    vectors, count = looked.templates.vectors, len(pairs.mated)
    scores = np.zeros(count, np.float32)
    one, other = (np.empty((min(BLOCK, count), vectors.shape[1]), np.float32) for _ in range(2))
    try:
        for start in range(0, count, BLOCK):
            end = min(count, start + BLOCK)
            held, met = one[: end - start], other[: end - start]
            # "raise", the default, would gather into a buffer of its own, which nobody wipes.
            np.take(vectors, pairs.reference[start:end], axis=0, out=held, mode="clip")
            np.take(vectors, pairs.probe[start:end], axis=0, out=met, mode="clip")
            np.einsum("ij,ij->i", held, met, out=scores[start:end])
            progress("comparing pairs", end, count)
    finally:
        one.fill(0.0)
        other.fill(0.0)
    return scores


def _comparisons(pairs: Pairs, scores: Floats, asked: Flags, possible: Flags) -> Comparisons:
    """The comparisons that were asked for: those possible with their scores, the others as failures."""
    made = asked & possible
    failed = asked & ~possible
    return Comparisons(
        scores[made],
        pairs.mated[made],
        np.stack([pairs.people[pairs.reference[made]], pairs.people[pairs.probe[made]]], axis=1),
        int((failed & pairs.mated).sum()),
        int((failed & ~pairs.mated).sum()),
    )


def _used(pictures: Indices, count: int) -> Flags:
    used = np.zeros(count, bool)
    used[pictures] = True
    return used


def _match_figures(comparisons: Comparisons, threshold: float) -> tuple[Figure, ...]:
    """FMR and FNMR: of the comparisons that were made."""
    fmr, fnmr = comparisons.fmr(threshold), comparisons.fnmr(threshold)
    return (
        Figure("FMR", fmr, of_so_many(fmr, "pairs of two people", "pass for one person")),
        Figure("FNMR", fnmr, of_so_many(fnmr, "pairs of one person", "are not recognised")),
    )


def _figures(gated: Comparisons, general: Comparisons, threshold: float) -> tuple[Figure, ...]:
    """All error rates at the product's setting: of comparisons, then with failures to acquire, then to enrol, too."""
    far, frr = gated.false_accept(threshold), gated.false_reject(threshold)
    gfar, gfrr = general.false_accept(threshold), general.false_reject(threshold)
    wrong, missed = "pass for one person", "are not recognised, or have a second picture that no camera would use"
    either = "are not recognised, or have a picture that enrolment or a camera refuses"
    return (
        *_match_figures(gated, threshold),
        Figure("FAR", far, of_so_many(far, "pairs of two people", wrong)),
        Figure("FRR", frr, of_so_many(frr, "pairs of one person", missed)),
        Figure("GFAR", gfar, of_so_many(gfar, "pairs of two people", wrong)),
        Figure("GFRR", gfrr, of_so_many(gfrr, "pairs of one person", either)),
    )


def _at_rates(comparisons: Comparisons) -> tuple[AtRate, ...]:
    """FNMR where FMR is a round number, as far as there are comparisons enough to see one error."""
    nonmated = int((~comparisons.mated).sum())
    found: list[AtRate] = []
    for asked in RATES:
        if nonmated * asked >= 1:
            threshold = raised(comparisons.threshold_at_fmr(asked))
            found.append(AtRate("FMR", asked, threshold, comparisons.fmr(threshold), comparisons.fnmr(threshold)))
    return tuple(found)


def _groups(
    comparisons: Comparisons, labels: Labels | None, threshold: float
) -> dict[str, dict[str, tuple[Group, ...]]]:
    if labels is None:
        return {}
    return {
        kind: {
            "FNMR": fnmr_by_label(comparisons, column, threshold),
            "FMR": fmr_by_label(comparisons, column, threshold),
        }
        for kind, column in labels.by_kind.items()
    }
