"""A week that is over is told to the log: what was counted in it, and which of its leaves are about nobody.

From then on its figures cannot be changed without anybody noticing, whoever withdraws. The leaf pins the openings that
an auditor is handed, so that one that is left out is missed.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from beholden.acts.office import Office
from beholden.acts.report.tally import Counts, count_lines, running
from beholden.acts.report.week import Week, last_told, parse_week
from beholden.acts.sightings.answers import IN_FILES
from beholden.acts.sightings.counts import counts
from beholden.acts.store import Opening
from beholden.ledger.leaf import SALT_SIZE, hour_of
from beholden.model.event import WeekTallied

MOST_WEEKS = 12
"""Of more weeks in which nobody kept the folder only so many are told: counts of faces live 90 days."""
QUARTER = timedelta(weeks=13)
"""Whom an invitation of so long before the week's end is looked at for whether nearly everybody accepts."""
_PERSON = "s_"
_ANSWERS = {True: "right", False: "wrong"}


@dataclass(frozen=True, slots=True)
class Opened:
    """A leaf that is about nobody, with what opens it: `hour` (since 1970) is public, `event` has what it says."""

    leaf: int
    hour: int
    salt: bytes
    event: bytes
    commitment: bytes

    @property
    def values(self) -> dict[str, Any]:
        return json.loads(self.event)


def close_weeks(office: Office) -> int:
    """Tell the log of each week that can be told and was not; how many. May be repeated, and cut off.

    Raises LogUnavailable, DataFolderError: then the next call does it.
    """
    if office.time.now is None:
        return 0
    with office.journal.acting():
        closed, last = running(office.store).closed, last_told(office.clock())
        if closed is None:  # a folder of before: what happened in this week until now was not counted
            office.journal.tally.close(Week.of(office.clock()))
            return 0
        week = max(parse_week(closed).after(), Week.of(last.start - (MOST_WEEKS - 1) * timedelta(weeks=1)))
        number = 0
        while week <= last:
            _close(office, week)
            number, week = number + 1, week.after()
        return number


def openings_of(office: Office, week: Week) -> tuple[Opened, ...]:
    """Leaves of the week, by the hour that they show, that are about nobody, in their order. Raises DataFolderError."""
    return opened(office.store.openings_of_nobody(week.start), week)


def tallied(office: Office, week: Week) -> Opened | None:
    """The leaf that told of this week; None when there is none. Raises DataFolderError."""
    found = [each for each in _about_nobody(office.store.openings_of_nobody(week.end)) if _tells_of(each, week)]
    return found[-1] if found else None


def digest_of(leaves: Sequence[Opened]) -> str:
    """SHA-256 (hex) of their commitments, one after the other."""
    return hashlib.sha256(b"".join(each.commitment for each in leaves)).hexdigest()


def opened(openings: Sequence[Opening], week: Week) -> tuple[Opened, ...]:
    """As `openings_of`, of these."""
    hours = range(hour_of(week.start), hour_of(week.end))
    return tuple(each for each in _about_nobody(openings) if each.hour in hours)


def _about_nobody(openings: Sequence[Opening]) -> list[Opened]:
    found: list[Opened] = []
    for each in openings:
        if each.about is None and each.leaf is not None:
            salt, event = each.body[:SALT_SIZE], each.body[SALT_SIZE:]
            if not _names_somebody(json.loads(event)):
                found.append(Opened(each.leaf, hour_of(each.created_at), salt, event, each.commitment))
    return sorted(found, key=lambda leaf: leaf.leaf)


def _names_somebody(value: object) -> bool:
    """Whether an id of a subject is in it, wherever: as whom it is about, or as the holder of an account."""
    if isinstance(value, dict):
        return any(map(_names_somebody, cast("dict[str, object]", value).values()))
    if isinstance(value, list):
        return any(map(_names_somebody, cast("list[object]", value)))
    return isinstance(value, str) and value.startswith(_PERSON)


def _tells_of(leaf: Opened, week: Week) -> bool:
    values = leaf.values
    return values["kind"] == WeekTallied.kind and values["week"] == str(week)


def _close(office: Office, week: Week) -> None:
    openings = office.store.openings_of_nobody(week.start)
    if any(each.leaf is None and each.created_at < week.end for each in openings):
        office.journal.find_leaves()
        openings = office.store.openings_of_nobody(week.start)
    if not any(_tells_of(each, week) for each in _about_nobody(openings)):  # else it was cut off after the leaf
        leaves = opened(openings, week)
        event = WeekTallied(
            at=office.clock(),
            week=str(week),
            opened=len(leaves),
            digest=digest_of(leaves),
            counts=count_lines(_counts(office, week)),
        )
        office.journal.record([event])
    office.journal.tally.close(week)


def _counts(office: Office, week: Week) -> Counts:
    """All that is told of the week: what was counted of people, and what is counted by place."""
    return running(office.store).weeks.get(str(week), {}) | _invitations(office, week) | _places(office, week)


def _invitations(office: Office, week: Week) -> Counts:
    """Links that were sent in the quarter up to the week's end, and how many of them were accepted until now."""
    sent = [each.invitation for each in office.store.invitations()]
    sent = [each for each in sent if week.end - QUARTER <= each.made_at < week.end]
    used = sum(each.used_at is not None for each in sent)
    return {"quarter.invited": len(sent), "quarter.accepted": used} if sent else {}


def _places(office: Office, week: Week) -> Counts:
    """Faces by what `acts.sightings.counts` tells of each hour, so that nothing hidden there can be had by subtraction;
    answers by the day of the alert. Every place has its line, also where nothing was."""
    found: Counter[str] = Counter()
    names = {each.camera.place for each in office.store.cameras()}
    for row in counts(office, week.start, week.end):
        names.add(row.place)
        found.update({f"faces.{what}@{row.place}": number or 0 for what, number in row.outcomes.items()})
    days = range(week.start.toordinal(), week.end.toordinal())
    for each in office.store.answer_counts():
        if each.day.toordinal() in days:
            names.add(each.place)
            found[f"answered.{_ANSWERS[each.right]}@{each.place or IN_FILES}"] += each.count
    for name in names:
        found.update({f"answered.{said}@{name}": 0 for said in _ANSWERS.values()})
    return dict(found)
