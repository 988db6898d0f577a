"""Known, Unknown, Undecided: each answer for its reason, on templates with chosen angles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from beholden.faces.calibration import Calibration
from beholden.faces.decide import DecisionRule, decide
from beholden.faces.pool import agreement, pool
from beholden.faces.search import similarities
from beholden.faces.shots import Shot
from beholden.model.errors import ModelMismatch
from beholden.model.gallery import Gallery
from beholden.model.ids import GrantId, ModelDigest, SubjectId
from beholden.model.match import Known, Match, Reason, Undecided, Unknown
from beholden.model.template import ProbeTemplate

MODEL = ModelDigest("m" * 64)


def at(*cosines: float) -> np.ndarray:
    """A unit vector with these cosines to the first axes."""
    vector = np.zeros(16, np.float32)
    vector[: len(cosines)] = cosines
    vector[15] = np.sqrt(max(0.0, 1.0 - float(vector @ vector)))
    return vector


def gallery(count: int, *, model: ModelDigest = MODEL, naming: bool = True) -> Gallery:
    """`count` people, each an axis of their own."""
    people = tuple(SubjectId(f"s{i}") for i in range(count))
    return Gallery(
        people, tuple(GrantId(f"g{i}") for i in range(count)), np.eye(count, 16, dtype=np.float32), model, 1, naming
    )


def answer(
    shots: Sequence[np.ndarray],
    people: Gallery,
    calibration: Calibration,
    *,
    gap: float = 0.4,
    rule: DecisionRule | None = None,
) -> Match:
    made = [Shot(ProbeTemplate(v.copy(), MODEL, 1), 0.8, i * gap) for i, v in enumerate(shots)]
    with pool([(shot.probe, shot.quality) for shot in made]) as probe:
        return decide(probe, made, people, calibration, rule or DecisionRule())[0]


def test_two_clear_shots_make_a_name(calibration: Calibration) -> None:
    """Alike, ahead, and twice: known, under the grant that allows it."""
    match = answer([at(0.8), at(0.75)], gallery(3), calibration)
    assert isinstance(match, Known)
    assert (match.subject, match.grant) == ("s0", "g0")


def test_one_shot_never_makes_a_name(calibration: Calibration) -> None:
    """However alike, one frame names nobody."""
    match = answer([at(0.99)], gallery(3), calibration)
    assert isinstance(match, Undecided)
    assert match.why.reason is Reason.TOO_FEW_SHOTS


def test_two_shots_of_one_moment_count_as_one(calibration: Calibration) -> None:
    """Shots less than 150 ms apart are one picture, seen twice."""
    match = answer([at(0.9), at(0.9)], gallery(3), calibration, gap=0.1)
    assert isinstance(match, Undecided)


def test_a_stranger_is_unknown(calibration: Calibration) -> None:
    """Like nobody: unknown, which is an answer and not a failure."""
    match = answer([at(0.1, 0.2), at(0.05, 0.15)], gallery(3), calibration)
    assert isinstance(match, Unknown)
    assert match.why.reason is Reason.NOBODY_ALIKE


def test_a_near_match_is_undecided(calibration: Calibration) -> None:
    """Alike, but with an error above the agreed rate."""
    needed = calibration.for_fpir(0.01, DecisionRule().least_gallery, 2).cosine
    match = answer([at(needed - 0.01)] * 2, gallery(3), calibration)
    assert isinstance(match, Undecided)
    assert match.why.reason is Reason.NOT_SURE_ENOUGH


def test_two_people_alike_are_undecided(calibration: Calibration) -> None:
    """When two enrolled people both pass, neither is named."""
    match = answer([at(0.70, 0.62)] * 3, gallery(3), calibration)
    assert isinstance(match, Undecided)
    assert match.why.reason is Reason.TWO_ALIKE


def test_a_runner_up_close_behind_is_undecided_even_below_the_threshold(calibration: Calibration) -> None:
    """The margin holds also when the second does not pass by themselves."""
    needed = calibration.for_fpir(0.01, DecisionRule().least_gallery, 2).cosine
    match = answer([at(needed + 0.02, needed - 0.03)] * 2, gallery(3), calibration)
    assert isinstance(match, Undecided)


def test_shots_that_disagree_are_undecided(calibration: Calibration) -> None:
    """The pooled shot passes, but single shots put different people first."""
    shots = [at(0.70, 0.10), at(0.30, 0.32), at(0.29, 0.33), at(0.99, 0.0), at(0.30, 0.31)]
    match = answer(shots, gallery(2), calibration)
    assert isinstance(match, Undecided)
    assert match.why.reason is Reason.SHOTS_DISAGREE


def test_an_empty_gallery_names_nobody(calibration: Calibration) -> None:
    """Nobody may be seen here, so everybody is unknown."""
    match = answer([at(0.9)] * 2, gallery(0), calibration)
    assert isinstance(match, Unknown)
    assert match.why.reason is Reason.EMPTY_GALLERY


def test_where_naming_is_off_nobody_is_named(calibration: Calibration) -> None:
    """A full gallery does not help where the place may not name."""
    match = answer([at(0.9)] * 2, gallery(2, naming=False), calibration)
    assert isinstance(match, Unknown)
    assert match.why.reason is Reason.NAMING_OFF


def test_a_small_gallery_is_held_to_the_threshold_of_a_larger_one(calibration: Calibration) -> None:
    """Like somebody, enough for a gallery of two by the table, and still not named."""
    likeness = calibration.for_fpir(0.01, 2, 2).cosine + 0.01
    assert isinstance(answer([at(likeness)] * 2, gallery(2), calibration, rule=DecisionRule(least_gallery=1)), Known)
    assert not isinstance(answer([at(likeness)] * 2, gallery(2), calibration), Known)


def test_several_references_of_one_person_are_one_candidate(calibration: Calibration) -> None:
    """A person's second reference is no runner-up to their first."""
    base = gallery(2)
    people = Gallery((SubjectId("s0"), SubjectId("s0")), base.grants, np.stack([at(1.0), at(0.95)]), MODEL, 1)
    assert isinstance(answer([at(0.9)] * 2, people, calibration), Known)


def test_templates_of_two_models_never_meet(calibration: Calibration) -> None:
    """Another digest raises instead of giving a meaningless number."""
    with pytest.raises(ModelMismatch):
        answer([at(0.9)] * 2, gallery(2, model=ModelDigest("x" * 64)), calibration)
    with pytest.raises(ModelMismatch):
        agreement(ProbeTemplate(at(1), MODEL, 1), ProbeTemplate(at(1), ModelDigest("x" * 64), 1))


def test_no_answer_carries_a_similarity(calibration: Calibration) -> None:
    """Scores stay inside: the answer's only number is the error rate that was asked for."""
    match = answer([at(0.8)] * 2, gallery(2), calibration)
    assert match.why.error_rate == DecisionRule().fpir
    assert set(type(match.why).__slots__) == {"reason", "shots", "error_rate", "extrapolated"}


def test_search_is_exact(calibration: Calibration) -> None:
    """Every row is compared, and the numbers are cosines."""
    people = gallery(5)
    with ProbeTemplate(at(0.1, 0.2, 0.3, 0.4, 0.5), MODEL, 1) as probe:
        assert np.allclose(similarities(probe, people), [0.1, 0.2, 0.3, 0.4, 0.5], atol=1e-6)
