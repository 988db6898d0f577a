"""Guardians' grants as they are kept: sealed under the key of the person they are about, and read for the gate."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from beholden.acts.accounts.kept import Record, keep, kept, moment_of, note, stored, tell
from beholden.acts.accounts.known import accounts_held, find_account, newly_named, proven, refused
from beholden.acts.accounts.signed import Signed
from beholden.acts.office import Office
from beholden.acts.store import Kept
from beholden.consent.invitation import Tick
from beholden.consent.lengths import length
from beholden.consent.oversight.accounts import NEW_FOR, AccountId, PersonId
from beholden.consent.oversight.guardians import Authority, Guardianship, of_age_at
from beholden.consent.oversight.steps import Notice, Refused, Step
from beholden.model.errors import InputError
from beholden.model.grant import Hours, Purpose
from beholden.model.ids import GrantId, PlaceId, SubjectId

GUARDIAN, OWN_NO = "guardian", "own_no"
"""Kinds of records: one for each grant that guardians asked for, and one for each person who refused."""
KEPT_AFTER = timedelta(days=90)
"""A record outlives the day of majority by so long, if nobody tidies: the log knows what happened."""
UNSIGNED = "a guardian, an approver or the person says so, each with their own account"
_PERSON = "p_"


@dataclass(frozen=True, slots=True)
class Asked:
    """One guardian's grant: where it stands, and what it is to be. `asked_by` and `disputed_by` are accounts, in whose
    name an approver is asked; `names` what people call the guardians, sealed with it; `last` the signature that changed
    it last: the same call again is not another one."""

    guardianship: Guardianship
    tick: Tick
    asked_by: AccountId
    asked_at: datetime
    disputed_by: AccountId | None = None
    disputed_at: datetime | None = None
    names: Mapping[PersonId, str] = field(default_factory=dict[PersonId, str], repr=False)
    last: str | None = None

    def called(self) -> str:
        """The guardians, by what people call them."""
        return ", ".join(sorted(self.names.get(each, each) for each in self.guardianship.authority.guardians))


def asked_for(office: Office, subject: SubjectId | None = None) -> tuple[Asked, ...]:
    """Every guardian's grant, or those about one person, by id. Raises KeystoreError, DataFolderError."""
    return tuple(_asked(each) for each in kept(office, GUARDIAN, None if subject is None else [subject]))


def guardianships(office: Office) -> dict[GrantId, Guardianship]:
    """What guardians' grants rest on, for the gate (`consent.living`)."""
    return {each.guardianship.grant: each.guardianship for each in asked_for(office)}


class Bound:
    """As `guardianships`, asked again and again: storage is asked each time, and opened only where it changed."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._known: dict[str, tuple[Kept, Guardianship | None]] = {}

    def __call__(self) -> dict[GrantId, Guardianship]:
        """Raises KeystoreError, DataFolderError; then nothing is taken for known."""
        rows, known = self._office.store.kept(GUARDIAN), self._known
        changed = {row.about for row in rows if row.id not in known or known[row.id][0] != row}
        opened = {each.id: _asked(each).guardianship for each in kept(self._office, GUARDIAN, changed)}
        self._known = {row.id: (row, opened.get(row.id) if row.about in changed else known[row.id][1]) for row in rows}
        return {bound.grant: bound for _, bound in self._known.values() if bound is not None}


def find_asked(office: Office, grant: str) -> Asked:
    """The guardians' grant of that id. Raises InputError."""
    for each in asked_for(office):
        if each.guardianship.grant == grant:
            return each
    raise InputError(f"no guardian asked for {grant[:80]!r}", advice="List them with `beholden guardian list`.")


def has_refused(office: Office, subject: SubjectId) -> bool:
    """Whether the person said no, at any age."""
    return any(kept(office, OWN_NO, [subject]))


def speaker(
    office: Office, signed: Signed | None, what: str, digest: str, as_who: str | None, *, gives: bool = True
) -> PersonId:
    """Who says so: whoever holds the account that signed; in a rehearsal `as_who`. Raises PolicyRefused.

    A new account in the name of a guardian who was here before gives nothing for `NEW_FOR`: it may not be theirs.
    """
    if signed is not None:
        account = proven(office, signed, what, digest).account
        if gives and newly_named(office, account):
            raise refused(
                f"an account in the name of somebody who was here before speaks for them after {length(NEW_FOR)}"
            )
        return account.person
    if not office.store.rehearsal or as_who is None:
        raise refused(UNSIGNED)
    return person_called(office, as_who)


def person_called(office: Office, who: str) -> PersonId:
    """Who holds the account of that id or name; in a rehearsal a name is enough. Raises InputError."""
    try:
        return find_account(office, who).account.person
    except InputError:
        if not office.store.rehearsal or not who.strip():
            raise
        name = " ".join(who.split()).casefold()
        return PersonId(f"{_PERSON}{hashlib.sha256(name.encode()).hexdigest()[:20]}")


def called(office: Office, who: str) -> str:
    """What people call whoever holds the account of that id or name; the name itself where there is none."""
    try:
        return find_account(office, who).name
    except InputError:
        return " ".join(who.split())


def taken(office: Office, before: Asked | None, after: Asked, step: Step[Guardianship], what: str) -> Asked:
    """Logged, told, and then so; everywhere where anybody is named as soon as the registry is asked again."""
    after = replace(after, guardianship=step.state)
    if before is not None and replace(before, last=after.last) == after:
        show_change(office, after.guardianship)  # the first call may have been cut off before
        return before
    note(office, step.facts)
    told = tell_people(office, f"guardian.{step.state.grant}.{what}.{stored(office.clock())}", step.notices)
    keep(office, [_record(after), *told])
    show_change(office, after.guardianship)
    return after


def show_change(office: Office, guardianship: Guardianship) -> None:
    """Raise the registry's revision, so that every gate looks again."""
    standing = office.store.standings(guardianship.subject).get(guardianship.grant)
    if standing is not None:
        office.store.set_standings({guardianship.grant: standing})


def tell_people(office: Office, of: str, notices: Sequence[Notice]) -> list[Record]:
    """As `tell`: what a guardian is told, each of their accounts is; who has none reads nothing."""
    held = [each.account for each in accounts_held(office) if each.account.revoked_at is None]
    whole: list[Notice] = []
    for notice in notices:
        mine = [each.id for each in held if notice.to in (each.id, each.person)]
        own = () if not notice.to.startswith("s_") else (notice.to,)
        whole += [replace(notice, to=to) for to in (*own, *mine)]
    return tell(office, of, whole)


def step_of(step: Step[Guardianship] | Refused) -> Step[Guardianship]:
    """Raises PolicyRefused."""
    if isinstance(step, Refused):
        raise refused(step.reason)
    return step


def _record(asked: Asked) -> Record:
    bound, tick = asked.guardianship, asked.tick
    values = {
        "person": bound.person,
        "purpose": str(bound.purpose),
        "guardians": sorted(bound.authority.guardians),
        "majority": bound.authority.majority.isoformat(),
        "evidence": bound.authority.evidence,
        "zone": bound.zone,
        "yes": sorted(bound.yes),
        "no": sorted(bound.no),
        "approved_by": bound.approved_by,
        "declined_by": bound.declined_by,
        "refused": bound.refused,
        "disputed": bound.disputed,
        "places": sorted(tick.places),
        "seconds": int(tick.duration.total_seconds()),
        "hours": None if tick.hours is None else [tick.hours.start.isoformat(), tick.hours.end.isoformat()],
        "recordings": tick.recordings,
        "asked_by": asked.asked_by,
        "asked_at": stored(asked.asked_at),
        "disputed_by": asked.disputed_by,
        "disputed_at": None if asked.disputed_at is None else stored(asked.disputed_at),
        "names": dict(asked.names),
        "last": asked.last,
    }
    dies_at = of_age_at(bound.authority.majority, bound.zone) + KEPT_AFTER
    return Record(GUARDIAN, bound.grant, values, bound.subject, dies_at)


def _asked(record: Record) -> Asked:
    values: Mapping[str, Any] = record.values
    guardians = frozenset(map(PersonId, values["guardians"]))
    bound = Guardianship(
        grant=GrantId(record.id),
        subject=SubjectId(record.about),
        person=PersonId(values["person"]),
        purpose=Purpose(values["purpose"]),
        authority=Authority(guardians, date.fromisoformat(values["majority"]), values["evidence"]),
        zone=values["zone"],
        yes=frozenset(map(PersonId, values["yes"])),
        no=frozenset(map(PersonId, values["no"])),
        approved_by=_account(values["approved_by"]),
        refused=values["refused"],
        disputed=values["disputed"],
        declined_by=_account(values["declined_by"]),
    )
    tick = Tick(
        bound.purpose,
        timedelta(seconds=values["seconds"]),
        frozenset(map(PlaceId, values["places"])),
        None if values["hours"] is None else Hours(*map(time.fromisoformat, values["hours"])),
        values["recordings"],
    )
    return Asked(
        guardianship=bound,
        tick=tick,
        asked_by=AccountId(values["asked_by"]),
        asked_at=moment_of(values["asked_at"]),
        disputed_by=_account(values["disputed_by"]),
        disputed_at=None if values["disputed_at"] is None else moment_of(values["disputed_at"]),
        names={PersonId(key): name for key, name in values["names"].items()},
        last=values["last"],
    )


def _account(text: str | None) -> AccountId | None:
    return None if text is None else AccountId(text)
