"""Covered pictures on their way to disk: one thread writes, and nobody who looks at cameras waits for it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime

from beholden.model.camera import CameraSpec
from beholden.model.errors import BeholdenError
from beholden.model.frame import CoveredFrame
from beholden.pipeline.ports import Recording

MOST_WAITING = 10
"""Pictures that wait to be written, per camera: two seconds; then the oldest is dropped."""
AGAIN_S = 10.0
"""A recording that failed is begun anew after this long."""

Open = Callable[[CameraSpec], Recording | None]
"""Where the pictures of a camera are kept; None: nowhere. May raise BeholdenError."""


class Tape:
    """What takes one camera's pictures, and never waits. Made by `Recordings.begin`; `changed` is its lock."""

    def __init__(self, spec: CameraSpec, changed: threading.Condition) -> None:
        self._spec = spec
        self._changed = changed
        self._waiting: deque[tuple[CoveredFrame, datetime]] = deque()
        self._closing = False
        self._problem: str | None = None
        self.dropped = 0
        # What follows belongs to the writer.
        self._recording: Recording | None = None
        self._not_before_s = float("-inf")

    def __call__(self, covered: CoveredFrame, captured_at: datetime) -> None:
        """Have a picture written; when too many wait already, the oldest is dropped."""
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append((covered, captured_at))
            self._changed.notify()

    def close(self) -> None:
        """Have what waits written, and the recording closed."""
        with self._changed:
            self._closing = True
            self._changed.notify()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def problem(self) -> str | None:
        """What is wrong with the recording, in words."""
        if self._problem is not None:
            return f"not recorded: {self._problem}"
        return f"{self.dropped} pictures were not recorded: writing is too slow" if self.dropped else None

    def next(self) -> tuple[CoveredFrame, datetime] | None:
        """The oldest picture that waits; to be called with the lock held."""
        return self._waiting.popleft() if self._waiting else None

    @property
    def done(self) -> bool:
        """Whether nothing more will come; to be called with the lock held."""
        return self._closing and not self._waiting

    def write(self, picture: tuple[CoveredFrame, datetime], open_recording: Open, now_s: float) -> None:
        """Write one picture, on the writer's thread. What fails is told, and begun anew later."""
        if now_s < self._not_before_s:
            return
        try:
            if self._recording is None:
                self._recording = open_recording(self._spec)
            if self._recording is not None:
                self._recording.write(*picture)
            self._problem = None
        except BeholdenError as error:
            self._failed(error.message, now_s)
        except Exception as error:  # noqa: BLE001 - whatever a recording does, cameras are looked at and the others recorded
            self._failed(type(error).__name__, now_s)

    def end(self) -> None:
        """Close the recording, on the writer's thread."""
        recording, self._recording = self._recording, None
        if recording is None:
            return
        try:
            recording.close()
        except BeholdenError as error:
            self._problem = error.message
        except Exception as error:  # noqa: BLE001 - as above
            self._problem = type(error).__name__

    def _failed(self, words: str, now_s: float) -> None:
        self.end()
        self._problem, self._not_before_s = words, now_s + AGAIN_S


class Recordings:
    """The recordings of a worker's cameras. `run` is the writer; the rest may be called from any thread."""

    def __init__(self, open_recording: Open, clock: Callable[[], float]) -> None:
        self._open = open_recording
        self._clock = clock
        self._changed = threading.Condition()
        self._tapes: list[Tape] = []
        self._turn = 0
        self._stopping = False

    def begin(self, spec: CameraSpec) -> Tape:
        """Begin to take pictures of this camera."""
        tape = Tape(spec, self._changed)
        with self._changed:
            self._tapes.append(tape)
        return tape

    def stop(self) -> None:
        """Have `run` write what waits, close everything, and end."""
        with self._changed:
            self._stopping = True
            for tape in self._tapes:
                tape.close()
            self._changed.notify()

    def run(self) -> None:
        """Write until `stop`; cameras take turns, picture by picture."""
        while (work := self._next()) is not None:
            tape, picture = work
            if picture is None:
                tape.end()
            else:
                tape.write(picture, self._open, self._clock())

    def _next(self) -> tuple[Tape, tuple[CoveredFrame, datetime] | None] | None:
        """The next picture, or a tape that ends (with None); None when all have ended after `stop`. Waits."""
        with self._changed:
            while True:
                for _ in range(len(self._tapes)):
                    self._turn = (self._turn + 1) % len(self._tapes)
                    tape = self._tapes[self._turn]
                    if (picture := tape.next()) is not None:
                        return tape, picture
                    if tape.done:
                        self._tapes.remove(tape)
                        return tape, None
                if self._stopping:
                    return None
                self._changed.wait()
