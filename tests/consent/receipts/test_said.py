"""A receipt does not contradict itself: each reason alone, and any history against a plain second model."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.consent.receipts.said import By, Change, Consent, Status, contradiction
from beholden.model.grant import Basis, GrantState
from tests.consent.receipts.examples import (
    CONSENT,
    CONTROLLER,
    DAY,
    ENDS,
    GIVEN,
    GRANT,
    HISTORY,
    ISSUED,
    NOTICE,
    RENEWED,
    SEAT,
)

YES, SILENCE, BACK, AGAIN = HISTORY
LATER = RENEWED + DAY
MOMENT = timedelta(microseconds=1)
SAYS_UNTIL = (Status.GIVEN, Status.RENEWED, Status.CORRECTED)


def after(*history, state=GrantState.ACTIVE, basis=Basis.CONSENT, **changed):
    return replace(
        CONSENT, history=tuple(history), grant=replace(GRANT, state=state, basis=basis, ends_at=ENDS), **changed
    )


def only(status, by=By.PERSON, state=GrantState.ACTIVE):
    """A yes, and then this."""
    until = ENDS if status in SAYS_UNTIL else None
    return after(replace(YES, until=ENDS), Change(status, LATER, by, 9, until), state=state)


def test_the_example_is_sound():
    """Given, paused by silence, resumed, renewed."""
    assert contradiction(CONSENT, ISSUED) is None


@pytest.mark.parametrize(
    ("consent", "why"),
    [
        (after(), "a history begins with a yes"),
        (after(SILENCE), "a history begins with a yes"),
        (after(YES, replace(YES, until=ENDS)), "a grant is given once"),
        (after(YES, replace(AGAIN, at=GIVEN - MOMENT)), "what happened is told in the order in which it happened"),
        (
            after(YES, Change(Status.EXPIRED, LATER, By.RULE, 5), replace(AGAIN, at=LATER)),
            "nothing happens to a grant that is over",
        ),
        (
            after(YES, Change(Status.WITHDRAWN, LATER, By.PERSON, 5), replace(AGAIN, at=LATER)),
            "nothing happens to a grant that is over",
        ),
        (after(replace(YES, until=None)), "a yes says until when, and nothing else does"),
        (
            after(replace(YES, until=ENDS), replace(SILENCE, until=ENDS), state=GrantState.PAUSED),
            "a yes says until when, and nothing else does",
        ),
        (after(YES), "the grant ends when the last yes said"),
        (after(YES, replace(AGAIN, until=ENDS + MOMENT)), "the grant ends when the last yes said"),
        (only(Status.PAUSED), "a grant that was last paused is not active"),
        (only(Status.WITHDRAWN), "a grant that was last withdrawn is not active"),
        (only(Status.RESUMED, state=GrantState.PAUSED), "a grant that was last resumed is not paused"),
        (only(Status.RENEWED, state=GrantState.WITHDRAWN), "a grant that was last renewed is not withdrawn"),
        (after(replace(YES, until=ENDS), state=GrantState.PAUSED), "a grant that was last given is not paused"),
        (after(replace(YES, until=ENDS), notices=()), "a notice comes before the yes"),
        (
            after(replace(YES, until=ENDS), notices=(replace(NOTICE, shown_at=GIVEN + MOMENT),)),
            "a notice comes before the yes",
        ),
        (after(replace(YES, until=ENDS), basis=Basis.GUARDIAN), "who gave the grant is its basis"),
        (after(replace(YES, until=ENDS, by=By.GUARDIAN)), "who gave the grant is its basis"),
        (only(Status.PAUSED, By.GUARDIAN, GrantState.PAUSED), "only a guardian's grant is changed by a guardian"),
        (after(replace(YES, until=ENDS, by=By.RULE)), "no rule makes a grant given: people do"),
        (only(Status.RENEWED, By.RULE), "no rule makes a grant renewed: people do"),
        (only(Status.RESUMED, By.RULE), "no rule makes a grant resumed: people do"),
        (only(Status.WITHDRAWN, By.RULE, GrantState.WITHDRAWN), "no rule makes a grant withdrawn: people do"),
        (only(Status.EXPIRED, By.PERSON), "time ends a grant by a rule, not by somebody"),
    ],
)
def test_each_contradiction_has_its_reason(consent, why):
    """One thing is wrong in each."""
    assert contradiction(consent, LATER) == why


@pytest.mark.parametrize(
    "consent",
    [
        after(replace(YES, until=ENDS)),
        after(YES, replace(AGAIN, at=GIVEN)),
        after(replace(YES, until=ENDS), notices=(replace(NOTICE, shown_at=GIVEN),)),
        after(replace(YES, until=ENDS), notices=(NOTICE, replace(NOTICE, shown_at=LATER))),
        only(Status.PAUSED, By.RULE, GrantState.PAUSED),
        only(Status.PAUSED, By.PERSON, GrantState.PAUSED),
        only(Status.RENEWED, By.PERSON, GrantState.PAUSED),
        only(Status.WITHDRAWN, By.PERSON, GrantState.WITHDRAWN),
        only(Status.EXPIRED, By.RULE, GrantState.PAUSED),
        only(Status.EXPIRED, By.RULE, GrantState.WITHDRAWN),
        after(replace(YES, until=ENDS, by=By.GUARDIAN), basis=Basis.GUARDIAN),
    ],
)
def test_what_does_happen_can_be_told(consent):
    """The limits of each rule."""
    assert contradiction(consent, LATER) is None


def test_a_receipt_tells_the_past():
    """The last change at the very moment is told; one that is still to come is not."""
    assert contradiction(CONSENT, RENEWED) is None
    assert contradiction(CONSENT, RENEWED - MOMENT) == "a receipt tells the past"


CHANGES = st.builds(
    Change,
    st.sampled_from(Status),
    st.sampled_from([GIVEN, RENEWED, LATER]),
    st.sampled_from(By),
    st.just(1),
    st.sampled_from([None, RENEWED, ENDS]),
)


@st.composite
def consents(draw):
    """Mostly a sound beginning, then anything."""
    basis = draw(st.sampled_from(Basis))
    first = replace(YES, until=ENDS, by=By.PERSON if basis is Basis.CONSENT else By.GUARDIAN)
    rest = draw(st.lists(CHANGES, max_size=3))
    tame = [replace(each, until=ENDS if each.status in SAYS_UNTIL else None) for each in rest]
    history = [*([first] if draw(st.integers(0, 9)) else []), *(tame if draw(st.integers(0, 9)) else rest)]
    grant = replace(GRANT, basis=basis, state=draw(st.sampled_from(GrantState)))
    notice = replace(NOTICE, shown_at=draw(st.sampled_from([GIVEN, GIVEN, LATER])))
    return Consent(grant, tuple(history), (notice,), CONTROLLER, SEAT, "log", None), draw(
        st.sampled_from([RENEWED, LATER])
    )


def sound(consent, issued) -> bool:
    """The same rules, told once more as what happens to somebody, one thing after another."""
    standing, now, ends = None, None, None
    guarded = consent.grant.basis is Basis.GUARDIAN
    for change in consent.history:
        if standing == "over" or (now is not None and change.at < now) or change.at > issued:
            return False
        if change.by is By.GUARDIAN and not guarded:
            return False
        match change.status:
            case Status.GIVEN:
                if standing is not None or change.by is not (By.GUARDIAN if guarded else By.PERSON):
                    return False
                standing, now = {"active"}, change.at
            case _ if standing is None:
                return False
            case Status.RENEWED | Status.RESUMED | Status.CORRECTED:
                if change.by is By.RULE:
                    return False
                standing = {"active"} if change.status is Status.RESUMED else {"active", "paused"}
            case Status.PAUSED:
                standing = {"paused"}
            case Status.WITHDRAWN | Status.EXPIRED:
                if (change.by is By.RULE) == (change.status is Status.WITHDRAWN):
                    return False
                standing = "over"
        if change.status in SAYS_UNTIL:
            ends = change.until
            if ends is None:
                return False
        elif change.until is not None:
            return False
        now = change.at
    if standing == "over":
        gone = consent.history[-1].status is Status.WITHDRAWN
        standing = {"withdrawn"} if gone else {"active", "paused", "withdrawn"}
    told = any(notice.shown_at <= consent.history[0].at for notice in consent.notices) if consent.history else False
    return standing is not None and str(consent.grant.state) in standing and told and ends == consent.grant.ends_at


@settings(max_examples=1500, deadline=None)
@given(consents())
def test_any_history_is_judged_as_a_second_model_judges_it(told):
    """Sound ones are told, and no others."""
    consent, issued = told
    assert (contradiction(consent, issued) is None) == sound(consent, issued)
