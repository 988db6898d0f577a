"""Where each grant stands, invitations, and what is known of the time: these tables' part of a `Store`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, insert, select, update

from beholden.acts.store_life import Counted, Sent, state_of
from beholden.consent.invitation import Invitation
from beholden.consent.life import Standing
from beholden.consent.registry import Subject, SubjectState
from beholden.model.errors import ConsentError
from beholden.model.grant import Grant, GrantState
from beholden.model.ids import GrantId, SubjectId
from beholden.storage import rows, schema
from beholden.storage.engine import Transactions
from beholden.storage.standing_rows import (
    invitation_of,
    invitation_row,
    known_time_of,
    known_time_row,
    standing_of,
    standing_values,
)


class StandingTables(Transactions):
    """These tables' part of a `Store` (beholden.acts.store)."""

    def standings(self, subject: SubjectId | None = None) -> dict[GrantId, Standing]:
        with self._reading() as connection:
            return read_standings(connection, subject)

    def set_standings(self, standings: Mapping[GrantId, Standing], grants: Sequence[Grant] = ()) -> None:
        with self._writing() as connection:
            if grants:
                connection.execute(insert(schema.grants), [rows.grant_row(grant) for grant in grants])
            store_standings(connection, standings)

    def change_terms(self, grant: Grant, standings: Mapping[GrantId, Standing], added: Sequence[Grant] = ()) -> None:
        row = rows.grant_row(grant)
        values = {name: row[name] for name in ("places", "hours", "recordings")}
        with self._writing() as connection:
            connection.execute(update(schema.grants).where(schema.grants.c.id == grant.id).values(**values))
            if added:
                connection.execute(insert(schema.grants), [rows.grant_row(each) for each in added])
            store_standings(connection, standings)

    def begin_withdrawal(
        self, subject: SubjectId, leaf: int, standings: Mapping[GrantId, Standing] | None = None
    ) -> None:
        mine = schema.subjects.c.id == subject
        with self._writing() as connection:
            for grant, standing in (standings or {}).items():
                values = standing_values(standing)
                connection.execute(update(schema.grants).where(schema.grants.c.id == grant).values(**values))
            connection.execute(
                update(schema.subjects).where(mine).values(state=SubjectState.WITHDRAWING.value, withdrawal=leaf)
            )

    # -- invitations

    def add_invitations(self, subjects: Sequence[Subject], sent: Sequence[Sent]) -> None:
        with self._writing() as connection:
            connection.execute(insert(schema.subjects), [rows.subject_row(each) for each in subjects])
            if sent:
                connection.execute(insert(schema.invitations), [invitation_row(each) for each in sent])

    def invitations(self) -> tuple[Sent, ...]:
        table = schema.invitations
        with self._reading() as connection:
            found = connection.execute(select(table).order_by(table.c.made_at, table.c.token_hash))
            return tuple(map(invitation_of, found))

    def change_invitation(self, invitation: Invitation) -> None:
        table = schema.invitations
        values = invitation_row(Sent(SubjectId(""), invitation))
        kept = {name: values[name] for name in ("read_digest", "revoked_at")}
        with self._writing() as connection:
            connection.execute(update(table).where(table.c.token_hash == invitation.token_hash).values(**kept))

    # -- the time

    def known_time(self) -> Counted | None:
        with self._reading() as connection:
            row = connection.execute(select(schema.known_time)).first()
        return None if row is None else known_time_of(row)

    def put_known_time(self, counted: Counted) -> None:
        values = known_time_row(counted)
        with self._writing() as connection:
            new = self._backend.upsert(schema.known_time).values(values)
            connection.execute(new.on_conflict_do_update(index_elements=["id"], set_=values))


def read_standings(connection: Connection, subject: SubjectId | None = None) -> dict[GrantId, Standing]:
    """Of every grant, or those of one person, within a transaction."""
    query = select(schema.grants)
    if subject is not None:
        query = query.where(schema.grants.c.subject == subject)
    return {GrantId(row.id): standing_of(row) for row in connection.execute(query)}


def use_invitation(connection: Connection, invitation: Invitation) -> None:
    """Mark it used, once: raises ConsentError where it was, within a transaction, so that nothing else happens."""
    table = schema.invitations
    unused = table.c.used_at.is_(None) & table.c.revoked_at.is_(None)
    mine = update(table).where(table.c.token_hash == invitation.token_hash, unused)
    values = invitation_row(Sent(SubjectId(""), invitation))
    if connection.execute(mine.values(used_at=values["used_at"], read_digest=values["read_digest"])).rowcount != 1:
        raise ConsentError("this link was used, or taken back")


def store_standings(connection: Connection, standings: Mapping[GrantId, Standing]) -> None:
    """Each grant with its state, within a transaction; a template under one that is over rests on one that is not."""
    table, templates = schema.grants, schema.templates
    for grant, standing in standings.items():
        connection.execute(update(table).where(table.c.id == grant).values(**standing_values(standing)))
    for grant, standing in standings.items():
        held = False
        if standing.over is not None:
            owner = connection.execute(select(table.c.subject).where(table.c.id == grant)).scalar()
            others = select(table).where(table.c.subject == owner, table.c.id != grant).order_by(table.c.id)
            mine = select(func.count()).select_from(templates).where(templates.c.grant_id == grant)
            live = [
                row
                for row in connection.execute(others)
                if row.state != GrantState.WITHDRAWN.value and standing_of(row).over is None
            ]
            if live:
                rest = update(templates).where(templates.c.grant_id == grant).values(grant_id=live[0].id)
                connection.execute(rest)
            held = not live and bool(connection.execute(mine).scalar_one())
        state = state_of(standing, held=held)
        connection.execute(update(table).where(table.c.id == grant).values(state=state.value))
