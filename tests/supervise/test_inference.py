"""The thread that looks at pictures: overload, lost cameras, broken pictures, all on a clock of paper."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from beholden.model.errors import ModelError
from beholden.model.frame import CoveredFrame
from beholden.model.ids import CameraId, Epoch
from beholden.pipeline.live import LiveRun
from beholden.pipeline.ports import TrackDecision
from beholden.supervise.workers.inference import Inference
from beholden.supervise.workers.slots import LatestFrame
from beholden.supervise.workers.watched import HURRIED_S, Watched
from beholden.video.cover import FILL
from tests.supervise.cameras import FACE, Endings, FakeCamera, FakeLink, fake_engine, frame, spec, viewpoint

RATE = 5.0


class Kept:
    """Takes covered pictures."""

    def __init__(self) -> None:
        self.pictures: list[tuple[CoveredFrame, datetime]] = []
        self.closed = False
        self.problem = None

    def __call__(self, covered: CoveredFrame, captured_at: datetime) -> None:
        assert not self.closed
        self.pictures.append((covered, captured_at))

    def close(self) -> None:
        self.closed = True


class Bench:
    """An inference thread stepped by hand; `cost_s` of the clock goes by with each look at a picture."""

    def __init__(self, cameras: int, cost_s: float = 0.0) -> None:
        self.now_s = 0.0
        self.cost_s = cost_s
        self.link = FakeLink()
        self.engine = fake_engine(self.work)
        self.broken: set[str] = set()
        self.told: list[TrackDecision] = []
        self.arrived = threading.Condition()
        self.inference = Inference(self.arrived, self.make_run, self.told.extend, self.clock)
        self.cameras: dict[str, Watched] = {}
        self.sources: dict[str, FakeCamera] = {}
        self.kept: dict[str, Kept] = {}
        self.sent: dict[str, int] = {}
        for number in range(cameras):
            self.add(f"c{number}")

    def add(self, name: str) -> Watched:
        tape: Any = Kept()
        self.sources[name] = FakeCamera(spec(name))
        watched = Watched(
            spec(name),
            viewpoint(spec(name).camera),
            self.sources[name],
            LatestFrame(self.arrived),
            tape,
            1 / RATE,
            self.clock,
        )
        self.cameras[name], self.kept[name], self.sent[name] = watched, tape, 0
        self.inference.add(watched)
        return watched

    def clock(self) -> float:
        return self.now_s

    def work(self, pixels: np.ndarray) -> None:
        self.now_s += self.cost_s
        if int(pixels[0, 0, 0]) == 200:
            raise ValueError("a picture that breaks the code")

    def make_run(self, watched: Watched) -> LiveRun:
        return LiveRun(
            self.engine,
            watched.viewpoint,
            Epoch("e"),
            self.link.gate(),
            self.link.settle(),
            watched.tape,
            self.clock,
        )

    def deliver(self, name: str, **details: Any) -> None:
        index = self.sent[name]
        self.sent[name] += 1
        details = {"arrived_s": self.now_s, "offset_s": self.now_s + 1e-6 * index} | details
        self.cameras[name].slot.put(frame(index, camera=name, **details))

    def settle(self) -> None:
        """Do all there is to do."""
        while self.inference.step():
            pass

    def play(self, seconds: float, *names: str) -> None:
        """Frames of these cameras (all) arrive five a second, each in its own phase."""
        names = names or tuple(self.cameras)
        due = {name: self.now_s + 0.01 * number for number, name in enumerate(names)}
        ends = self.now_s + seconds
        while self.now_s < ends:
            for name in names:
                while due[name] <= self.now_s:
                    due[name] += 1 / RATE
                    if due[name] > self.now_s:
                        self.deliver(name)
            if not self.inference.step():
                self.now_s += 0.005


def test_overload_takes_the_same_from_every_camera() -> None:
    """Eight cameras want 40 looks a second and get 10: each gets its eighth, and the rest is dropped, not queued."""
    bench = Bench(8, cost_s=0.1)
    bench.play(40.0)
    counts = [watched.analysed for watched in bench.cameras.values()]
    assert max(counts) - min(counts) <= 1
    assert sum(counts) == pytest.approx(400, rel=0.05)
    assert all(watched.slot.dropped > 50 for watched in bench.cameras.values())


def test_every_frame_that_is_shown_under_overload_is_covered() -> None:
    """I6 holds whatever the load: what was not looked at is not shown, what is shown has its cover."""
    bench = Bench(6, cost_s=0.12)
    bench.play(30.0)
    left, top, right, bottom = FACE.within(64, 36) or (0, 0, 0, 0)
    for name, kept in bench.kept.items():
        assert len(kept.pictures) > 10
        assert len(kept.pictures) <= bench.cameras[name].analysed
        for covered, _ in kept.pictures:
            assert (covered.pixels[top:bottom, left:right] == FILL).all()


def test_an_uncovered_picture_would_be_noticed() -> None:
    """The check above sees a face that is bare."""
    left, top, right, bottom = FACE.within(64, 36) or (0, 0, 0, 0)
    assert not (frame(0).frame.pixels[top:bottom, left:right] == FILL).all()


def test_without_overload_nothing_is_dropped() -> None:
    """Three cameras, time enough: every frame is looked at."""
    bench = Bench(3, cost_s=0.02)
    bench.play(10.0)
    bench.settle()
    assert [watched.analysed for watched in bench.cameras.values()] == list(bench.sent.values())
    assert all(watched.slot.dropped == 0 for watched in bench.cameras.values())


def test_names_are_hurried_while_frames_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """And for a moment after; not where there is time for everything."""
    hurried: list[bool] = []
    name = LiveRun.name

    def named(run: LiveRun, *, hurried: bool = False, asked: list[bool] = hurried) -> list[TrackDecision]:
        asked.append(hurried)
        return name(run, hurried=hurried)

    monkeypatch.setattr(LiveRun, "name", named)
    Bench(3, cost_s=0.02).play(10.0)
    assert hurried
    assert not any(hurried)
    hurried.clear()
    bench = Bench(8, cost_s=0.1)
    bench.play(20.0)
    assert sum(hurried) > 0.9 * len(hurried)
    bench.cost_s = 0.0
    bench.play(HURRIED_S + 2.0)
    hurried.clear()
    bench.play(2.0)
    assert not any(hurried)


def test_latency_is_from_arrival_to_covers() -> None:
    """A frame that waited for another camera's look took that long too."""
    bench = Bench(2, cost_s=0.1)
    bench.deliver("c0")
    bench.deliver("c1")
    bench.settle()
    assert bench.cameras["c0"].health().latency_s == pytest.approx(0.1)
    assert bench.cameras["c1"].health().latency_s == pytest.approx(0.2)


def test_both_are_covered_before_either_is_named() -> None:
    """Two frames wait: see, see, name, name."""
    bench = Bench(2)
    order: list[str] = []
    for name in ("c0", "c1"):
        bench.deliver(name)
    for _ in range(4):
        before = {name: watched.standing().to_name for name, watched in bench.cameras.items()}
        bench.inference.step()
        after = {name: watched.standing().to_name for name, watched in bench.cameras.items()}
        order += ["see" if after[name] else "name" for name in before if before[name] != after[name]]
    assert order == ["see", "see", "name", "name"]


def test_a_camera_without_frames_for_a_second_is_left() -> None:
    """Its tracks end, its covered pictures leave, the others go on."""
    bench = Bench(2)
    bench.play(2.0)
    bench.play(0.6, "c1")
    assert not [decision for decision in bench.told if decision.ended]
    bench.play(0.7, "c1")
    ended = [decision for decision in bench.told if decision.ended]
    assert {decision.viewpoint.camera for decision in ended} == {CameraId("c0")}
    assert len(bench.kept["c0"].pictures) == bench.cameras["c0"].analysed


def test_a_still_scene_may_show_a_picture_a_second() -> None:
    """A camera at which nothing moves is decoded at its keyframes: it is lost later, and nobody's track waits."""
    bench = Bench(1)
    for _ in range(2):
        bench.deliver("c0", grey=0)
        bench.settle()
        bench.now_s += 1.2
    bench.settle()
    assert len(bench.kept["c0"].pictures) == 1
    bench.now_s += 3.0
    bench.settle()
    assert len(bench.kept["c0"].pictures) == 2


def test_a_camera_that_wakes_is_not_lost_by_what_comes_late() -> None:
    """Its packets waited for a second: the frames of them arrived long ago, and come now."""
    bench = Bench(1)
    bench.now_s = 10.0
    watched = bench.cameras["c0"]
    for index in range(3):
        watched._deliver(replace(frame(index, camera="c0", arrived_s=8.5 + index / 5, offset_s=index / 5), late=True))
        bench.settle()
    assert [decision for decision in bench.told if decision.ended] == []
    assert watched.run is not None
    bench.now_s += 1.1
    bench.settle()
    assert [decision.ended for decision in bench.told][-1:] == [True]


def test_whoever_reads_is_told_whether_anything_moves() -> None:
    """A new picture, one like it, somebody in it, and the same who does not move: still is only the second."""
    bench = Bench(1)
    source = bench.sources["c0"]
    for number, grey in enumerate((0, 0, 120, 120)):
        bench.now_s = number / RATE
        bench.deliver("c0", grey=grey, offset_s=number / RATE)
        bench.settle()
    assert source.told == [(0.0, False), (0.2, True), (0.4, False), (0.6, False)]


def test_a_camera_that_is_back_begins_new_tracks() -> None:
    """Nobody is the same face as before the gap."""
    bench = Bench(1)
    bench.play(2.0)
    bench.now_s += 3.0
    bench.settle()
    before = {decision.track for decision in bench.told}
    bench.play(1.0)
    assert {decision.track for decision in bench.told} - before


def test_a_camera_is_left_once() -> None:
    """Away for a minute: there is nothing to end again."""
    bench = Bench(1)
    bench.play(1.0)
    bench.now_s += 2.0
    bench.settle()
    told = len(bench.told)
    bench.now_s += 60.0
    assert not bench.inference.step()
    assert len(bench.told) == told


def test_a_removed_camera_is_wiped_before_anything_else() -> None:
    """Its run holds nothing after the next step, though frames of others wait; then its recording is closed."""
    bench = Bench(2)
    bench.play(1.0)
    watched = bench.cameras["c0"]
    assert watched.run is not None
    naming = watched.run._run._naming
    bench.deliver("c1")
    bench.inference.remove(CameraId("c0"))
    bench.inference.step()
    assert naming._followed == {}
    assert bench.kept["c0"].closed
    assert len(bench.kept["c0"].pictures) == watched.analysed
    settle: Endings = bench.link.the_settle
    assert [camera for camera, _ in settle.endings] == ["c0"]


def test_a_picture_that_breaks_the_code_ends_no_other_camera() -> None:
    """The run is dropped, what it held is not shown, and the next picture begins anew."""
    bench = Bench(2)
    bench.play(2.0)
    shown = len(bench.kept["c0"].pictures)
    held = bench.cameras["c0"].analysed - shown
    bench.deliver("c0", grey=200)
    bench.settle()
    assert "ValueError" in (bench.cameras["c0"].health().error or "")
    bench.play(3.0)
    assert held > 0
    indices = [covered.index for covered, _ in bench.kept["c0"].pictures]
    assert len(indices) == len(set(indices))
    assert not set(range(shown, shown + held + 1)) & set(indices)
    assert bench.cameras["c0"].analysed > 20
    assert bench.cameras["c1"].health().error is None


def test_what_a_foreign_error_says_is_not_told() -> None:
    """Its name and where it was: its text may hold anything."""
    bench = Bench(1)
    bench.deliver("c0", grey=200)
    bench.settle()
    error = bench.cameras["c0"].health().error or ""
    assert "ValueError (test_inference.py:" in error
    assert "breaks the code" not in error


def test_a_problem_that_is_over_is_not_told_for_ever() -> None:
    """Ten seconds later the camera is well."""
    bench = Bench(1)
    bench.deliver("c0", grey=200)
    bench.settle()
    bench.now_s += 11.0
    assert bench.cameras["c0"].health().error is None


def test_naming_that_fails_stops_no_covering(monkeypatch: pytest.MonkeyPatch) -> None:
    """The recogniser is broken: every picture is covered and shown all the same."""
    bench = Bench(1)
    bench.play(1.0)

    def broken(*_: object, **__: object) -> None:
        raise ModelError("out of memory")

    watched = bench.cameras["c0"]
    assert watched.run is not None
    monkeypatch.setattr(watched.run._run._naming, "update", broken)
    bench.play(3.0)
    bench.now_s += 3.0
    bench.settle()
    assert watched.health().error == "out of memory"
    assert [covered.index for covered, _ in bench.kept["c0"].pictures] == list(range(watched.analysed))


def test_a_names_leaf_is_asked_for_between_frames() -> None:
    """Without any frame the run is polled, so that an answer of the keeper waits for nobody."""
    bench = Bench(1)
    bench.play(1.0)
    bench.settle()
    polled: list[float] = []
    run = bench.cameras["c0"].run
    assert run is not None
    run.poll = lambda: polled.append(bench.now_s) or []  # type: ignore[method-assign]
    for _ in range(20):
        bench.inference.step()
        bench.now_s += 0.05
    assert len(polled) >= 9


def test_stopping_leaves_every_camera() -> None:
    """On the way out tracks end, pictures leave, recordings close."""
    bench = Bench(3)
    bench.play(2.0)
    bench.inference.stop()
    bench.inference.run()
    assert {decision.viewpoint.camera for decision in bench.told if decision.ended} == {"c0", "c1", "c2"}
    assert all(kept.closed for kept in bench.kept.values())
    assert all(len(bench.kept[name].pictures) == watched.analysed for name, watched in bench.cameras.items())


def test_a_frame_wakes_the_thread() -> None:
    """The real loop: nothing waits, a frame comes, it is looked at."""
    bench = Bench(1)
    thread = threading.Thread(target=bench.inference.run)
    thread.start()
    looked = threading.Event()
    bench.engine.detector.work = lambda _: looked.set()  # type: ignore[attr-defined]
    bench.deliver("c0")
    assert looked.wait(20)
    bench.inference.stop()
    thread.join(20)
    assert not thread.is_alive()
