"""Pause and resume grants: while paused, nobody is recognised under them."""

from __future__ import annotations

from beholden.acts.office import Office
from beholden.model.event import Event, Paused, Resumed
from beholden.model.grant import Grant, GrantState
from beholden.model.ids import GrantId, SubjectId


def pause(office: Office, subject: SubjectId, grant: GrantId | None = None) -> tuple[GrantId, ...]:
    """Pause one active grant, or all; which ones were. Raises UnknownSubject, LogUnavailable, DataFolderError."""
    with office.journal.acting():
        chosen = _chosen(office, subject, grant, GrantState.ACTIVE)
        now = office.clock()
        return _change(
            office, subject, chosen, GrantState.PAUSED, [Paused(at=now, subject=subject, grant=g) for g in chosen]
        )


def resume(office: Office, subject: SubjectId, grant: GrantId | None = None) -> tuple[GrantId, ...]:
    """Resume one paused grant, or all; which ones were. Raises as `pause` does."""
    with office.journal.acting():
        chosen = _chosen(office, subject, grant, GrantState.PAUSED)
        now = office.clock()
        return _change(
            office, subject, chosen, GrantState.ACTIVE, [Resumed(at=now, subject=subject, grant=g) for g in chosen]
        )


def _chosen(office: Office, subject: SubjectId, grant: GrantId | None, state: GrantState) -> tuple[GrantId, ...]:
    mine: tuple[Grant, ...] = office.store.grants(office.store.subject(subject).id)
    return tuple(g.id for g in mine if g.state is state and grant in (None, g.id))


def _change(
    office: Office, subject: SubjectId, chosen: tuple[GrantId, ...], state: GrantState, events: list[Event]
) -> tuple[GrantId, ...]:
    if chosen:
        with office.journal.act(events, about=subject):
            office.store.set_grant_states(dict.fromkeys(chosen, state))
    return chosen
