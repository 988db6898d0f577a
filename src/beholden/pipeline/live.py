"""One live camera's run: frames as they arrive, each covered and then named, and how long that takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from beholden.faces.engine import FaceEngine
from beholden.model.frame import CoveredFrame
from beholden.model.grant import Viewpoint
from beholden.model.ids import Epoch
from beholden.pipeline.ports import Gate, LiveFrame, Settle, TrackDecision
from beholden.pipeline.stages import CameraRun, Seen

Keep = Callable[[CoveredFrame, datetime], object]
"""Takes a covered picture and the moment it was captured at (aware UTC)."""


class LiveRun:
    """A `CameraRun` over live frames. Belongs to one thread.

    `keep` None: nothing is stored or shown, so nothing is covered. `analysed` counts frames,
    `latency_s` is how long the newest took from its arrival until its covers were known.
    """

    def __init__(
        self,
        engine: FaceEngine,
        viewpoint: Viewpoint,
        epoch: Epoch,
        gate: Gate,
        settle: Settle,
        keep: Keep | None,
        clock: Callable[[], float],
    ) -> None:
        self._run = CameraRun(engine, viewpoint, epoch, gate, settle, self._covered if keep else None)
        self._keep = keep
        self._clock = clock
        self._seen: Seen | None = None
        self._held: dict[int, datetime] = {}
        self.analysed = 0
        self.latency_s: float | None = None

    @property
    def to_name(self) -> bool:
        """Whether a frame was seen that has yet to be named."""
        return self._seen is not None

    @property
    def followed(self) -> int:
        """How many faces are followed in the frame that was seen and has yet to be named."""
        return 0 if self._seen is None else len(self._seen.tracks)

    @property
    def still(self) -> bool:
        """Whether the frame that was seen last shows nothing new, and nobody is followed in it."""
        return self._run.still

    @property
    def waiting(self) -> bool:
        """Whether a name waits for its leaf, so that `poll` is worth asking soon."""
        return self._run.waiting

    def see(self, live: LiveFrame) -> None:
        """Detect, follow, cover and show. Raises ValueError while the frame before has not been named."""
        if self._seen is not None:
            raise ValueError("a frame is named before the next one is seen: it may hold the mark of a crossing")
        if self._keep is not None:
            self._held[live.frame.index] = live.frame.captured_at
        self._seen = self._run.see(live.frame, live.arrived_s)
        self.analysed += 1
        self.latency_s = max(0.0, self._clock() - live.arrived_s)

    def name(self, *, hurried: bool = False) -> list[TrackDecision]:
        """The answers that changed with the frame that was seen last. `hurried`: with one new template at most."""
        seen, self._seen = self._seen, None
        return [] if seen is None else self._run.name(seen, hurried=hurried)

    def poll(self) -> list[TrackDecision]:
        """The answers that changed without a frame."""
        return self._run.poll()

    def leave(self) -> list[TrackDecision]:
        """The source is lost: all tracks end and are wiped, and covered pictures that wait are shown."""
        endings = [] if self._seen is None else list(self._seen.endings)
        self._seen = None
        try:
            return endings + self._run.leave()
        finally:
            self._held.clear()

    def forget_names(self) -> None:
        """Wipe every shot and name without a word; covering goes on."""
        self._seen = None
        self._run.forget_names()

    def drop(self) -> None:
        """Wipe everything without a word; covered pictures that wait are not shown."""
        self._seen = None
        self._held.clear()
        self._run.drop()

    def _covered(self, covered: CoveredFrame) -> None:
        if self._keep is not None:
            self._keep(covered, self._held.pop(covered.index))
