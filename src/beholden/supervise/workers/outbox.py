"""Lines on their way to the supervisor: one thread writes them, and nobody who looks at cameras waits for the pipe."""

from __future__ import annotations

import threading
from collections import deque
from typing import BinaryIO

MOST_WAITING = 2000
"""Lines that wait while the supervisor does not read; then the oldest is dropped."""


class Outbox:
    """Takes lines at once and writes them in order. `broken`: the reader of the pipe is gone."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._changed = threading.Condition()
        self._waiting: deque[bytes] = deque()
        self._stopping = False
        self.broken = False
        self.dropped = 0

    def put(self, line: bytes) -> None:
        """Have a line written."""
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append(line)
            self._changed.notify()

    def stop(self) -> None:
        """Have `run` write what waits, and end."""
        with self._changed:
            self._stopping = True
            self._changed.notify()

    def run(self) -> None:
        """Write until `stop`, or until nobody reads any more."""
        while True:
            with self._changed:
                while not self._waiting:
                    if self._stopping:
                        return
                    self._changed.wait()
                line = self._waiting.popleft()
            try:
                self._stream.write(line)
                self._stream.flush()
            except (OSError, ValueError):
                self.broken = True
                return
