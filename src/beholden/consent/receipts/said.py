"""What a receipt says: who agreed to what, told what, by whom it was changed since, and who answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from beholden.consent.notice import Controller
from beholden.model.grant import Basis, Grant, GrantState


class Status(StrEnum):
    """What happened to a grant."""

    GIVEN = "given"
    RENEWED = "renewed"
    PAUSED = "paused"
    RESUMED = "resumed"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class By(StrEnum):
    """Who did it. Nobody is named: a receipt says nothing about anybody but the person."""

    PERSON = "the person"
    GUARDIAN = "a guardian"
    RULE = "a rule of the policy table"


YES = frozenset({Status.GIVEN, Status.RENEWED, Status.CORRECTED})
"""What says until when."""
OVER = frozenset({Status.WITHDRAWN, Status.EXPIRED})
"""What nothing comes after."""
WITHOUT_ANYBODY = frozenset({Status.PAUSED, Status.EXPIRED})
"""What silence and time do."""
_STATES = {
    Status.GIVEN: {GrantState.ACTIVE},
    Status.RENEWED: {GrantState.ACTIVE, GrantState.PAUSED},
    Status.PAUSED: {GrantState.PAUSED},
    Status.RESUMED: {GrantState.ACTIVE},
    Status.CORRECTED: {GrantState.ACTIVE, GrantState.PAUSED},
    Status.WITHDRAWN: {GrantState.WITHDRAWN},
    Status.EXPIRED: set(GrantState),
}


@dataclass(frozen=True, slots=True)
class Change:
    """What happened at `at` (aware UTC), and the number of its leaf in the log. `until` says when a yes ends."""

    status: Status
    at: datetime
    by: By
    leaf: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """A notice as it was shown: `digest` is SHA-256 of it in hexadecimal, `language` as in BCP 47."""

    version: str
    language: str
    digest: str
    shown_at: datetime


@dataclass(frozen=True, slots=True)
class Seat:
    """Where the controller is. `jurisdiction` and `stored_in` are ISO 3166 codes (`IE`, `US-IL`); `rights_at` says
    where or how people withdraw, correct and ask; `gdpr`: whether that law applies."""

    address: str
    jurisdiction: str
    stored_in: str
    rights_at: str
    gdpr: bool = True


@dataclass(frozen=True, slots=True)
class Consent:
    """Everything a receipt says. `origin` is the log's name; `history` and `notices` are oldest first.

    `controller` is an organisation. `destroy_by` is when the templates are gone at the latest, None when
    they are gone already. `rehearsal`: nothing of it is in earnest, and the receipt says so.
    """

    grant: Grant
    history: tuple[Change, ...]
    notices: tuple[ShownNotice, ...]
    controller: Controller
    seat: Seat
    origin: str
    destroy_by: datetime | None
    rehearsal: bool = False


def contradiction(consent: Consent, issued: datetime) -> str | None:
    """Why no receipt can say this at `issued` (aware), as a sentence for people, or None when one can."""
    history, grant = consent.history, consent.grant
    if not history or history[0].status is not Status.GIVEN:
        return "a history begins with a yes"
    if any(change.status is Status.GIVEN for change in history[1:]):
        return "a grant is given once"
    if any(after.at < before.at for before, after in pairwise(history)):
        return "what happened is told in the order in which it happened"
    if any(change.status in OVER for change in history[:-1]):
        return "nothing happens to a grant that is over"
    if history[-1].at > issued:
        return "a receipt tells the past"
    if any((change.until is not None) != (change.status in YES) for change in history):
        return "a yes says until when, and nothing else does"
    if [change.until for change in history if change.status in YES][-1] != grant.ends_at:
        return "the grant ends when the last yes said"
    if grant.state not in _STATES[history[-1].status]:
        return f"a grant that was last {history[-1].status} is not {grant.state}"
    if not consent.notices or min(notice.shown_at for notice in consent.notices) > history[0].at:
        return "a notice comes before the yes"
    return _by_whom(history, grant)


def _by_whom(history: tuple[Change, ...], grant: Grant) -> str | None:
    if (history[0].by is By.GUARDIAN) != (grant.basis is Basis.GUARDIAN):
        return "who gave the grant is its basis"
    for change in history:
        if change.by is By.GUARDIAN and grant.basis is not Basis.GUARDIAN:
            return "only a guardian's grant is changed by a guardian"
        if change.by is By.RULE and change.status not in WITHOUT_ANYBODY:
            return f"no rule makes a grant {change.status}: people do"
        if change.status is Status.EXPIRED and change.by is not By.RULE:
            return "time ends a grant by a rule, not by somebody"
    return None
