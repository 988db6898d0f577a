"""What an estimate of alerts is as JSON, which answers are carried on, and in which words one is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest

from beholden.acts.sightings.answers import Answer, Estimate, answer, carry_on_answers, estimate
from beholden.acts.sightings.drift import Alarm, share
from beholden.acts.store import IN_FILES
from beholden.ledger.memory import MemoryLog
from beholden.model.errors import SightingGone
from beholden.model.ids import SightingId
from beholden.model.match import Known, Reason, Why
from beholden.storage.memory import MemoryStore
from tests.acts.faults import Faulty, Killed
from tests.acts.test_answers import TODAY, answered, counted, put
from tests.acts.words import lines, said_by
from tests.people import LOBBY, enrolled, office_of

ADVICE = "Give the id that came with the alert, within 24 hours of it: after that, nothing is known of it."


@pytest.fixture
def office(keystore, log, clock):
    return office_of(MemoryStore(), keystore, log, clock, MemoryLog())


@pytest.fixture
def ann(office):
    enrolment = enrolled(office, "Ann", 1)
    return Known(enrolment.subject, enrolment.grants[0].id, Why(Reason.CLEAR, 2))


def test_an_estimate_is_json_with_all_that_it_tells():
    """In files there is no place; what is not told is null."""
    whole = Estimate(LOBBY, 7, 20, 15, 5, share(5, 20), share(5, 400), Alarm(date(2026, 11, 1), date(2026, 11, 9), 0.1))
    assert whole.as_values() == {
        "place": "lobby",
        "days": 7,
        "answered": 20,
        "right": 15,
        "wrong": 5,
        "wrong_per_alert_answered": pytest.approx(
            {"wrong": 5, "of": 20, "share": 0.25, "low": 0.11186, "high": 0.46870}, abs=1e-5
        ),
        "wrong_per_face_that_passed": pytest.approx(
            {"wrong": 5, "of": 400, "share": 0.0125, "low": 0.00535, "high": 0.02892}, abs=1e-5
        ),
        "alarm": {"since": "2026-11-01", "raised": "2026-11-09", "usual": 0.1},
    }
    assert Estimate(IN_FILES, 90, None, None, None, None, None, None).as_values() == {
        "place": None,
        "days": 90,
        "answered": None,
        "right": None,
        "wrong": None,
        "wrong_per_alert_answered": None,
        "wrong_per_face_that_passed": None,
        "alarm": None,
    }


def test_an_answer_is_announced_as_hers_with_place_and_word_and_the_same_again_is_not(office, ann):
    """Of one place, and of a file, which has none."""
    [one], [other] = put(office, ann, 1), put(office, ann, 1, place=None)
    assert answer(office, one, False) == Answer(one, False, True)
    assert answer(office, one, False) == Answer(one, False, False)
    assert answer(office, other, True) == Answer(other, True, True)
    said = [
        (about, line["subject"], line["sighting"], line["place"], line["right"]) for about, line in _answers(office)
    ]
    assert said == [
        (ann.subject, ann.subject, one, LOBBY, False),
        (ann.subject, ann.subject, other, None, True),
    ]
    assert counted(office) == {(LOBBY, TODAY, False): 1, (IN_FILES, TODAY, True): 1}


def _answers(office):
    return lines(office, "answered")


def test_a_sighting_that_is_not_there_is_said_to_be_gone(office, ann, clock):
    """One that never was, one past its day, and one of somebody who is leaving: in the same words."""
    [old] = put(office, ann, 1)
    clock.pass_by(days=1)
    for sighting in (SightingId("x" * 60), old):
        assert said_by(lambda sighting=sighting: answer(office, sighting, True)) == (
            SightingGone,
            f"there is no sighting {sighting[:40]!r} here, or it is older than 24 hours",
            ADVICE,
        )
    [young] = put(office, ann, 1, first=1)
    office.keystore.destroy(ann.subject)
    assert said_by(lambda: answer(office, young, True))[0] is SightingGone


def test_what_was_cut_off_in_this_hour_is_marked_once_and_what_was_not_stays(office, ann, keystore, log, clock):
    """By whoever opens the folder next; twice is once."""
    one, other = put(office, ann, 2)
    answer(office, other, True)
    cut = replace(office, store=Faulty(office.store, "mark_answer", "before", Killed()))
    with pytest.raises(Killed):
        answer(cut, one, False)
    office.journal.find_leaves()
    for _ in range(2):
        carry_on_answers(office)
        assert counted(office) == {(LOBBY, TODAY, True): 1, (LOBBY, TODAY, False): 1}


def test_an_answer_counts_for_the_day_on_which_she_was_seen_in_utc(office, ann, clock):
    """Days are of UTC, also around midnight."""
    clock.now = clock.now.astimezone(UTC).replace(hour=0, minute=10)
    late = clock.now - timedelta(minutes=20)
    answered(office, ann, 10, 2, opened_at=late)
    assert {day for _, day, _ in counted(office)} == {TODAY - timedelta(days=1)}
    [today], [both] = estimate(office, LOBBY, 1), estimate(office, LOBBY, 2)
    assert (today.answered, both.answered, both.right, both.wrong, both.days) == (None, 12, 10, 2, 2)
