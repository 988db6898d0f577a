"""Rates by self-given label: who is in which group, who is too few to be shown, and who may be ranked."""

from __future__ import annotations

import math

import numpy as np
import pytest

from beholden.evaluate.comparisons import Comparisons
from beholden.evaluate.groups import (
    FEWEST_PEOPLE,
    Group,
    differences,
    fmr_by_label,
    fnir_by_label,
    fnmr_by_label,
    fpir_by_label,
)
from beholden.evaluate.rates import Bounds, Rate, exact
from beholden.evaluate.searches import Searches
from beholden.model.errors import InputError

LABELS = ["ash"] * 6 + ["elm"] * 6 + ["oak"] * 2 + [None] * 4


def everybody() -> Comparisons:
    """18 people with two pictures each. Elms' own comparisons fail, and ashes match each other."""
    who = np.repeat(np.arange(18), 2)
    one, other = np.triu_indices(36, 1)
    people = np.stack([who[one], who[other]], axis=1).astype(np.int32)
    mated = people[:, 0] == people[:, 1]
    elm = (people >= 6) & (people < 12)
    scores = np.where(mated & ~elm[:, 0], 0.9, 0.1)
    scores[~mated & (people < 6).all(axis=1)] = 0.6
    return Comparisons(scores.astype(np.float32), mated, people)


def searches() -> Searches:
    """Everybody but the last four is enrolled and comes once; elms are not found. Oaks come once more, as strangers."""
    people = np.array([*range(14), 12, 13, 14, 15, 16, 17], np.int32)
    mated = np.arange(20) < 14
    own = np.where(mated, np.where((people >= 6) & (people < 12), 0.1, 0.9), np.nan)
    other = np.where(people == 14, 0.7, 0.2)
    return Searches(
        14, people, own.astype(np.float32), mated.astype(np.int32), other.astype(np.float32), np.zeros(20, np.int32)
    )


def shown(groups: tuple[Group, ...]) -> dict[str, tuple[int, int | None, int | None]]:
    return {
        group.label: (group.people, group.rate and group.rate.errors, group.rate and group.rate.trials)
        for group in groups
    }


def test_fnmr_of_each_label_is_that_of_its_people():
    """One comparison each; who said nothing is in no group, and two oaks are too few to be shown."""
    assert shown(fnmr_by_label(everybody(), LABELS, 0.5)) == {
        "ash": (6, 0, 6),
        "elm": (6, 6, 6),
        "oak": (2, None, None),
    }


def test_fmr_of_each_label_is_among_its_people():
    """Six people make 15 pairs of 4 comparisons each."""
    groups = shown(fmr_by_label(everybody(), LABELS, 0.5))
    assert groups == {"ash": (6, 60, 60), "elm": (6, 0, 60), "oak": (2, None, None)}


def test_fnir_of_each_label_is_that_of_its_people_enrolled():
    """Elms are not found."""
    assert shown(fnir_by_label(searches(), LABELS, 0.5)) == {
        "ash": (6, 0, 6),
        "elm": (6, 6, 6),
        "oak": (2, None, None),
    }


def test_fpir_of_each_label_is_that_of_its_strangers():
    """Of those who said something only oaks came as strangers; with other labels, one of six."""
    assert shown(fpir_by_label(searches(), LABELS, 0.5)) == {
        "ash": (0, None, None),
        "elm": (0, None, None),
        "oak": (2, None, None),
    }
    assert shown(fpir_by_label(searches(), ["all"] * 18, 0.5)) == {"all": (6, 1, 6)}


def test_as_many_people_as_needed_are_shown_and_one_fewer_are_not():
    """A rate of few is about each of them."""
    scores, who = np.ones(5, np.float32), np.arange(5, dtype=np.int32)
    table = Comparisons(scores, np.ones(5, bool), np.stack([who, who], axis=1))
    (five,) = fnmr_by_label(table, ["yew"] * FEWEST_PEOPLE, 0.5)
    (four,) = fnmr_by_label(table, ["yew"] * (FEWEST_PEOPLE - 1) + [None], 0.5)
    assert (five.people, five.rate is not None) == (5, True)
    assert (four.people, four.rate, four.rankable) == (4, None, False)
    assert four.as_values() == {"label": "yew", "people": 4, "rate": None, "rankable": False}


def test_fewer_labels_than_people_are_refused():
    """Whose the rest are would be a guess."""
    with pytest.raises(InputError):
        fnmr_by_label(everybody(), LABELS[:-1], 0.5)


def test_groups_of_fewer_than_thirty_errors_are_never_ranked():
    """They are shown with bounds, and no difference names them."""
    groups = [Group("a", 90, exact(60, 100)), Group("b", 90, exact(30, 100)), Group("c", 90, exact(29, 100))]
    assert [group.rankable for group in groups] == [True, True, False]
    (difference,) = differences(groups)
    assert (difference.higher, difference.lower, difference.clear) == ("a", "b", True)
    assert difference.value == pytest.approx(0.3)


def test_one_rankable_group_has_no_difference():
    """There is nobody to be ranked with."""
    assert differences([Group("a", 90, exact(60, 100)), Group("c", 90, exact(2, 100)), Group("d", 2, None)]) == ()


def test_the_larger_difference_comes_first():
    """Of each two groups, the higher rate is named first."""
    groups = [Group("a", 9, exact(40, 100)), Group("b", 9, exact(70, 100)), Group("c", 9, exact(35, 100))]
    assert [(d.higher, d.lower) for d in differences(groups)] == [("b", "c"), ("b", "a"), ("a", "c")]


def test_bounds_of_a_difference_are_newcombes():
    """Newcombe (1998), method 10, his first example: 56/70 - 48/80 = .2, between .0524 and .3339."""

    def wilson(errors: int, trials: int) -> Rate:
        z, p = 1.959964, errors / trials
        middle, half = p + z * z / 2 / trials, z * math.sqrt(p * (1 - p) / trials + z * z / 4 / trials**2)
        around = 1 + z * z / trials
        return Rate(errors, trials, Bounds((middle - half) / around, (middle + half) / around, "Wilson"))

    (difference,) = differences([Group("one", 70, wilson(56, 70)), Group("other", 80, wilson(48, 80))])
    assert (difference.value, difference.low, difference.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert difference.as_values()["clear"] is True


def test_a_difference_whose_bounds_hold_zero_is_not_clear():
    """It may be none at all."""
    (difference,) = differences([Group("a", 90, exact(35, 100)), Group("b", 90, exact(31, 100))])
    assert difference.low < 0 < difference.high
    assert not difference.clear
