"""How damaged a stream is: a few bad pictures are passed over, many close together are a failure."""

from __future__ import annotations

_FORGIVEN_PER_PICTURE = 0.05  # one damaged picture in 20 is passed over for ever
_HOLE_BYTES = 4096  # between two packets of a file that holds nothing else
_HOLE_BYTES_AMONG_OTHERS = 1 << 20  # between two packets with sound, which is not looked at, in between
_HOLE_INTERVALS = 2.5
_UNUSUAL = 8.0  # times what usually lies between packets (padding of constant-rate streams)


class Wear:
    """Counts pictures that would not decode, and those that were never found.

    `level` rises by 1 for each and falls by 0.05 for each good one. Demuxers step over bytes that
    make no sense without a word; a hole shows as both bytes and time that no packet accounts for.
    """

    __slots__ = ("_alone", "_end", "_interval", "_time", "_usual", "count", "level")

    def __init__(self, interval_s: float, *, alone: bool) -> None:
        """`interval_s` between pictures; `alone`: the file holds one stream only."""
        self._interval, self._alone = interval_s, alone
        self.count = 0
        self.level = 0.0
        self._usual = 0.0
        self._end: int | None = None
        self._time: float | None = None

    def good(self) -> None:
        self.level = max(0.0, self.level - _FORGIVEN_PER_PICTURE)

    def bad(self, pictures: int = 1) -> None:
        self.count += pictures
        self.level += pictures

    def packet(self, shown_s: float, position: int | None, size: int) -> None:
        """Look at where the next packet lies, in time (when its picture is shown) and in the file."""
        if position is None or position < 0:
            return
        if self._end is not None and self._time is not None:
            unexplained = max(0, position - self._end)
            gap = (shown_s - self._time) / self._interval
            least = max(_HOLE_BYTES if self._alone else _HOLE_BYTES_AMONG_OTHERS, _UNUSUAL * self._usual)
            if unexplained > least and gap > _HOLE_INTERVALS:
                self.bad(round(gap) - 1)
            else:
                self._usual += (unexplained - self._usual) / 16
        self._end = position + size
        self._time = shown_s if self._time is None else max(self._time, shown_s)
