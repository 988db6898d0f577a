"""A person's agreement: to what, where, when, until when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from beholden.model.ids import CameraId, GrantId, PlaceId, SubjectId


class Purpose(StrEnum):
    """What recognition may be for; there are no others. The table is `consent.purposes`."""

    ENTRANCE = "entrance"
    CARE = "care"
    SELF_EXCLUSION = "self_exclusion"
    PHOTOS = "photos"
    INTRODUCTIONS = "introductions"
    FIND_ME = "find_me"


class Basis(StrEnum):
    """Who agreed: the person, or beforehand a guardian for a dependent. There is no third."""

    CONSENT = "consent"
    GUARDIAN = "guardian"


class Capture(StrEnum):
    """Why a camera may name at all: a lane people choose, a button they press, or a declared legal basis."""

    LANE = "lane"
    BUTTON = "button"
    DECLARED = "declared"


class GrantState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


class Closed(StrEnum):
    """Why a grant does not hold at a moment."""

    PAUSED = "paused"
    WITHDRAWN = "withdrawn"
    NOT_YET = "cooling off"
    EXPIRED = "expired"
    OTHER_HOURS = "outside the hours agreed"


_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)")


@dataclass(frozen=True, slots=True)
class Hours:
    """From `start` to `end`, whole minutes of the place's wall clock; past midnight when `end` is not after `start`.

    They are what the clock on the wall says: an hour that comes twice when the clocks go back is inside
    both times, one that is left out when they go forward does not come at all.
    """

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Hours:
        """`08:00-20:00`; `24:00` is midnight. Raises ValueError."""
        found = _HOURS.fullmatch(text)
        if found is None:
            raise ValueError(f"hours are written like 08:00-20:00, not {text!r}")
        begin, begin_minute, end, end_minute = (int(part or 0) for part in found.groups())
        return cls(time(begin, begin_minute), time(end, end_minute))

    def __str__(self) -> str:
        """As `parse` reads it."""
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def hold(self, local: time) -> bool:
        """Whether a local time lies inside; `start` is inside, `end` is not."""
        if self.start < self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def hold_at(self, moment: datetime, zone: str) -> bool:
        """Whether `moment` (aware) lies inside, on the wall clock of `zone`."""
        return self.hold(moment.astimezone(ZoneInfo(zone)).time())


@dataclass(frozen=True, slots=True)
class Place:
    """A set of cameras. `zone` is an IANA time zone; no naming while `capture` is None, nor outside `hours`."""

    id: PlaceId
    zone: str = "UTC"
    capture: Capture | None = None
    purposes: tuple[Purpose, ...] = (Purpose.ENTRANCE,)
    hours: Hours | None = None

    def open_at(self, moment: datetime) -> bool:
        """Whether `moment` (aware) lies in the place's hours: outside nobody is named there."""
        return self.hours is None or self.hours.hold_at(moment, self.zone)


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """From where a moment is seen: a camera of a place, or (`place` None) a file, which has no place and no hour."""

    camera: CameraId
    place: Place | None


@dataclass(frozen=True, slots=True)
class Grant:
    """One person's agreement to one purpose. Moments are aware UTC; `places` empty only for `photos`.

    `recordings` is the box that allows matching in files, ticked by the subject.
    """

    id: GrantId
    subject: SubjectId
    purpose: Purpose
    basis: Basis
    places: frozenset[PlaceId]
    starts_at: datetime
    ends_at: datetime
    state: GrantState = GrantState.ACTIVE
    hours: Hours | None = None
    recordings: bool = False

    def closed_at(self, moment: datetime, zone: str = "UTC") -> Closed | None:
        """Why this grant does not hold at `moment` (aware), or None when it does.

        Start and end are instants, so clock changes neither shorten nor lengthen a grant; only
        `hours` are read on the wall clock of `zone`.
        """
        if self.state is GrantState.WITHDRAWN:
            return Closed.WITHDRAWN
        if self.state is GrantState.PAUSED:
            return Closed.PAUSED
        if moment < self.starts_at:
            return Closed.NOT_YET
        if moment >= self.ends_at:
            return Closed.EXPIRED
        if self.hours is not None and not self.hours.hold_at(moment, zone):
            return Closed.OTHER_HOURS
        return None

    def valid_at(self, moment: datetime, zone: str = "UTC") -> bool:
        return self.closed_at(moment, zone) is None
