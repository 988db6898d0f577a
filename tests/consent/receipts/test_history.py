"""What happened to a grant, told from the events of the log: each kind, in each order that changes what is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.consent.receipts.canonical import written
from beholden.consent.receipts.history import Written, changes, notices, to_the_millisecond
from beholden.consent.receipts.said import By, Change, ShownNotice, Status
from beholden.model.grant import Basis
from tests.consent.receipts.examples import DAY, ENDS, GIVEN, GRANT

FIRST_END = GIVEN + 90 * DAY
NOTICE, OTHER = "5e" * 32, "6f" * 32


def events(*told: dict[str, object]) -> list[Written]:
    """One a day, from the day of the yes on, each with a leaf of its own."""
    return [
        Written(10 + number, {"at": written(GIVEN + number * DAY), "grant": GRANT.id, **each})
        for number, each in enumerate(told)
    ]


def granted(**more):
    return {"kind": "granted", "ends_at": written(FIRST_END), **more}


def kind(name, **more):
    return {"kind": name, **more}


RENEWED = {"kind": "renewed", "ends_at": written(ENDS)}


def told(*each, grant=GRANT) -> list[tuple[Status, By]]:
    return [(change.status, change.by) for change in changes(events(*each), grant)]


YES = (Status.GIVEN, By.PERSON)


def test_each_change_has_its_moment_its_leaf_and_a_yes_until_when():
    """A yes to "still yes?" does not move the end; a renewal and a correction do."""
    found = changes(events(granted(), kind("confirmed"), RENEWED, kind("corrected", ends_at=written(FIRST_END))), GRANT)
    assert found == (
        Change(Status.GIVEN, GIVEN, By.PERSON, 10, FIRST_END),
        Change(Status.RENEWED, GIVEN + DAY, By.PERSON, 11, FIRST_END),
        Change(Status.RENEWED, GIVEN + 2 * DAY, By.PERSON, 12, ENDS),
        Change(Status.CORRECTED, GIVEN + 3 * DAY, By.PERSON, 13, FIRST_END),
    )


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (kind("paused"), (Status.PAUSED, By.PERSON)),
        (kind("silent"), (Status.PAUSED, By.RULE)),
        (kind("resumed"), (Status.RESUMED, By.PERSON)),
        (kind("withdrawn", grant=None), (Status.WITHDRAWN, By.PERSON)),
        (kind("grant_ended", why="cancelled"), (Status.WITHDRAWN, By.PERSON)),
        (kind("grant_ended", why="withdrawn"), (Status.WITHDRAWN, By.PERSON)),
        (kind("grant_ended", why="ended"), (Status.EXPIRED, By.RULE)),
        (kind("grant_ended", why="met"), (Status.EXPIRED, By.RULE)),
        (kind("forgotten", grant=None, why="unrenewed"), (Status.EXPIRED, By.RULE)),
    ],
)
def test_each_kind_of_event_says_what_changed_and_by_whom(later, said):
    """A withdrawal, and being forgotten, are of all grants of a person."""
    assert told(granted(), later) == [YES, said]


@pytest.mark.parametrize(
    "later", [kind("asked"), kind("seen"), kind("paused", grant="g_other"), kind("paused", grant=None)]
)
def test_what_changed_nothing_of_this_grant_is_not_told(later):
    """A question, a sighting, another grant."""
    assert told(granted(), later) == [YES]


@pytest.mark.parametrize("over", [kind("withdrawn"), kind("grant_ended", why="ended")])
def test_after_the_end_nothing_is_told(over):
    """What comes with it, such as being forgotten, is no second end."""
    assert len(told(granted(), over, kind("forgotten", why="withdrawn"), RENEWED)) == 2


def test_who_resumes_while_a_question_is_unanswered_is_still_paused_by_the_rule():
    """Silence is no yes, and resuming no answer."""
    assert told(granted(), kind("silent"), kind("resumed"))[2] == (Status.PAUSED, By.RULE)


@pytest.mark.parametrize("answer", [kind("confirmed"), RENEWED])
def test_an_answer_ends_silence_so_that_a_later_pause_is_ended_by_resuming(answer):
    """By a yes, or by a renewal."""
    said = told(granted(), kind("silent"), answer, kind("paused"), kind("resumed"))
    assert said[-1] == (Status.RESUMED, By.PERSON)


def test_the_first_yes_leaves_nothing_unanswered():
    """Who paused and resumed without ever being asked is not paused."""
    for before in ([granted()], []):
        assert told(*before, kind("paused"), kind("resumed"))[-1] == (Status.RESUMED, By.PERSON)


def test_under_a_guardians_grant_the_guardian_says_yes_and_resumes():
    """The person pauses and withdraws."""
    guarded = replace(GRANT, basis=Basis.GUARDIAN)
    said = told(granted(), kind("paused"), kind("resumed"), kind("confirmed"), kind("withdrawn"), grant=guarded)
    assert [by for _, by in said] == [By.GUARDIAN, By.PERSON, By.GUARDIAN, By.GUARDIAN, By.PERSON]


def test_each_edition_that_was_agreed_to_is_told_once_as_it_was_read_first():
    """By its purpose and the first characters of its digest; a digest of another length is none."""
    found = notices(
        events(
            granted(notice=NOTICE),
            kind("confirmed", notice=NOTICE),
            {**RENEWED, "notice": OTHER},
            kind("confirmed", notice="9c" * 32),
            kind("asked", notice="7a" * 32),
            granted(notice="8b" * 32, grant="g_other"),
            kind("confirmed", notice=NOTICE[:-1]),
            kind("confirmed", notice=None),
        ),
        GRANT,
    )
    assert found == (
        ShownNotice("entrance 5e5e5e5e5e5e", "en", NOTICE, GIVEN),
        ShownNotice("entrance 6f6f6f6f6f6f", "en", OTHER, GIVEN + 2 * DAY),
        ShownNotice("entrance 9c9c9c9c9c9c", "en", "9c" * 32, GIVEN + 3 * DAY),
    )


def test_moments_are_cut_to_the_millisecond_as_events_write_them():
    """Never rounded up; one that is whole stays as it is."""
    assert to_the_millisecond(GRANT) == GRANT
    tick = timedelta(microseconds=999)
    assert to_the_millisecond(replace(GRANT, starts_at=GIVEN + tick, ends_at=ENDS + tick)) == replace(
        GRANT, starts_at=GIVEN, ends_at=ENDS
    )
