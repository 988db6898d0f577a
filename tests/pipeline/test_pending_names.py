"""A name that is being recorded is no name yet, and is one as soon as its leaf is durable."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from tests.pipeline.conftest import RATE, START, FakeSettle, Stage, frames_of, walk

from beholden.model.errors import LogUnavailable
from beholden.model.frame import Frame
from beholden.model.grant import Viewpoint
from beholden.model.ids import Epoch, SightingId, TrackId
from beholden.model.match import Known, Reason, Undecided, Unknown
from beholden.pipeline.ports import TrackDecision

STROLL = ((0.0, 300, 280, 80), (4.0, 560, 290, 100))


class SlowSettle(FakeSettle):
    """A log that answers None until `durable`, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.durable = False
        self.asked: list[tuple[TrackId, Known, datetime]] = []

    def named(
        self, viewpoint: Viewpoint, epoch: Epoch, track: TrackId, match: Known, moment: datetime
    ) -> SightingId | None:
        if self.error:
            raise self.error
        self.asked.append((track, match, moment))
        return super().named(viewpoint, epoch, track, match, moment) if self.durable else None


@pytest.fixture(scope="module")
def stroll() -> list[Frame]:
    return [frame for frame, _ in frames_of(walk("P003", *STROLL))]


@pytest.fixture
def slow(stage) -> Stage:
    here: Stage = stage("P003", "P007")
    here.settle = here.run._naming._settle = SlowSettle()
    return here


def steps(here: Stage, frames: list[Frame]) -> list[TrackDecision]:
    made = [decision for frame in frames for decision in here.run.step(frame)]
    here.decisions += made
    return made


def reasons(decisions: list[TrackDecision]) -> list[Reason]:
    return [decision.match.why.reason for decision in decisions]


def until_pending(here: Stage, frames: list[Frame]) -> int:
    """How many frames it takes until a name is being recorded."""
    for count, frame in enumerate(frames, 1):
        if Reason.BEING_RECORDED in reasons(steps(here, [frame])):
            return count
    raise AssertionError("nobody was recognised")


def test_a_name_that_is_not_durable_is_never_told(slow: Stage, stroll: list[Frame]) -> None:
    """I5: as long as the log says "not yet", the track is undecided, and it ends so."""
    slow.play(stroll)
    assert slow.named == set()
    assert slow.settle.asked
    assert [match.why.reason for match in slow.settle.endings] == [Reason.BEING_RECORDED]


def test_the_same_is_asked_again_with_each_frame(slow: Stage, stroll: list[Frame]) -> None:
    """What is being recorded stays what was asked for: the same match, the same moment."""
    count = until_pending(slow, stroll)
    steps(slow, stroll[count : count + 4])
    assert len(slow.settle.asked) == 5
    assert len(set(slow.settle.asked)) == 1


def test_a_durable_name_is_told_without_a_frame(slow: Stage, stroll: list[Frame]) -> None:
    """`poll` is enough: nobody waits for the next picture."""
    until_pending(slow, stroll)
    assert slow.run.waiting
    assert slow.run.poll() == []
    slow.settle.durable = True
    told = slow.run.poll()
    assert [type(decision.match) for decision in told] == [Known]
    assert not slow.run.waiting
    assert slow.run.poll() == []


def test_a_durable_name_is_told_with_the_next_frame(slow: Stage, stroll: list[Frame]) -> None:
    """The same without `poll`, as files run."""
    count = until_pending(slow, stroll)
    slow.settle.durable = True
    assert [type(decision.match) for decision in steps(slow, stroll[count : count + 1])] == [Known]


def test_a_name_that_holds_stays_while_its_update_is_written(slow: Stage, stroll: list[Frame]) -> None:
    """The leaf is there: that the same person is still there need not be durable before it is shown."""
    count = until_pending(slow, stroll)
    slow.settle.durable = True
    slow.run.poll()
    slow.settle.durable = False
    asked = len(slow.settle.asked)
    assert steps(slow, stroll[count : count + 8]) == []
    assert len(slow.settle.asked) > asked


def test_a_refusal_of_what_was_pending_is_no_name(slow: Stage, stroll: list[Frame]) -> None:
    """The log said "not yet", and then that it cannot be written."""
    until_pending(slow, stroll)
    slow.settle.error = LogUnavailable("disk full")
    told = slow.run.poll()
    assert [type(decision.match) for decision in told] == [Undecided]
    assert reasons(told) == [Reason.NOT_RECORDED]
    assert not slow.run.waiting


def test_a_refused_name_is_tried_again_with_the_shots_at_hand(slow: Stage, stroll: list[Frame]) -> None:
    """Somebody who stands still gives no better shot: the name comes all the same once the log is back."""
    count = until_pending(slow, stroll)
    slow.settle.error = LogUnavailable("disk full")
    slow.run.poll()
    slow.settle.error, slow.settle.durable = None, True
    for followed in slow.run._naming._followed.values():
        followed.look = lambda *_: None
    told = steps(slow, stroll[count : count + 8])
    assert [type(decision.match) for decision in told] == [Known]


def test_a_pending_name_is_decided_again_when_the_registry_changed(slow: Stage, stroll: list[Frame]) -> None:
    """Withdrawn while the leaf was written: the name never takes effect, durable or not."""
    until_pending(slow, stroll)
    slow.gate.withdraw("P003")
    slow.settle.durable = True
    told = slow.run.poll()
    assert [type(decision.match) for decision in told] == [Unknown]
    assert slow.named == set()


def test_somebody_who_may_be_seen_from_now_on_is_named_at_once(stage, stroll: list[Frame]) -> None:
    """A button pressed, a pause that ended: the shots at hand are enough."""
    here: Stage = stage("P007")
    steps(here, stroll[:12])
    assert here.named == set()
    for followed in here.run._naming._followed.values():
        followed.look = lambda *_: None
    here.gate.people.append("P003")
    here.gate.changes += 1
    assert [type(decision.match) for decision in steps(here, stroll[12:13])] == [Known]


def test_a_name_that_comes_back_with_the_registry_needs_no_new_shot(stage, stroll: list[Frame]) -> None:
    """The keeper was away for a moment: whoever stands still is named again."""
    here: Stage = stage("P003")
    steps(here, stroll[:12])
    for followed in here.run._naming._followed.values():
        followed.look = lambda *_: None
    here.gate.error = LogUnavailable("away")
    assert reasons(here.run.poll()) == [Reason.STALE]
    here.gate.error = None
    assert [type(decision.match) for decision in steps(here, stroll[12:13])] == [Known]


def test_of_two_tracks_of_one_person_one_is_pending(slow: Stage) -> None:
    """I10 counts pending names too: the other track is undecided for that reason."""
    scene = frames_of(
        walk("P003", (0.0, 300, 280, 96), (4.0, 420, 290, 104)),
        walk("P003", (0.0, 980, 270, 70), (4.0, 900, 272, 74)),
    )
    for frame, _ in scene:
        steps(slow, [frame])
        pending = [one for one in slow.run._naming._followed.values() if one.pending is not None]
        assert len(pending) <= 1
    assert Reason.ANOTHER_TRACK in reasons(slow.decisions)
    assert Reason.BEING_RECORDED in reasons(slow.decisions)


def test_a_crossing_ends_a_pending_name(slow: Stage, stroll: list[Frame]) -> None:
    """What was decided before the crossing does not take effect after it."""
    until_pending(slow, stroll)
    (followed,) = slow.run._naming._followed.values()
    followed.forget(Reason.CROSSED)
    slow.settle.durable = True
    assert Known not in {type(decision.match) for decision in slow.run.poll()}


def test_leaving_ends_what_is_pending(slow: Stage, stroll: list[Frame]) -> None:
    """The source is lost: the track ends as undecided, and nothing is asked again."""
    until_pending(slow, stroll)
    (ended,) = slow.run.leave()
    assert ended.ended
    assert ended.match.why.reason is Reason.BEING_RECORDED
    slow.settle.durable = True
    assert slow.run.poll() == []


def test_a_decision_carries_the_moment_of_its_decisive_shot(slow: Stage, stroll: list[Frame]) -> None:
    """From the shot to the event: the shot's own moment and arrival, also when the leaf took a while."""
    for number, frame in enumerate(stroll):
        made = slow.run.name(slow.run.see(frame, 100.0 + number))
        if Reason.BEING_RECORDED in reasons(made):
            break
    slow.settle.durable = True
    (told,) = slow.run.poll()
    assert told.shot is not None
    shot = round(told.shot.offset_s * RATE)
    assert number - 1 <= shot <= number
    assert told.shot.arrived_s == 100.0 + shot
    assert told.shot.captured_at == stroll[shot].captured_at >= START


def test_an_answer_that_the_registry_brought_is_measured_from_there(stage, stroll: list[Frame]) -> None:
    """The shots are old, the button was pressed now: the wait before it is nobody's latency."""
    here: Stage = stage("P007")
    steps(here, stroll[:12])
    for followed in here.run._naming._followed.values():
        followed.look = lambda *_: None
    here.gate.people.append("P003")
    here.gate.changes += 1
    (told,) = steps(here, stroll[12:13])
    assert told.shot is not None
    assert told.shot.captured_at == stroll[12].captured_at


def test_a_name_that_is_for_nobody_who_watches_reads_like_a_stranger(slow, stroll, monkeypatch):
    """Recorded all the same: from the first moment on, while it is recorded, when it holds and when the track ends."""
    asked = slow.gate.gallery
    monkeypatch.setattr(slow.gate, "gallery", lambda *of: replace(asked(*of), hidden=frozenset({"g-P003"})))
    for frame in stroll:
        steps(slow, [frame])
        slow.settle.durable = len(slow.settle.asked) > 1
    slow.decisions += slow.run.leave()
    assert {name for name, _ in slow.settle.names} == {"P003"}
    assert not slow.named
    assert not {Reason.BEING_RECORDED, Reason.CLEAR} & set(reasons(slow.decisions))
    assert all(each.sighting is None for each in slow.decisions)
    assert [match.why.reason for match in slow.settle.endings] == [Reason.NOBODY_ALIKE]
