"""What an auditor should ask an operator about: findings, each with a sentence; no score, and no ranking of people.

Only what an account chose to look at is judged, not what the feed pushed to it (`feed_days`). Findings come in
the order of account names. That one is there says only that somebody should ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from beholden.consent.oversight.accounts import AccountId, PersonId
from beholden.consent.oversight.displays import SOUGHT, Display, Watched
from beholden.model.grant import Hours, Place
from beholden.model.ids import PlaceId, SubjectId

LOOKED_BACK = timedelta(days=30)
REPEATED_ON = 3
"""Days, of the place's calendar, on which somebody looked at one person or the family."""
USUAL_HOURS = Hours(time(6), time(22))
"""Where a place states no hours of its own."""


class Oddity(StrEnum):
    REPEAT_TARGET = "repeat_target"
    ODD_HOURS = "odd_hours"
    PERSONAL_LINK = "personal_link"


_SENTENCES = {
    Oddity.REPEAT_TARGET: f"looked at one person, or their relatives, on {REPEATED_ON} days or more.",
    Oddity.ODD_HOURS: "looked at people outside the hours of the place.",
    Oddity.PERSONAL_LINK: "looked at somebody whom its holder knows personally, or at their relatives.",
}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """`account` did something unusual; `subjects`: whom it looked at, so that the log's lines can be found."""

    account: AccountId
    oddity: Oddity
    subjects: tuple[SubjectId, ...]

    @property
    def sentence(self) -> str:
        return f"Account {self.account} {_SENTENCES[self.oddity]}"


def findings(
    displays: Sequence[Display],
    watched: Watched,
    places: Mapping[PlaceId, Place],
    links: frozenset[frozenset[PersonId]],
    now: datetime,
) -> tuple[Finding, ...]:
    """Of the last 30 days until now (aware). `links`: pairs of human beings who know each other, as they declared.

    A place that is not among `places` has the usual hours, in UTC.
    """
    found: list[Finding] = []
    chosen = [each for each in displays if each.way in SOUGHT and now - LOOKED_BACK < each.at <= now]
    for person in {each.person for each in chosen}:
        own = [each for each in chosen if each.person == person]
        account = min(each.account for each in own)
        for target in _repeated(own, watched, places):
            found.append(Finding(account, Oddity.REPEAT_TARGET, target))
        odd = _subjects(each for each in own if not _in_hours(each, places))
        if odd:
            found.append(Finding(account, Oddity.ODD_HOURS, odd))
        linked = _subjects(each for each in own if knows(each, watched, links))
        if linked:
            found.append(Finding(account, Oddity.PERSONAL_LINK, linked))
    return tuple(sorted(found))


def _subjects(displays: Iterator[Display]) -> tuple[SubjectId, ...]:
    return tuple(sorted({each.subject for each in displays}))


def _repeated(
    own: Sequence[Display], watched: Watched, places: Mapping[PlaceId, Place]
) -> Iterator[tuple[SubjectId, ...]]:
    for family in {watched.families.of(each.subject) for each in own}:
        seen = [each for each in own if each.subject in family]
        days = {each.at.astimezone(ZoneInfo(_place(each, places).zone)).date() for each in seen}
        if len(days) >= REPEATED_ON:
            yield _subjects(iter(seen))


def _place(display: Display, places: Mapping[PlaceId, Place]) -> Place:
    return places.get(display.place, Place(display.place))


def _in_hours(display: Display, places: Mapping[PlaceId, Place]) -> bool:
    """On the wall clock of the place."""
    place = _place(display, places)
    return (place.hours or USUAL_HOURS).hold_at(display.at, place.zone)


def knows(display: Display, watched: Watched, links: frozenset[frozenset[PersonId]]) -> bool:
    """Whether whoever looked knows the person, or one of the family."""
    for subject in watched.families.of(display.subject):
        person = watched.persons.get(subject)
        if person is not None and frozenset({display.person, person}) in links:
            return True
    return False
