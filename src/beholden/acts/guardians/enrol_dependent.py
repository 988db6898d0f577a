"""A dependent is enrolled under grants of their guardians, which count by then: nothing is made before.

The dependent is captured live, as anybody is; photos are accepted in a rehearsal only. The grant ends with the day of
majority at the latest, also when it is renewed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from beholden.acts.grants.accept import sent_of
from beholden.acts.grants.enrol import Enrolment, keep_enrolment, known_now
from beholden.acts.grants.people import name_of
from beholden.acts.grants.reference import Reference
from beholden.acts.grants.rehearse import refuse_live
from beholden.acts.guardians.kept import Asked, find_asked
from beholden.acts.office import Office
from beholden.consent.invitation import Invitation, accepted
from beholden.consent.life import Standing, begun
from beholden.consent.oversight.guardians import of_age_at
from beholden.consent.registry import Particulars, SubjectState
from beholden.consent.seal import seal_particulars
from beholden.model.errors import InputError, PolicyRefused
from beholden.model.grant import Basis, Grant
from beholden.model.ids import GrantId, SubjectId


def accept_for(office: Office, token: str, grants: tuple[GrantId, ...], reference: Reference) -> Enrolment:
    """A guardian opened the dependent's link and read the notice (`acts.grants.accept.read`), the dependent was
    captured live.

    For the portal; may be repeated. The reference stays the caller's, to be wiped. Raises PolicyRefused (then the
    link still works), InputError, LogUnavailable, KeystoreError, DataFolderError.
    """
    with office.journal.acting():
        sent = sent_of(office, token)
        asked = _asked(office, grants, sent.subject)
        done = _made_before(office, asked, reference)
        if done is not None:
            return done
        offer = sent.invitation.offer
        notice = office.house.notice(offer.purposes, offer.places)
        used = accepted(sent.invitation, token, [each.tick for each in asked], notice, office.time.now)
        return _enrol(office, sent.subject, asked, reference, used)


def refuse_dependent(office: Office, grants: tuple[GrantId, ...]) -> None:
    """What can be refused before any photo is read. Raises as `enrol_dependent`."""
    refuse_live(office, "be enrolled: a dependent is captured live, and photos are for a rehearsal")
    _refuse(office, _asked(office, grants, _dependent(office, grants)))


def enrol_dependent(office: Office, grants: tuple[GrantId, ...], reference: Reference) -> Enrolment:
    """As `accept_for`, with a reference from photos; in a rehearsal folder only. Raises the same."""
    refuse_live(office, "be enrolled: a dependent is captured live, and photos are for a rehearsal")
    with office.journal.acting():
        subject = _dependent(office, grants)
        asked = _asked(office, grants, subject)
        done = _made_before(office, asked, reference)
        return _enrol(office, subject, asked, reference) if done is None else done


def _dependent(office: Office, grants: Sequence[GrantId]) -> SubjectId:
    """Whom the first of them is about."""
    if not grants:
        raise InputError("no grant was named", advice="`beholden guardian list` shows their ids.")
    return find_asked(office, grants[0]).guardianship.subject


def _asked(office: Office, grants: Sequence[GrantId], subject: SubjectId) -> list[Asked]:
    found = [find_asked(office, each) for each in dict.fromkeys(grants)]
    if not found or any(each.guardianship.subject != subject for each in found):
        raise PolicyRefused("these grants are not for one person, whom this is about")
    return found


def _made_before(office: Office, asked: Sequence[Asked], reference: Reference) -> Enrolment | None:
    subject = asked[0].guardianship.subject
    there = {grant.id: grant for grant in office.store.grants(subject)}
    wanted = [each.guardianship.grant for each in asked]
    if not all(each in there for each in wanted):
        return None
    return Enrolment(subject, tuple(there[each] for each in wanted), reference.quality, reference.shots)


def _refuse(office: Office, asked: Sequence[Asked]) -> None:
    now = known_now(office)
    for each in asked:
        why = each.guardianship.why_not(now)
        if why is not None:
            raise PolicyRefused(f"{each.guardianship.purpose}: {why}")
    if office.store.subject(asked[0].guardianship.subject).state is not SubjectState.INVITED:
        raise PolicyRefused("a guardian agrees beforehand: for somebody who was invited, and is not enrolled")


def _enrol(
    office: Office, subject: SubjectId, asked: Sequence[Asked], reference: Reference, used: Invitation | None = None
) -> Enrolment:
    _refuse(office, asked)
    made = [_granted(office, each) for each in asked]
    label = name_of(office, subject)
    names = ", ".join(dict.fromkeys(each.called() for each in asked))
    sealed = seal_particulars(office.keystore.data_key(subject), Particulars(label, names), subject)
    record = replace(office.store.subject(subject), state=SubjectState.ENROLLED, particulars=sealed)
    grants = tuple(grant for grant, _ in made)
    keep_enrolment(office, record, reference, grants, {grant.id: standing for grant, standing in made}, used)
    return Enrolment(subject, grants, reference.quality, reference.shots)


def _granted(office: Office, asked: Asked) -> tuple[Grant, Standing]:
    bound, tick, now = asked.guardianship, asked.tick, known_now(office)
    edition = office.house.edition(tick.purpose, tick.places)
    standing = begun(tick.purpose, now, tick.duration, edition, rehearsal=office.store.rehearsal)
    of_age = of_age_at(bound.authority.majority, bound.zone)
    if standing.starts_at >= of_age:
        raise PolicyRefused("the person is of age before it could begin, and decides alone")
    # `met_at` as well: a renewal moves the end, and never that.
    standing = replace(standing, ends_at=min(standing.ends_at, of_age), met_at=of_age)
    grant = Grant(
        id=bound.grant,
        subject=bound.subject,
        purpose=tick.purpose,
        basis=Basis.GUARDIAN,
        places=tick.places,
        starts_at=standing.starts_at,
        ends_at=standing.ends_at,
        hours=tick.hours,
        recordings=tick.recordings,
    )
    return grant, standing
