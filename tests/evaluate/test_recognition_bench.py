"""The benchmark of recognition: variants are compared at their own thresholds, on the product's own shots."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from benchmarks.recognition_align import PLAIN, aligned_as, fit, mean_shape
from benchmarks.recognition_compare import Cell, Ordered, difference, measure
from benchmarks.recognition_draw import (
    LONG,
    Drawn,
    Measuring,
    Plan,
    draw,
    embed_photo,
    kept_by_product,
    largest,
    load_recogniser,
)
from benchmarks.recognition_pose import Seen, enrolled_by_pose
from benchmarks.recognition_profiles import ENROLMENTS, MIRRORED, Person, measure_profiles
from benchmarks.recognition_shipped import measure_shipped
from benchmarks.recognition_variants import (
    PRODUCT,
    best_of_windows,
    chosen,
    evenly,
    normalised,
    pooled,
    taken,
    two_then_windows,
    unit,
    usable_tracks,
    variants,
)

from beholden.evaluate.tail import PairScores, measure_tails
from beholden.faces.align import align, similarity
from beholden.faces.catalogue import SFACE
from beholden.faces.engine import FaceEngine
from beholden.faces.enrolment import make_reference
from beholden.faces.pool import pool
from beholden.model.frame import Pixels
from beholden.model.template import ProbeTemplate
from benchmarks import recognition, recognition_tables

DIMENSIONS = SFACE.dimensions


@pytest.fixture(scope="module")
def recogniser() -> Measuring:
    return load_recogniser()


def rows(random: np.random.Generator, *shape: int) -> np.ndarray:
    """Unit rows in all directions."""
    return unit(random.standard_normal((*shape, DIMENSIONS)).astype(np.float32))


def near(random: np.random.Generator, centres: np.ndarray, shape: tuple[int, ...], noise: float) -> np.ndarray:
    """Unit rows (people, *shape, d) around each person's own."""
    around = centres.reshape(len(centres), *[1] * len(shape), DIMENSIONS)
    return unit(around + noise * rows(random, len(centres), *shape))


def made_up(people: int = 30, noise: float = 1.5) -> Drawn:
    """Tracks out of random numbers: everybody is enrolled, every shot is fit."""
    random = np.random.default_rng(3)
    drawn = Drawn.empty(people, Plan(sizes=(32, 96), tracks=2), DIMENSIONS)
    centres = rows(random, people)
    drawn.shots[:] = near(random, centres, drawn.shots.shape[1:-1], noise)
    for name in drawn.others:
        drawn.others[name][:] = near(random, centres, drawn.others[name].shape[1:-1], noise)
    for name in drawn.references:
        drawn.references[name][:] = near(random, centres, (), 0.5)
    for numbers in (drawn.quality, drawn.sharp, drawn.length):
        numbers[:] = random.uniform(0.1, 1.0, numbers.shape)
    drawn.kept[:] = (0, 1, 3, 6, 10)
    drawn.embedded[:] = 5
    drawn.enrolled[:] = True
    return drawn


def cell(people: int = 40, probes: int = 4, apart: float = 3.0) -> Cell:
    """Scores out of random numbers; `apart`: how far mated ones are above the others, in their standard deviations."""
    random = np.random.default_rng(5)
    person = np.repeat(np.arange(people), probes)
    scores = random.standard_normal((len(person), people))
    scores[np.arange(len(person)), person] += apart
    return Cell(scores, person)


def test_all_points_are_fitted_as_the_product_does(portrait: Pixels, engine: FaceEngine) -> None:
    """The other ways differ in what they say they differ in only."""
    face = largest(portrait, engine.detector)
    assert face is not None
    points = face.landmarks.astype(np.float64)
    assert fit(points, mean_shape([points])) == pytest.approx(similarity(points), abs=1e-9)
    without_track = aligned_as("mean landmarks", portrait, face.landmarks)
    assert np.array_equal(without_track, align(portrait, face.landmarks))


def test_a_smaller_face_is_smaller(portrait: Pixels, engine: FaceEngine) -> None:
    """Around the middle of the picture."""
    face = largest(portrait, engine.detector)
    assert face is not None
    small, plain = (aligned_as(name, portrait, face.landmarks) for name in ("face 5% smaller", PLAIN))
    shrink = np.array([[0.95, 0.0, 55.5 * 0.05], [0.0, 0.95, 55.5 * 0.05]])
    again = cv2.warpAffine(plain, shrink, (112, 112))
    assert float(np.abs(again[10:100, 10:100].astype(int) - small[10:100, 10:100]).mean()) < 4.0


def test_a_reference_is_enrolments(portrait: Pixels, engine: FaceEngine, recogniser: Measuring) -> None:
    """The plain way is the product's, to the last bit."""
    made = embed_photo(portrait, engine.detector, recogniser)
    with make_reference([portrait], engine.detector, engine.embedder)[0] as probe:
        assert float(made[PLAIN] @ probe.vector) == pytest.approx(1.0, abs=1e-6)


def test_the_same_photo_gives_the_same_tracks_and_they_are_wiped(
    portrait: Pixels, engine: FaceEngine, recogniser: Measuring, tmp_path: Path
) -> None:
    """From its bytes, the size and the track."""
    path = tmp_path / "portrait.png"
    cv2.imwrite(str(path), portrait)
    found: list[np.ndarray] = []
    for _ in range(2):
        with draw([path], [path], Plan((64,), 1), engine, recogniser, lambda _: None) as drawn:
            assert drawn.enrolled.all()
            assert (drawn.length[drawn.quality > 0] > 1).all()
            found.append(drawn.shots.copy())
        assert not drawn.shots.any()
        assert not any(each.any() for each in drawn.references.values())
    assert found[0].any()
    assert np.array_equal(found[0], found[1])


def test_shots_are_kept_as_the_product_keeps_them() -> None:
    """Of a steady track five, ever further apart; of one that is never fit none."""
    assert kept_by_product([0.5] * LONG) == ([0, 1, 3, 6, 10], 5)
    assert kept_by_product([0.0] * LONG) == ([], 0)


def test_a_worse_variant_is_worse_and_the_same_one_is_not() -> None:
    """Ones that are less apart are missed more often, clearly; another scale of the same scores changes nothing."""
    plain, worse = cell(), cell(apart=2.0)
    scaled = Cell(7.0 * plain.scores - 2.0, plain.person)
    found = measure({"plain": plain, "worse": worse, "scaled": scaled}, 40, 200, seed=1)
    for column in (0, 1):
        assert difference([found["worse"]], [found["plain"]], column).low > 0
        assert not difference([found["scaled"]], [found["plain"]], column).clear
    assert difference([found["scaled"]], [found["plain"]], -1).value == pytest.approx(0.0, abs=1e-9)
    assert difference([found["worse"]], [found["plain"]], -1).high < 0


def test_the_fitted_threshold_is_calibrations() -> None:
    """The tail of evaluate/tail.py, where everybody is drawn once."""
    given = cell()
    row, column = np.nonzero(given.person[:, None] != np.arange(40))
    pairs = np.stack([given.person[row], column], axis=1).astype(np.int32)
    scores = PairScores(given.scores[row, column].astype(np.float32), np.arange(len(row), dtype=np.int32))
    (tail,) = measure_tails([scores], pairs, 40, [1e-4], 0, np.random.default_rng(0))
    assert Ordered(given, 40).thresholds(np.ones(40))[1] == pytest.approx(tail.point[0], abs=1e-5)


def test_the_measured_threshold_lets_one_in_a_thousand_pass() -> None:
    """Of its own non-mated scores, and hardly fewer."""
    given = cell()
    threshold = Ordered(given, 40).thresholds(np.ones(40))[0]
    others = given.scores[given.person[:, None] != np.arange(40)]
    assert int((others >= threshold).sum()) == len(others) // 1000


def test_only_counted_probes_are_missed() -> None:
    """The threshold stays that of all."""
    whole = cell()
    counted = whole.person < 10
    found = measure({"all": whole, "some": Cell(whole.scores, whole.person, counted)}, 40, 0, seed=1)
    assert found["some"].rates[0].trials == int(counted.sum())
    assert Ordered(whole, 40).thresholds(np.ones(40)) == Ordered(
        Cell(whole.scores, whole.person, counted), 40
    ).thresholds(np.ones(40))


def test_pooling_is_the_products() -> None:
    """The weighted mean direction of faces/pool.py."""
    random = np.random.default_rng(2)
    shots, weights = rows(random, 5), random.uniform(0.1, 1.0, 5).astype(np.float32)
    probes = [(ProbeTemplate(row.copy(), SFACE.digest, 1), float(w)) for row, w in zip(shots, weights, strict=True)]
    assert pooled(shots, weights) == pytest.approx(pool(probes).vector, abs=1e-6)


def test_what_is_not_there_is_not_taken() -> None:
    """-1 stands for no shot, and a shot that is not fit is never chosen."""
    quality = np.array([0.5, 0.0, 0.9, 0.2], np.float32)
    which = chosen(quality, lambda good: np.argsort(-good)[:2])
    assert which.tolist() == [2, 0, -1, -1]
    assert taken(quality, which).tolist() == pytest.approx([0.9, 0.5, 0.0, 0.0])


def test_windows_and_spreads_cover_the_track() -> None:
    """One of each window; the first and the last of an even spread."""
    quality = np.array([1, 2, 3, 9, 1, 1, 2, 3, 3, 4, 1, 7], np.float32)
    assert best_of_windows(quality).tolist() == [2, 3, 7, 9, 11]
    assert two_then_windows(quality).tolist() == [0, 1, 3, 7, 11]
    assert two_then_windows(quality[:2]).tolist() == [0, 1]
    assert evenly(12, 5).tolist() == [0, 3, 6, 8, 11]
    assert evenly(3, 5).tolist() == [0, 1, 2]


def test_a_probe_like_everybody_is_normalised_down() -> None:
    """Two probes of one score with a reference: the one that is more alike to the cohort ends lower."""
    random = np.random.default_rng(4)
    cohort, references = rows(random, 20), rows(random, 3)
    common = unit(references[:1] + 2 * cohort.mean(axis=0, keepdims=True) * len(cohort) ** 0.5)
    probes = np.concatenate([references[:1], common])
    same = np.full((2, 3), 0.5, np.float32)
    for both in (False, True):
        found = normalised(same, probes, references, cohort, 20, both)
        assert (found[1] < found[0]).all()


def test_every_variant_is_measured_and_told() -> None:
    """On made-up people: the shipped way differs from itself by nothing, and each variant has a row of its own."""
    drawn, random = made_up(), np.random.default_rng(6)
    all_of_them = variants(drawn, rows(random, 12), rows(random, 5))
    values = recognition.compare_variants(drawn, all_of_them, resamples=20)
    assert usable_tracks(drawn).all()
    assert values[0]["name"] == PRODUCT
    assert values[0]["difference"]["1e-03"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert len({each["name"] for each in values}) == len(values) == len(all_of_them)
    assert {tuple(each["cells"]) for each in values if each["family"] == "alignment"} == {("32",)}
    told = recognition_tables.variants(values)
    assert len({line.count("|") for line in told}) == 1
    assert len(told) == 2 + len(values)


def test_the_shipped_product_is_counted_by_its_own_rule(engine: FaceEngine) -> None:
    """Clear tracks are named and strangers are not; a track without a shot is one that was not named."""
    drawn = made_up(people=4, noise=0.3)
    drawn.kept[0, 0, 0] = -1
    first, second = measure_shipped(drawn, engine, np.arange(4))
    assert (first.fnir.errors, first.fnir.trials, first.short) == (1, 8, 1)
    assert (second.fnir.errors, second.below.errors, second.fpir.errors) == (0, 0, 0)


def test_a_picture_is_never_among_its_own_references() -> None:
    """Pictures that have nothing in common are all missed, however they are enrolled."""
    random = np.random.default_rng(8)
    person = np.repeat(np.arange(12), 10)
    pictures = rows(random, 120)
    seen = Seen(person, random.uniform(-25, 25, 120), {PLAIN: pictures}, {PLAIN: pictures.copy()}, pictures)
    for buckets in enrolled_by_pose(seen).values():
        assert buckets["all"].scores[np.arange(120), person].max() < 0.9
        counted = [np.asarray(each.counted, int) for name, each in buckets.items() if name != "all"]
        assert np.sum(counted, axis=0).tolist() == [1] * 120


def test_a_profile_is_found_by_a_profile_that_enrolled() -> None:
    """Kept apart it is; a portrait alone misses it; two people with one face match each other."""
    random = np.random.default_rng(9)
    one, other = (rows(random, MIRRORED + 1) for _ in range(2))
    people = [Person(each, each[3:5].copy(), each[:1].copy()) for each in (one, other)]
    found = {each.name: each for each in measure_profiles(people, 0.5)}
    assert set(found) == set(ENROLMENTS)
    assert found["portrait and two profiles, apart"].missed.errors == 0
    assert found["portrait alone"].missed.errors == 4
    twins = measure_profiles([people[0], people[0]], 0.5)[-2]
    assert twins.matched.errors == twins.matched.trials == 4


def test_a_difference_is_marked_only_where_zero_is_outside() -> None:
    """By an asterisk."""
    assert recognition_tables.points({"value": 0.01, "low": 0.001, "high": 0.02}) == "+1.00 (+0.10 to +2.00)*"
    assert not recognition_tables.points({"value": 0.01, "low": -0.001, "high": 0.02}).endswith("*")
