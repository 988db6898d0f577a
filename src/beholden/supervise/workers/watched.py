"""One camera in a worker: its reader thread, its newest frame, its run, and what is known of how it does."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass

from beholden.model.camera import CameraHealth, CameraSpec
from beholden.model.grant import Viewpoint
from beholden.pipeline.live import LiveRun
from beholden.pipeline.ports import LiveFrame, LiveSource
from beholden.supervise.workers.health import Rates, in_words
from beholden.supervise.workers.recording import Tape
from beholden.supervise.workers.schedule import Standing
from beholden.supervise.workers.slots import LatestFrame

LOST_S = 1.0
"""After this long without a frame nobody in the picture is where they were: the tracks end."""
STILL_LOST_S = 3.5
"""Of a scene in which nothing moves, and nobody is, a picture may come a second (`video.camera.idle`)."""
HURRIED_S = 5.0
"""After a frame was dropped, the names of a camera take no more than one template of each frame for so long."""
READERS_NICE = 10
"""Of the threads that decode, beside the one that looks: a tenth of its share where the processor is too small."""
TOLD_S = 10.0
"""A problem that is over is told for this long."""


@dataclass(frozen=True, slots=True)
class _Trouble:
    words: str
    at_s: float


class Watched:
    """One camera. `run` and what it holds belong to the inference thread; numbers may be read by any.

    `period_s` is the time between two frames at the analysis rate; `tape` None: nothing is recorded.
    """

    def __init__(
        self,
        spec: CameraSpec,
        viewpoint: Viewpoint,
        source: LiveSource,
        slot: LatestFrame,
        tape: Tape | None,
        period_s: float,
        clock: Callable[[], float],
    ) -> None:
        self.spec, self.viewpoint, self.slot, self.tape = spec, viewpoint, slot, tape
        self.run: LiveRun | None = None
        self.stopped_s: float | None = None
        self._source, self._period_s, self._clock = source, period_s, clock
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._started_s = self._delivered_s = float("-inf")
        self._present = self._still = False
        self._analysed_before = self._dropped_before = 0
        self._hurried_s = float("-inf")
        self._latency_s: float | None = None
        self._trouble: _Trouble | None = None
        self._rates = Rates()

    # The reader thread.

    def start(self) -> None:
        """Begin to read the camera."""
        name = f"read {self.spec.camera.id}"
        self._thread = threading.Thread(target=self._read, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Tell the reader to stop, and take no more frames. Does not wait: a reader may be in the middle of a read."""
        self.stopped_s = self._clock()
        self._stop.set()
        self.slot.close()

    def join(self, timeout_s: float) -> None:
        if self._thread is not None:
            self._thread.join(timeout_s)

    @property
    def reading(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def stuck(self, limit_s: float) -> bool:
        """Whether the reader came no further for `limit_s`; one that was told to stop has as long to end."""
        if not self.reading:
            return False
        now_s = self._clock()
        if self.stopped_s is not None:
            return now_s - self.stopped_s > limit_s
        return now_s - self._source.last_progress > limit_s

    def _read(self) -> None:
        # There are many readers and one that looks: with equal shares of a processor that is too small it would come to
        # see almost nothing, and what is decoded is thrown away. A thread may always lower its own priority.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), READERS_NICE)
        try:
            self._source.run(self._deliver, self._stop)
        except Exception as error:  # noqa: BLE001 - it promises none; it is begun again, the others go on
            self.failed(error)

    def _deliver(self, live: LiveFrame) -> None:
        self._delivered_s = self._clock()
        self.slot.put(live, self._period_s)

    # The inference thread.

    def standing(self) -> Standing:
        """Where it stands in the schedule."""
        to_name = self.run is not None and self.run.to_name
        return Standing(self.spec.camera.id, self.slot.waiting_s, self._started_s, self._period_s, to_name)

    def see(self, make: Callable[[Watched], LiveRun]) -> None:
        """Take the newest frame and cover it; `make` begins a run where there is none."""
        self._started_s = self._clock()
        live = self.slot.take()
        if live is None:
            return
        if self.run is None:
            self.run = make(self)
        self._present, self._still = True, False
        self.run.see(live)
        self._still = self.run.still
        self._source.looked(live.frame.offset_s, still=self._still)

    def hurried(self) -> bool:
        """Whether a frame was dropped a moment ago: there is no time for every face of every frame."""
        before, self._dropped_before = self._dropped_before, self.slot.dropped
        if self._dropped_before > before:
            self._hurried_s = self._started_s
        return self._started_s - self._hurried_s < HURRIED_S

    def lost(self) -> bool:
        """Whether no frame came for so long that the tracks of the last ones have to end."""
        if not self._present or self.slot.waiting_s is not None or self.slot.last_s is None:
            return False
        if self.run is not None and self.run.to_name:
            return False
        limit_s = max(STILL_LOST_S if self._still else LOST_S, 3 * self._period_s)
        came_s = max(self.slot.last_s, self._delivered_s)  # a late one arrived long ago, and has only just come
        return self._clock() - came_s > limit_s

    def left(self) -> None:
        """The run has let go of everything."""
        self._present = False

    def drop(self) -> None:
        """Give the run up with all it holds: the next frame begins another."""
        run, self.run, self._present = self.run, None, False
        if run is not None:
            self._analysed_before += run.analysed
            self._latency_s = run.latency_s
            run.drop()

    # Any thread.

    def failed(self, error: Exception) -> None:
        """Remember what went wrong, in words."""
        self._trouble = _Trouble(in_words(error), self._clock())

    @property
    def analysed(self) -> int:
        """Frames looked at so far."""
        run = self.run
        return self._analysed_before + (0 if run is None else run.analysed)

    def health(self) -> CameraHealth:
        """How it does; to be asked once a second, by one thread."""
        now_s, source, run, analysed = self._clock(), self._source.health(), self.run, self.analysed
        read_fps, analysed_fps = self._rates.look(now_s, source.read, analysed)
        trouble = self._trouble
        fresh = trouble.words if trouble is not None and now_s - trouble.at_s < TOLD_S else None
        recording = None if self.tape is None else self.tape.problem
        return CameraHealth(
            camera=self.spec.camera.id,
            state=source.state,
            read=source.read,
            analysed=analysed,
            dropped=self.slot.dropped,
            read_fps=read_fps,
            analysed_fps=analysed_fps,
            latency_s=self._latency_s if run is None else run.latency_s,
            reconnects=source.reconnects,
            error=source.error or fresh or recording,
            seen_at=self.slot.seen_at,
        )
