"""A week as reports have it: from Monday 00:00 UTC, written as ISO 8601 has it, like 2026-W47."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from beholden.model.errors import SettingsError

WHOLE_AFTER = timedelta(days=1)
"""A week is told this long after its end: so long a sighting lives, and can be answered."""
_FORM = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """`year` is that of the week's Thursday, `number` 1 to 53."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> Week:
        """The week of an aware moment."""
        found = moment.astimezone(UTC).isocalendar()
        return cls(found.year, found.week)

    @property
    def start(self) -> datetime:
        return datetime.fromisocalendar(self.year, self.number, 1).replace(tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first moment that is not in it."""
        return self.start + timedelta(weeks=1)

    @property
    def told_from(self) -> datetime:
        """When it can be told: what is counted does not change any more."""
        return self.end + WHOLE_AFTER

    def after(self) -> Week:
        return Week.of(self.end)

    def __str__(self) -> str:
        return f"{self.year:04d}-W{self.number:02d}"


def parse_week(text: str) -> Week:
    """The inverse of `str`. Raises SettingsError."""
    found = _FORM.fullmatch(text)
    try:
        week = Week(int(found[1]), int(found[2])) if found else None
        if week is not None and 1970 <= week.year <= 2999 and Week.of(week.start) == week:
            return week
    except ValueError:
        pass
    raise SettingsError(f"--week {text[:40]!r} is no week", advice="Write it like 2026-W47 (ISO 8601).")


def last_told(now: datetime) -> Week:
    """The last week that can be told at an aware moment."""
    return Week.of(now - WHOLE_AFTER - timedelta(weeks=1))
