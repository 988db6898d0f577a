"""Find-me plans: a report, and the plan that is opened on it by two who agree, renewed, closed and told later.

`consent.oversight.findme` and `plan_life` decide. Every attempt is logged, refused ones too, and told to
the person within 72 hours. Who signs what: an operator the report and what is asked for, approvers the
request (`acts.approvals.requests`), and either of them that it is closed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from beholden.acts.accounts.kept import keep, note
from beholden.acts.accounts.known import directory_of, proven, refused
from beholden.acts.accounts.signed import Signed, digest_of
from beholden.acts.approvals.requests import Particulars, Warrant, agreed, done_record, was_done
from beholden.acts.office import Office
from beholden.acts.plans.days import do_what_is_due
from beholden.acts.plans.kept import (
    HERE,
    NOT_ON_THIS,
    Filed,
    filed_here,
    filed_record,
    own_record,
    plans_here,
    settle,
    told_records,
)
from beholden.acts.plans.listed import Seen, plan_digest, seen
from beholden.acts.plans.whom import reporter, subject_called
from beholden.acts.plans.wishes import wishes_of
from beholden.consent.oversight import findme, plan_life
from beholden.consent.oversight.accounts import Account, Role
from beholden.consent.oversight.approvals import Approval, Request
from beholden.consent.oversight.plans import Plan, PlanId, Report, Source
from beholden.consent.oversight.rules import Act
from beholden.consent.oversight.steps import Refused, Step
from beholden.model.errors import InputError
from beholden.model.event import ReportedMissing
from beholden.model.ids import SubjectId

REPORT, ASK, CLOSE = "plan report", "plan ask", "plan close"
"""What is signed."""
ADVICE = "List plans with `beholden find-me list`."
_PLAN_ID = re.compile(r"f_[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Filing:
    """Somebody says that `who` is missing: `by` names them. `plan` is an id of the caller's."""

    plan: str
    who: str
    by: str
    authority: bool = False

    @property
    def digest(self) -> str:
        """What the operator signs."""
        by = "authority" if self.authority else "person"
        return digest_of({"plan": self.plan, "who": self.who, "by": self.by, "source": by})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be asked for (`acts.approvals.requests.ask`), so that others can agree."""

    plan: str
    act: Act
    particulars: Particulars
    subject: SubjectId


def file_report(office: Office, filing: Filing, signed: Signed) -> Wanted:
    """Take down that somebody is missing; what to ask for. The same report again changes nothing.

    Raises PolicyRefused when nothing is opened on it, whoever agrees: it does not say why, but to an authority, and
    whoever reported reads later that it is closed. LogUnavailable (then nothing happened), DataFolderError.
    """
    with office.journal.acting():
        account = proven(office, signed, REPORT, filing.digest).account
        _refuse_others(account)
        if _PLAN_ID.fullmatch(filing.plan) is None:
            raise InputError("that is no id of a plan", advice="Leave the id out.")
        subject, now, plan = subject_called(office, filing.who), office.clock(), PlanId(filing.plan)
        there = next((each for each in filed_here(office) if each.plan == plan), None)
        if there is not None:
            return _filed_before(there, subject, account)
        wishes = wishes_of(office, subject)
        source = Source.AUTHORITY if filing.authority else Source.PERSON
        report = Report(f"r_{plan[2:]}", reporter(office, filing.by, wishes), source, now)
        refusal = findme.report_refusal(report, wishes, HERE, account.id, now)
        if refusal is None and wishes is not None and account.person in findme.linked_to(wishes):
            refusal = findme.refused_report(findme.LINKED, report, wishes, HERE, account.id, now)
        if refusal is not None:
            note(office, refusal.facts)
            known = None if wishes is None else subject
            records = filed_record(Filed(plan, report, known, account.id, now))
            own = own_record(office, plan, known, report)
            keep(office, [records, *own, *told_records(office, plan, "report", refusal.notices)])
            raise refused(findme.AUTHORITIES if filing.authority else NOT_ON_THIS)
        filed = Filed(plan, report, subject, account.id)
        event = ReportedMissing(at=now, plan=plan, subject=subject or "", by=account.id)
        with office.journal.act([event], about=subject):
            keep(office, [filed_record(filed), *own_record(office, plan, subject, report)])
        return _to_open(filed)


def wanted(office: Office, plan: str, what: str, hours: int, signed: Signed) -> Wanted:
    """What is to be asked for, so that `plan` is opened ("open"), goes on ("renew"), or is told later ("delay")."""
    account = proven(office, signed, ASK, wanted_digest(plan, what, hours)).account
    _refuse_others(account)
    filed = _filed(office, plan, account)
    if what == "open":
        return _to_open(filed)
    found = _plan(office, plan)
    if what == "renew":
        request = findme.renewal_request(found, account.id, office.clock())
    elif what == "delay":
        request = findme.delay_request(found, timedelta(hours=hours), account.id, office.clock())
    else:
        raise InputError(f"{what!r} is not asked for", advice="There are: open, renew, delay.")
    return Wanted(plan, request.act, request.particulars, found.wishes.subject)


def open_plan(office: Office, plan: str, warrant: Warrant) -> Seen:
    """Open it for a day: whoever asked, once two others agreed, one of them of the welfare body.

    Raises PolicyRefused that says why not, which is logged and told to the person; InputError; LogUnavailable
    (then nothing happened), DataFolderError, KeystoreError.
    """
    do_what_is_due(office)
    with office.journal.acting():
        request, approvals, filed = _agreed(office, plan, warrant, Act.OPEN_FIND_ME, "1")
        now, wishes = office.clock(), wishes_of(office, filed.subject)
        if was_done(office, warrant):
            return _shown(office, filed, request)
        if filed.over_by(now) is not None or wishes is None:
            raise refused(NOT_ON_THIS)
        step = findme.open_plan(
            filed.plan,
            HERE,
            filed.report,
            wishes,
            request.requester,
            request.asked_at,
            approvals,
            plans_here(office),
            directory_of(office),
            now,
        )
        return _taken(office, filed, "open", step, request, warrant)


def renew_plan(office: Office, plan: str, warrant: Warrant) -> Seen:
    """One day more, with both of them again. Raises as `open_plan`."""
    with office.journal.acting():
        found = _plan(office, plan)
        day = str(len(found.periods) + (0 if was_done(office, warrant) else 1))
        request, approvals, filed = _agreed(office, plan, warrant, Act.OPEN_FIND_ME, day)
        if was_done(office, warrant):
            return _shown(office, filed, request)
        known, now, asker = directory_of(office), office.clock(), request.requester
        step = findme.renew(found, asker, request.asked_at, approvals, plans_here(office), known, now)
        return _taken(office, filed, "renew", step, request, warrant)


def delay_notice(office: Office, plan: str, hours: int, warrant: Warrant) -> Seen:
    """Tell the person everything so many hours later, once, 72 at most: two credentials. Raises as `open_plan`."""
    with office.journal.acting():
        found, by = _plan(office, plan), timedelta(hours=hours)
        request, approvals, filed = _agreed(office, plan, warrant, Act.DELAY_NOTICE, None)
        if was_done(office, warrant):
            return _shown(office, filed, request)
        known, now, asker = directory_of(office), office.clock(), request.requester
        step = plan_life.delay(found, by, asker, request.asked_at, approvals, known, now)
        return _taken(office, filed, "delay", step, request, warrant)


def close_plan(office: Office, plan: str, signed: Signed) -> Seen:
    """One of those who agreed ends it, alone. Raises as `open_plan`."""
    with office.journal.acting():
        account = proven(office, signed, CLOSE, plan_digest(plan)).account
        found = _plan(office, plan)
        settle(office, found.id, "close", plan_life.close(found, account.id, directory_of(office), office.clock()))
        return seen(office, next(each for each in filed_here(office) if each.plan == found.id), account)


def wanted_digest(plan: str, what: str, hours: int) -> str:
    """What is signed to learn what is to be asked for."""
    return digest_of({"plan": plan, "what": what, "hours": str(hours)})


def _refuse_others(account: Account) -> None:
    if Role.OPERATOR not in account.roles:
        raise refused("only an operator takes down a report, and asks for a plan")


def _agreed(
    office: Office, plan: str, warrant: Warrant, act: Act, day: str | None
) -> tuple[Request, list[Approval], Filed]:
    """The request that the warrant is of, which must be about this plan, and this day of it."""
    request, approvals = agreed(office, warrant)
    said = dict(request.particulars)
    about = request.act is act and said.get("plan") == plan
    if not about or (day is not None and said.get("day") != day):
        raise refused("what was asked for is something else")
    filed = next((each for each in filed_here(office) if each.plan == plan), None)
    if filed is None or filed.subject != request.subject:
        raise refused("what was asked for is something else")
    return request, list(approvals), filed


def _taken(
    office: Office, filed: Filed, what: str, step: Step[Plan] | Refused, request: Request, warrant: Warrant
) -> Seen:
    """It happens, and is not done again by the same request. Raises PolicyRefused."""
    done = [] if isinstance(step, Refused) else [done_record(office, warrant)]
    settle(office, filed.plan, what, step, done)
    return _shown(office, filed, request)


def _shown(office: Office, filed: Filed, request: Request) -> Seen:
    """What whoever asked sees of it."""
    return seen(office, filed, directory_of(office).accounts[request.requester])


def _to_open(filed: Filed) -> Wanted:
    if filed.subject is None or filed.refused_at is not None:
        raise refused(NOT_ON_THIS)
    particulars = (("plan", filed.plan), ("site", HERE), ("report", filed.report.id), ("day", "1"))
    return Wanted(filed.plan, Act.OPEN_FIND_ME, particulars, filed.subject)


def _filed_before(there: Filed, subject: SubjectId | None, account: Account) -> Wanted:
    other = not there.refused and there.subject != subject  # of a refused one nothing tells whom it was about
    if there.requester != account.id or other:
        raise InputError("there is another plan of that id", advice="Leave the id out.")
    return _to_open(there)


def _filed(office: Office, plan: str, account: Account) -> Filed:
    """The report, for an account that has nothing to do with whom it is about; to the others it is a refused one."""
    found = next((each for each in filed_here(office) if each.plan == plan), None)
    if found is None:
        raise InputError(f"there is no plan {plan[:80]!r}", advice=ADVICE)
    wishes = wishes_of(office, found.subject)
    if found.refused or (wishes is not None and account.person in findme.apart_of(wishes, found.report)):
        raise refused(NOT_ON_THIS)
    return found


def _plan(office: Office, plan: str) -> Plan:
    for each in plans_here(office):
        if each.id == plan:
            return each
    raise InputError(f"there is no plan {plan[:80]!r} that was opened", advice=ADVICE)
