"""A worker that is measured: all cameras in this process for a while, as `worker` runs them, and what each takes.

It is made of the same parts as a worker: a reader thread per camera, one that looks, one that writes recordings.
Where a worker asks the keeper for names, this has a gallery of nobody, and what is decided is counted and forgotten.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from beholden.faces.engine import FaceEngine
from beholden.model.camera import CameraSpec, CameraState, CameraStream
from beholden.model.grant import Viewpoint
from beholden.model.ids import CameraId
from beholden.pipeline.ports import Gate, Recording
from beholden.scale.measured import CameraMeasured, Period, StreamMeasured
from beholden.supervise.workers.counted import (
    CountedRecording,
    CountedRun,
    CountedSource,
    CountedStreams,
    Counts,
)
from beholden.supervise.workers.inference import Inference
from beholden.supervise.workers.recording import Recordings
from beholden.supervise.workers.slots import LatestFrame
from beholden.supervise.workers.spent import Spent, own_memory_mb, shares
from beholden.supervise.workers.watched import Watched

_STEP_S = 0.25
_ENDS_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class BenchParts:
    """What it is made of; `written` says how many bytes of a camera's recording there are, `tidy` gives memory back."""

    engine: FaceEngine
    gate: Gate
    source: Callable[[CameraSpec], CountedStreams]
    viewpoint: Callable[[CameraSpec], Viewpoint]
    recording: Callable[[CameraSpec], Recording] | None
    written: Callable[[CameraId], int]
    tidy: Callable[[], object]


@dataclass(frozen=True, slots=True)
class BenchTimes:
    """Seconds: how long first pictures are waited for, how long is warmed up, and measured; `rate` looks a second."""

    wait_s: float = 15.0
    warm_up_s: float = 5.0
    seconds: float = 60.0
    rate: float = 5.0


@dataclass(slots=True)
class _Camera:
    spec: CameraSpec
    source: CountedSource
    watched: Watched
    counts: Counts


@dataclass(frozen=True, slots=True)
class _Standing:
    """One camera's counters at a moment."""

    counts: Counts
    streams: tuple[CameraStream, ...]
    dropped: int
    reconnects: int
    written: int


@dataclass(slots=True)
class _Memory:
    before_mb: float
    most_mb: float = field(default=0.0)


class WorkerBench:
    """One measured period of some cameras. `run` once; nothing that was seen is left of it but numbers."""

    def __init__(self, parts: BenchParts, times: BenchTimes, clock: Callable[[], float] = time.monotonic) -> None:
        self._parts, self._times, self._clock = parts, times, clock
        self._arrived = threading.Condition()
        self._inference = Inference(self._arrived, self._make_run, lambda _: None, clock)
        self._recordings = Recordings(self._open_recording, clock)
        self._cameras: dict[CameraId, _Camera] = {}

    def run(self, specs: Sequence[CameraSpec], shown: Callable[[CameraSpec], str]) -> Period:
        """Measure these cameras; `shown` is an address as it may be read by anybody."""
        self._parts.tidy()
        memory = _Memory(own_memory_mb())
        threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for name, work in (("look", self._inference.run), ("write", self._recordings.run))
        ]
        for thread in threads:
            thread.start()
        try:
            for spec in specs:
                self._begin(spec)
            there = self._await_pictures()
            self._pass(self._times.warm_up_s * there, memory)
            before, began = self._standings(), Spent.now()
            self._pass(self._times.seconds * there, memory)
            after, ended = self._standings(), Spent.now()
        finally:
            self._end(threads)
        return self._period((before, after), (began, ended), memory, shown)

    def _begin(self, spec: CameraSpec) -> None:
        counts = Counts()
        source = CountedSource(self._parts.source(spec), counts)
        tape = None if self._parts.recording is None else self._recordings.begin(spec)
        slot, period_s = LatestFrame(self._arrived), 1.0 / self._times.rate
        watched = Watched(spec, self._parts.viewpoint(spec), source, slot, tape, period_s, self._clock)
        self._cameras[spec.camera.id] = _Camera(spec, source, watched, counts)
        self._inference.add(watched)
        watched.start()

    def _await_pictures(self) -> bool:
        """Until each camera was looked at, or is refused, or the patience is over; whether any was looked at."""
        ends_s = self._clock() + self._times.wait_s
        while self._clock() < ends_s and any(map(_to_come, self._cameras.values())):
            time.sleep(_STEP_S / 5)
        return any(camera.counts.looked_at for camera in self._cameras.values())

    def _pass(self, seconds: float, memory: _Memory) -> None:
        ends_s = self._clock() + seconds
        while (left := ends_s - self._clock()) > 0:
            time.sleep(min(_STEP_S * 4, left))
            memory.most_mb = max(memory.most_mb, own_memory_mb())

    def _standings(self) -> dict[CameraId, _Standing]:
        return {
            name: _Standing(
                camera.counts.copy(),
                camera.source.streams(),
                camera.watched.slot.dropped,
                camera.source.health().reconnects,
                self._parts.written(name),
            )
            for name, camera in self._cameras.items()
        }

    def _end(self, threads: Sequence[threading.Thread]) -> None:
        """Runs are left and wiped, recordings closed; a reader that hangs is left behind."""
        for camera in self._cameras.values():
            camera.watched.stop()
        self._inference.stop()
        threads[0].join(_ENDS_WITHIN_S)
        self._recordings.stop()
        threads[1].join(_ENDS_WITHIN_S)
        ends_s = self._clock() + _ENDS_WITHIN_S
        for camera in self._cameras.values():
            camera.watched.join(max(0.0, ends_s - self._clock()))

    def _period(
        self,
        standings: tuple[dict[CameraId, _Standing], dict[CameraId, _Standing]],
        spent: tuple[Spent, Spent],
        memory: _Memory,
        shown: Callable[[CameraSpec], str],
    ) -> Period:
        (before, after), (began, ended) = standings, spent
        wall_s, cpu_s = ended.wall_s - began.wall_s, ended.cpu_s - began.cpu_s
        own = {name: _own_s(before[name].counts, after[name].counts) for name in self._cameras}
        each = shares({str(name): spent_s for name, spent_s in own.items()}, cpu_s)
        cameras = tuple(
            _measured(camera, (before[name], after[name]), (wall_s, each[name]), shown(camera.spec))
            for name, camera in self._cameras.items()
        )
        others_s = max(0.0, ended.machine_s - began.machine_s - cpu_s)
        recorded = self._parts.recording is not None
        return Period(recorded, wall_s, cpu_s, others_s, memory.before_mb, memory.most_mb, cameras)

    # What other threads do.

    def _make_run(self, watched: Watched) -> CountedRun:
        counts = self._cameras[watched.spec.camera.id].counts
        return CountedRun(self._parts.engine, watched.viewpoint, self._parts.gate, watched.tape, self._clock, counts)

    def _open_recording(self, spec: CameraSpec) -> Recording | None:
        if self._parts.recording is None:
            return None
        return CountedRecording(self._parts.recording(spec), self._cameras[spec.camera.id].counts)


def _to_come(camera: _Camera) -> bool:
    return camera.counts.looked_at == 0 and camera.source.health().state is not CameraState.REFUSED


def _own_s(before: Counts, after: Counts) -> float:
    """CPU seconds of the threads that worked for one camera alone, or while they did."""
    return (
        (after.reading_s - before.reading_s)
        + (after.looking_s - before.looking_s)
        + (after.writing_s - before.writing_s)
    )


def _measured(
    camera: _Camera, standings: tuple[_Standing, _Standing], spent: tuple[float, float], address: str
) -> CameraMeasured:
    (before, after), (wall_s, cpu_s), health = standings, spent, camera.watched.health()
    old, new = before.counts, after.counts
    streams = tuple(_stream(was, now, wall_s) for was, now in zip(before.streams, after.streams, strict=True))
    return CameraMeasured(
        camera=camera.spec.camera.id,
        address=address,
        streams=streams,
        read=after.streams[0].read - before.streams[0].read,
        looked_at=new.looked_at - old.looked_at,
        dropped=after.dropped - before.dropped,
        reconnects=after.reconnects - before.reconnects,
        faces=new.faces - old.faces,
        tracks=camera.counts.tracks - old.tracks,  # those still in view ended when the run was left
        compared=camera.counts.compared - old.compared,
        cpu_s=cpu_s,
        reading_s=new.reading_s - old.reading_s,
        looking_s=new.looking_s - old.looking_s,
        writing_s=new.writing_s - old.writing_s,
        disk_bytes=max(0, after.written - before.written),
        problem=health.error,
    )


def _stream(before: CameraStream, after: CameraStream, wall_s: float) -> StreamMeasured:
    width, height = after.size or (None, None)
    pictures, sent = after.read - before.read, after.bytes - before.bytes
    return StreamMeasured(after.codec, width, height, pictures / wall_s, sent * 8 / wall_s / 1e6)
