"""A trial of enrolment: who is refused, by reason; and what a camera would refuse of the same pictures."""

from __future__ import annotations

import json

import numpy as np
import pytest

from beholden.evaluate.enrolment import EnrolmentTrial, try_enrolment
from beholden.evaluate.labels import Labels
from beholden.evaluate.templates import Looked, Refusal
from tests.evaluate.conftest import crowd, looked_at, people_of, setting_for

SMALL, DARK, NONE = Refusal.SMALL, Refusal.DARK, None


def tried(looked: Looked, person: list[int], labels: Labels | None = None) -> EnrolmentTrial:
    return try_enrolment(people_of(person), looked, setting_for(1), labels)


def counts(result: EnrolmentTrial) -> dict[str, tuple[int, int]]:
    return {figure.term: (figure.rate.errors, figure.rate.trials) for figure in result.figures}


def test_one_good_picture_is_enough_to_enrol() -> None:
    """Three people: all good, one of two good, none good."""
    reasons = [NONE, NONE, SMALL, NONE, DARK, SMALL]
    found = counts(tried(looked_at(crowd(3, 2), reasons), [0, 0, 1, 1, 2, 2]))
    assert found["FTE"] == (1, 3)
    assert found["FTE, all at once"] == (2, 3)
    assert found["refused"] == (3, 6)


def test_a_person_is_refused_for_their_most_frequent_reason() -> None:
    """And a picture for its own."""
    reasons = [SMALL, DARK, DARK, NONE]
    result = tried(looked_at(np.eye(4), reasons), [0, 0, 0, 1])
    assert result.refused_people == ((DARK, 1),)
    assert result.refused_pictures.reasons == ((DARK, 2), (SMALL, 1))
    assert result.refused_at_once == ((SMALL, 1),)


def test_photos_of_two_people_are_refused_together_only() -> None:
    """Each by itself would do."""
    result = tried(looked_at(np.eye(4)[[0, 1, 2, 2]]), [0, 0, 1, 1])
    assert counts(result)["FTE"] == (0, 2)
    assert result.refused_at_once == ((Refusal.PHOTOS_DIFFER, 1),)


def test_only_five_photos_are_given_at_once() -> None:
    """`beholden enrol` takes no more: the sixth, which is dark, is not asked for."""
    reasons = [NONE] * 5 + [DARK]
    assert counts(tried(looked_at(crowd(1, 6), reasons), [0] * 6))["FTE, all at once"] == (0, 1)


def test_a_cameras_gates_are_counted_apart() -> None:
    """What enrolment refuses a camera may take."""
    looked = looked_at(crowd(2, 2), [SMALL, NONE, SMALL, NONE], [NONE, NONE, SMALL, NONE])
    found = counts(tried(looked, [0, 0, 1, 1]))
    assert found["refused"] == (2, 4)
    assert found["FTA"] == (1, 4)


def test_an_unreadable_picture_is_no_failure_of_a_person() -> None:
    """Somebody whose only picture is damaged was not tried at all."""
    reasons = [Refusal.UNREADABLE, NONE, NONE]
    looked = looked_at(crowd(3, 1), reasons, reasons, [np.nan, 0.8, 0.8])
    result = tried(looked, [0, 1, 2])
    assert counts(result)["FTE"] == (0, 2)
    assert counts(result)["refused"] == (0, 2)
    assert result.people == 2


def test_failures_by_label_leave_small_groups_without_a_rate() -> None:
    """Five women, two of them refused; four men, of whom nothing is said."""
    reasons = [SMALL, SMALL, *[NONE] * 7]
    labels = Labels({"sex": ("female",) * 5 + ("male",) * 4}, 0)
    found = {
        group.label: group for group in tried(looked_at(crowd(9, 1), reasons), list(range(9)), labels).groups["sex"]
    }
    assert found["female"].rate is not None
    assert (found["female"].rate.errors, found["female"].rate.trials) == (2, 5)
    assert found["male"].rate is None


@pytest.mark.parametrize("labels", [None, Labels({"sex": ("female",) * 6}, 0)])
def test_the_result_is_json_without_names(labels: Labels | None) -> None:
    """Counts by reason, and no name."""
    values = tried(looked_at(crowd(6, 1), [SMALL, *[NONE] * 5]), list(range(6)), labels).as_values()
    text = json.dumps(values, allow_nan=False)
    assert values["pictures_refused_at_enrolment"]["by_reason"] == {"small": 1}
    assert "person 1" not in text
    assert ".jpg" not in text
