"""The person's own say over one grant: cancel, withdraw, pause, resume, yes, renew, correct; and its purpose met.

For whoever speaks for the person: the portal, or `acts.grants.rehearse` in a rehearsal folder. Each is logged before it
takes effect and may be repeated. Each raises PolicyRefused with the reason as a sentence, UnknownSubject,
LogUnavailable (then nothing happened), DataFolderError, KeystoreError.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beholden.acts.grants.enrol import granted_event, known_now
from beholden.acts.grants.life import ended_event, look_after_one
from beholden.acts.grants.people import find
from beholden.acts.grants.withdraw import forget
from beholden.acts.grants.withdraw import withdraw as withdraw_person
from beholden.acts.guardians.kept import guardianships
from beholden.acts.office import Office
from beholden.consent import own_say
from beholden.consent.correction import Terms, corrected
from beholden.consent.life import Over, Standing, begun, ended, over_by
from beholden.consent.notice import Edition
from beholden.consent.policy import refusal
from beholden.consent.purposes import DAY
from beholden.model.errors import PolicyRefused
from beholden.model.event import Confirmed, Corrected, Event, Paused, PurposeMet, Renewed, Resumed
from beholden.model.grant import Basis, Grant, GrantState
from beholden.model.ids import GrantId, SubjectId

_Change = Callable[[Standing, datetime], Standing]
_AGAIN = timedelta(minutes=1)
_Say = Callable[[Standing], Event]


@dataclass(frozen=True, slots=True)
class Corrections:
    """What became of a grant that was corrected: whether it goes on, and the new one for what was added."""

    goes_on: bool
    afresh: GrantId | None


def cancel(office: Office, subject: SubjectId, grant: GrantId) -> None:
    """Taken back in the cooling-off, as if it had never been said."""

    def change(standing: Standing, now: datetime) -> Standing:
        return standing if standing.over is Over.CANCELLED else own_say.cancel(standing, now)

    _say(office, subject, grant, change)


def withdraw(office: Office, subject: SubjectId, grant: GrantId) -> None:
    """The last word. With the last grant, everything that recognises the person is destroyed."""
    _say(office, subject, grant, own_say.withdraw)


def pause(office: Office, subject: SubjectId, grant: GrantId) -> None:
    """Nobody is named under it until the person resumes."""
    at = office.clock()
    _say(office, subject, grant, own_say.pause, lambda _: Paused(at=at, subject=subject, grant=grant))


def resume(office: Office, subject: SubjectId, grant: GrantId) -> None:
    """Ends the person's own pause; no answer to a question."""
    at = office.clock()
    _say(office, subject, grant, own_say.resume, lambda _: Resumed(at=at, subject=subject, grant=grant))


def confirm(office: Office, subject: SubjectId, grant: GrantId, read: Edition) -> None:
    """The answer yes to "still yes?", after reading the notice of that edition."""

    def said(after: Standing) -> Event:
        return Confirmed(at=office.clock(), subject=subject, grant=grant, notice=after.read.digest)

    def change(standing: Standing, now: datetime) -> Standing:
        just = standing.question is None and standing.asked_before and standing.read == read
        if just and standing.silent_at is None and now - standing.confirmed_at < _AGAIN:
            return standing  # the call was repeated
        return own_say.yes(standing, now, read)

    _say(office, subject, grant, change, said)


def renew(office: Office, subject: SubjectId, grant: GrantId, duration: timedelta, read: Edition) -> None:
    """A new yes, for `duration` from now, after reading the notice of that edition, which is the one as it is now."""

    def said(after: Standing) -> Event:
        ends_at, notice = after.ends_at, after.read.digest
        return Renewed(at=office.clock(), subject=subject, grant=grant, ends_at=ends_at, notice=notice)

    def change(standing: Standing, now: datetime) -> Standing:
        if read != office.house.edition_of(_grant(office, subject, grant)):
            raise PolicyRefused("the notice has changed since: read it as it is now, then renew")
        return own_say.renew(standing, now, duration, read)

    _say(office, subject, grant, change, said)


def purpose_met(office: Office, subject: SubjectId, grant: GrantId, met_at: datetime) -> None:
    """What it was for is done at `met_at` (aware), which may be to come: it is over then at the latest, and with the
    last grant everything is destroyed. It takes away, so that whoever runs the place may say it, too."""

    def said(after: Standing) -> Event:
        moment = after.met_at or met_at
        return PurposeMet(at=office.clock(), subject=subject, grant=grant, met_at=moment)

    def change(standing: Standing, _: datetime) -> Standing:
        return standing if standing.over is Over.MET else own_say.purpose_met(standing, met_at)

    _say(office, subject, grant, change, said)
    look_after_one(office, subject)


def correct(office: Office, subject: SubjectId, grant: GrantId, wanted: Terms, read: Edition) -> Corrections:
    """Where and when a grant holds. Less holds at once; more is a new grant with a cooling-off of its own.

    Until the new one begins the old one holds as far as both agree, then it is over; if the new one is cancelled
    before, the old one lasts as it did. `read`: the notice about what is wanted, as it is now, where that is more.
    """
    with office.journal.acting():
        old = _grant(office, subject, grant)
        standing = office.store.standings(subject)[grant]
        _refuse_over(standing, office.time.latest)
        before = _made_before(office, old, wanted)
        if before is not None:
            return Corrections(goes_on=True, afresh=before)
        _refuse_terms(office, old, wanted)
        made = corrected(Terms(old.places, old.hours, old.recordings), wanted)
        afresh = None if made.afresh is None else _afresh(office, old, standing, made.afresh, read)
        if made.at_once is None and afresh is None:
            _over(office, old, ended(standing, office.time.latest, Over.WITHDRAWN))
            return Corrections(goes_on=False, afresh=None)
        _apply(office, old, standing, made.at_once, afresh)
        return Corrections(made.at_once is not None, None if afresh is None else afresh[0].id)


def _made_before(office: Office, old: Grant, wanted: Terms) -> GrantId | None:
    """The grant that an earlier call made of it."""
    standings = office.store.standings(old.subject)
    for each in office.store.grants(old.subject):
        same = (each.purpose, each.places, each.hours, each.recordings) == (
            old.purpose,
            wanted.places,
            wanted.hours,
            wanted.recordings,
        )
        if same and each.id != old.id and standings[each.id].over is None:
            return each.id
    return None


def _say(office: Office, subject: SubjectId, grant: GrantId, change: _Change, said: _Say | None = None) -> None:
    with office.journal.acting():
        standing = _standing(office, subject, grant)
        after = change(standing, office.time.latest)
        if after == standing:
            return
        if after.over is not None or said is None:
            _over(office, _grant(office, subject, grant), after)
            return
        with office.journal.act([said(after)], about=subject):
            office.store.set_standings({grant: after})


def _over(office: Office, grant: Grant, after: Standing) -> None:
    """End it; with the last one, everything goes, as in any withdrawal, and it is said why."""
    before = office.store.standings(grant.subject)
    others = {key: each for key, each in before.items() if key != grant.id}
    if all(each.over is not None for each in others.values()):
        if after.over is Over.CANCELLED:
            forget(office, grant.subject, others | {grant.id: after})
        else:
            withdraw_person(office, grant.subject)
        return
    changed, events = {grant.id: after}, list[Event]([ended_event(office, grant, after)])
    for each in office.store.grants(grant.subject) if after.over is Over.CANCELLED else ():
        back = None if each.id == grant.id else own_say.given_back(before[each.id], before[grant.id])
        if back is not None:
            changed[each.id] = back
            events.append(_corrected(office, each, back))
    with office.journal.act(events, about=grant.subject):
        office.store.set_standings(changed)


def _afresh(office: Office, old: Grant, standing: Standing, wanted: Terms, read: Edition) -> tuple[Grant, Standing]:
    """The new grant, for as long as was left of the old one; the same one when the call is repeated."""
    if old.basis is Basis.GUARDIAN and old.id in guardianships(office):
        raise PolicyRefused("more than the guardians agreed to is asked for anew, by a guardian")
    now = known_now(office)
    edition = office.house.edition(old.purpose, wanted.places)
    if read != edition:
        raise PolicyRefused("the notice has changed since: read it as it is now, then correct")
    fresh = begun(old.purpose, now, timedelta(0), edition, rehearsal=office.store.rehearsal)
    if fresh.starts_at >= standing.ends_at:
        raise PolicyRefused("the grant is over before more of it could begin: renew it first")
    fresh = replace(fresh, ends_at=standing.ends_at)
    words = "\x1f".join((old.id, *sorted(wanted.places), str(wanted.hours), str(wanted.recordings), str(now)))
    grant = replace(
        old,
        id=GrantId(f"g_{hashlib.sha256(words.encode()).hexdigest()[:20]}"),
        places=wanted.places,
        hours=wanted.hours,
        recordings=wanted.recordings,
        starts_at=fresh.starts_at,
        ends_at=fresh.ends_at,
        state=GrantState.ACTIVE,
    )
    return grant, fresh


def _apply(
    office: Office, old: Grant, standing: Standing, at_once: Terms | None, afresh: tuple[Grant, Standing] | None
) -> None:
    now, house = office.time.latest, office.house
    less = old
    if at_once is not None:
        less = replace(old, places=at_once.places, hours=at_once.hours, recordings=at_once.recordings)
        standing = own_say.narrowed(standing, house.edition_of(old), house.edition_of(less))
    else:
        standing = ended(standing, now, Over.WITHDRAWN)
    if afresh is not None and standing.over is None:
        standing = replace(standing, ends_at=min(standing.ends_at, afresh[1].starts_at))
    over = standing.over is not None
    events: list[Event] = [ended_event(office, old, standing) if over else _corrected(office, less, standing)]
    standings, added = {old.id: standing}, ()
    if afresh is not None:
        events.append(granted_event(*afresh))
        standings, added = standings | {afresh[0].id: afresh[1]}, (afresh[0],)
    with office.journal.act(events, about=old.subject):
        office.store.change_terms(less, standings, added)


def _corrected(office: Office, less: Grant, standing: Standing) -> Corrected:
    return Corrected(
        at=office.clock(),
        subject=less.subject,
        grant=less.id,
        places=tuple(sorted(less.places)),
        hours=None if less.hours is None else str(less.hours),
        recordings=less.recordings,
        ends_at=standing.ends_at,
    )


def _refuse_terms(office: Office, old: Grant, wanted: Terms) -> None:
    guardian = None if old.basis is Basis.CONSENT else find(office, old.subject).guardian or "a guardian"
    why = refusal(old.purpose, old.basis, DAY, wanted.places, wanted.hours, guardian)
    if why is not None and wanted.places:  # no place at all is the end of it, and always may be said
        raise PolicyRefused(why)


def _refuse_over(standing: Standing, now: datetime) -> None:
    if standing.over is not None or now >= over_by(standing):
        raise PolicyRefused(f"the grant is over: {standing.over or Over.ENDED}")


def _grant(office: Office, subject: SubjectId, grant: GrantId) -> Grant:
    found = [each for each in office.store.grants(office.store.subject(subject).id) if each.id == grant]
    if not found:
        raise PolicyRefused(f"{subject} has no grant {grant}")
    return found[0]


def _standing(office: Office, subject: SubjectId, grant: GrantId) -> Standing:
    _grant(office, subject, grant)
    return office.store.standings(subject)[grant]
