"""Stories of guardians, through the real acts of a live folder: what each of them may do, and what stops them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from beholden.acts.displays.watched import Tie
from beholden.acts.grants.accept import accept, read
from beholden.acts.grants.reference import Reference
from beholden.acts.guardians.ask import list_guarded, refuse
from beholden.acts.guardians.majority import pass_minutes
from beholden.consent.registry import SubjectState
from beholden.model.grant import Purpose
from beholden.model.ids import GrantId, SubjectId
from tests.acts.guarding import BERLIN, CARE, COURT, KIM, PAPER, Home, sha
from tests.acts.houses import TOKEN, tick
from tests.acts.oversight import told
from tests.acts.test_accounts import refusal
from tests.acts.test_displays import said
from tests.people import MODEL, vector

OUTSIDE = "one of the approvers must be of an organisation of its own"
TICK = timedelta(microseconds=1)


@pytest.fixture
def home(live):
    return Home(live)


def test_one_guardian_of_two_is_not_enough(home):
    """The mother asks, an approver saw the paper, the father is silent: nothing is made, and nobody is named."""
    home.asks("mother")
    home.sees("uwe")
    assert home.why_not() == "not every guardian has said yes"
    assert refusal(home.comes) == "care: not every guardian has said yes"
    assert home.office.store.snapshot().templates == ()


def test_with_both_guardians_and_an_approver_of_elsewhere_the_dependent_is_named(home):
    """After the cooling-off, and each step is in the log before it."""
    home.whole()
    happened = [each["what"] for each in told(home.office, "overseen")]
    assert happened == ["guardian_asked", "guardian_said_yes", "guardian_approved"]
    [granted] = told(home.office, "granted")
    assert (granted["basis"], granted["purpose"], granted["grant"]) == ("guardian", "care", CARE)


def test_a_parent_with_the_link_does_not_agree_as_if_they_were_the_child(home):
    """The link alone goes around nobody: what guardians asked for begins once all of them agreed."""
    home.asks("mother")
    read(home.office, TOKEN)
    reference = Reference(vector(1), MODEL, 0.8, 3)
    ticks = (tick(Purpose.CARE, days=30),)
    assert refusal(lambda: accept(home.office, TOKEN, ticks, reference, SubjectId("s_request"))) == (
        "guardians asked for care: it begins once all of them agreed"
    )
    assert home.office.store.snapshot().templates == ()


def test_one_yes_and_one_no_is_no(home):
    """Also later: nobody is named as soon as the gate asks the registry again; a yes lifts it."""
    home.whole()
    home.says("father", False)
    assert (home.named(), home.why_not()) == (False, "one of the guardians said no")
    home.says("father", True)
    assert home.named()


def test_a_fake_paper_is_another_digest(home):
    """The approver was shown another paper than the guardians gave: refused, in the log, and it does not count."""
    home.asks("mother")
    home.says("father")
    why = "what was approved is another grant, or another authority"
    assert refusal(lambda: home.sees("uwe", sha(b"a fake"))) == why
    assert [each["reason"] for each in told(home.office, "act_refused")] == [why]
    assert home.why_not() == "no outside approver has seen the authority"
    home.sees("uwe", PAPER)
    assert home.why_not() is None


def test_a_guardian_does_not_open_the_entrance(home):
    """Nor anything else that is the person's alone; nothing is kept of it."""
    for purpose in (Purpose.ENTRANCE, Purpose.SELF_EXCLUSION, Purpose.INTRODUCTIONS):
        assert refusal(lambda each=purpose: home.asks(purpose=each)) == (
            f"a guardian cannot grant {purpose}: only the person can"
        )
    assert list_guarded(home.office) == ()


def test_a_child_who_refuses_is_not_named(home):
    """At once, whatever guardians and approvers say; only the child's own yes lifts it."""
    home.whole()
    home.refuses("kim")
    assert (home.named(), home.why_not()) == (False, "the person refused")
    home.says("mother")
    home.says("father")
    assert not home.named()
    home.world.add("false", "fake", "other", ("subject",), by="olga", same_as=KIM)
    for name in ("mother", "false"):
        assert refusal(lambda name=name: home.takes_back(name)).startswith("only the person says so")
    home.takes_back("kim")
    assert home.named()


def test_whom_a_child_knows_or_bars_sees_no_authority(home):
    """An approver of elsewhere, but not outside."""
    home.asks()
    home.says("father")
    for tie, name in ((Tie.KNOWN, "uwe"), (Tie.BARRED, "wanda")):
        said(home.world, "kim", tie, f"a_{name}")
        reason = refusal(lambda name=name: home.sees(name))
        assert reason == "an approver has a personal link to whom this is about"


def test_a_childs_no_holds_for_what_is_asked_later(home):
    """Also one that was only said at the desk."""
    for _ in range(2):
        refuse(home.office, KIM)
    assert refusal(home.asks) == "the person refused"
    assert [each["what"] for each in told(home.office, "overseen")] == ["person_refused"]


@pytest.mark.parametrize(
    ("zone", "begins"),
    [
        ("Pacific/Auckland", datetime(2026, 12, 23, 11, tzinfo=UTC)),
        ("Pacific/Honolulu", datetime(2026, 12, 24, 10, tzinfo=UTC)),
    ],
)
def test_the_eighteenth_birthday_begins_where_the_person_lives(home, zone, begins):
    """Not before its first moment, and not after; then everything is destroyed, as when any last grant is over."""
    home.whole(majority=date(2026, 12, 24), zone=zone)
    home.clock.now = begins - TICK
    pass_minutes(home.office)
    assert home.named()
    home.clock.now = begins
    assert not home.named()
    pass_minutes(home.office)
    assert home.office.store.subject(KIM).state is SubjectState.WITHDRAWN
    assert (home.office.store.snapshot().templates, list_guarded(home.office)) == ((), ())
    assert [each["why"] for each in told(home.office, "forgotten")] == ["of_age"]


def test_two_parents_in_dispute_suspend_it_until_somebody_of_elsewhere_settles_it(home):
    """At once, whoever is right; the mother's yes does not lift it, nor an approver of the place."""
    home.whole()
    home.disputes("father", COURT)
    assert not home.named()
    home.says("mother")
    assert home.why_not() == "custody is disputed, until an outside approver settles it"
    assert refusal(lambda: home.settles("a_mother", by="sam")) == OUTSIDE
    home.settles("a_mother", by="uwe")
    assert home.named()
    assert refusal(lambda: home.says("father", False)) == "whoever says so is no guardian by this authority"


def test_after_a_settlement_for_somebody_new_their_yes_is_needed(home):
    """Until then nobody is named."""
    home.whole()
    home.disputes("father")
    home.world.add("aunt", "farm", "other", ("subject",), by="olga")
    home.settles("a_aunt", by="wanda")
    assert (home.named(), home.why_not()) == (False, "not every guardian has said yes")
    home.says("aunt")
    assert home.named()


@pytest.mark.parametrize("name", ["sam", "colleague"])
def test_an_approver_of_the_same_organisation_does_not_count(home, name):
    """Of the place, though it is not the place that asks; and of the organisation of one of the parents."""
    home.asks("mother")
    home.says("father")
    assert refusal(lambda: home.sees(name)) == OUTSIDE
    assert home.why_not() == "no outside approver has seen the authority"


def test_an_authority_that_an_approver_refused_is_refused(home):
    """No other approver is looked for; the guardians ask anew, with another paper."""
    home.whole()
    home.declines("uwe")
    why = "an outside approver refused the authority: ask anew, with a paper that shows it"
    assert (home.named(), home.why_not()) == (False, why)
    assert refusal(lambda: home.sees("wanda")) == why
    assert refusal(lambda: home.declines("sam")) == OUTSIDE


def test_asking_anew_is_no_way_around_a_no_or_a_dispute(home):
    """The same paper was refused; and while custody is disputed nobody is asked for anything else."""
    home.asks()
    home.declines("uwe")
    again = GrantId("g_again")
    assert refusal(lambda: home.asks(grant=again)) == (
        "an outside approver refused this paper: ask with one that shows the authority"
    )
    home.asks(grant=again, evidence=COURT)
    home.disputes("father", sha(b"a third paper"))
    assert refusal(lambda: home.asks(grant=GrantId("g_third"), evidence=COURT)) == (
        "custody is disputed, until an outside approver settles it"
    )


def test_nobody_grants_for_somebody_who_decides_alone(home):
    """Of age already, or enrolled by themselves: a guardian agrees beforehand, for a dependent."""
    assert refusal(lambda: home.asks(majority=date(2026, 11, 1))) == "the person is of age, and decides alone"
    assert refusal(lambda: home.asks("kim", guardians=("a_kim",))) == "nobody is their own guardian"
    assert refusal(lambda: home.asks("olga")) == "whoever asks is no guardian by this authority"
    home.whole()
    assert refusal(lambda: home.asks(grant=GrantId("g_more"), zone=BERLIN)) == (
        "a guardian agrees beforehand: for somebody who was invited, and is not enrolled"
    )
