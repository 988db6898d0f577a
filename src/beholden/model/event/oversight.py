"""Facts about who may act here, what they were allowed to do, and whom they looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from beholden.model.event.base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAdded(Event):
    """An account of `organisation` (which is `what`) with these `roles` was added by the account `by`; None: the first.

    `key` is the SHA-256 of its public key, `holder` an opaque name of the human being. The name is not told.
    """

    kind: ClassVar[str] = "account_added"
    account: str
    organisation: str
    what: str
    holder: str
    roles: tuple[str, ...]
    key: str
    expires_at: str
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanged(Event):
    """An account has another key or other roles from now on, and is as new as one that is added now."""

    kind: ClassVar[str] = "account_changed"
    account: str
    roles: tuple[str, ...]
    key: str
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRevoked(Event):
    """An account does not act any more."""

    kind: ClassVar[str] = "account_revoked"
    account: str
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRequested(Event):
    """An account asked for an act that one credential alone cannot do; `digest` is what approvals are bound to."""

    kind: ClassVar[str] = "act_requested"
    digest: str
    act: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActApproved(Event):
    """An account agreed to the act of `digest`; `key` is the SHA-256 of the public key that it signed with."""

    kind: ClassVar[str] = "act_approved"
    digest: str
    by: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActAllowed(Event):
    """The act of `digest` is about to be done by `by`: `approvers` agreed, in the order of the policy's table."""

    kind: ClassVar[str] = "act_allowed"
    digest: str
    act: str
    by: str
    approvers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRefused(Event):
    """The act of `digest` was tried by `by`, and refused for `reason`."""

    kind: ClassVar[str] = "act_refused"
    digest: str
    act: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overseen(Event):
    """What oversight noticed: a person was shown to an account or was not, a glass was broken, closed or reviewed, an
    account locked; guardians asked, agreed or not, their authority was seen or refused, disputed or settled, the person
    refused, or came of age. `what` is which of them, `about` a plan, a grant or a way of looking, `by` who did it."""

    kind: ClassVar[str] = "overseen"
    what: str
    about: str
    subject: str | None
    by: tuple[str, ...]
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WishesLaidDown(Event):
    """A person said beforehand who may, and who may never, be told should they go missing; or said it anew."""

    kind: ClassVar[str] = "wishes_laid_down"
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedMissing(Event):
    """Account `by` took down that a person is missing: `plan` is what may be opened on it, once others agreed."""

    kind: ClassVar[str] = "reported_missing"
    plan: str
    subject: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentKept(Event):
    """The two accounts `by` decided that an incident of care, which a sighting told, is kept until `until` (UTC).

    With one account in `by` it was proposed only: nothing lives longer for it.
    """

    kind: ClassVar[str] = "incident_kept"
    sighting: str
    subject: str
    by: tuple[str, ...]
    until: str
