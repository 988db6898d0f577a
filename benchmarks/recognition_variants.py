"""The variants: from what was drawn to scores. What each costs is counted in embeddings per track."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from beholden.faces.shots import MAX_SHOTS
from benchmarks.recognition_align import LAYOUTS, PLAIN
from benchmarks.recognition_compare import Cell
from benchmarks.recognition_draw import ALIGNED_SIZES, LONG, Drawn

PRODUCT = "as shipped: five shots, weighted by quality"
TOP = 10
"""Of the cohort, the most alike, that adaptive normalisation looks at."""


@dataclass(frozen=True, eq=False)
class Variant:
    """`probes` (people, sizes, tracks, d) and `references` (people, d), unit rows; `embeddings` of a track.

    `only`: the sizes it was drawn at, None: all. `normalise`: what becomes of scores (n, people), given them, the
    probes (n, d) and the references.
    """

    family: str
    name: str
    probes: np.ndarray
    references: np.ndarray
    embeddings: int = MAX_SHOTS
    only: tuple[int, ...] | None = None
    normalise: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray] | None = None

    def cell(self, size: int, usable: np.ndarray) -> Cell:
        """The scores at a size (an index) of the `usable` (people, tracks) tracks."""
        person, _ = np.nonzero(usable)
        probes = self.probes[:, size][usable]
        scores = probes @ self.references.T
        return Cell(scores if self.normalise is None else self.normalise(scores, probes, self.references), person)


def usable_tracks(drawn: Drawn) -> np.ndarray:
    """(people, sizes, tracks) bool: those that gave the product its five shots; the same for all variants."""
    enrolled = drawn.enrolled & all_there(drawn.references["seen small"])
    return (drawn.kept >= 0).all(axis=-1) & enrolled[:, None, None]


def all_there(rows: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(rows).sum(axis=-1) > 0)


def variants(drawn: Drawn, volunteers: np.ndarray, synthetic: np.ndarray) -> list[Variant]:
    """All of them, the product's way first. The cohorts are (n, d) unit rows of people who were not drawn."""
    return [
        *_pooling(drawn),
        *_choice(drawn),
        *_mirrored(drawn),
        *_aligned(drawn),
        *_normalised(drawn, volunteers, synthetic),
    ]


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)


def pooled(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(..., k, d) and (..., k) to (..., d): the weighted mean direction."""
    return unit(np.einsum("...k,...kd->...d", weights, rows))


def taken(values: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Of (..., LONG[, d]) those that `which` (..., k) numbers; -1 gives zeros."""
    wide = which.astype(np.intp) if values.ndim == which.ndim else which.astype(np.intp)[..., None]
    return np.take_along_axis(values, np.maximum(wide, 0), axis=which.ndim - 1) * (wide >= 0)


def _pooling(drawn: Drawn) -> Iterator[Variant]:
    plain, shots = drawn.references[PLAIN], taken(drawn.shots, drawn.kept)
    quality = taken(drawn.quality, drawn.kept)
    yield Variant("pooling", PRODUCT, pooled(shots, quality), plain)
    yield Variant("pooling", "unweighted", pooled(shots, (quality > 0).astype(np.float32)), plain)
    length = taken(drawn.length, drawn.kept)
    yield Variant("pooling", "weighted by the length of the raw output", pooled(shots, length), plain)
    yield Variant("pooling", "weighted by that length squared", pooled(shots, length**2), plain)
    yield Variant("pooling", "weighted by sharpness alone", pooled(shots, taken(drawn.sharp, drawn.kept)), plain)
    yield Variant("pooling", "median of each number", unit(np.median(shots, axis=-2)), plain)
    best = quality == quality.max(axis=-1, keepdims=True)
    yield Variant("pooling", "the best of the five alone", pooled(shots, best.astype(np.float32)), plain)


def _choice(drawn: Drawn) -> Iterator[Variant]:
    plain = drawn.references[PLAIN]

    def of(name: str, which: np.ndarray, embeddings: int) -> Variant:
        probes = pooled(taken(drawn.shots, which), taken(drawn.quality, which))
        return Variant("choice", name, probes, plain, embeddings)

    yield of("the first five", chosen(drawn.quality, lambda q: np.arange(len(q))[:MAX_SHOTS]), 5)
    yield of("five evenly spread", chosen(drawn.quality, lambda q: evenly(len(q), MAX_SHOTS)), 5)
    yield of("the best five of twelve, at the end", chosen(drawn.quality, lambda q: np.argsort(-q)[:MAX_SHOTS]), 5)
    yield of("the best of each of five windows", chosen(drawn.quality, best_of_windows), 5)
    yield of("two at once, then the best of three windows", chosen(drawn.quality, two_then_windows), 5)
    yield of("the three first kept", drawn.kept[..., :3], 3)
    yield of("ten evenly spread", chosen(drawn.quality, lambda q: evenly(len(q), 10)), 10)
    yield of("all twelve", chosen(drawn.quality, lambda q: np.arange(len(q))), LONG)


def chosen(quality: np.ndarray, choose: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """(..., LONG) of shots' numbers, -1 where there are no more; `choose` is given the qualities of the good ones."""
    which = np.full(quality.shape, -1, np.int8)
    for place in np.ndindex(quality.shape[:-1]):
        good = np.flatnonzero(quality[place] > 0)
        picked = good[choose(quality[place][good])] if len(good) else good
        which[place][: len(picked)] = picked
    return which


def evenly(count: int, wanted: int) -> np.ndarray:
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).round().astype(np.intp))


def best_of_windows(quality: np.ndarray, windows: int = MAX_SHOTS) -> np.ndarray:
    parts = np.array_split(np.arange(len(quality)), min(len(quality), windows))
    return np.array([part[np.argmax(quality[part])] for part in parts if len(part)], np.intp)


def two_then_windows(quality: np.ndarray) -> np.ndarray:
    """As the product begins, so that a name comes as soon; what follows is waited for."""
    later = best_of_windows(quality[2:], MAX_SHOTS - 2) + 2 if len(quality) > 2 else np.zeros(0, np.intp)
    return np.concatenate([np.arange(min(2, len(quality))), later])


def _mirrored(drawn: Drawn) -> Iterator[Variant]:
    shots, quality = taken(drawn.shots, drawn.kept), taken(drawn.quality, drawn.kept)
    plain, flipped = pooled(shots, quality), pooled(shots + drawn.others["flip"], quality)
    straight, mirrored = drawn.references[PLAIN], unit(drawn.references[PLAIN] + drawn.references["flip"])
    yield Variant("mirrored", "the reference alone", plain, mirrored)
    yield Variant("mirrored", "shots alone", flipped, straight, 2 * MAX_SHOTS)
    yield Variant("mirrored", "both", flipped, mirrored, 2 * MAX_SHOTS)
    small = unit(drawn.references[PLAIN] + drawn.references["seen small"])
    yield Variant("reference", "pooled with itself seen at 48 and 32 px", plain, small)


def _aligned(drawn: Drawn) -> Iterator[Variant]:
    quality = taken(drawn.quality, drawn.kept)
    for name in LAYOUTS:
        probes = pooled(drawn.others[name], quality)
        yield Variant("alignment", name, probes, drawn.references[name], only=ALIGNED_SIZES)


def _normalised(drawn: Drawn, volunteers: np.ndarray, synthetic: np.ndarray) -> Iterator[Variant]:
    probes = pooled(taken(drawn.shots, drawn.kept), taken(drawn.quality, drawn.kept))
    everybody = np.concatenate([volunteers, synthetic])

    def of(name: str, cohort: np.ndarray, top: int, both: bool = True) -> Variant:
        def normalise(scores: np.ndarray, own: np.ndarray, references: np.ndarray) -> np.ndarray:
            return normalised(scores, own, references, cohort, top, both)

        return Variant("normalisation", name, probes, drawn.references[PLAIN], normalise=normalise)

    yield of("symmetric, cohort of 50", everybody, len(everybody))
    yield of(f"symmetric, the {TOP} most alike of 50", everybody, TOP)
    yield of("probe side only, cohort of 50", everybody, len(everybody), both=False)
    yield of("symmetric, cohort of 10 synthetic people", synthetic, len(synthetic))


def normalised(
    scores: np.ndarray, probes: np.ndarray, references: np.ndarray, cohort: np.ndarray, top: int, both: bool
) -> np.ndarray:
    """Scores (n, people) in standard deviations of each side's scores with the `top` most alike of the cohort.

    Adaptive symmetric normalisation (Matejka et al., "Analysis of Score Normalization in Multilingual Speaker
    Recognition", 2017); `both` False: the probe's side only.
    """

    def side(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        alike = np.sort(rows @ cohort.T, axis=1)[:, -top:]
        return alike.mean(axis=1), np.maximum(alike.std(axis=1), 1e-6)

    (probe_mean, probe_spread), (mean, spread) = side(probes), side(references)
    of_probe = (scores - probe_mean[:, None]) / probe_spread[:, None]
    return (of_probe + (scores - mean) / spread) / 2 if both else of_probe
