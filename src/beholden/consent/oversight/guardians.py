"""A guardian's grant: what must be so before it counts, and everything that ends or suspends it.

It counts while all of this holds: every guardian of the authority said yes (one yes and one no is no,
and silence is no), an approver of another organisation saw the authority, no dispute over it is open,
the person has not refused, and is not of age. That organisation neither runs the place nor is a
guardian's. Dates of birth are not kept, and the evidence is not
either: only the day of majority, and a digest that the approver compares with the paper.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from beholden.consent.oversight.accounts import AccountId, Directory, Kind, PersonId
from beholden.consent.oversight.approvals import Allowed, Approval, Request, decide
from beholden.consent.oversight.rules import Act
from beholden.consent.oversight.steps import Fact, Happened, Notice, Refused, Step
from beholden.consent.purposes import POLICIES
from beholden.model.grant import Basis, Purpose
from beholden.model.ids import GrantId, SubjectId

_OF_AGE = "the person is of age, and decides alone"
_DECLINED = "an outside approver refused the authority: ask anew, with a paper that shows it"
_NOT_OUTSIDE = "one of the approvers must be of an organisation of its own"


@dataclass(frozen=True, slots=True)
class Authority:
    """`guardians` decide together until the person's day of `majority`; `evidence`: SHA-256 (hex) of the paper."""

    guardians: frozenset[PersonId]
    majority: date
    evidence: str


def authority_of(guardians: Collection[PersonId], majority: date, paper: bytes) -> Authority:
    """The paper itself is not kept."""
    return Authority(frozenset(guardians), majority, hashlib.sha256(paper).hexdigest())


def of_age_at(majority: date, zone: str) -> datetime:
    """The moment (UTC) at which the day of majority begins where the person lives."""
    return datetime.combine(majority, time(0), ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Guardianship:
    """One guardian's grant, from the first question on. `zone`: IANA zone in which the day of majority begins."""

    grant: GrantId
    subject: SubjectId
    person: PersonId
    purpose: Purpose
    authority: Authority
    zone: str
    yes: frozenset[PersonId] = frozenset()
    no: frozenset[PersonId] = frozenset()
    approved_by: AccountId | None = None
    refused: bool = False
    """By the person, at any age."""
    disputed: bool = False
    declined_by: AccountId | None = None
    """The outside approver who refused the authority; a settlement by another one lifts it."""

    def why_not(self, now: datetime) -> str | None:
        """Why nothing is done under this grant at `now` (aware), or None when it counts."""
        if self.refused:
            return "the person refused"
        if self.of_age(now):
            return _OF_AGE
        if self.disputed:
            return "custody is disputed, until an outside approver settles it"
        if self.declined_by is not None:
            return _DECLINED
        if self.no:
            return "one of the guardians said no"
        if self.yes != self.authority.guardians:
            return "not every guardian has said yes"
        if self.approved_by is None:
            return "no outside approver has seen the authority"
        return None

    def of_age(self, now: datetime) -> bool:
        return now >= of_age_at(self.authority.majority, self.zone)


def ask(
    grant: GrantId,
    subject: SubjectId,
    person: PersonId,
    purpose: Purpose,
    authority: Authority,
    zone: str,
    by: PersonId,
    refused: bool,
    now: datetime,
) -> Step[Guardianship] | Refused:
    """A guardian asks, and so says yes. `refused`: whether the person refused recognition before, at any age."""
    if Basis.GUARDIAN not in POLICIES[purpose].bases:
        return Refused(f"a guardian cannot grant {purpose}")
    if by not in authority.guardians:
        return Refused("whoever asks is no guardian by this authority")
    if person in authority.guardians:
        return Refused("nobody is their own guardian")
    if refused:
        return Refused("the person refused")
    new = Guardianship(grant, subject, person, purpose, authority, zone, frozenset({by}))
    if new.of_age(now):
        return Refused(_OF_AGE)
    fact = Fact(now, Happened.GUARDIAN_ASKED, grant, subject, (by,), authority.evidence)
    others = sorted(authority.guardians - {by})
    notices = [
        Notice(each, f"Do you agree to {purpose}, too? Without your yes it does not begin.", now) for each in others
    ]
    own = Notice(subject, f"A guardian asks to let you be recognised for {purpose}. You can refuse, at any age.", now)
    return Step(new, (fact,), (own, *notices))


def request_of(
    grant: Guardianship,
    authority: Authority,
    requester: AccountId,
    asked_at: datetime,
    apart: Collection[PersonId] = (),
) -> Request:
    """What an outside approver signs: this grant, under exactly this authority. `apart`: relatives of the person."""
    particulars = (
        ("grant", grant.grant),
        ("purpose", str(grant.purpose)),
        ("evidence", authority.evidence),
        ("majority", authority.majority.isoformat()),
        ("guardians", " ".join(sorted(authority.guardians))),
        ("disputed", "yes" if grant.disputed else "no"),
    )
    people = frozenset(apart) | {grant.person} | authority.guardians | grant.authority.guardians
    return Request(Act.GUARDIAN_GRANT, requester, asked_at, particulars, grant.subject, people)


def approve(
    grant: Guardianship, request: Request, approvals: Sequence[Approval], directory: Directory, now: datetime
) -> Step[Guardianship] | Refused:
    """An outside approver has seen the authority; `request` is the one of `request_of`, and of nothing else."""
    if request != request_of(grant, grant.authority, request.requester, request.asked_at, request.apart):
        return Refused("what was approved is another grant, or another authority")
    if grant.refused:
        return Refused("the person refused")
    if grant.of_age(now):
        return Refused(_OF_AGE)
    if grant.disputed:
        return Refused("custody is disputed: it is settled, not approved")
    if grant.declined_by is not None:
        return Refused(_DECLINED)
    decision = _seen(grant, grant.authority, request, approvals, directory, now)
    if isinstance(decision, Refused):
        return decision
    by = decision.approvers[0].id
    fact = Fact(now, Happened.GUARDIAN_APPROVED, grant.grant, grant.subject, (by,), grant.authority.evidence)
    text = f"An approver of another organisation has seen your guardians' authority for {grant.purpose}."
    return Step(replace(grant, approved_by=by), (fact,), (Notice(grant.subject, text, now),))


def decline(
    grant: Guardianship, request: Request, noes: Sequence[Approval], directory: Directory, now: datetime
) -> Step[Guardianship] | Refused:
    """An outside approver who could have approved refuses the authority, also one that was approved before.

    No other approver is found for the same paper: the guardians ask anew.
    """
    if request != request_of(grant, grant.authority, request.requester, request.asked_at, request.apart):
        return Refused("what was refused is another grant, or another authority")
    if grant.disputed:
        return Refused("custody is disputed: it is settled, or stays suspended")
    decision = _seen(grant, grant.authority, request, noes, directory, now)
    if isinstance(decision, Refused):
        return decision
    by = decision.approvers[0].id
    fact = Fact(now, Happened.AUTHORITY_DECLINED, grant.grant, grant.subject, (by,), grant.authority.evidence)
    text = f"An approver of another organisation refused the guardians' authority for {grant.purpose}."
    told = (grant.subject, *sorted(grant.authority.guardians))
    step = replace(grant, declined_by=by, approved_by=None)
    return Step(step, (fact,), tuple(Notice(to, text, now) for to in told))


def say(grant: Guardianship, guardian: PersonId, agrees: bool, now: datetime) -> Step[Guardianship] | Refused:
    """A guardian says yes or no; the last word of each counts, and the others hear it."""
    if guardian not in grant.authority.guardians:
        return Refused("whoever says so is no guardian by this authority")
    if grant.of_age(now):
        return Refused(_OF_AGE)
    yes, no = grant.yes - {guardian}, grant.no - {guardian}
    yes, no = (yes | {guardian}, no) if agrees else (yes, no | {guardian})
    what = Happened.GUARDIAN_SAID_YES if agrees else Happened.GUARDIAN_SAID_NO
    fact = Fact(now, what, grant.grant, grant.subject, (guardian,))
    text = f"A guardian said {'yes' if agrees else 'no'} to {grant.purpose}."
    told = (grant.subject, *sorted(grant.authority.guardians - {guardian}))
    return Step(replace(grant, yes=yes, no=no), (fact,), tuple(Notice(to, text, now) for to in told))


def person_says(grant: Guardianship, agrees: bool, now: datetime) -> Step[Guardianship]:
    """The person's own word, at any age: a no blocks at once, and only the person's own yes lifts it."""
    what = Happened.PERSON_AGREED if agrees else Happened.PERSON_REFUSED
    fact = Fact(now, what, grant.grant, grant.subject, (grant.person,))
    text = f"{'The person agreed' if agrees else 'The person refused'}: {grant.purpose}."
    told = tuple(Notice(each, text, now) for each in sorted(grant.authority.guardians))
    return Step(replace(grant, refused=not agrees), (fact,), told)


def dispute(grant: Guardianship, by: PersonId, paper: bytes, now: datetime) -> Step[Guardianship] | Refused:
    """Somebody shows a paper that says otherwise: suspended at once, whoever is right."""
    if not paper:
        return Refused("a dispute comes with a paper that an approver can look at")
    return dispute_shown(grant, by, hashlib.sha256(paper).hexdigest(), now)


def dispute_shown(grant: Guardianship, by: PersonId, evidence: str, now: datetime) -> Step[Guardianship]:
    """As `dispute`, by whoever read the paper already."""
    fact = Fact(now, Happened.CUSTODY_DISPUTED, grant.grant, grant.subject, (by,), evidence)
    text = f"Custody is disputed: {grant.purpose} is suspended until an outside approver settles it."
    told = (grant.subject, *sorted(grant.authority.guardians | {by}))
    return Step(replace(grant, disputed=True), (fact,), tuple(Notice(to, text, now) for to in told))


def settle(
    grant: Guardianship,
    authority: Authority,
    request: Request,
    approvals: Sequence[Approval],
    directory: Directory,
    now: datetime,
) -> Step[Guardianship] | Refused:
    """An outside approver says who the guardians are; what others than these said counts no more."""
    if not grant.disputed:
        return Refused("nothing is disputed")
    if request != request_of(grant, authority, request.requester, request.asked_at, request.apart):
        return Refused("what was approved is another grant, or another authority")
    if not authority.guardians or grant.person in authority.guardians:
        return Refused("somebody else is the guardian, or nobody is")
    if authority.majority != grant.authority.majority:
        return Refused("a dispute does not move the day of majority")
    decision = _seen(grant, authority, request, approvals, directory, now)
    if isinstance(decision, Refused):
        return decision
    by = decision.approvers[0].id
    fact = Fact(now, Happened.CUSTODY_SETTLED, grant.grant, grant.subject, (by,), authority.evidence)
    yes, no = grant.yes & authority.guardians, grant.no & authority.guardians
    settled = replace(grant, authority=authority, yes=yes, no=no, approved_by=by, disputed=False, declined_by=None)
    text = f"The dispute over {grant.purpose} was settled by an approver of another organisation."
    told = (grant.subject, *sorted(authority.guardians | grant.authority.guardians))
    return Step(settled, (fact,), tuple(Notice(to, text, now) for to in told))


def come_of_age(grant: Guardianship, now: datetime) -> Step[Guardianship] | None:
    """On the day of majority it is over, and everybody is told; None before."""
    if not grant.of_age(now):
        return None
    fact = Fact(now, Happened.CAME_OF_AGE, grant.grant, grant.subject, ())
    text = f"The guardians' grant of {grant.purpose} is over: {_OF_AGE}."
    told = (grant.subject, *sorted(grant.authority.guardians))
    return Step(grant, (fact,), tuple(Notice(to, text, now) for to in told))


def _seen(
    grant: Guardianship,
    authority: Authority,
    request: Request,
    approvals: Sequence[Approval],
    directory: Directory,
    now: datetime,
) -> Allowed | Refused:
    """Decided by those of other organisations only: not the place's, nor one in which a guardian has an account."""
    guardians = grant.authority.guardians | authority.guardians
    within = {
        account.organisation
        for account in directory.accounts.values()
        if account.person in guardians or directory.kind(account) is Kind.SITE
    }
    inside = {account.id for account in directory.accounts.values() if account.organisation in within}
    decision = decide(request, [each for each in approvals if each.account not in inside], directory, now)
    if isinstance(decision, Allowed) or not any(each.account in inside for each in approvals):
        return decision
    otherwise = decide(request, approvals, directory, now)
    return otherwise if isinstance(otherwise, Refused) else Refused(_NOT_OUTSIDE)
