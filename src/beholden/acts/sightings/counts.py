"""Counts without identity: how many tracks ended as what, per place and hour; small ones are never told.

A count is of tracks, not of people. Whoever watches one go up by one while somebody walks past learns
what that person's track ended as; so only hours that are over are told, and a count that comes in
later than that is added to the running hour: what was told once never changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from beholden.acts.office import Office
from beholden.acts.sightings.presence import death
from beholden.acts.store import COUNTS_LIVE, HourCount
from beholden.model.event import TrackEnded
from beholden.model.grant import Viewpoint
from beholden.model.ids import CameraId, PlaceId
from beholden.model.match import Known, Match, Undecided, Unknown

OUTCOMES = ("known", "unknown", "undecided")
SMALLEST = 10
"""A smaller count is hidden."""
_OUTCOME: dict[type[Match], str] = {Known: "known", Unknown: "unknown", Undecided: "undecided"}
_HOUR = timedelta(hours=1)
_OPEN_FOR = timedelta(minutes=1)
"""An hour takes counts in for this long after its end,"""
_TOLD_AFTER = timedelta(minutes=2)
"""and is told this long after it: what is being added meanwhile is in."""


@dataclass(frozen=True, slots=True)
class CountRow:
    """How many tracks ended as what at a place in the hour (UTC) that began at `hour`.

    None is hidden. `total` is told only when nothing is hidden, since it would give away the rest.
    """

    place: PlaceId
    hour: datetime
    outcomes: dict[str, int | None]
    total: int | None

    def as_values(self) -> dict[str, object]:
        """JSON-ready."""
        hour = self.hour.isoformat(timespec="minutes").replace("+00:00", "Z")
        return {"place": self.place, "hour": hour, **self.outcomes, "total": self.total}


def track_end(viewpoint: Viewpoint, match: Match, moment: datetime, seconds: float) -> TrackEnded:
    """What is kept of a track of that many seconds which ended at `moment`: what it ended as, and nobody."""
    return TrackEnded(
        at=moment,
        camera=viewpoint.camera,
        place=None if viewpoint.place is None else viewpoint.place.id,
        outcome=_OUTCOME[type(match)],
        reason=match.why.reason,
        seconds=max(0, round(seconds)),
    )


def add_track_ends(office: Office, events: Sequence[TrackEnded]) -> None:
    """Keep ends of tracks for at most 24 hours, and count them. Not safe to repeat. Raises DataFolderError."""
    if events:
        now = office.clock()
        office.store.add_track_ends(events, death(now), hour_counts(events, now))


def counts(office: Office, since: datetime, until: datetime, place: PlaceId | None = None) -> tuple[CountRow, ...]:
    """A row for each place (or only `place`) and each whole hour in since..until (aware) that is over.

    Also for hours in which nothing was counted: a row that is missing would tell so. Nothing older
    than 90 days is left. Raises DataFolderError.
    """
    now = office.clock()
    first = _hour_of(max(since, now - COUNTS_LIVE) + _HOUR - timedelta.resolution)
    end = min(_hour_of(until), _hour_of(now - _TOLD_AFTER))
    stored = office.store.hour_counts(first, end) if first < end else ()
    found: dict[tuple[PlaceId, datetime], Counter[str]] = {}
    for each in stored:
        found.setdefault((each.place, each.hour), Counter())[each.outcome] += each.count
    known = {each.camera.place for each in office.store.cameras()} | {each.place for each in stored}
    places = sorted(known) if place is None else [place]
    hours = [first + number * _HOUR for number in range(max(0, (end - first) // _HOUR))]
    return tuple(_row(at, hour, found.get((at, hour), {})) for hour in hours for at in places)


def suppressed(cells: Mapping[str, int]) -> tuple[dict[str, int | None], int | None]:
    """What may be told of a row of counts: cells with None for those that are hidden, and the total or None.

    A cell under 10 is hidden. If it is the only one, the smallest of the others is hidden with it, and
    the total is never told beside a hidden cell: neither can be had by subtraction.
    """
    hidden = {name for name, count in cells.items() if count < SMALLEST}
    if len(hidden) == 1 and len(cells) > 1:
        hidden.add(min(cells.keys() - hidden, key=lambda name: (cells[name], name)))
    told = {name: None if name in hidden else count for name, count in cells.items()}
    return told, None if hidden else sum(cells.values())


def hour_counts(events: Iterable[TrackEnded], now: datetime) -> tuple[HourCount, ...]:
    """Events added up by place, camera, hour and outcome; those of a file have no place and are not counted.

    An event counts for the hour in which it happened while that one takes counts in, else for the hour of `now`.
    """
    added: Counter[tuple[str, str, datetime, str]] = Counter()
    for event in events:
        if event.place is not None:
            hour = _hour_of(event.at)
            if hour + _HOUR + _OPEN_FOR <= now:
                hour = _hour_of(now)
            added[event.place, event.camera, hour, event.outcome] += 1
    return tuple(
        HourCount(PlaceId(place), CameraId(camera), hour, outcome, count)
        for (place, camera, hour, outcome), count in added.items()
    )


def _row(place: PlaceId, hour: datetime, cells: Mapping[str, int]) -> CountRow:
    told, total = suppressed({name: cells.get(name, 0) for name in OUTCOMES})
    return CountRow(place, hour, told, total)


def _hour_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
