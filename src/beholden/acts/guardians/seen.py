"""An outside approver sees the authority of guardians: approves or refuses it, or settles who the guardians are.

What they sign is the digest of the grant with the paper that they saw themselves: with another paper than the
guardians' it is another digest, and refused. The paper is compared by its SHA-256, and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from beholden.acts.accounts.kept import note
from beholden.acts.accounts.known import Held, directory_of, newly_named, proven, refuse_new, refused, speaks_as
from beholden.acts.accounts.signed import Signed, digest_of
from beholden.acts.approvals.requests import APPROVE
from beholden.acts.displays.show import Look, Shown, counted
from beholden.acts.displays.watched import apart_from
from beholden.acts.grants.people import name_of
from beholden.acts.guardians.kept import UNSIGNED, Asked, called, find_asked, person_called, step_of, taken
from beholden.acts.office import Office
from beholden.acts.report.tally import AUTHORITY
from beholden.consent.oversight import guardians
from beholden.consent.oversight.accounts import (
    NEW_FOR,
    Account,
    AccountId,
    Directory,
    Kind,
    Organisation,
    OrganisationId,
    PersonId,
    Role,
)
from beholden.consent.oversight.approvals import APPROVAL_LASTS, Approval, Request
from beholden.consent.oversight.displays import Way
from beholden.consent.oversight.guardians import Authority, Guardianship
from beholden.consent.oversight.steps import Fact, Happened, Refused, Step
from beholden.model.errors import PolicyRefused
from beholden.model.event import ActApproved, ActRefused
from beholden.model.ids import GrantId, PlaceId, SubjectId

DECLINE, SHOW = "guardian decline", "guardian show"
"""What is signed; an approval is signed as any other is (`acts.approvals.requests.APPROVE`)."""
PLAYED = AccountId("a_rehearsal")
"""Whoever asks, and whoever approves, where a rehearsal plays both."""
_PLAYED_APPROVER = AccountId("a_rehearsal_outside")
_Decide = Callable[[Guardianship, Request, Sequence[Approval], Directory, datetime], Step[Guardianship] | Refused]


@dataclass(frozen=True, slots=True)
class Guarded:
    """A grant that guardians asked for, to be shown. Guardians are ids of people, and names in a rehearsal.

    `digest` is what an outside approver signs. `why_not`: why it does not count now, None when it does; `made` once
    the person was enrolled under it. `dependent`: what whoever asks is shown of their name.
    """

    grant: GrantId
    subject: SubjectId
    purpose: str
    places: tuple[str, ...]
    guardians: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    evidence: str
    majority: date
    zone: str
    approved_by: str | None
    declined_by: str | None
    refused: bool
    disputed: bool
    why_not: str | None
    made: bool
    digest: str
    dependent: Shown = field(default_factory=Shown)


def guarded(office: Office, asked: Asked, *, named: bool = False) -> Guarded:
    """How it stands. `named`: with the guardians' names, for somebody who may know them."""
    bound = asked.guardianship
    made = office.store.standings(bound.subject).get(bound.grant)
    over = None if made is None or made.over is None else str(made.over)
    names = dict(asked.names) if named or office.store.rehearsal else dict[PersonId, str]()

    def shown(people: frozenset[PersonId]) -> tuple[str, ...]:
        return tuple(sorted(names.get(each, each) for each in people))

    return Guarded(
        grant=bound.grant,
        subject=bound.subject,
        purpose=str(bound.purpose),
        places=tuple(sorted(asked.tick.places)),
        guardians=shown(bound.authority.guardians),
        yes=shown(bound.yes),
        no=shown(bound.no),
        evidence=bound.authority.evidence,
        majority=bound.authority.majority,
        zone=bound.zone,
        approved_by=bound.approved_by,
        declined_by=bound.declined_by,
        refused=bound.refused,
        disputed=bound.disputed,
        why_not=over or bound.why_not(office.time.latest),
        made=made is not None,
        digest=request_now(office, asked, bound.authority).digest,
    )


def request_now(office: Office, asked: Asked, authority: Authority) -> Request:
    """What an outside approver is asked: this grant, under that authority, in the name of whoever asked or disputed."""
    bound = asked.guardianship
    by, at = asked.asked_by, asked.asked_at
    if bound.disputed and asked.disputed_by is not None and asked.disputed_at is not None:
        by, at = asked.disputed_by, asked.disputed_at
    return guardians.request_of(bound, authority, by, at, apart_from(office, bound.subject))


def show_digest(grant: str) -> str:
    """What is signed to see who the guardians are."""
    return digest_of({"grant": grant})


def show(office: Office, grant: GrantId, signed: Signed | None = None) -> Guarded:
    """With the guardians' names: for approvers, the guardians and the person, and logged first. Raises as `approve`.

    An approver of another organisation compares the paper with whom it is about: the dependent's name is shown to one,
    which counts as any display does.
    """
    if signed is None:
        asked = find_asked(office, grant)
        if not office.store.rehearsal:
            raise refused(UNSIGNED)
        return replace(guarded(office, asked), dependent=Shown(name_of(office, asked.guardianship.subject)))
    with office.journal.acting():
        asked = find_asked(office, grant)
        viewer, bound = proven(office, signed, SHOW, show_digest(grant)), asked.guardianship
        account = viewer.account
        theirs = account.person in bound.authority.guardians | {bound.person}
        known = (theirs and not newly_named(office, account)) or account.id == asked.disputed_by
        if not known and Role.APPROVER not in account.roles:
            raise refused("who the guardians are is shown to approvers, to the guardians and to the person")
        note(office, [Fact(office.clock(), Happened.SHOWN, grant, bound.subject, (account.id,), AUTHORITY)])
        return replace(guarded(office, asked, named=True), dependent=_dependent(office, viewer, bound.subject, signed))


def _dependent(office: Office, viewer: Held, subject: SubjectId, signed: Signed) -> Shown:
    """The dependent's name, for an approver of another organisation and for themselves; else that it is not shown."""
    account = viewer.account
    if not speaks_as(office, account, subject):
        if Role.APPROVER not in account.roles or directory_of(office).kind(account) is Kind.SITE:
            return Shown(refused="a dependent's name is shown to approvers of another organisation")
        try:
            refuse_new(office, account)
        except PolicyRefused as new:
            return Shown(refused=str(new))
    return counted(office, viewer, Look(subject, Way.LOOK_UP, PlaceId("")), signed)


def to_sign(office: Office, grant: GrantId, evidence: str | None = None, others: tuple[str, ...] = ()) -> str:
    """The digest that an approver signs who saw the paper of `evidence` (None: the guardians'); `others`: who the
    guardians are by it, when a dispute is settled. Raises InputError."""
    asked = find_asked(office, grant)
    return request_now(office, asked, _authority(office, asked, evidence, others)).digest


def approve(office: Office, grant: GrantId, evidence: str | None = None, signed: Signed | None = None) -> Guarded:
    """An outside approver has seen the authority: `signed` says `APPROVE` about `to_sign`, at most a day ago.

    Raises PolicyRefused that says why not, which is logged; InputError, LogUnavailable (then nothing happened),
    DataFolderError, KeystoreError.
    """
    return _decided(office, grant, evidence, (), signed, APPROVE, guardians.approve)


def decline(office: Office, grant: GrantId, evidence: str | None = None, signed: Signed | None = None) -> Guarded:
    """An outside approver refuses the authority; no other one is asked about that paper. Raises as `approve`."""
    return _decided(office, grant, evidence, (), signed, DECLINE, guardians.decline)


def settle(
    office: Office, grant: GrantId, evidence: str, others: tuple[str, ...], signed: Signed | None = None
) -> Guarded:
    """An outside approver says who the guardians are (`others`: their accounts). Raises as `approve`."""
    new = _authority(office, find_asked(office, grant), evidence, others)

    def decided(
        bound: Guardianship, request: Request, approvals: Sequence[Approval], known: Directory, now: datetime
    ) -> Step[Guardianship] | Refused:
        return guardians.settle(bound, new, request, approvals, known, now)

    return _decided(office, grant, evidence, others, signed, APPROVE, decided)


def _decided(
    office: Office,
    grant: GrantId,
    evidence: str | None,
    others: tuple[str, ...],
    signed: Signed | None,
    what: str,
    decide: _Decide,
) -> Guarded:
    with office.journal.acting():
        asked = find_asked(office, grant)
        if signed is not None and asked.last == signed.encoded():
            return guarded(office, asked)  # the call was repeated
        request = request_now(office, asked, _authority(office, asked, evidence, others))
        approval = _signed_off(office, request, signed, what)
        known = _directory(office, request, approval)
        step = decide(asked.guardianship, request, [approval], known, office.clock())
        act, by, digest = str(request.act), approval.account, request.digest
        if isinstance(step, Refused):
            event = ActRefused(at=office.clock(), digest=digest, act=act, by=by, reason=step.reason)
            office.journal.record([event])
        elif what == APPROVE:
            office.journal.record([ActApproved(at=office.clock(), digest=digest, by=by, key=approval.key)])
        last = None if signed is None else signed.encoded()
        names = dict(asked.names) | {person_called(office, each): called(office, each) for each in others}
        after = replace(asked, last=last, names=names)
        return guarded(office, taken(office, asked, after, step_of(step), "seen"))


def _signed_off(office: Office, request: Request, signed: Signed | None, what: str) -> Approval:
    if signed is None:
        if not office.store.rehearsal:
            raise refused(UNSIGNED)
        return Approval(_PLAYED_APPROVER, str(_PLAYED_APPROVER), request.digest, office.clock())
    held = proven(office, signed, what, request.digest, APPROVAL_LASTS)
    return Approval(held.account.id, held.account.key, request.digest, signed.at)


def _directory(office: Office, request: Request, approval: Approval) -> Directory:
    """Of a rehearsal that plays them, with somebody of the place who asks and somebody of elsewhere who approves."""
    known = directory_of(office)
    if PLAYED not in (request.requester, approval.account) and approval.account != _PLAYED_APPROVER:
        return known
    since, until = request.asked_at - NEW_FOR, office.clock() + timedelta(days=1)
    played = {
        name: Account(name, OrganisationId(name), PersonId(name), str(name), frozenset({role}), since, until)
        for name, role in ((PLAYED, Role.OPERATOR), (_PLAYED_APPROVER, Role.APPROVER))
    }
    kinds = {PLAYED: Kind.SITE, _PLAYED_APPROVER: Kind.OTHER}
    organisations = {OrganisationId(name): Organisation(OrganisationId(name), kind) for name, kind in kinds.items()}
    return replace(known, accounts={**known.accounts, **played}, organisations={**known.organisations, **organisations})


def _authority(office: Office, asked: Asked, evidence: str | None, others: tuple[str, ...]) -> Authority:
    was = asked.guardianship.authority
    people = frozenset(person_called(office, each) for each in others) or was.guardians
    return replace(was, guardians=people, evidence=was.evidence if evidence is None else evidence)
