"""Withdrawing destroys what recognises a person, whatever happens in between."""

from __future__ import annotations

import pytest

from beholden.acts.grants.people import people
from beholden.acts.grants.withdraw import resume, withdraw, withdrawal_receipt
from beholden.acts.own_copy.logkeys import give_log_keys
from beholden.acts.recover import recover
from beholden.acts.sightings.sighting import Settle, sightings
from beholden.consent.registry import SubjectState
from beholden.ledger.leaf import parse_leaf, tag
from beholden.ledger.memory import Weather
from beholden.ledger.note import parse_verifier
from beholden.ledger.opened import parse_opened, verify_opened
from beholden.model.errors import (
    ConsentError,
    DataFolderError,
    KeyDestroyed,
    KeystoreError,
    LogUnavailable,
    UnknownSubject,
)
from beholden.model.grant import GrantState
from beholden.model.ids import Epoch, SubjectId, TrackId
from beholden.model.match import Known, Reason, Why
from tests.acts.faults import Faulty, Killed
from tests.people import AT_LOBBY, NOW, enrolled, office_of


@pytest.fixture
def people_here(office):
    """Ann, who is at the lobby, and Ben."""
    ann, ben = enrolled(office, "Ann", 1), enrolled(office, "Ben", 2)
    Settle(office).named(
        AT_LOBBY, Epoch("e"), TrackId("t"), Known(ann.subject, ann.grants[0].id, Why(Reason.CLEAR, 3)), NOW
    )
    return ann.subject, ben.subject


def gone(office, ann, ben):
    """Everything that a withdrawal promises, and that Ben is untouched."""
    snapshot = office.store.snapshot()
    record = office.store.subject(ann)
    assert (record.state, record.particulars) == (SubjectState.WITHDRAWN, None)
    assert [template.subject for template in snapshot.templates] == [ben]
    assert {grant.state for grant in office.store.grants(ann)} == {GrantState.WITHDRAWN}
    assert {grant.state for grant in office.store.grants(ben)} == {GrantState.ACTIVE}
    assert office.store.sightings(ann) == ()
    with pytest.raises(KeyDestroyed):
        office.keystore.data_key(ann)
    assert len(office.keystore.data_key(ben)) == 32
    assert {person.label for person in people(office)} == {None, "Ben"}


def test_a_withdrawal_leaves_nothing_that_recognises_the_person(office, people_here):
    """Template, key, name, sightings; the others stay."""
    assert len(sightings(office)) == 1
    withdrawal = withdraw(office, people_here[0])
    assert (withdrawal.already, withdrawal.result_logged) == (False, True)
    gone(office, *people_here)


def test_it_is_announced_then_done_then_its_result_is_logged(office, log, people_here):
    """Withdrawn, keys rotated, erased; none is sealed, so that it can be proven when the key is gone."""
    before = log.size()
    withdraw(office, people_here[0])
    kinds = [line.event["kind"] for line in office.journal.read() if line.leaf is not None and line.leaf >= before]
    assert kinds == ["withdrawn", "keys_rotated", "erased"]


def test_a_receipt_proves_offline_that_it_was_done_and_what_was_destroyed(office, log, people_here):
    """With the log's public key alone; it can be had again later, and says the same."""
    withdraw(office, people_here[0])
    text = withdrawal_receipt(office, people_here[0])
    announced, done = verify_opened(parse_opened(text.encode()), parse_verifier(log.verifier))
    assert (announced.event["kind"], announced.event["subject"]) == ("withdrawn", people_here[0])
    assert (done.event["kind"], done.event["intent"]) == ("erased", announced.included.index)
    assert any("data key" in each for each in done.event["destroyed"])
    withdraw(office, people_here[1])
    again = verify_opened(
        parse_opened(withdrawal_receipt(office, people_here[0]).encode()), parse_verifier(log.verifier)
    )
    assert [each.event for each in again] == [announced.event, done.event]


def test_the_leaf_of_a_withdrawal_is_tagged_for_the_person(office, log, people_here):
    """They find it with the keys that they took before."""
    [november] = give_log_keys(office, people_here[0], "2026-11", "2026-11")
    size = log.size()
    withdraw(office, people_here[0])
    own = [leaf.tag == tag(bytes.fromhex(november.key), leaf.nonce) for leaf in map(parse_leaf, log.leaves(size))]
    assert own == [True, False, False]


def test_who_has_not_withdrawn_has_no_receipt(office, people_here):
    """Nobody can be told that they were forgotten before they were."""
    with pytest.raises(ConsentError):
        withdrawal_receipt(office, people_here[1])


def test_withdrawing_twice_is_withdrawing_once(office, log, people_here):
    """Nothing more is logged."""
    withdraw(office, people_here[0])
    size = log.size()
    assert withdraw(office, people_here[0]).already
    assert log.size() == size


def test_nobody_cannot_withdraw(office):
    """Exit code 5."""
    with pytest.raises(UnknownSubject):
        withdraw(office, SubjectId("s_nobody"))


def test_while_the_log_fails_nothing_happens(office, log, people_here):
    """I5: and the person is told so."""
    log.weather = Weather.FAILS
    revision = office.store.revision()
    with pytest.raises(LogUnavailable):
        withdraw(office, people_here[0])
    assert office.store.revision() == revision
    log.weather = Weather.WORKS
    withdraw(office, people_here[0])
    gone(office, *people_here)


def test_a_log_that_fails_after_the_announcement_is_carried_on(office, log, people_here, store, keystore, clock):
    """The person is not recognised any more; the rest follows."""

    def fail(*_):
        log.weather = Weather.FAILS

    faulty = Faulty(store, "delete_templates", "after", None)
    faulty.delete_templates = lambda subject: (store.delete_templates(subject), fail())
    with pytest.raises(LogUnavailable):
        withdraw(office_of(faulty, keystore, log, clock), people_here[0])
    assert store.subject(people_here[0]).state is SubjectState.WITHDRAWING
    log.weather = Weather.WORKS
    assert resume(office) == (people_here[0],)
    gone(office, *people_here)


def test_a_result_that_the_log_could_not_take_does_not_undo_it(office, log, people_here, store, keystore, clock):
    """It is done, says so, and the result is logged later."""
    faulty = Faulty(store, "compact", "after", None)
    faulty.compact = lambda: setattr(log, "weather", Weather.FAILS)
    assert not withdraw(office_of(faulty, keystore, log, clock), people_here[0]).result_logged
    log.weather = Weather.WORKS
    gone(office, *people_here)
    with pytest.raises(ConsentError):
        withdrawal_receipt(office, people_here[0])
    assert recover(office).settled >= 1
    assert "erased" in {line.event["kind"] for line in office.journal.read() if line.event}
    assert "erased" in withdrawal_receipt(office, people_here[0])


STORE_STEPS = [
    "begin_withdrawal",
    "delete_templates",
    "delete_sightings",
    "strip",
    "compact",
    "set_outcome",
    "end_withdrawal",
]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [Killed(), DataFolderError("the disk went away")], ids=["killed", "failed"])
@pytest.mark.parametrize("step", STORE_STEPS)
def test_cut_off_at_any_step_of_the_records_it_is_carried_on(
    office, log, people_here, store, keystore, clock, step, error, when
):
    """By asking again, whichever step it was."""
    with pytest.raises((Killed, DataFolderError)):
        withdraw(office_of(Faulty(store, step, when, error), keystore, log, clock), people_here[0])
    withdraw(office, people_here[0])
    recover(office)
    gone(office, *people_here)
    assert all(opening.result is not None for opening in store.openings() if opening.intent)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [Killed(), KeystoreError("the disk went away")], ids=["killed", "failed"])
def test_cut_off_around_the_key_it_is_carried_on_at_the_next_start(
    office, log, people_here, store, keystore, clock, error, when
):
    """Without anybody asking again."""
    faulty = Faulty(keystore, "destroy", when, error)
    with pytest.raises((Killed, KeystoreError)):
        withdraw(office_of(store, faulty, log, clock), people_here[0])
    assert recover(office).withdrawals == (people_here[0],)
    gone(office, *people_here)
    assert recover(office).withdrawals == ()


def test_a_running_camera_cannot_write_a_sighting_of_somebody_who_left(office, people_here):
    """Their key is gone."""
    settle, ann = Settle(office), people_here[0]
    match = Known(ann, office.store.grants(ann)[0].id, Why(Reason.CLEAR, 3))
    settle.named(AT_LOBBY, Epoch("e"), TrackId("t"), match, NOW)
    withdraw(office, ann)
    with pytest.raises(KeyDestroyed):
        settle.named(AT_LOBBY, Epoch("e"), TrackId("t2"), match, NOW.replace(hour=11))
    assert office.store.sightings() == ()
