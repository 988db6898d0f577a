"""What only the person says, through the real acts; and what an operator may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.acts.grants import own, rehearse
from beholden.acts.grants.accept import accept, read
from beholden.acts.grants.invite import invite, invite_all, links, revoke
from beholden.acts.grants.life import look_after
from beholden.acts.grants.pause import pause, resume
from beholden.acts.grants.people import everybody, people
from beholden.acts.grants.reference import Reference
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.recover import recover
from beholden.consent.correction import Terms
from beholden.consent.house import House
from beholden.consent.life import Over
from beholden.consent.registry import SubjectState
from beholden.ledger.memory import Weather
from beholden.model.errors import AlreadyEnrolled, ConsentError, DataFolderError, LogUnavailable, PolicyRefused
from beholden.model.grant import GrantState, Hours, Purpose
from beholden.model.ids import GrantId, SubjectId
from beholden.storage.database import Database
from beholden.storage.memory import MemoryStore
from tests.acts.faults import Faulty, Killed
from tests.acts.houses import (
    CONTROLLER,
    GATE,
    HOUSE,
    PLACES,
    TOKEN,
    invitee,
    joined,
    kinds,
    live_office,
    standing,
    tick,
    with_place,
)
from tests.people import LOBBY, MODEL, NOW, enrolled, vector

DAY = timedelta(days=1)
REQUEST = SubjectId("s_request")


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


@pytest.fixture
def playing(keystore, log, clock):
    """A rehearsal."""
    return live_office(MemoryStore(), keystore, log, clock)


def reference():
    return Reference(vector(1), MODEL, 0.8, 3)


def edition(grant):
    return HOUSE.edition_of(grant)


# -- invitations


def test_an_invitation_keeps_no_token_and_no_name_in_the_open(office, store):
    """Of the token its SHA-256; the name is sealed with the person."""
    invite_all(office, (invitee(),))
    [sent] = store.invitations()
    assert TOKEN not in repr(sent)
    assert sent.invitation.offer.label == ""
    assert (links(office)[0].name, links(office)[0].subject, links(office)[0].closed) == (None, "s_ann", None)


def test_many_are_invited_or_nobody(office, store, keystore):
    """A name that is taken, twice in the list, or a place that is not there: nobody has a key then."""
    invite_all(office, (invitee(),))
    there, keys, count = store.subjects(), keystore.subjects(), len(kinds(office))
    ben, cid = invitee("Ben", "b"), invitee("Cid", "c")
    taken = replace(invitee("ann", "a"), subject=SubjectId("s_new"))
    for wrong in (taken, replace(cid, label="BEN"), replace(cid, places=frozenset({"nowhere"}))):
        with pytest.raises((AlreadyEnrolled, PolicyRefused)):
            invite_all(office, (ben, wrong))
    assert (store.subjects(), keystore.subjects(), len(kinds(office))) == (there, keys, count)
    invite_all(office, (ben, cid))
    assert [person.label for person in everybody(office)] == ["Ann", "Ben", "Cid"]


def test_a_list_that_is_sent_again_invites_nobody_twice(office, store):
    """After a crash of whoever asked."""
    both = (invitee(), invitee("Ben", "b"))
    invite_all(office, both)
    count = len(kinds(office))
    invite_all(office, both)
    assert (len(store.invitations()), len(kinds(office))) == (2, count)


def test_a_store_that_fails_invites_nobody(office, store, keystore):
    """What was announced has its result, and no key is left."""
    broken = replace(office, store=Faulty(store, "add_invitations", "before", DataFolderError("full")))
    with pytest.raises(DataFolderError):
        invite_all(broken, (invitee(), invitee("Ben", "b")))
    assert (store.subjects(), keystore.subjects(), store.unsettled()) == ((), frozenset(), ())


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_invitation_that_was_killed_is_sent_again(office, store, when):
    """Nothing is left over, whichever side of the write it died."""
    with pytest.raises(Killed):
        invite_all(replace(office, store=Faulty(store, "add_invitations", when, Killed())), (invitee(),))
    recover(office)
    invite_all(office, (invitee(),))
    assert (len(store.invitations()), len(people(office)), store.unsettled()) == (1, 1, ())


def test_a_link_that_was_taken_back_opens_nothing(office):
    """Twice is once; who was sent none has none."""
    invite_all(office, (invitee(),))
    ann = people(office)[0].id
    assert (revoke(office, ann), revoke(office, ann)) == (1, 0)
    assert "taken back" in links(office)[0].closed
    with pytest.raises(PolicyRefused, match="taken back"):
        read(office, TOKEN)
    with pytest.raises(PolicyRefused, match="no link"):
        revoke(office, invite(office, "Ben", [Purpose.ENTRANCE]))
    assert kinds(office).count("invitation_revoked") == 1


def test_without_the_token_nobody_learns_anything(office):
    """Not even whether there is an invitation."""
    invite_all(office, (invitee(),))
    for call in (lambda: read(office, "another"), lambda: accept(office, "another", (tick(),), reference(), REQUEST)):
        with pytest.raises(PolicyRefused, match="not ours"):
            call()


def test_the_notice_comes_before_the_yes_and_as_it_is_now(office):
    """It is recorded which one was read, with the grant too."""
    invite_all(office, (invitee(),))
    with pytest.raises(PolicyRefused, match="notice comes first"):
        accept(office, TOKEN, (tick(),), reference(), REQUEST)
    opened = read(office, TOKEN)
    assert (opened.name, "The Vale House" in opened.notice.text()) == ("Ann", True)
    changed = with_place(office, hours=Hours.parse("08:00-20:00"))
    with pytest.raises(PolicyRefused, match="changed"):
        accept(changed, TOKEN, (tick(),), reference(), REQUEST)
    read(changed, TOKEN)
    [grant] = accept(changed, TOKEN, (tick(),), reference(), REQUEST).grants
    assert standing(office, grant).read == changed.house.edition_of(grant)
    granted = [line.event for line in office.journal.read() if line.event["kind"] == "granted"]
    assert granted[0]["notice"] == changed.house.edition_of(grant).digest


def test_where_nobody_answers_no_link_opens(office):
    """The controller is not set."""
    invite_all(office, (invitee(),))
    nameless = replace(office, house=House(replace(CONTROLLER, authority=""), PLACES))
    with pytest.raises(PolicyRefused, match="authority"):
        read(nameless, TOKEN)


def test_a_yes_is_a_person_enrolled_in_a_live_folder_after_a_day(office, store):
    """By nobody else; the cooling-off counts from now, the duration from its end."""
    ann = joined(office, ticks=(tick(days=30),))
    [grant] = ann.grants
    assert (grant.starts_at, grant.ends_at) == (NOW + DAY, NOW + 31 * DAY)
    assert store.subject(ann.subject).state is SubjectState.ENROLLED
    assert "used" in links(office)[0].closed


def test_a_link_works_once_and_the_same_call_twice_is_one(office, store):
    """Another answer is refused."""
    ann = joined(office)
    again = accept(office, TOKEN, (tick(),), reference(), SubjectId("s_rann"))
    assert again.grants == ann.grants
    with pytest.raises(PolicyRefused, match="used"):
        accept(office, TOKEN, (tick(),), reference(), REQUEST)
    assert len(store.snapshot().templates) == 1


def test_two_answers_at_the_same_moment_are_one(office, store):
    """The store takes the link once."""
    joined(office)
    used = store.invitations()[0].invitation
    record, [template] = store.subjects()[0], store.snapshot().templates
    with pytest.raises(ConsentError, match="link"):
        store.add_enrolment(record, [replace(store.grants(record.id)[0], id=GrantId("g_new"))], template, {}, used)
    assert len(store.grants(record.id)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_yes_that_was_killed_is_given_again(office, store, when):
    """Enrolled once, by the same call."""
    invite_all(office, (invitee(),))
    read(office, TOKEN)
    with pytest.raises(Killed):
        accept(
            replace(office, store=Faulty(store, "add_enrolment", when, Killed())),
            *(TOKEN, (tick(),), reference(), REQUEST),
        )
    recover(office)
    done = accept(office, TOKEN, (tick(),), reference(), REQUEST)
    assert (len(done.grants), len(store.grants(done.subject)), len(store.snapshot().templates)) == (1, 1, 1)


def test_while_the_log_fails_nobody_is_enrolled_by_their_link(office, store, log):
    """And the link still works."""
    invite_all(office, (invitee(),))
    read(office, TOKEN)
    log.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        accept(office, TOKEN, (tick(),), reference(), REQUEST)
    log.weather = Weather.WORKS
    assert store.snapshot().templates == ()
    assert accept(office, TOKEN, (tick(),), reference(), REQUEST).grants


def test_whoever_withdraws_leaves_no_link(office, store):
    """Nothing by which they could be reached."""
    ann = joined(office)
    withdraw(office, ann.subject)
    assert store.invitations() == ()


# -- the person's own say


def test_what_is_cancelled_or_withdrawn_as_the_last_grant_destroys_everything(office, clock):
    """In the cooling-off, and after it."""
    ann, ben = joined(office), joined(office, "Ben", token="b")
    own.cancel(office, ann.subject, ann.grants[0].id)
    clock.pass_by(days=2)
    with pytest.raises(PolicyRefused, match="no longer cancelled"):
        own.cancel(office, ben.subject, ben.grants[0].id)
    own.withdraw(office, ben.subject, ben.grants[0].id)
    assert {each.state for each in office.store.subjects()} == {SubjectState.WITHDRAWN}
    assert (office.store.snapshot().templates, office.keystore.subjects()) == ((), frozenset())


def test_one_grant_can_be_withdrawn_and_the_other_stays(office, store):
    """Twice is once; the reason is logged."""
    ann = joined(office, ticks=(tick(), tick(Purpose.PHOTOS)))
    for _ in range(2):
        own.withdraw(office, ann.subject, ann.grants[0].id)
    assert (standing(office, ann.grants[0]).over, standing(office, ann.grants[1]).over) == (Over.WITHDRAWN, None)
    assert store.subject(ann.subject).state is SubjectState.ENROLLED
    ended = [line.event for line in office.journal.read() if line.event["kind"] == "grant_ended"]
    assert [(each["grant"], each["why"]) for each in ended] == [(ann.grants[0].id, "withdrawn")]
    assert [template.grant for template in store.snapshot().templates] == [ann.grants[1].id]


def test_a_pause_ends_by_the_persons_word_only(office, clock):
    """An operator pauses, and cannot resume."""
    [grant] = joined(office).grants
    assert (pause(office, grant.subject), pause(office, grant.subject)) == ((grant.id,), ())
    with pytest.raises(PolicyRefused, match="only the person"):
        resume(office, grant.subject)
    clock.pass_by(days=31)
    look_after(office)
    own.confirm(office, grant.subject, grant.id, edition(grant))
    assert office.store.grants(grant.subject)[0].state is GrantState.PAUSED
    own.resume(office, grant.subject, grant.id)
    assert office.store.grants(grant.subject)[0].state is GrantState.ACTIVE


def test_silence_is_ended_by_a_yes_and_not_by_resuming(office, clock):
    """Resuming is no answer."""
    [grant] = joined(office).grants
    clock.pass_by(days=50)
    look_after(office)
    assert office.store.grants(grant.subject)[0].state is GrantState.PAUSED
    with pytest.raises(PolicyRefused, match="say yes"):
        own.resume(office, grant.subject, grant.id)


def test_renewing_counts_from_now_and_is_logged(office, clock):
    """With the notice as it is now, and no longer than the table allows."""
    [grant] = joined(office, ticks=(tick(days=30),)).grants
    clock.pass_by(days=20)
    own.renew(office, grant.subject, grant.id, 100 * DAY, edition(grant))
    assert office.store.grants(grant.subject)[0].ends_at == NOW + 120 * DAY
    changed = with_place(office, hours=Hours.parse("08:00-20:00"))
    with pytest.raises(PolicyRefused, match="changed"):
        own.renew(changed, grant.subject, grant.id, DAY, edition(grant))
    with pytest.raises(PolicyRefused, match="at most"):
        own.renew(office, grant.subject, grant.id, 366 * DAY, edition(grant))
    renewed = [line.event for line in office.journal.read() if line.event["kind"] == "renewed"]
    assert [each["ends_at"] for each in renewed] == [(NOW + 120 * DAY).isoformat(timespec="milliseconds")[:-6] + "Z"]


# -- corrections


def test_less_holds_at_once_and_is_asked_about_by_nobody(office):
    """One place less, other hours; the notice that was read said more."""
    [grant] = joined(office).grants
    less = Terms(frozenset({LOBBY}), Hours.parse("08:00-20:00"))
    done = own.correct(office, grant.subject, grant.id, less, edition(grant))
    [held] = office.store.grants(grant.subject)
    assert (done.goes_on, done.afresh) == (True, None)
    assert (held.places, held.hours, held.ends_at) == ({LOBBY}, Hours.parse("08:00-20:00"), grant.ends_at)
    assert (look_after(office), standing(office, grant).read) == (0, HOUSE.edition_of(held))


def test_more_is_a_new_grant_with_a_cooling_off_of_its_own(office, clock):
    """Until it begins the old one holds as far as both agree, then the new one does, and nobody loses a template."""
    [grant] = joined(office, ticks=(tick(places=frozenset({LOBBY})),)).grants
    clock.pass_by(days=5)
    more = Terms(frozenset({LOBBY, GATE}))
    read_now = HOUSE.edition(Purpose.ENTRANCE, more.places)
    done = own.correct(office, grant.subject, grant.id, more, read_now)
    again = own.correct(office, grant.subject, grant.id, more, read_now)
    held = {each.id: each for each in office.store.grants(grant.subject)}
    assert (len(held), again.afresh) == (2, done.afresh)
    assert held[done.afresh].starts_at == held[grant.id].ends_at == clock.now + DAY
    assert held[done.afresh].ends_at == grant.ends_at
    assert held[grant.id].places == {LOBBY}
    clock.pass_by(days=1)
    assert look_after(office) == 1
    assert (standing(office, grant).over, standing(office, held[done.afresh]).over) == (Over.ENDED, None)
    assert [template.grant for template in office.store.snapshot().templates] == [done.afresh]


def test_a_new_grant_that_is_cancelled_leaves_the_old_one_as_it_was(office, clock):
    """Nobody loses what they had by asking for more and thinking better of it."""
    [grant] = joined(office, ticks=(tick(places=frozenset({LOBBY})),)).grants
    clock.pass_by(days=5)
    more = Terms(frozenset({LOBBY, GATE}))
    done = own.correct(office, grant.subject, grant.id, more, HOUSE.edition(Purpose.ENTRANCE, more.places))
    clock.pass_by(hours=23)
    own.cancel(office, grant.subject, done.afresh)
    held = {each.id: each for each in office.store.grants(grant.subject)}
    assert (held[grant.id].ends_at, held[grant.id].places) == (grant.ends_at, {LOBBY})
    assert kinds(office)[-3:] == ["grant_ended", "corrected", "act_completed"]
    clock.pass_by(days=2)
    assert look_after(office) == 0
    assert rehearse.stands(office, grant.subject)[0].unnamed is None


def test_a_new_grant_that_was_renewed_gives_no_longer_time_to_the_old_one(office, clock):
    """That was said of the new one only."""
    [grant] = joined(office, ticks=(tick(days=100, places=frozenset({LOBBY})),)).grants
    clock.pass_by(days=5)
    more = Terms(frozenset({LOBBY, GATE}))
    read_now = HOUSE.edition(Purpose.ENTRANCE, more.places)
    done = own.correct(office, grant.subject, grant.id, more, read_now)
    clock.pass_by(hours=1)
    own.renew(office, grant.subject, done.afresh, 300 * DAY, read_now)
    own.cancel(office, grant.subject, done.afresh)
    assert standing(office, grant).ends_at == clock.now + 23 * DAY / 24


def test_the_last_grant_that_is_cancelled_is_said_to_be_cancelled(office):
    """Not withdrawn: nobody was ever named under it."""
    [grant] = joined(office).grants
    own.cancel(office, grant.subject, grant.id)
    [said] = [line.event for line in office.journal.read() if line.event and line.event["kind"] == "forgotten"]
    assert (said["why"], "withdrawn" in kinds(office)) == ("cancelled", False)
    assert standing(office, grant).over is Over.CANCELLED
    assert (office.store.snapshot().templates, office.keystore.subjects()) == ((), frozenset())


def test_when_its_purpose_is_met_a_grant_is_over(office, clock, store):
    """Now, or when the event is over; never later than was said before; an operator may say it, too."""
    ann = joined(office, ticks=(tick(), tick(Purpose.PHOTOS)))
    entrance, photos = ann.grants
    rehearse.purpose_met(office, ann.subject, photos.id, NOW + 10 * DAY)
    rehearse.purpose_met(office, ann.subject, photos.id, NOW + 20 * DAY)
    assert [each["met_at"] for each in said_of(office, "purpose_met")] == ["2026-12-03T09:41:07.250Z"]
    over = {each.grant.purpose: each.over_at for each in rehearse.stands(office, ann.subject)}
    assert over == {Purpose.PHOTOS: NOW + 10 * DAY, Purpose.ENTRANCE: NOW + 365 * DAY}
    clock.pass_by(days=10)
    look_after(office)
    assert (standing(office, photos).over, standing(office, entrance).over) == (Over.MET, None)
    for _ in range(2):
        rehearse.purpose_met(office, ann.subject, entrance.id, clock.now)
    assert (standing(office, entrance).over, store.snapshot().templates) == (Over.MET, ())
    assert [each["why"] for each in said_of(office, "forgotten")] == ["met"]
    with pytest.raises(PolicyRefused, match="has no grant"):
        rehearse.purpose_met(office, ann.subject, GrantId("g_other"), clock.now)


def test_a_yes_that_is_said_twice_is_one_and_none_to_nobodys_question(office, clock, store):
    """Somebody who was silent, and was not asked since, has nothing to say yes to."""
    [grant] = joined(office).grants
    clock.pass_by(days=31)
    look_after(office)
    for _ in range(2):
        own.confirm(office, grant.subject, grant.id, edition(grant))
    assert kinds(office).count("confirmed") == 1
    store.set_standings({grant.id: replace(standing(office, grant), silent_at=clock.now)})
    with pytest.raises(PolicyRefused, match="nothing was asked"):
        own.confirm(office, grant.subject, grant.id, edition(grant))
    store.set_standings({grant.id: replace(standing(office, grant), silent_at=None)})
    clock.pass_by(minutes=1)
    with pytest.raises(PolicyRefused, match="nothing was asked"):
        own.confirm(office, grant.subject, grant.id, edition(grant))


def said_of(office, kind):
    return [line.event for line in office.journal.read() if line.event and line.event["kind"] == kind]


def test_more_needs_the_notice_about_it(office):
    """The one about the old grant is another one."""
    [grant] = joined(office, ticks=(tick(places=frozenset({LOBBY})),)).grants
    changed = with_place(office, hours=Hours.parse("08:00-20:00"))
    with pytest.raises(PolicyRefused, match="changed"):
        own.correct(changed, grant.subject, grant.id, Terms(frozenset({LOBBY, GATE})), edition(grant))


def test_nothing_in_common_ends_the_old_one_at_once(office):
    """Only the new one is left, which has not begun."""
    [grant] = joined(office, ticks=(tick(places=frozenset({LOBBY})),)).grants
    elsewhere = Terms(frozenset({GATE}))
    done = own.correct(office, grant.subject, grant.id, elsewhere, HOUSE.edition(Purpose.ENTRANCE, elsewhere.places))
    assert (done.goes_on, standing(office, grant).over) == (False, Over.WITHDRAWN)
    assert office.store.subjects()[0].state is SubjectState.ENROLLED
    assert [template.grant for template in office.store.snapshot().templates] == [done.afresh]


def test_no_place_at_all_is_a_withdrawal(office):
    """Nothing is left of it."""
    [grant] = joined(office).grants
    done = own.correct(office, grant.subject, grant.id, Terms(frozenset()), edition(grant))
    assert (done.goes_on, office.store.subjects()[0].state) == (False, SubjectState.WITHDRAWN)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_correction_that_was_killed_is_said_again(office, clock, when):
    """One new grant."""
    [grant] = joined(office, ticks=(tick(places=frozenset({LOBBY})),)).grants
    more = Terms(frozenset({LOBBY, GATE}))
    arguments = (grant.subject, grant.id, more, HOUSE.edition(Purpose.ENTRANCE, more.places))
    with pytest.raises(Killed):
        own.correct(replace(office, store=Faulty(office.store, "change_terms", when, Killed())), *arguments)
    recover(office)
    clock.pass_by(seconds=5)
    own.correct(office, *arguments)
    assert len(office.store.grants(grant.subject)) == 2


@pytest.mark.parametrize("method", ["set_standings", "begin_withdrawal"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_end_that_was_killed_is_carried_on(office, method, when):
    """By the same word again."""
    ticks = (tick(), tick(Purpose.PHOTOS)) if method == "set_standings" else (tick(),)
    ann = joined(office, ticks=ticks)
    with pytest.raises(Killed):
        own.withdraw(replace(office, store=Faulty(office.store, method, when, Killed())), ann.subject, ann.grants[0].id)
    recover(office)
    own.withdraw(office, ann.subject, ann.grants[0].id)
    assert standing(office, ann.grants[0]).over is Over.WITHDRAWN
    gone = office.store.subject(ann.subject).state is SubjectState.WITHDRAWN
    assert gone is (method == "begin_withdrawal")


# -- who says it


def test_an_operator_of_a_live_folder_says_nothing_for_anybody(office):
    """Everything that gives is refused, with the reason; nothing happens."""
    [grant] = joined(office).grants
    count = len(kinds(office))
    for call in (
        lambda: rehearse.confirm(office, grant.subject, grant.id),
        lambda: rehearse.renew(office, grant.subject, grant.id, 3),
        lambda: rehearse.correct(office, grant.subject, grant.id, Terms(frozenset({LOBBY}))),
        lambda: rehearse.cancel(office, grant.subject, grant.id),
        lambda: resume(office, grant.subject),
    ):
        with pytest.raises(PolicyRefused, match="only the person"):
            call()
    assert len(kinds(office)) == count


def test_an_operator_may_take_away(office):
    """One grant, in a live folder too."""
    ann = joined(office, ticks=(tick(), tick(Purpose.PHOTOS)))
    rehearse.withdraw(office, ann.subject, ann.grants[0].id)
    assert standing(office, ann.grants[0]).over is Over.WITHDRAWN


def test_in_a_rehearsal_an_operator_plays_the_person(playing, clock):
    """Enrolling records the notice; yes, renewal, correction, and what is said of it."""
    [grant] = enrolled(playing, "Ann", 1).grants
    assert standing(playing, grant).read == edition(grant)
    clock.pass_by(days=29)
    rehearse.renew(playing, grant.subject, grant.id, None)
    clock.pass_by(days=30)
    with_hours = with_place(playing, hours=Hours.parse("08:00-20:00"))
    rehearse.confirm(with_hours, grant.subject, grant.id)
    [stand] = rehearse.stands(with_hours, grant.subject)
    assert (stand.unnamed, stand.confirmed_at, stand.asked_at, stand.over) == (None, clock.now, None, None)
    assert stand.over_at == NOW + 394 * DAY
    done = rehearse.correct(playing, grant.subject, grant.id, Terms(frozenset({LOBBY, GATE})))
    assert done.afresh is not None
    assert "The Vale House" in rehearse.read_notice(playing, (Purpose.ENTRANCE,), (LOBBY,))


def test_a_grant_of_somebody_else_is_nobodys_to_change(office):
    """An id alone does not do it."""
    ann, ben = joined(office), joined(office, "Ben", token="b")
    for call in (own.withdraw, own.cancel, own.pause, own.resume):
        with pytest.raises(PolicyRefused, match="has no grant"):
            call(office, ann.subject, ben.grants[0].id)
    with pytest.raises(PolicyRefused, match="has no grant"):
        own.confirm(office, ann.subject, ben.grants[0].id, edition(ben.grants[0]))


def test_what_is_over_is_not_corrected(office, clock):
    """By its time too, though no keeper came by."""
    [grant] = joined(office, ticks=(tick(days=10),)).grants
    clock.pass_by(days=11)
    with pytest.raises(PolicyRefused, match="over"):
        own.correct(office, grant.subject, grant.id, Terms(frozenset({LOBBY})), edition(grant))
