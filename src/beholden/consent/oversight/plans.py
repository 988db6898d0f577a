"""The nouns of a find-me plan: what the person laid down, the report, the open plan; and who reads what of it.

Matches are read by the outside welfare body, and by the person. Whoever reported reads one word,
"closed", on the hour of the report's own clock: so that the moment tells nothing either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from beholden.consent.lengths import length
from beholden.consent.oversight.accounts import AccountId, Directory, OrganisationId, PersonId, Role
from beholden.consent.oversight.breakglass import LASTS
from beholden.consent.oversight.steps import Notice
from beholden.consent.purposes import DAY, POLICIES, Viewer
from beholden.model.grant import Closed, Grant, Purpose
from beholden.model.ids import CameraId, PlaceId, SubjectId

PlanId = NewType("PlanId", str)
NOTICE_WITHIN = timedelta(hours=72)
"""The person is told everything so long after the plan was opened."""
MATCH_LIVES = timedelta(days=7)
"""From the opening of the plan on, until everything was told: three days, and three more if that was delayed."""
EVERYTHING_LIVES = timedelta(days=30)
"""What the person is told of a plan says where they were seen. Who did not read it by then asked for no more."""
CLOSED = "closed"


class Source(StrEnum):
    PERSON = "a person"
    AUTHORITY = "police or another authority"


class Closing(StrEnum):
    """How a plan ended."""

    LAPSED = "its day was over"
    APPROVER = "an approver closed it"
    ANSWERED = "the person answered"
    WITHDRAWN = "the person withdrew"


class Reply(StrEnum):
    """What the person may answer."""

    SAFE_TELL_NOBODY = "safe, tell nobody"
    SAFE_TELL_MINE = "safe, tell those I named"
    HELP = "please find me"


@dataclass(frozen=True, slots=True)
class Report:
    """`by` says that somebody is missing. `filed_at` is aware UTC."""

    id: str
    by: PersonId
    source: Source
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person laid down beforehand, with the grant: who may, and who may never, be told.

    `of_age_at`: from when on they are an adult (aware UTC), None if they were already. Whoever is on
    both lists is never told.
    """

    subject: SubjectId
    person: PersonId
    grant: Grant
    may_tell: frozenset[PersonId]
    never_tell: frozenset[PersonId]
    relatives: frozenset[PersonId] = frozenset()
    of_age_at: datetime | None = None

    def adult_at(self, moment: datetime) -> bool:
        return self.of_age_at is None or moment >= self.of_age_at

    def told(self) -> tuple[PersonId, ...]:
        """Whom the person wants to be told, by id."""
        return tuple(sorted(self.may_tell - self.never_tell))

    def why_not(self, report: Report, now: datetime) -> str | None:
        """Why no plan may be opened by this grant on this report at `now` (aware), or None."""
        if self.grant.purpose is not Purpose.FIND_ME or self.grant.subject != self.subject:
            return "the person did not agree to be found"
        closed = self.grant.closed_at(now)
        if closed not in (None, Closed.OTHER_HOURS):
            return f"the grant does not hold: {closed}"
        if self.grant.starts_at > report.filed_at:
            return "the grant was not made beforehand"
        return None


@dataclass(frozen=True, slots=True)
class Plan:
    """A search for one person. `periods`: when each of its days began; a day is one approval of both.

    `approvers`: everybody who agreed, in order. `welfare`: the body that sees matches. By break-glass
    (`glass`) it has no day and is not renewed. `notice_due`: until when the person is told everything.
    """

    id: PlanId
    site: str
    report: Report
    wishes: Wishes
    welfare: OrganisationId
    opened_at: datetime
    ends_at: datetime
    periods: tuple[datetime, ...]
    approvers: tuple[AccountId, ...]
    notice_due: datetime
    glass: bool = False
    delayed: bool = False
    told_at: datetime | None = None
    closed_at: datetime | None = None
    closing: Closing | None = None
    reply: Reply | None = None

    @property
    def over_at(self) -> datetime:
        """When it was closed, or closes by itself."""
        return self.ends_at if self.closed_at is None else self.closed_at

    def open_at(self, moment: datetime) -> bool:
        return self.opened_at <= moment < self.over_at

    def overdue_at(self, moment: datetime) -> bool:
        return self.told_at is None and moment >= self.notice_due


@dataclass(frozen=True, slots=True)
class Match:
    """The person was recognised while the plan `plan` was open."""

    plan: PlanId
    place: PlaceId
    camera: CameraId
    at: datetime


def _seen_for() -> timedelta:
    """How long the welfare body sees a match, as the policy table has it."""
    return next(
        sight.lasts
        for sight in POLICIES[Purpose.FIND_ME].sights
        if sight.viewer is Viewer.WELFARE_BODY and sight.lasts is not None
    )


def who_may_see(match: Match, account: AccountId, plan: Plan, directory: Directory, now: datetime) -> bool:
    """Whether `account` may see `match` now: the plan's welfare body while it is open (`helpers`), and the person."""
    found = directory.acting(account, (now,))
    if isinstance(found, str) or match.plan != plan.id or not plan.open_at(match.at) or match.at > now:
        return False
    if found.person == plan.wishes.person and Role.SUBJECT in found.roles and not found.is_new_at(now):
        return True
    return now < match.at + _seen_for() and account in helpers(plan, directory, now)


def helpers(plan: Plan, directory: Directory, now: datetime) -> tuple[AccountId, ...]:
    """Approvers of the plan's welfare body, while it is open; nobody who reported or may never be told, nor the
    person, wherever they work; and nobody new, whom the site may have put in their place."""
    if not plan.open_at(now):
        return ()
    without = plan.wishes.never_tell | {plan.wishes.person, plan.report.by}
    return tuple(
        each.id
        for each in directory.everyone(now)
        if each.organisation == plan.welfare
        and Role.APPROVER in each.roles
        and each.person not in without
        and not each.is_new_at(now)
    )


def readable_from(report: Report, over_at: datetime) -> datetime:
    """The first whole day after the report at which what ended at `over_at` (aware) may be read as closed.

    Refused, lapsed, found or answered at any minute of that day: whoever reported reads the same.
    """
    days = max(1, -((report.filed_at - over_at) // DAY))
    return report.filed_at + days * DAY


def reporter_reads(report: Report, over_at: datetime | None, now: datetime) -> str | None:
    """All that whoever reported ever reads: nothing, and then `CLOSED`. `over_at` None: it goes on."""
    if over_at is None or now < readable_from(report, over_at):
        return None
    return CLOSED


def closed_notice(report: Report, over_at: datetime) -> Notice:
    """What whoever reported is sent when something ended at `over_at` (aware)."""
    moment = readable_from(report, over_at)
    return Notice(report.by, CLOSED, moment, not_before=moment)


def everything(plan: Plan, matches: Sequence[Match]) -> tuple[str, ...]:
    """What the person reads, in order: who, when, how often, and how it ended. Nobody else reads this."""
    told = [
        f"{plan.report.by} reported you missing at {plan.report.filed_at.isoformat()}.",
        f"A plan to find you was opened at {plan.opened_at.isoformat()}"
        + (f" by break-glass, for {length(LASTS)}." if plan.glass else "."),
        f"{', '.join(plan.approvers)} agreed; {plan.welfare} could see where you were recognised.",
        *(f"It was renewed at {each.isoformat()}." for each in plan.periods[1:]),
        *(f"You were recognised at {each.at.isoformat()}: {each.place}, {each.camera}." for each in matches),
    ]
    if plan.closing is not None:
        told.append(f"It ended at {plan.over_at.isoformat()}: {plan.closing}.")
    if plan.delayed:
        told.append("This notice was delayed, with two credentials.")
    return tuple(told)
