"""A camera's run over live frames: seen, then named; left when the camera is lost; nothing uncovered leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from tests.pipeline.conftest import RATE, VIEWPOINT, FakeGate, FakeSettle, frames_of, walk

from beholden.model.errors import ModelError
from beholden.model.frame import CoveredFrame, Frame
from beholden.model.ids import Epoch
from beholden.model.match import Known
from beholden.pipeline.live import LiveRun
from beholden.pipeline.ports import TrackDecision


@dataclass(frozen=True, slots=True)
class Arrived:
    """A frame and when it arrived."""

    frame: Frame
    arrived_s: float


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Here:
    """A live run with everything around it as a fake."""

    def __init__(self, engine, references, *people: str, keep: bool = True) -> None:
        self.gate, self.settle, self.clock = FakeGate(references, people, engine.embedder.model), FakeSettle(), Clock()
        self.kept: list[tuple[CoveredFrame, datetime]] = []
        self.run = LiveRun(
            engine,
            VIEWPOINT,
            Epoch("e"),
            self.gate,
            self.settle,
            (lambda covered, at: self.kept.append((covered, at))) if keep else None,
            self.clock,
        )

    def play(self, frames: list[Frame]) -> list[TrackDecision]:
        made: list[TrackDecision] = []
        for frame in frames:
            self.run.see(Arrived(frame, self.clock()))
            made += self.run.name()
        return made


@pytest.fixture(scope="module")
def stroll() -> list[Frame]:
    return [frame for frame, _ in frames_of(walk("P003", (0.0, 300, 280, 80), (4.0, 560, 290, 100)))]


@pytest.fixture
def here(engine, references) -> Here:
    return Here(engine, references, "P003", "P007")


def test_a_live_camera_names_as_a_file_does(here: Here, stroll: list[Frame]) -> None:
    """The same frames, the same name."""
    assert {d.match.subject for d in here.play(stroll) if isinstance(d.match, Known)} == {"P003"}


def test_no_frame_is_seen_before_the_last_one_was_named(here: Here, stroll: list[Frame]) -> None:
    """A crossing marks one frame only: whoever skipped its naming would keep a name that ended."""
    here.run.see(Arrived(stroll[0], 0.0))
    assert here.run.to_name
    with pytest.raises(ValueError, match="named before"):
        here.run.see(Arrived(stroll[1], 0.2))
    here.run.name()
    here.run.see(Arrived(stroll[1], 0.2))


def test_each_covered_picture_leaves_with_its_moment(here: Here, stroll: list[Frame]) -> None:
    """Looking back delays pictures: each still comes with the moment it was captured at."""
    here.play(stroll)
    here.run.leave()
    assert [covered.index for covered, _ in here.kept] == [frame.index for frame in stroll]
    assert [at for _, at in here.kept] == [frame.captured_at for frame in stroll]
    assert all(covered.covers for covered, _ in here.kept)


def test_leaving_ends_all_tracks_and_wipes_them(here: Here, stroll: list[Frame]) -> None:
    """A lost camera: the tracks end, no shot survives, held pictures are shown."""
    here.play(stroll[:12])
    followed = list(here.run._run._naming._followed.values())
    endings = here.run.leave()
    assert [(d.ended, type(d.match)) for d in endings] == [(True, Known)]
    assert len(here.settle.endings) == 1
    assert all(not one.shots.embedded and not one.shots.waiting for one in followed)
    assert len(here.kept) == 12


def test_after_leaving_the_same_face_is_a_new_track(here: Here, stroll: list[Frame]) -> None:
    """The camera is back: nothing is carried over, and the person is recognised from new shots."""
    before = {d.track for d in here.play(stroll[:12])}
    here.run.leave()
    later = [replace(f, index=f.index + 100, offset_s=f.offset_s + 30, cut=f.index == 0) for f in stroll]
    after = here.play(later)
    assert not before & {d.track for d in after}
    assert any(isinstance(d.match, Known) for d in after)


def test_a_cut_in_the_stream_ends_the_tracks_before_it(here: Here, stroll: list[Frame]) -> None:
    """The first frame of another connection: the tracks of the one before end, without `leave`."""
    here.play(stroll[:12])
    made = here.play([replace(stroll[12], cut=True)])
    assert [d.ended for d in made] == [True, False]
    assert here.settle.endings


def test_a_dropped_run_shows_nothing_more(here: Here, stroll: list[Frame]) -> None:
    """Broken off: pictures that wait are not shown, and nothing is said."""
    here.play(stroll[:12])
    shown = len(here.kept)
    followed = list(here.run._run._naming._followed.values())
    here.run.drop()
    assert here.run.leave() == []
    assert len(here.kept) == shown < 12
    assert all(not one.shots.embedded for one in followed)


def test_covering_goes_on_when_names_are_forgotten(here: Here, stroll: list[Frame]) -> None:
    """The recogniser failed: no name, no shot, and every picture still covered and shown."""
    here.play(stroll[:10])

    class Broken:
        def __getattr__(self, name: str):
            raise ModelError("out of memory")

    naming = here.run._run._naming
    whole = naming._engine
    naming._engine = replace(whole, embedder=Broken())
    for frame in stroll[10:16]:
        here.run.see(Arrived(frame, 0.0))
        try:
            here.run.name()
        except ModelError:
            naming._engine = whole  # flushing needs one
            here.run.forget_names()
            naming._engine = replace(whole, embedder=Broken())
    naming._engine = whole
    here.run.leave()
    assert [covered.index for covered, _ in here.kept] == list(range(16))
    assert all(covered.covers for covered, _ in here.kept)


def test_health_counts_frames_and_measures_from_arrival(here: Here, stroll: list[Frame]) -> None:
    """Counted when seen; the time is from arrival until the covers are known."""
    here.clock.now_s = 7.25
    here.run.see(Arrived(stroll[0], 7.0))
    assert here.run.analysed == 1
    assert here.run.latency_s == pytest.approx(0.25)


def test_what_nobody_keeps_is_not_covered(engine, references, stroll: list[Frame]) -> None:
    """Without a recording there is no picture at all."""
    here = Here(engine, references, "P003", keep=False)
    assert any(isinstance(d.match, Known) for d in here.play(stroll))
    assert here.kept == []
    assert here.run._held == {}
    assert stroll[1].offset_s == 1 / RATE
