"""Presentation times as they come, to seconds that only go forward; and which of them are analysed."""

from __future__ import annotations

import math

_TINY_S = 0.001
_RESTART_S = 1.0  # further back than reordering ever goes: the writer started its clock again
_REMEMBERED = 64  # grid intervals: more than pictures are ever reordered over
_LEAP_S = 3600.0  # a longer gap within one file is a broken timestamp


class Clock:
    """Seconds since the first picture, strictly increasing, whatever the stream's timestamps do.

    A missing time is one picture interval after the last. A small step back is moved to just after
    the last. A large jump, back or forward, is a new clock (joined recordings): time goes on from
    where it was.
    """

    __slots__ = ("_interval", "_last", "_zero")

    def __init__(self, interval_s: float) -> None:
        self._interval = interval_s if _TINY_S <= interval_s < _RESTART_S else 0.04
        self._zero: float | None = None
        self._last = -math.inf

    @property
    def last_s(self) -> float:
        """The newest offset, 0 before the first."""
        return max(0.0, self._last)

    def offset(self, presented_s: float | None) -> float:
        """The offset of the next picture, whose stream time is `presented_s`."""
        if presented_s is None or not math.isfinite(presented_s):
            self._last = 0.0 if self._last < 0 else self._last + self._interval
            return self._last
        if self._zero is None:
            self._zero = presented_s - (0.0 if self._last < 0 else self._last + self._interval)
        offset = presented_s - self._zero
        if self._last >= 0 and not self._last - _RESTART_S < offset < self._last + _LEAP_S:
            self._zero = presented_s - self._last - self._interval
            offset = self._last + self._interval
        elif offset <= self._last:
            offset = self._last + _TINY_S
        self._last = max(0.0, offset)
        return self._last

    def guess(self, presented_s: float) -> float:
        """Where a stream time would fall, without moving on."""
        return presented_s - (self._zero or 0.0)


class Picker:
    """Which pictures are analysed: the first at or after each multiple of `1 / rate` seconds.

    The grid is of time, not of counted pictures, so that a variable frame rate keeps its rate.
    `rate` None takes all.
    """

    __slots__ = ("_slot", "_step")

    def __init__(self, rate: float | None) -> None:
        self._step = 1.0 / rate if rate else 0.0
        self._slot = -1

    @property
    def takes_all(self) -> bool:
        return self._step == 0.0

    def takes(self, offset_s: float) -> bool:
        """True when the picture at `offset_s` is analysed; asked once for each picture in order."""
        if self._step == 0.0:
            return True
        slot = self.slot(offset_s)
        if slot <= self._slot:
            return False
        self._slot = slot
        return True

    def slot(self, offset_s: float) -> int:
        """The number of the grid interval that holds `offset_s`."""
        return int((offset_s + _TINY_S) // self._step)


class Foresight:
    """Which packets must be decoded so that `Picker` finds what it would find if all were.

    Packets come in decoding order. The picture that is taken is the first of its grid interval, so
    a packet is needed unless an earlier one of the same interval was needed before it.
    """

    __slots__ = ("_earliest", "_picker")

    def __init__(self, picker: Picker) -> None:
        self._picker = picker
        self._earliest: dict[int, float] = {}

    def needs(self, offset_s: float) -> bool:
        """Asked once for each packet, with the time at which its picture is shown."""
        if self._picker.takes_all:
            return True
        slot = self._picker.slot(offset_s)
        if self._earliest.get(slot, math.inf) < offset_s:
            return False
        self._earliest[slot] = offset_s
        if len(self._earliest) > _REMEMBERED:
            del self._earliest[next(iter(self._earliest))]
        return True
