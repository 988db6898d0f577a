"""Calls that may be given twice, because whoever asked may not have heard the answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from beholden.acts.grants.enrol import Wish, enrol_reference, make_enrolment_reference
from beholden.acts.grants.invite import invite
from beholden.acts.grants.people import people
from beholden.acts.grants.reference import Reference
from beholden.consent.seal import open_template
from beholden.ledger.memory import Weather
from beholden.model.errors import AlreadyEnrolled, EmptyInput, EnrolmentRefused, LogUnavailable, PolicyRefused
from beholden.model.grant import Purpose
from beholden.model.ids import new_subject_id
from beholden.model.template import ProbeTemplate
from tests.people import ENTRANCE, LOBBY, MODEL, PHOTO, maker, vector

REFERENCE = Reference(vector(1), MODEL, 0.8, 2)


def test_a_reference_is_the_probes_numbers_and_the_probe_is_wiped():
    """On its way to another process; it does not show them."""
    probes = []

    def make(photos):
        probes.append(ProbeTemplate(vector(1), MODEL, len(photos)))
        return probes[0], 0.8

    with make_enrolment_reference([PHOTO, PHOTO], make) as reference:
        assert np.array_equal(reference.vector, REFERENCE.vector)
        assert (reference.model, reference.quality, reference.shots) == (MODEL, 0.8, 2)
        assert probes[0].wiped
        assert "vector" not in repr(reference)
    assert not reference.vector.any()
    for photos in ([], [PHOTO] * 6):
        with pytest.raises(EmptyInput):
            make_enrolment_reference(photos, maker(1))


def test_enrolling_by_a_reference_twice_is_enrolling_once(office, store, keystore, log):
    """The same grants, in the order of the wish; one template, which opens; no further leaf."""
    wish, subject = Wish((Purpose.PHOTOS, Purpose.ENTRANCE), frozenset({LOBBY})), new_subject_id()
    first = enrol_reference(office, "Ann", REFERENCE, wish, subject)
    size = log.size()
    assert enrol_reference(office, " ann ", REFERENCE, wish, subject) == first
    assert (log.size(), first.subject) == (size, subject)
    assert [grant.purpose for grant in first.grants] == [Purpose.PHOTOS, Purpose.ENTRANCE]
    [kept] = store.snapshot().templates
    assert np.array_equal(open_template(keystore.data_key(subject), kept.sealed, subject, MODEL), vector(1))


def test_another_call_for_the_same_name_is_refused(office):
    """It has an id of its own."""
    enrol_reference(office, "Ann", REFERENCE, ENTRANCE, new_subject_id())
    with pytest.raises(AlreadyEnrolled):
        enrol_reference(office, "Ann", REFERENCE, ENTRANCE, new_subject_id())


@pytest.mark.parametrize("twice", ["invite", "enrol"])
def test_a_key_that_a_call_cut_off_left_behind_is_used(office, keystore, twice):
    """It was killed after the key and before the record."""
    subject = new_subject_id()
    keystore.create_key(subject)
    key = keystore.data_key(subject)
    if twice == "invite":
        assert invite(office, "Ann", [Purpose.ENTRANCE], subject) == subject
    else:
        assert enrol_reference(office, "Ann", REFERENCE, ENTRANCE, subject).subject == subject
    assert keystore.data_key(subject) == key
    assert [person.label for person in people(office)] == ["Ann"]


def test_a_call_that_failed_can_be_given_again(office, log, keystore):
    """While the log fails nothing happens; then it does, under the same id."""
    subject = new_subject_id()
    log.weather = Weather.FAILS
    for call in (
        lambda: invite(office, "Ann", [Purpose.ENTRANCE], subject),
        lambda: enrol_reference(office, "Ann", REFERENCE, ENTRANCE, subject),
    ):
        with pytest.raises(LogUnavailable):
            call()
        assert subject not in keystore.subjects()
    log.weather = Weather.WORKS
    assert enrol_reference(office, "Ann", REFERENCE, ENTRANCE, subject).subject == subject


@pytest.mark.parametrize(
    "numbers",
    [
        np.zeros(0, np.float32),
        np.ones(1, np.float64),
        np.eye(2, dtype=np.float32)[:1],
        *(np.full(128, value, np.float32) for value in (0.0, np.nan, np.inf)),
    ],
)
def test_a_reference_that_is_none_is_refused(office, log, numbers):
    """Not numbers, no length, not a number, without end: nothing is logged."""
    with pytest.raises(EnrolmentRefused):
        enrol_reference(office, "Ann", replace(REFERENCE, vector=numbers), ENTRANCE, new_subject_id())
    assert (people(office), log.size()) == ((), 0)


def test_what_the_policy_refuses_is_refused_by_reference_too(office):
    """The same rules as for photos."""
    with pytest.raises(PolicyRefused):
        enrol_reference(office, "Ann", REFERENCE, Wish((Purpose.ENTRANCE,)), new_subject_id())
