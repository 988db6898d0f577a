"""A grant's life through the real acts: asked, reminded, silent, over; and every destruction on its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.acts.grants import own
from beholden.acts.grants.life import look_after, not_named
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.recover import recover
from beholden.consent.gate import Gate
from beholden.consent.house import House
from beholden.consent.life import Over, Unnamed
from beholden.consent.living import Lives
from beholden.consent.registry import SubjectState
from beholden.ledger.memory import Weather
from beholden.model.errors import DataFolderError, LogUnavailable, PolicyRefused
from beholden.model.grant import Capture, GrantState, Hours, Place, Purpose, Viewpoint
from beholden.model.ids import CameraId
from beholden.storage.database import Database
from beholden.storage.memory import MemoryStore
from tests.acts.faults import Faulty, Killed
from tests.acts.houses import CONTROLLER, GATE, HOUSE, PLACES, joined, kinds, live_office, standing, tick, with_place
from tests.people import LOBBY, MODEL, NOW, enrolled

DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite", "memory"])
def store(request, tmp_path):
    """Of a live folder."""
    if request.param == "memory":
        yield MemoryStore(rehearsal=False)
        return
    with Database.create(tmp_path / "live.db", "f", rehearsal=False, moment=NOW) as database:
        yield database


@pytest.fixture
def office(store, keystore, log, clock):
    return live_office(store, keystore, log, clock)


def days_later(office, clock, days):
    """The keeper's minute, each day: what happened, by day."""
    happened = {}
    for _ in range(days):
        clock.pass_by(days=1)
        before = len(office.journal.read())
        look_after(office)
        lines = office.journal.read()[before:]  # what was sealed for who is gone has no event any more
        new = [line.event["kind"] for line in lines if line.event and line.event["kind"] != "act_completed"]
        if new:
            happened[(clock.now - NOW).days] = new
    return happened


def seen(office, clock, place=PLACES[0]):
    gate = Gate(office.store, office.keystore, lives=Lives(lambda: office.time.now, office.house))
    view = Viewpoint(CameraId("cam"), place)
    return gate.gallery(view, [Purpose.ENTRANCE], clock.now, MODEL, False).subjects


def test_nobody_is_named_before_the_cooling_off_is_over(office, clock):
    """A day for the entrance; the reason is told."""
    ann = joined(office)
    assert (seen(office, clock), [each.reason for each in not_named(office)]) == ((), [str(Unnamed.COOLING_OFF)])
    clock.pass_by(days=1)
    assert (seen(office, clock), not_named(office)) == ((ann.subject,), ())


def test_silence_pauses_and_a_year_without_a_yes_destroys(office, clock, keystore):
    """Asked after 30 days, reminded after 37, silent after 44; destroyed a year after the only yes, to the day."""
    ann = joined(office)
    assert days_later(office, clock, 366) == {
        30: ["still_yes_asked"],
        37: ["still_yes_reminded"],
        44: ["silent"],
        365: ["forgotten", "keys_rotated", "erased"],
    }
    assert office.store.subject(ann.subject).state is SubjectState.WITHDRAWN
    assert (office.store.snapshot().templates, keystore.subjects()) == ((), frozenset())
    assert standing(office, ann.grants[0]).over is Over.UNRENEWED


def test_silence_names_nobody_though_no_keeper_ran(office, clock):
    """The gate decides by itself at the moment."""
    joined(office)
    clock.pass_by(days=44)
    assert seen(office, clock) == ()
    assert [each.reason for each in not_named(office)] == [str(Unnamed.SILENT)]


def test_a_yes_goes_on_and_asks_half_a_year_later(office, clock):
    """180 days after each yes; a late yes ends the silence."""
    [grant] = joined(office).grants
    days_later(office, clock, 50)
    own.confirm(office, grant.subject, grant.id, HOUSE.edition_of(grant))
    assert seen(office, clock) == (grant.subject,)
    assert office.store.grants(grant.subject)[0].state is GrantState.ACTIVE
    assert list(days_later(office, clock, 181)) == [50 + 180]


def test_a_yes_that_is_sent_twice_is_one(office, clock):
    """Whoever repeats a call is not told that nothing was asked."""
    [grant] = joined(office).grants
    days_later(office, clock, 31)
    for _ in range(2):
        own.confirm(office, grant.subject, grant.id, HOUSE.edition_of(grant))
    assert kinds(office).count("confirmed") == 1


def test_who_says_yes_each_time_is_destroyed_when_the_grant_ends(office, clock):
    """The end that was agreed comes on its day, whatever was confirmed since."""
    ann = joined(office, ticks=(tick(days=300),))
    [grant] = ann.grants
    for _ in range(310):
        days_later(office, clock, 1)
        if office.store.subject(ann.subject).state is SubjectState.ENROLLED and standing(office, grant).question:
            own.confirm(office, ann.subject, grant.id, HOUSE.edition_of(grant))
            confirmed = clock.now
    assert confirmed < NOW + 300 * DAY
    over = standing(office, grant)
    assert (over.over, over.over_at) == (Over.ENDED, grant.ends_at)
    assert office.store.subject(ann.subject).state is SubjectState.WITHDRAWN


def test_a_template_goes_with_the_last_grant_and_not_before(office, clock):
    """One grant ends after ten days, the other stays: the template rests on it then."""
    ann = joined(office, ticks=(tick(days=10), tick(Purpose.PHOTOS, days=30)))
    first, second = ann.grants
    happened = days_later(office, clock, 31)
    assert happened[11] == ["grant_ended"]
    assert happened[30] == ["forgotten", "keys_rotated", "erased"]
    assert (standing(office, first).over, standing(office, second).over) == (Over.ENDED, Over.ENDED)


def test_the_template_rests_on_the_grant_that_goes_on(office, clock):
    """Between the two ends."""
    ann = joined(office, ticks=(tick(days=10), tick(Purpose.PHOTOS, days=30)))
    days_later(office, clock, 12)
    [template] = office.store.snapshot().templates
    assert template.grant == ann.grants[1].id
    assert [grant.state for grant in sorted(office.store.grants(ann.subject), key=lambda g: g.purpose)] == [
        GrantState.WITHDRAWN,
        GrantState.ACTIVE,
    ]


def test_other_rules_are_asked_about_at_once_and_name_nobody_until_a_yes(office, clock):
    """Somebody sets other hours of the place."""
    [grant] = joined(office).grants
    clock.pass_by(days=2)
    assert look_after(office) == 0
    changed = with_place(office, hours=Hours.parse("08:00-20:00"))
    assert (seen(changed, clock), seen(office, clock)) == ((), (grant.subject,))
    assert [each.reason for each in not_named(changed)] == [str(Unnamed.OTHER_RULES)]
    assert (look_after(changed), look_after(changed)) == (1, 0)
    own.confirm(changed, grant.subject, grant.id, changed.house.edition_of(grant))
    noon = clock.now.replace(hour=12)
    clock.now = noon
    assert seen(changed, clock) == (grant.subject,)


def test_a_notice_of_before_is_no_yes_to_the_one_of_now(office, clock):
    """Whoever answers has read the notice of the question."""
    [grant] = joined(office).grants
    changed = with_place(office, hours=Hours.parse("08:00-20:00"))
    look_after(changed)
    with pytest.raises(PolicyRefused, match="notice has changed"):
        own.confirm(changed, grant.subject, grant.id, HOUSE.edition_of(grant))


def test_a_house_that_names_nobody_who_answers_names_nobody(office, clock):
    """The settings of the controller were deleted: nobody agreed to that."""
    joined(office)
    clock.pass_by(days=2)
    nameless = replace(office, house=House(replace(CONTROLLER, name=""), PLACES))
    assert seen(nameless, clock) == ()


@pytest.mark.parametrize("days", [1, 29, 30, 43, 44, 200, 364, 400])
def test_whatever_was_missed_is_done_in_one_minute_and_once(office, clock, days):
    """A keeper that stood still for long does what is due now, and nothing twice."""
    joined(office)
    clock.pass_by(days=days)
    look_after(office)
    count = len(kinds(office))
    assert (look_after(office), len(kinds(office))) == (0, count)


def test_while_the_log_fails_nothing_happens(office, clock, log):
    """Log before act, for every step."""
    [grant] = joined(office).grants
    clock.pass_by(days=30)
    before, log.weather = standing(office, grant), Weather.FAILS
    with pytest.raises(LogUnavailable):
        look_after(office)
    assert standing(office, grant) == before
    log.weather = Weather.WORKS
    assert look_after(office) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("days", "method"),
    [
        (30, "set_standings"),
        (44, "set_standings"),
        (400, "begin_withdrawal"),
        (400, "delete_templates"),
        (400, "delete_sightings"),
        (400, "strip"),
        (400, "compact"),
        (400, "end_withdrawal"),
    ],
)
def test_a_kill_at_any_step_is_carried_on(office, clock, days, method, when):
    """Whoever opens the folder next ends where nobody had been killed."""
    [grant] = joined(office).grants
    clock.pass_by(days=days)
    dying = replace(office, store=Faulty(office.store, method, when, Killed()))
    with pytest.raises(Killed):
        look_after(dying)
    recover(office)
    look_after(office)
    assert look_after(office) == 0
    forgotten = office.store.subject(grant.subject).state is SubjectState.WITHDRAWN
    assert forgotten is (days == 400)
    assert (standing(office, grant).over is None) is (days != 400)
    assert not forgotten or (office.store.snapshot().templates, office.keystore.subjects()) == ((), frozenset())
    assert forgotten or standing(office, grant).question is not None


def test_one_persons_trouble_does_not_keep_the_others_waiting(office, clock, keystore):
    """A key that is lost: the others are asked all the same, and the trouble is told."""
    ann, ben = joined(office), joined(office, "Ben", token="b")
    keystore.destroy(ann.subject)
    clock.pass_by(days=30)
    with pytest.raises(Exception, match="key"):
        look_after(office)
    assert standing(office, ben.grants[0]).question is not None


def test_who_has_no_key_is_forgotten_all_the_same(office, clock, keystore):
    """The end needs nothing of theirs to be opened."""
    ann = joined(office)
    keystore.destroy(ann.subject)
    clock.pass_by(days=400)
    look_after(office)
    assert office.store.subject(ann.subject).state is SubjectState.WITHDRAWN


def test_a_withdrawal_is_told_from_an_end(office):
    """Whoever withdrew is over by their own word."""
    ann = joined(office)
    withdraw(office, ann.subject)
    assert standing(office, ann.grants[0]).over is Over.WITHDRAWN
    assert (kinds(office).count("withdrawn"), kinds(office).count("forgotten")) == (1, 0)


class Doubted:
    """A time that is in doubt."""

    now, latest = None, NOW


def test_a_clock_in_doubt_destroys_nothing_asks_nothing_and_names_nobody(office, clock):
    """However long it says that it has been."""
    [grant] = joined(office).grants
    clock.pass_by(days=4000)
    doubted = replace(office, time=Doubted())
    assert (look_after(doubted), seen(doubted, clock)) == (0, ())
    assert [each.reason for each in not_named(doubted)] == [str(Unnamed.IN_DOUBT)]
    assert office.store.subject(grant.subject).state is SubjectState.ENROLLED
    own.pause(doubted, grant.subject, grant.id)
    assert standing(office, grant).paused_at == NOW


def test_what_was_ended_and_not_destroyed_goes_also_in_doubt(office, clock):
    """A recorded end is no matter of clocks."""
    ann = joined(office)
    over = {grant: replace(each, over=Over.ENDED, over_at=NOW) for grant, each in office.store.standings().items()}
    office.store.set_standings(over)
    assert look_after(replace(office, time=Doubted())) == 1
    assert office.store.subject(ann.subject).state is SubjectState.WITHDRAWN


def test_the_gate_follows_the_known_time_between_changes(office, clock):
    """At each beat: a cooling-off that ends, and a doubt that begins."""
    [grant] = joined(office).grants

    class Known:
        now = latest = NOW

    gate = Gate(office.store, office.keystore, lives=Lives(lambda: Known.now, office.house))
    view = Viewpoint(CameraId("cam"), PLACES[0])

    def named():
        gate.beat(clock.now, lambda: 1)
        return gate.gallery(view, [Purpose.ENTRANCE], NOW + DAY, MODEL, False).subjects

    assert named() == ()
    Known.now = NOW + DAY
    assert named() == (grant.subject,)
    assert gate.allows(view, [Purpose.ENTRANCE], NOW + DAY, grant.subject, grant.id, False)
    Known.now = None
    assert named() == ()
    assert not gate.allows(view, [Purpose.ENTRANCE], NOW + DAY, grant.subject, grant.id, False)
    Known.now = NOW + DAY
    assert named() == (grant.subject,)
    Known.now = NOW
    assert named() == ()


def test_in_a_rehearsal_the_moment_of_the_picture_decides(keystore, log, clock):
    """Time is played there."""
    office = live_office(MemoryStore(), keystore, log, clock)
    ann = enrolled(office, "Ann", 1)
    gate = Gate(office.store, office.keystore, lives=Lives(lambda: NOW, office.house))
    views = [
        gate.gallery(Viewpoint(CameraId("c"), PLACES[0]), [Purpose.ENTRANCE], NOW + days * DAY, MODEL, True).subjects
        for days in (0, 29, 30)
    ]
    assert views == [(ann.subject,), (ann.subject,), ()]


def test_what_was_made_before_standings_were_kept_is_asked_about(keystore, log, clock):
    """Nobody knows which notice they read."""
    office = live_office(MemoryStore(), keystore, log, clock)
    [grant] = enrolled(office, "Ann", 1).grants
    office.store._standings.clear()
    assert [each.reason for each in not_named(office)] == [str(Unnamed.OTHER_RULES)]
    assert (look_after(office), look_after(office)) == (1, 0)
    own.confirm(office, grant.subject, grant.id, HOUSE.edition_of(grant))
    assert not_named(office) == ()


def test_a_place_that_is_gone_names_nobody_and_ends_on_its_day(office, clock):
    """No notice can be made about it."""
    joined(office)
    elsewhere = replace(office, house=House(CONTROLLER, [Place(GATE, capture=Capture.LANE, purposes=())]))
    clock.pass_by(days=2)
    assert not_named(elsewhere)
    clock.pass_by(days=400)
    look_after(elsewhere)
    assert office.store.subjects()[0].state is SubjectState.WITHDRAWN


def test_a_store_that_fails_is_told(office, clock):
    """And what is due stays due."""
    joined(office)
    clock.pass_by(days=30)
    broken = replace(office, store=Faulty(office.store, "set_standings", "before", DataFolderError("full")))
    with pytest.raises(DataFolderError):
        look_after(broken)
    assert look_after(office) == 1
    assert LOBBY in office.house.places
