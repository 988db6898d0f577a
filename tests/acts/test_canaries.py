"""Canaries through the real acts: nobody real, known to an auditor alone, and noticed at once."""

from __future__ import annotations

import pytest

from beholden.acts.accounts.listed import READ, notices_digest, notices_for
from beholden.acts.displays.canaries import (
    LIST,
    MAKE,
    Canary,
    canaries_digest,
    canary_digest,
    list_canaries,
    make_canary,
)
from beholden.acts.displays.show import Shown
from beholden.acts.grants.invite import Invitee, links
from beholden.acts.grants.people import people
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.recover import recover
from beholden.ledger.memory import Weather
from beholden.model.errors import AlreadyEnrolled, LogUnavailable
from beholden.model.grant import Purpose
from beholden.model.ids import SubjectId
from beholden.storage.memory import MemoryStore
from tests.acts.faults import Faulty, Killed
from tests.acts.oversight import World, told
from tests.acts.test_accounts import refusal
from tests.acts.test_displays import looked, noticed, town
from tests.acts.words import lines
from tests.people import LOBBY, Clock, office_of

__all__ = ["town"]

VERA = SubjectId("s_vera")
WISH = Invitee("Vera", (Purpose.ENTRANCE,), frozenset({LOBBY}), VERA, "ab" * 32)


def made(world, name="audrey", wish=WISH, office=None):
    return make_canary(office or world.office, wish, world.signed(name, MAKE, canary_digest(wish)))


def listed(world, name="audrey"):
    return [each.name for each in list_canaries(world.office, world.signed(name, LIST, canaries_digest(f"a_{name}")))]


def test_a_canary_answers_like_anybody_and_alarms_at_once(town):
    """Those who watch hear of it, whoever looked does not."""
    made(town)
    assert looked(town, "olga", VERA) == Shown("Vera")
    assert noticed(town)[-2:] == ["shown", "canary_touched"]
    for name, heard in (("wanda", True), ("audrey", True), ("olga", False), ("sam", False)):
        signed = town.signed(name, READ, notices_digest(f"a_{name}"))
        assert any("who does not exist" in each.text for each in notices_for(town.office, signed)) is heard, name


def test_only_an_auditor_makes_one_and_knows_which_they_are(town):
    """Whoever operates or approves would not be noticed."""
    reason = "only an auditor makes up people who do not exist, and knows who they are"
    for act in (lambda: made(town, "olga"), lambda: make_canary(town.office, WISH), lambda: listed(town, "sam"),
                lambda: list_canaries(town.office)):  # fmt: skip
        assert refusal(act) == reason
    made(town)
    assert listed(town) == ["Vera"]
    town.add("aki", "audit", None, ("auditor",), by="audrey")
    town.add("ida", "site", None, ("auditor",), by="olga")
    assert refusal(lambda: listed(town, "aki")) == "a new auditor waits for 72 hours"
    town.clock.pass_by(hours=72)
    assert listed(town, "aki") == ["Vera"]
    assert refusal(lambda: listed(town, "ida")) == "whoever runs the place does not audit it"


def test_to_others_it_is_somebody_who_was_invited_and_nobody_can_be_recognised_as_one(town):
    """No template, no grant; nor is it counted as an invitation."""
    made(town)
    [vera] = [each for each in people(town.office) if each.id == VERA]
    [link] = links(town.office)
    assert (vera.state, vera.grants, link.subject) == ("invited", (), VERA)
    assert town.office.store.snapshot().templates == ()
    assert (told(town.office, "invited"), noticed(town)) == ([], ["canary_made"])
    [row] = town.office.store.kept("canary")
    assert "vera" not in row.id
    assert b"vera" not in row.sealed


def test_a_canary_has_a_name_of_its_own_and_is_made_once(town):
    """By the same call; nobody real becomes one."""
    assert made(town) == made(town)
    assert len(town.office.store.kept("canary")) == 1
    with pytest.raises(AlreadyEnrolled):
        made(town, wish=Invitee("her", WISH.purposes, WISH.places, SubjectId("s_other")))
    with pytest.raises(AlreadyEnrolled):
        made(town, wish=Invitee("Someone", WISH.purposes, WISH.places, SubjectId("s_her")))
    assert listed(town) == ["Vera"]


def test_that_one_was_made_is_in_the_log_for_whoever_audits_and_sealed_as_theirs(town):
    """Who made it; once, and made only once. They are listed by name, and not who withdrew."""
    adam = Invitee("Adam", (Purpose.ENTRANCE,), frozenset({LOBBY}), SubjectId("s_adam"), None)
    assert made(town) == made(town) == Canary(VERA, "Vera")
    made(town, wish=adam)
    assert lines(town.office, "overseen", "canary_made") == [
        (each, {"about": each, "subject": each, "by": ["a_audrey"], "detail": ""}) for each in (VERA, "s_adam")
    ]
    assert listed(town) == ["Adam", "Vera"]
    [link] = links(town.office)
    assert link.subject == VERA
    withdraw(town.office, VERA)
    assert listed(town) == ["Adam"]


def test_it_goes_as_anybody_does(town):
    """And nothing of it is left."""
    made(town)
    looked(town, "olga", VERA)
    withdraw(town.office, VERA)
    rows = [*town.office.store.kept("canary"), *town.office.store.kept("display", [VERA])]
    assert (rows, listed(town)) == ([], [])


def test_a_rehearsal_has_them_too(keystore, log):
    """Nobody has to sign."""
    clock = Clock()
    world = World(office_of(MemoryStore(), keystore, log, clock), clock)
    make_canary(world.office, Invitee("Vera", WISH.purposes, WISH.places, VERA))
    assert [each.subject for each in list_canaries(world.office)] == [VERA]


def test_while_the_log_fails_there_is_none(town, log):
    """And nobody is there."""
    log.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        made(town)
    assert VERA not in [each.id for each in town.office.store.subjects()]


@pytest.mark.parametrize("method", ["put_kept", "add_invitations"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_cut_off_it_is_made_by_the_same_call(town, keystore, log, method, when):
    """Never somebody who does not exist and whom nobody watches."""
    office = office_of(Faulty(town.office.store, method, when, Killed()), keystore, log, town.clock)
    with pytest.raises(Killed):
        made(town, office=office)
    recover(town.office)
    there = VERA in [each.id for each in town.office.store.subjects()]
    assert there <= (len(town.office.store.kept("canary")) == 1)
    made(town)
    assert listed(town) == ["Vera"]
    assert looked(town, "olga", VERA) == Shown("Vera")
    assert noticed(town)[-1] == "canary_touched"
