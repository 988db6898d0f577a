"""The parts of a worker that say what they spend: a camera's source, its run and its recording, each on its thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from beholden.faces.engine import FaceEngine
from beholden.model.camera import CameraStream
from beholden.model.frame import CoveredFrame
from beholden.model.grant import Viewpoint
from beholden.model.ids import Epoch, SightingId, TrackId, new_epoch, sighting_id
from beholden.model.match import Known, Match
from beholden.pipeline.live import LiveRun
from beholden.pipeline.ports import Gate, LiveFrame, LiveSource, Recording, SourceHealth, TrackDecision
from beholden.supervise.workers.recording import Tape


class CountedStreams(LiveSource, Protocol):
    """A live source that says what it sends (`video.camera.live`)."""

    def streams(self) -> tuple[CameraStream, ...]: ...


@dataclass(slots=True)
class Counts:
    """What one camera has come to since it was begun. Each number is written by one thread, and read by any.

    Seconds are CPU of the thread that reads, looks or writes; `faces` summed over pictures.
    """

    reading_s: float = 0.0
    looking_s: float = 0.0
    writing_s: float = 0.0
    looked_at: int = 0
    faces: int = 0
    tracks: int = 0
    compared: int = 0

    def copy(self) -> Counts:
        return replace(self)


class CountedSource:
    """A camera whose reader thread says what it has spent, with each picture that it delivers."""

    def __init__(self, source: CountedStreams, counts: Counts) -> None:
        self._source, self._counts = source, counts

    @property
    def last_progress(self) -> float:
        return self._source.last_progress

    def health(self) -> SourceHealth:
        return self._source.health()

    def looked(self, offset_s: float, *, still: bool) -> None:
        self._source.looked(offset_s, still=still)

    def streams(self) -> tuple[CameraStream, ...]:
        return self._source.streams()

    def run(self, deliver: Callable[[LiveFrame], None], stop: threading.Event) -> None:
        """Deliver frames until `stop`. Never raises."""

        def counted(live: LiveFrame) -> None:
            deliver(live)
            self._counts.reading_s = time.thread_time()

        self._source.run(counted, stop)


class CountedRun(LiveRun):
    """A live run that says what looking and naming spend, and how many faces it follows."""

    def __init__(
        self,
        engine: FaceEngine,
        viewpoint: Viewpoint,
        gate: Gate,
        tape: Tape | None,
        clock: Callable[[], float],
        counts: Counts,
    ) -> None:
        super().__init__(engine, viewpoint, new_epoch(), gate, NothingKept(counts), tape, clock)
        self._counts = counts

    def see(self, live: LiveFrame) -> None:
        began_s = time.thread_time()
        super().see(live)
        self._counts.looking_s += time.thread_time() - began_s
        self._counts.looked_at += 1
        self._counts.faces += self.followed

    def name(self, *, hurried: bool = False) -> list[TrackDecision]:
        began_s = time.thread_time()
        try:
            return super().name(hurried=hurried)
        finally:
            self._counts.looking_s += time.thread_time() - began_s


class CountedRecording:
    """A recording that says what writing spends."""

    def __init__(self, recording: Recording, counts: Counts) -> None:
        self._recording, self._counts = recording, counts

    def write(self, covered: CoveredFrame, captured_at: datetime, /) -> None:
        began_s = time.thread_time()
        self._recording.write(covered, captured_at)
        self._counts.writing_s += time.thread_time() - began_s

    def close(self) -> None:
        self._recording.close()


class NothingKept:
    """Where decisions take effect while measuring: nowhere. Counts tracks, and keeps and tells nothing of them."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def named(self, viewpoint: Viewpoint, epoch: Epoch, track: TrackId, match: Known, moment: datetime) -> SightingId:
        return sighting_id(viewpoint.camera, epoch, track, match.subject)

    def ended(self, viewpoint: Viewpoint, track: TrackId, match: Match, moment: datetime, seconds: float) -> None:
        self._counts.tracks += 1
        self._counts.compared += match.why.shots > 0
