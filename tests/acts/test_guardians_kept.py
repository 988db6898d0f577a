"""What is kept of guardians' grants, who is told and shown what; what a repeated call or a rehearsal does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from beholden.acts.accounts.listed import READ, notices_digest, notices_for
from beholden.acts.approvals.requests import APPROVE
from beholden.acts.displays.show import Shown
from beholden.acts.displays.watched import Tie
from beholden.acts.grants import own
from beholden.acts.grants.enrol import Wish
from beholden.acts.grants.invite import invite, invite_all
from beholden.acts.grants.life import not_named
from beholden.acts.grants.people import find
from beholden.acts.grants.reference import Reference
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.guardians import kept as guardian_kept
from beholden.acts.guardians.ask import Ask, ask, dispute, list_guarded, refuse, say
from beholden.acts.guardians.enrol_dependent import enrol_dependent
from beholden.acts.guardians.kept import GUARDIAN, OWN_NO
from beholden.acts.guardians.majority import pass_minutes
from beholden.acts.guardians.seen import SHOW, approve, decline, settle, show, show_digest, to_sign
from beholden.acts.guardians.still import STILL, still, still_digest
from beholden.consent.correction import Terms
from beholden.consent.life import Over, ended, over_by
from beholden.consent.oversight.displays import BLOCKED
from beholden.ledger.memory import Weather
from beholden.model.errors import InputError, LogUnavailable, PolicyRefused, UnknownSubject
from beholden.model.grant import Basis, Hours, Purpose
from beholden.model.ids import GrantId, PlaceId, SubjectId
from beholden.storage.memory import MemoryStore
from tests.acts.guarding import BERLIN, CARE, COURT, DEFAULT, KIM, PAPER, Home, sha
from tests.acts.houses import GATE, HOUSE, invitee
from tests.acts.oversight import World, told
from tests.acts.test_accounts import refusal
from tests.acts.test_displays import said
from tests.people import LOBBY, MODEL, enrolled, office_of, vector

SOON = date(2026, 12, 24)
MIDNIGHT = datetime(2026, 12, 23, 23, tzinfo=UTC)
"""In Berlin."""
SHA, ZONE = "a paper is known by its SHA-256. Give the paper: --paper FILE.", "Write it like Europe/Berlin."
OLD = still_digest(CARE, "another notice", None)


@pytest.fixture
def home(keystore, log, clock):
    """In memory: the stories run on both stores."""
    return Home(World(office_of(MemoryStore(rehearsal=False), keystore, log, clock), clock))


def test_nothing_of_a_paper_or_a_name_is_kept_in_the_open(home):
    """Sealed under the dependent's key; the log has digests and ids."""
    home.whole()
    rows = home.office.store.kept(GUARDIAN)
    assert [(row.about, row.id) for row in rows] == [(KIM, CARE)]
    assert not any(word in row.sealed for row in rows for word in (b"Mother", b"mother", PAPER.encode()))
    said = str(told(home.office, "overseen", "granted", "enrolled", "act_approved"))
    assert PAPER in said
    assert not any(name in said for name in ("Mother", "Father", "Kim"))


def test_what_is_made_is_what_was_asked_for(home):
    """Place, hours, files, length; by guardians, whose names are sealed with the dependent's."""
    hours = Hours.parse("22:00-06:30")
    home.agreed(hours=hours, recordings=True, duration=timedelta(days=7))
    [grant] = home.comes().grants
    assert (grant.places, grant.hours, grant.recordings) == (frozenset({LOBBY}), hours, True)
    assert (grant.starts_at, grant.ends_at) == (home.clock.now + timedelta(days=1), home.clock.now + timedelta(days=8))
    assert (grant.id, grant.basis, grant.purpose) == (CARE, Basis.GUARDIAN, Purpose.CARE)
    person = find(home.office, "Kim")
    assert (person.id, person.guardian) == (KIM, "Father, Mother")


def test_each_step_is_logged_before_it_takes_effect(home, log):
    """While the log fails nothing happens, neither a yes nor a no nor a dispute."""
    home.whole()
    log.weather = Weather.FAILS
    for step in (
        lambda: home.says("father", False),
        home.disputes,
        home.declines,
        home.refuses,
    ):
        with pytest.raises(LogUnavailable):
            step()
    log.weather = Weather.WORKS
    assert home.named()


def test_a_call_that_is_repeated_is_one(home):
    """Whoever asks the keeper again after it died changes nothing."""
    assert home.asks() == home.asks()
    home.says("father")
    home.says("father")
    home.sees()
    home.sees()
    happened = [each["what"] for each in told(home.office, "overseen")]
    assert happened == ["guardian_asked", "guardian_said_yes", "guardian_approved"]
    assert home.comes() == home.comes()
    assert len(told(home.office, "granted")) == 1


def test_a_settlement_that_is_sent_twice_is_one_and_of_no_use_for_the_next_dispute(home):
    """Nor is a dispute two; what was signed for one dispute settles only that."""
    home.whole()
    home.disputes()
    home.disputes()
    signed = home.signed("uwe", APPROVE, to_sign(home.office, CARE, COURT, ("a_mother",)))

    def settled():
        return settle(home.office, CARE, COURT, ("a_mother",), signed)

    assert settled() == settled()
    assert settled().why_not is None
    approved = [each["by"] for each in told(home.office, "act_approved")]
    assert approved == ["a_uwe", "a_uwe"]
    assert [each["what"] for each in told(home.office, "overseen")][-2:] == ["custody_disputed", "custody_settled"]
    home.clock.pass_by(seconds=1)
    home.disputes()
    assert refusal(settled) == "the signature is not that account's, or is of something else"


def test_the_list_says_that_a_grant_is_over(home):
    """Whatever guardians agree to."""
    home.whole(duration=timedelta(days=7))
    home.clock.pass_by(days=5)
    assert home.why_not() is None
    own.pause(home.office, KIM, CARE)
    own.resume(home.office, KIM, CARE)
    assert home.named()
    over = ended(home.office.store.standings(KIM)[CARE], home.clock.now, Over.ENDED)
    home.office.store.set_standings({CARE: over})
    assert home.why_not() == str(Over.ENDED)


def test_what_grants_rest_on_is_opened_once_and_again_where_it_changed(home, monkeypatch):
    """Whatever else changes in the registry; a row that was altered is bound to nothing."""
    home.asks()
    opened, whole = [], guardian_kept.kept
    monkeypatch.setattr(guardian_kept, "kept", lambda *asked: opened.append(set(asked[2])) or whole(*asked))
    bound = guardian_kept.Bound(home.office)
    first = bound()
    assert bound() == first == {CARE: first[CARE]}
    assert opened == [{KIM}, set()]
    [row] = home.office.store.kept(GUARDIAN)
    home.office.store.put_kept([replace(row, sealed=row.sealed[:-1] + b"x")])
    assert bound() == {}


def test_an_approval_counts_for_a_day(home):
    """Made elsewhere, and handed over in time."""
    home.asks()
    signed = home.signed("uwe", APPROVE, to_sign(home.office, CARE))
    home.clock.pass_by(hours=24)
    assert refusal(lambda: approve(home.office, CARE, None, signed)) == "the signature is not of now"
    home.clock.pass_by(microseconds=-1)
    assert approve(home.office, CARE, None, signed).approved_by == "a_uwe"


def test_a_relative_of_the_dependent_does_not_approve(home):
    """Though of another organisation."""
    offered = invitee("Ann", "her token", (Purpose.CARE,))
    invite_all(home.office, (offered,))
    home.world.add("ann", "farm", "other", ("approver",), by="uwe", same_as=offered.subject)
    said(home.world, "kim", Tie.RELATIVE, offered.subject)
    home.clock.pass_by(hours=73)
    home.asks()
    assert refusal(lambda: home.sees("ann")) == "an approver has a personal link to whom this is about"


def test_a_grant_that_no_guardian_asked_for_names_nobody_in_a_live_folder(home):
    """Though it lies in the database: the gate asks for what it rests on."""
    home.whole()
    home.office.store.drop_kept(GUARDIAN, [CARE])
    home.gate = home.new_gate()
    assert not home.named()
    assert [each.reason for each in not_named(home.office)] == ["nobody asked for it as a guardian"]


def test_a_renewal_does_not_outlast_majority(home):
    """It ends on the day, whatever was agreed since."""
    home.whole(majority=SOON)
    [grant] = home.office.store.grants(KIM)
    assert grant.ends_at == MIDNIGHT
    own.renew(home.office, KIM, CARE, timedelta(days=365), HOUSE.edition_of(grant))
    standing = home.office.store.standings(KIM)[CARE]
    assert (over_by(standing), standing.ends_at > MIDNIGHT) == (MIDNIGHT, True), "also without the guardians' record"
    home.clock.now = MIDNIGHT
    assert not home.named()
    pass_minutes(home.office)
    assert told(home.office, "forgotten")[0]["why"] == "of_age"


def test_a_guardian_answers_whether_it_is_still_a_yes(home):
    """After a month; silence pauses, and a late yes ends it. Nobody answers while it does not count."""
    home.whole()
    home.clock.pass_by(days=30)
    pass_minutes(home.office)
    home.clock.pass_by(days=15)
    pass_minutes(home.office)
    assert not home.named()
    assert refusal(lambda: home.still("uwe")) == "whoever says so is no guardian by this authority"
    home.says("father", False)
    assert refusal(home.still) == "one of the guardians said no"
    home.says("father", True)
    home.still("father")
    assert home.named()
    home.still("mother", days=365)
    assert home.office.store.grants(KIM)[0].ends_at == home.clock.now + timedelta(days=365)
    assert refusal(lambda: still(home.office, CARE, "another notice", None, home.signed("mother", STILL, OLD))) == (
        "the notice has changed since: read it as it is now, then answer"
    )


def test_more_than_was_agreed_is_asked_for_anew(home):
    """Another place is not a correction; less is."""
    home.whole()
    grant = home.office.store.grants(KIM)[0]
    more = Terms(frozenset({LOBBY, GATE}))
    why = "more than the guardians agreed to is asked for anew, by a guardian"
    assert refusal(lambda: own.correct(home.office, KIM, CARE, more, HOUSE.edition(grant.purpose, more.places))) == why
    assert not own.correct(home.office, KIM, CARE, Terms(frozenset()), HOUSE.edition_of(grant)).goes_on


def test_a_grant_for_which_it_is_too_late_is_dropped_on_the_day(home):
    """It could not begin before; everybody is told."""
    home.agreed(majority=date(2026, 12, 1))
    assert refusal(home.comes) == "the person is of age before it could begin, and decides alone"
    home.clock.now = datetime(2026, 11, 30, 23, tzinfo=UTC)
    pass_minutes(home.office)
    assert list_guarded(home.office) == ()
    assert told(home.office, "overseen")[-1]["what"] == "came_of_age"


def test_while_nobody_knows_the_time_majority_waits_and_nobody_is_named(home):
    """A clock that was set ahead destroys nothing."""
    home.whole(majority=SOON)

    class Doubt:
        now = None
        latest = MIDNIGHT

    home.world.office = replace(home.office, time=Doubt())
    home.gate = home.new_gate()
    pass_minutes(home.office)
    assert not home.named()
    assert len(home.office.store.snapshot().templates) == 1


def test_of_two_grants_that_majority_ends_each_is_told_and_everything_goes_with_the_last(home):
    """Care and photos: the first ends as a grant, the second as everything."""
    offered = invitee("Kit", "another token", (Purpose.CARE, Purpose.PHOTOS))
    invite_all(home.office, (offered,))
    for grant, purpose, places in (("g_1", Purpose.CARE, {LOBBY}), ("g_2", Purpose.PHOTOS, set())):
        home.agreed_for(offered.subject, GrantId(grant), purpose, frozenset(places), SOON)
    home.comes_by("another token", GrantId("g_1"), GrantId("g_2"))
    home.clock.now = MIDNIGHT
    pass_minutes(home.office)
    assert [each["why"] for each in told(home.office, "forgotten")] == ["of_age"]
    standings = home.office.store.standings(offered.subject).values()
    assert {each.over for each in standings} == {Over.OF_AGE}
    assert list_guarded(home.office) == ()


def test_guardians_are_told_by_their_accounts(home):
    """The question, and what became of it; the approver is not told who is who."""
    home.whole()
    home.disputes()
    told_father = notices_for(home.office, home.signed("father", READ, notices_digest("a_father")))
    texts = [each.text for each in told_father]
    assert "Do you agree to care, too? Without your yes it does not begin." in texts
    assert "Custody is disputed: care is suspended until an outside approver settles it." in texts
    [outside] = [notices_for(home.office, home.signed("uwe", READ, notices_digest("a_uwe")))]
    assert not any("care" in each.text for each in outside)


def test_who_the_guardians_are_is_shown_to_those_who_must_know(home):
    """Logged first; not to an operator, and not in the list."""
    home.asks()

    def shown(name):
        return show(home.office, CARE, home.signed(name, SHOW, show_digest(CARE))).guardians

    assert shown("uwe") == shown("father") == shown("kim") == ("Father", "Mother")
    assert (
        refusal(lambda: shown("olga"))
        == "who the guardians are is shown to approvers, to the guardians and to the person"
    )
    [listed] = list_guarded(home.office)
    assert listed.guardians == ("p_father", "p_mother")
    assert [each["by"] for each in told(home.office, "overseen") if each["what"] == "shown"] == [
        ["a_uwe"],
        ["a_uwe"],  # he was shown Kim's name
        ["a_father"],
        ["a_kim"],
    ]


def test_the_name_of_a_dependent_is_shown_to_approvers_of_elsewhere_and_counts(home):
    """Who compares a paper has to know whom it is about; a guardian knows, and an approver of the place need not."""
    home.asks()

    def shown(name):
        home.clock.pass_by(seconds=1)
        return show(home.office, CARE, home.signed(name, SHOW, show_digest(CARE))).dependent

    assert [shown("uwe") for _ in range(4)] == [*[Shown("Kim")] * 3, Shown(refused=BLOCKED)]
    refusal_to_others = Shown(refused="a dependent's name is shown to approvers of another organisation")
    assert [shown(name) for name in ("sam", "father")] == [refusal_to_others] * 2
    assert shown("kim") == Shown("Kim")


def test_an_account_in_whose_name_no_approver_may_be_asked_neither_asks_nor_disputes(home):
    """Or the question could never be decided."""
    why = "only operator or subject asks for this"
    assert refusal(lambda: home.asks("colleague", guardians=("a_mother", "a_colleague"))) == why
    home.asks()
    assert refusal(lambda: home.disputes("uwe")) == why
    assert home.why_not() == "not every guardian has said yes"


def test_without_a_signature_nobody_speaks_for_a_guardian_or_an_approver(home):
    """In a live folder; a no of the person may be brought by anybody."""
    home.asks()
    why = "a guardian, an approver or the person says so, each with their own account"
    for step in (
        lambda: ask(home.office, replace(DEFAULT, grant=GrantId("g_2")), None, "Mother"),
        lambda: say(home.office, CARE, True, None, "Father"),
        lambda: dispute(home.office, CARE, COURT, None, "Father"),
        lambda: approve(home.office, CARE),
        lambda: decline(home.office, CARE),
        lambda: settle(home.office, CARE, COURT, ("a_mother",)),
        lambda: show(home.office, CARE),
    ):
        assert refusal(step) == why
    refuse(home.office, KIM)
    assert home.why_not() == "the person refused"


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"subject": SubjectId("s_nobody")}, UnknownSubject, "nobody"),
        ({"guardians": ()}, InputError, "the guardians are not said. Name each of them: --guardian NAME."),
        ({"guardians": ("a_mother", "a_nobody")}, InputError, "there is no account called 'a_nobody'"),
        ({"evidence": "no digest"}, InputError, SHA),
        ({"evidence": PAPER[:-1]}, InputError, SHA),
        ({"evidence": PAPER[:-1] + "g"}, InputError, SHA),
        ({"evidence": sha(b"")}, InputError, "the paper is empty. Give a paper that an approver can look at."),
        ({"zone": "Europe/Nowhere"}, InputError, f"there is no time zone 'Europe/Nowhere'. {ZONE}"),
        ({"zone": "../zone"}, InputError, f"there is no time zone '../zone'. {ZONE}"),
        ({"majority": date(3000, 1, 1)}, InputError, "3000-01-01 is no day of majority. Write it like 2030-04-01."),
        ({"majority": date(1899, 12, 31)}, InputError, "1899-12-31 is no day of majority. Write it like 2030-04-01."),
        ({"places": frozenset({PlaceId("moon")})}, PolicyRefused, "there is no place called moon here"),
        ({"places": frozenset()}, PolicyRefused, "names the places where it holds"),
        ({"duration": timedelta(days=366)}, PolicyRefused, "365 days at most"),
        ({"grant": GrantId("care")}, InputError, "a grant has an id that begins with g_. "),
        ({"grant": GrantId("g_" + "x" * 39)}, InputError, "a grant has an id that begins with g_. "),
    ],
)
def test_what_is_asked_for_wrongly_is_refused_with_its_reason(home, wrong, error, words):
    """And with what to do; nothing is kept of it."""
    with pytest.raises(error) as caught:
        home.asks(**wrong)
    told = caught.value.one_line()
    assert told.startswith(words) if error is InputError else words in told
    assert list_guarded(home.office) == ()


def test_whoever_withdraws_takes_the_guardians_record_with_them(home):
    """And their own no: at once, no minute has to pass."""
    home.whole()
    home.refuses()
    withdraw(home.office, KIM)
    assert list_guarded(home.office) == ()
    assert (home.office.store.kept(GUARDIAN), home.office.store.kept(OWN_NO)) == ((), ())


def test_a_rehearsal_plays_everybody_and_keeps_the_rules(office, clock):
    """Names are enough there; one yes is still no, and a grant under a paper nobody saw does not count."""
    office = replace(office, house=HOUSE)
    kim = invite(office, "Kim", [Purpose.CARE])
    wish = Ask(CARE, kim, Purpose.CARE, ("Mother", "Father"), date(2030, 4, 1), BERLIN, PAPER, frozenset({LOBBY}))
    made = ask(office, wish, None, "Mother")
    assert (made.guardians, made.yes) == (("Father", "Mother"), ("Mother",))
    assert refusal(lambda: say(office, CARE, True, None, "Aunt")) == "whoever says so is no guardian by this authority"
    say(office, CARE, True, None, "father")
    reference = Reference(vector(1), MODEL, 0.8, 3)
    assert "no outside approver" in refusal(lambda: enrol_dependent(office, (CARE,), reference))
    assert approve(office, CARE).why_not is None
    [grant] = enrol_dependent(office, (CARE,), reference).grants
    assert (grant.basis, grant.subject, not_named(office)) == (Basis.GUARDIAN, kim, ())
    dispute(office, CARE, COURT, None, "Father")
    assert len(not_named(office)) == 1
    settle(office, CARE, COURT, ("Mother",))
    assert not_named(office) == ()
    refuse(office, kim)
    assert [each.reason for each in not_named(office)] == ["the person refused"]


def test_who_said_no_is_not_enrolled_for_a_guardian_in_a_rehearsal_either(office):
    """By photos, without anything being asked for."""
    office = replace(office, house=HOUSE)
    refuse(office, invite(office, "Kim", [Purpose.CARE]))
    wish = Wish((Purpose.CARE,), frozenset({LOBBY}), guardian="Mother")
    assert refusal(lambda: enrolled(office, "Kim", 1, wish)) == "the person refused"
    assert len(enrolled(office, "Ann", 1, wish).grants) == 1


def test_an_id_is_one_grant(home):
    """Asking for something else, or as somebody else, under an id that is taken."""
    home.asks()
    for who, changes in (("mother", {"recordings": True}), ("kim", {})):
        with pytest.raises(InputError, match="there is another grant of that id"):
            home.asks(who, **changes)
