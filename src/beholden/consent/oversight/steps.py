"""What an event does: the state after it, the facts for the log, and who is told; or why it does not happen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from beholden.model.ids import SubjectId

State = TypeVar("State")


class Happened(StrEnum):
    """What a fact says. None of them says a name, a place, or what a document holds."""

    GLASS_BROKEN = "glass_broken"
    GLASS_REFUSED = "glass_refused"
    GLASS_CLOSED = "glass_closed"
    GLASS_REVIEWED = "glass_reviewed"
    ACCOUNT_LOCKED = "account_locked"
    SHOWN = "shown"
    DISPLAY_BLOCKED = "display_blocked"
    DISPLAY_ALARM = "display_alarm"
    BARRED_LOOK = "barred_look"
    CANARY_TOUCHED = "canary_touched"
    CANARY_MADE = "canary_made"
    ODDITY = "oddity"
    TIE_SAID = "tie_said"
    TIE_TAKEN_BACK = "tie_taken_back"
    GUARDIAN_ASKED = "guardian_asked"
    GUARDIAN_APPROVED = "guardian_approved"
    GUARDIAN_SAID_YES = "guardian_said_yes"
    GUARDIAN_SAID_NO = "guardian_said_no"
    PERSON_REFUSED = "person_refused"
    PERSON_AGREED = "person_agreed"
    CUSTODY_DISPUTED = "custody_disputed"
    CUSTODY_SETTLED = "custody_settled"
    AUTHORITY_DECLINED = "authority_declined"
    CAME_OF_AGE = "came_of_age"
    PLAN_OPENED = "plan_opened"
    PLAN_REFUSED = "plan_refused"
    PLAN_RENEWED = "plan_renewed"
    PLAN_CLOSED = "plan_closed"
    PLAN_ANSWERED = "plan_answered"
    PLAN_MATCHED = "plan_matched"
    NOTICE_DELAYED = "notice_delayed"
    NOTICE_GIVEN = "notice_given"


@dataclass(frozen=True, slots=True)
class Fact:
    """For the log. `about` is the id of the plan, grant or opening; `by` ids of accounts or people who did it.

    `detail` is a sentence, a digest or a word, never the content of a document. `at` is aware UTC.
    """

    at: datetime
    what: Happened
    about: str
    subject: SubjectId | None
    by: tuple[str, ...]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """`to` (the id of an account, a subject or a person) reads `text` until `due`, and not before `not_before`."""

    to: str
    text: str
    due: datetime
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step(Generic[State]):
    """The event happened: what is so now, what is logged before it takes effect, and who is told."""

    state: State
    facts: tuple[Fact, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The event does not happen: `reason` is a sentence for whoever asked. Attempts are logged and told, too."""

    reason: str
    facts: tuple[Fact, ...] = ()
    notices: tuple[Notice, ...] = ()
