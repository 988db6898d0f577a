"""Break-glass: one approver alone opens one plan for 15 minutes, logged and told to everyone before it is open.

It closes by itself, and without a review within a day its account locks: `pass_minutes` does both,
and is called every minute; until then they hold all the same, since they are read from the clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from beholden.acts.accounts.kept import keep, note, tell
from beholden.acts.accounts.known import directory_of, glass_record, glasses, proven, refused
from beholden.acts.accounts.signed import Signed, digest_of
from beholden.acts.approvals.people import list_digest, may_read_about
from beholden.acts.displays.watched import apart_from
from beholden.acts.office import Office
from beholden.acts.plans.days import do_what_is_due
from beholden.acts.plans.kept import HERE, filed_here, plan_records, plans_here, told_records
from beholden.acts.plans.wishes import wishes_of
from beholden.consent.oversight.accounts import Account, AccountId, Directory, Kind, OrganisationId, Role
from beholden.consent.oversight.breakglass import Glass, break_glass, close, pass_time, refused_break, review
from beholden.consent.oversight.findme import apart_of, open_broken
from beholden.consent.oversight.plan_life import close_broken
from beholden.consent.oversight.plans import Plan
from beholden.consent.oversight.steps import Refused, Step
from beholden.model.errors import InputError
from beholden.model.ids import SubjectId

OPEN, CLOSE, REVIEW, LIST = "glass open", "glass close", "glass review", "glass list"
"""What is signed."""
NO_PLAN = "there is no report that this plan could be opened on"


@dataclass(frozen=True, slots=True)
class Breaking:
    """What an approver is about to open: `glass` is an id of the caller's; `plan` that of a report. `welfare`: the body
    that sees matches; None: the approver's own, or the only one here."""

    glass: str
    plan: str
    subject: SubjectId
    why: str
    welfare: str | None = None

    @property
    def digest(self) -> str:
        """What the approver signs."""
        return digest_of({name: getattr(self, name) for name in self.__slots__})


@dataclass(frozen=True, slots=True)
class Broken:
    """One break-glass, to be shown: nobody's name is in it. `verdict` is None while nobody reviewed it."""

    glass: str
    account: str
    plan: str
    subject: SubjectId
    opened_at: datetime
    ends_at: datetime
    review_due: datetime
    open: bool
    verdict: str | None
    locks: bool


def open_glass(office: Office, wish: Breaking, signed: Signed) -> Broken:
    """Open a plan alone. Opening the same glass again changes nothing.

    Raises PolicyRefused (logged, and told to the person and the auditors), UnknownSubject, LogUnavailable (then
    nothing happened), DataFolderError, KeystoreError.
    """
    do_what_is_due(office)
    with office.journal.acting():
        holder = proven(office, signed, OPEN, wish.digest, acting=False).account
        office.store.subject(wish.subject)
        known = directory_of(office)
        history = glasses(office, known.accounts)
        there = next((each for each in history if each.id == wish.glass), None)
        if there is not None:
            if (there.account.id, there.plan, there.subject) != (holder.id, wish.plan, wish.subject):
                raise InputError("there is another break-glass of that id", advice="Leave the id out.")
            return _broken(there, office.clock())
        step, plan = _broken_open(office, wish, holder, history, known)
        return _taken(office, wish.glass, "open", step, plan)


def _broken_open(
    office: Office, wish: Breaking, holder: Account, history: Sequence[Glass], known: Directory
) -> tuple[Step[Glass] | Refused, Step[Plan] | None]:
    """The glass, and the plan that it opens: on a report that is there, about this person, and opens something."""
    now, wishes = office.clock(), wishes_of(office, wish.subject)
    filed = next((each for each in filed_here(office) if each.plan == wish.plan), None)
    if filed is None or filed.subject != wish.subject or filed.over_by(now) is not None or wishes is None:
        return refused_break(holder.id, wish.plan, wish.subject, NO_PLAN, known, now), None
    apart = apart_from(office, wish.subject) | apart_of(wishes, filed.report)
    step = break_glass(wish.glass, holder.id, wish.plan, wish.subject, wish.why, apart, history, known, now)
    if isinstance(step, Refused):
        return step, None
    welfare = _welfare(wish, holder, known, now)
    plan = open_broken(step.state, HERE, filed.report, wishes, welfare, plans_here(office), known, now)
    if isinstance(plan, Refused):
        return refused_break(holder.id, wish.plan, wish.subject, plan.reason, known, now), None
    return step, plan


def _welfare(wish: Breaking, holder: Account, known: Directory, now: datetime) -> OrganisationId:
    """Who sees the matches. Raises InputError where that has to be said."""
    seeing = [each for each in known.everyone(now) if Role.APPROVER in each.roles and not each.is_new_at(now)]
    bodies = {each.organisation for each in seeing if known.kind(each) is Kind.WELFARE}
    if wish.welfare is not None:
        if wish.welfare in bodies:
            return OrganisationId(wish.welfare)
        raise InputError(f"nobody of {wish.welfare[:80]!r} sees matches yet", advice="Name a welfare body that does.")
    if known.kind(holder) is Kind.WELFARE:
        return holder.organisation
    if len(bodies) != 1:
        raise InputError(f"there are {len(bodies)} welfare bodies here", advice="Say which one sees the matches.")
    return bodies.pop()


def close_glass(office: Office, glass: str, signed: Signed) -> Broken:
    """Close it before its time: whoever opened it. Raises PolicyRefused, InputError, as `open_glass`."""
    with office.journal.acting():
        closer = proven(office, signed, CLOSE, glass_digest(glass), acting=False).account
        found, now = _found(office, glass), office.clock()
        return _taken(office, glass, "close", close(found, closer.id, now), _plan_closed(office, found, now))


def close_revoked(office: Office, account: AccountId) -> None:
    """Whoever may act no more holds nothing open: the glass of a revoked account closes, and its plan with it.

    To be called under `Journal.acting`; safe to repeat. Raises as `close_glass`.
    """
    now = office.clock()
    for each in glasses(office, directory_of(office).accounts):
        if each.account.id == account and each.open_at(now):
            _taken(office, each.id, "revoked", close(each, account, now), _plan_closed(office, each, now))


def review_glass(office: Office, glass: str, justified: bool, signed: Signed) -> Broken:
    """Somebody of another organisation says whether it was justified. Raises as `close_glass`."""
    with office.journal.acting():
        digest = glass_digest(glass, "yes" if justified else "no")
        reviewer = proven(office, signed, REVIEW, digest, acting=False).account
        known = directory_of(office)
        step = review(_found(office, glass), AccountId(reviewer.id), justified, known, office.clock())
        return _taken(office, glass, "review", step)


def list_glasses(office: Office, signed: Signed | None = None) -> tuple[Broken, ...]:
    """Every break-glass that there ever was, the oldest first: for approvers, auditors, and of one's own.

    Unsigned in a rehearsal only. Raises PolicyRefused.
    """
    if signed is None and not office.store.rehearsal:
        raise refused("who broke a glass, and for whom, is read with an account")
    reader = None if signed is None else proven(office, signed, LIST, list_digest(signed.account)).account
    return tuple(
        _broken(each, office.clock())
        for each in glasses(office, directory_of(office).accounts)
        if may_read_about(office, reader, each.subject, each.plan, each.account.id)
    )


def pass_minutes(office: Office) -> int:
    """Log what happened by itself until now: a glass that closed, an account that locked; how many glasses.

    Each is logged once. Raises LogUnavailable, DataFolderError, KeystoreError: then the next call does it.
    """
    if not office.store.kept("glass"):
        return 0
    with office.journal.acting():
        known, changed = directory_of(office), 0
        for glass in glasses(office, known.accounts):
            step = pass_time(glass, known, office.clock())
            if step.state != glass:
                _taken(office, glass.id, "time", step)
                changed += 1
        return changed


def glass_digest(glass: str, justified: str | None = None) -> str:
    """What is signed to close it, or to review it."""
    return digest_of({"glass": glass, "justified": justified})


def _found(office: Office, glass: str) -> Glass:
    for each in glasses(office, directory_of(office).accounts):
        if each.id == glass:
            return each
    raise InputError(f"there is no break-glass {glass[:80]!r}", advice="List them with `beholden glass list`.")


def _plan_closed(office: Office, glass: Glass, now: datetime) -> Step[Plan] | None:
    """The plan that is open by it is over."""
    plan = next((each for each in plans_here(office) if each.id == glass.plan and each.glass), None)
    step = None if plan is None else close_broken(plan, now)
    return step if isinstance(step, Step) else None


def _taken(
    office: Office, glass: str, what: str, step: Step[Glass] | Refused, plan: Step[Plan] | None = None
) -> Broken:
    """Logged, told, and then so, the plan with it. Raises PolicyRefused."""
    plan = None if isinstance(step, Refused) else plan
    note(office, (*step.facts, *(() if plan is None else plan.facts)))
    now = office.clock()
    told = tell(office, f"glass.{glass}.{what}.{_moment(now)}", step.notices)
    if isinstance(step, Refused):
        keep(office, told)
        raise refused(step.reason)
    if plan is not None:
        told += plan_records(office, plan.state)
        told += told_records(office, plan.state.id, what, plan.notices)
    keep(office, [glass_record(step.state), *told])
    return _broken(step.state, now)


def _moment(now: datetime) -> str:
    return str(int(now.timestamp() * 1_000_000))


def _broken(glass: Glass, now: datetime) -> Broken:
    said = glass.review
    return Broken(
        glass=glass.id,
        account=glass.account.id,
        plan=glass.plan,
        subject=glass.subject,
        opened_at=glass.opened_at,
        ends_at=glass.ends_at,
        review_due=glass.review_due,
        open=glass.open_at(now),
        verdict=None if said is None else "justified" if said.justified else "not justified",
        locks=glass.locks_at(now),
    )
