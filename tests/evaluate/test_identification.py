"""Open set: who is drawn, what each search finds, and every rate of a small one by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from beholden.evaluate import identification, splits
from beholden.evaluate.identification import Identification, identify, refuse_sizes
from beholden.evaluate.labels import Labels
from beholden.evaluate.splits import Plan, Searched, search_all
from beholden.evaluate.templates import Looked, Refusal
from beholden.faces.engine import FaceEngine
from beholden.faces.pool import pool
from beholden.model.errors import InputError
from beholden.model.frame import Pixels
from tests.evaluate.conftest import crowd, looked_at, no_progress, people_of, setting_for


def plan(splits: int = 5, photos: int = 1, seed: int = 1) -> Plan:
    return Plan(splits, photos, seed, alike=0.5)


def who(people: int, pictures: int) -> list[int]:
    return [index // pictures for index in range(people * pictures)]


def searched(looked: Looked, person: list[int], drawn: Plan) -> Searched:
    found = search_all(people_of(person), looked, looked.enrollable, looked.acquired, drawn, no_progress)
    assert found is not None
    return found


def identified(looked: Looked, person: list[int], drawn: Plan, labels: Labels | None = None) -> Identification:
    return identify(people_of(person), looked, setting_for, drawn, labels, 1000, no_progress)


def counts(result: Identification) -> dict[str, tuple[int, int]]:
    assert result.outcome is not None
    return {figure.term: (figure.rate.errors, figure.rate.trials) for figure in result.outcome.figures}


def test_half_of_the_people_are_enrolled_and_the_others_are_strangers() -> None:
    """In each split; and over many splits everybody is both."""
    found = searched(looked_at(crowd(10, 3)), who(10, 3), plan(splits=20)).searches
    assert found.gallery == 5
    assert found.enrolled is not None
    assert found.enrolled.sum(axis=1).tolist() == [5] * 20
    assert found.enrolled.any(axis=0).all()
    assert not found.enrolled.all(axis=0).any()
    mated = ~np.isnan(found.own)
    assert np.array_equal(mated, found.enrolled[found.split, found.people])


@pytest.mark.parametrize("photos", [1, 2])
def test_no_picture_is_reference_and_probe_in_one_split(photos: int) -> None:
    """Every split has each picture once: those that enrol are missing among its probes."""
    person = who(8, 4)
    found = searched(looked_at(crowd(8, 4)), person, plan(splits=6, photos=photos))
    for split in range(6):
        pictures = found.picture[found.searches.split == split]
        assert len(set(pictures.tolist())) == len(pictures) == len(person) - 4 * photos


def test_the_same_seed_draws_the_same() -> None:
    """And another one does not."""
    looked, person = looked_at(crowd(10, 2)), who(10, 2)
    first, again, other = (searched(looked, person, plan(seed=seed)) for seed in (7, 7, 8))
    assert np.array_equal(first.picture, again.picture)
    assert np.array_equal(first.searches.other, again.searches.other)
    assert not np.array_equal(first.picture, other.picture)


def test_each_search_finds_what_a_plain_comparison_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Best cosine among others, own cosine and place, held against one long loop; over several blocks."""
    monkeypatch.setattr(splits, "BLOCK", 7)
    person = who(12, 3)
    looked = looked_at(crowd(12, 3, spread=1.5, length=6))
    found = searched(looked, person, plan(splits=3))
    vectors, searches = looked.templates.vectors, found.searches
    assert searches.enrolled is not None
    for row in range(len(found.picture)):
        split = int(searches.split[row])
        free = set(found.picture[searches.split == split].tolist())
        gallery = {person[picture]: picture for picture in range(36) if picture not in free}
        assert set(gallery) == set(np.flatnonzero(searches.enrolled[split]).tolist())
        scores = {each: float(vectors[found.picture[row]] @ vectors[picture]) for each, picture in gallery.items()}
        own = scores.pop(int(searches.people[row]), None)
        assert searches.other[row] == pytest.approx(max(scores.values()), abs=1e-6)
        assert searches.rival is not None
        assert scores[int(searches.rival[row])] == max(scores.values())
        assert (own is None) == np.isnan(searches.own[row])
        if own is not None:
            assert searches.own[row] == pytest.approx(own, abs=1e-6)
            assert searches.own_rank[row] == 1 + sum(score >= own for score in scores.values())


def test_people_far_apart_are_all_found_and_no_stranger_is() -> None:
    """Five strangers with three pictures and five enrolled with two others, in each of four splits."""
    assert counts(identified(looked_at(crowd(10, 3)), who(10, 3), plan(splits=4))) == {
        "FPIR": (0, 4 * 5 * 3),
        "FNIR": (0, 4 * 5 * 2),
        "misnamed": (0, 4 * 5 * 2),
    }


def test_somebody_enrolled_who_is_taken_for_another_is_counted_by_that_name() -> None:
    """Everybody's second picture shows the next person's face: whenever both are enrolled, it is the wrong name."""
    vectors = np.repeat(np.eye(6), 2, axis=0)
    vectors[1::2] = np.roll(np.eye(6), 1, axis=0)
    looked = looked_at(vectors, [None, Refusal.TURNED] * 6, [None] * 12)
    found = searched(looked, who(6, 2), plan(splits=10))
    enrolled = found.searches.enrolled
    assert enrolled is not None
    both = sum(int(row[person] and row[person - 1]) for row in enrolled for person in range(6))
    assert counts(identified(looked, who(6, 2), plan(splits=10)))["misnamed"] == (both, 10 * 3)
    assert both > 0


def test_whoever_is_most_like_themselves_is_not_misnamed() -> None:
    """Everybody is like everybody above the threshold, and most like themselves."""
    vectors = np.repeat(np.eye(6) + 2, 2, axis=0)
    found = counts(identified(looked_at(vectors), who(6, 2), plan(splits=2)))
    assert found["FPIR"] == (2 * 3 * 2, 2 * 3 * 2)
    assert found["misnamed"] == (0, 2 * 3)


def test_a_stranger_who_looks_like_somebody_is_a_false_alert() -> None:
    """Everybody has one face: every stranger is named, and everybody enrolled ties with the others."""
    result = identified(looked_at(np.ones((12, 8))), who(6, 2), plan(splits=2))
    assert counts(result)["FPIR"] == (2 * 3 * 2, 2 * 3 * 2)
    assert result.outcome is not None
    assert result.outcome.cmc[0].errors == 0


def test_what_a_camera_refuses_is_a_miss_and_no_false_alert() -> None:
    """ISO/IEC 19795-1: the trials stay, the probe finds nobody. Every person's second picture is blurred."""
    at_camera = [None, Refusal.BLURRED] * 6
    at_enrolment = [None, Refusal.BLURRED] * 6
    result = identified(looked_at(np.ones((12, 8)), at_enrolment, at_camera), who(6, 2), plan(splits=3))
    found = counts(result)
    assert found["FNIR"] == (3 * 3, 3 * 3)
    assert found["FPIR"] == (3 * 3, 3 * 3 * 2)
    assert result.acquire.reasons == ((Refusal.BLURRED, 6),)


def test_whom_enrolment_refuses_is_a_stranger_and_a_failure_to_enrol() -> None:
    """Two of eight people have no picture that will do: they are never in a gallery."""
    reasons: list[Refusal | None] = [Refusal.SMALL] * 4 + [None] * 12
    looked = looked_at(crowd(8, 2), reasons, [None] * 16)
    found = searched(looked, who(8, 2), plan(splits=30))
    assert found.searches.enrolled is not None
    assert not found.searches.enrolled[:, :2].any()
    result = identified(looked, who(8, 2), plan())
    assert (result.enrol.errors, result.enrol.trials) == (2, 8)
    assert result.outcome is not None
    assert result.outcome.gfnir is not None
    assert result.outcome.gfnir.value == pytest.approx(0.25)


def test_where_nobody_can_be_enrolled_nothing_is_made_up() -> None:
    """The product's own setting has no outcome; without gates there is one."""
    result = identified(looked_at(crowd(6, 2), [Refusal.SMALL] * 12, [None] * 12), who(6, 2), plan())
    assert result.outcome is None
    assert result.enrol.value == 1
    assert {figure.term for figure in result.without_gates} >= {"FPIR", "FNIR"}
    json.dumps(result.as_values(), allow_nan=False)


def test_people_with_one_picture_are_strangers_in_every_split() -> None:
    """They cannot come back, and are not lost."""
    person = [0, 0, 1, 1, 2, 2, 3, 4]
    found = searched(looked_at(np.eye(8)), person, plan(splits=20)).searches
    assert found.enrolled is not None
    assert not found.enrolled[:, 3:].any()
    assert {3, 4} <= set(found.people.tolist())


def test_photos_that_differ_enrol_nobody() -> None:
    """Two pictures of one folder that look like two people: the enrolment is refused, and counted."""
    vectors = crowd(8, 3)
    vectors[0:3] = np.eye(3, 32) * 9
    found = searched(looked_at(vectors), who(8, 3), plan(splits=30, photos=2))
    assert found.searches.enrolled is not None
    assert not found.searches.enrolled[:, 0].any()
    assert found.differed > 0


def test_too_few_people_are_refused_before_anything_is_looked_at() -> None:
    """Three people; and four, of whom one has a second picture."""
    for person in (who(3, 4), [0, 0, 1, 2, 3]):
        with pytest.raises(InputError, match="too few for an open set"):
            refuse_sizes(people_of(person), 1, 10)
    refuse_sizes(people_of([0, 0, 1, 1, 2, 3]), 1, 10)
    with pytest.raises(InputError, match="with 3 pictures"):
        refuse_sizes(people_of(who(10, 2)), 2, 10)


def test_more_searches_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do, before hours of work."""
    monkeypatch.setattr(identification, "MOST_SEARCHES", 100)
    with pytest.raises(InputError, match="120 searches") as refused:
        refuse_sizes(people_of(who(4, 3)), 1, 10)
    assert "--splits" in refused.value.advice
    refuse_sizes(people_of(who(4, 3)), 1, 8)


def test_references_are_pooled_as_the_product_pools_them(portrait: Pixels, engine: FaceEngine) -> None:
    """Two photos of unequal quality: the cosine with the pooled reference is that of faces/pool.py."""
    aligned = [np.ascontiguousarray(portrait[top : top + 112, 60:172]) for top in (40, 60, 80, 100)]
    probes = [engine.embedder.embed(each) for each in aligned]
    vectors = np.concatenate([np.stack([probe.vector for probe in probes]), crowd(5, 4, length=128)])
    looked = looked_at(vectors, quality=[0.9, 0.3, 0.5, 0.7] + [0.8] * 20)
    found = searched(looked, who(6, 4), Plan(12, 2, 1, alike=-1.0))
    rows = np.flatnonzero((found.searches.people == 0) & ~np.isnan(found.searches.own))
    assert len(rows)
    for row in rows:
        split = found.searches.split[row]
        used = set(range(4)) - set(found.picture[found.searches.split == split].tolist())
        with pool([(probes[each], float(looked.quality[each])) for each in used]) as pooled:
            expected = float(pooled.vector @ probes[found.picture[row]].vector)
        assert found.searches.own[row] == pytest.approx(expected, abs=1e-5)


def test_false_alerts_come_in_both_denominators() -> None:
    """Per face it falls with the share enrolled, per alert it rises with the strangers."""
    vectors = crowd(12, 3, spread=0.02)
    vectors[:3] = vectors[3:6]  # two people with one face
    result = identified(looked_at(vectors), who(12, 3), plan(splits=20))
    assert result.outcome is not None
    many, few = result.outcome.alerts[0], result.outcome.alerts[-1]
    assert many.enrolled_share > few.enrolled_share
    assert many.per_alert is not None
    assert few.per_alert is not None
    assert few.per_alert.value > many.per_alert.value > 0


def test_the_result_is_json_without_names() -> None:
    """With labels, too; nothing in it is a name, a path, or no number."""
    labels = Labels({"sex": ("female",) * 6 + ("male",) * 6}, 0)
    result = identified(looked_at(crowd(12, 3)), who(12, 3), plan(), labels)
    text = json.dumps(result.as_values(), allow_nan=False)
    assert ".jpg" not in text
    assert "person 1" not in text
    assert '"female"' in text
