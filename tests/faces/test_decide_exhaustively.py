"""Decisions that look at few candidates are those of looking at everybody, also among ties, twins and subsets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from beholden.faces.calibration import Calibration
from beholden.faces.decide import DecisionRule, decide
from beholden.faces.pool import pool
from beholden.faces.search import firsts, similarities
from beholden.faces.shots import MIN_GAP_S, Shot
from beholden.model.errors import ModelMismatch
from beholden.model.gallery import Gallery
from beholden.model.ids import GrantId, ModelDigest, SubjectId
from beholden.model.match import Known, Match, Reason, Undecided, Unknown, Why
from beholden.model.template import ProbeTemplate

MODEL = ModelDigest("m" * 64)
DIMS = 16
RULES = (DecisionRule(), DecisionRule(margin=0.0, lead=0.0), DecisionRule(fpir=0.3, margin=0.02, lead=0.1))


def by_looking_at_everybody(
    probe: ProbeTemplate, shots: Sequence[Shot], gallery: Gallery, calibration: Calibration, rule: DecisionRule
) -> tuple[Match, float]:
    """The oracle: everybody is ranked, and every shot compared with everybody. Of equal rows the first counts."""
    count = len(shots)
    scores = np.array([row @ probe.vector for row in shown(gallery)])
    best_of: dict[str, tuple[int, float]] = {}
    for row in np.argsort(-scores, kind="stable"):
        best_of.setdefault(gallery.subjects[row], (int(row), float(scores[row])))
    people = sorted(best_of.values(), key=lambda pair: -pair[1])
    held_to = max(len(people), rule.least_gallery)
    threshold = calibration.for_fpir(rule.fpir, held_to, count)
    near = calibration.for_fpir(min(0.5, rule.fpir * rule.loose), held_to, count)
    row, best = people[0]
    second = people[1][1] if len(people) > 1 else -1.0

    def why(reason: Reason) -> Why:
        return Why(reason, count, rule.fpir, threshold.extrapolated)

    above = best - threshold.cosine
    if best < near.cosine:
        return Unknown(why(Reason.NOBODY_ALIKE)), above
    if count < rule.min_shots or max(s.at_s for s in shots) - min(s.at_s for s in shots) < MIN_GAP_S:
        return Undecided(why(Reason.TOO_FEW_SHOTS)), above
    if best < threshold.cosine:
        return Undecided(why(Reason.NOT_SURE_ENOUGH)), above
    if best - second < rule.margin or (second >= threshold.cosine and best - second < rule.lead):
        return Undecided(why(Reason.TWO_ALIKE)), above
    ahead = [int(np.argmax([row @ shot.probe.vector for row in shown(gallery)])) for shot in shots]
    votes = sum(gallery.subjects[first] == gallery.subjects[row] for first in ahead)
    if not (votes >= rule.min_shots and 2 * votes > count):
        return Undecided(why(Reason.SHOTS_DISAGREE)), above
    return Known(gallery.subjects[row], gallery.grants[row], why(Reason.CLEAR)), above


def shown(gallery: Gallery) -> np.ndarray:
    return gallery.vectors if gallery.rows is None else gallery.vectors[gallery.rows]


def drawn(random: np.random.Generator, count: int) -> np.ndarray:
    """(count, 16) float32 of length 1 exactly, in quarters: every cosine is exact too, and many are equal."""
    vectors = np.zeros((count, DIMS), np.float32)
    for vector in vectors:
        entries = int(random.choice([1, 4, 16]))
        vector[random.permutation(DIMS)[:entries]] = random.choice([-1, 1], entries) / np.sqrt(entries)
    return vectors


def gallery_of(random: np.random.Generator, vectors: np.ndarray, *, twins: int = 0) -> Gallery:
    """Some of these rows or all; people have one to many of them; up to `twins` are the same as another; some have
    left, and are zeros."""
    count = len(vectors)
    for _ in range(int(random.integers(0, twins + 1))):
        vectors[random.integers(count)] = vectors[random.integers(count)]
    vectors[random.random(count) < random.choice([0.0, 0.1])] = 0.0
    rows = None
    if random.random() < 0.6:
        chosen = random.random(count) < random.choice([0.02, 0.5, 0.999])
        rows = np.flatnonzero(chosen) if chosen.any() else np.array([0])
    shown = count if rows is None else len(rows)
    people = int(random.choice([1, 2, max(1, shown // 30), shown]))
    owners = random.integers(people, size=shown) if people < shown else range(shown)
    return Gallery(
        tuple(SubjectId(f"s{owner}") for owner in owners),
        tuple(GrantId(f"g{row}") for row in range(shown)),
        vectors,
        MODEL,
        1,
        rows=rows,
    )


def turned(random: np.random.Generator, vector: np.ndarray) -> np.ndarray:
    """The same with one or two entries of the other sign: as long, and still exact."""
    other = vector.copy()
    other[random.integers(DIMS, size=int(random.integers(0, 3)))] *= -1
    return other


def shots_of(vectors: Sequence[np.ndarray]) -> list[Shot]:
    return [Shot(ProbeTemplate(vector.copy(), MODEL, 1), 0.8, 0.4 * n) for n, vector in enumerate(vectors)]


@pytest.mark.parametrize("seed", range(8))
def test_among_ties_and_twins_it_is_the_same_decision(seed: int, calibration: Calibration) -> None:
    """In numbers whose products are exact, so that equal is equal; to the last bit and for the same reason."""
    random, reasons = np.random.default_rng(seed), Counter[Reason]()
    for _ in range(120):
        gallery = gallery_of(random, drawn(random, int(random.choice([1, 2, 7, 40, 700]))), twins=2)
        stranger = random.random() < 0.2
        like = drawn(random, 1)[0] if stranger else shown(gallery)[random.integers(len(gallery))]
        if not like.any():
            continue
        probe = ProbeTemplate(turned(random, like), MODEL, 1)
        shots = shots_of([turned(random, turned(random, like)) for _ in range(int(random.integers(1, 6)))])
        for rule in RULES:
            answer = decide(probe, shots, gallery, calibration, rule)
            assert answer == by_looking_at_everybody(probe, shots, gallery, calibration, rule)
            reasons[answer[0].why.reason] += 1
    asked = {Reason.CLEAR, Reason.TWO_ALIKE, Reason.SHOTS_DISAGREE, Reason.TOO_FEW_SHOTS, Reason.NOBODY_ALIKE}
    assert asked <= set(reasons), "every way out was taken"


@pytest.mark.parametrize("seed", range(4))
def test_of_pooled_shots_it_is_the_same_decision(seed: int, calibration: Calibration) -> None:
    """In any numbers: shots of one person, better and worse, pooled as the product does."""
    random, reasons = np.random.default_rng(seed), Counter[Reason]()
    for _ in range(60):
        vectors = random.standard_normal((int(random.choice([3, 60, 1300])), DIMS)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        gallery = gallery_of(random, vectors)
        like, blur = shown(gallery)[random.integers(len(gallery))], random.uniform(0.05, 0.5)
        noisy = [like + blur * random.standard_normal(DIMS).astype(np.float32) for _ in range(4)]
        shots = shots_of([vector / np.linalg.norm(vector) for vector in noisy])
        with pool([(shot.probe, shot.quality) for shot in shots]) as probe:
            for rule in RULES:
                match, above = decide(probe, shots, gallery, calibration, rule)
                expected, expected_above = by_looking_at_everybody(probe, shots, gallery, calibration, rule)
                assert match == expected
                assert above == pytest.approx(expected_above, abs=1e-6)
                reasons[match.why.reason] += 1
    assert {Reason.CLEAR, Reason.TWO_ALIKE, Reason.SHOTS_DISAGREE} <= set(reasons)


def test_the_runner_up_is_found_behind_hundreds_of_references_of_one_person(calibration: Calibration) -> None:
    """However many of the best rows are theirs, the next person is who is behind them."""
    vectors = np.zeros((400, DIMS), np.float32)
    vectors[:, 0] = 1.0
    vectors[-1] = [0.98, np.sqrt(1 - 0.98**2)] + [0.0] * (DIMS - 2)
    names = (*["many"] * 399, "next")
    gallery = Gallery(tuple(map(SubjectId, names)), tuple(map(GrantId, names)), vectors, MODEL, 1)
    shots = shots_of([vectors[0]] * 3)
    match, _ = decide(shots[0].probe, shots, gallery, calibration, DecisionRule())
    assert match.why.reason is Reason.TWO_ALIKE


def test_the_first_of_each_probe_is_the_first_row_of_the_highest_cosine() -> None:
    """Over several blocks, in rows side by side, apart and in no order; chosen rows only where some are chosen."""
    random = np.random.default_rng(5)
    vectors = drawn(random, 2000)
    probes = [ProbeTemplate(vector, MODEL, 1) for vector in drawn(random, 5)]
    names = tuple(SubjectId(f"s{n}") for n in range(2000))
    crossed = np.array([0, 2, 1, 3])
    for rows in (None, np.flatnonzero(random.random(2000) < 0.8), np.arange(100, 1900), crossed):
        shown_names = names if rows is None else tuple(names[row] for row in rows)
        gallery = Gallery(shown_names, tuple(map(GrantId, shown_names)), vectors, MODEL, 1, rows=rows)
        expected = [int(np.argmax(shown(gallery) @ probe.vector)) for probe in probes]
        assert firsts(probes, gallery) == expected
        assert [int(np.argmax(similarities(probe, gallery))) for probe in probes] == expected
        among = np.arange(1, len(gallery), 2)
        assert firsts(probes, gallery, among) == [
            int(among[np.argmax(shown(gallery)[among] @ probe.vector)]) for probe in probes
        ]


def test_shots_of_another_model_are_not_compared() -> None:
    """Another digest raises instead of giving a meaningless answer."""
    gallery = gallery_of(np.random.default_rng(1), drawn(np.random.default_rng(2), 3))
    with pytest.raises(ModelMismatch):
        firsts([ProbeTemplate(drawn(np.random.default_rng(3), 1)[0], ModelDigest("x" * 64), 1)], gallery)


def test_somebody_with_several_references_is_one_of_the_people() -> None:
    """The threshold follows the number of people, not of rows."""
    gallery = Gallery(
        (SubjectId("a"), SubjectId("b"), SubjectId("a")), (GrantId("g"),) * 3, np.zeros((3, 4), np.float32), MODEL, 1
    )
    assert (len(gallery), gallery.people) == (3, 2)


def test_what_was_gathered_is_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of a place's people lie side by side in a buffer for a moment only, also when the search breaks off."""
    buffers: list[np.ndarray] = []
    empty = np.empty

    def kept(*arguments: object, **named: object) -> np.ndarray:
        buffers.append(empty(*arguments, **named))
        return buffers[-1]

    vectors = drawn(np.random.default_rng(7), 900)
    rows = np.arange(0, 900, 2)
    names = tuple(SubjectId(f"s{row}") for row in rows)
    gallery = Gallery(names, tuple(map(GrantId, names)), vectors, MODEL, 1, rows=rows)
    with ProbeTemplate(vectors[2].copy(), MODEL, 1) as probe:
        monkeypatch.setattr(np, "empty", kept)
        firsts([probe], gallery)
        similarities(probe, gallery)
        wiped = ProbeTemplate(vectors[4].copy(), MODEL, 1)
        wiped.wipe()
        with pytest.raises(ValueError, match="wiped"):
            similarities(wiped, gallery)
    gathered = [buffer for buffer in buffers if buffer.ndim == 2]
    assert len(gathered) == 3
    assert not any(buffer.any() for buffer in gathered)
