"""Acceptance, through the real acts: somebody who runs the place tries to be those who watch it, or whom it watches.

Each story ends refused. Olga runs the place; Anna may be looked for, and barred her.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from beholden.acts.accounts.change import (
    ADD,
    CHANGE,
    REVOKE,
    add_account,
    change_account,
    change_digest,
    revoke_account,
)
from beholden.acts.accounts.known import accounts_held
from beholden.acts.accounts.wished import SAME
from beholden.acts.displays.look_up import LOOK_UP, look_up, who_digest
from beholden.acts.displays.show import Shown
from beholden.acts.displays.watched import Tie
from beholden.acts.own_copy.own_request import prove
from beholden.acts.plans.open_close import open_plan
from beholden.consent.oversight.displays import Way
from beholden.ledger.note import SigningKey
from beholden.model.errors import InputError, UnknownSubject
from tests.acts.missing import ANNA, Town
from tests.acts.oversight import World
from tests.acts.test_accounts import refusal
from tests.acts.test_displays import known, looked, said

pytestmark = pytest.mark.parametrize("live", ["memory"], indirect=True)
MAY_NOT_ADD = "this account may not add one of that organisation"
MAY_NOT_CHANGE = "this account may not change that one"
UNSAID = "an account is somebody's who is known here only when they say so"
NOT_HERS = "these keys are not that person's, or not of this month"
TAKEN = "somebody else has, or had, an account with that key here"
NEW = "a new account is shown names after 72 hours"


@pytest.fixture
def town(live):
    town = Town(live)
    said(town.world, "anna", Tie.BARRED, "a_olga")
    return town


def revoked(world, who, by):
    return revoke_account(world.office, f"a_{who}", world.signed(by, REVOKE, change_digest(f"a_{who}")))


def test_an_operator_alone_does_not_replace_those_who_watch(town):
    """It took nine days and nobody else; now not even the first step is possible, and puppets open nothing."""
    world = town.world
    for name in ("wanda", "will", "audrey", "uwe", "anna", "bea"):
        assert refusal(lambda name=name: revoked(world, name, "olga")) == MAY_NOT_CHANGE
    world.add("puppet", "site", None, ("approver",), by="olga")
    world.add("desk", "site", None, ("operator",), by="olga")
    world.clock.pass_by(hours=73)
    for body, what in (("welfare", None), ("shelter", "welfare"), ("elsewhere", "other")):
        for roles in (("approver",), ("auditor",), ("operator",)):
            shill = lambda body=body, what=what, roles=roles: world.add("shill", body, what, roles, by="olga")  # noqa: E731
            assert refusal(shill) == MAY_NOT_ADD
    asked = town.reported("Bea", name="desk")
    reason = refusal(lambda: open_plan(town.office, asked.plan, town.agreed(asked, "puppet", "sam", name="desk")))
    assert reason.startswith("one of the approvers must be the outside welfare body")


def test_an_account_of_a_person_gets_no_powers_and_seeds_no_body(town):
    """A puppet that may only be recognised: it adds no approver, and is given no role."""
    world = town.world
    with pytest.raises(InputError, match="makes no organisation a body of that kind"):
        world.add("seed", "shelter", "welfare", ("subject",), by="olga")
    world.add("seed", "shelter", "other", ("subject",), by="olga")
    world.clock.pass_by(hours=73)
    assert refusal(lambda: world.add("shill", "shelter", None, ("approver",), by="seed")) == MAY_NOT_ADD
    assert refusal(lambda: world.add("more", "welfare", None, ("subject",), by="olga")) == MAY_NOT_ADD
    for name in ("olga", "seed"):
        roles = world.signed(name, CHANGE, change_digest("a_seed", None, ("approver",)))
        assert refusal(lambda s=roles: change_account(town.office, "a_seed", None, ("approver",), s)) == MAY_NOT_CHANGE


def test_no_second_body_of_the_place_is_its_own_outside_approver(town):
    """Another name that runs the place, too."""
    assert refusal(lambda: town.world.add("shill", "annexe", "site", ("approver",), by="olga")) == MAY_NOT_ADD


def test_nobody_makes_an_account_in_annas_name(town):
    """Neither unsaid, nor with keys that are not hers, nor with hers for another account, nor by another's word."""
    world, office = town.world, town.office
    wish = world.new("false", "fake", "other", ("subject",), same_as=ANNA)
    by = world.signed("olga", ADD, wish.digest)
    assert refusal(lambda: add_account(office, wish, by)) == UNSAID
    assert refusal(lambda: add_account(office, wish, by, world.signed("bea", SAME, wish.digest))) == UNSAID
    wrong = prove(b"k" * 32, ANNA, wish.asked, world.clock())
    assert refusal(lambda: add_account(office, wish, by, None, wrong)) == NOT_HERS
    hers = world.proof(ANNA, replace(wish, public=world.keys["anna"].verifier.encoded()).asked)
    assert refusal(lambda: add_account(office, wish, by, None, hers)) == NOT_HERS
    as_bea = replace(wish, same_as="a_bea")
    assert refusal(lambda: add_account(office, as_bea, world.signed("olga", ADD, as_bea.digest))) == UNSAID
    assert "a_false" not in [each.account.id for each in accounts_held(office)]
    add_account(office, wish, by, world.signed("anna", SAME, wish.digest))  # she says so


def test_annas_account_is_hers(town):
    """Nobody gives it another key, also where the place is its organisation."""
    world, office = town.world, town.office
    world.add("anna2", "site", None, ("subject",), by="olga", same_as=ANNA)
    public = SigningKey.generate("x").verifier.encoded()
    signed = world.signed("olga", CHANGE, change_digest("a_anna2", public))
    assert refusal(lambda: change_account(office, "a_anna2", public, (), signed)) == MAY_NOT_CHANGE
    assert refusal(lambda: revoked(world, "anna2", "olga")) == MAY_NOT_CHANGE
    world.add("annop", "site", None, ("operator", "subject"), by="olga", same_as=ANNA)
    signed = world.signed("olga", CHANGE, change_digest("a_annop", public))
    reason = "the key of a person's account is changed by its holder"
    assert refusal(lambda: change_account(office, "a_annop", public, (), signed)) == reason
    assert revoked(world, "anna2", "anna").dead is not None


def test_one_key_under_two_names_is_refused(live):
    """An account added or changed; also the key that somebody had before. One human being may have it twice."""
    live.everybody("olga", "sam", "max")
    old = live.keys["sam"]
    live.keys["twin"] = live.keys["olga"]
    with pytest.raises(InputError, match=TAKEN):
        live.add("twin", "site", None, ("operator",), by="max")
    public = live.keys["olga"].verifier.encoded()
    signed = live.signed("max", CHANGE, change_digest("a_max", public))
    with pytest.raises(InputError, match=TAKEN):
        change_account(live.office, "a_max", public, (), signed)
    key = SigningKey.generate("sam")
    signed = live.signed("sam", CHANGE, change_digest("a_sam", key.verifier.encoded()))
    change_account(live.office, "a_sam", key.verifier.encoded(), (), signed)
    revoked(live, "sam", "olga")
    for number, each in enumerate((old, key)):
        live.keys[f"ghost{number}"] = each
        with pytest.raises(InputError, match=TAKEN):
            live.add(f"ghost{number}", "site", None, ("approver",), by="olga")
    live.add("twin", "site", None, ("maintainer",), by="olga", same_as="Olga")


def test_a_new_account_is_shown_no_names(live):
    """Nor one whose key is new: whoever is barred, or looked too often, begins with no other. After 72 hours it is."""
    live.everybody("olga")
    known(live, ANNA)
    live.add("twin", "site", None, ("operator",), by="olga")

    def asked(who):
        return look_up(live.office, who, live.signed("twin", LOOK_UP, who_digest(who)))

    for way in (Way.CLI, Way.FEED, Way.LOOK_UP):
        assert refusal(lambda way=way: looked(live, "twin", ANNA, way)) == NEW
    assert refusal(lambda: asked("Anna")) == refusal(lambda: asked("Nobody")) == NEW
    live.clock.pass_by(hours=72)
    assert looked(live, "twin", ANNA) == Shown("Anna")
    with pytest.raises(UnknownSubject):
        asked("Nobody")


def test_whoever_begins_here_is_shown_names(live):
    """The folder itself is new."""
    live.add("olga", "site", "site")
    known(live, ANNA)
    live.clock.pass_by(hours=71)
    assert looked(live, "olga", ANNA) == Shown("Anna")


class Doubted:
    """A machine whose clock nobody stands behind."""

    def __init__(self, clock):
        self._clock = clock

    @property
    def now(self):
        return None

    @property
    def latest(self):
        return self._clock()


def test_while_the_time_is_in_doubt_nothing_that_is_signed_counts(live):
    """Else a clock that somebody sets ends 72 hours; but whoever lost their key revokes their account."""
    live.everybody("olga", "sam")
    known(live, ANNA)
    doubted = World(replace(live.office, time=Doubted(live.clock)), live.clock, live.keys)
    reason = "the time is in doubt"
    assert refusal(lambda: doubted.add("max", "site", None, ("maintainer",), by="olga")) == reason
    assert refusal(lambda: looked(doubted, "olga", ANNA)) == reason
    assert refusal(lambda: revoked(doubted, "sam", "olga")) == reason
    assert revoked(doubted, "sam", "sam").dead is not None
