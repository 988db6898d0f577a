"""The policy table says what design section 4 says."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, time, timedelta

import pytest

from beholden.consent import buttons, invitation, known_time, lifetimes, purposes
from beholden.consent.figures import figures
from beholden.consent.lengths import length, ordinal
from beholden.consent.oversight import accounts, anomalies, approvals, breakglass, displays, findme, plans
from beholden.consent.oversight.accounts import Role
from beholden.consent.oversight.displays import Way
from beholden.consent.oversight.rules import RULES, Act
from beholden.consent.policy import (
    asked_next,
    cooling_off,
    destroy_by,
    matches_files,
    refusal,
    undeclared,
    who_grants,
)
from beholden.consent.policy_digest import policy_digest, policy_values
from beholden.consent.policy_meaning import meaning_rows
from beholden.consent.policy_words import general_rows, policy_rows
from beholden.consent.purposes import POLICIES, Outbound, Party, Sight, Viewer, policy_of
from beholden.model.grant import Basis, Capture, Hours, Purpose
from tests.people import NOW

DAY = timedelta(days=1)
CAMERA_PURPOSES = [p for p in Purpose if p is not Purpose.PHOTOS]


def ask(purpose, basis=Basis.CONSENT, duration=DAY, places=None, hours=None, guardian=None):
    places = places if places is not None else ([] if purpose is Purpose.PHOTOS else ["lobby"])
    return refusal(purpose, basis, duration, places, hours, guardian)


def test_every_purpose_has_a_row():
    """Nothing is left to a default."""
    assert set(POLICIES) == set(Purpose)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_person_may_grant_every_purpose(purpose):
    """Consent of the person opens all of them."""
    assert ask(purpose) is None


@pytest.mark.parametrize("purpose", Purpose)
def test_a_guardian_opens_only_care_photos_and_find_me(purpose):
    """The others are the person's alone."""
    allowed = purpose in (Purpose.CARE, Purpose.PHOTOS, Purpose.FIND_ME)
    assert (ask(purpose, Basis.GUARDIAN, guardian="Mum") is None) == allowed
    assert policy_of(purpose).guardian_approvers == ((Party.OUTSIDE,) if allowed else ())


def test_a_guardians_grant_names_the_guardian_and_no_other_does():
    """Basis and name go together."""
    assert "names the guardian" in ask(Purpose.CARE, Basis.GUARDIAN)
    assert "names the guardian" in ask(Purpose.CARE, Basis.CONSENT, guardian="Mum")


@pytest.mark.parametrize("purpose", Purpose)
def test_a_grant_lasts_at_most_as_long_as_the_table_says(purpose):
    """The limit itself is allowed, a moment more is not, and nothing lasts no time."""
    longest = policy_of(purpose).longest
    assert ask(purpose, duration=longest) is None
    assert "days at most" in ask(purpose, duration=longest + timedelta(microseconds=1))
    assert ask(purpose, duration=timedelta(0)) == "a grant lasts some time"


@pytest.mark.parametrize("purpose", CAMERA_PURPOSES)
def test_a_camera_purpose_names_places(purpose):
    """No grant holds everywhere."""
    assert "names the places" in ask(purpose, places=[])


def test_photos_has_no_places():
    """Files have none."""
    assert "no places" in ask(Purpose.PHOTOS, places=["lobby"])


def test_hours_are_whole_minutes():
    """Seconds in hours are refused; plain ones pass."""
    assert ask(Purpose.ENTRANCE, hours=Hours(time(9), time(17, 30))) is None
    assert "whole minutes" in ask(Purpose.ENTRANCE, hours=Hours(time(9, 0, 1), time(17)))


@pytest.mark.parametrize("purpose", Purpose)
def test_naming_starts_after_a_day_but_photos_at_once(purpose):
    """Cooling-off, and none in a rehearsal."""
    assert cooling_off(purpose, rehearsal=False) == (timedelta(0) if purpose is Purpose.PHOTOS else DAY)
    assert cooling_off(purpose, rehearsal=True) == timedelta(0)


@pytest.mark.parametrize("purpose", Purpose)
def test_files_are_matched_under_photos_or_with_the_box(purpose):
    """The recordings box opens files, and photos needs none; where a plan has to be open, there are none to open."""
    assert matches_files(purpose, recordings=True) == (purpose is not Purpose.FIND_ME)
    assert matches_files(purpose, recordings=False) == (purpose is Purpose.PHOTOS)


def viewers(purpose):
    return {sight.viewer for sight in policy_of(purpose).sights}


def test_self_exclusion_shares_nothing():
    """No outbound event; the desk sees it, and the person."""
    policy = policy_of(Purpose.SELF_EXCLUSION)
    assert (policy.outbound, viewers(Purpose.SELF_EXCLUSION)) == (Outbound.NOTHING, {Viewer.DESK, Viewer.SUBJECT})


def test_find_me_is_opened_by_two_and_shows_matches_only_to_the_welfare_body():
    """Design section 4: one of the two is an outside welfare body; a day, two renewals, three at a site."""
    policy = policy_of(Purpose.FIND_ME)
    assert (viewers(Purpose.FIND_ME), policy.outbound) == ({Viewer.WELFARE_BODY, Viewer.SUBJECT}, Outbound.NOTHING)
    assert policy.opening is not None
    assert set(policy.opening.approvers) == {Party.ANOTHER, Party.WELFARE_BODY}
    assert (policy.opening.lasts, policy.opening.renewals, policy.opening.most_open) == (DAY, 2, 3)


@pytest.mark.parametrize("purpose", Purpose)
def test_nobody_but_the_person_sees_anything_for_longer_than_a_day_but_for_what_two_keep(purpose):
    """Incidents of care that two people keep, a week; matches of a plan, until it was renewed twice."""
    for sight in policy_of(purpose).sights:
        if sight.viewer is Viewer.SUBJECT:
            continue
        longest = {Viewer.CARERS: 7 * DAY, Viewer.WELFARE_BODY: 3 * DAY}.get(sight.viewer, DAY)
        assert sight.lasts is not None
        assert sight.lasts <= longest


@pytest.mark.parametrize("purpose", Purpose)
def test_the_person_sees_what_is_seen_of_them(purpose):
    """Under every purpose."""
    assert Viewer.SUBJECT in viewers(purpose)


def test_the_first_question_comes_after_a_month_and_the_next_after_half_a_year():
    """Counted from the last yes."""
    assert asked_next(NOW, asked_before=False) == NOW + 30 * DAY
    assert asked_next(NOW, asked_before=True) == NOW + 180 * DAY


def test_a_template_is_destroyed_at_the_earliest_of_its_limits():
    """The purpose met, the last of the grants over, a year without a yes."""
    soon, late = NOW + 10 * DAY, NOW + 700 * DAY
    assert destroy_by(NOW, [soon]) == soon
    assert destroy_by(NOW, [soon, late]) == NOW + 365 * DAY
    assert destroy_by(NOW + 400 * DAY, [soon, late]) == late
    assert destroy_by(NOW, [soon, late], met_at=NOW + DAY) == NOW + DAY


@pytest.mark.parametrize("purpose", Purpose)
def test_the_words_say_who_agrees_who_sees_for_how_long_and_what_never_happens(purpose):
    """Each row of the table is told whole."""
    policy, told = policy_of(purpose), dict(policy_rows(purpose))
    assert told["Who agrees"].startswith("The person")
    assert ("guardian" in told["Who agrees"]) == (Basis.GUARDIAN in policy.bases)
    assert f"{policy.longest.days} days" in told["How long"]
    for sight in policy.sights:
        assert sight.what in told["Who sees what"]
        assert sight.viewer[1:] in told["Who sees what"]
    assert ("Each use" in told) == (policy.opening is not None)
    assert policy.never[1:] in told["Never"]


def test_what_holds_for_all_is_told_too():
    """The questions, the end, and what nobody may."""
    told = " ".join(words for _, words in general_rows())
    for words in (
        "30 days",
        "180 days",
        "365 days",
        "14 days",
        "withdraw",
        "lists one person's sightings",
        "by itself on a match",
    ):
        assert words in told


def test_the_digest_changes_with_any_number_or_word_of_the_table(monkeypatch):
    """So that two installations with the same one have the same rules."""
    digests = {policy_digest()}
    care = policy_of(Purpose.CARE)
    for changed in (
        replace(care, longest=care.longest + DAY),
        replace(care, outbound=Outbound.NOTHING),
        replace(care, sights=(*care.sights, Sight(Viewer.DESK, "everything", DAY))),
        replace(care, never=""),
    ):
        monkeypatch.setitem(POLICIES, Purpose.CARE, changed)
        digests.add(policy_digest())
    assert len(digests) == 5


@pytest.mark.parametrize("act", Act)
def test_the_digest_changes_with_who_must_agree_to_an_act(monkeypatch, act):
    """Who asks, who approves, for how long, and what it is."""
    rule, digests = RULES[act], {policy_digest()}
    for changed in (
        replace(rule, asked_by=(Role.MAINTAINER,)),
        replace(rule, approvers=()),
        replace(rule, longest=timedelta(hours=73)),
        replace(rule, about="something else"),
    ):
        monkeypatch.setitem(RULES, act, changed)
        digests.add(policy_digest())
    assert len(digests) == 5


FIGURES = {
    accounts: ["NEW_FOR"],
    approvals: ["APPROVAL_LASTS"],
    displays: ["ALARM_AT", "BLOCK_AT"],
    breakglass: ["LASTS", "REVIEW_WITHIN", "AGAIN_AFTER"],
    findme: ["WEEK", "LEFT_ALONE_FOR", "RENEWED_IN_LAST"],
    plans: ["NOTICE_WITHIN"],
    purposes: ["FIRST_QUESTION", "NEXT_QUESTION", "ANSWER_WITHIN", "REMIND_AFTER", "MOST_UNRENEWED"],
    anomalies: ["REPEATED_ON", "LOOKED_BACK"],
    invitation: ["LINK_LASTS"],
    buttons: ["PRESS_OPENS"],
    known_time: ["MOST_WRONG"],
    lifetimes: ["LONGEST"],
}


@pytest.mark.parametrize(("room", "name"), [(room, name) for room, names in FIGURES.items() for name in names])
def test_the_digest_changes_with_every_figure(monkeypatch, room, name):
    """Each where it decides."""
    before, told = policy_digest(), [(each.in_words(), each.about) for each in figures()]
    monkeypatch.setattr(room, name, getattr(room, name) * 2)
    assert policy_digest() != before
    assert [(each.in_words(), each.about) for each in figures()] != told


@pytest.mark.parametrize("way", Way)
def test_the_digest_changes_with_how_long_a_look_counts(monkeypatch, way):
    """In each way of looking."""
    before = policy_digest()
    monkeypatch.setitem(displays.COUNTS_FOR, way, DAY / 2)
    assert policy_digest() != before


def test_figures_have_one_name_each_and_are_told_in_whole_units():
    """No figure hides another."""
    assert len({each.name for each in figures()}) == len(figures())
    spans = (timedelta(days=3), timedelta(days=4), timedelta(hours=1), timedelta(minutes=90), timedelta(seconds=0.5))
    assert [length(each) for each in spans] == ["72 hours", "4 days", "1 hour", "90 minutes", "0.5 seconds"]
    assert [ordinal(each) for each in (1, 4, 10, 11, 0)] == ["first", "fourth", "tenth", "number 11", "number 0"]


def test_the_look_that_is_refused_is_told_by_its_number(monkeypatch):
    """Another one, another word."""
    assert "and the fourth at one person or family is refused" in dict(meaning_rows())["The operator"]
    monkeypatch.setattr(displays, "BLOCK_AT", 5)
    assert "and the fifth at one person or family is refused" in dict(meaning_rows())["The operator"]


def test_the_digest_is_the_sha256_of_the_tables_canonical_json(monkeypatch):
    """Words outside ASCII as they are written, in UTF-8: anybody can compute it again."""
    care = policy_of(Purpose.CARE)
    monkeypatch.setitem(POLICIES, Purpose.CARE, replace(care, never="für Zwecke, die niemand nannte"))
    text = json.dumps(policy_values(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert "für" in text
    assert policy_digest() == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ((Purpose.ENTRANCE, Basis.GUARDIAN, DAY), "a guardian cannot grant entrance: only the person can"),
        ((Purpose.CARE, Basis.GUARDIAN, DAY), "a guardian's grant names the guardian, and only that one does"),
        ((Purpose.CARE, Basis.CONSENT, -DAY), "a grant lasts some time"),
        ((Purpose.CARE, Basis.CONSENT, 366 * DAY), "care lasts 365 days at most, then the person is asked again"),
        ((Purpose.CARE, Basis.CONSENT, DAY, []), "care names the places where it holds"),
        ((Purpose.PHOTOS, Basis.CONSENT, DAY, ["x"]), "photos has no places: it is about files, not cameras"),
        (
            (Purpose.CARE, Basis.CONSENT, DAY, ["x"], Hours(time(9), time(10, 0, 1))),
            "hours are whole minutes of the place's own time",
        ),
        (
            (Purpose.CARE, Basis.CONSENT, DAY, ["x"], Hours(time(9, 0, 0, 1), time(10))),
            "hours are whole minutes of the place's own time",
        ),
        (
            (Purpose.CARE, Basis.CONSENT, DAY, ["x"], Hours(time(9, tzinfo=UTC), time(10))),
            "hours are whole minutes of the place's own time",
        ),
    ],
)
def test_why_a_grant_is_refused_is_told_in_these_words(asked, why):
    """A sentence each, for the person."""
    assert ask(*asked) == why


@pytest.mark.parametrize(
    ("basis", "assessment", "missing"),
    [
        (None, None, ("legal_basis", "impact_assessment")),
        ("", "  ", ("legal_basis", "impact_assessment")),
        ("vital interests", None, ("impact_assessment",)),
        ("vital interests", "\n", ("impact_assessment",)),
        (None, "dpia.pdf", ("legal_basis",)),
        (" ", "dpia.pdf", ("legal_basis",)),
        ("vital interests", "dpia.pdf", ()),
    ],
)
def test_cameras_that_name_among_everybody_need_a_legal_basis_and_an_assessment_in_writing(basis, assessment, missing):
    """What is missing is called by the name of its setting; a blank is nothing written."""
    assert undeclared(Capture.DECLARED, basis, assessment) == missing


@pytest.mark.parametrize("capture", [None, Capture.LANE, Capture.BUTTON])
def test_where_everybody_else_is_left_alone_nothing_has_to_be_declared(capture):
    """A lane or a button, or no naming at all."""
    assert undeclared(capture, None, None) == ()


@pytest.mark.parametrize("purpose", Purpose)
def test_who_grants_is_told_in_the_order_of_the_table(purpose):
    """As in the middle of a sentence."""
    allowed = purpose in (Purpose.CARE, Purpose.PHOTOS, Purpose.FIND_ME)
    assert who_grants(policy_of(purpose)) == ("the person or a guardian" if allowed else "the person")
