"""Frame to event on made scenes with known answers: crossings, crowds, and everything that can fail on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
from tests.pipeline.conftest import RATE, VIEWPOINT, FakeSettle, Stage, frames_of, walk

from beholden.demo.scene import Seen
from beholden.faces.shots import Shots
from beholden.model.errors import DataFolderError, LogUnavailable, ModelError, SourceLost
from beholden.model.frame import CoveredFrame, Frame
from beholden.model.ids import Epoch
from beholden.model.match import Known, Reason, Undecided, Unknown
from beholden.pipeline.ports import TrackDecision
from beholden.pipeline.stages import CameraRun
from beholden.video.cover import FILL

Shot = tuple[Frame, tuple[Seen, ...]]

STROLL = ((0.0, 300, 280, 80), (4.0, 560, 290, 100))


def truth_at(decision: TrackDecision, scene: list[Shot]) -> str | None:
    """Whose face is where the decision says."""
    _, truth = scene[round(decision.offset_s * RATE)]
    box = decision.where.scaled(1280, 720)
    best = max(truth, key=lambda seen: seen.box.iou(box), default=None)
    return best.person if best and best.box.iou(box) > 0.2 else None


@pytest.fixture(scope="module")
def stroll() -> list[Shot]:
    return frames_of(walk("P003", *STROLL))


def only(scene: list[Shot]) -> list[Frame]:
    return [frame for frame, _ in scene]


def test_somebody_who_agreed_is_named_once(stage, stroll: list[Shot]) -> None:
    """One walk, one name, one track, from several shots."""
    here: Stage = stage("P003", "P007")
    here.play(only(stroll))
    assert here.named == {"P003"}
    assert len({track for _, track in here.settle.names}) == 1
    assert [type(match) for match in here.settle.endings] == [Known]
    known = next(d for d in here.decisions if isinstance(d.match, Known))
    assert known.match.why.shots >= 2


def test_a_stranger_is_unknown_to_the_end(stage, stroll: list[Shot]) -> None:
    """The same walk, not enrolled: unknown, and nothing is stored under any name."""
    here: Stage = stage("P005", "P008")
    here.play(only(stroll))
    assert here.named == set()
    assert here.settle.names == []
    assert [type(match) for match in here.settle.endings] == [Unknown]


def test_crossing_people_keep_their_own_names(stage) -> None:
    """Two who agreed cross: the names end at the crossing, come back by new shots, and never change sides."""
    scene = frames_of(
        walk("P003", (0.0, 200, 280, 92), (6.0, 1080, 290, 96)),
        walk("P007", (0.0, 1080, 270, 84), (6.0, 200, 272, 86)),
        seconds=6.0,
    )
    here: Stage = stage("P003", "P007")
    here.play(only(scene))
    names = [d for d in here.decisions if isinstance(d.match, Known) and not d.ended]
    assert {d.match.subject for d in names} == {"P003", "P007"}
    assert all(truth_at(d, scene) == d.match.subject for d in names)
    assert any(d.match.why.reason is Reason.CROSSED for d in here.decisions)
    assert {d.match.subject for d in names if d.offset_s > 3.2} == {"P003", "P007"}


def test_a_stranger_who_crosses_does_not_inherit_the_name(stage) -> None:
    """One of the two never agreed: at no moment does the name lie on the other."""
    scene = frames_of(
        walk("P003", (0.0, 200, 280, 92), (6.0, 1080, 290, 96)),
        walk("P006", (0.0, 1080, 270, 84), (6.0, 200, 272, 86)),
        seconds=6.0,
    )
    here: Stage = stage("P003")
    here.play(only(scene))
    names = [d for d in here.decisions if isinstance(d.match, Known) and not d.ended]
    assert names
    assert {truth_at(d, scene) for d in names} == {"P003"}


def test_in_a_crowd_only_those_who_agreed_are_named(stage) -> None:
    """Six people, two of them enrolled."""
    scene = frames_of(
        walk("P003", (0.0, 640, 300, 84), (5.0, 620, 305, 96)),
        walk("P008", (0.0, 430, 270, 72), (5.0, 440, 280, 84)),
        walk("P001", (0.0, 120, 260, 66), (5.0, 200, 262, 70)),
        walk("P002", (0.0, 1200, 262, 66), (5.0, 1120, 266, 74)),
        walk("P006", (0.0, 290, 262, 64), (5.0, 310, 268, 72)),
        walk("P009", (0.0, 850, 280, 74), (5.0, 880, 290, 84)),
        seconds=5.0,
    )
    here: Stage = stage("P003", "P008")
    here.play(only(scene))
    names = [d for d in here.decisions if isinstance(d.match, Known) and not d.ended]
    assert {d.match.subject for d in names} == {"P003", "P008"}
    assert all(truth_at(d, scene) == d.match.subject for d in names)


def test_where_there_is_no_time_each_frame_gives_one_template_at_most(stage, monkeypatch) -> None:
    """Of the face that has the fewest: three people are named one after the other, and all of them."""
    scene = frames_of(
        walk("P003", (0.0, 300, 280, 84), (6.0, 340, 290, 96)),
        walk("P008", (0.0, 640, 270, 84), (6.0, 660, 280, 92)),
        walk("P007", (0.0, 1000, 270, 84), (6.0, 980, 280, 92)),
        seconds=6.0,
    )
    here: Stage = stage("P003", "P007", "P008")
    made: list[int] = []
    embed = Shots.embed

    def counted(shots: Shots, *given, **named):
        made[-1] += 1
        return embed(shots, *given, **named)

    monkeypatch.setattr(Shots, "embed", counted)
    for frame in only(scene):
        made.append(0)
        here.decisions += here.run.name(here.run.see(frame), hurried=True)
    assert max(made) == 1
    assert here.named == {"P003", "P007", "P008"}
    shots = [len(one.shots.embedded) for one in here.run._naming._followed.values()]
    assert max(shots) - min(shots) <= 1


def test_every_face_in_a_crowd_is_covered(stage) -> None:
    """Named or not, doubtful or sure: where the truth has a face, the picture has a solid patch."""
    people = ("P003", "P001", "P002", "P006", "P009")
    scene = frames_of(
        *(walk(p, (0.0, 130 + 250 * i, 280, 70), (3.0, 180 + 220 * i, 290, 80)) for i, p in enumerate(people)),
        seconds=3.0,
    )
    here: Stage = stage("P003")
    here.play(only(scene))
    assert len(here.shown) == len(scene)
    for covered, (_, truth) in zip(here.shown, scene, strict=True):
        for seen in truth:
            assert is_covered(covered, seen)


def is_covered(covered: CoveredFrame, seen: Seen) -> bool:
    """Whether every pixel of the middle 80% of a true face is the fill."""
    area = seen.box.scaled(0.5, 0.5).enlarged(0.8).within(*covered.size)
    assert area is not None
    left, top, right, bottom = area
    return bool((covered.pixels[top:bottom, left:right] == FILL).all())


def test_a_face_that_was_not_covered_would_be_noticed(stroll: list[Shot]) -> None:
    """The check above sees an uncovered face."""
    frame, truth = stroll[5]
    assert not is_covered(CoveredFrame(0, 0.0, frame.pixels, 0), truth[0])


def test_the_face_is_covered_before_the_detector_first_saw_it(stage) -> None:
    """Looking back: frames before the first detection are covered where the face must have been."""
    scene = frames_of(walk("P003", *STROLL), seconds=2.0)
    here: Stage = stage("P003")
    tracker_started = 3

    class LateDetector:
        def detect(self, pixels: np.ndarray, threshold: float, border: int) -> list:
            self.calls = getattr(self, "calls", 0) + 1
            return [] if self.calls <= tracker_started else here.run_detector.detect(pixels, threshold, border)

    here.run_detector = here.run._engine.detector
    here.run._engine = replace(here.run._engine, detector=LateDetector())
    here.play(only(scene))
    assert all(is_covered(c, truth[0]) for c, (_, truth) in list(zip(here.shown, scene, strict=True))[1:])


def test_a_withdrawal_ends_the_name_in_the_next_frame(stage, stroll: list[Shot]) -> None:
    """The registry changes while somebody is in view and named: the next frame no longer knows them."""
    here: Stage = stage("P003", "P007")

    def frames() -> Iterator[Frame]:
        for frame, _ in stroll:
            if frame.index == 12:
                here.gate.withdraw("P003")
            yield frame

    here.play(frames())
    last_name = max(d.offset_s for d in here.decisions if isinstance(d.match, Known))
    assert last_name < 12 / RATE
    assert any(isinstance(d.match, Unknown) and d.offset_s == 12 / RATE for d in here.decisions)


def test_while_the_registry_cannot_be_asked_nobody_is_named_and_everybody_is_covered(stage, stroll) -> None:
    """I3: naming stops, covering goes on."""
    here: Stage = stage("P003")
    here.gate.error = DataFolderError("gone")
    here.play(only(stroll))
    assert here.named == set()
    assert len(here.shown) == len(stroll)
    assert all(covered.covers for covered in here.shown)


def test_a_name_ends_when_the_registry_goes_away_and_returns_with_it(stage, stroll: list[Shot]) -> None:
    """Stale means nameless, within a frame; everything recovers by itself."""
    here: Stage = stage("P003")

    def frames() -> Iterator[Frame]:
        for frame, _ in stroll:
            here.gate.error = DataFolderError("gone") if 8 <= frame.index < 11 else None
            yield frame

    here.play(frames())
    during = [d for d in here.decisions if 8 <= round(d.offset_s * RATE) < 11]
    assert [type(d.match) for d in during] == [Undecided]
    assert during[0].match.why.reason is Reason.STALE
    assert any(isinstance(d.match, Known) and d.offset_s * RATE >= 11 for d in here.decisions)


def test_what_cannot_be_logged_does_not_happen(stage, stroll: list[Shot]) -> None:
    """I5: no leaf, no name; the picture is covered all the same, and the name comes once the log is back."""
    here: Stage = stage("P003")

    def frames() -> Iterator[Frame]:
        for frame, _ in stroll:
            here.settle.error = LogUnavailable("disk full") if frame.index < 14 else None
            yield frame

    here.play(frames())
    assert min(d.offset_s for d in here.decisions if isinstance(d.match, Known)) >= 14 / RATE
    assert len(here.shown) == len(stroll)


def test_what_the_log_refused_is_no_name_at_the_end_either(stage, stroll: list[Shot]) -> None:
    """I5: a log that refuses to the end leaves no name anywhere, also not in what the track ended as."""
    here: Stage = stage("P003")

    class Refusing(FakeSettle):
        def named(self, *args: object) -> None:
            raise LogUnavailable("disk full")

    here.settle = here.run._naming._settle = Refusing()
    here.play(only(stroll))
    assert here.named == set()
    assert [type(match) for match in here.settle.endings] == [Undecided]
    assert here.settle.endings[0].why.reason is Reason.NOT_RECORDED


def test_a_name_that_a_crossing_ended_does_not_come_back_at_the_end(stage) -> None:
    """The track ends in the crossing: it ends without a name."""
    scene = frames_of(
        walk("P003", (0.0, 200, 280, 92), (6.0, 1080, 290, 96)),
        walk("P006", (0.0, 1080, 270, 84), (6.0, 200, 272, 86)),
        seconds=6.0,
    )
    here: Stage = stage("P003")
    crossing = next(
        index for index, frame in enumerate(only(scene)) for track in here.run._follow(here.run._detect(frame), frame)
        if track.ambiguous
    )  # fmt: skip
    again: Stage = stage("P003")
    again.play(only(scene)[: crossing + 1])
    assert "P003" in again.named
    assert not [match for match in again.settle.endings if isinstance(match, Known)]


def test_half_a_face_at_the_edge_is_covered(stage) -> None:
    """Cut by the edge of the picture, and still somebody."""
    scene = frames_of(walk("P003", (0.0, 1240, 320, 190), (3.0, 1242, 322, 190)), seconds=2.0)
    here: Stage = stage("P003")
    here.play(only(scene))
    assert all(covered.covers for covered in here.shown)
    assert (here.shown[5].pixels[150:170, 600:638] == FILL).all()


def test_when_the_detector_fails_the_whole_picture_is_covered(stage, stroll: list[Shot]) -> None:
    """I6: what no detector has seen does not leave."""

    class Broken:
        def detect(self, pixels: np.ndarray, threshold: float, border: int) -> list:
            raise ModelError("out of memory")

    here: Stage = stage("P003")
    here.run._engine = replace(here.run._engine, detector=Broken())
    here.play(only(stroll))
    assert len(here.shown) == len(stroll)
    assert all(covered.whole and (covered.pixels == FILL).all() for covered in here.shown)


def test_one_person_is_named_once_in_a_frame(stage) -> None:
    """I10: the same face twice (a poster, a screen): one keeps the name, the other is undecided."""
    scene = frames_of(
        walk("P003", (0.0, 300, 280, 96), (4.0, 420, 290, 104)),
        walk("P003", (0.0, 980, 270, 70), (4.0, 900, 272, 74)),
    )
    here: Stage = stage("P003", "P007")
    here.play(only(scene))
    assert any(d.match.why.reason is Reason.ANOTHER_TRACK for d in here.decisions)
    holders: dict[str, bool] = {}
    for _, frame in groupby(here.decisions, key=lambda decision: decision.offset_s):
        holders |= {d.track: isinstance(d.match, Known) and not d.ended for d in frame}
        assert sum(holders.values()) <= 1


def test_another_face_in_the_same_place_does_not_keep_the_name(stage) -> None:
    """The template jumps: somebody else stands where the named person stood, and starts from nothing."""
    first = frames_of(walk("P003", (0.0, 500, 280, 96), (4.0, 520, 280, 96)))
    second = frames_of(walk("P006", (0.0, 500, 280, 96), (6.0, 520, 280, 96)), seconds=6.0)
    mixed = [shot[0] for shot in first[:12]] + [shot[0] for shot in second[12:]]
    here: Stage = stage("P003")
    here.play(mixed)
    last = max((d for d in here.decisions if not d.ended), key=lambda d: d.offset_s)
    assert not isinstance(last.match, Known)
    late = [d for d in here.decisions if isinstance(d.match, Known) and d.offset_s > 12 / RATE + 2.6 and not d.ended]
    assert late == []


def test_a_broken_source_shows_what_came_before_and_wipes_everything(stage, stroll: list[Shot]) -> None:
    """The error arrives, after every covered frame has left; no shot survives."""
    here: Stage = stage("P003")

    def frames() -> Iterator[Frame]:
        yield from only(stroll)[:9]
        raise SourceLost("unplugged")

    with pytest.raises(SourceLost):
        here.play(frames())
    assert [covered.index for covered in here.shown] == list(range(9))
    assert here.run._naming._followed == {}
    assert [type(match) for match in here.settle.endings] == [Known]


def test_stopping_early_wipes_everything(stage, stroll: list[Shot]) -> None:
    """Whoever stops listening leaves no probe behind."""
    here: Stage = stage("P003")
    watching = here.run.watch(only(stroll))
    next(watching)
    followed = list(here.run._naming._followed.values())
    watching.close()
    assert here.run._naming._followed == {}
    assert all(not one.shots.embedded and not one.shots.waiting for one in followed)


def test_frames_leave_once_and_in_order(stage, stroll: list[Shot]) -> None:
    """No frame is lost or doubled by looking back."""
    here: Stage = stage("P003")
    here.play(only(stroll))
    assert [covered.index for covered in here.shown] == [frame.index for frame, _ in stroll]


def test_without_show_nothing_is_covered_or_kept(engine, stage, stroll: list[Shot]) -> None:
    """Watching alone makes no picture at all."""
    here: Stage = stage("P003")
    run = CameraRun(engine, VIEWPOINT, Epoch("x"), here.gate, FakeSettle())
    assert any(isinstance(decision.match, Known) for decision in run.watch(only(stroll)))
    assert run._coverer is None


def test_nothing_is_carried_over_a_cut(stage, stroll: list[Shot]) -> None:
    """Two photos of a folder: the same face at the same place is a new track, and the first one's cover ends."""
    here: Stage = stage("P003")
    empty = replace(stroll[0][0], pixels=np.full((360, 640, 3), 90, np.uint8))
    frames = [replace(stroll[0][0], index=0), replace(empty, index=1, offset_s=0.3, cut=True)]
    frames.append(replace(stroll[0][0], index=2, offset_s=0.6, cut=True))
    here.play(frames)
    assert [covered.covers > 0 for covered in here.shown] == [True, False, True]
    assert len({decision.track for decision in here.decisions}) == 2
    assert len(here.settle.endings) == 2
