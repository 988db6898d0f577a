"""Find-me plans as they are kept: what people laid down, reports, plans and matches, each sealed.

What is about the person, who reported, how a plan ended and where they were seen, is sealed under their
own key: when they withdraw, nothing is left but that there was a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from beholden.acts.accounts_kept import Record, keep, kept, moment_of, note, stored, tell
from beholden.acts.accounts_known import refused
from beholden.acts.displays_watched import barred_by, family_of
from beholden.acts.office import Office
from beholden.acts.store import Kept
from beholden.consent.opened import Sought
from beholden.consent.oversight.accounts import AccountId, OrganisationId, PersonId
from beholden.consent.oversight.approvals import APPROVAL_LASTS
from beholden.consent.oversight.plans import Closing, Match, Plan, PlanId, Reply, Report, Source, Wishes
from beholden.consent.oversight.steps import Notice, Refused, Step
from beholden.model.grant import Basis, Closed, Grant, GrantState, Purpose
from beholden.model.ids import CameraId, GrantId, PlaceId, SubjectId

HERE = "this site"
"""One data folder is one site."""
OUTSIDE = "n_"
"""How the id of somebody begins who has no account here and is nobody's subject: their name, as it was said."""
LIVES = timedelta(days=365)
MATCH_LIVES = timedelta(days=7)
"""Until everything was told, in any case: three days of a plan, and a notice that was delayed by three more."""
NOT_ON_THIS = "nothing is opened on this report"
"""Why is not said: whoever takes a report learns neither whom somebody excluded, nor who laid down a plan."""
_WISHES, _REPORT, _PLAN, _OWN, _MATCH = "find_wishes", "find_report", "find_plan", "find_own", "find_match"


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

    def over_by(self, now: datetime) -> datetime | None:
        """Since when it opens nothing, but for a plan that was opened already; None: it still may."""
        if self.refused_at is not None:
            return self.refused_at
        lapses = self.report.filed_at + APPROVAL_LASTS
        return None if now < lapses else lapses


def keep_wishes(office: Office, wishes: Wishes) -> None:
    """What a person laid down, in the place of what they had laid down before. Raises KeyDestroyed."""
    values = {
        "person": wishes.person,
        "may_tell": sorted(wishes.may_tell),
        "never_tell": sorted(wishes.never_tell),
        "relatives": sorted(wishes.relatives),
        "of_age_at": None if wishes.of_age_at is None else stored(wishes.of_age_at),
    }
    keep(office, [Record(_WISHES, wishes.subject, values, wishes.subject)])


def wishes_of(office: Office, subject: SubjectId | None, grant: GrantId | None = None) -> Wishes | None:
    """What somebody laid down, with the grant (None: the one that holds) as it is now; None where there is none.

    Whom they barred is never told either, and who is known as a relative here is one.
    """
    if subject is None:
        return None
    record = next(iter(kept(office, _WISHES, [subject])), None)
    grants = [each for each in office.store.grants(subject) if each.purpose is Purpose.FIND_ME]
    chosen = [each for each in grants if each.id == grant] if grant is not None else _best(grants, office.clock())
    if record is None or not chosen:
        return None
    values = record.values
    family = family_of(office, subject) - {subject}
    return Wishes(
        subject=subject,
        person=PersonId(values["person"]),
        grant=chosen[0],
        may_tell=frozenset(map(PersonId, values["may_tell"])),
        never_tell=frozenset(map(PersonId, values["never_tell"])) | barred_by(office, subject),
        relatives=frozenset(map(PersonId, (*values["relatives"], *family))),
        of_age_at=_moment(values["of_age_at"]),
    )


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
    main = Record(_PLAN, plan.id, values, dies_at=plan.opened_at + LIVES)
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
    found = [_plan(office, each, reports, own.get(each.id, {})) for each in kept(office, _PLAN)]
    return tuple(sorted(found, key=lambda each: (each.opened_at, each.id)))


def put_match(office: Office, match: Match, name: str) -> None:
    """A match under that name, within its plan."""
    subject = next(each.wishes.subject for each in plans_here(office) if each.id == match.plan)
    values = {"plan": match.plan, "place": match.place, "camera": match.camera, "at": stored(match.at)}
    keep(office, [Record(_MATCH, f"{match.plan}.{name}", values, subject, match.at + MATCH_LIVES)])


def matches_of(office: Office, plan: Plan) -> dict[str, Match]:
    """What is known of where the person was recognised, by its name, the oldest first."""
    found = {
        each.id.removeprefix(f"{plan.id}."): Match(
            plan.id,
            PlaceId(each.values["place"]),
            CameraId(each.values["camera"]),
            moment_of(each.values["at"]),
        )
        for each in kept(office, _MATCH, [plan.wishes.subject])
        if each.values["plan"] == plan.id
    }
    return dict(sorted(found.items(), key=lambda each: (each[1].at, each[0])))


def settle(office: Office, plan: PlanId, what: str, step: Step[Plan] | Refused, more: Sequence[Record] = ()) -> Plan:
    """Logged, told, and then so, `more` with it. Raises PolicyRefused with the reason."""
    note(office, step.facts)
    told = told_records(office, plan, what, step.notices)
    if isinstance(step, Refused):
        keep(office, told)
        raise refused(step.reason)
    keep(office, [*plan_records(office, step.state), *told, *more])
    return step.state


def told_records(office: Office, plan: PlanId, what: str, notices: Iterable[Notice]) -> list[Record]:
    """Notices to those whom a notice reaches; whoever has no account reads at the desk that it is closed."""
    reached = [each for each in notices if not each.to.startswith(OUTSIDE) and each.to]
    return tell(office, f"plan.{plan}.{what}.{int(office.clock().timestamp() * 1_000_000)}", reached)


class Seekers:
    """For the gate: who is looked for. Storage is asked each time, and opened only where it changed."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._rows: tuple[Kept, ...] = ()
        self._found: tuple[Sought, ...] = ()

    def __call__(self) -> tuple[Sought, ...]:
        rows = self._office.store.kept(_PLAN)
        if rows != self._rows:
            open_ones = (each.values for each in kept(self._office, _PLAN) if each.values["closed_at"] is None)
            self._found = tuple(
                Sought(SubjectId(each["subject"]), moment_of(each["opened_at"]), moment_of(each["ends_at"]))
                for each in open_ones
            )
            self._rows = rows
        return self._found


def _best(grants: Sequence[Grant], now: datetime) -> list[Grant]:
    """The grant that holds, else the newest."""
    return sorted(
        grants, key=lambda each: (each.closed_at(now) in (None, Closed.OTHER_HOURS), each.starts_at), reverse=True
    )


def _own(office: Office) -> dict[str, Mapping[str, Any]]:
    return {each.id: each.values for each in kept(office, _OWN)}


def _filed(record: Record, own: Mapping[str, Any]) -> Filed:
    values = record.values
    report = Report(
        values["report"], PersonId(own.get("by", "")), Source[values["source"]], moment_of(values["filed_at"])
    )
    subject = None if values["subject"] is None else SubjectId(values["subject"])
    return Filed(PlanId(record.id), report, subject, AccountId(values["requester"]), _moment(values["refused_at"]))


def _plan(office: Office, record: Record, reports: Mapping[PlanId, Report], own: Mapping[str, Any]) -> Plan:
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
        wishes=wishes_of(office, subject, grant) or _gone(subject, grant, opened_at, ends_at),
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


def _gone(subject: SubjectId, grant: GrantId, since: datetime, until: datetime) -> Wishes:
    """Of somebody who withdrew since: nobody is to be told anything."""
    none = Grant(grant, subject, Purpose.FIND_ME, Basis.CONSENT, frozenset(), since, until, GrantState.WITHDRAWN)
    return Wishes(subject, PersonId(subject), none, frozenset(), frozenset())


def _maybe(moment: datetime | None) -> str | None:
    return None if moment is None else stored(moment)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment_of(text)
