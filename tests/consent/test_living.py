"""The lives of grants as the gate sees them: whose time decides, when an answer may be another, what guardians add."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from beholden.consent.house import House
from beholden.consent.life import Unnamed, begun, edges
from beholden.consent.living import Lives, no_guardians
from beholden.consent.oversight.accounts import AccountId, PersonId
from beholden.consent.oversight.guardians import Guardianship, authority_of
from beholden.consent.registry import Snapshot
from beholden.model.grant import Basis, Capture, Grant, Place, Purpose
from beholden.model.ids import GrantId, PlaceId, SubjectId
from tests.people import NOW

DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
LOBBY = PlaceId("lobby")
HOUSE = House(places=[Place(LOBBY, capture=Capture.LANE, purposes=(Purpose.CARE,))])
GRANT = Grant(
    GrantId("g_1"), SubjectId("s_1"), Purpose.CARE, Basis.CONSENT, frozenset({LOBBY}), NOW + DAY, NOW + 91 * DAY
)
GUARDED = replace(GRANT, basis=Basis.GUARDIAN)
STANDING = begun(Purpose.CARE, NOW, 90 * DAY, HOUSE.edition_of(GRANT), rehearsal=False)
MOTHER = PersonId("mother")
BOUND = Guardianship(
    GRANT.id,
    GRANT.subject,
    PersonId("anna"),
    Purpose.CARE,
    authority_of({MOTHER}, date(2030, 4, 1), b"paper"),
    "UTC",
    yes=frozenset({MOTHER}),
    approved_by=AccountId("uwe"),
)


class World:
    """What time it is known to be, and what guardians' grants rest on."""

    def __init__(self, grant=GRANT, now=NOW, bound=None, standings=None) -> None:
        self.now, self.asked = now, 0
        self.bound = {} if bound is None else {grant.id: bound}
        self.lives = Lives(lambda: self.now, HOUSE, self._guardianships)
        known = {grant.id: STANDING} if standings is None else standings
        self.lives.follow(Snapshot(1, (), (grant,), (), known))
        self.grant = grant

    def _guardianships(self):
        self.asked += 1
        return self.bound

    def unnamed(self, moment=None, *, rehearsal=False):
        return self.lives.unnamed(self.grant, moment or NOW, rehearsal=rehearsal)

    def changed_at(self, now):
        self.now = now
        return self.lives.changed()


def test_an_answer_may_be_another_from_each_edge_on_and_not_before():
    """The beginning, silence, the end; told once each."""
    world = World()
    for edge in sorted(edges(STANDING)):
        assert not world.changed_at(edge - TICK)
        assert world.changed_at(edge)
        assert not world.changed_at(edge)
    assert not world.changed_at(NOW + 4000 * DAY)


def test_a_doubt_and_its_end_and_a_time_taken_back_change_answers():
    """Each once."""
    world = World()
    assert [world.changed_at(None), world.changed_at(None)] == [True, False]
    assert [world.changed_at(NOW), world.changed_at(NOW)] == [True, False]
    assert [world.changed_at(NOW - TICK), world.changed_at(NOW - TICK)] == [True, False]
    assert world.changed_at(NOW + DAY)


def test_the_known_time_decides_and_in_a_rehearsal_the_pictures():
    """In doubt nobody is named in either."""
    world = World(now=NOW + 2 * DAY)
    assert world.unnamed(NOW) is None
    assert world.unnamed(NOW, rehearsal=True) is Unnamed.COOLING_OFF
    assert world.unnamed(NOW + 2 * DAY, rehearsal=True) is None
    world.now = None
    assert world.unnamed(NOW + 2 * DAY) is world.unnamed(NOW + 2 * DAY, rehearsal=True) is Unnamed.IN_DOUBT


def test_a_grant_of_which_nothing_is_kept_is_one_of_before():
    """Asked about at once, and nobody is named under it until then."""
    assert World(now=NOW + 2 * DAY, standings={}).unnamed() is Unnamed.OTHER_RULES
    assert World(now=NOW + 2 * DAY, standings={}).lives.edges(GRANT)[0] == GRANT.starts_at
    assert World().lives.edges(GRANT) == edges(STANDING)


def test_what_guardians_grants_rest_on_is_asked_for_only_where_there_is_one():
    """Once for each change of the registry."""
    assert World().asked == 0
    world = World(GUARDED, bound=BOUND, now=NOW + 2 * DAY)
    assert world.unnamed() is None
    assert world.asked == 1


def test_one_guardians_grant_among_others_is_enough_to_ask():
    """And the others need nothing."""
    world, own = World(now=NOW + 2 * DAY), replace(GRANT, id=GrantId("g_2"))
    guarded = replace(GUARDED, id=GrantId("g_3"))
    world.lives.follow(Snapshot(2, (), (own, guarded), (), {own.id: STANDING, guarded.id: STANDING}))
    assert world.asked == 1
    assert world.lives.unnamed(own, NOW, rehearsal=False) is None
    assert world.lives.unnamed(guarded, NOW, rehearsal=False) is Unnamed.GUARDIANS
    assert world.lives.unnamed(guarded, NOW + 2 * DAY, rehearsal=True) is None


def test_a_grant_that_was_said_yes_to_again_changes_at_its_new_edges_only():
    """The old ones are forgotten with the old answer."""
    world = World()
    later = replace(STANDING, starts_at=NOW + 5 * DAY)
    world.lives.follow(Snapshot(2, (), (GRANT,), (), {GRANT.id: later}))
    assert [world.changed_at(NOW + day * DAY) for day in (1, 4, 5)] == [False, False, True]


@pytest.mark.parametrize("bound", [None, replace(BOUND, approved_by=None), replace(BOUND, refused=True)])
def test_nobody_is_named_under_a_guardians_grant_that_does_not_count(bound):
    """Not asked for, not approved, refused by the person; what the grant itself says comes first."""
    assert World(GUARDED, bound=bound, now=NOW + 2 * DAY).unnamed() is Unnamed.GUARDIANS
    assert World(GUARDED, bound=bound, now=NOW).unnamed() is Unnamed.COOLING_OFF


@pytest.mark.parametrize(
    ("grant", "bound", "rehearsal", "why"),
    [
        (GRANT, None, False, None),
        (GRANT, replace(BOUND, refused=True), False, None),
        (GUARDED, None, False, "nobody asked for it as a guardian"),
        (GUARDED, None, True, None),
        (GUARDED, BOUND, False, None),
        (GUARDED, replace(BOUND, refused=True), False, "the person refused"),
        (GUARDED, replace(BOUND, refused=True), True, "the person refused"),
    ],
)
def test_a_guardians_grant_counts_while_what_it_rests_on_does(grant, bound, rehearsal, why):
    """A person's own needs nothing; a rehearsal plays one that nobody asked for, and not one that was refused."""
    assert no_guardians(grant, bound, NOW, rehearsal=rehearsal) == why
