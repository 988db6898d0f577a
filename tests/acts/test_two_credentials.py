"""The list of design section 8 in a live folder: each act, each way to be fewer people than it seems."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from beholden.acts.accounts.kept import keep
from beholden.acts.accounts.known import account_record, accounts_held
from beholden.acts.accounts.signed import fingerprint
from beholden.acts.approvals.in_force import POLICY, SETTINGS
from beholden.acts.approvals.model import announce_model
from beholden.acts.approvals.people import show_digest
from beholden.acts.approvals.requests import SHOW, request, requests, warranted
from beholden.acts.approvals.rules import accept_rules, held_particulars, hold_or_put
from beholden.acts.camera import add_camera, set_zones
from beholden.acts.displays.watched import Tie
from beholden.acts.recording import log_export
from beholden.consent.oversight.rules import RULES, Act
from beholden.model.errors import PolicyRefused
from beholden.storage.memory import MemoryStore
from tests.acts.oversight import HOUR, World, told
from tests.acts.test_accounts import refusal
from tests.acts.test_approvals import ADDRESS, DOOR, EXPORT, MODEL, NOW, PLACED, ZONE
from tests.acts.test_displays import HER, MOTHER, known, said
from tests.acts.test_rules_held import FIRST, LOOSER
from tests.acts.test_ties import back
from tests.people import Clock, office_of

DAY_LATER = (("notice", "n1"), ("seconds", str(24 * 3600)))


@pytest.fixture
def town(keystore, log):
    """A live folder whose settings and policy wait to be loosened; and accounts that are nobody new."""
    clock = Clock()
    world = World(office_of(MemoryStore(rehearsal=False), keystore, log, clock), clock).everybody()
    known(world, HER, MOTHER)
    hold_or_put(world.office, SETTINGS, FIRST)
    hold_or_put(world.office, SETTINGS, LOOSER)
    hold_or_put(world.office, POLICY, ["beholden = 1"])
    hold_or_put(world.office, POLICY, ["beholden = 2"])
    world.add("olga2", "welfare", None, ("approver",), by="wanda", same_as="Olga")
    world.add("twin", "welfare", None, ("approver",), by="wanda")
    world.add("mother", "welfare", None, ("approver",), by="wanda", same_as=MOTHER)
    world.keys["twin"] = world.keys["olga"]  # as it could be before keys were compared
    same = world.keys["olga"].verifier.public
    [twin] = [each for each in accounts_held(world.office) if each.account.id == "a_twin"]
    twin = replace(twin, account=replace(twin.account, key=fingerprint(same)), public=same)
    keep(world.office, [account_record(twin)])
    clock.pass_by(hours=73)
    world.add("fresh", "welfare", None, ("approver",), by="wanda")
    return world


def stands(world, digest):
    """As an auditor reads it."""
    return request(world.office, digest, world.signed("audrey", SHOW, show_digest(digest)))


def stand_in(act, particulars, subject=None):
    """An act whose use case decides by itself once this lets it."""

    def done(world, warrant):
        with warranted(world.office, act, particulars, warrant, subject) as repeated:
            return not repeated

    return lambda world: (act, particulars, subject), done


def rules(which):
    return (
        lambda world: (*held_particulars(world.office, which), None),
        lambda world, warrant: accept_rules(world.office, which, warrant),
    )


LISTED = {
    "opening a find-me plan": stand_in(Act.OPEN_FIND_ME, (("plan", "p1"), ("day", "1")), HER),
    "a guardian's grant": stand_in(Act.GUARDIAN_GRANT, (("grant", "g1"),), HER),
    "delaying a notice": stand_in(Act.DELAY_NOTICE, DAY_LATER, HER),
    "a camera": (
        lambda world: (*PLACED, None),
        lambda world, warrant: add_camera(world.office, DOOR, ADDRESS, warrant=warrant),
    ),
    "an export": (
        lambda world: (*EXPORT, None),
        lambda world, warrant: log_export(world.office, DOOR.id, NOW, NOW + HOUR, warrant),
    ),
    "a model": (
        lambda world: (*MODEL, None),
        lambda world, warrant: announce_model(world.office, "mine", "ab" * 32, "MIT", "", warrant),
    ),
    "a threshold": rules(SETTINGS),
    "a policy": rules(POLICY),
}


def seats(act):
    """Whoever may approve it, as design section 8 says; the last one is of another organisation where one must be."""
    return {Act.OPEN_FIND_ME: ("sam", "wanda"), Act.CAMERA_PLACE: ("sam",), Act.LOOSEN: ("sam",)}.get(act, ("wanda",))


def test_every_act_of_the_list_is_here():
    """A new one needs its line."""
    assert (
        {make(None)[0] for name, (make, _) in LISTED.items() if name not in ("a threshold", "a policy")} | {Act.LOOSEN}
        == set(Act)
        == set(RULES)
    )


@pytest.mark.parametrize("what", LISTED)
def test_nobody_does_it_alone_or_with_somebody_who_is_no_second_person(town, what):
    """Not with another account, with the same key, with somebody who was added today, with a relative of the person,
    with an authority; nor, for what needs another organisation, with two colleagues. With the right ones it is done."""
    make, do = LISTED[what]
    act, particulars, subject = make(town)
    right = seats(act)
    crowd = {"nobody": (), "one too few": right[:-1], "olga": ("olga",)}
    crowd |= {name: (*right[:-1], name) for name in ("olga2", "twin", "fresh", "paul", "audrey")}
    if right[-1] == "wanda":
        crowd |= {"colleague": (*right[:-1], "sue"), "colleagues": ("sam", "sue")}
    assert refusal(lambda: do(town, None)).startswith("one credential alone does not do this")
    for story, names in crowd.items():
        town.clock.pass_by(seconds=1)
        digest = town.ask("olga", act, particulars, subject).digest
        for name in names:
            with suppress(PolicyRefused):  # what can count in no company is refused at once
                town.approve(name, digest)
        assert stands(town, digest).refusal is not None, story
        assert refusal(lambda digest=digest: do(town, town.warrant("olga", digest))), story
    assert told(town.office, "act_allowed") == []
    assert len(told(town.office, "act_refused")) == len(crowd)
    town.clock.pass_by(seconds=1)
    do(town, town.agreed("olga", act, particulars, *right, subject=subject))
    [allowed] = told(town.office, "act_allowed")
    assert (allowed["act"], allowed["approvers"]) == (act, [f"a_{name}" for name in right])


@pytest.mark.parametrize("what", ["opening a find-me plan", "a guardian's grant", "delaying a notice"])
def test_neither_she_nor_hers_approve_what_is_about_her(town, what):
    """A relative, somebody who knows her, and whom she bars; looked up when it is decided."""
    make, _ = LISTED[what]
    act, particulars, subject = make(town)
    right = seats(act)
    town.add("her", "tenants", "other", ("subject",), by="olga", same_as=HER)
    town.clock.pass_by(hours=72)
    digest = town.ask("olga", act, particulars, subject).digest
    for name in (*right[:-1], "mother"):
        town.approve(name, digest)
    assert stands(town, digest).refusal is None
    said(town, "her", Tie.RELATIVE, MOTHER)
    apart = "an approver has a personal link to whom this is about"
    assert stands(town, digest).refusal == apart
    for tie in (Tie.KNOWN, Tie.BARRED):
        town.clock.pass_by(seconds=1)
        digest = town.ask("olga", act, particulars, subject).digest
        for name in right:
            town.approve(name, digest)
        assert stands(town, digest).refusal is None
        said(town, "her", tie, f"a_{right[-1]}")
        assert stands(town, digest).refusal == apart
        back(town, "her", tie, f"a_{right[-1]}")


@pytest.mark.parametrize(
    "particulars",
    [
        (("notice", "n1"),),
        (("notice", "n1"), ("seconds", "259201")),
        (("notice", "n1"), ("seconds", "-1")),
        (("notice", "n1"), ("seconds", "9" * 30)),
        (("notice", "n1"), ("seconds", "²")),
        (("seconds", "60"), ("seconds", "999999")),
    ],
)
def test_a_notice_is_delayed_by_three_days_at_most(town, particulars):
    """Whatever is agreed; it is not even listed."""
    reason = "a notice is delayed by 72 hours at most, and the request says how long"
    assert refusal(lambda: town.ask("olga", Act.DELAY_NOTICE, particulars, HER)) == reason
    assert requests(town.office) == ()
    town.ask("olga", Act.DELAY_NOTICE, (("notice", "n1"), ("seconds", "259200")), HER)


def test_zones_are_listed_with_the_camera(town):
    """What was hidden would be seen."""
    add_camera(town.office, DOOR, ADDRESS, warrant=town.agreed("olga", *PLACED, "sam"))
    assert refusal(lambda: set_zones(town.office, DOOR.id, (ZONE,))).startswith("one credential alone")
