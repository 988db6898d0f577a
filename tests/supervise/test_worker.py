"""A worker from its pipe in to its pipe out, in this process, with cameras that do as they are told."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from beholden.faces.engine import load_engine
from beholden.faces.enrolment import make_reference
from beholden.model.camera import CameraSpec, CameraState
from beholden.model.errors import AddressRefused, StorageFull, WeightsMissing
from beholden.model.ids import CameraId
from beholden.supervise.workers.reports import Decision, Health, Problem, read_cameras, read_report, write_cameras
from beholden.supervise.workers.worker import STUCK, UNREADABLE, WorkerOptions, WorkerParts, run_worker
from beholden.video.cover import FILL
from tests.pipeline.conftest import FakeGate, FakeSettle, frames_of, walk
from tests.supervise.cameras import FACE, FakeCamera, FakeLink, Tapes, fake_engine, spec, until, viewpoint

QUICK = WorkerOptions(rate=50.0, stuck_s=60.0, report_s=0.05, tick_s=0.02)


class Running:
    """A worker on a thread, with the other ends of its pipes."""

    def __init__(self, options: WorkerOptions = QUICK, **parts: Any) -> None:
        self.cameras: dict[str, FakeCamera] = {}
        self.begun: list[CameraSpec] = []
        self.tapes = Tapes()
        self.link = FakeLink()
        self.engine = fake_engine()
        self.lines: list[bytes] = []
        self.stop = False
        self.code: int | None = None
        made = {
            "engine": lambda: self.engine,
            "link": lambda: self.link,
            "source": self.source,
            "viewpoint": viewpoint,
            "recording": self.tapes,
        } | parts
        into, self._into = os.pipe()
        self._out, out = os.pipe()
        self.stdin, self.stdout = os.fdopen(into, "rb"), os.fdopen(out, "wb", buffering=0)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._thread = threading.Thread(target=self._run, args=(WorkerParts(**made), options), daemon=True)
        self._thread.start()

    def source(self, camera: CameraSpec) -> FakeCamera:
        self.begun.append(camera)
        self.cameras[camera.camera.id] = FakeCamera(camera)
        return self.cameras[camera.camera.id]

    def _run(self, parts: WorkerParts, options: WorkerOptions) -> None:
        self.code = run_worker(parts, self.stdin, self.stdout, lambda: self.stop, options)
        self.stdout.close()

    def _read(self) -> None:
        with os.fdopen(self._out, "rb") as stream:
            self.lines.extend(iter(stream.readline, b""))

    def send(self, *cameras: CameraSpec) -> None:
        self.write(write_cameras(cameras))

    def write(self, line: bytes) -> None:
        os.write(self._into, line)

    def hang_up(self) -> None:
        if self._into >= 0:
            os.close(self._into)
            self._into = -1

    def end(self) -> int | None:
        self.stop = True
        self.wait()
        for camera in self.cameras.values():
            camera.released.set()
        return self.code

    def wait(self) -> None:
        self._thread.join(30)
        assert not self._thread.is_alive()
        self._reader.join(30)
        self.hang_up()

    def reports(self, kind: type) -> list[Any]:
        return [report for line in list(self.lines) if isinstance(report := read_report(line), kind)]

    def health(self, camera: str) -> Any:
        newest = self.reports(Health)
        return next((one for one in newest[-1].cameras if one.camera == camera), None) if newest else None

    def seen(self, camera: str) -> Callable[[], bool]:
        """Whether the camera was analysed further than now."""
        now = self.health(camera)
        before = 0 if now is None else now.analysed
        return lambda: (self.health(camera) or now) is not None and self.health(camera).analysed > before + 3


@pytest.fixture
def running() -> Iterator[Running]:
    here = Running()
    yield here
    here.end()


def test_cameras_of_the_list_are_watched(running: Running) -> None:
    """Health each second: state, counters, newest moment."""
    running.send(spec("a"), spec("b"))
    until(running.seen("a"))
    until(running.seen("b"))
    health = running.health("a")
    assert health.state is CameraState.LIVE
    assert health.read >= health.analysed > 0
    assert health.latency_s is not None
    assert health.seen_at is not None
    assert health.error is None


def test_rates_are_told(running: Running) -> None:
    """Read and analysed per second over the last looks."""
    running.send(spec("a"))
    until(lambda: running.health("a") and running.health("a").analysed_fps > 0)
    assert running.health("a").read_fps > 0


def test_decisions_are_told_without_template_or_score(running: Running) -> None:
    """Who, where, why, and nothing to climb."""
    running.send(spec("a"))
    until(lambda: running.reports(Decision))
    decision = running.reports(Decision)[0]
    assert (decision.camera, decision.place, decision.answer) == ("a", "lobby", "unknown")
    assert decision.subject is None
    assert decision.why
    assert decision.where == pytest.approx((FACE.x / 64, FACE.y / 36, FACE.w / 64, FACE.h / 36))
    assert not [line for line in running.lines if b"vector" in line or b"score" in line or b"above" in line]


def test_a_removed_camera_ends_at_once(running: Running) -> None:
    """Its thread is told to stop, its tracks end, its run holds nothing; the other goes on."""
    running.send(spec("a"), spec("b"))
    until(running.seen("a"))
    running.send(spec("b"))
    assert running.cameras["a"].ended.wait(20)
    until(lambda: any(d.camera == "a" and d.ended for d in running.reports(Decision)))
    until(lambda: running.health("a") is None)
    until(running.seen("b"))


def test_a_paused_camera_ends_as_a_removed_one_does(running: Running) -> None:
    """It is in the list, and nobody looks at it."""
    running.send(spec("a"))
    until(running.seen("a"))
    running.send(spec("a", paused=True))
    assert running.cameras["a"].ended.wait(20)
    until(lambda: running.health("a") is None)


def test_a_camera_comes_back(running: Running) -> None:
    """Paused and resumed: another source, another run."""
    running.send(spec("a"))
    until(running.seen("a"))
    running.send()
    assert running.cameras["a"].ended.wait(20)
    running.send(spec("a"))
    until(lambda: len(running.begun) == 2)
    until(running.seen("a"))


def test_the_same_list_again_changes_nothing(running: Running) -> None:
    """Sent twice, opened once."""
    running.send(spec("a"))
    until(running.seen("a"))
    running.send(spec("a"))
    until(running.seen("a"))
    assert len(running.begun) == 1


def test_another_address_is_another_camera(running: Running) -> None:
    """The password changed: the camera is opened anew."""
    running.send(spec("a"))
    until(running.seen("a"))
    running.send(spec("a", address="rtsp://user:new@10.0.0.9/"))
    until(lambda: len(running.begun) == 2)
    until(running.seen("a"))


def test_passwords_are_not_told(running: Running) -> None:
    """They come in by the pipe, and are in nothing that goes out."""
    running.send(spec("a", address="rtsp://user:hunter2@10.0.0.9/"))
    until(running.seen("a"))
    assert not [line for line in running.lines if b"hunter2" in line or b"10.0.0.9" in line]


def test_a_camera_that_shows_nothing_is_left(running: Running) -> None:
    """One second without a frame: the tracks end, though the source still says that it is live."""
    running.send(spec("a"))
    until(running.seen("a"))
    running.cameras["a"].mute.set()
    until(lambda: any(d.ended for d in running.reports(Decision)))


@pytest.mark.parametrize("line", [b"{}\n", b"[1]\n", b"hunter2\n", b'[{"camera": {}}]\n', b"[]"])
def test_what_is_no_list_of_cameras_ends_the_worker(line: bytes) -> None:
    """A parent that talks nonsense is not obeyed, and what it said is told nobody."""
    here = Running()
    here.write(line)
    here.hang_up()
    here.wait()
    assert here.code == UNREADABLE
    assert not [told for told in here.lines if b"hunter2" in told]
    assert here.begun == []


def test_unknown_words_in_the_list_are_refused() -> None:
    """Strict: what is not known is not passed over."""
    line = write_cameras([spec("a")])
    assert read_cameras(line) == (spec("a"),)
    assert read_cameras(line.replace(b'"address"', b'"adress"')) is None
    assert read_cameras(line.replace(b'"paused":false', b'"paused":0')) is None
    assert read_cameras(line.replace(b'"main":null', b'"main":null,"x":1')) is None


def test_the_end_of_the_pipe_ends_the_worker() -> None:
    """The supervisor is gone: an orderly end, with the tracks ended and the recordings closed."""
    here = Running()
    here.send(spec("a", record=True))
    until(here.seen("a"))
    here.hang_up()
    here.wait()
    assert here.code == 0
    assert here.tapes.closed == ["a"]
    assert any(d.ended for d in here.reports(Decision))
    assert here.link.closed


def test_a_stop_is_orderly() -> None:
    """SIGTERM: the same."""
    here = Running()
    here.send(spec("a", record=True))
    until(here.seen("a"))
    assert here.end() == 0
    assert here.cameras["a"].ended.is_set()
    assert here.tapes.closed == ["a"]


def test_a_recording_gets_covered_pictures_with_their_moments(running: Running) -> None:
    """Through a thread of its own, in order, every face covered."""
    running.send(spec("a", record=True), spec("b"))
    until(lambda: len(running.tapes.written.get("a", [])) > 20)
    left, top, right, bottom = FACE.within(64, 36) or (0, 0, 0, 0)
    written = list(running.tapes.written["a"])
    assert all((covered.pixels[top:bottom, left:right] == FILL).all() for covered, _ in written)
    assert [covered.index for covered, _ in written] == sorted({covered.index for covered, _ in written})
    assert [at for _, at in written] == sorted(at for _, at in written)
    assert "b" not in running.tapes.written


def test_a_slow_disk_stops_no_camera(running: Running) -> None:
    """Writing takes for ever: the queue stays small, pictures are dropped and counted, the camera goes on."""
    held = threading.Event()
    running.tapes.work = lambda: held.wait(60)
    running.send(spec("a", record=True))
    until(lambda: running.health("a") and "were not recorded" in (running.health("a").error or ""))
    until(running.seen("a"))
    held.set()


def test_a_recording_that_fails_is_told_and_stops_no_camera(running: Running) -> None:
    """The disk is full, in words."""

    def full() -> None:
        raise StorageFull("the disk is full")

    running.tapes.work = full
    running.send(spec("a", record=True))
    until(lambda: running.health("a") and running.health("a").error == "not recorded: the disk is full")
    until(running.seen("a"))


def test_a_stuck_decoder_ends_the_worker_and_is_named() -> None:
    """Only the end of the process ends it: a code of its own, and which camera it was."""
    here = Running(WorkerOptions(rate=50.0, stuck_s=0.5, report_s=0.05, tick_s=0.02))
    here.send(spec("a"), spec("b"))
    until(here.seen("b"))
    here.cameras["b"].hang.set()
    here.wait()
    assert here.code == STUCK
    assert [problem.camera for problem in here.reports(Problem)] == ["b"]
    here.end()


def test_a_camera_that_does_not_end_when_it_is_removed_ends_the_worker() -> None:
    """A decoder that hangs while it is told to stop is as stuck."""
    here = Running(WorkerOptions(rate=50.0, stuck_s=0.5, report_s=0.05, tick_s=0.02))
    here.send(spec("a"), spec("b"))
    until(here.seen("b"))
    here.cameras["b"].hang.set()
    assert here.cameras["b"].hanging.wait(20)
    here.send(spec("a"))
    here.wait()
    assert here.code == STUCK
    here.end()


def test_an_impossible_camera_is_refused_in_words_and_the_others_run() -> None:
    """An address that is never opened: told in its health."""
    here = Running()

    def source(camera: CameraSpec) -> FakeCamera:
        if camera.camera.id == "b":
            raise AddressRefused("link-local addresses are not opened")
        return Running.source(here, camera)

    other = Running(source=source)
    other.send(spec("a"), spec("b"))
    until(other.seen("a"))
    until(lambda: other.health("b"))
    assert other.health("b").state is CameraState.REFUSED
    assert other.health("b").error == "link-local addresses are not opened"
    other.end()
    here.end()


def test_missing_models_end_the_worker_with_words() -> None:
    """Its supervisor tells why."""

    def engine() -> Any:
        raise WeightsMissing("the weights are not installed")

    here = Running(engine=engine)
    here.wait()
    assert here.code == WeightsMissing.exit_code
    assert "the weights are not installed" in here.reports(Problem)[0].words
    assert here.reports(Problem)[0].camera is None


def test_reports_come_while_the_models_are_loading() -> None:
    """Silence would be taken for a hang."""
    loaded = threading.Event()

    def engine() -> Any:
        loaded.wait(60)
        return fake_engine()

    here = Running(engine=engine)
    here.send(spec("a"))
    until(lambda: here.health("a") and here.health("a").read > 0)
    assert here.health("a").analysed == 0
    loaded.set()
    until(here.seen("a"))
    here.end()


def test_memory_is_given_back_again_and_again() -> None:
    """Also before the first camera comes."""
    tidied: list[float] = []
    running = Running(replace(QUICK, tidy_s=0.05), tidy=lambda: tidied.append(time.monotonic()))
    try:
        until(lambda: len(tidied) >= 3)
    finally:
        running.end()


def test_a_reader_that_ends_by_itself_is_begun_anew() -> None:
    """It promises to go on until it is stopped; if it does not, the camera is opened again."""

    class Brief(FakeCamera):
        def run(self, deliver: Any, stop: threading.Event) -> None:
            raise RuntimeError("a bug")

    begun: list[CameraId] = []

    def source(camera: CameraSpec) -> FakeCamera:
        begun.append(camera.camera.id)
        return Brief(camera)

    here = Running(source=source)
    here.send(spec("a"))
    until(lambda: len(begun) > 3)
    assert here.end() == 0


def test_somebody_who_agreed_is_told_with_the_time_from_shot_to_event() -> None:
    """The real models, and a log that takes a moment: the name is told once, with its latency."""
    engine = load_engine()
    probe, _ = make_reference(pictures("P003"), engine.detector, engine.embedder)
    with probe:
        gate = FakeGate({"P003": probe.vector.copy()}, ["P003"], engine.embedder.model)

    class Slow(FakeSettle):
        asked = 0

        def named(self, *asked: Any) -> Any:
            self.asked += 1
            return super().named(*asked) if self.asked > 2 else None

    frames = [frame for frame, _ in frames_of(walk("P003", (0.0, 300, 280, 80), (4.0, 560, 290, 100)))]
    here = Running(
        engine=lambda: engine,
        link=lambda: FakeLink(gate, Slow()),
        source=lambda camera: FakeCamera(camera, 0.12, frames),
    )
    here.send(spec("a"))
    until(lambda: [d for d in here.reports(Decision) if d.answer == "known"], 60)
    here.end()
    known = [d for d in here.reports(Decision) if d.answer == "known" and not d.ended]
    assert [d.subject for d in known] == ["P003"]
    assert known[0].shot_to_event_s is not None
    assert known[0].shot_to_event_s > 0
    waiting = [d for d in here.reports(Decision) if d.reason == "being_recorded"]
    assert waiting
    assert waiting[0].subject is None


def pictures(person: str) -> list[np.ndarray]:
    from beholden.demo.people import PersonId, photos

    return list(photos(PersonId(person)).values())


def test_reports_survive_a_slow_reader() -> None:
    """Nobody reads for a while: the worker goes on, and nothing that waits grows without end."""
    into, out = os.pipe()
    stdin, send = os.pipe()
    stop = threading.Event()
    cameras: list[FakeCamera] = []

    def source(camera: CameraSpec) -> FakeCamera:
        cameras.append(FakeCamera(camera, 0.005))
        return cameras[-1]

    parts = WorkerParts(fake_engine, FakeLink, source, viewpoint, Tapes())
    options = WorkerOptions(rate=50.0, report_s=0.0005, tick_s=0.0005)
    codes: list[int] = []

    def work() -> None:
        with os.fdopen(out, "wb", buffering=0) as stdout:
            codes.append(run_worker(parts, os.fdopen(stdin, "rb"), stdout, stop.is_set, options))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    os.write(send, write_cameras([spec(f"camera-{number}") for number in range(20)]))
    time.sleep(1.0)  # the pipe is full by now
    until(lambda: cameras and all(camera.read > 20 for camera in cameras))
    os.close(into)
    stop.set()
    thread.join(30)
    assert codes
    os.close(send)
