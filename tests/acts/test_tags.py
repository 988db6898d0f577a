"""Whoever has a person's log keys finds every leaf about them in the public log, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from beholden.acts.grants.pause import pause, resume
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.own_copy.logkeys import give_log_keys, parse_month
from beholden.acts.sightings.answers import answer
from beholden.acts.sightings.sighting import Settle
from beholden.ledger.leaf import Month, parse_leaf, tag
from beholden.model.errors import KeyDestroyed, LogUnavailable, PolicyRefused, UnknownSubject
from beholden.model.ids import Epoch, SubjectId, TrackId
from beholden.model.match import Known, Reason, Why
from tests.people import AT_LOBBY, NOW, enrolled


def keys_of(office, subject, first="2026-11", last="2026-12"):
    return {parse_month(each.month): bytes.fromhex(each.key) for each in give_log_keys(office, subject, first, last)}


def found(log, keys):
    """The leaves that these keys find, by the definition of a tag."""
    leaves = [parse_leaf(each) for each in log.leaves()]
    return {
        index
        for index, leaf in enumerate(leaves)
        for month, key in keys.items()
        if leaf.hour in month.hours() and leaf.tag == tag(key, leaf.nonce)
    }


def about(office, subject):
    """The leaves about somebody, as we know them."""
    return {line.leaf for line in office.journal.read() if line.about == subject}


@pytest.fixture
def lives(office, clock):
    """Ann and Ben are enrolled, seen, paused and resumed; Ben's alert is answered."""
    people = [enrolled(office, "Ann", 1), enrolled(office, "Ben", 2)]
    for each in people:
        match = Known(each.subject, each.grants[0].id, Why(Reason.CLEAR, 2))
        seen = Settle(office).named(AT_LOBBY, Epoch("e"), TrackId(each.subject), match, NOW)
        pause(office, each.subject)
        resume(office, each.subject)
    answer(office, seen, True)
    clock.pass_by(hours=1)
    office.journal.publish_due()
    return [each.subject for each in people]


def test_a_persons_keys_find_every_leaf_about_them_and_no_other(office, log, lives):
    """Enrolment, grants, sightings, pauses, answers; also the leaf that says that the keys were given."""
    ann, ben = lives
    keys = keys_of(office, ann)
    assert found(log, keys) == about(office, ann)
    assert len(about(office, ann)) >= 6
    assert not found(log, keys) & about(office, ben)


def test_a_key_of_one_month_finds_nothing_of_another(office, log, lives, clock):
    """The months are independent: an auditor may be given one."""
    ann, _ = lives
    before = about(office, ann)
    clock.pass_by(days=20)
    pause(office, ann)
    november, december = Month(2026, 11), Month(2026, 12)
    keys = keys_of(office, ann)
    assert found(log, {november: keys[november]}) == before
    assert found(log, {december: keys[december]}) == about(office, ann) - before
    assert found(log, {december: keys[november]}) == set()


def test_a_file_of_keys_outlives_the_withdrawal(office, log, lives):
    """It finds the withdrawal's own leaf; we ourselves cannot look for them any more."""
    ann, _ = lives
    keys = keys_of(office, ann)
    before = about(office, ann)
    withdraw(office, ann)
    assert found(log, keys) > before
    with pytest.raises(KeyDestroyed):
        give_log_keys(office, ann, "2026-11", "2026-11")


def test_leaves_about_nobody_are_tagged_for_nobody(office, log, lives):
    """Their tags are random, and look like all others."""
    everybody = set().union(*(found(log, keys_of(office, each)) for each in lives))
    assert everybody == set().union(*(about(office, each) for each in lives))
    assert everybody < set(range(len(log.leaves())))


def test_keys_are_given_only_when_that_is_in_the_log(office, lives, log, monkeypatch):
    """I5: first the leaf."""

    def full(*_):
        raise LogUnavailable("disk full")

    monkeypatch.setattr(log, "append", full)
    with pytest.raises(LogUnavailable):
        give_log_keys(office, lives[0], "2026-11", "2026-11")


def test_outside_a_rehearsal_no_operator_is_given_anybodys_keys(office, lives, monkeypatch):
    """They would have a list of that person's movements."""
    monkeypatch.setattr(type(office.store), "rehearsal", property(lambda _: False))
    with pytest.raises(PolicyRefused):
        give_log_keys(office, lives[0], "2026-11", "2026-11")


@pytest.mark.parametrize(
    ("first", "last", "error"),
    [
        ("2026-11", "2026-10", PolicyRefused),
        ("1990-01", "2026-10", PolicyRefused),
        ("2026-13", "2027-01", ValueError),
        ("2026-1", "2026-01", ValueError),
        ("26-01", "2026-01", ValueError),
        ("2026/01", "2026-01", ValueError),
    ],
)
def test_what_is_no_span_of_months_is_refused(office, lives, first, last, error):
    """Nothing is logged."""
    before = len(office.journal.read())
    with pytest.raises(error):
        give_log_keys(office, lives[0], first, last)
    assert len(office.journal.read()) == before


def test_nobody_has_no_keys(office):
    """Somebody who was never here."""
    with pytest.raises(UnknownSubject):
        give_log_keys(office, SubjectId("s_00000000000000000000"), "2026-11", "2026-11")


def test_a_year_has_its_months(office, lives):
    """Over the turn of the year, in order."""
    given = give_log_keys(office, lives[0], "2026-11", "2027-02")
    assert [each.month for each in given] == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert len({each.key for each in given}) == 4
    assert timedelta(hours=len(Month(2027, 2).hours())) == timedelta(days=28)
