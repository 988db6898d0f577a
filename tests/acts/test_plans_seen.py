"""While a find-me plan is open, and only then, its grant names the person; and nobody who watches reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.acts.accounts.kept import full_hour
from beholden.acts.approvals.breakglass import CLOSE, close_glass, glass_digest
from beholden.acts.displays.show import LOOK, Look, show
from beholden.acts.displays.watched import Tie
from beholden.acts.grants.own import pause
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.plans.kept import Seekers
from beholden.acts.plans.matches import NOT_THIS_ONE
from beholden.acts.plans.open_close import open_plan
from beholden.acts.sightings.presence import Sighting, death, sealed_sighting
from beholden.consent.gate import Gate
from beholden.consent.living import Lives
from beholden.consent.opened import Opened
from beholden.consent.oversight.displays import Way
from beholden.consent.oversight.plans import MATCH_LIVES
from beholden.ledger.memory import Weather
from beholden.model.errors import LogUnavailable
from beholden.model.grant import Purpose, Viewpoint
from beholden.model.ids import CameraId, SightingId
from tests.acts.faults import Faulty, Killed
from tests.acts.missing import ANNA, PLACES, SERVED, Town
from tests.acts.test_accounts import refusal
from tests.acts.test_displays import said
from tests.acts.test_names_refused import NOT_THEIRS
from tests.people import IN_A_FILE, LOBBY, MODEL

pytestmark = pytest.mark.parametrize("live", ["memory"], indirect=True)
LATE = timedelta(days=300)
AT = Viewpoint(CameraId("cam"), PLACES[0])


@pytest.fixture
def town(live):
    return Town(live)


@pytest.fixture
def gates():
    """Made for an office, and closed at the end."""
    made = []
    yield made
    for each in made:
        each.close()


def gate_of(town, gates, doubt=()):
    office = town.office
    time = lambda: None if doubt else office.clock()  # noqa: E731
    gates.append(Gate(office.store, office.keystore, 1, Lives(time, office.house), Opened(Seekers(office), time)))
    return gates[-1]


def who(gate, town, viewpoint=AT):
    """As the keeper does: it beats, then it is asked."""
    now = town.office.clock()
    gate.beat(now, lambda: 1)
    gallery = gate.gallery(viewpoint, SERVED, now, MODEL, False)
    allowed = gate.sought(viewpoint, SERVED, now, ANNA, False) is not None
    assert allowed == (gallery.subjects == (ANNA,) and bool(gallery.hidden)) or Purpose.ENTRANCE in purposes(town)
    return gallery


def purposes(town):
    return {each.purpose for each in town.office.store.grants(ANNA)}


def test_she_is_recognisable_at_the_places_of_her_grant_while_the_plan_is_open(town, gates):
    """Before, nobody; then hidden from whoever watches; at the end of its day nobody again, and never in a file."""
    gate = gate_of(town, gates)
    assert who(gate, town).subjects == ()
    town.opened()
    found = who(gate, town)
    assert (found.subjects, found.hidden) == ((ANNA,), frozenset(found.grants))
    assert who(gate, town, IN_A_FILE).subjects == ()
    town.world.clock.pass_by(hours=24, microseconds=-1)
    assert who(gate, town).subjects == (ANNA,)
    town.world.clock.now += timedelta(microseconds=1)
    assert who(gate, town).subjects == ()


@pytest.mark.parametrize("end", ["closed", "answered", "paused", "withdrawn", "glass", "glass closed"])
def test_however_it_ends_she_is_not_recognised_from_the_next_beat_on(town, gates, end):
    """Nothing waits for the keeper's minute."""
    gate = gate_of(town, gates)
    if end.startswith("glass"):
        town.broken(town.reported().plan)
        assert who(gate, town).subjects == (ANNA,)
        if end == "glass":
            town.world.clock.pass_by(minutes=15)
        else:
            close_glass(town.office, "g1", town.world.signed("sam", CLOSE, glass_digest("g1")))
    else:
        plan = town.opened()
        assert who(gate, town).subjects == (ANNA,)
        [grant] = [each.id for each in town.office.store.grants(ANNA)]
        {
            "closed": lambda: town.closed(plan, "wanda"),
            "answered": lambda: town.answers("safe-tell-mine"),
            "paused": lambda: pause(town.office, ANNA, grant),
            "withdrawn": lambda: withdraw(town.office, ANNA),
        }[end]()
    assert who(gate, town).subjects == ()
    town.passes(minutes=1)
    assert town.plans[0].closed_at is not None
    town.passes(hours=72)
    assert town.plans[0].told_at is not None
    assert town.passes(hours=1) == 0


def test_while_the_time_is_in_doubt_no_plan_counts(town, gates):
    """Nor one that is read from a storage that cannot be asked: then nothing is stamped."""
    doubt = []
    gate = gate_of(town, gates, doubt)
    town.opened()
    assert who(gate, town).subjects == (ANNA,)
    doubt.append(1)
    assert who(gate, town).subjects == ()


def test_whoever_is_named_for_something_else_goes_on_being_that(live, gates):
    """The desk sees Anna come in as ever: nothing tells it that she is looked for; the welfare body is told, too."""
    town = Town(live, Purpose.ENTRANCE)
    gate = gate_of(town, gates)
    as_ever = who(gate, town)
    town.opened()
    now = who(gate, town)
    assert (now.subjects, now.grants, now.hidden) == (as_ever.subjects, as_ever.grants, frozenset())
    assert gate.sought(AT, SERVED, town.office.clock(), ANNA, False)


def test_a_sighting_under_a_plan_is_shown_to_no_account_in_the_feed(town):
    """Also not to one that knows its id."""
    town.opened()
    now = town.office.clock()
    [grant] = [each.id for each in town.office.store.grants(ANNA)]
    one = Sighting(SightingId("one"), ANNA, grant, AT.camera, LOBBY, now, now, 3, death(now))
    town.office.store.put_sightings([sealed_sighting(one, town.office.keystore.data_key(ANNA))])
    asked = Look(ANNA, Way.FEED, LOBBY, one.id)
    for name, reason in (("olga", "nobody was sighted there"), ("wanda", NOT_THEIRS)):
        signed = town.world.signed(name, LOOK, asked.digest)
        assert refusal(lambda signed=signed: show(town.office, asked, signed)) == reason


def test_a_match_is_told_once_in_five_minutes_and_says_where_only_to_who_asks(town):
    """The notices of the welfare body hold no place; the leaf says neither place nor camera."""
    plan = town.opened()
    assert [town.seen(), town.seen()] == [True, False]
    assert town.log.count(("plan_matched", "")) == 1
    town.world.clock.pass_by(minutes=5)
    assert town.seen()
    assert len(town.matches(plan, "wanda")) == 2
    assert [text for text in town.reads("wanda") if "lobby" in text or "cam" in text] == []
    assert ("shown", "") in town.log
    assert len(town.matches(plan, "anna")) == 2


def test_rows_tell_nobody_when_she_was_recognised_and_go_with_the_plan_or_with_her(town):
    """A match by its place in the database, a notice by its name; what she is told, after 30 days."""
    plan, store = town.opened(), town.office.store
    town.world.clock.pass_by(hours=2, minutes=7)
    town.seen()
    town.world.clock.pass_by(hours=1)
    town.seen("2")
    rows = store.kept("find_match")
    assert {each.dies_at for each in rows} == {full_hour(town.plans[0].opened_at + MATCH_LIVES)}
    assert not any(plan in each.id or "sighting" in each.id for each in rows)
    told = [each for each in store.kept("notice") if f"{plan}.match." in each.id]
    assert len(told) == 4
    assert {each.dies_at for each in told} == {full_hour(town.plans[0].ends_at) + timedelta(hours=1)}
    town.passes(hours=73)
    [everything] = [
        each for each in town.office.store.kept("notice", [ANNA]) if each.dies_at < town.office.clock() + LATE
    ]
    assert everything.dies_at == full_hour(town.office.clock() + timedelta(days=30))
    withdraw(town.office, ANNA)
    assert [each for each in store.kept("notice") if f"{plan}.match." in each.id] == []


def test_while_the_log_fails_no_plan_is_open_and_cut_off_it_is_open_wholly_or_not(town, log, keystore):
    """The leaf is there before; the plan, who was told, and that the request is used up come together."""
    asked = town.reported()
    warrant = town.agreed(asked, "sam", "wanda")
    before = len(town.office.store.kept("notice", [ANNA]))  # of the account in her name
    log.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        open_plan(town.office, asked.plan, warrant)
    log.weather = Weather.WORKS
    whole = town.office
    before = len(whole.store.kept("notice", [ANNA]))
    for when, count in (("before", 0), ("after", 1)):
        town.world.office = replace(whole, store=Faulty(whole.store, "put_kept", when, Killed()))
        with pytest.raises(Killed):
            open_plan(town.office, asked.plan, warrant)
        town.world.office = whole
        assert town.log[-1][0] == "plan_opened"
        told = len(whole.store.kept("notice", [ANNA])) - before
        assert (len(town.plans), told) == (count, count)
    assert open_plan(town.office, asked.plan, warrant).state == "open"
    assert len(town.plans) == 1


def test_whom_she_barred_reads_no_match_and_a_relative_does_not_agree(town):
    """Whether they work at the welfare body or not; what she lays down holds at once, also for an open plan."""
    plan = town.opened()
    town.seen()
    assert len(town.matches(plan, "will")) == 1
    said(town.world, "anna", Tie.BARRED, "a_will")
    assert refusal(lambda: town.matches(plan, "will")) == NOT_THIS_ONE
    town.lays_down(never_tell=("Wanda",), relatives=("Sue",))
    assert refusal(lambda: town.matches(plan, "wanda")) == NOT_THIS_ONE
    town.world.clock.pass_by(hours=20)
    assert (
        refusal(lambda: town.renewed(plan, "sue", "wanda")) == "an approver has a personal link to whom this is about"
    )
