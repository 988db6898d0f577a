"""What happened to people, counted as soon as the log holds it, with nobody in it.

A leaf about a person opens with the person's key only. So a week could not be told any more once somebody
withdrew, nor opened to an auditor without saying who. Counts are therefore kept while the week lasts, and
logged at its end (`acts.report.close`). Sightings are not counted here: they are, by place, elsewhere
(`acts.sightings.counts`, `acts.sightings.answers`); what the live feed displays is.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from beholden.acts.report.week import Week
from beholden.acts.store import Store
from beholden.consent.oversight.displays import Way
from beholden.consent.oversight.steps import Happened
from beholden.model.event import (
    Enrolled,
    Erased,
    FolderCreated,
    Forgotten,
    Granted,
    GrantEnded,
    Invited,
    Overseen,
    Paused,
    Restored,
    Silent,
    Withdrawn,
)
from beholden.model.ids import SubjectId

AT_ONCE_MS = 60_000
"""Whatever recognised a person who withdrew is destroyed in this time (design, section 7)."""
TOLD = frozenset(
    {
        Happened.SHOWN,
        Happened.DISPLAY_BLOCKED,
        Happened.DISPLAY_ALARM,
        Happened.GLASS_BROKEN,
        Happened.GLASS_REFUSED,
        Happened.GLASS_CLOSED,
        Happened.GLASS_REVIEWED,
        Happened.ACCOUNT_LOCKED,
        Happened.PLAN_OPENED,
        Happened.PLAN_REFUSED,
        Happened.PLAN_RENEWED,
        Happened.PLAN_CLOSED,
    }
)
"""Of what oversight notices, this is counted. That somebody was barred, a canary touched, or a missing person found
is not: it would tell whom a count of one is about."""
AUTHORITY = "authority"
"""What is said of a look at who somebody's guardians are; any other that is by no way is at what a plan found."""
_TALLY = "tally"
_LONGEST = "_ms"
_BEGIN = frozenset({FolderCreated.kind, Restored.kind})
_TAKEN_BACK = frozenset({"withdrawn", "cancelled"})
Counts = dict[str, int]


@dataclass(slots=True)
class Running:
    """`counted`: the newest leaf that is in; `closed`: the last week that was told; `weeks`: counts by week."""

    counted: int = -1
    closed: str | None = None
    weeks: dict[str, Counts] = field(default_factory=dict[str, Counts])

    def lines(self) -> tuple[str, ...]:
        """As it is kept."""
        closed = () if self.closed is None else (f"closed {self.closed}",)
        counts = (f"{week} {line}" for week, each in sorted(self.weeks.items()) for line in count_lines(each))
        return (f"counted {self.counted}", *closed, *counts)


def running(store: Store) -> Running:
    """What was counted and not told yet. Raises DataFolderError."""
    found = Running()
    for line in store.in_force(_TALLY) or ():
        first, _, rest = line.partition(" ")
        if first == "counted":
            found.counted = int(rest)
        elif first == "closed":
            found.closed = rest
        else:
            number, _, name = rest.partition(" ")
            found.weeks.setdefault(first, {})[name] = int(number)
    return found


def count_lines(counts: Mapping[str, int]) -> tuple[str, ...]:
    """A line for each count: the number, a blank, its name."""
    return tuple(f"{number} {name}" for name, number in sorted(counts.items()))


class Tally:
    """The running counts, in the records. Safe for several threads of the one process that writes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.RLock()

    def count(self, told: Iterable[tuple[int, Mapping[str, Any]]], moment: datetime, *, found: bool = False) -> None:
        """Facts (as their values), each with its leaf, which is in the log since `moment`; each only once.

        `found`: nobody knows whether they were counted before they were cut off. To be called before
        their leaves are noted as known. Raises DataFolderError.
        """
        facts = list(told)
        if any(values["kind"] in _BEGIN for _, values in facts):
            self._begin(Week.of(moment))
        made = [(leaf, names) for leaf, values in facts if (names := self._names(values, moment))]
        if not made:
            return
        with self._lock:
            known = running(self._store)
            for leaf, names in made:
                if not found or leaf > known.counted:
                    _add(known.weeks.setdefault(str(Week.of(moment)), {}), names)
                    known.counted = max(known.counted, leaf)
            self._keep(known)

    def count_present(self, told: Iterable[Mapping[str, Any]], moment: datetime) -> None:
        """Facts that wait for their hour, and whose leaves have no number yet. To be called before what they are about
        happens: where that is cut off, and happens again, one is too many. Raises DataFolderError."""
        names = [found for values in told if (found := self._names(values, moment))]
        if not names:
            return
        with self._lock:
            known = running(self._store)
            for each in names:
                _add(known.weeks.setdefault(str(Week.of(moment)), {}), each)
            self._keep(known)

    def take_back(self, told: Iterable[Mapping[str, Any]], moment: datetime) -> None:
        """What was announced at `moment` did not happen after all. Raises DataFolderError."""
        names = [self._names(values, moment) for values in told]
        with self._lock:
            known = running(self._store)
            week = known.weeks.get(str(Week.of(moment)))
            if week is None or not any(names):
                return
            for each in names:
                _add(week, {name: -number for name, number in each.items()})
            self._keep(known)

    def close(self, week: Week) -> None:
        """This week was told. Raises DataFolderError."""
        with self._lock:
            known = running(self._store)
            known.closed = str(week)
            known.weeks.pop(str(week), None)
            self._keep(known)

    def _begin(self, week: Week) -> None:
        """Nothing is known of weeks before this one: there were none, or what was counted since a backup is gone."""
        before = str(Week.of(week.start - timedelta(weeks=1)))
        with self._lock:
            known = running(self._store)
            known.closed = max(before, known.closed or before)
            known.weeks = {each: counts for each, counts in known.weeks.items() if each > before}
            self._keep(known)

    def _keep(self, known: Running) -> None:
        self._store.put_in_force(_TALLY, known.lines())

    def _names(self, values: Mapping[str, Any], moment: datetime) -> Counts:
        """What a fact counts as."""
        match values["kind"]:
            case Invited.kind:
                return {"invited": 1}
            case Enrolled.kind:
                return {"accepted": 1}
            case Granted.kind:
                purpose = values["purpose"]
                return {f"begun.{purpose}": 1} | {f"begun.{purpose}@{place}": 1 for place in values["places"]}
            case Paused.kind | Silent.kind as kind:
                return self._one(values, kind)
            case GrantEnded.kind:
                how = "withdrawn" if values["why"] in _TAKEN_BACK else "over"
                return self._one(values, how)
            case Withdrawn.kind:
                return self._all(values, "withdrawn")
            case Forgotten.kind:
                return self._all(values, "over")
            case Erased.kind:
                return self._erased(values, moment)
            case Overseen.kind:
                return _overseen(values)
            case _:
                return {}

    def _one(self, values: Mapping[str, Any], how: str) -> Counts:
        """One grant, by its purpose."""
        grants = self._store.grants(SubjectId(values["subject"]))
        return {f"{how}.{each.purpose}": 1 for each in grants if each.id == values["grant"]}

    def _all(self, values: Mapping[str, Any], how: str) -> Counts:
        """Every grant of somebody that was not over before, by purpose."""
        subject, counts = SubjectId(values["subject"]), Counts()
        standings = self._store.standings(subject)
        for grant in self._store.grants(subject):
            if standings[grant.id].over is None:
                _add(counts, {f"{how}.{grant.purpose}": 1})
        return counts

    def _erased(self, values: Mapping[str, Any], moment: datetime) -> Counts:
        """How long it took since it was announced."""
        announced = self._store.opening(values["intent"])
        took = 0 if announced is None else max(0, round((moment - announced.created_at).total_seconds() * 1000))
        late = {"erased.late": 1} if took > AT_ONCE_MS else {}
        return {"erased": 1, f"erased.longest{_LONGEST}": took, **late}


def _overseen(values: Mapping[str, Any]) -> Counts:
    """The way of looking, and the verdict of a review, are told with it; plans, subjects and accounts never."""
    what, about = values["what"], values["about"]
    if what not in TOLD:
        return {}
    if what == Happened.GLASS_REVIEWED:
        return {f"overseen.{what}.{str(values['detail']).replace(' ', '_')}": 1}
    if what in (Happened.SHOWN, Happened.DISPLAY_BLOCKED) and about not in set(Way):
        return {f"overseen.{what}.{'guardians' if values['detail'] == AUTHORITY else 'plan'}": 1}
    return {f"overseen.{what}.{about}" if about in set(Way) else f"overseen.{what}": 1}


def _add(counts: Counts, more: Mapping[str, int]) -> None:
    for name, number in more.items():
        before = counts.get(name, 0)
        counts[name] = max(before, number) if name.endswith(_LONGEST) else before + number
