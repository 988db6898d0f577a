"""Find-me plans, as the gate needs them: who may be recognised under one now, and when that changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from beholden.consent.living import Now
from beholden.model.ids import SubjectId


@dataclass(frozen=True, slots=True)
class Sought:
    """Somebody is looked for, by a plan that is open for since <= moment < until (aware UTC)."""

    subject: SubjectId
    since: datetime
    until: datetime

    def holds_at(self, moment: datetime) -> bool:
        return self.since <= moment < self.until


Plans = Callable[[], tuple[Sought, ...]]
"""Every plan that was not closed, as storage has it now; cheap. Raises DataFolderError, KeystoreError."""


class Opened:
    """A plan counts for a picture only while it is open by the known time and at the picture's moment, also in a
    rehearsal; in doubt none does. Not safe for several threads: the gate's lock holds.
    """

    def __init__(self, plans: Plans, now: Now) -> None:
        self._plans, self._now = plans, now
        self._open: Mapping[SubjectId, Sought] = {}

    def changed(self) -> bool:
        """Whether another plan is open since this was asked: by time passing, a doubt, or what was decided."""
        now = self._now()
        found = {} if now is None else {each.subject: each for each in self._plans() if each.holds_at(now)}
        changed, self._open = found != self._open, found
        return changed

    def of(self, subject: SubjectId) -> Sought | None:
        """The plan that is open for somebody now."""
        sought, now = self._open.get(subject), self._now()
        return sought if sought is not None and now is not None and sought.holds_at(now) else None

    def holds(self, subject: SubjectId, moment: datetime) -> bool:
        """Whether somebody may be recognised under a plan in a picture of `moment` (aware)."""
        sought = self.of(subject)
        return sought is not None and sought.holds_at(moment)

    def edges(self, subject: SubjectId) -> tuple[datetime, ...]:
        """The moments of pictures at which that changes."""
        sought = self._open.get(subject)
        return () if sought is None else (sought.since, sought.until)
