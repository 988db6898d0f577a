"""answer, answers: as transcripts. Nobody is filmed here: Ann is made of random numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from beholden.acts.grants.enrol import Wish, enrol_reference
from beholden.acts.grants.reference import Reference
from beholden.acts.sightings.answers import answer
from beholden.acts.sightings.sighting import Named
from beholden.model.event import TrackEnded
from beholden.model.grant import Purpose, Viewpoint
from beholden.model.ids import Epoch, SightingId, TrackId, new_subject_id
from beholden.model.match import Known, Reason, Why
from beholden.settings import read_settings
from beholden.wiring.folder import open_acting
from tests.cli.conftest import Command
from tests.people import AT_LOBBY, IN_A_FILE, LOBBY, MODEL, vector


@pytest.fixture
def ann(rehearsal: Path) -> Known:
    """Somebody who agreed to be recognised at the lobby."""
    subject, reference = new_subject_id(), Reference(vector(1), MODEL, 0.8, 2)
    wish = Wish((Purpose.ENTRANCE,), frozenset({LOBBY}), recordings=True)
    with open_acting(rehearsal, read_settings(rehearsal)) as acting:
        made = acting.do(enrol_reference, "Ann", reference, wish, subject)
    return Known(subject, made.grants[0].id, Why(Reason.CLEAR, 2))


def alerts(folder: Path, known: Known, number: int, view: Viewpoint = AT_LOBBY) -> list[str]:
    """They were recognised so many times, minutes apart (from now on: before that they had not agreed); the ids."""
    now = datetime.now(UTC)
    named = [
        Named(view, Epoch(f"{each:012x}"), TrackId("t"), known, now + timedelta(minutes=5 * each))
        for each in range(number)
    ]
    with open_acting(folder, read_settings(folder)) as acting:
        told = acting.settle(named)
    assert len({str(each) for each in told}) == number
    return [str(each) for each in told]


def noted(folder: Path, these: list[str], wrong: int = 0) -> None:
    """What `beholden answer` does for each, in one go; the first ones were wrong."""
    with open_acting(folder, read_settings(folder)) as acting:
        for number, each in enumerate(these):
            acting.do(answer, SightingId(each), number >= wrong)


def passed(folder: Path, number: int) -> None:
    """So many faces were followed at the lobby, in an hour that is over."""
    then = datetime.now(UTC) - timedelta(hours=3)
    end = TrackEnded(at=then, camera="cam", place=LOBBY, outcome="unknown", reason="clear", seconds=1)
    with open_acting(folder, read_settings(folder), lambda: then) as acting:
        acting.settle((), (end,) * number)


def test_an_answer_is_noted_once(beholden: Command, rehearsal: Path, ann: Known) -> None:
    """Again is said to be no news; the other thing is."""
    [alert] = alerts(rehearsal, ann, 1)
    assert beholden("answer", alert, "wrong", "--data", rehearsal).out == "Noted: wrong.\n"
    assert beholden("answer", alert, "wrong", "--data", rehearsal).out == "It was noted before: wrong.\n"
    assert beholden("answer", alert, "right", "--data", rehearsal, "--json").rows == [
        {"sighting": alert, "answer": "right", "changed": True}
    ]


@pytest.mark.parametrize("alert", ["0" * 32, "", "nonsense\x1b[31m"])
def test_an_alert_that_is_not_there_is_said_to_be_gone(beholden: Command, rehearsal: Path, alert: str) -> None:
    """With for how long one can be answered."""
    said = beholden("answer", alert, "right", "--data", rehearsal)
    assert said.code == 3
    assert "within 24 hours" in said.complaint
    assert "\x1b" not in said.complaint


@pytest.mark.parametrize("arguments", [("x",), ("x", "maybe"), ("x", "right", "wrong")])
def test_an_answer_is_right_or_wrong(beholden: Command, rehearsal: Path, arguments: tuple[str, ...]) -> None:
    """Anything else is a slip."""
    assert beholden("answer", *arguments, "--data", rehearsal).code == 2


def test_after_a_withdrawal_there_is_nothing_to_answer_and_the_counts_stay(
    beholden: Command, rehearsal: Path, ann: Known
) -> None:
    """Nobody is in them."""
    *many, last = alerts(rehearsal, ann, 11)
    noted(rehearsal, many)
    assert beholden("withdraw", "Ann", "--yes", "--data", rehearsal).code == 0
    assert beholden("answer", last, "right", "--data", rehearsal).code == 3
    assert beholden("answers", "--data", rehearsal, "--json").rows[0]["answered"] == 10


def test_without_a_place_and_without_answers_there_is_nothing_to_tell(beholden: Command, rehearsal: Path) -> None:
    """Said in a sentence each."""
    assert "no place yet" in beholden("answers", "--data", rehearsal).out
    assert "lobby: too few answers so far" in beholden("answers", "--place", "lobby", "--data", rehearsal).out
    said = beholden("answers", "--place", "nowhere", "--data", rehearsal)
    assert said.code == 2
    assert "nowhere" in said.complaint


def test_few_answers_are_not_told_nor_how_few(beholden: Command, rehearsal: Path, ann: Known) -> None:
    """One answer and nine look the same."""
    first, *others = alerts(rehearsal, ann, 9)
    beholden("answer", first, "wrong", "--data", rehearsal)
    one = beholden("answers", "--data", rehearsal)
    noted(rehearsal, others)
    assert beholden("answers", "--data", rehearsal).out == one.out
    row = beholden("answers", "--data", rehearsal, "--json").rows[0]
    assert {row[name] for name in ("answered", "right", "wrong", "wrong_per_alert_answered", "alarm")} == {None}


def test_answers_tell_both_denominators_and_the_alarm(beholden: Command, rehearsal: Path, ann: Known) -> None:
    """Per alert that was answered, per face that passed, with bounds; since when, and what to do."""
    noted(rehearsal, alerts(rehearsal, ann, 20), wrong=10)
    assert "per face that passed: not known" in beholden("answers", "--data", rehearsal).out
    passed(rehearsal, 400)
    said = beholden("answers", "--place", "lobby", "--days", "30", "--data", rehearsal).out
    assert "lobby: 20 alerts answered in 30 days, 10 right, 10 wrong." in said
    assert "wrong per alert that was answered: 50% (between 30% and 70%)" in said
    assert "wrong per face that passed: 2.5% (between 1.4% and 4.5%); 10 of at least 400 faces" in said
    assert "ALARM: since " in said
    assert "beholden camera check" in said
    [row] = beholden("answers", "--data", rehearsal, "--json").rows
    assert (row["place"], row["days"], row["answered"], row["wrong"]) == ("lobby", 90, 20, 10)
    assert {"wrong", "of", "share", "low", "high"} == set(row["wrong_per_face_that_passed"])  # type: ignore[call-overload]


def test_answers_about_files_have_a_row_of_their_own(beholden: Command, rehearsal: Path, ann: Known) -> None:
    """They have no place, and no faces are counted in them."""
    noted(rehearsal, alerts(rehearsal, ann, 10, IN_A_FILE))
    said = beholden("answers", "--data", rehearsal).out
    assert "files: 10 alerts answered in 90 days, 10 right, 0 wrong." in said
    assert "0% (between 0% and 30%)" in said
    assert beholden("answers", "--data", rehearsal, "--json").rows[0]["place"] is None


@pytest.mark.parametrize("days", ["0", "366", "many"])
def test_days_are_one_to_a_year(beholden: Command, rehearsal: Path, days: str) -> None:
    """Counts are kept no longer."""
    assert beholden("answers", "--days", days, "--data", rehearsal).code == 2
