"""What counts as named, missed, taken for another: by who is where the track is, on made-up answers."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from beholden.evaluate.cast import subject
from beholden.evaluate.composing import Shown
from beholden.evaluate.passages import Outcome, Passage, mated, strangers, watched
from beholden.model.box import Box
from beholden.model.grant import Viewpoint
from beholden.model.ids import CameraId, GrantId, SubjectId, TrackId
from beholden.model.match import Known, Match, Reason, Undecided, Unknown, Why
from beholden.pipeline.ports import TrackDecision

SIZE = (1000, 500)
NOBODY = Unknown(Why(Reason.NOBODY_ALIKE, 2))
NO_SHOT = Unknown(Why(Reason.NO_USABLE_SHOT))
UNSURE = Undecided(Why(Reason.NOT_SURE_ENOUGH, 2))
PEOPLE = [(4, subject(4)), (9, None)]
"""Person 4, enrolled, walks at the left; person 9, a stranger, at the right."""


def named(person: int) -> Known:
    return Known(SubjectId(subject(person)), GrantId("g"), Why(Reason.CLEAR, 3))


def answer(track: str, x: float, match: Match, at_s: float = 0.0, *, ended: bool = False) -> TrackDecision:
    """An answer about a face of 50 pixels whose middle is at `x` pixels, half way down."""
    where = Box(x - 25, 225, 50, 50).scaled(1 / SIZE[0], 1 / SIZE[1])
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return TrackDecision(Viewpoint(CameraId("c"), None), TrackId(track), moment, at_s, where, match, ended)


def truth(*frames: tuple[float, float]) -> list[tuple[Shown, ...]]:
    """Where the two people are in each frame."""
    return [
        tuple(Shown(walk, Box(x - 25, 225, 50, 50), np.zeros((5, 2), np.float32)) for walk, x in enumerate(places))
        for places in frames
    ]


STILL = truth((200, 700))


def of(*answers: TrackDecision, frames: list[tuple[Shown, ...]] = STILL) -> tuple[Passage, Passage]:
    enrolled, stranger = watched(answers, frames, 5.0, SIZE, PEOPLE).passages
    return enrolled, stranger


@pytest.mark.parametrize(
    ("last", "outcome"),
    [
        (named(4), Outcome.NAMED),
        (UNSURE, Outcome.UNDECIDED),
        (NOBODY, Outcome.UNKNOWN),
        (NO_SHOT, Outcome.NO_SHOT),
    ],
)
def test_a_passage_ends_in_its_tracks_answer(last: Match, outcome: Outcome) -> None:
    """One track on the enrolled person, and none on the stranger."""
    enrolled, stranger = of(answer("t", 205, NO_SHOT), answer("t", 205, last), answer("t", 205, last, ended=True))
    assert (enrolled.outcome, enrolled.tracks, enrolled.as_another) == (outcome, 1, False)
    assert (stranger.outcome, stranger.tracks) == (Outcome.UNSEEN, 0)


def test_a_name_at_any_time_counts() -> None:
    """Named, and undecided at the end: named."""
    enrolled, _ = of(answer("t", 200, named(4)), answer("t", 200, UNSURE, ended=True))
    assert enrolled.outcome is Outcome.NAMED


def test_an_enrolled_person_who_is_taken_for_another_is_missed_and_counted_apart() -> None:
    """A wrong name is no right one."""
    enrolled, _ = of(answer("t", 200, named(5)))
    assert enrolled.outcome is Outcome.UNKNOWN
    assert enrolled.as_another
    assert enrolled.tracks_named == 1


def test_a_right_and_a_wrong_name_count_both() -> None:
    """Named as themselves, and as somebody else before."""
    enrolled, _ = of(answer("t", 200, named(5)), answer("u", 200, named(4)))
    assert (enrolled.outcome, enrolled.as_another, enrolled.tracks) == (Outcome.NAMED, True, 2)


def test_a_strangers_name_is_an_error_whoever_it_is() -> None:
    """Each of their tracks counts for itself."""
    _, stranger = of(answer("t", 700, named(4)), answer("u", 702, NOBODY))
    assert (stranger.outcome, stranger.tracks, stranger.tracks_named) == (Outcome.NAMED, 2, 1)


def test_a_name_counts_for_whoever_the_track_is_on_then() -> None:
    """A track that goes over from the enrolled person to the stranger carries the name to the stranger."""
    frames = truth((200, 700), (500, 700))
    enrolled, stranger = of(answer("t", 200, NO_SHOT), answer("t", 700, named(4), at_s=0.2), frames=frames)
    assert enrolled.outcome is Outcome.UNSEEN
    assert stranger.tracks_named == 1


def test_where_a_track_ends_says_nothing() -> None:
    """It is over, and where it was expected is a guess."""
    enrolled, stranger = of(answer("t", 200, NOBODY), answer("t", 700, NOBODY, ended=True))
    assert (enrolled.tracks, stranger.tracks) == (1, 0)


def test_tracks_on_nobody_are_counted_apart() -> None:
    """A lamp that was taken for a face, and for somebody."""
    found = watched([answer("t", 450, named(4)), answer("u", 950, NOBODY)], STILL, 5.0, SIZE, PEOPLE)
    assert (found.strays, found.strays_named) == (2, 1)
    assert all(passage.tracks == 0 for passage in found.passages)


def passage(person: int, outcome: Outcome, *, enrolled: bool = True, another: bool = False, tracks: int = 1) -> Passage:
    named_tracks = int(another or outcome is Outcome.NAMED)
    return Passage(person, enrolled, outcome, another, tracks, named_tracks)


def test_rates_are_those_of_the_table() -> None:
    """FNIR counts passages, FPIR counts tracks, undecided ones stand apart."""
    passages = [
        passage(0, Outcome.NAMED),
        passage(0, Outcome.UNDECIDED),
        passage(1, Outcome.UNKNOWN, another=True),
        passage(2, Outcome.UNSEEN, tracks=0),
        passage(3, Outcome.NAMED, enrolled=False, tracks=2),
        passage(4, Outcome.UNDECIDED, enrolled=False),
        passage(4, Outcome.NO_SHOT, enrolled=False),
        passage(5, Outcome.UNSEEN, enrolled=False, tracks=0),
    ]
    ours, theirs = mated(passages), strangers(passages)
    assert (ours.people, ours.fnir.errors, ours.fnir.trials) == (3, 3, 4)
    assert (ours.as_another.errors, ours.undecided, ours.unknown, ours.not_seen) == (1, 1, 1, 1)
    assert (theirs.people, theirs.passages, theirs.fpir.errors, theirs.fpir.trials) == (3, 4, 1, 4)
    assert (theirs.undecided, theirs.no_usable_shot, theirs.not_seen) == (1, 1, 1)
    assert theirs.fpir.bounds is not None


def test_nobody_at_all_has_no_rate() -> None:
    """Rather than a rate of zero."""
    assert mated([]).fnir.value is None
    assert strangers([]).fpir.as_values()["rate"] is None
