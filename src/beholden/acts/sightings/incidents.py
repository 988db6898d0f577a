"""Incidents of care: what a sighting told is kept for a week where two accounts decide so; else it dies with it.

The sighting itself dies in its time. What is kept is a record about the person, sealed under their key: it goes when
they withdraw, and they are told of it. Only whoever works at that place (`acts.displays.desk`) has to do with it. One
that is kept is shown at a time, to an account that asked for it by its sighting's id, and each time counts as looking
at the person; what one account alone proposed tells nothing. To whom the person barred there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from beholden.acts.accounts.kept import Record, keep, kept, moment_of, stored, tell
from beholden.acts.accounts.known import Held, directory_of, proven, refuse_names, refused
from beholden.acts.accounts.signed import Signed, digest_of
from beholden.acts.displays.desk import at_desk, desk_of
from beholden.acts.displays.show import Look, counted
from beholden.acts.displays.watched import watched
from beholden.acts.office import Office
from beholden.acts.sightings.presence import Sighting, open_sighting
from beholden.consent.lifetimes import full_hour, incident_life
from beholden.consent.oversight.accounts import Account, AccountId, Role
from beholden.consent.oversight.displays import Way
from beholden.consent.oversight.steps import Notice
from beholden.model.errors import PolicyRefused, SightingGone
from beholden.model.event import IncidentKept
from beholden.model.ids import PlaceId, SightingId, SubjectId

KEEP, READ, LIST = "keep incident", "read incident", "list incidents"
"""What is signed."""
_KIND = "incident"


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as it stands: nobody is in it, nor where or when it was. `kept`: two accounts decided so."""

    sighting: SightingId
    kept: bool
    dies_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What an incident was: `name`, seen at a place from `opened_at` to `seen_at` (aware UTC). `by`: who keeps it."""

    sighting: SightingId
    name: str
    camera: str
    place: PlaceId
    opened_at: datetime
    seen_at: datetime
    by: tuple[str, ...]
    dies_at: datetime


def keep_incident(office: Office, sighting: SightingId, signed: Signed) -> Incident:
    """Propose that an incident is kept, or agree to it; the second account must be another human being's.

    Only of a sighting for care, while that lives, and by operators at the desk of its place. The same account again
    changes nothing. Raises SightingGone, also elsewhere; PolicyRefused; LogUnavailable (then nothing happened),
    DataFolderError, KeystoreError.
    """
    with office.journal.acting():
        held = _operator(office, signed, KEEP, incident_digest(sighting))
        before = _found(office, sighting)
        if before is not None and (held.account.id in _by(before) or _is_kept(before)):
            if not _is_theirs(office, before, held.account):
                raise _gone(sighting)
            return _incident(before)
        seen = _alive(office, sighting)
        if not _works_there(office, held.account, seen.place or "", seen.subject):
            raise _gone(sighting)
        at_desk(office, held.account, seen.place or PlaceId(""))
        life, by = _life(office, seen), (*_still(office, before, held.account), held.account.id)
        dies_at = full_hour(seen.seen_at) + life if len(by) > 1 else seen.dies_at
        event = IncidentKept(at=signed.at, sighting=sighting, subject=seen.subject, by=by, until=stored(dies_at))
        key = office.keystore.data_key(seen.subject)
        office.store.set_noted(office.journal.announce([(event, seen.subject, seen.place)], {seen.subject: key}))
        record = _record(seen, by, dies_at)
        keep(office, [record, *_notices(office, record)])
        return _incident(record)


def list_incidents(office: Office, signed: Signed) -> tuple[Incident, ...]:
    """Those that are kept or proposed at one's desk, for operators: ids, to be read one by one. Raises PolicyRefused.

    Whoever saw no sighting during this shift works nowhere yet, and reads none.
    """
    account = _operator(office, signed, LIST, list_digest()).account
    now, desk = office.clock(), desk_of(office, account)
    if desk is None:
        return ()
    alive = [each for each in kept(office, _KIND) if each.dies_at is None or now < each.dies_at]
    return tuple(_incident(each) for each in alive if _is_theirs(office, each, account))


def read_incident(office: Office, sighting: SightingId, signed: Signed) -> Told:
    """One incident that two keep, for an operator at its desk: it counts as looking at the person.

    Raises SightingGone, also elsewhere, and to an account that the person barred; PolicyRefused; LogUnavailable,
    DataFolderError, KeystoreError: then nothing is shown.
    """
    with office.journal.acting():
        held = _operator(office, signed, READ, incident_digest(sighting))
        found = _found(office, sighting)
        place = None if found is None else PlaceId(found.values["place"])
        if found is None or place is None or not _is_kept(found) or desk_of(office, held.account) not in (None, place):
            raise _gone(sighting)
        shown = counted(office, held, Look(SubjectId(found.about), Way.LOOK_UP, place), signed)
        if shown.refused is not None:
            raise refused(shown.refused)
        if shown.name is None:
            raise _gone(sighting)
        at_desk(office, held.account, place)
        values = found.values
        opened_at, seen_at = moment_of(values["opened_at"]), moment_of(values["seen_at"])
        dies_at = _incident(found).dies_at
        return Told(sighting, shown.name, values["camera"], place, opened_at, seen_at, _by(found), dies_at)


def incident_digest(sighting: str) -> str:
    """What is signed to keep an incident, or to read it."""
    return digest_of({"sighting": sighting})


def list_digest() -> str:
    """What is signed to list them."""
    return digest_of({})


def _operator(office: Office, signed: Signed, what: str, digest: str) -> Held:
    held = proven(office, signed, what, digest)
    if Role.OPERATOR not in held.account.roles:
        raise refused("incidents are for operators")
    if what == READ:
        refuse_names(office, held.account)
    return held


def _is_theirs(office: Office, incident: Record, account: Account) -> bool:
    return _works_there(office, account, incident.values["place"], SubjectId(incident.about))


def _works_there(office: Office, account: Account, place: str, subject: SubjectId) -> bool:
    """Whether somebody who was sighted there is there for whoever holds that account: nobody who barred them is."""
    if watched(office, subject).bars.holds(subject, account):
        return False
    return desk_of(office, account) in (None, place)


def _is_kept(incident: Record) -> bool:
    """Whether two accounts decided so."""
    return len(_by(incident)) > 1


def _found(office: Office, sighting: SightingId) -> Record | None:
    now = office.clock()
    found = next((each for each in kept(office, _KIND) if each.id == sighting), None)
    return None if found is None or (found.dies_at is not None and found.dies_at <= now) else found


def _alive(office: Office, sighting: SightingId) -> Sighting:
    row = office.store.sighting(sighting)
    key = None if row is None else office.keystore.data_keys([row.subject])[row.subject]
    if row is None or key is None or row.dies_at <= office.clock():
        raise _gone(sighting)
    return open_sighting(row, key)


def _still(office: Office, before: Record | None, second: Account) -> tuple[str, ...]:
    """Who proposed it, if they may still act. Raises PolicyRefused when that is the same human being."""
    if before is None:
        return ()
    first = directory_of(office).acting(AccountId(_by(before)[0]), (office.clock(),))
    if isinstance(first, str):
        return ()
    if second.is_held_as(first):
        raise refused("one person, or one key, does not decide twice")
    return (first.id,)


def _life(office: Office, seen: Sighting) -> timedelta:
    """How long an incident of this kind is kept. Raises PolicyRefused where nothing is."""
    for grant in office.store.grants(seen.subject):
        if grant.id == seen.grant and (life := incident_life(grant.purpose)) is not None:
            return life
    raise PolicyRefused("only incidents of care are kept", advice="See `beholden policy show care`.")


def _record(seen: Sighting, by: tuple[str, ...], dies_at: datetime) -> Record:
    values = {
        "by": list(by),
        "camera": seen.camera,
        "place": seen.place or "",
        "opened_at": stored(seen.opened_at),
        "seen_at": stored(seen.seen_at),
    }
    return Record(_KIND, seen.id, values, seen.subject, dies_at)


def _notices(office: Office, record: Record) -> list[Record]:
    if not _is_kept(record):
        return []
    accounts = " and ".join(_by(record))
    text = (
        f"Accounts {accounts} keep an incident of care about you until {_incident(record).dies_at:%Y-%m-%d %H:%M} UTC."
    )
    return tell(office, f"{_KIND}.{record.id}", [Notice(record.about, text, office.clock())])


def _incident(record: Record) -> Incident:
    assert record.dies_at is not None
    return Incident(SightingId(record.id), _is_kept(record), record.dies_at)


def _by(record: Record) -> tuple[str, ...]:
    return tuple(record.values["by"])


def _gone(sighting: SightingId) -> SightingGone:
    return SightingGone(f"there is no incident {sighting[:40]!r} here, or its time is over")
