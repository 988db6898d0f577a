"""Word by word: what guardians and approvers are refused with, and what the log and notices say of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from beholden.acts.approvals.requests import APPROVE
from beholden.acts.grants.invite import invite_all
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.guardians.ask import ASK, NO, YES, ask, list_guarded, refuse, said_digest, say
from beholden.acts.guardians.kept import GUARDIAN
from beholden.acts.guardians.majority import come_of_age_all, pass_minutes
from beholden.acts.guardians.seen import SHOW, Guarded, decline, settle, show, show_digest, to_sign
from beholden.acts.guardians.still import notice_of
from beholden.model.errors import InputError, KeyDestroyed
from beholden.model.grant import Purpose
from beholden.model.ids import GrantId
from tests.acts.guarding import BERLIN, CARE, COURT, DEFAULT, KIM, MAJORITY, PAPER
from tests.acts.houses import HOUSE, invitee
from tests.acts.oversight import told
from tests.acts.test_accounts import refusal
from tests.acts.test_dependents import KIT, LIST, asked, home, playing
from tests.acts.words import lines, said_by
from tests.people import LOBBY, NOW

__all__ = ["home", "playing"]

# -- who says what


def test_all_that_is_shown_of_what_guardians_asked_for(home):
    """Ids instead of names, and what an approver signs."""
    made = home.asks()
    assert made == Guarded(
        grant=CARE,
        subject=KIM,
        purpose="care",
        places=(LOBBY,),
        guardians=("p_father", "p_mother"),
        yes=("p_mother",),
        no=(),
        evidence=PAPER,
        majority=MAJORITY,
        zone=BERLIN,
        approved_by=None,
        declined_by=None,
        refused=False,
        disputed=False,
        why_not="not every guardian has said yes",
        made=False,
        digest=to_sign(home.office, CARE),
    )
    assert home.says("father", False).no == ("p_father",)
    home.refuses()
    assert home.declines().declined_by == "a_uwe"
    assert [(each.refused, each.disputed) for each in (*list_guarded(home.office), home.disputes())] == [
        (True, False),
        (True, True),
    ]


def test_each_word_about_a_grant_has_its_leaf_about_the_dependent(home):
    """Which grant, who, and of the papers their digests; who looked at who they are, too."""
    home.asks()
    home.says("father", False)
    home.says("father")
    home.sees()
    show(home.office, CARE, home.signed("uwe", SHOW, show_digest(CARE)))
    home.disputes()
    home.settles("a_mother")
    home.declines()
    for what, by, detail in (
        ("guardian_asked", "p_mother", PAPER),
        ("guardian_said_no", "p_father", ""),
        ("guardian_said_yes", "p_father", ""),
        ("guardian_approved", "a_uwe", PAPER),
        ("shown", "a_uwe", "authority"),
        ("custody_disputed", "p_father", COURT),
        ("custody_settled", "a_uwe", COURT),
        ("authority_declined", "a_uwe", COURT),
    ):
        said = {"about": CARE, "subject": KIM, "by": [by], "detail": detail}
        found = [each for each in lines(home.office, "overseen", what) if each[1]["about"] == CARE]
        assert found == [(KIM, said)], what  # that Uwe was shown Kim's name is about a look


def test_an_approval_is_in_the_log_with_its_key_and_a_refused_one_with_its_reason(home):
    """A refusal of the authority is no approval."""
    home.asks()
    home.says("father")
    refusal(lambda: home.sees("sam"))
    home.sees()
    home.declines()
    digest = to_sign(home.office, CARE)
    key = next(each["key"] for each in told(home.office, "account_added") if each["account"] == "a_uwe")
    why = "one of the approvers must be of an organisation of its own"
    assert lines(home.office, "act_refused") == [
        (None, {"digest": digest, "act": "guardian_grant", "by": "a_sam", "reason": why})
    ]
    assert lines(home.office, "act_approved") == [(None, {"digest": digest, "by": "a_uwe", "key": key})]


def test_each_notice_of_a_grant_is_called_after_what_was_said(home):
    """So that telling it twice is telling it once; what was kept of majority is the grant's as well."""
    home.asks()
    home.says("father", False)
    home.says("father")
    home.sees()
    home.disputes()
    home.settles("a_mother", "a_father")
    home.refuses()
    home.clock.now = datetime(2030, 4, 1, tzinfo=UTC)
    office = home.office
    rows = [each.id.split(".") for each in office.store.kept("notice") if each.id.startswith("guardian.")]
    assert {row[1] for row in rows} == {CARE}
    assert {row[2] for row in rows} == {"ask", "no", "yes", "seen", "dispute", "own"}
    come_of_age_all(office)
    ages = [each for each in office.store.kept("notice") if each.id.startswith(f"guardian.{CARE}.age.")]
    assert {each.about for each in ages} == {KIM, "account:a_kim", "account:a_mother", "account:a_father"}


def test_who_is_new_in_the_name_of_a_guardian_takes_away_and_gives_nothing(home):
    """The mother has another account, with another key: for 72 hours it may say no and dispute, and no more."""
    home.asks("father", guardians=("a_father", "a_mother"))
    home.world.add("false", "fake", "other", ("subject",), by="olga", same_as="mother")
    why = "an account in the name of somebody who was here before speaks for them after 72 hours"
    wish = replace(DEFAULT, grant=GrantId("g_2"))
    assert refusal(lambda: home.says("false")) == why
    assert refusal(lambda: ask(home.office, wish, home.signed("false", ASK, wish.digest))) == why
    assert home.says("false", False).why_not == "one of the guardians said no"
    assert home.disputes("false").disputed
    home.clock.pass_by(hours=72)
    assert home.says("false").no == ()


def test_a_no_is_of_the_person_who_said_it(home):
    """What Kit refused is asked for Kim all the same."""
    invite_all(home.office, (invitee("Kit", "another token", (Purpose.CARE,)),))
    refuse(home.office, KIT)
    assert home.asks().why_not == "not every guardian has said yes"
    assert refusal(lambda: home.asks(subject=KIT, grant=GrantId("g_2"))) == "the person refused"
    assert lines(home.office, "overseen", "person_refused") == [
        (KIT, {"about": KIT, "subject": KIT, "by": [], "detail": ""})
    ]


def test_what_is_said_in_a_rehearsal_needs_a_name_and_a_grant(playing):
    """And signs for nobody else's word."""
    asked(playing, "g_1")
    unsigned = "a guardian, an approver or the person says so, each with their own account"
    assert refusal(lambda: say(playing, GrantId("g_1"), True)) == unsigned
    assert said_by(lambda: say(playing, GrantId("g_x"), True, None, "Mother")) == (
        InputError,
        "no guardian asked for 'g_x'",
        LIST,
    )
    assert refusal(lambda: settle(playing, GrantId("g_1"), COURT, ("Mother",))) == "nothing is disputed"
    assert decline(playing, GrantId("g_1")).declined_by == "a_rehearsal_outside"


def test_a_yes_that_was_signed_is_no_no_and_an_approval_no_refusal(home):
    """Each is signed for what it is."""
    home.asks()
    wrong = "the signature is not that account's, or is of something else"
    yes, no = (home.signed("father", each, said_digest(CARE)) for each in (YES, NO))
    assert refusal(lambda: say(home.office, CARE, False, yes)) == wrong
    assert refusal(lambda: say(home.office, CARE, True, no)) == wrong
    agreed = home.signed("uwe", APPROVE, to_sign(home.office, CARE))
    assert refusal(lambda: decline(home.office, CARE, None, agreed)) == wrong


def test_for_whoever_withdrew_nothing_is_refused_and_nothing_is_logged(home):
    """Nothing could be kept of it."""
    withdraw(home.office, KIM)
    kind, message, _ = said_by(lambda: refuse(home.office, KIM))
    assert (kind, message) == (KeyDestroyed, "there is no key of s_kim: it was destroyed when they withdrew")
    assert lines(home.office, "overseen") == []


# -- still yes


def test_the_notice_that_a_guardian_reads_is_the_one_about_the_grant(home):
    """And nobody answers for a grant that was not made."""
    home.agreed()
    words = notice_of(home.office, CARE)
    notice = HOUSE.notice([Purpose.CARE], frozenset({LOBBY}))
    assert (words.text, words.digest) == (notice.text(), notice.digest)
    assert refusal(home.still) == "nobody is enrolled under it yet"
    assert said_by(lambda: notice_of(home.office, GrantId("g_x"))) == (InputError, "no guardian asked for 'g_x'", LIST)


def test_what_a_guardian_answers_is_logged_as_the_answer_it_is(home):
    """A yes as a yes, more time as more time; it is shown as it stands then."""
    home.whole()
    home.clock.pass_by(days=30)
    pass_minutes(home.office)
    assert home.still().grant == CARE
    assert [each["grant"] for each in told(home.office, "confirmed")] == [CARE]
    assert told(home.office, "renewed") == []
    home.still("father", days=20)
    [made] = home.office.store.grants(KIM)
    assert (made.ends_at, len(told(home.office, "renewed"))) == (home.clock.now + timedelta(days=20), 1)
    assert home.office.store.kept(GUARDIAN)[0].about == KIM
    assert made.starts_at > NOW
