"""Facts about the life of a grant: asked, reminded, paused by silence, confirmed, renewed, corrected, over; and the
time by which all of that is decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beholden.model.event.base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRead(Event):
    """Whoever was invited opened their link and read the notice with this SHA-256."""

    kind: ClassVar[str] = "notice_read"
    subject: str
    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRevoked(Event):
    """An invitation was taken back before anybody used it."""

    kind: ClassVar[str] = "invitation_revoked"
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StillYesAsked(Event):
    """A person is asked whether a grant is still a yes, with the notice of this SHA-256."""

    kind: ClassVar[str] = "still_yes_asked"
    subject: str
    grant: str
    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StillYesReminded(Event):
    """A person is reminded, once, of an open question."""

    kind: ClassVar[str] = "still_yes_reminded"
    subject: str
    grant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent(Event):
    """There was no answer in time: nobody is recognised under the grant until the person says yes."""

    kind: ClassVar[str] = "silent"
    subject: str
    grant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed(Event):
    """A person said that it is still a yes, having read the notice of this SHA-256."""

    kind: ClassVar[str] = "confirmed"
    subject: str
    grant: str
    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed(Event):
    """A person agreed anew, until another moment, having read the notice of this SHA-256."""

    kind: ClassVar[str] = "renewed"
    subject: str
    grant: str
    ends_at: datetime
    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeMet(Event):
    """What a grant was for is done at `met_at`: it is over then, or before."""

    kind: ClassVar[str] = "purpose_met"
    subject: str
    grant: str
    met_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected(Event):
    """A person corrected where a grant holds and when: this is what is left of it from now on, and until when."""

    kind: ClassVar[str] = "corrected"
    subject: str
    grant: str
    places: tuple[str, ...]
    hours: str | None
    recordings: bool
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantEnded(Event):
    """A grant is over, and why; others of the person go on, or everything is forgotten next."""

    kind: ClassVar[str] = "grant_ended"
    subject: str
    grant: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten(Event):
    """All grants of a person are over: the templates, and the key that opened them, are destroyed."""

    kind: ClassVar[str] = "forgotten"
    subject: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeDoubted(Event):
    """The clock does not fit what passed: nobody is named, asked or forgotten by it until somebody who knows speaks."""

    kind: ClassVar[str] = "time_doubted"
    latest: datetime
    sure: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeTrusted(Event):
    """A trusted source said what time it is, after a doubt: `by` "kernel" (synchronised by NTP) or "operator"."""

    kind: ClassVar[str] = "time_trusted"
    by: str
