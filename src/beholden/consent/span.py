"""For how long an answer about grants stays the same: the edges at which one begins, ends, or its hours do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from beholden.model.grant import Grant, Hours

EVER = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)
_DAY = timedelta(days=1)


@dataclass(slots=True)
class Span:
    """The part of time around `moment` (aware) in which nothing asked about so far changes: since <= moment < until."""

    moment: datetime
    zone: str
    since: datetime = EVER
    until: datetime = NEVER
    _hours: set[Hours] = field(default_factory=set[Hours])

    def narrow(self, grant: Grant) -> None:
        """Take in the edges of one grant."""
        self.take((grant.starts_at, grant.ends_at))
        if grant.hours is not None and grant.hours not in self._hours:
            self._hours.add(grant.hours)
            self.take(hour_edges(grant.hours, self.zone, self.moment))

    def take(self, edges: Iterable[datetime]) -> None:
        """Take in instants (aware) at which the answer may change."""
        for edge in edges:
            if edge <= self.moment:
                self.since = max(self.since, edge)
            else:
                self.until = min(self.until, edge)


def hour_edges(hours: Hours, zone: str, moment: datetime) -> Iterator[datetime]:
    """Every instant within a day of `moment` (aware) at which `hours` may begin or end on the wall clock of `zone`.

    Clock changes count: an hour that comes twice gives both, and where the clock jumps, the jump is
    an edge. More edges than there are changes harm nobody.
    """
    where = ZoneInfo(zone)
    try:
        window = (moment - 2 * _DAY, moment + 2 * _DAY)
        today = moment.astimezone(where).date()
        days = [today - _DAY, today, today + _DAY]
    except OverflowError:  # at the ends of the calendar: asked anew every second
        second = moment.replace(microsecond=0)
        yield second
        if second < NEVER - _DAY:
            yield second + timedelta(seconds=1)
        return
    for day in days:
        for clock in (hours.start, hours.end):
            for fold in (0, 1):
                yield datetime.combine(day, clock, where).replace(fold=fold).astimezone(UTC)
    yield from clock_changes(where, *window)


def clock_changes(where: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The instants (UTC) between two aware moments at which the wall clock jumps; at most one in six hours."""
    step = timedelta(hours=6)
    low = begin.astimezone(UTC).replace(microsecond=0)
    while low < end:
        high = low + step
        if _offset(where, low) != _offset(where, high):
            yield _change(where, low, high)
        low = high


def _change(where: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Bisected to the second: zones change on whole seconds."""
    before = _offset(where, low)
    while (high - low) > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if _offset(where, middle) == before:
            low = middle
        else:
            high = middle
    return high


def _offset(where: ZoneInfo, moment: datetime) -> timedelta | None:
    return moment.astimezone(where).utcoffset()
