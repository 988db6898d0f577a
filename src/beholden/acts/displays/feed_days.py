"""What the feed, or a playback, shows an account of one person within a day: kept, and told to those who watch.

`consent.oversight.feed_days` decides. A day is one row for each viewer and person, sealed under the person's key: how
often, and since which hour; neither where nor when.
"""

from __future__ import annotations

from dataclasses import dataclass

from beholden.acts.accounts.kept import Record, full_hour, kept, moment_of, row_name, stored
from beholden.acts.displays.oddities import Told
from beholden.acts.displays.watched import links_of
from beholden.acts.office import Office
from beholden.consent.oversight.accounts import Account, PersonId
from beholden.consent.oversight.anomalies import Oddity, knows
from beholden.consent.oversight.displays import Display, Watched, Way
from beholden.consent.oversight.feed_days import ALARM_AT, LASTS, SHOWN_BY, FeedDay, today
from beholden.consent.oversight.steps import Fact, Happened, Notice
from beholden.model.ids import SubjectId

_KIND = "feed_day"
_SHOWED = {Way.FEED: "The feed", Way.PLAYBACK: "A playback"}


@dataclass(frozen=True, slots=True)
class Counted:
    """What to log, whom to tell, and what to keep with it."""

    told: Told = ((), ())
    records: tuple[Record, ...] = ()


def count_today(office: Office, viewer: Account, display: Display, known: Watched, odd: tuple[Fact, ...]) -> Counted:
    """Of a display that is about to be shown. `odd`: what is told of it already."""
    if display.way not in SHOWN_BY or not display.shown:
        return Counted()
    family, now = known.families.of(display.subject), display.at
    days = [day for day in map(_day, kept(office, _KIND, family)) if day.person == display.person]
    linked = knows(display, known, links_of(office, family))
    found = today(display, days, full_hour(now), linked=linked)
    said = any(each.about == Oddity.PERSONAL_LINK for each in odd)
    facts, texts = list[Fact](), list[str]()
    if found.tell_link and not said:
        facts.append(Fact(now, Happened.ODDITY, Oddity.PERSONAL_LINK, display.subject, (viewer.id,)))
        whom = "somebody whom its holder knows personally, or their relatives."
        texts.append(f"{_SHOWED[display.way]} showed account {viewer.id} {whom}")
    if found.alarm:
        facts.append(Fact(now, Happened.DISPLAY_ALARM, display.way, display.subject, (viewer.id,)))
        texts.append(f"The feed showed account {viewer.id} one person, or their relatives, {ALARM_AT} times in a day.")
    watchers = known.directory.watchers(viewer, now)
    notices = tuple(Notice(each.id, text, now) for text in texts for each in watchers)
    return Counted((tuple(facts), notices), (_record(office, found.day),))


def _record(office: Office, day: FeedDay) -> Record:
    values = {
        "person": day.person,
        "since": stored(day.since),
        "times": day.times,
        "link_told": day.link_told,
        "alarmed": day.alarmed,
    }
    return Record(_KIND, row_name(office, day.subject, _KIND, day.person), values, day.subject, day.since + LASTS)


def _day(record: Record) -> FeedDay:
    values = record.values
    return FeedDay(
        person=PersonId(values["person"]),
        subject=SubjectId(record.about),
        since=moment_of(values["since"]),
        times=values["times"],
        link_told=values["link_told"],
        alarmed=values["alarmed"],
    )
