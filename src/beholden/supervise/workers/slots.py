"""The newest frame of each camera: a slot holds one, and putting another overwrites it, so that no queue can grow.

Only a camera that wakes has several at once (`video.camera.idle`): its reader then waits, for as long as each would
have stood in the slot had it come in its time.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime

from beholden.model.frame import Frame
from beholden.pipeline.ports import LiveFrame


@dataclass(frozen=True, slots=True)
class _Marked:
    """A frame that took over the cut of one that was overwritten before it."""

    frame: Frame
    arrived_s: float
    late: bool


class LatestFrame:
    """One camera's slot. Its reader puts, the inference thread takes; `arrived` is shared by all slots of a worker.

    `dropped` counts frames that were overwritten, `last_s` is the arrival of the newest frame put
    (None: none yet), `seen_at` its moment.
    """

    def __init__(self, arrived: threading.Condition) -> None:
        self._arrived = arrived
        self._waiting: LiveFrame | None = None
        self._closed = False
        self._room = threading.Event()
        self._room.set()
        self.dropped = 0
        self.last_s: float | None = None
        self.seen_at: datetime | None = None

    def put(self, live: LiveFrame, patience_s: float = 0.0) -> bool:
        """Make this the newest frame and wake the inference thread; whether one was overwritten.

        Where this frame or the one that waits is late, that one is waited for, no longer than `patience_s`. A cut is
        not lost with the frame that carried it: what comes after it still continues nothing.
        """
        waiting = self._waiting
        if waiting is not None and (live.late or waiting.late):
            self._room.wait(patience_s)
        with self._arrived:
            if self._closed:
                return False
            before = self._waiting
            if before is not None:
                self.dropped += 1
                if before.frame.cut and not live.frame.cut:
                    live = _Marked(replace(live.frame, cut=True), live.arrived_s, live.late)
            self._waiting = live
            self._room.clear()
            self.last_s, self.seen_at = live.arrived_s, live.frame.captured_at
            self._arrived.notify_all()
        return before is not None

    def take(self) -> LiveFrame | None:
        """The newest frame, once; None when there is no new one."""
        with self._arrived:
            live, self._waiting = self._waiting, None
            self._room.set()
            return live

    @property
    def waiting_s(self) -> float | None:
        """When the frame that waits arrived; None when none does."""
        waiting = self._waiting
        return None if waiting is None else waiting.arrived_s

    def close(self) -> None:
        """Take no more, and let go of what waits."""
        with self._arrived:
            self._closed, self._waiting = True, None
            self._room.set()
            self._arrived.notify_all()
