"""A house: its notices are as they are now, and one that cannot be made is nobody's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.consent.house import UNMADE, House
from beholden.consent.life import UNREAD, Over, Standing, edges, of_before
from beholden.consent.notice import Controller, notice_for
from beholden.consent.receipts.said import Seat
from beholden.model.errors import PolicyRefused
from beholden.model.grant import Basis, Capture, Grant, GrantState, Place, Purpose
from beholden.model.ids import GrantId, PlaceId, SubjectId
from tests.people import NOW

LOBBY, GATE = PlaceId("lobby"), PlaceId("gate")
CONTROLLER = Controller("The House", "desk@example.org", "the authority")
PLACES = [Place(LOBBY, capture=Capture.LANE), Place(GATE, capture=Capture.LANE)]
HOUSE = House(CONTROLLER, PLACES)
DAY = timedelta(days=1)
GRANT = Grant(
    id=GrantId("g_1"),
    subject=SubjectId("s_1"),
    purpose=Purpose.ENTRANCE,
    basis=Basis.CONSENT,
    places=frozenset({LOBBY}),
    starts_at=NOW,
    ends_at=NOW + 90 * DAY,
)


def test_the_notice_is_about_the_places_that_were_named_and_no_others():
    """As the notice of these places alone."""
    assert HOUSE.notice([Purpose.ENTRANCE], [LOBBY]) == notice_for([Purpose.ENTRANCE], PLACES[:1], CONTROLLER)
    assert HOUSE.edition_of(GRANT) == HOUSE.notice([Purpose.ENTRANCE], [LOBBY]).edition
    assert HOUSE.edition(Purpose.ENTRANCE, [LOBBY, GATE]) != HOUSE.edition_of(GRANT)
    assert HOUSE.controller == CONTROLLER


def test_a_notice_about_files_is_about_no_place():
    """Whatever places come with it."""
    assert HOUSE.edition(Purpose.PHOTOS, [LOBBY]) == HOUSE.edition(Purpose.PHOTOS, []) != UNMADE


@pytest.mark.parametrize("house", [House(replace(CONTROLLER, name=""), PLACES), House(CONTROLLER, []), House()])
def test_a_notice_that_cannot_be_made_is_one_that_nobody_read(house):
    """Nobody answers, or the place is gone."""
    assert house.edition_of(GRANT) == UNMADE != UNREAD
    with pytest.raises(PolicyRefused):
        house.notice([Purpose.ENTRANCE], [LOBBY])


def test_a_rehearsal_answers_for_itself():
    """Without anything being set."""
    assert House(places=PLACES).edition_of(GRANT) not in (UNMADE, HOUSE.edition_of(GRANT))
    assert "a rehearsal" in House(places=PLACES).notice([Purpose.ENTRANCE], [LOBBY]).text()
    controller = Controller("a rehearsal", "nobody: these are not real people", "nobody: this is a rehearsal")
    seat = Seat("nowhere: this is a rehearsal", "ZZ", "ZZ", "beholden grant, in the rehearsal folder")
    assert (House().controller, House().seat) == (controller, seat)


@pytest.mark.parametrize(
    ("state", "paused_at", "over"),
    [
        (GrantState.ACTIVE, None, None),
        (GrantState.PAUSED, NOW, None),
        (GrantState.WITHDRAWN, None, Over.WITHDRAWN),
    ],
)
def test_a_grant_of_before_was_said_when_it_began_and_of_nothing_that_is_known(state, paused_at, over):
    """Its state is all that says more."""
    assert of_before(replace(GRANT, state=state)) == Standing(
        Purpose.ENTRANCE,
        NOW,
        NOW,
        NOW + 90 * DAY,
        NOW,
        UNREAD,
        paused_at=paused_at,
        over_at=None if over is None else NOW,
        over=over,
    )


def test_the_edges_are_begin_silence_and_end():
    """What changes by itself."""
    assert edges(of_before(GRANT)) == (NOW, NOW + 44 * DAY, NOW + 90 * DAY)
