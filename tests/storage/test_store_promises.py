"""The promises of `acts.store.Store`, on SQLite and in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beholden.acts.store import Opening, SealedSighting
from beholden.consent.registry import Subject, SubjectState
from beholden.model.errors import ConsentError, UnknownSubject
from beholden.model.event import TrackEnded
from beholden.model.grant import Basis, Grant, GrantState, Hours, Purpose
from beholden.model.ids import GrantId, SightingId, SubjectId, new_grant_id, new_subject_id
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
    ann.put_sighting(SIGHTING)
    ann.add_openings([Opening(b"c", b"b", None, False, NOW)])
    assert ann.revision() == revision


def test_a_withdrawal_leaves_an_empty_record(ann):
    """No template, no name, no sighting; the grant says withdrawn, the leaf is kept."""
    ann.put_sighting(SIGHTING)
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
    ann.put_sighting(SIGHTING)
    ann.put_sighting(replace(SIGHTING, sealed=b"later"))
    assert ann.sightings() == (replace(SIGHTING, sealed=b"later"),)
    assert (ann.sightings(ANN), ann.sightings(BEN)) == (ann.sightings(), ())


@pytest.mark.parametrize("state", [SubjectState.WITHDRAWING, SubjectState.WITHDRAWN])
def test_a_sighting_of_somebody_who_left_is_refused(ann, state):
    """A running camera cannot write one after the withdrawal began."""
    ann.begin_withdrawal(ANN, 1)
    if state is SubjectState.WITHDRAWN:
        ann.end_withdrawal(ANN)
    with pytest.raises(ConsentError):
        ann.put_sighting(SIGHTING)
    with pytest.raises(ConsentError):
        ann.put_sighting(replace(SIGHTING, subject=BEN))


def test_sightings_die_at_their_moment(ann):
    """Not before; and the count says how many."""
    ann.put_sighting(SIGHTING)
    ann.put_sighting(replace(SIGHTING, id=SightingId("2"), dies_at=NOW + timedelta(hours=2)))
    assert ann.purge(SIGHTING.dies_at - timedelta(microseconds=1)) == 0
    assert ann.purge(SIGHTING.dies_at) == 1
    assert [sighting.id for sighting in ann.sightings()] == ["2"]


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


def test_track_ends_are_kept_in_order(store):
    """As they were told, without anybody's id: the event has no field for one."""
    events = tuple(
        TrackEnded(at=NOW, camera="c", place=place, outcome="unknown", reason="nobody_alike", seconds=n)
        for n, place in enumerate(("lobby", None))
    )
    for event in events:
        store.add_track_end(event)
    assert store.track_ends() == events
