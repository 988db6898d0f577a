"""The policy table says what design section 4 says."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from beholden.consent.purposes import POLICIES, Viewer, cooling_off, matches_files, policy_of, refusal
from beholden.model.grant import Basis, Hours, Purpose

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
    assert policy_of(purpose).guardian_approvals == (1 if allowed else 0)


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
    """The recordings box opens files, and photos needs none."""
    assert matches_files(purpose, recordings=True)
    assert matches_files(purpose, recordings=False) == (purpose is Purpose.PHOTOS)


def test_self_exclusion_shares_nothing():
    """No outbound event, only the desk sees it."""
    policy = policy_of(Purpose.SELF_EXCLUSION)
    assert (policy.outbound, policy.viewers) == (False, (Viewer.DESK,))


def test_find_me_needs_two_approvers_and_shows_only_the_welfare_body():
    """Design section 4."""
    policy = policy_of(Purpose.FIND_ME)
    assert (policy.approvals, policy.viewers, policy.outbound) == (2, (Viewer.WELFARE_BODY,), False)
