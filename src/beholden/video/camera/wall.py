"""When was this picture taken? From the stream's own times and from when its packets arrive, to wall-clock time.

The stream's clock ticks evenly but means nothing; arrivals mean something but come late by whatever
the network does. The packets that were delayed least tell how the two clocks stand to each other:
the smallest difference over the last minute is used, so jitter does not show, and a camera whose
crystal runs 500 ppm off is followed within 30 ms. Pure: all times are passed in.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

WINDOW_S = 60.0
"""How far back the least delayed packet is looked for."""
LATEST_S = 2.0
"""No picture is said to be older than this when it arrives, whatever the stream says."""
_BUCKET_S = 2.0
_RESTART_S = 1.0  # further back than pictures are ever reordered: the stream's clock was set back
_AHEAD_S = 2.0  # the stream ran this much further than our clock since the last packet: it was set forward
_SYSTEM_JUMP_S = 1.0  # more than clocks are slewed by
_CALM = 16  # readings over which the system clock is averaged: a thread may be put aside between two of them
_TINY_S = 0.001
_TURNS_S = (2**32 / 90_000, 2**33 / 90_000)  # where RTP's and MPEG's counters begin again


class Jump(StrEnum):
    """A clock that no longer goes on from where it was."""

    STREAM = "stream"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Moment:
    """`at`: aware UTC. `offset_s`: seconds since the clock was made, strictly increasing from picture to picture."""

    at: datetime
    offset_s: float


class WallClock:
    """The clock of one camera, over all its connections.

    Tell it of every packet (`arrived`) and every connection (`begin_again`); ask it about pictures
    (`moment`). Stream times are seconds, None where a packet has none; they may start anywhere,
    drift, wrap and jump. `arrived_s` is of time.monotonic(), `system_s` of time.time().
    """

    __slots__ = (
        "_anchor",
        "_arrived_s",
        "_began_s",
        "_last_arrived_s",
        "_last_offset_s",
        "_last_shown_s",
        "_least",
        "_shift_s",
        "late_s",
    )

    def __init__(self, began_s: float, system_s: float) -> None:
        """`began_s` and `system_s` are the two clocks now: the moment of offset 0."""
        self._began_s = self._arrived_s = began_s
        self._anchor = system_s - began_s
        self._last_offset_s = -math.inf
        self._least: deque[tuple[int, float]] = deque()
        self._last_shown_s: float | None = None
        self._last_arrived_s = began_s
        self._shift_s = 0.0
        self.late_s = 0.0
        """How much later than the least delayed packet of the window the newest one came."""

    @property
    def last_s(self) -> float:
        """The newest offset that was given out, 0 before the first."""
        return max(0.0, self._last_offset_s)

    def begin_again(self) -> None:
        """A new connection: its stream times have nothing to do with the ones before. Offsets go on."""
        self._least.clear()
        self._last_shown_s = None
        self._shift_s = self.late_s = 0.0

    def arrived(self, shown_s: float | None, arrived_s: float, system_s: float) -> Jump | None:
        """A packet came, whose picture is shown at `shown_s` of the stream. Says whether a clock jumped."""
        jump = self._follow_system(system_s - arrived_s)
        self._arrived_s = max(self._arrived_s, arrived_s)
        if shown_s is None or not math.isfinite(shown_s):
            return jump
        placed = self._unwrapped(shown_s, arrived_s)
        if self._jumped(placed, arrived_s):
            self._least.clear()
            jump = Jump.STREAM
        self._last_shown_s, self._last_arrived_s = placed, arrived_s
        self._note(arrived_s - placed, arrived_s)
        self.late_s = arrived_s - placed - self._difference
        return jump

    def moment(self, shown_s: float | None) -> Moment:
        """When the picture that the stream shows at `shown_s` was taken; asked once for each, in order."""
        return self.at(self.guess(shown_s))

    def at(self, offset_s: float) -> Moment:
        """The moment of a picture whose offset was guessed when its packet came; asked once for each, in order."""
        offset = offset_s
        if offset <= self._last_offset_s:
            offset = self._last_offset_s + _TINY_S
        self._last_offset_s = offset
        return Moment(datetime.fromtimestamp(self._began_s + offset + self._anchor, UTC), offset)

    def guess(self, shown_s: float | None) -> float:
        """The offset at which a stream time falls, without moving on."""
        latest = self._arrived_s
        if shown_s is None or self._last_shown_s is None or not math.isfinite(shown_s):
            return max(0.0, latest - self._began_s)
        taken = self._near(shown_s + self._shift_s, self._last_shown_s) + self._difference
        return max(0.0, min(latest, max(latest - LATEST_S, taken)) - self._began_s)

    @property
    def _difference(self) -> float:
        """What the least delayed packet of the window says: add it to a stream time to get our own."""
        return min(least for _, least in self._least)

    def _note(self, difference: float, arrived_s: float) -> None:
        """Remember the least difference of each small stretch of the window."""
        bucket = int(arrived_s // _BUCKET_S)
        if self._least and self._least[-1][0] == bucket:
            self._least[-1] = bucket, min(difference, self._least[-1][1])
        else:
            self._least.append((bucket, difference))
        while self._least[0][0] < bucket - WINDOW_S / _BUCKET_S:
            self._least.popleft()

    def _jumped(self, shown_s: float, arrived_s: float) -> bool:
        """Whether the stream's clock was set: not a burst of what was held up, nor packets that come late."""
        if self._last_shown_s is None:
            return False
        late = arrived_s - shown_s - self._difference
        step = shown_s - self._last_shown_s
        if late > LATEST_S:
            return step < -_RESTART_S
        return late < -_AHEAD_S and step - (arrived_s - self._last_arrived_s) > _AHEAD_S

    def _unwrapped(self, shown_s: float, arrived_s: float) -> float:
        """`shown_s` on a clock that does not begin again where the stream's counter does."""
        placed = shown_s + self._shift_s
        if self._last_shown_s is None:
            return placed
        expected = self._last_shown_s + arrived_s - self._last_arrived_s
        near = self._near(placed, expected)
        self._shift_s += near - placed
        return near

    @staticmethod
    def _near(placed_s: float, expected_s: float) -> float:
        """`placed_s`, or whole turns of a counter away from it, where that is what is expected."""
        if abs(placed_s - expected_s) <= _AHEAD_S:
            return placed_s
        for turn_s in _TURNS_S:
            turned = placed_s + round((expected_s - placed_s) / turn_s) * turn_s
            if abs(turned - expected_s) <= _AHEAD_S:
                return turned
        return placed_s

    def _follow_system(self, anchor: float) -> Jump | None:
        off = anchor - self._anchor
        if abs(off) > _SYSTEM_JUMP_S:
            self._anchor = anchor
            return Jump.SYSTEM
        self._anchor += off / _CALM
        return None
