"""Inviting, enrolling, pausing: who may, what is kept, what is refused."""

from __future__ import annotations

import re
from datetime import time, timedelta

import pytest

from beholden.acts.grants.enrol import Wish, enrol
from beholden.acts.grants.invite import invite
from beholden.acts.grants.pause import pause, resume
from beholden.acts.grants.people import find, people
from beholden.acts.grants.withdraw import withdraw
from beholden.consent.registry import SubjectState
from beholden.consent.seal import open_template
from beholden.ledger.memory import MemoryLog
from beholden.model.errors import AlreadyEnrolled, EmptyInput, EnrolmentRefused, PolicyRefused, UnknownSubject
from beholden.model.grant import Basis, GrantState, Hours, Purpose
from beholden.model.template import ProbeTemplate
from beholden.storage.memory import MemoryStore
from tests.people import ENTRANCE, LOBBY, MODEL, NOW, PHOTO, Clock, enrolled, maker, office_of, vector


def test_an_enrolment_keeps_the_template_sealed_under_the_persons_key(office, store, keystore):
    """The numbers that came out of the photos, and how many photos."""
    ann = enrolled(office, "Ann", 1)
    [kept] = store.snapshot().templates
    assert (kept.subject, kept.grant, kept.shots, kept.quality) == (ann.subject, ann.grants[0].id, 1, 0.8)
    assert (open_template(keystore.data_key(ann.subject), kept.sealed, ann.subject, MODEL) == vector(1)).all()


def test_the_probe_is_wiped_also_when_the_enrolment_fails(office, log):
    """It lives for the call (I4)."""
    from beholden.ledger.memory import Weather
    from beholden.model.errors import LogUnavailable

    probes = []

    def make(photos):
        probes.append(ProbeTemplate(vector(1), MODEL, 1))
        return probes[-1], 0.5

    enrol(office, "Ann", [PHOTO], make, ENTRANCE)
    log.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        enrol(office, "Ben", [PHOTO], make, ENTRANCE)
    assert [probe.wiped for probe in probes] == [True, True]


def test_grants_are_as_wished_and_begin_at_once_in_a_rehearsal(office):
    """Purpose, places, hours, box, basis, length; photos has no places and no hours."""
    hours = Hours(time(9), time(17))
    wish = Wish((Purpose.ENTRANCE, Purpose.PHOTOS), frozenset({LOBBY}), timedelta(days=3), hours, recordings=True)
    entrance, photos = enrolled(office, "Ann", 1, wish).grants
    assert (entrance.places, entrance.hours, entrance.recordings) == ({LOBBY}, hours, True)
    assert (photos.places, photos.hours, photos.basis) == (frozenset(), None, Basis.CONSENT)
    assert (entrance.starts_at, entrance.ends_at) == (NOW, NOW + timedelta(days=3))


def test_without_a_duration_a_grant_lasts_as_long_as_the_table_allows(office):
    """A year for the entrance."""
    [grant] = enrolled(office, "Ann", 1, Wish((Purpose.ENTRANCE,), frozenset({LOBBY}))).grants
    assert grant.ends_at - grant.starts_at == timedelta(days=365)


def test_a_guardian_is_named_and_kept_with_the_name(office):
    """For care; the basis says guardian."""
    kim = enrolled(office, "Kim", 1, Wish((Purpose.CARE,), frozenset({LOBBY}), guardian="Robin"))
    assert kim.grants[0].basis is Basis.GUARDIAN
    assert (find(office, "kim").label, find(office, kim.subject).guardian) == ("Kim", "Robin")


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish((Purpose.ENTRANCE,), frozenset({LOBBY}), guardian="Robin"), "only the person"),
        (Wish((), frozenset({LOBBY})), "no purpose"),
        (Wish((Purpose.ENTRANCE,)), "places"),
        (Wish((Purpose.ENTRANCE,), frozenset({LOBBY}), timedelta(days=366)), "at most"),
        (Wish((Purpose.PHOTOS, Purpose.ENTRANCE)), "places"),
    ],
)
def test_what_the_table_refuses_is_refused_before_any_photo_is_read(office, log, wish, words):
    """Nothing is made, nothing is logged."""
    with pytest.raises(PolicyRefused, match=words):
        enrol(office, "Ann", [PHOTO], lambda photos: pytest.fail("a photo was read"), wish)
    assert (people(office), log.size()) == ((), 0)


def test_photos_are_refused_outside_a_rehearsal(keystore):
    """I2: only they, live, make their own grant."""
    office = office_of(MemoryStore(rehearsal=False), keystore, MemoryLog(), Clock())
    with pytest.raises(PolicyRefused, match="rehearsal"):
        enrolled(office, "Ann", 1)
    assert invite(office, "Ann", [Purpose.ENTRANCE])


def test_no_photo_is_an_error(office):
    """Exit code 3."""
    with pytest.raises(EmptyInput):
        enrol(office, "Ann", [], maker(1), ENTRANCE)


def test_a_poor_photo_leaves_nothing(office, log, keystore):
    """The recogniser's refusal passes through."""

    def refuse(photos):
        raise EnrolmentRefused("no face in photo 1")

    with pytest.raises(EnrolmentRefused):
        enrol(office, "Ann", [PHOTO], refuse, ENTRANCE)
    assert (people(office), log.size(), keystore.subjects()) == ((), 0, frozenset())


@pytest.mark.parametrize("again", ["Ann", "  ann ", "ANN"])
def test_a_second_person_of_the_same_name_is_refused(office, again):
    """Case and spaces do not make another one."""
    enrolled(office, "Ann", 1)
    with pytest.raises(AlreadyEnrolled, match=re.escape(repr(" ".join(again.split())))):
        enrolled(office, again, 2)
    with pytest.raises(AlreadyEnrolled):
        invite(office, again, [])
    assert len(people(office)) == 1


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\x07b"])
def test_a_name_that_nobody_could_read_is_refused(office, name):
    """Empty, too long, control characters."""
    with pytest.raises(PolicyRefused, match="name"):
        invite(office, name, [])


def test_an_invited_person_is_known_by_name_and_cannot_be_recognised(office, store):
    """An invitation carries no template."""
    ann = invite(office, "Ann", [Purpose.ENTRANCE])
    [person] = people(office)
    assert (person.id, person.label, person.state, person.grants) == (ann, "Ann", SubjectState.INVITED, ())
    assert store.snapshot().templates == ()


def test_who_was_invited_is_enrolled_under_the_same_id(office):
    """One person, one key."""
    ann = invite(office, "Ann", [Purpose.ENTRANCE])
    assert enrolled(office, "ann", 1).subject == ann
    assert [person.state for person in people(office)] == [SubjectState.ENROLLED]


def test_names_lie_sealed_in_storage(office, store):
    """The record does not show the name; people() does."""
    enrolled(office, "Ann-Sophie", 1)
    assert b"Sophie" not in store.subjects()[0].particulars
    assert people(office)[0].label == "Ann-Sophie"


def test_nobody_of_that_name_is_an_error(office):
    """Exit code 5."""
    with pytest.raises(UnknownSubject, match="Zoe"):
        find(office, "Zoe")


def test_pausing_and_resuming_one_grant_or_all(office, store):
    """What was not active is not paused; what was not paused is not resumed."""
    ann = enrolled(office, "Ann", 1, Wish((Purpose.ENTRANCE, Purpose.PHOTOS), frozenset({LOBBY})))
    first, second = (grant.id for grant in ann.grants)
    states = lambda: {grant.id: grant.state for grant in store.grants(ann.subject)}  # noqa: E731
    assert pause(office, ann.subject, first) == (first,)
    assert states() == {first: GrantState.PAUSED, second: GrantState.ACTIVE}
    assert pause(office, ann.subject) == (second,)
    assert pause(office, ann.subject) == ()
    assert set(resume(office, ann.subject)) == {first, second}
    assert resume(office, ann.subject) == ()
    assert set(states().values()) == {GrantState.ACTIVE}


def test_what_was_withdrawn_cannot_be_resumed(office):
    """Gone is gone; the name is free again."""
    ann = enrolled(office, "Ann", 1).subject
    withdraw(office, ann)
    assert (pause(office, ann), resume(office, ann)) == ((), ())
    assert enrolled(office, "Ann", 2).subject != ann
