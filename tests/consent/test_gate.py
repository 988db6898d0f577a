"""The gate opens templates for those who may be seen, follows every change, and forgets who left."""

from __future__ import annotations

from datetime import time, timedelta

import numpy as np
import pytest

from beholden.acts.grants.enrol import Wish
from beholden.acts.grants.pause import pause, resume
from beholden.acts.grants.withdraw import withdraw
from beholden.consent.gate import Gate
from beholden.ledger.memory import MemoryLog
from beholden.model.grant import Capture, Hours, Place, Purpose, Viewpoint
from beholden.model.ids import CameraId, ModelDigest
from beholden.storage.memory import MemoryStore
from tests.people import AT_LOBBY, ENTRANCE, IN_A_FILE, LOBBY, MODEL, NOW, Clock, enrolled, office_of, vector

PURPOSES = tuple(Purpose)


@pytest.fixture
def office(keystore):
    return office_of(MemoryStore(), keystore, MemoryLog(), Clock())


@pytest.fixture
def gate(office, keystore):
    return Gate(office.store, keystore)


def seen(gate, view=AT_LOBBY, moment=NOW, model=MODEL, rehearsal=True, purposes=PURPOSES):
    return gate.gallery(view, purposes, moment, model, rehearsal)


def test_an_enrolled_person_is_in_the_gallery_of_their_place(office, gate):
    """With the vector that was sealed, unit length, read-only."""
    ann = enrolled(office, "Ann", 1)
    gallery = seen(gate)
    assert (gallery.subjects, gallery.grants) == ((ann.subject,), (ann.grants[0].id,))
    assert np.array_equal(gallery.vectors[0], vector(1))
    assert (gallery.naming, gallery.vectors.flags.writeable, gallery.vectors.dtype) == (True, False, np.float32)


def test_nobody_enrolled_is_an_empty_gallery_that_may_name(gate):
    """Empty is not off."""
    gallery = seen(gate)
    assert (len(gallery), gallery.naming) == (0, True)


def test_a_place_without_capture_names_nobody(office, gate):
    """Off and empty."""
    enrolled(office, "Ann", 1)
    gallery = seen(gate, Viewpoint(CameraId("c"), Place(LOBBY)))
    assert (len(gallery), gallery.naming) == (0, False)


def test_a_live_camera_never_meets_people_of_a_rehearsal(office, gate):
    """Pixels that are not of a rehearsal get nothing from a rehearsal folder."""
    enrolled(office, "Ann", 1)
    gallery = seen(gate, rehearsal=False)
    assert (len(gallery), gallery.naming) == (0, False)


def test_a_file_never_plays_a_camera_in_a_real_folder(keystore):
    """Nor the other way round."""
    gate = Gate(MemoryStore(rehearsal=False), keystore)
    assert not seen(gate, rehearsal=True).naming
    assert seen(gate, rehearsal=False).naming


def test_templates_of_another_model_are_left_out(office, gate):
    """Never compared, and the gallery says whose it is."""
    enrolled(office, "Ann", 1)
    other = ModelDigest("bb" * 32)
    gallery = seen(gate, model=other)
    assert (len(gallery), gallery.model) == (0, other)


def test_a_file_meets_photos_and_ticked_boxes_only(office, gate):
    """An entrance grant is not for files."""
    enrolled(office, "Ann", 1)
    ben = enrolled(office, "Ben", 2, Wish((Purpose.PHOTOS,)))
    cat = enrolled(office, "Cat", 3, Wish((Purpose.ENTRANCE,), frozenset({LOBBY}), recordings=True))
    assert set(seen(gate, IN_A_FILE).subjects) == {ben.subject, cat.subject}
    assert seen(gate, IN_A_FILE, purposes=[Purpose.PHOTOS]).subjects == (ben.subject,)


def test_a_person_with_two_grants_is_one_row(office, gate):
    """The runner-up is always somebody else."""
    place = Place(LOBBY, capture=Capture.LANE, purposes=(Purpose.ENTRANCE, Purpose.SELF_EXCLUSION))
    enrolled(office, "Ann", 1, Wish((Purpose.ENTRANCE, Purpose.SELF_EXCLUSION), frozenset({LOBBY})))
    assert len(seen(gate, Viewpoint(CameraId("c"), place))) == 1


def test_a_grant_ends_at_its_moment_even_in_a_cached_gallery(office, gate):
    """The answer before, and the answer at the end."""
    end = NOW + timedelta(days=30)
    enrolled(office, "Ann", 1)
    assert len(seen(gate, moment=end - timedelta(microseconds=1))) == 1
    assert len(seen(gate, moment=end)) == 0
    assert len(seen(gate, moment=NOW)) == 1
    assert len(seen(gate, moment=NOW - timedelta(microseconds=1))) == 0


def test_hours_end_at_their_minute_even_in_a_cached_gallery(office, gate):
    """Every second is asked anew."""
    enrolled(office, "Ann", 1, Wish((Purpose.ENTRANCE,), frozenset({LOBBY}), hours=Hours(time(9), time(10))))
    ten = NOW.replace(hour=10, minute=0, second=0, microsecond=0)
    assert [len(seen(gate, moment=ten - timedelta(microseconds=m))) for m in (500_000, 1, 0)] == [1, 1, 0]


def test_asking_again_in_the_same_state_is_the_same_gallery(office, gate):
    """Nothing is decrypted per frame."""
    enrolled(office, "Ann", 1)
    assert seen(gate) is seen(gate, moment=NOW + timedelta(seconds=1))


def test_a_paused_person_is_gone_at_the_next_call_and_back_after_resuming(office, gate):
    """Pause, resume."""
    ann = enrolled(office, "Ann", 1).subject
    assert len(seen(gate)) == 1
    pause(office, ann)
    assert len(seen(gate)) == 0
    resume(office, ann)
    assert len(seen(gate)) == 1


@pytest.mark.parametrize("ask", ["gallery", "revision"])
def test_a_withdrawn_row_is_overwritten_in_galleries_handed_out_before(office, gate, ask):
    """In place, and only theirs; the row was there before."""
    ann, ben = enrolled(office, "Ann", 1), enrolled(office, "Ben", 2)
    held = seen(gate)
    row = held.subjects.index(ann.subject)
    assert np.array_equal(held.vectors[row], vector(1))
    withdraw(office, ann.subject)
    assert gate.revision() != held.revision if ask == "revision" else seen(gate).subjects == (ben.subject,)
    assert not held.vectors[row].any()
    assert np.array_equal(held.vectors[1 - row], vector(2))


def test_one_altered_template_does_not_stop_the_others(office, gate):
    """They are not recognised, and are reported."""
    ann, ben = enrolled(office, "Ann", 1), enrolled(office, "Ben", 2)
    from dataclasses import replace

    office.store._templates = [
        replace(t, sealed=t.sealed[:-1] + b"\x00") if t.subject == ann.subject else t for t in office.store._templates
    ]
    assert seen(gate).subjects == (ben.subject,)
    assert gate.unopened == {ann.subject}


def test_somebody_whose_key_is_gone_is_not_recognised(office, gate, keystore):
    """A database put back from before the withdrawal names nobody who left."""
    ann, ben = enrolled(office, "Ann", 1), enrolled(office, "Ben", 2)
    keystore.destroy(ann.subject)
    assert seen(gate).subjects == (ben.subject,)
    assert gate.unopened == {ann.subject}


def test_expired_and_other_places_are_left_out(office, gate):
    """Three people, one of whom may be seen here and now."""
    past = Wish((Purpose.ENTRANCE,), frozenset({LOBBY}), timedelta(days=1), starts_at=NOW - timedelta(days=2))
    enrolled(office, "Old", 1, past)
    enrolled(office, "Yard", 2, Wish((Purpose.ENTRANCE,), frozenset({"yard"})))
    ann = enrolled(office, "Ann", 3, ENTRANCE)
    assert seen(gate).subjects == (ann.subject,)
