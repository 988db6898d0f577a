"""The promises of whoever keeps where grants stand, whom links invite, and what is known of the time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from beholden.consent.invitation import Invitation
from beholden.consent.known_time import KnownTime
from beholden.consent.life import Standing
from beholden.consent.registry import Subject
from beholden.model.grant import Grant, GrantState
from beholden.model.ids import GrantId, SubjectId


@dataclass(frozen=True, slots=True)
class Sent:
    """A link that was sent to `subject`. The offer's label is empty: their name is sealed with them."""

    subject: SubjectId
    invitation: Invitation


@dataclass(frozen=True, slots=True)
class Counted:
    """What was known of the time when the machine, in its `boot`, had counted `counted_us` (CLOCK_BOOTTIME)."""

    known: KnownTime
    boot: str | None = None
    counted_us: int | None = None


def state_of(standing: Standing, *, held: bool = False) -> GrantState:
    """The state of a grant that stands so. `held`: a template rests on it, though it is over, and is destroyed next."""
    if standing.over is not None and not held:
        return GrantState.WITHDRAWN
    stopped = standing.over is not None or standing.paused_at is not None or standing.silent_at is not None
    return GrantState.PAUSED if stopped else GrantState.ACTIVE


class LifeStore(Protocol):
    """A part of `acts.store.Store`, whose promises hold here too."""

    def standings(self, subject: SubjectId | None = None) -> dict[GrantId, Standing]:
        """Of every grant, or those of one person; `life.of_before` where none was ever put."""
        ...

    def set_standings(self, standings: Mapping[GrantId, Standing]) -> None:
        """Where grants stand from now on, with their state (`state_of`), begin and end. A template under one that is
        over rests on another grant of the person from now on, if there is one that is not."""
        ...

    def change_terms(self, grant: Grant, standings: Mapping[GrantId, Standing], added: Sequence[Grant] = ()) -> None:
        """Places, hours and recordings of a grant as `grant` has them, new grants, and standings as `set_standings`."""
        ...

    def add_invitations(self, subjects: Sequence[Subject], sent: Sequence[Sent]) -> None:
        """New subjects (one at least) and their links: all of them, or none."""
        ...

    def invitations(self) -> tuple[Sent, ...]:
        """All of people who did not withdraw, oldest first."""
        ...

    def change_invitation(self, invitation: Invitation) -> None:
        """Which notice was read, and whether it was taken back; it is used by `Store.add_enrolment` only."""
        ...

    def known_time(self) -> Counted | None:
        """As it was last put; None when it never was."""
        ...

    def put_known_time(self, counted: Counted) -> None: ...
