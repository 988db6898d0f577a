"""What packets between keyframes tell undecoded: in a still scene their sizes stay, until something moves.

Measured (benchmarks/NOTES.md, "Idle"): where an encoder spends next to nothing on a still scene, somebody who moves
costs several times that, picture after picture. Where it spends its bits on the noise of the sensor, sizes follow the
rate controller and tell nothing at all: then they are not `telling`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

RUN = 5
"""Packets one after the other: noise makes one large by chance, what moves makes all of them larger."""
LARGER = 1.2
"""A run whose smallest is so much larger than in any still group is suspicious."""
MUCH_LARGER = 1.5
"""And so is a single packet."""
_SLACK = 16  # bytes: headers of packets in which next to nothing is said
_REMEMBERED = 16  # still groups
_FEWEST = 3
_SHARE = 128  # of a keyframe: what a picture of somebody may cost and go unnoticed


@dataclass(frozen=True, slots=True)
class _Still:
    """The largest packet of a still group, and the largest smallest of its runs, in bytes."""

    most: int
    run: int


class Sizes:
    """The sizes of one stream's packets, group by group. Pure; for one thread."""

    def __init__(self) -> None:
        self._groups: deque[_Still] = deque(maxlen=_REMEMBERED)
        self._before: _Still | None = None
        self._last: deque[int] = deque(maxlen=RUN)
        self._most = self._run = self._key = 0

    @property
    def telling(self) -> bool:
        """Whether somebody would show in them."""
        return len(self._groups) >= _FEWEST and max(group.run for group in self._groups) <= self._key / _SHARE

    def large(self, size: int) -> bool:
        """Whether a packet of `size` bytes, now, would be suspicious."""
        if not self._groups:
            return True
        run = min(size, *self._last) if len(self._last) >= RUN - 1 else 0
        return (
            size > MUCH_LARGER * max(group.most for group in self._groups) + _SLACK
            or run > LARGER * max(group.run for group in self._groups) + _SLACK
        )

    def passed(self, size: int) -> None:
        """A packet between keyframes went by."""
        self._last.append(size)
        self._most = max(self._most, size)
        if len(self._last) == RUN:
            self._run = max(self._run, min(self._last))

    def begins(self, size: int, *, still: bool) -> None:
        """A keyframe of `size` bytes begins a group; `still`: nothing moved in the last two.

        The older of them is learned from: of the newer one not all may have been looked at.
        """
        if still and self._before is not None:
            self._groups.append(self._before)
        self._before = _Still(self._most, self._run) if self._most else None
        self._last.clear()
        self._most, self._run, self._key = 0, 0, size
