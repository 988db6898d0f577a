"""What an operator says for somebody in a rehearsal, and in which words a live folder refuses each of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from beholden.acts.grants import rehearse
from beholden.acts.grants.enrol import Wish
from beholden.acts.grants.life import look_after
from beholden.acts.grants.pause import pause, resume
from beholden.acts.grants.rehearse import Stand
from beholden.acts.guardians.enrol_dependent import enrol_dependent, refuse_dependent
from beholden.acts.plans.own import Laid, answer_plan, lay_down
from beholden.consent.correction import Terms
from beholden.consent.life import Over, Unnamed
from beholden.model.errors import PolicyRefused, UnknownSubject
from beholden.model.grant import Purpose
from beholden.model.ids import GrantId, SubjectId
from beholden.storage.memory import MemoryStore
from tests.acts.houses import GATE, HOUSE, joined, live_office, standing
from tests.acts.words import said_by
from tests.people import LOBBY, NOW, enrolled

DAY = timedelta(days=1)
BOTH = Wish((Purpose.ENTRANCE, Purpose.PHOTOS), frozenset({LOBBY}), duration=30 * DAY)


@pytest.fixture
def playing(keystore, log, clock):
    return live_office(MemoryStore(), keystore, log, clock)


ONLY_THEY = {
    'say "still yes"': rehearse.confirm,
    "renew a grant": lambda *those: rehearse.renew(*those, 3),
    "correct what they agreed to": lambda *those: rehearse.correct(*those, Terms(frozenset({LOBBY}))),
    "take back what they agreed to as if it had never been said": rehearse.cancel,
    "end a pause": resume,
    "lay down a find-me plan": lambda office, subject, _: lay_down(office, Laid(subject)),
    "answer that they are safe": lambda office, subject, _: answer_plan(office, subject, "help"),
    "be enrolled: a dependent is captured live, and photos are for a rehearsal": (
        lambda office, _, grant: refuse_dependent(office, (grant,))
    ),
}


@pytest.mark.parametrize("what", ONLY_THEY)
def test_what_only_the_person_can_do_is_refused_by_its_name(keystore, log, clock, what):
    """With what an operator may do instead."""
    office = live_office(MemoryStore(rehearsal=False), keystore, log, clock)
    [grant] = joined(office).grants
    assert said_by(lambda: ONLY_THEY[what](office, grant.subject, grant.id)) == (
        PolicyRefused,
        f"only the person can {what}: nobody speaks for them here",
        "An operator can pause or withdraw for them, which takes away and never gives.",
    )


def test_a_dependent_is_not_enrolled_by_photos_in_a_live_folder_either(keystore, log, clock):
    """Whoever did not ask before is refused all the same, before any grant is looked for."""
    office = live_office(MemoryStore(rehearsal=False), keystore, log, clock)
    kind, message, _ = said_by(lambda: enrol_dependent(office, (), None))
    assert (kind, message.startswith("only the person can be enrolled: a dependent is captured live")) == (
        PolicyRefused,
        True,
    )


def test_how_a_grant_stands_is_told_in_full(playing, clock):
    """Why nobody is named under it, since when it is asked about, and when it is over, or was."""
    ann = enrolled(playing, "Ann", 1, BOTH)
    entrance, photos = ann.grants
    assert set(rehearse.stands(playing, ann.subject)) == {
        Stand(each, None, NOW, None, NOW + 30 * DAY, None, HOUSE.edition_of(each).digest) for each in ann.grants
    }
    clock.pass_by(days=1)
    pause(playing, ann.subject, entrance.id)
    rehearse.withdraw(playing, ann.subject, photos.id)
    told = {each.grant.id: each for each in rehearse.stands(playing, ann.subject)}
    first, second = told[entrance.id], told[photos.id]
    assert (first.unnamed, first.over, first.over_at) == (str(Unnamed.PAUSED), None, NOW + 30 * DAY)
    assert (second.unnamed, second.over, second.over_at) == (str(Unnamed.OVER), str(Over.WITHDRAWN), NOW + DAY)


def test_since_when_it_is_asked_about_is_told_until_they_say_yes(playing, clock):
    """A month after they began."""
    ann = enrolled(playing, "Ann", 1, Wish((Purpose.ENTRANCE,), frozenset({LOBBY})))
    clock.pass_by(days=30)
    assert look_after(playing) == 1
    clock.pass_by(days=1)
    assert rehearse.stands(playing, ann.subject)[0].asked_at == NOW + 30 * DAY
    rehearse.confirm(playing, ann.subject, ann.grants[0].id)
    [stand] = rehearse.stands(playing, ann.subject)
    assert (stand.asked_at, stand.confirmed_at) == (None, clock.now)


def test_a_renewal_is_for_as_long_as_was_said_and_else_the_longest(playing, clock):
    """From now."""
    [grant] = enrolled(playing, "Ann", 1).grants
    clock.pass_by(days=1)
    for days, ends in ((40, 40), (None, 365)):
        rehearse.renew(playing, grant.subject, grant.id, days)
        assert standing(playing, grant).ends_at == clock.now + ends * DAY


def test_what_has_not_begun_is_taken_back(playing):
    """As if it had never been said: it was the last, so everything goes."""
    later = Wish((Purpose.ENTRANCE,), frozenset({LOBBY}), starts_at=NOW + 10 * DAY)
    [grant] = enrolled(playing, "Ann", 1, later).grants
    rehearse.cancel(playing, grant.subject, grant.id)
    assert standing(playing, grant).over is Over.CANCELLED
    assert playing.store.snapshot().templates == ()


@pytest.mark.parametrize(
    "call",
    [rehearse.confirm, lambda *those: rehearse.renew(*those, 3), ONLY_THEY["correct what they agreed to"]],
)
def test_a_grant_that_is_not_theirs_is_no_grant_of_theirs(playing, call):
    """And nobody has none."""
    ann, ben = enrolled(playing, "Ann", 1), enrolled(playing, "Ben", 2)
    _, message, _ = said_by(lambda: call(playing, ann.subject, ben.grants[0].id))
    assert message == f"{ann.subject} has no grant {ben.grants[0].id}"
    with pytest.raises(UnknownSubject):
        call(playing, SubjectId("s_nobody"), GrantId("g_1"))


def test_the_notice_is_read_for_these_purposes_at_those_places(playing):
    """Another place is another text."""
    texts = [rehearse.read_notice(playing, (Purpose.ENTRANCE,), (place,)) for place in (LOBBY, GATE)]
    assert texts == [HOUSE.notice((Purpose.ENTRANCE,), (place,)).text() for place in (LOBBY, GATE)]
    assert len(set(texts)) == 2
