"""Pause grants for somebody, all or one, and resume them: while paused, nobody is recognised under them.

A pause takes away and never gives, so that an operator may; who ends it is the person, or in a rehearsal anybody.
"""

from __future__ import annotations

from beholden.acts.grants import own
from beholden.acts.grants.rehearse import refuse_live
from beholden.acts.office import Office
from beholden.consent.life import over_by
from beholden.model.ids import GrantId, SubjectId


def pause(office: Office, subject: SubjectId, grant: GrantId | None = None) -> tuple[GrantId, ...]:
    """Pause one grant, or all; which ones were. Raises UnknownSubject, LogUnavailable, DataFolderError."""
    with office.journal.acting():
        now, standings = office.time.latest, office.store.standings(office.store.subject(subject).id)
        chosen: list[GrantId] = []
        for each in office.store.grants(subject):
            standing = standings[each.id]
            stands = standing.over is None and now < over_by(standing) and standing.paused_at is None
            if stands and grant in (None, each.id):
                own.pause(office, subject, each.id)
                chosen.append(each.id)
        return tuple(chosen)


def resume(office: Office, subject: SubjectId, grant: GrantId | None = None) -> tuple[GrantId, ...]:
    """Resume one paused grant, or all; which ones were. Raises as `pause`, and PolicyRefused outside a rehearsal."""
    refuse_live(office, "end a pause")
    with office.journal.acting():
        now, standings = office.time.latest, office.store.standings(office.store.subject(subject).id)
        chosen: list[GrantId] = []
        for each in office.store.grants(subject):
            standing = standings[each.id]
            paused = standing.over is None and now < over_by(standing) and standing.paused_at is not None
            if paused and grant in (None, each.id):
                own.resume(office, subject, each.id)
                chosen.append(each.id)
        return tuple(chosen)
