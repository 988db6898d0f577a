"""What people laid down for find-me plans, as it is kept, sealed under their own key, and whom that means today."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from beholden.acts.accounts.kept import Record, keep, kept, moment_of, stored
from beholden.acts.accounts.known import Held, accounts_held
from beholden.acts.displays.watched import apart_from, barred_by
from beholden.acts.office import Office
from beholden.consent.oversight.accounts import PersonId
from beholden.consent.oversight.plans import Wishes
from beholden.model.grant import Basis, Closed, Grant, GrantState, Purpose
from beholden.model.ids import GrantId, SubjectId

OUTSIDE = "n_"
"""How the id of somebody begins who has no account here and is nobody's subject: their name, as it was said."""
_WISHES = "find_wishes"


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


@dataclass(frozen=True, slots=True)
class Before:
    """What a person said, and nobody else: what stays when they say something new about the rest."""

    may_tell: frozenset[PersonId] = frozenset()
    never_tell: frozenset[PersonId] = frozenset()
    relatives: frozenset[PersonId] = frozenset()
    of_age_at: datetime | None = None


def said_before(office: Office, subject: SubjectId) -> Before:
    """Empty where nothing was laid down."""
    record = next(iter(kept(office, _WISHES, [subject])), None)
    if record is None:
        return Before()
    may_tell, never_tell, relatives = (
        frozenset(map(PersonId, record.values[name])) for name in ("may_tell", "never_tell", "relatives")
    )
    of_age_at = record.values["of_age_at"]
    return Before(may_tell, never_tell, relatives, None if of_age_at is None else moment_of(of_age_at))


def wishes_of(
    office: Office, subject: SubjectId | None, grant: GrantId | None = None, held: Sequence[Held] | None = None
) -> Wishes | None:
    """What somebody laid down, with the grant (None: the one that holds) as it is now; None where there is none.

    Whom they barred is never told either; whoever is known as a relative here, knows them or is barred by one of the
    family counts with the relatives. Whoever was named before they had an account is meant with it (`held`: all
    accounts, where the caller has them).
    """
    if subject is None:
        return None
    record = next(iter(kept(office, _WISHES, [subject])), None)
    grants = [each for each in office.store.grants(subject) if each.purpose is Purpose.FIND_ME]
    chosen = [each for each in grants if each.id == grant] if grant is not None else _best(grants, office.clock())
    if record is None or not chosen:
        return None
    values, everybody = record.values, accounts_held(office) if held is None else held
    return Wishes(
        subject=subject,
        person=PersonId(values["person"]),
        grant=chosen[0],
        may_tell=frozenset(map(PersonId, values["may_tell"])),
        never_tell=_with_accounts(everybody, values["never_tell"]) | barred_by(office, subject),
        relatives=_with_accounts(everybody, values["relatives"]) | (apart_from(office, subject) - {subject}),
        of_age_at=None if values["of_age_at"] is None else moment_of(values["of_age_at"]),
    )


def gone_wishes(subject: SubjectId, grant: GrantId, since: datetime, until: datetime) -> Wishes:
    """Of somebody who withdrew since: nobody is to be told anything."""
    none = Grant(grant, subject, Purpose.FIND_ME, Basis.CONSENT, frozenset(), since, until, GrantState.WITHDRAWN)
    return Wishes(subject, PersonId(subject), none, frozenset(), frozenset())


def outside(name: str) -> PersonId:
    """Somebody of that name who may have no account here. Case and the way of writing letters do not matter."""
    return PersonId(f"{OUTSIDE}{unicodedata.normalize('NFKC', name).casefold()}")


def _with_accounts(held: Sequence[Held], said: Collection[str]) -> frozenset[PersonId]:
    """These people, and whoever holds, or held, an account of a name among them."""
    people = frozenset(map(PersonId, said))
    return people | {each.account.person for each in held if outside(each.name) in people}


def _best(grants: Sequence[Grant], now: datetime) -> list[Grant]:
    """The grant that holds, else the newest."""
    return sorted(
        grants, key=lambda each: (each.closed_at(now) in (None, Closed.OTHER_HOURS), each.starts_at), reverse=True
    )
