"""Break-glass: one approver alone opens one plan for 15 minutes, logged and told to everyone before it is open.

It closes by itself, and without a review within a day its account locks: `pass_minutes` does both,
and is called every minute; until then they hold all the same, since they are read from the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from beholden.acts.accounts_kept import keep, note, tell
from beholden.acts.accounts_known import directory_of, glass_record, glasses, proven, refused
from beholden.acts.accounts_signed import Signed, digest_of
from beholden.acts.displays_watched import apart_from
from beholden.acts.office import Office
from beholden.consent.oversight.accounts import AccountId
from beholden.consent.oversight.breakglass import Glass, break_glass, close, pass_time, review
from beholden.consent.oversight.steps import Refused, Step
from beholden.model.errors import InputError
from beholden.model.ids import SubjectId

OPEN, CLOSE, REVIEW = "glass open", "glass close", "glass review"
"""What is signed."""


@dataclass(frozen=True, slots=True)
class Breaking:
    """What an approver is about to open: `glass` is an id of the caller's."""

    glass: str
    plan: str
    subject: SubjectId
    why: str

    @property
    def digest(self) -> str:
        """What the approver signs."""
        return digest_of({"glass": self.glass, "plan": self.plan, "subject": self.subject, "why": self.why})


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
        apart = apart_from(office, wish.subject)
        step = break_glass(
            wish.glass, holder.id, wish.plan, wish.subject, wish.why, apart, history, known, office.clock()
        )
        return _taken(office, wish.glass, "open", step)


def close_glass(office: Office, glass: str, signed: Signed) -> Broken:
    """Close it before its time: whoever opened it. Raises PolicyRefused, InputError, as `open_glass`."""
    with office.journal.acting():
        closer = proven(office, signed, CLOSE, glass_digest(glass), acting=False).account
        return _taken(office, glass, "close", close(_found(office, glass), closer.id, office.clock()))


def review_glass(office: Office, glass: str, justified: bool, signed: Signed) -> Broken:
    """Somebody of another organisation says whether it was justified. Raises as `close_glass`."""
    with office.journal.acting():
        digest = glass_digest(glass, "yes" if justified else "no")
        reviewer = proven(office, signed, REVIEW, digest, acting=False).account
        known = directory_of(office)
        step = review(_found(office, glass), AccountId(reviewer.id), justified, known, office.clock())
        return _taken(office, glass, "review", step)


def list_glasses(office: Office) -> tuple[Broken, ...]:
    """Every break-glass that there ever was, the oldest first."""
    return tuple(_broken(each, office.clock()) for each in glasses(office, directory_of(office).accounts))


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


def _taken(office: Office, glass: str, what: str, step: Step[Glass] | Refused) -> Broken:
    """Logged, told, and then so. Raises PolicyRefused."""
    note(office, step.facts)
    now = office.clock()
    told = tell(office, f"glass.{glass}.{what}.{_moment(now)}", step.notices)
    if isinstance(step, Refused):
        keep(office, told)
        raise refused(step.reason)
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
