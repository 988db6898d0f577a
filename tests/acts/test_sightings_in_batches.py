"""Many namings at once: one append to the log, one transaction for the rows, and each has its own answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.acts.grants.withdraw import withdraw
from beholden.acts.recover import recover
from beholden.acts.sightings.sighting import Named, Settle, purge, sightings
from beholden.ledger.memory import Weather
from beholden.model.errors import ConsentError, DataFolderError, KeyDestroyed, KeystoreError, LogUnavailable
from beholden.model.grant import Viewpoint
from beholden.model.ids import CameraId, Epoch, TrackId
from beholden.model.match import Known, Reason, Why
from tests.acts.faults import Faulty, Killed
from tests.people import AT_LOBBY, IN_A_FILE, NOW, enrolled, office_of

EPOCH = Epoch("aaaaaaaaaaaa")
BACK_DOOR = Viewpoint(CameraId("back"), AT_LOBBY.place)


def after(seconds):
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def ann(office):
    return known(office, "Ann", 1)


@pytest.fixture
def ben(office):
    return known(office, "Ben", 2)


@pytest.fixture
def settle(office):
    return Settle(office)


def known(office, name, seed):
    enrolment = enrolled(office, name, seed)
    return Known(enrolment.subject, enrolment.grants[0].id, Why(Reason.CLEAR, 2))


def named(match, seconds=0.0, track="t1", view=AT_LOBBY, epoch=EPOCH):
    return Named(view, epoch, TrackId(track), match, after(seconds))


class Counting:
    """A log that counts appends."""

    def __init__(self, real):
        self._real, self.appends = real, 0

    def __getattr__(self, name):
        return getattr(self._real, name)

    def append(self, leaves):
        self.appends += 1
        return self._real.append(leaves)


def test_a_batch_is_one_append_and_each_sighting_has_its_leaf(store, keystore, log, clock):
    """Two people, of whom one is seen twice: two leaves, one append."""
    counting = Counting(log)
    office = office_of(store, keystore, counting, clock)
    ann, ben = known(office, "Ann", 1), known(office, "Ben", 2)
    counting.appends, size = 0, log.size()
    first, second, again = Settle(office).settle_many([named(ann), named(ben), named(ann, 5, "t2")])
    assert (counting.appends, log.size() - size) == (1, 2)
    assert (first, first.seen_at) == (again, after(5))
    assert {each.subject for each in (first, second)} == {ann.subject, ben.subject}
    assert set(sightings(office)) == {first, second}
    lines = [line.event for line in office.journal.read()[-2:]]
    assert [(line["kind"], line["sighting"], line["shots"]) for line in lines] == [
        ("sighted", first.id, 2),
        ("sighted", second.id, 2),
    ]


def test_an_empty_batch_is_nothing(settle):
    """No answer, no leaf."""
    assert settle.settle_many([]) == ()


def test_updates_alone_are_no_leaf(office, settle, ann, log):
    """The log is for what happened, not for every second of it."""
    settle.settle_many([named(ann)])
    size = log.size()
    settle.settle_many([named(ann, 2), named(ann, 4)])
    assert (log.size(), sightings(office)[0].seen_at) == (size, after(4))


def test_who_withdrew_fails_alone(office, settle, ann, ben):
    """KeyDestroyed for one, a sighting for the other, in one batch."""
    withdraw(office, ann.subject)
    gone, here = settle.settle_many([named(ann), named(ben)])
    assert isinstance(gone, KeyDestroyed)
    assert sightings(office) == (here,)


def test_who_withdraws_while_it_is_written_fails_alone(office, store, keystore, log, clock, ann, ben):
    """The row is refused by the store, whatever the key still opened a moment before."""

    class Leaving:
        def __getattr__(self, name):
            return getattr(store, name)

        def put_sightings(self, rows, noted=None):
            store.begin_withdrawal(ann.subject, 0)
            return store.put_sightings(rows, noted)

    settle = Settle(office_of(Leaving(), keystore, log, clock))
    gone, here = settle.settle_many([named(ann), named(ben)])
    assert isinstance(gone, ConsentError)
    assert [row.id for row in store.sightings()] == [here.id]


def test_while_the_log_fails_who_is_there_already_goes_on(office, settle, ann, ben, log):
    """Opening needs a leaf; staying does not."""
    settle.settle_many([named(ann)])
    log.weather = Weather.FAILS
    stays, comes, comes_too = settle.settle_many([named(ann, 2), named(ben, 2), named(ben, 3, "t2")])
    assert stays.seen_at == after(2)
    assert isinstance(comes, LogUnavailable)
    assert isinstance(comes_too, LogUnavailable)
    log.weather = Weather.WORKS
    [later] = settle.settle_many([named(ben, 4)])
    assert {each.subject for each in sightings(office)} == {ann.subject, ben.subject}
    assert later.opened_at == after(4)


def test_a_broken_keystore_fails_them_all_and_nothing_is_written(store, keystore, log, clock, office, ann):
    """One error for each."""
    faulty = Faulty(keystore, "data_keys", "before", KeystoreError("the disk went away"))
    settle = Settle(office_of(store, faulty, log, clock))
    size = log.size()
    one, two = settle.settle_many([named(ann), named(ann, 1)])
    assert isinstance(one, KeystoreError)
    assert isinstance(two, KeystoreError)
    assert (log.size(), store.sightings()) == (size, ())


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [Killed(), DataFolderError("the disk went away")], ids=["killed", "failed"])
@pytest.mark.parametrize("step", ["add_openings", "put_sightings"])
def test_cut_off_at_any_step_nothing_acknowledged_is_lost_and_nothing_doubled(
    office, store, keystore, log, clock, ann, ben, step, error, when
):
    """Asked again after a restart, there is one sighting each; and every leaf that is in the log can be opened."""
    acknowledged = Settle(office).named(AT_LOBBY, EPOCH, TrackId("t0"), ben, NOW)
    settle = Settle(office_of(Faulty(store, step, when, error), keystore, log, clock))
    if isinstance(error, Killed):
        with pytest.raises(Killed):
            settle.settle_many([named(ann, 1)])
    else:
        [failed] = settle.settle_many([named(ann, 1)])
        assert failed is error
    recover(office)
    [mine] = Settle(office).settle_many([named(ann, 1)])
    assert {each.id for each in sightings(office)} == {acknowledged, mine.id}
    clock.pass_by(hours=2)  # until then an opening without a leaf might still get one
    recover(office)
    assert all(opening.leaf is not None for opening in store.openings())
    assert len(store.openings()) == log.size()


def test_a_failed_write_is_forgotten_and_storage_is_the_truth(store, keystore, log, clock, office, ann):
    """What was not written was not seen."""
    settle = Settle(office_of(Faulty(store, "put_sightings", "before", DataFolderError("no")), keystore, log, clock))
    [failed] = settle.settle_many([named(ann)])
    assert isinstance(failed, DataFolderError)
    [later] = settle.settle_many([named(ann, 50, "t2")])
    assert (later.opened_at, sightings(office)) == (after(50), (later,))


def test_an_altered_row_does_not_keep_anybody_from_being_named(office, store, settle, ann):
    """It is passed over, and another sighting begins."""
    settle.settle_many([named(ann)])
    [row] = store.sightings()
    store.put_sightings([replace(row, sealed=row.sealed[:-1] + bytes([row.sealed[-1] ^ 1]))])
    [here] = Settle(office).settle_many([named(ann, 5, "t2")])
    assert here.opened_at == after(5)


# Closing


def test_a_sighting_is_closed_after_a_minute_of_absence(office, settle, ann):
    """At the same moment, whenever that is noticed; cameras may be 2 s late."""
    settle.settle_many([named(ann, 10)])
    assert settle.close_due(after(71.999)) == ()
    [closed] = settle.close_due(after(72))
    assert (closed.closed_at, sightings(office)) == (after(70), (closed,))
    assert settle.close_due(after(500)) == ()


def test_another_sighting_closes_the_one_before(office, settle, ann):
    """One person at one place has one open sighting."""
    settle.settle_many([named(ann), named(ann, 100, "t2")])
    assert [each.closed_at for each in sightings(office)] == [after(60), None]


def test_a_moment_told_late_belongs_to_what_was_closed_early(office, settle, ann, log):
    """Opened again, not doubled."""
    settle.settle_many([named(ann)])
    settle.close_due(after(300))
    size = log.size()
    [again] = settle.settle_many([named(ann, 59, "t9", BACK_DOOR)])
    assert (again.closed_at, again.seen_at, log.size()) == (None, after(59), size)
    assert sightings(office) == (again,)


def test_a_moment_that_was_told_before_opens_nothing(office, settle, ann):
    """A repeated delivery after closing changes nothing."""
    settle.settle_many([named(ann), named(ann, 5)])
    [closed] = settle.close_due(after(100))
    assert settle.settle_many([named(ann), named(ann, 5)]) == (closed, closed)
    assert sightings(office) == (closed,)


def test_a_late_moment_of_long_ago_does_not_replace_the_open_sighting(office, settle, ann):
    """It is a sighting of its own, closed at birth."""
    settle.settle_many([named(ann, 500), named(ann, 100, "t2")])
    assert [(each.opened_at, each.closed_at) for each in sightings(office)] == [
        (after(100), after(160)),
        (after(500), None),
    ]


def test_who_stayed_in_the_picture_never_left(office, settle, ann):
    """The same track, not named for some minutes: the same sighting, open again."""
    settle.settle_many([named(ann)])
    settle.close_due(after(100))
    settle.settle_many([named(ann, 200)])
    [one] = sightings(office)
    assert (one.opened_at, one.seen_at, one.closed_at) == (NOW, after(200), None)


def test_a_track_told_backwards_by_more_than_a_minute_is_still_one_sighting(office, settle, ann):
    """Nor is it moved to another one that began in between, when it is told again."""
    settle.settle_many([named(ann, 62, "t2"), named(ann, 1, "t2"), named(ann, 0, "t1")])
    before = sightings(office)
    settle.settle_many([named(ann, 1, "t2")])
    Settle(office).settle_many([named(ann, 1, "t2")])
    assert sightings(office) == before
    assert [(each.opened_at, each.seen_at) for each in before] == [(NOW, NOW), (after(62), after(62))]


def test_what_an_earlier_process_left_open_is_closed(office, ann, ben):
    """Found in storage; and what was seen again meanwhile stays open."""
    Settle(office).settle_many([named(ann), named(ben)])
    after_restart = Settle(office)
    after_restart.settle_many([named(ben, 50, "t2", epoch=Epoch("bbbbbbbbbbbb"))])
    [closed] = after_restart.close_due(after(70))
    assert (closed.subject, closed.closed_at) == (ann.subject, after(60))
    assert {each.closed_at for each in sightings(office)} == {None, after(60)}


def test_closing_does_not_make_a_sighting_live_longer(office, ann, clock):
    """It dies 24 hours after the person was seen, also when it is closed at a restart much later."""
    Settle(office).settle_many([named(ann)])
    clock.pass_by(hours=20)
    assert len(Settle(office).close_due(clock())) == 1
    clock.pass_by(hours=4)
    assert (purge(office), sightings(office)) == (1, ())


def test_a_dead_sighting_is_not_brought_back(office, settle, ann, clock, store):
    """Neither by closing it, nor by being told of it again."""
    settle.settle_many([named(ann)])
    clock.pass_by(hours=25)
    assert settle.close_due(clock()) == ()
    settle.settle_many([named(ann, 25 * 3600)])
    assert len(store.sightings()) == 1
    [only] = sightings(office)
    assert only.opened_at == after(25 * 3600)


def test_closing_passes_over_who_withdrew(office, settle, ann, ben):
    """Their rows are gone, and nothing is written for them."""
    settle.settle_many([named(ann), named(ben)])
    withdraw(office, ann.subject)
    assert [each.subject for each in settle.close_due(after(100))] == [ben.subject]
    assert len(sightings(office)) == 1


def test_what_could_not_be_closed_is_closed_by_the_next_call(store, keystore, log, clock, office, ann):
    """A full disk for a second."""
    settle = Settle(office_of(Faulty(store, "put_sightings", "before", None), keystore, log, clock))
    settle.settle_many([named(ann)])
    settle._office.store.fail_once(DataFolderError("no"))
    with pytest.raises(DataFolderError):
        settle.close_due(after(100))
    assert len(settle.close_due(after(101))) == 1


def test_each_file_is_a_place_of_its_own(office, settle, ann):
    """Two files, two open sightings."""
    settle.settle_many([named(ann, view=IN_A_FILE), named(ann, view=Viewpoint(CameraId("b.mp4"), None))])
    assert [each.closed_at for each in sightings(office)] == [None, None]
