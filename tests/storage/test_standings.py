"""Where grants stand, links and the known time: as they were put, on every store; and folders of before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from beholden.acts.store_life import Counted, Sent
from beholden.consent.invitation import Invitation, Offer
from beholden.consent.known_time import KnownTime
from beholden.consent.life import UNREAD, Over, Question, Standing, Step, due
from beholden.consent.notice import Edition
from beholden.consent.registry import SubjectState
from beholden.model.errors import ConsentError, DataFolderError
from beholden.model.grant import GrantState, Purpose
from beholden.model.ids import GrantId
from beholden.storage.database import Database
from beholden.storage.engine import create_database
from tests.people import LOBBY, NOW
from tests.storage.test_store_promises import ANN, BEN, GRANT, SUBJECT, TEMPLATE

DAY = timedelta(days=1)
READ = Edition("d" * 64, "r" * 64)
STANDING = Standing(Purpose.ENTRANCE, NOW, NOW, NOW + DAY, NOW, READ)
FULL = replace(
    STANDING,
    starts_at=NOW + DAY,
    ends_at=NOW + 2 * DAY,
    confirmed_at=NOW + timedelta(microseconds=1),
    asked_before=True,
    question=Question(NOW + DAY, Edition("a", "b"), reminded=True),
    paused_at=NOW + 3 * DAY,
    silent_at=NOW + 4 * DAY,
    met_at=NOW + 5 * DAY,
)
OTHER = replace(GRANT, id=GrantId("g_2"), purpose=Purpose.CARE)
MADE = Invitation(Offer("", (Purpose.CARE, Purpose.PHOTOS), frozenset({LOBBY})), "f" * 64, NOW, NOW + 14 * DAY)
INVITED = replace(SUBJECT, state=SubjectState.INVITED)


@pytest.fixture
def ann(store):
    store.add_enrolment(SUBJECT, [GRANT, OTHER], TEMPLATE, {GRANT.id: STANDING})
    return store


def over(standing=STANDING, why=Over.ENDED):
    return replace(standing, over_at=NOW + DAY, over=why)


def test_a_standing_is_read_as_it_was_put(ann):
    """Every field, to the microsecond; the grant begins and ends with it, and the revision rises."""
    assert ann.standings()[GRANT.id] == STANDING
    revision = ann.revision()
    ann.set_standings({GRANT.id: FULL})
    assert ann.standings(ANN)[GRANT.id] == ann.snapshot().standings[GRANT.id] == FULL
    changed = {grant.id: grant for grant in ann.grants(ANN)}[GRANT.id]
    assert (changed.starts_at, changed.ends_at) == (FULL.starts_at, FULL.ends_at)
    assert ann.revision() > revision
    assert ann.standings(BEN) == {}


@pytest.mark.parametrize("why", list(Over))
def test_why_it_is_over_is_kept(ann, why):
    """By its name."""
    ann.set_standings({GRANT.id: over(why=why)})
    assert ann.standings()[GRANT.id] == over(why=why)


def test_a_grant_that_nothing_was_put_for_is_one_of_before(ann):
    """Confirmed when it began, of a notice that nobody knows."""
    standing = ann.standings()[OTHER.id]
    assert (standing.read, standing.confirmed_at, standing.ends_at) == (UNREAD, OTHER.starts_at, OTHER.ends_at)
    assert Step.ASK in due(standing, NOW, READ).steps


@pytest.mark.parametrize(
    ("standing", "state"),
    [
        (STANDING, GrantState.ACTIVE),
        (replace(STANDING, paused_at=NOW), GrantState.PAUSED),
        (replace(STANDING, silent_at=NOW), GrantState.PAUSED),
        (over(), GrantState.WITHDRAWN),
    ],
)
def test_the_state_follows_the_standing(ann, standing, state):
    """So that whoever looks at the grant alone sees it too."""
    ann.set_standings({GRANT.id: standing})
    assert {grant.id: grant.state for grant in ann.grants(ANN)}[GRANT.id] is state


def test_a_template_rests_on_another_grant_when_its_own_is_over(ann):
    """Never on one that is over while there is another."""
    ann.set_standings({GRANT.id: over()})
    assert [template.grant for template in ann.snapshot().templates] == [OTHER.id]


def test_the_last_grant_is_held_until_the_template_is_gone(ann):
    """It is stopped, and withdrawn only after."""
    ann.set_standings({GRANT.id: over(), OTHER.id: over(replace(STANDING, purpose=Purpose.CARE))})
    states = {grant.id: grant.state for grant in ann.grants(ANN)}
    assert GrantState.ACTIVE not in states.values()
    assert len(ann.snapshot().templates) == 1
    ann.begin_withdrawal(ANN, 1)
    ann.delete_templates(ANN)
    ann.strip(ANN)
    assert {grant.state for grant in ann.grants(ANN)} == {GrantState.WITHDRAWN}


def test_a_withdrawal_begins_together_with_the_ends_of_its_grants(ann):
    """One transaction."""
    ann.begin_withdrawal(ANN, 7, {GRANT.id: over()})
    assert (ann.standings()[GRANT.id], ann.subject(ANN).withdrawal) == (over(), 7)


def test_terms_are_changed_together_with_what_is_added(ann):
    """Places, hours and the box; nothing else of the grant."""
    new = replace(GRANT, id=GrantId("g_3"))
    less = replace(GRANT, places=frozenset(), hours=None, recordings=False, purpose=Purpose.CARE)
    ann.change_terms(less, {GRANT.id: STANDING, new.id: FULL}, (new,))
    held = {grant.id: grant for grant in ann.grants(ANN)}
    assert held[GRANT.id] == replace(less, purpose=GRANT.purpose)
    assert ann.standings()[new.id] == FULL
    with pytest.raises(ConsentError):
        ann.change_terms(GRANT, {}, (new,))
    assert {grant.id: grant for grant in ann.grants(ANN)}[GRANT.id].places == frozenset()


def test_links_are_read_as_they_were_put_and_without_a_name(store):
    """Purposes in order; a name that came with one is not kept."""
    named = replace(MADE, offer=replace(MADE.offer, label="Ann"))
    store.add_invitations([INVITED], [Sent(ANN, named)])
    assert store.invitations() == (Sent(ANN, MADE),)
    read = replace(MADE, read="e" * 64, revoked_at=NOW)
    store.change_invitation(read)
    assert store.invitations() == (Sent(ANN, read),)


def test_links_are_put_all_or_none(store):
    """A subject that is there already."""
    store.add_invitations([INVITED], [Sent(ANN, MADE)])
    ben = replace(INVITED, id=BEN)
    with pytest.raises(ConsentError):
        store.add_invitations([ben, INVITED], [Sent(BEN, replace(MADE, token_hash="e" * 64))])
    assert (store.subjects(), len(store.invitations())) == ((INVITED,), 1)


@pytest.mark.parametrize("before", [{"used_at": NOW}, {"revoked_at": NOW}, None])
def test_a_link_is_used_once_and_not_after_it_was_taken_back(store, before):
    """Nobody is enrolled then."""
    if before is not None:
        store.add_invitations([INVITED], [Sent(ANN, replace(MADE, **before))])
    else:
        store.add_invitations([INVITED], [])
    with pytest.raises(ConsentError, match="link"):
        store.add_enrolment(SUBJECT, [GRANT], TEMPLATE, {}, replace(MADE, used_at=NOW))
    assert (store.grants(ANN), store.subject(ANN).state) == ((), SubjectState.INVITED)


def test_using_a_link_says_when_and_what_was_read(store):
    """And who withdraws leaves none."""
    store.add_invitations([INVITED], [Sent(ANN, MADE)])
    used = replace(MADE, read="e" * 64, used_at=NOW + DAY)
    store.add_enrolment(SUBJECT, [GRANT], TEMPLATE, {GRANT.id: STANDING}, used)
    assert (store.invitations(), store.standings()[GRANT.id]) == ((Sent(ANN, used),), STANDING)
    store.begin_withdrawal(ANN, 1)
    store.delete_templates(ANN)
    store.strip(ANN)
    assert store.invitations() == ()


def test_the_known_time_is_one(store):
    """As it was last put."""
    assert store.known_time() is None
    for counted in (
        Counted(KnownTime(NOW, NOW - DAY, certain=False), "boot", 2**45),
        Counted(KnownTime(NOW + DAY, NOW)),
    ):
        store.put_known_time(counted)
        assert store.known_time() == counted


def test_a_folder_of_before_is_brought_up_with_its_grants(new):
    """From 0005, with somebody enrolled: they stay, and are asked; their template stays."""
    rows = (
        "INSERT INTO folder (id, rehearsal, created_at) VALUES ('f', TRUE, 0)",
        "INSERT INTO subjects (id, state, created_at) VALUES ('s_ann', 'enrolled', 0)",
        "INSERT INTO grants (id, subject, purpose, basis, places, starts_at, ends_at, state, recordings) VALUES"
        " ('g_1', 's_ann', 'entrance', 'consent', '[\"lobby\"]', 1000000, 86400000000, 'active', FALSE),"
        " ('g_2', 's_ann', 'photos', 'consent', '[]', 1000000, 86400000000, 'paused', FALSE),"
        " ('g_3', 's_ann', 'care', 'consent', '[]', 1000000, 86400000000, 'withdrawn', FALSE)",
        "INSERT INTO templates (subject, grant_id, sealed, model, captured_at, quality, shots)"
        " VALUES ('s_ann', 'g_1', '', 'aa', 0, 0.5, 1)",
    )
    create_database(new, "0005", lambda c: [c.execute(text(row)) for row in rows]).dispose()
    with Database.open(new) as opened:
        standings = opened.standings()
        assert {each.read for each in standings.values()} == {UNREAD}
        assert [standings[GrantId(each)].over for each in ("g_1", "g_2", "g_3")] == [None, None, Over.WITHDRAWN]
        assert standings[GrantId("g_2")].paused_at == standings[GrantId("g_1")].confirmed_at
        assert (len(opened.snapshot().templates), opened.invitations(), opened.known_time()) == (1, (), None)


def test_a_standing_that_no_beholden_wrote_is_damage(database):
    """Exit code 6, and no foreign error."""
    database.add_enrolment(SUBJECT, [GRANT], TEMPLATE, {GRANT.id: STANDING})
    for wrong in ("{}", "[]", '{"question": 3}', "nonsense"):
        with database._writing() as connection:
            connection.execute(text("UPDATE grants SET standing = :wrong"), {"wrong": wrong})
        with pytest.raises(DataFolderError, match="damaged"):
            database.standings()
