"""Find-me plans as the gate sees them: open now, open in the picture, in doubt not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from beholden.consent.opened import Opened, Sought
from beholden.model.ids import SubjectId
from tests.people import NOW

HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
ANN, BEN = SubjectId("s_ann"), SubjectId("s_ben")
PLAN = Sought(ANN, NOW, NOW + HOUR)


class World:
    """What is kept, and what time it is known to be."""

    def __init__(self, *plans, now=NOW) -> None:
        self.plans, self.now = plans, now
        self.opened = Opened(lambda: self.plans, lambda: self.now)


def asked(*plans, now=NOW) -> World:
    world = World(*plans, now=now)
    world.opened.changed()
    return world


def test_a_plan_is_open_from_its_first_moment_until_before_its_last():
    """Both edges, for whoever is looked for and for nobody else."""
    for now, found in ((NOW, PLAN), (NOW + HOUR - TICK, PLAN), (NOW - TICK, None), (NOW + HOUR, None)):
        opened = asked(PLAN, now=now).opened
        assert opened.of(ANN) == found
        assert opened.of(BEN) is None


@pytest.mark.parametrize("now", [None, NOW - TICK, NOW + HOUR])
def test_a_plan_that_was_open_when_it_was_looked_up_is_not_while_the_time_says_otherwise(now):
    """In doubt, or past its end before anybody asked again."""
    world = asked(PLAN)
    world.now = now
    assert world.opened.of(ANN) is None
    assert not world.opened.holds(ANN, NOW)


def test_a_plan_counts_for_pictures_of_its_own_time_only():
    """However it is open now."""
    holds = asked(PLAN, now=NOW + HOUR / 2).opened.holds
    assert [holds(ANN, moment) for moment in (NOW - TICK, NOW, NOW + HOUR - TICK, NOW + HOUR)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert not holds(BEN, NOW)


def test_an_answer_changes_at_the_edges_of_the_plan():
    """Nothing changes for whom nobody looks for."""
    opened = asked(PLAN).opened
    assert opened.edges(ANN) == (NOW, NOW + HOUR)
    assert opened.edges(BEN) == ()


def test_a_change_is_told_once():
    """By what was decided, by time passing, and by a doubt and its end."""
    world = World()
    assert not world.opened.changed()
    world.plans = (PLAN,)
    assert [world.opened.changed(), world.opened.changed()] == [True, False]
    world.now = None
    assert [world.opened.changed(), world.opened.changed()] == [True, False]
    world.now = NOW + TICK
    assert [world.opened.changed(), world.opened.changed()] == [True, False]
    world.now = NOW + HOUR
    assert [world.opened.changed(), world.opened.changed()] == [True, False]
