"""Who is enrolled as a dependent, with what and when; and what happens to them on the day of majority."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from beholden.acts.grants.invite import invite_all
from beholden.acts.grants.reference import Reference
from beholden.acts.guardians.ask import ask, list_guarded
from beholden.acts.guardians.enrol_dependent import accept_for, enrol_dependent, refuse_dependent
from beholden.acts.guardians.majority import come_of_age_all, pass_minutes
from beholden.acts.guardians.seen import approve
from beholden.consent.life import Over
from beholden.consent.registry import SubjectState
from beholden.model.errors import DataFolderError, InputError, PolicyRefused
from beholden.model.grant import Purpose
from beholden.model.ids import GrantId, SubjectId
from beholden.storage.memory import MemoryStore
from tests.acts.guarding import CARE, DEFAULT, KIM, Home
from tests.acts.houses import TOKEN, invitee, live_office
from tests.acts.oversight import World
from tests.acts.test_accounts import refusal
from tests.acts.words import lines, said_by
from tests.people import MODEL, office_of, vector

SOON, MIDNIGHT = date(2026, 12, 24), datetime(2026, 12, 23, 23, tzinfo=UTC)
KIT = SubjectId("s_kit")
NOT_ENROLLED = "a guardian agrees beforehand: for somebody who was invited, and is not enrolled"
LIST = "List them with `beholden guardian list`."


@pytest.fixture
def home(keystore, log, clock):
    return Home(World(office_of(MemoryStore(rehearsal=False), keystore, log, clock), clock))


@pytest.fixture
def playing(keystore, log, clock):
    """A rehearsal with Kim and Kit, who were invited for care and photos."""
    office = live_office(MemoryStore(), keystore, log, clock)
    for name in ("Kim", "Kit"):
        invite_all(office, (invitee(name, f"token of {name}", (Purpose.CARE, Purpose.PHOTOS)),))
    return office


def reference():
    return Reference(vector(1), MODEL, 0.8, 3)


def asked(office, grant, subject=KIM, purpose=Purpose.CARE, seen=True, **changes):
    """One guardian, who plays everybody."""
    places = DEFAULT.places if purpose is Purpose.CARE else frozenset()
    wish = replace(DEFAULT, grant=GrantId(grant), subject=subject, purpose=purpose, places=places, **changes)
    ask(office, replace(wish, guardians=("Mother",)), None, "Mother")
    if seen:
        approve(office, GrantId(grant))
    return GrantId(grant)


# -- enrolling a dependent


def test_what_can_be_refused_before_any_photo_is_read(playing):
    """In the order in which it is found; for a grant that counts, nothing is."""
    good, other = asked(playing, "g_1"), asked(playing, "g_2", KIT)
    unseen = asked(playing, "g_3", purpose=Purpose.PHOTOS, seen=False)
    for grants, words in (
        ((), (InputError, "no grant was named", "`beholden guardian list` shows their ids.")),
        ((GrantId("g_x"),), (InputError, "no guardian asked for 'g_x'", LIST)),
        ((good, other), (PolicyRefused, "these grants are not for one person, whom this is about", None)),
        ((good, unseen), (PolicyRefused, "photos: no outside approver has seen the authority", None)),
    ):
        for act in (refuse_dependent, lambda *those: enrol_dependent(*those, reference())):
            kind, message, advice = said_by(lambda act=act, grants=grants: act(playing, grants))
            assert (kind, message, advice if words[2] else None) == words
    assert refuse_dependent(playing, (good,)) is None
    assert playing.store.subject(KIM).state is SubjectState.INVITED
    enrol_dependent(playing, (good, good), reference())
    assert refusal(lambda: refuse_dependent(playing, (good,))) == NOT_ENROLLED


def test_whoever_is_enrolled_as_a_dependent_is_that_once_and_with_nothing_more_later(playing):
    """The same call again is the same enrolment; another grant is too late."""
    first, second = asked(playing, "g_1"), asked(playing, "g_2", purpose=Purpose.PHOTOS)
    made = enrol_dependent(playing, (first,), reference())
    assert (made.subject, [each.id for each in made.grants], made.quality, made.shots) == (KIM, [first], 0.8, 3)
    assert enrol_dependent(playing, (first,), reference()) == made
    assert refusal(lambda: enrol_dependent(playing, (first, second), reference())) == NOT_ENROLLED
    assert [about for about, _ in lines(playing, "granted")] == [KIM]


def test_a_link_is_for_the_grants_of_whom_it_was_sent_to(home):
    """Neither without any, nor with those of somebody else."""
    home.agreed()
    invite_all(home.office, (invitee("Kit", "another token", (Purpose.CARE,)),))
    for token, grants in ((TOKEN, ()), ("another token", (CARE,))):
        assert refusal(lambda token=token, grants=grants: accept_for(home.office, token, grants, reference())) == (
            "these grants are not for one person, whom this is about"
        )


# -- majority


def test_whoever_comes_of_age_keeps_no_other_waiting(playing, clock):
    """In the order of grants: one who is young, one whose record fails, one who is of age."""
    asked(playing, "g_1")
    ends = asked(playing, "g_2", KIT, majority=SOON)
    enrol_dependent(playing, (ends,), reference())
    clock.now = MIDNIGHT - timedelta(microseconds=1)
    assert come_of_age_all(playing) == 0
    clock.now = MIDNIGHT
    assert come_of_age_all(playing) == 1
    assert come_of_age_all(playing) == 0
    assert [each.grant for each in list_guarded(playing)] == ["g_1"]
    assert playing.store.subject(KIT).state is SubjectState.WITHDRAWN


def test_what_fails_for_one_who_came_of_age_is_told_when_all_others_are_done(playing, clock, monkeypatch):
    """And the lives of other grants go on, too."""
    for grant, subject in (("g_1", KIM), ("g_2", KIT)):
        enrol_dependent(playing, (asked(playing, grant, subject, majority=SOON),), reference())
    whole = playing.store.drop_kept

    def drop(kind, ids):
        if "g_1" in ids:
            raise DataFolderError("no room")
        whole(kind, ids)

    monkeypatch.setattr(playing.store, "drop_kept", drop)
    clock.now = MIDNIGHT
    with pytest.raises(DataFolderError, match="no room"):
        pass_minutes(playing)
    assert {each.state for each in playing.store.subjects()} == {SubjectState.WITHDRAWN}
    assert len(lines(playing, "forgotten")) == 2


def test_a_minute_counts_who_came_of_age_and_what_was_asked(playing, clock):
    """Kit is of age; Kim's guardian is asked whether it is still a yes."""
    enrol_dependent(playing, (asked(playing, "g_1"),), reference())
    asked(playing, "g_2", KIT, majority=SOON)
    clock.now = MIDNIGHT
    assert [pass_minutes(playing) for _ in range(2)] == [2, 0]


def test_a_grant_that_ends_with_majority_while_another_goes_on_is_told_alone(playing, clock):
    """Its leaf says why; the template stays, and so does the other grant."""
    ends = asked(playing, "g_1", majority=SOON)
    goes_on = asked(playing, "g_2", purpose=Purpose.PHOTOS)
    enrol_dependent(playing, (ends, goes_on), reference())
    assert playing.store.standings(KIM)[ends].met_at == MIDNIGHT
    clock.now = MIDNIGHT
    assert come_of_age_all(playing) == 1
    assert lines(playing, "grant_ended") == [(KIM, {"subject": KIM, "grant": "g_1", "why": "of_age"})]
    assert {grant: each.over for grant, each in playing.store.standings(KIM).items()} == {
        ends: Over.OF_AGE,
        "g_2": None,
    }
    assert len(playing.store.snapshot().templates) == 1
    assert lines(playing, "overseen", "came_of_age") == [
        (KIM, {"about": "g_1", "subject": KIM, "by": [], "detail": ""})
    ]
