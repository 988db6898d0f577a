"""Facts about what was told of a week: its counts, and that an auditor was handed what opens its leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from beholden.model.event.base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekTallied(Event):
    """What happened to people in a week (like 2026-W47), in counts with nobody in them: each a number, a blank, a name.

    Of the leaves of the week `opened` are about nobody; `digest` is the SHA-256 of their commitments, in their order.
    """

    kind: ClassVar[str] = "week_tallied"
    week: str
    opened: int
    digest: str
    counts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningsGiven(Event):
    """What opens the leaves of a week that are about nobody was about to be handed to the auditor's account `by`; None:
    in a rehearsal."""

    kind: ClassVar[str] = "openings_given"
    week: str
    by: str | None
