"""The promises of `acts.store.Store`, on SQLite, on PostgreSQL and in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beholden.acts.store import HourCount, Opening, Published, SealedCamera, SealedSighting
from beholden.consent.registry import Subject, SubjectState
from beholden.model.camera import Camera, Zone
from beholden.model.errors import ConsentError, UnknownSubject
from beholden.model.event import TrackEnded
from beholden.model.grant import Basis, Grant, GrantState, Hours, Purpose
from beholden.model.ids import CameraId, GrantId, PlaceId, SightingId, SubjectId, new_grant_id, new_subject_id
from beholden.model.template import EnrolledTemplate
from tests.people import LOBBY, MODEL, NOW

ANN, BEN = SubjectId("s_ann"), SubjectId("s_ben")
SUBJECT = Subject(ANN, SubjectState.ENROLLED, b"sealed name", NOW)
GRANT = Grant(
    id=GrantId("g_1"),
    subject=ANN,
    purpose=Purpose.ENTRANCE,
    basis=Basis.CONSENT,
    places=frozenset({LOBBY}),
    starts_at=NOW,
    ends_at=NOW + timedelta(days=1),
    hours=Hours(time(22), time(6, 30)),
    recordings=True,
)
TEMPLATE = EnrolledTemplate(ANN, b"sealed template", MODEL, NOW, 0.75, 3)
SIGHTING = SealedSighting(SightingId("1"), ANN, NOW + timedelta(hours=1), b"sealed sighting")


@pytest.fixture
def ann(store):
    store.add_enrolment(SUBJECT, [GRANT], TEMPLATE)
    return store


def test_an_enrolment_is_read_as_it_was_stored(ann):
    """Subject, grant with its hours, and template, to the microsecond."""
    snapshot = ann.snapshot()
    assert (snapshot.subjects, snapshot.grants) == ((SUBJECT,), (GRANT,))
    [template] = snapshot.templates
    assert (template.subject, template.grant, template.sealed, template.model) == (
        ANN,
        "g_1",
        b"sealed template",
        MODEL,
    )
    assert (template.captured_at, template.quality, template.shots) == (NOW, 0.75, 3)
    assert (ann.subject(ANN), ann.grants(ANN), ann.grants(BEN)) == (SUBJECT, (GRANT,), ())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    st.frozensets(st.text(min_size=1)),
    st.none() | st.builds(Hours, st.times(), st.times()),
)
def test_any_grant_is_read_as_it_was_stored(store, start, places, hours):
    """Moments are not rounded, places may have any name."""
    subject = new_subject_id()
    grant = replace(
        GRANT, id=new_grant_id(), subject=subject, starts_at=start, ends_at=start, places=places, hours=hours
    )
    store.add_enrolment(replace(SUBJECT, id=subject), [grant], replace(TEMPLATE, subject=subject))
    assert store.grants(subject) == (grant,)


def test_nobody_is_an_error_of_ours(store):
    """Exit code 5."""
    with pytest.raises(UnknownSubject):
        store.subject(ANN)


def test_an_enrolment_replaces_the_invitation(store):
    """One record per person."""
    store.add_subject(replace(SUBJECT, state=SubjectState.INVITED))
    store.add_enrolment(SUBJECT, [GRANT], TEMPLATE)
    assert store.subjects() == (SUBJECT,)


def test_a_subject_is_added_once(ann):
    """An id is never taken over."""
    with pytest.raises(ConsentError):
        ann.add_subject(SUBJECT)


@pytest.mark.parametrize(
    ("subject", "grant", "template"),
    [
        (SUBJECT, replace(GRANT, subject=BEN), TEMPLATE),
        (SUBJECT, replace(GRANT, state=GrantState.WITHDRAWN), TEMPLATE),
        (replace(SUBJECT, state=SubjectState.WITHDRAWN), GRANT, TEMPLATE),
        (SUBJECT, GRANT, replace(TEMPLATE, subject=BEN)),
    ],
)
def test_a_template_without_a_live_grant_of_its_person_is_refused_and_nothing_is_stored(
    store, subject, grant, template
):
    """All or nothing."""
    revision = store.revision()
    with pytest.raises(ConsentError):
        store.add_enrolment(subject, [grant], template)
    assert (store.subjects(), store.revision()) == ((), revision)


def test_every_change_of_people_raises_the_revision(store):
    """Cheap to ask, and never falling."""
    seen = [store.revision()]
    for change in (
        lambda: store.add_subject(replace(SUBJECT, state=SubjectState.INVITED)),
        lambda: store.add_enrolment(SUBJECT, [GRANT], TEMPLATE),
        lambda: store.set_grant_states({GRANT.id: GrantState.PAUSED}),
        lambda: store.begin_withdrawal(ANN, 4),
        lambda: store.delete_templates(ANN),
        lambda: store.strip(ANN),
        lambda: store.end_withdrawal(ANN),
    ):
        change()
        seen.append(store.revision())
    assert seen == sorted(set(seen))


def test_sightings_and_openings_do_not_raise_the_revision(ann):
    """Galleries are not rebuilt for every passer-by."""
    revision = ann.revision()
    ann.put_sightings([SIGHTING])
    ann.add_openings([Opening(b"c", b"b", None, False, NOW)])
    assert ann.revision() == revision


def test_a_withdrawal_leaves_an_empty_record(ann):
    """No template, no name, no sighting; the grant says withdrawn, the leaf is kept."""
    ann.put_sightings([SIGHTING])
    ann.begin_withdrawal(ANN, 7)
    assert ann.subject(ANN).state is SubjectState.WITHDRAWING
    ann.delete_templates(ANN)
    ann.delete_sightings(ANN)
    ann.strip(ANN)
    ann.end_withdrawal(ANN)
    ann.compact()
    snapshot = ann.snapshot()
    assert snapshot.subjects == (Subject(ANN, SubjectState.WITHDRAWN, None, NOW, 7),)
    assert [grant.state for grant in snapshot.grants] == [GrantState.WITHDRAWN]
    assert (snapshot.templates, ann.sightings()) == ((), ())


def test_a_grant_is_not_withdrawn_over_a_template(ann):
    """No template at rest without a live grant (I1)."""
    with pytest.raises(ConsentError):
        ann.set_grant_states({GRANT.id: GrantState.WITHDRAWN})
    with pytest.raises(ConsentError):
        ann.strip(ANN)
    assert ann.subject(ANN).particulars == b"sealed name"


def test_a_sighting_is_written_once_and_updated(ann):
    """By its id."""
    ann.put_sightings([SIGHTING])
    ann.put_sightings([replace(SIGHTING, sealed=b"later")])
    assert ann.sightings() == (replace(SIGHTING, sealed=b"later"),)
    assert (ann.sightings(ANN), ann.sightings(BEN)) == (ann.sightings(), ())


@pytest.mark.parametrize("state", [SubjectState.WITHDRAWING, SubjectState.WITHDRAWN, SubjectState.INVITED, None])
def test_a_sighting_of_somebody_who_is_not_enrolled_is_left_out_and_the_others_are_written(ann, state):
    """A running camera cannot write one after the withdrawal began; who stayed is not kept waiting for it."""
    if state is not None:
        ann.add_subject(replace(SUBJECT, id=BEN, state=state))
    of_ben = replace(SIGHTING, id=SightingId("2"), subject=BEN)
    assert ann.put_sightings([of_ben, SIGHTING]) == {"2"}
    assert ann.sightings() == (SIGHTING,)
    ann.begin_withdrawal(ANN, 1)
    assert ann.put_sightings([replace(SIGHTING, sealed=b"later")]) == {"1"}
    assert ann.sightings() == (SIGHTING,)


def test_leaves_are_stored_with_the_sightings_that_they_announced(ann):
    """One transaction, also when the person left meanwhile: the leaf is in the log all the same."""
    first, second = Opening(b"1" * 32, b"x", ANN, False, NOW), Opening(b"2" * 32, b"y", BEN, False, NOW)
    ann.add_openings([first, second])
    of_ben = replace(SIGHTING, id=SightingId("2"), subject=BEN)
    assert ann.put_sightings([SIGHTING, of_ben], {first.commitment: 0, second.commitment: 1}) == {"2"}
    assert (ann.sightings(), ann.unsettled()) == ((SIGHTING,), ())
    assert ann.openings() == (replace(first, noted=0), replace(second, noted=1))


def test_what_is_noted_waits_until_it_is_published(store):
    """Then its leaf is known, where it was is forgotten, and the last batch is; all in one."""
    first = Opening(b"1" * 32, b"x", None, False, NOW, place="lobby")
    second, act = replace(first, commitment=b"2" * 32, place="yard"), Opening(b"3" * 32, b"z", None, False, NOW)
    store.add_openings([first, second, act])
    assert (store.waiting(), store.published()) == ((), None)
    store.set_noted({second.commitment: 0, first.commitment: 1})
    assert store.waiting() == (replace(second, noted=0), replace(first, noted=1))
    assert store.unsettled() == (act,)
    store.publish({second.commitment: 7}, Published(12, 40))
    assert store.published() == Published(12, 40)
    assert store.waiting() == (replace(first, noted=1),)
    assert store.opening(7) == replace(second, noted=0, leaf=7, place=None)
    store.publish({}, Published(13, 41))
    assert store.published() == Published(13, 41)


def test_what_is_noted_is_not_dropped(store):
    """It is durable in the log of the hour."""
    first = Opening(b"1" * 32, b"x", None, False, NOW, place="")
    store.add_openings([first])
    store.set_noted({first.commitment: 0})
    store.drop_openings([first.commitment])
    assert store.waiting() == (replace(first, noted=0),)


def test_sightings_die_at_their_moment(ann):
    """Not before; and the count says how many."""
    ann.put_sightings([SIGHTING, replace(SIGHTING, id=SightingId("2"), dies_at=NOW + timedelta(hours=2))])
    assert ann.purge(SIGHTING.dies_at - timedelta(microseconds=1)) == 0
    assert ann.purge(SIGHTING.dies_at) == 1
    assert [sighting.id for sighting in ann.sightings()] == ["2"]


def test_openings_about_one_person_are_read_alone(store):
    """In the order of their leaves; those about nobody are of nobody."""
    mine = [Opening(bytes([number]), b"sealed", ANN, False, NOW) for number in range(2)]
    others = [Opening(b"\x08", b"sealed", BEN, False, NOW), Opening(b"\x09", b"open", None, False, NOW)]
    store.add_openings([mine[1], *others, mine[0]])
    store.set_leaves({bytes([number]): number for number in (0, 1, 8, 9)})
    assert [each.leaf for each in store.openings(ANN)] == [0, 1]
    assert [each.leaf for each in store.openings()] == [0, 1, 8, 9]


def test_openings_follow_their_leaves(store):
    """Unsettled until the leaf and, for an intent, the result is known."""
    first, second = Opening(b"1" * 32, b"x", ANN, True, NOW), Opening(b"2" * 32, b"y", None, False, NOW)
    store.add_openings([first, second])
    assert set(store.unsettled()) == {first, second}
    store.set_leaves({first.commitment: 1, second.commitment: 0})
    assert store.openings() == (replace(second, leaf=0), replace(first, leaf=1))
    assert store.unsettled() == (replace(first, leaf=1),)
    store.set_outcome(1, "done")
    assert store.unsettled() == (replace(first, leaf=1, outcome="done"),)
    store.set_outcome(1, "done", 2)
    assert store.unsettled() == ()


def test_only_openings_without_a_leaf_are_dropped(store):
    """What is in the log stays openable."""
    first, second = Opening(b"1" * 32, b"x", None, False, NOW), Opening(b"2" * 32, b"y", None, False, NOW)
    store.add_openings([first, second])
    store.set_leaves({first.commitment: 0})
    store.drop_openings([first.commitment, second.commitment])
    assert store.openings() == (replace(first, leaf=0),)


def test_what_opens_a_leaf_goes_at_its_time_once_it_is_in_the_log(store):
    """Until then it is what finds the leaf; others stay."""
    dies = Opening(b"1" * 32, b"x", ANN, False, NOW, dies_at=NOW)
    stays = Opening(b"2" * 32, b"y", ANN, False, NOW)
    store.add_openings([dies, stays])
    store.purge(NOW)
    assert set(store.openings()) == {dies, stays}
    store.set_leaves({dies.commitment: 0, stays.commitment: 1})
    store.purge(NOW - timedelta(microseconds=1))
    assert store.openings() == (replace(dies, leaf=0), replace(stays, leaf=1))
    store.purge(NOW)
    assert store.openings() == (replace(stays, leaf=1),)


def test_one_opening_and_the_newest_leaf_are_found_without_reading_all(store):
    """None where there is none."""
    first, second = Opening(b"1" * 32, b"x", None, False, NOW), Opening(b"2" * 32, b"y", None, False, NOW)
    assert (store.newest_leaf(), store.opening(0)) == (None, None)
    store.add_openings([first, second])
    assert (store.newest_leaf(), store.opening(0)) == (None, None)
    store.set_leaves({first.commitment: 7, second.commitment: 3})
    assert (store.newest_leaf(), store.opening(3), store.opening(4)) == (7, replace(second, leaf=3), None)


def end(n, place="lobby"):
    return TrackEnded(at=NOW, camera="c", place=place, outcome="unknown", reason="nobody_alike", seconds=n)


def test_ends_of_tracks_are_kept_in_order_until_they_die(store):
    """As they were told, without anybody's id: the event has no field for one."""
    store.add_track_ends([end(0), end(1, None)], NOW + timedelta(hours=1))
    store.add_track_ends([end(2)], NOW + timedelta(hours=2))
    assert store.track_ends() == (end(0), end(1, None), end(2))
    assert store.purge(NOW + timedelta(hours=1) - timedelta(microseconds=1)) == 0
    assert len(store.track_ends()) == 3
    store.purge(NOW + timedelta(hours=1))
    assert store.track_ends() == (end(2),)


HOUR = NOW.replace(minute=0, second=0, microsecond=0)
COUNT = HourCount(LOBBY, CameraId("c"), HOUR, "unknown", 2)


def test_counts_of_one_hour_add_up(store):
    """By place, camera, hour and outcome; in one transaction with the ends that they count."""
    others = [
        replace(COUNT, place=PlaceId("yard")),
        replace(COUNT, camera=CameraId("d")),
        replace(COUNT, hour=HOUR + timedelta(hours=1)),
        replace(COUNT, outcome="known"),
    ]
    store.add_track_ends([end(1)], NOW, [COUNT, *others])
    store.add_track_ends([], NOW, [replace(COUNT, count=5)])
    found = store.hour_counts(HOUR, HOUR + timedelta(hours=2))
    assert sorted(found, key=str) == sorted([replace(COUNT, count=7), *others], key=str)
    assert store.hour_counts(HOUR + timedelta(hours=1), HOUR + timedelta(hours=2)) == (others[2],)
    assert store.hour_counts(HOUR - timedelta(hours=1), HOUR) == ()


def test_counts_die_after_90_days(store):
    """Counted from the beginning of their hour."""
    store.add_track_ends([], NOW, [COUNT])
    days = timedelta(days=90)
    store.purge(HOUR + days - timedelta(microseconds=1))
    assert store.hour_counts(HOUR, NOW) == (COUNT,)
    store.purge(HOUR + days)
    assert store.hour_counts(HOUR, NOW) == ()


ZONE = Zone(((0.0, 0.0), (0.3, 0.0), (0.3, 1.0)))
CAMERA = SealedCamera(Camera(CameraId("door"), LOBBY, NOW, zones=(ZONE, ZONE)), b"sealed address")


def test_a_camera_is_read_as_it_was_stored_and_as_it_was_changed(store):
    """The address stays when the rest is changed."""
    store.add_camera(CAMERA)
    store.add_camera(replace(CAMERA, camera=replace(CAMERA.camera, id=CameraId("a"), zones=())))
    assert store.cameras()[1] == CAMERA
    assert [each.camera.id for each in store.cameras()] == ["a", "door"]
    changed = replace(CAMERA.camera, place=PlaceId("yard"), paused=True, record=True, zones=(ZONE,))
    store.change_camera(changed)
    assert store.cameras()[1] == replace(CAMERA, camera=changed)


def test_a_camera_is_added_once(store):
    """A name is never taken over."""
    store.add_camera(CAMERA)
    with pytest.raises(ConsentError):
        store.add_camera(replace(CAMERA, sealed=b"another"))
    assert store.cameras() == (CAMERA,)


def test_a_camera_that_is_being_removed_has_no_address(store):
    """And then is gone."""
    store.add_camera(CAMERA)
    store.begin_camera_removal(CAMERA.camera.id, 4)
    assert store.cameras() == (replace(CAMERA, sealed=None, removal=4),)
    store.delete_camera(CAMERA.camera.id)
    assert store.cameras() == ()


def test_every_change_of_cameras_raises_their_revision_and_nothing_else_does(ann):
    """Nor do they raise the revision of people: galleries are not rebuilt for a camera."""
    people, seen = ann.revision(), [ann.cameras_revision()]
    for change in (
        lambda: ann.add_camera(CAMERA),
        lambda: ann.change_camera(replace(CAMERA.camera, paused=True)),
        lambda: ann.begin_camera_removal(CAMERA.camera.id, 1),
        lambda: ann.delete_camera(CAMERA.camera.id),
    ):
        change()
        seen.append(ann.cameras_revision())
    assert seen == sorted(set(seen))
    assert ann.revision() == people
    ann.set_grant_states({GRANT.id: GrantState.PAUSED})
    assert ann.cameras_revision() == seen[-1]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    st.lists(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=5), max_size=3),
)
def test_any_camera_is_read_as_it_was_stored(store, moment, zones):
    """To the microsecond, and to the last bit of a corner."""
    camera = Camera(CameraId("any"), LOBBY, moment, zones=tuple(Zone(tuple(corners)) for corners in zones))
    store.delete_camera(camera.id)
    store.add_camera(SealedCamera(camera, b"x"))
    assert store.cameras() == (SealedCamera(camera, b"x"),)


def test_an_opening_that_is_there_stays_as_it_is(store):
    """So that a fact that is announced twice keeps its leaf."""
    first = Opening(b"c" * 32, b"body", None, False, NOW, leaf=None)
    store.add_openings([first])
    store.set_leaves({first.commitment: 7})
    store.add_openings([replace(first, body=b"another")])
    assert store.openings() == (replace(first, leaf=7),)
    store.set_noted({first.commitment: 3})
    assert store.noted_of([first.commitment, b"d" * 32]) == {first.commitment: 3}
