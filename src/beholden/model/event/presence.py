"""Facts of presence: recognised, answered, and tracks that ended without any identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from beholden.model.event.base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted(Event):
    """A person was recognised at a place under a grant, by several agreeing shots of one track."""

    kind: ClassVar[str] = "sighted"
    sighting: str
    camera: str
    place: str | None
    subject: str
    grant: str
    shots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Event):
    """Somebody at the desk said whether a sighting was of that person (`right`). Nothing is learnt from it."""

    kind: ClassVar[str] = "answered"
    sighting: str
    subject: str
    place: str | None
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackEnded(Event):
    """A track ended: what it ended as, without any identity. `outcome` is known, unknown or undecided."""

    kind: ClassVar[str] = "track_ended"
    camera: str
    place: str | None
    outcome: str
    reason: str
    seconds: int
