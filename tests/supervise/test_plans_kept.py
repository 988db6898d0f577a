"""A running keeper: who is looked for is in its answers while the plan is open, and a match reaches who opened it."""

from __future__ import annotations

from itertools import count

import pytest

from beholden.acts.grants.enrol import Wish
from beholden.acts.plans.own import Laid, answer_plan, lay_down
from beholden.acts.sightings.sighting import sightings
from beholden.model.grant import Capture, Place, Purpose
from beholden.model.ids import CameraId, Epoch, TrackId
from beholden.supervise.keeper.desk import OpenedOffice
from beholden.supervise.keeper.election import try_to_keep
from beholden.supervise.keeper.keeper import Keeper
from beholden.supervise.keeper.messages import AskView, From, NamedAt, Settle
from tests.acts.missing import Town
from tests.acts.oversight import World
from tests.acts.test_accounts import refusal
from tests.people import LOBBY, MODEL, enrolled
from tests.supervise.folders import known, made, now, opener, until

HERE = Place(LOBBY, capture=Capture.LANE, purposes=(Purpose.ENTRANCE, Purpose.FIND_ME))
LOOK = From(CameraId("cam"), LOBBY)


@pytest.fixture
def keeper(tmp_path):
    folder = made(tmp_path / "data")

    def open_office() -> OpenedOffice:
        opened = opener(folder)()
        return OpenedOffice(opened.office, {LOBBY: HERE}.get, opened.close)

    with Keeper(folder, try_to_keep(folder), open_office) as running:
        yield running


def test_from_the_opening_to_the_answer_she_is_found_and_neither_before_nor_after(keeper):
    """Without any word to the keeper: it asks itself. Her sighting is in no list."""
    office = keeper._opened.office
    world = World(office, now)
    for name, about in (
        ("olga", ("site", "site", ("operator",))),
        ("sam", ("site", None, ("approver",))),
        ("wanda", ("welfare", "welfare", ("approver",))),
    ):
        world.add(name, *about)
    anna = enrolled(office, "Anna", 1, Wish((Purpose.FIND_ME,), frozenset({LOBBY})))
    lay_down(office, Laid(anna.subject, never_tell=("Ben",)))
    town = object.__new__(Town)
    town.world, town.numbers = world, count()

    def seen():
        return keeper.answer(AskView(MODEL, LOOK, now())).view.subjects

    def settled():
        named = NamedAt(LOOK, Epoch("aaaaaaaaaaaa"), TrackId("aaaaaaaaaaaa-1"), known(anna), now())
        return keeper.answer(Settle((named,))).results[0]

    assert seen() == ()
    assert "may not be recognised" in settled().message
    plan = town.opened()
    until(lambda: seen() == (anna.subject,))
    assert isinstance(settled(), str)
    assert [each.camera for each in town.matches(plan, "wanda")] == ["cam"]
    assert refusal(lambda: town.matches(plan, "sam")).startswith("matches are for")
    assert sightings(office) == ()
    answer_plan(office, anna.subject, "safe-tell-nobody")
    until(lambda: seen() == ())
    assert "may not be recognised" in settled().message
