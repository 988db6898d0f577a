"""A guardian's grant: who must say yes, who saw the paper, and what ends or suspends it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.consent.oversight.accounts import PersonId, Role
from beholden.consent.oversight.guardians import (
    Authority,
    Guardianship,
    approve,
    ask,
    authority_of,
    come_of_age,
    decline,
    dispute,
    of_age_at,
    person_says,
    request_of,
    say,
    settle,
)
from beholden.consent.oversight.steps import Fact, Happened, Notice, Refused, Step
from beholden.model.grant import Purpose
from tests.consent.oversight.world import ANNA, HOUR, MOTHER, NOW, SUBJECT, TICK, account, approved, directory

FATHER, AUNT = PersonId("father"), PersonId("aunt")
PAPER, OTHER_PAPER = b"Custody of both parents, born 1 April 2012", b"Custody of the mother alone"
MAJORITY = date(2030, 4, 1)
BOTH = authority_of({MOTHER, FATHER}, MAJORITY, PAPER)
MOTHERS = authority_of({MOTHER}, MAJORITY, OTHER_PAPER)
WORLD = directory()


def asked(authority=BOTH, purpose=Purpose.CARE, by=MOTHER, refused=False, now=NOW, zone="Europe/Berlin", person=ANNA):
    return ask("g_1", SUBJECT, person, purpose, authority, zone, by, refused, now)


def state(step) -> Guardianship:
    assert isinstance(step, Step), step
    return step.state


def approving(grant, *names, authority=None, requester="olga", apart=()):
    request = request_of(grant, authority or grant.authority, requester, NOW, apart)
    return request, approved(request, *(names or ("uwe",)), world=WORLD)


def seen(grant, now=NOW):
    return approve(grant, *approving(grant), WORLD, now)


def whole() -> Guardianship:
    return state(seen(state(say(state(asked()), FATHER, True, NOW))))


@pytest.mark.parametrize("purpose", Purpose)
def test_a_guardian_opens_only_care_photos_and_find_me(purpose):
    """The others are the person's alone."""
    step = asked(purpose=purpose)
    if purpose in (Purpose.CARE, Purpose.PHOTOS, Purpose.FIND_ME):
        assert isinstance(step, Step)
    else:
        assert step == Refused(f"a guardian cannot grant {purpose}")


def test_asking_tells_the_person_and_the_other_guardian_and_logs_a_digest():
    """Nothing of the paper is in what is logged, told or kept."""
    step = asked()
    assert isinstance(step, Step)
    assert step.facts == (Fact(NOW, Happened.GUARDIAN_ASKED, "g_1", SUBJECT, (MOTHER,), BOTH.evidence),)
    assert step.notices == (
        Notice(SUBJECT, "A guardian asks to let you be recognised for care. You can refuse, at any age.", NOW),
        Notice(FATHER, "Do you agree to care, too? Without your yes it does not begin.", NOW),
    )
    everything = repr([step, *(request_of(step.state, BOTH, "olga", NOW).particulars)])
    assert len(BOTH.evidence) == 64
    assert BOTH.evidence in everything
    assert not any(word in everything for word in ("Custody", "2012", "born"))


@pytest.mark.parametrize(
    ("asking", "reason"),
    [
        ({"by": AUNT}, "whoever asks is no guardian by this authority"),
        ({"by": ANNA, "authority": authority_of({ANNA}, MAJORITY, PAPER)}, "nobody is their own guardian"),
        ({"refused": True}, "the person refused"),
        ({"now": of_age_at(MAJORITY, "Europe/Berlin")}, "the person is of age, and decides alone"),
    ],
)
def test_who_may_not_ask(asking, reason):
    """And whose refusal from before still counts."""
    assert asked(**asking) == Refused(reason)


def test_it_counts_when_every_guardian_agreed_and_an_outside_approver_saw_the_authority():
    """In this order or the other; each step alone is not enough, and says what is missing."""
    first = state(asked())
    assert first.why_not(NOW) == "not every guardian has said yes"
    agreed = state(say(first, FATHER, True, NOW))
    assert agreed.why_not(NOW) == "no outside approver has seen the authority"
    assert state(seen(first)).why_not(NOW) == "not every guardian has said yes"
    assert state(seen(agreed)).why_not(NOW) is None
    assert state(say(state(seen(first)), FATHER, True, NOW)).why_not(NOW) is None
    assert state(seen(state(asked(MOTHERS)))).why_not(NOW) is None


def test_one_yes_and_one_no_is_no():
    """Whichever of them, before or after; and whoever said no may change their mind."""
    grant = whole()
    for guardian in (MOTHER, FATHER):
        no = state(say(grant, guardian, False, NOW))
        assert no.why_not(NOW) == "one of the guardians said no"
        assert state(say(no, guardian, True, NOW)) == grant
    step = say(grant, FATHER, False, NOW)
    assert isinstance(step, Step)
    assert step.facts == (Fact(NOW, Happened.GUARDIAN_SAID_NO, "g_1", SUBJECT, (FATHER,)),)
    assert step.notices == tuple(Notice(to, "A guardian said no to care.", NOW) for to in (SUBJECT, MOTHER))
    yes = say(step.state, FATHER, True, NOW)
    assert isinstance(yes, Step)
    assert yes.facts[0].what is Happened.GUARDIAN_SAID_YES
    assert yes.notices[0].text == "A guardian said yes to care."
    assert say(grant, AUNT, True, NOW) == Refused("whoever says so is no guardian by this authority")


def test_the_persons_own_refusal_blocks_at_any_age_and_only_their_yes_lifts_it():
    """Guardians and approvers may agree as they like."""
    step = person_says(whole(), False, NOW)
    assert step.facts == (Fact(NOW, Happened.PERSON_REFUSED, "g_1", SUBJECT, (ANNA,)),)
    assert step.notices == tuple(Notice(to, "The person refused: care.", NOW) for to in (FATHER, MOTHER))
    refused = step.state
    assert refused.why_not(NOW) == "the person refused"
    assert state(say(refused, MOTHER, True, NOW)).why_not(NOW) == "the person refused"
    assert seen(refused) == Refused("the person refused")
    disputed = state(dispute(refused, FATHER, OTHER_PAPER, NOW))
    settled = state(settle(disputed, MOTHERS, *approving(disputed, authority=MOTHERS), WORLD, NOW))
    assert settled.why_not(NOW) == "the person refused"
    back = person_says(refused, True, NOW)
    assert back.state == whole()
    assert (back.facts[0].what, back.notices[0].text) == (Happened.PERSON_AGREED, "The person agreed: care.")


def test_majority_ends_it_with_the_first_moment_of_its_day():
    """Where the person lives: midnight in Berlin, in summer time."""
    ends = datetime(2030, 3, 31, 22, tzinfo=UTC)
    grant = whole()
    assert grant.why_not(ends - TICK) is None
    assert grant.why_not(ends) == "the person is of age, and decides alone"
    assert say(grant, MOTHER, True, ends) == Refused("the person is of age, and decides alone")
    assert seen(grant, ends) == Refused("the person is of age, and decides alone")


@pytest.mark.parametrize(
    ("day", "zone", "begins"),
    [
        (date(2026, 11, 23), "UTC", datetime(2026, 11, 23, tzinfo=UTC)),
        (date(2026, 11, 23), "Pacific/Auckland", datetime(2026, 11, 22, 11, tzinfo=UTC)),
        (date(2023, 4, 28), "Africa/Cairo", datetime(2023, 4, 27, 22, tzinfo=UTC)),  # there is no midnight
        (date(2026, 11, 1), "America/Havana", datetime(2026, 11, 1, 4, tzinfo=UTC)),  # midnight comes twice
    ],
)
def test_a_day_begins_where_the_person_lives(day, zone, begins):
    """With the first of its moments, also where clocks jump at midnight."""
    assert of_age_at(day, zone) == begins


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("sam", "one of the approvers must be of an organisation of its own"),
        ("paul", "police and other authorities neither ask nor approve here"),
        ("audrey", "the account is not an approver"),
        ("mother", "an approver has a personal link to whom this is about"),
        ("aunt", "an approver has a personal link to whom this is about"),
        ("annas", "an approver has a personal link to whom this is about"),
        ("uwe", None),
        ("wanda", None),
    ],
)
def test_an_approver_of_another_organisation_sees_the_authority(name, reason):
    """No guardian, no relative, not the person."""
    relatives = (account("mother", "shelter"), account("aunt", "union"), account("annas", "union", person=ANNA))
    world, grant = directory(*relatives), state(asked())
    request = request_of(grant, BOTH, "olga", NOW, {AUNT})
    step = approve(grant, request, approved(request, name, world=world), world, NOW)
    assert (step.reason if isinstance(step, Refused) else None) == reason
    if reason is None:
        assert step.facts == (Fact(NOW, Happened.GUARDIAN_APPROVED, "g_1", SUBJECT, (name,), BOTH.evidence),)
        text = "An approver of another organisation has seen your guardians' authority for care."
        assert step.notices == (Notice(SUBJECT, text, NOW),)
        assert step.state == replace(grant, approved_by=name)


def test_neither_the_place_nor_a_guardians_own_organisation_is_outside():
    """Whoever of the guardians asks; somebody else's yes beside theirs counts."""
    family = (account("mother", "home", Role.SUBJECT), account("father", "union", Role.SUBJECT))
    world, grant = directory(*family), state(asked())
    request = request_of(grant, BOTH, "father", NOW)
    for names in (("sam",), ("uwe",), ("sam", "uwe")):
        step = approve(grant, request, approved(request, *names, world=world), world, NOW)
        assert step == Refused("one of the approvers must be of an organisation of its own")
    assert state(approve(grant, request, approved(request, "sam", "wanda", world=world), world, NOW)).approved_by == (
        "wanda"
    )


def test_an_authority_that_was_refused_is_refused_for_every_approver():
    """Until a dispute is settled by another paper; who could not approve cannot refuse."""
    grant = whole()
    request, noes = approving(grant)
    step = decline(grant, request, noes, WORLD, NOW)
    assert isinstance(step, Step)
    why = "an outside approver refused the authority: ask anew, with a paper that shows it"
    assert (step.state.why_not(NOW), step.state.declined_by, step.state.approved_by) == (why, "uwe", None)
    assert step.facts == (Fact(NOW, Happened.AUTHORITY_DECLINED, "g_1", SUBJECT, ("uwe",), BOTH.evidence),)
    text = "An approver of another organisation refused the guardians' authority for care."
    assert step.notices == tuple(Notice(to, text, NOW) for to in (SUBJECT, FATHER, MOTHER))
    assert approve(step.state, *approving(step.state, "wanda"), WORLD, NOW) == Refused(why)
    inside = decline(grant, *approving(grant, "sam"), WORLD, NOW)
    assert inside == Refused("one of the approvers must be of an organisation of its own")
    assert decline(replace(grant, grant="g_2"), request, noes, WORLD, NOW) == Refused(
        "what was refused is another grant, or another authority"
    )
    disputed = state(dispute(step.state, MOTHER, OTHER_PAPER, NOW))
    assert decline(disputed, *approving(disputed), WORLD, NOW) == Refused(
        "custody is disputed: it is settled, or stays suspended"
    )
    assert state(settle(disputed, MOTHERS, *approving(disputed, authority=MOTHERS), WORLD, NOW)).declined_by is None


def test_everybody_is_told_on_the_day_of_majority():
    """And not before."""
    ends, grant = datetime(2030, 3, 31, 22, tzinfo=UTC), whole()
    assert come_of_age(grant, ends - TICK) is None
    step = come_of_age(grant, ends)
    assert step is not None
    assert step.facts == (Fact(ends, Happened.CAME_OF_AGE, "g_1", SUBJECT, ()),)
    text = "The guardians' grant of care is over: the person is of age, and decides alone."
    assert step.notices == tuple(Notice(to, text, ends) for to in (SUBJECT, FATHER, MOTHER))


@pytest.mark.parametrize(
    "other",
    [
        {"grant": "g_2"},
        {"subject": "s_other"},
        {"purpose": Purpose.PHOTOS},
        {"disputed": True},
        {"authority": MOTHERS},
        {"authority": replace(BOTH, evidence=MOTHERS.evidence)},
        {"authority": replace(BOTH, majority=date(2031, 4, 1))},
        {"authority": replace(BOTH, guardians=frozenset({MOTHER, FATHER, AUNT}))},
    ],
)
def test_an_approval_is_for_one_grant_under_one_authority(other):
    """What was signed for another is refused, whoever signed."""
    grant = state(asked())
    request, approvals = approving(replace(grant, **other))
    assert approve(grant, request, approvals, WORLD, NOW) == Refused(
        "what was approved is another grant, or another authority"
    )
    mine = request_of(grant, BOTH, "olga", NOW)
    assert approve(grant, mine, approvals, WORLD, NOW) == Refused("the approval is for another act")


def test_what_an_approver_signs_is_who_the_guardians_are_until_when_by_which_paper_for_what():
    """Word for word, and whether it settles a dispute."""
    grant = state(asked())
    words = (
        ("grant", "g_1"),
        ("purpose", "care"),
        ("evidence", BOTH.evidence),
        ("majority", "2030-04-01"),
        ("guardians", "father mother"),
    )
    request = request_of(grant, BOTH, "olga", NOW, {AUNT})
    assert request.particulars == (*words, ("disputed", "no"))
    assert (request.subject, request.apart) == (SUBJECT, {ANNA, AUNT, FATHER, MOTHER})
    disputed = request_of(replace(grant, disputed=True), BOTH, "olga", NOW)
    assert disputed.particulars == (*words, ("disputed", "yes"))
    assert hashlib.sha256(PAPER).hexdigest() == BOTH.evidence


def test_a_subjects_account_may_ask_for_the_approval():
    """A guardian need not go through the operator; a maintainer does not ask."""
    grant = state(asked())
    assert isinstance(approve(grant, *approving(grant, requester="anna"), WORLD, NOW), Step)
    refused = approve(grant, *approving(grant, requester="max"), WORLD, NOW)
    assert refused == Refused("only operator or subject asks for this")
    assert WORLD.accounts["anna"].roles == {Role.SUBJECT}


EVENTS = st.lists(
    st.tuples(st.sampled_from(("yes", "no", "refuse", "agree", "dispute", "settle", "approve")),
              st.sampled_from((MOTHER, FATHER, AUNT)), st.integers(0, 400)),
    max_size=15,
)  # fmt: skip


@given(EVENTS)
def test_in_any_history_it_counts_only_while_everything_that_must_be_so_is_so(events):
    """Against a plain list of what was said, by whom, and when."""
    grant, now, end = state(asked()), NOW, of_age_at(MAJORITY, "Europe/Berlin")
    said, guardians, refused, disputed, approved_once = {MOTHER: True}, {MOTHER, FATHER}, False, False, False
    for what, who, days in events:
        now += days * 24 * HOUR
        if what in ("yes", "no"):
            step = say(grant, who, what == "yes", now)
            if who in guardians and now < end:
                said[who] = what == "yes"
        elif what in ("refuse", "agree"):
            step, refused = person_says(grant, what == "agree", now), what == "refuse"
        elif what == "dispute":
            step, disputed = dispute(grant, who, OTHER_PAPER, now), True
        else:
            new = BOTH if what == "approve" else Authority(frozenset({who, MOTHER}), MAJORITY, MOTHERS.evidence)
            new = grant.authority if what == "approve" else new
            request = request_of(grant, new, "olga", now)
            given_ = approved(request, "uwe")
            if what == "approve":
                step = approve(grant, request, given_, WORLD, now)
                approved_once |= not (refused or disputed or now >= end)
            else:
                step = settle(grant, new, request, given_, WORLD, now)
                if disputed:
                    guardians, disputed, approved_once = {who, MOTHER}, False, True
                    said = {each: word for each, word in said.items() if each in guardians}
        grant = step.state if isinstance(step, Step) else grant
        counts = not refused and not disputed and approved_once and now < end
        assert (grant.why_not(now) is None) == (counts and all(said.get(each) is True for each in guardians))
