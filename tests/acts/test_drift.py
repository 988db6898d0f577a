"""Shares with their bounds, and an alarm when more answers are wrong than usual: computed by hand, and simulated."""

from __future__ import annotations

import math
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.acts.sightings.drift import (
    ADVICE,
    THRESHOLD,
    Alarm,
    Day,
    alarm,
    by_day,
    course,
    evidence,
    share,
    usual_share,
)
from beholden.acts.store import AnswerCount
from tests.people import LOBBY

FIRST = date(2026, 5, 1)


def on(number, right=0, wrong=0):
    return Day(FIRST + timedelta(days=number), right, wrong)


@pytest.mark.parametrize(
    ("wrong", "of", "low", "high"),
    [
        (1, 10, 0.01788, 0.40415),  # centre (.1 + .19207) / 1.38415 = .21101, half .19314
        (5, 10, 0.23659, 0.76341),  # centre .5
        (10, 10, 0.72247, 1.0),  # low 1 / 1.38415
        (10, 100, 0.05523, 0.17437),  # centre .11480, half .05957
        (0, 10, 0.0, 0.3),  # three in ten
        (0, 100, 0.0, 0.03),
        (0, 2, 0.0, 1.0),
    ],
)
def test_a_share_has_wilsons_bounds_and_the_rule_of_three_where_none_was_wrong(wrong, of, low, high):
    """By hand, with z = 1.95996."""
    found = share(wrong, of)
    assert (found.wrong, found.of, found.share) == (wrong, of, wrong / of)
    assert (found.low, found.high) == pytest.approx((low, high), abs=2e-5)


def test_bounds_hold_the_share_and_rise_with_it():
    """For every share of 10 to 60: fewer are not told."""
    for of in range(10, 61):
        found = [share(wrong, of) for wrong in range(of + 1)]
        assert all(0 <= each.low <= each.share <= each.high <= 1 for each in found)
        assert all(one.low < other.low and one.high <= other.high for one, other in pairwise(found))


@pytest.mark.parametrize(("wrong", "of"), [(0, 0), (2, 1), (-1, 5)])
def test_nothing_has_no_share(wrong, of):
    """A mistake of the caller."""
    with pytest.raises(ValueError, match="no share"):
        share(wrong, of)


@pytest.mark.parametrize(
    ("wrong", "answered", "usual"),
    [(0, 0, 0.05), (99, 99, 0.05), (0, 100, 0.01), (1, 200, 0.01), (7, 100, 0.07), (25, 100, 0.25), (60, 100, 0.25)],
)
def test_what_is_usual_is_the_share_of_the_first_hundred(wrong, answered, usual):
    """.05 before, and never under .01 or over .25."""
    assert usual_share(wrong, answered) == usual


def test_evidence_is_the_log_of_how_much_likelier_a_tripled_share_is():
    """Of .05 and .15: log 3 for a wrong answer, log (.85 / .95) for a right one; a share of .25 becomes a half."""
    assert evidence(on(0, 0, 1), 0.05) == pytest.approx(1.098612)
    assert evidence(on(0, 1, 0), 0.05) == pytest.approx(-0.111226, abs=1e-6)
    assert evidence(on(0, 3, 2), 0.05) == pytest.approx(2 * 1.098612 - 3 * 0.111226, abs=1e-5)
    assert evidence(on(0, 1, 1), 0.25) == pytest.approx(math.log(2) + math.log(2 / 3))
    assert pytest.approx(6.907755) == THRESHOLD


def test_seven_wrong_ones_in_a_row_are_an_alarm_and_six_are_not():
    """6 log 3 = 6.59, 7 log 3 = 7.69; the threshold is 6.91."""
    assert alarm([on(0, 0, 6)]) is None
    assert alarm([on(0, 0, 7)]) == Alarm(FIRST, FIRST, 0.05)
    assert alarm([]) is None


def test_the_alarm_names_the_day_since_which_it_rose():
    """The last one on which nothing spoke for it is before; days without answers change nothing."""
    days = [on(0, 40, 2), on(1, 0, 2), on(2, 25, 0), on(4, 9, 4), on(5), on(6, 8, 5)]
    assert [each is not None for each in course(days)] == [False, False, False, False, False, True]
    assert alarm(days) == Alarm(FIRST + timedelta(days=4), FIRST + timedelta(days=6), 0.05)


def test_an_alarm_stands_until_the_answers_speak_for_what_is_usual():
    """63 right ones (6.91 / .1112 = 62.1) take back what raised it, however many were wrong."""
    days = [on(0, 0, 40), on(1, 62, 0)]
    assert alarm(days) is not None
    assert alarm([*days, on(2, 1, 0)]) is None
    assert alarm([*days, on(2, 1, 0), on(3, 0, 10)]).since == on(3).day


def test_the_first_hundred_answers_say_what_is_usual_from_the_next_day_on():
    """The same later days are an alarm where .02 is usual (8 log 3 - 20 * .0417 = 7.96), and none where .2 is."""
    later = [on(1, 15, 0), on(2, 20, 8)]
    assert alarm([on(0, 98, 2), *later]) == Alarm(later[1].day, later[1].day, 0.02)
    assert alarm([on(0, 80, 20), *later]) is None


def test_a_place_where_half_were_wrong_from_the_beginning_keeps_its_alarm():
    """That is never taken as usual; a fifth is, once it is known."""
    assert alarm([on(number, 10, 10) for number in range(200)]) == Alarm(FIRST, FIRST, 0.25)
    assert alarm([on(number, 16, 4) for number in range(200)]) is None


def test_an_alarm_says_in_words_since_when_and_what_to_do():
    """For whoever runs the place."""
    words = alarm([on(0, 0, 7)]).words()
    assert "since 2026-05-01" in words
    assert "5 of 100" in words
    assert "beholden camera check" in ADVICE


answers = st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.integers(1, 9)), max_size=40)


@given(answers, st.randoms())
def test_the_order_of_answers_within_a_day_does_not_matter(said, random):
    """Nor how they are counted together: only what a day comes to."""
    counts = [AnswerCount(LOBBY, on(day).day, right, number) for day, right, number in said]
    single = [AnswerCount(LOBBY, on(day).day, right, 1) for day, right, number in said for _ in range(number)]
    random.shuffle(single)
    assert by_day(single) == by_day(counts)
    assert sum(each.answered for each in by_day(counts)) == sum(number for _, _, number in said)
    assert [each.day for each in by_day(counts)] == sorted({each.day for each in counts})
    assert list(course(by_day(single))) == list(course(by_day(counts)))


@given(answers)
def test_what_was_told_of_a_day_stays(said):
    """Days that follow change nothing about those before."""
    days = by_day(AnswerCount(LOBBY, on(day).day, right, number) for day, right, number in said)
    told = list(course(days))
    assert [alarm(days[: number + 1]) for number in range(len(days))] == told


def stream(rng, share, days, a_day, first=0):
    """Days on which each answer is wrong with this probability."""
    return [
        on(first + number, a_day - wrong, wrong)
        for number, wrong in enumerate(rng.binomial(a_day, share, days).tolist())
    ]


def usual(share):
    """A hundred answers of which exactly this share was wrong."""
    return [on(0, 100 - round(100 * share), round(100 * share))]


def raised(days):
    """How often an alarm was raised."""
    told = [None, *course(days)]
    return sum(one is None and other is not None for one, other in pairwise(told))


@pytest.mark.parametrize("a_day", [1, 10])
@pytest.mark.parametrize("share", [0.01, 0.05, 0.1, 0.25])
def test_while_the_share_is_the_usual_one_a_thousand_answers_or_more_lie_between_alarms(share, a_day):
    """Lorden's bound, over 100,000 answers; alarms do come."""
    rng = np.random.default_rng(7)
    found = raised(usual(share) + stream(rng, share, 100_000 // a_day, a_day, first=1))
    assert found <= 100


@pytest.mark.parametrize(("share", "within"), [(0.01, 540), (0.02, 200), (0.05, 80), (0.1, 40)])
def test_after_the_share_tripled_half_of_the_alarms_come_soon(share, within):
    """As the docstring of `course` says, and not much sooner or later; 10 answers a day."""
    rng, waited = np.random.default_rng(11), []
    for _ in range(150):
        days = stream(rng, share, 20, 10)
        if alarm(days) is None:
            told = course([*days, *stream(rng, 3 * share, 1000, 10, first=20)])
            waited.append(
                next((10 * (n - 19) for n, each in enumerate(told) if n >= 20 and each is not None), math.inf)
            )
    assert within * 0.6 <= np.median(waited) <= within * 1.5
