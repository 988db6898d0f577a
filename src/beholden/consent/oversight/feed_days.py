"""What was shown to one human being of one person within a day, unasked: those who watch are told, nothing is blocked.

A desk at an entrance is shown its residents every day and cannot choose whom, so that the feed does not block as
looking does (`displays`). That somebody who knows a person is shown them, and that one person or family was shown
unusually often, is told once a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beholden.consent.oversight.accounts import PersonId
from beholden.consent.oversight.displays import Display, Way
from beholden.model.ids import SubjectId

LASTS = timedelta(hours=24)
ALARM_AT = 12
"""So often within a day: somebody who lives or works at a place comes and goes fewer times. This project's choice."""
SHOWN_BY = frozenset({Way.FEED, Way.PLAYBACK})


@dataclass(frozen=True, slots=True)
class FeedDay:
    """How often the feed showed `subject` to `person` since `since` (aware), and what was told of that."""

    person: PersonId
    subject: SubjectId
    since: datetime
    times: int = 0
    link_told: bool = False
    alarmed: bool = False

    def lasts_at(self, now: datetime) -> bool:
        return now < self.since + LASTS


@dataclass(frozen=True, slots=True)
class Today:
    """`day` as it is with the display. `tell_link`, `alarm`: what those who watch are told now."""

    day: FeedDay
    tell_link: bool
    alarm: bool


def today(display: Display, days: Sequence[FeedDay], since: datetime, *, linked: bool) -> Today:
    """With one display more, which was shown. `days`: those of the viewer and the family. `since`: of a new day.

    `linked`: the viewer knows the person or one of the family.
    """
    alive = [each for each in days if each.lasts_at(display.at)]
    new = FeedDay(display.person, display.subject, since)
    day = next((each for each in alive if each.subject == display.subject), new)
    fed = int(display.way is Way.FEED)
    times = sum(each.times for each in alive) + fed
    alarm = bool(fed) and times >= ALARM_AT and not any(each.alarmed for each in alive)
    now = replace(day, times=day.times + fed, link_told=day.link_told or linked, alarmed=day.alarmed or alarm)
    return Today(now, linked and not day.link_told, alarm)
