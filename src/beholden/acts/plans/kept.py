"""Find-me plans as they are kept: reports, plans and matches, each sealed (what people laid down: `plan_wishes`).

What is about the person, who reported, how a plan ended and where they were seen, is sealed under their
own key: when they withdraw, nothing is left but that there was a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from beholden.acts.accounts.kept import (
    NOTICE,
    OWN,
    Record,
    full_hour,
    keep,
    kept,
    moment_of,
    note,
    row_name,
    stored,
    tell,
)
from beholden.acts.accounts.known import Held, accounts_held, refused
from beholden.acts.office import Office
from beholden.acts.plans.later import PLAN, told_name
from beholden.acts.plans.wishes import OUTSIDE, gone_wishes, wishes_of
from beholden.acts.store import Kept
from beholden.consent.opened import Sought
from beholden.consent.oversight.accounts import AccountId, OrganisationId, PersonId
from beholden.consent.oversight.approvals import APPROVAL_LASTS
from beholden.consent.oversight.findme import LINKED
from beholden.consent.oversight.plans import MATCH_LIVES, Closing, Match, Plan, PlanId, Reply, Report, Source
from beholden.consent.oversight.steps import Notice, Refused, Step
from beholden.model.ids import CameraId, GrantId, PlaceId, SubjectId

HERE = "this site"
"""One data folder is one site."""
LIVES = timedelta(days=365)
_TOLD_OF_MATCH = "match"
NOT_ON_THIS = "nothing is opened on this report"
"""Why is not said: whoever takes a report learns neither whom somebody excluded, nor who laid down a plan."""
_REPORT, _OWN, _MATCH = "find_report", "find_own", "find_match"


@dataclass(frozen=True, slots=True)
class Filed:
    """A report, and the plan that may be opened on it. `subject` None: nobody of that name is known.

    `refused_at`: since when nothing is opened on it, whoever agrees.
    """

    plan: PlanId
    report: Report
    subject: SubjectId | None
    requester: AccountId
    refused_at: datetime | None = None

    @property
    def refused(self) -> bool:
        """Whether nothing was ever opened on it: refused when it was taken down, not closed because nobody agreed."""
        return self.refused_at is not None and self.refused_at < self.report.filed_at + APPROVAL_LASTS

    def over_by(self, now: datetime) -> datetime | None:
        """Since when it opens nothing, but for a plan that was opened already; None: it still may."""
        if self.refused_at is not None:
            return self.refused_at
        lapses = self.report.filed_at + APPROVAL_LASTS
        return None if now < lapses else lapses


def anybody_missed(office: Office) -> bool:
    """Whether there is any report at all. Cheap."""
    return bool(office.store.kept(_REPORT))


def filed_record(filed: Filed) -> Record:
    """A report without whoever reported: that is in `own_record`."""
    values = {
        "subject": filed.subject,
        "requester": filed.requester,
        "report": filed.report.id,
        "source": filed.report.source.name,
        "filed_at": stored(filed.report.filed_at),
        "refused_at": _maybe(filed.refused_at),
    }
    return Record(_REPORT, filed.plan, values, dies_at=filed.report.filed_at + LIVES)


def filed_here(office: Office) -> tuple[Filed, ...]:
    """Every report of the last year, the oldest first."""
    own = _own(office)
    found = [_filed(each, own.get(each.id, {})) for each in kept(office, _REPORT)]
    return tuple(sorted(found, key=lambda each: (each.report.filed_at, each.plan)))


def plan_records(office: Office, plan: Plan) -> list[Record]:
    """A plan as it is kept: what is about the person apart, as long as they have a key."""
    values = {
        "subject": plan.wishes.subject,
        "grant": plan.wishes.grant.id,
        "site": plan.site,
        "welfare": plan.welfare,
        "opened_at": stored(plan.opened_at),
        "ends_at": stored(plan.ends_at),
        "periods": [stored(each) for each in plan.periods],
        "approvers": list(plan.approvers),
        "notice_due": stored(plan.notice_due),
        "glass": plan.glass,
        "delayed": plan.delayed,
        "told_at": _maybe(plan.told_at),
        "closed_at": _maybe(plan.closed_at),
    }
    main = Record(PLAN, plan.id, values, dies_at=plan.opened_at + LIVES)
    return [main, *own_record(office, plan.id, plan.wishes.subject, plan.report, plan.closing, plan.reply)]


def own_record(
    office: Office,
    plan: PlanId,
    subject: SubjectId | None,
    report: Report,
    closing: Closing | None = None,
    reply: Reply | None = None,
) -> list[Record]:
    """What is about the person, under their key; nothing where there is none."""
    if subject is None or office.keystore.bucket(subject) is None:
        return []
    values = {
        "by": report.by,
        "closing": None if closing is None else closing.name,
        "reply": None if reply is None else reply.name,
    }
    return [Record(_OWN, plan, values, subject, report.filed_at + LIVES)]


def plans_here(office: Office) -> tuple[Plan, ...]:
    """Every plan of the last year, the oldest first."""
    own = _own(office)
    reports = {each.plan: each.report for each in filed_here(office)}
    records = list(kept(office, PLAN))
    held = accounts_held(office) if records else ()
    found = [_plan(office, each, reports, own.get(each.id, {}), held) for each in records]
    return tuple(sorted(found, key=lambda each: (each.opened_at, each.id)))


def put_match(office: Office, match: Match, name: str) -> None:
    """A match under that name, within its plan. In clear there is nothing from which to tell when it was."""
    plan = next(each for each in plans_here(office) if each.id == match.plan)
    subject, dies_at = plan.wishes.subject, full_hour(plan.opened_at + MATCH_LIVES)
    values = {"plan": match.plan, "name": name, "place": match.place, "camera": match.camera, "at": stored(match.at)}
    keep(office, [Record(_MATCH, row_name(office, subject, match.plan, name), values, subject, dies_at)])


def matches_of(office: Office, plan: Plan) -> dict[str, Match]:
    """What is known of where the person was recognised, by its name, the oldest first."""
    found = {
        str(each.values["name"]): Match(
            plan.id,
            PlaceId(each.values["place"]),
            CameraId(each.values["camera"]),
            moment_of(each.values["at"]),
        )
        for each in kept(office, _MATCH, [plan.wishes.subject])
        if each.values["plan"] == plan.id
    }
    return dict(sorted(found.items(), key=lambda each: (each[1].at, each[0])))


def settle(
    office: Office,
    plan: PlanId,
    what: str,
    step: Step[Plan] | Refused,
    more: Sequence[Record] = (),
    until: datetime | None = None,
) -> Plan:
    """Logged, told (`until` as in `tell`), and then so, `more` with it. Raises PolicyRefused with the reason."""
    note(office, step.facts)
    told = told_records(office, plan, what, step.notices, until)
    if isinstance(step, Refused):
        keep(office, told)
        raise refused(NOT_ON_THIS if step.reason == LINKED else step.reason)
    keep(office, [*plan_records(office, step.state), *told, *more])
    return step.state


def told_records(
    office: Office, plan: PlanId, what: str, notices: Iterable[Notice], until: datetime | None = None
) -> list[Record]:
    """Notices to those whom a notice reaches; whoever has no account reads at the desk that it is closed.

    They are called so that nobody can tell when they were written, or of what, but that they are of this plan.
    """
    reached = [each for each in notices if not each.to.startswith(OUTSIDE) and each.to]
    return tell(office, f"{told_name(plan)}{row_name(office, OWN, plan, what, stored(office.clock()))}", reached, until)


def match_told(office: Office, plan: Plan, name: str, notices: Iterable[Notice]) -> list[Record]:
    """As `told_records`, of a match: until the plan is over, when nobody reads matches any more."""
    until = full_hour(plan.ends_at) + timedelta(hours=1)
    return tell(office, f"{_of_matches(plan.id)}{row_name(office, OWN, plan.id, name)}", tuple(notices), until)


def forget_matches(office: Office, subject: SubjectId) -> None:
    """Of whoever withdraws nobody is left with a notice that they were recognised; the rest goes with their key."""
    plans = {_of_matches(PlanId(each.id)) for each in kept(office, _REPORT) if each.values["subject"] == subject}
    told = [each.id for each in office.store.kept(NOTICE) if each.id.startswith(tuple(plans))] if plans else []
    if told:
        office.store.drop_kept(NOTICE, told)


def _of_matches(plan: PlanId) -> str:
    return f"{told_name(plan)}{_TOLD_OF_MATCH}."


class Seekers:
    """For the gate: who is looked for. Storage is asked each time, and opened only where it changed."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._rows: tuple[Kept, ...] = ()
        self._found: tuple[Sought, ...] = ()

    def __call__(self) -> tuple[Sought, ...]:
        rows = self._office.store.kept(PLAN)
        if rows != self._rows:
            open_ones = (each.values for each in kept(self._office, PLAN) if each.values["closed_at"] is None)
            self._found = tuple(
                Sought(SubjectId(each["subject"]), moment_of(each["opened_at"]), moment_of(each["ends_at"]))
                for each in open_ones
            )
            self._rows = rows
        return self._found


def _own(office: Office) -> dict[str, Mapping[str, Any]]:
    return {each.id: each.values for each in kept(office, _OWN)}


def _filed(record: Record, own: Mapping[str, Any]) -> Filed:
    values = record.values
    report = Report(
        values["report"], PersonId(own.get("by", "")), Source[values["source"]], moment_of(values["filed_at"])
    )
    subject = None if values["subject"] is None else SubjectId(values["subject"])
    return Filed(PlanId(record.id), report, subject, AccountId(values["requester"]), _moment(values["refused_at"]))


def _plan(
    office: Office, record: Record, reports: Mapping[PlanId, Report], own: Mapping[str, Any], held: Sequence[Held]
) -> Plan:
    values, identity = record.values, PlanId(record.id)
    subject, opened_at, ends_at = (
        SubjectId(values["subject"]),
        moment_of(values["opened_at"]),
        moment_of(values["ends_at"]),
    )
    grant = GrantId(values["grant"])
    unknown = Report("", PersonId(""), Source.PERSON, opened_at)
    return Plan(
        id=identity,
        site=values["site"],
        report=reports.get(identity, unknown),
        wishes=wishes_of(office, subject, grant, held) or gone_wishes(subject, grant, opened_at, ends_at),
        welfare=OrganisationId(values["welfare"]),
        opened_at=opened_at,
        ends_at=ends_at,
        periods=tuple(map(moment_of, values["periods"])),
        approvers=tuple(map(AccountId, values["approvers"])),
        notice_due=moment_of(values["notice_due"]),
        glass=values["glass"],
        delayed=values["delayed"],
        told_at=_moment(values["told_at"]),
        closed_at=_moment(values["closed_at"]),
        closing=None if own.get("closing") is None else Closing[own["closing"]],
        reply=None if own.get("reply") is None else Reply[own["reply"]],
    )


def _maybe(moment: datetime | None) -> str | None:
    return None if moment is None else stored(moment)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment_of(text)
