"""The keeper's minute: what is due in the lives of grants is done, each step logged first, and nothing twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from beholden.acts.grants.events_over import end_events
from beholden.acts.grants.withdraw import forget
from beholden.acts.guardians.kept import guardianships
from beholden.acts.office import Office
from beholden.consent.life import Standing, Step, due, taken, template_goes, unnamed
from beholden.consent.living import no_guardians
from beholden.consent.notice import Edition
from beholden.consent.oversight.guardians import Guardianship
from beholden.consent.registry import Snapshot, SubjectState
from beholden.model.errors import BeholdenError, LogUnavailable
from beholden.model.event import Event, GrantEnded, Silent, StillYesAsked, StillYesReminded
from beholden.model.grant import Basis, Grant
from beholden.model.ids import GrantId, SubjectId


@dataclass(frozen=True, slots=True)
class NotNamed:
    """Why nobody is named under a grant now."""

    subject: SubjectId
    grant: GrantId
    reason: str


def not_named(office: Office) -> tuple[NotNamed, ...]:
    """Every grant of somebody who is enrolled under which they are not named now, and why; hours aside."""
    snapshot = office.store.snapshot()
    live = _live(snapshot)
    bound = guardianships(office) if any(grant.basis is Basis.GUARDIAN for grant in live) else {}
    found: list[NotNamed] = []
    for grant in live:
        why = _unnamed(office, grant, snapshot.standings[grant.id], bound)
        if why is not None:
            found.append(NotNamed(grant.subject, grant.id, why))
    return tuple(found)


def why_unnamed(office: Office, grant: Grant) -> str | None:
    """Why nobody is named under a grant now; None where its life, and guardians, allow it. Raises DataFolderError."""
    bound = guardianships(office) if grant.basis is Basis.GUARDIAN else {}
    return _unnamed(office, grant, office.store.standings(grant.subject)[grant.id], bound)


def _unnamed(office: Office, grant: Grant, standing: Standing, bound: Mapping[GrantId, Guardianship]) -> str | None:
    now = office.time.now
    why = unnamed(standing, now, office.house.edition_of(grant))
    if why is not None or now is None:
        return None if why is None else str(why)
    return no_guardians(grant, bound.get(grant.id), now, rehearsal=office.store.rehearsal)


def look_after(office: Office) -> int:
    """Do what is due for every grant; how many steps. To be called every minute; may be repeated and cut off.

    What fails for one person does not keep the others waiting, and is done by the next call. Raises LogUnavailable,
    KeystoreError, DataFolderError: the first that there was.
    """
    now, snapshot = office.time.now, office.store.snapshot()
    end_events(office, snapshot)
    people: dict[SubjectId, list[Grant]] = {}
    for grant in _live(snapshot):
        people.setdefault(grant.subject, []).append(grant)
    steps, first = 0, None
    for subject, grants in people.items():
        mine = {grant.id: snapshot.standings[grant.id] for grant in grants}
        waiting = any(due(mine[grant.id], now, office.house.edition_of(grant)).steps for grant in grants)
        if not waiting and not template_goes(mine.values(), now):
            continue
        try:
            steps += look_after_one(office, subject)
        except LogUnavailable:
            raise
        except BeholdenError as error:
            first = first or error
    if first is not None:
        raise first
    return steps


def look_after_one(office: Office, subject: SubjectId) -> int:
    """As `look_after`, for one person."""
    with office.journal.acting():
        if office.store.subject(subject).state is not SubjectState.ENROLLED:
            return 0
        grants, standings = office.store.grants(subject), office.store.standings(subject)
        now = office.time.now
        if grants and template_goes(standings.values(), now):
            return _all_over(office, subject, grants, standings, now)
        return sum(_do_due(office, grant, standings[grant.id], now) for grant in grants)


def _all_over(
    office: Office,
    subject: SubjectId,
    grants: tuple[Grant, ...],
    standings: Mapping[GrantId, Standing],
    now: datetime | None,
) -> int:
    over = dict(standings)
    for grant in grants:
        if over[grant.id].over is None and now is not None:
            over[grant.id] = taken(over[grant.id], Step.END, now, office.house.edition_of(grant))
    forget(office, subject, over)
    return 1


def _do_due(office: Office, grant: Grant, standing: Standing, now: datetime | None) -> int:
    edition = office.house.edition_of(grant)
    if now is None:
        return 0
    steps = due(standing, now, edition).steps
    for step in steps:
        standing = taken(standing, step, now, edition)
        with office.journal.act([_event(office, grant, step, standing, edition)], about=grant.subject):
            office.store.set_standings({grant.id: standing})
    return len(steps)


def _event(office: Office, grant: Grant, step: Step, after: Standing, edition: Edition) -> Event:
    at, subject = office.clock(), grant.subject
    match step:
        case Step.ASK:
            return StillYesAsked(at=at, subject=subject, grant=grant.id, notice=edition.digest)
        case Step.REMIND:
            return StillYesReminded(at=at, subject=subject, grant=grant.id)
        case Step.PAUSE:
            return Silent(at=at, subject=subject, grant=grant.id)
        case Step.END:
            return ended_event(office, grant, after)


def ended_event(office: Office, grant: Grant, after: Standing) -> GrantEnded:
    """What is logged of a grant that is over while others of the person go on."""
    why = "" if after.over is None else after.over.name.lower()
    return GrantEnded(at=office.clock(), subject=grant.subject, grant=grant.id, why=why)


def _live(snapshot: Snapshot) -> list[Grant]:
    """All grants of people who are enrolled, those that are over included."""
    enrolled = {each.id for each in snapshot.subjects if each.state is SubjectState.ENROLLED}
    return [grant for grant in snapshot.grants if grant.subject in enrolled]
