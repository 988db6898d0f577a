"""An incident of care is kept for a week where two people decide so, logged first; everything else dies in a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from beholden.acts.accounts.known import directory_of
from beholden.acts.displays.desk import at_desk, desk_of
from beholden.acts.displays.watched import Tie
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.sightings.incidents import (
    KEEP,
    LIST,
    READ,
    Incident,
    incident_digest,
    keep_incident,
    list_digest,
    list_incidents,
    read_incident,
)
from beholden.acts.sightings.presence import Sighting, sealed_sighting
from beholden.acts.sightings.sighting import purge
from beholden.ledger.memory import Weather
from beholden.model.errors import LogUnavailable, PolicyRefused, SightingGone
from beholden.model.grant import Purpose
from beholden.model.ids import CameraId, SightingId
from tests.acts.faults import Faulty, Killed
from tests.acts.houses import GATE, HOUSE, joined, tick
from tests.acts.oversight import World, told
from tests.acts.test_accounts import refusal
from tests.acts.test_displays import said
from tests.people import LOBBY, office_of

ID = SightingId("0f3a9c1d7b24e658")


@pytest.fixture
def home(live):
    """Olga and Max work here; Ann agreed to care and to the entrance, and was seen for care at twenty to ten."""
    from dataclasses import replace

    world = World(replace(live.office, house=HOUSE), live.clock, live.keys)
    world.everybody("olga")
    for name in ("max", "eve"):
        world.add(name, "site", None, ("operator",), by="olga")
    world.clock.pass_by(hours=72)
    ann = joined(world.office, ticks=(tick(Purpose.CARE), tick(Purpose.ENTRANCE)))
    world.ann, world.grants = ann.subject, {each.purpose: each.id for each in ann.grants}
    seen(world, ID, Purpose.CARE)
    return world


def seen(world, sighting, purpose):
    now = world.clock()
    made = Sighting(sighting, world.ann, world.grants[purpose], CameraId("hall"), LOBBY, now, now, 2,
                    now + timedelta(hours=23, minutes=18))  # fmt: skip
    world.office.store.put_sightings([sealed_sighting(made, world.office.keystore.data_key(world.ann))])


def keep(world, name, sighting=ID, office=None):
    world.clock.pass_by(seconds=1)
    return keep_incident(office or world.office, sighting, world.signed(name, KEEP, incident_digest(sighting)))


def read(world, name, sighting=ID):
    world.clock.pass_by(seconds=1)
    return read_incident(world.office, sighting, world.signed(name, READ, incident_digest(sighting)))


def listed(world, name="olga"):
    return list_incidents(world.office, world.signed(name, LIST, list_digest()))


def test_two_people_keep_it_for_a_week_and_not_an_hour_longer(home):
    """The sighting itself dies in a day; the incident on the full hour, so that its end does not tell when it was."""
    began = home.clock()
    assert keep(home, "olga").kept is False
    assert keep(home, "max").kept is True
    home.clock.now = began + timedelta(hours=24)
    purge(home.office)
    assert home.office.store.sighting(ID) is None
    home.clock.now = began + timedelta(days=6, hours=23)
    purge(home.office)
    at_desk(home.office, directory_of(home.office).accounts["a_olga"], LOBBY)
    [one] = listed(home)
    assert (one.sighting, one.kept) == (ID, True)
    assert read(home, "eve").by == ("a_olga", "a_max")
    home.clock.now = began + timedelta(days=7)
    assert listed(home) == ()
    purge(home.office)
    assert home.office.store.kept("incident") == ()
    with pytest.raises(SightingGone):
        read(home, "max")


def test_what_one_alone_proposed_tells_nothing(home):
    """Neither whoever proposed it, nor anybody else: no name, place or moment. Its id waits for a second one there."""
    keep(home, "olga")
    for name in ("olga", "max", "eve"):
        with pytest.raises(SightingGone):
            read(home, name)
    assert listed(home) == (Incident(ID, False, home.office.store.sighting(ID).dies_at),)
    assert (listed(home, "max"), told(home.office, "overseen")) == ((), [])


def test_whoever_works_elsewhere_has_nothing_to_do_with_it(home):
    """They neither keep, read nor list it; the next shift may be there."""
    at_desk(home.office, directory_of(home.office).accounts["a_eve"], GATE)
    with pytest.raises(SightingGone):
        keep(home, "eve")
    for name in ("olga", "max"):
        keep(home, name)
    with pytest.raises(SightingGone):
        read(home, "eve")
    assert (listed(home, "eve"), [each.sighting for each in listed(home, "max")]) == ((), [ID])
    home.clock.pass_by(hours=12)
    assert (read(home, "eve").place, len(listed(home, "eve"))) == (LOBBY, 1)


def test_to_whom_she_barred_there_is_none(home):
    """Neither to read, nor in the list, nor to keep; and nobody's desk is there by trying."""
    home.add("ann", "residents", "other", ("subject",), by="olga", same_as=home.ann)
    said(home, "ann", Tie.BARRED, "a_eve")
    keep(home, "olga")
    for act in (keep, read):
        with pytest.raises(SightingGone):
            act(home, "eve")
    keep(home, "max")
    with pytest.raises(SightingGone):
        read(home, "eve")
    eve = directory_of(home.office).accounts["a_eve"]
    assert desk_of(home.office, eve) is None
    at_desk(home.office, eve, LOBBY)
    assert listed(home, "eve") == ()


def test_one_person_alone_keeps_nothing(home):
    """Not by asking twice, and not with a second account; it dies with its sighting."""
    home.add("olga2", "site", None, ("operator",), by="olga", same_as="Olga")
    for _ in range(2):
        assert keep(home, "olga") == Incident(ID, False, home.office.store.sighting(ID).dies_at)
    assert "does not decide twice" in refusal(lambda: keep(home, "olga2"))
    home.clock.pass_by(hours=24)
    with pytest.raises(SightingGone):
        keep(home, "max")
    purge(home.office)
    assert home.office.store.kept("incident") == ()


def test_only_care_is_kept_and_only_by_operators(home):
    """Whatever the account."""
    other = SightingId("another")
    seen(home, other, Purpose.ENTRANCE)
    assert refusal(lambda: keep(home, "olga", other)) == "only incidents of care are kept"
    home.add("audrey", "audit", "other", ("auditor",), by="olga")
    for act in (keep, read):
        assert refusal(lambda act=act: act(home, "audrey")) == "incidents are for operators"
    with pytest.raises(SightingGone):
        keep(home, "olga", SightingId("invented"))


def test_it_is_logged_before_and_she_is_told(home, log):
    """With its hour, like the sighting; both facts sealed for her, no name, place or moment in a row."""
    keep(home, "olga")
    keep(home, "max")
    assert [each["by"] for each in told(home.office, "incident_kept")] == [["a_olga"], ["a_olga", "a_max"]]
    assert {each.about for each in home.office.store.waiting()} == {home.ann}
    [notice] = home.office.store.kept("notice", [home.ann])
    [row] = home.office.store.kept("incident")
    assert (row.about, b"hall" in row.sealed, b"incident" in notice.sealed) == (home.ann, False, False)
    log.weather = Weather.FAILS
    other = SightingId("another")
    seen(home, other, Purpose.CARE)
    with pytest.raises(LogUnavailable):
        keep(home, "olga", other)
    assert len(home.office.store.kept("incident")) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_cut_off_while_it_is_kept_it_is_kept_by_the_same_call_again(home, keystore, log, when):
    """And told in the log once."""
    keep(home, "olga")
    faulty = office_of(Faulty(home.office.store, "put_kept", when, Killed()), keystore, log, home.clock)
    signed = home.signed("max", KEEP, incident_digest(ID))
    with pytest.raises(Killed):
        keep_incident(faulty, ID, signed)
    assert keep_incident(home.office, ID, signed).kept is True
    assert len(told(home.office, "incident_kept")) == 2


def test_reading_it_counts_as_looking_at_her(home):
    """The fourth time it is refused."""
    keep(home, "olga")
    keep(home, "eve")
    for _ in range(3):
        shown = read(home, "max")
        assert (shown.name, shown.place, shown.camera) == ("Ann", LOBBY, "hall")
    with pytest.raises(PolicyRefused, match="too often"):
        read(home, "max")


def test_it_goes_when_she_withdraws(home):
    """Its key is destroyed."""
    keep(home, "olga")
    keep(home, "max")
    withdraw(home.office, home.ann)
    assert listed(home) == ()
    with pytest.raises(SightingGone):
        read(home, "max")
