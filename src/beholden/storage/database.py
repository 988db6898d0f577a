"""The records in a database: who agreed to what, and what opens the leaves of the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, func, insert, select, true, update

from beholden.acts.store import Opening, Published
from beholden.consent.invitation import Invitation
from beholden.consent.life import Standing
from beholden.consent.registry import Snapshot, Subject, SubjectState
from beholden.model.errors import DataFolderError, UnknownSubject
from beholden.model.grant import Grant, GrantState
from beholden.model.ids import GrantId, SubjectId
from beholden.model.template import EnrolledTemplate
from beholden.storage import rows, schema
from beholden.storage.answers import AnswerTables
from beholden.storage.engine import RESTORE, Backend, create_database, disposed, guarded, open_engine
from beholden.storage.live import LiveTables, store_leaves, store_noted
from beholden.storage.oversight import OversightTable
from beholden.storage.snapshots import Snapshots
from beholden.storage.sqlite import SqliteFile
from beholden.storage.standings import StandingTables, store_standings, use_invitation


class Database(LiveTables, AnswerTables, StandingTables, OversightTable):
    """A `Store` (beholden.acts.store) in a SQLite file or on a PostgreSQL server. Close it, or use it as a context
    manager."""

    def __init__(self, backend: Backend, engine: Engine) -> None:
        super().__init__(backend, engine)
        with disposed(engine):
            with self._reading() as connection:
                row = connection.execute(select(schema.folder)).first()
            if row is None:
                raise DataFolderError(f"the database {backend.name} belongs to no data folder", advice=RESTORE)
        self._snapshots = Snapshots()
        self.id: str = row.id
        self._rehearsal: bool = row.rehearsal

    @classmethod
    def create(cls, where: Path | Backend, folder_id: str, *, rehearsal: bool, moment: datetime) -> Database:
        """A new database, for a folder of that id; a path: in a new file (0600).

        Raises FolderExists, FolderForbidden, StorageFull, DataFolderError, SettingsError.
        """
        backend = SqliteFile(where) if isinstance(where, Path) else where
        row = insert(schema.folder).values(id=folder_id, rehearsal=rehearsal, created_at=rows.stored_moment(moment))
        return cls(backend, create_database(backend, fill=lambda connection: connection.execute(row)))

    @classmethod
    def open(cls, where: Path | Backend) -> Database:
        """Raises FolderMissing, FolderForbidden, FolderNewer, DataFolderError, SettingsError."""
        backend = SqliteFile(where) if isinstance(where, Path) else where
        return cls(backend, open_engine(backend))

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- who agreed to what

    @property
    def rehearsal(self) -> bool:
        return self._rehearsal

    def revision(self) -> int:
        with self._reading() as connection:
            return connection.execute(select(schema.revision.c.value)).scalar_one()

    def snapshot(self) -> Snapshot:
        with self._reading() as connection:
            return self._snapshots.now(connection)

    def subject(self, subject: SubjectId) -> Subject:
        with self._reading() as connection:
            row = connection.execute(select(schema.subjects).where(schema.subjects.c.id == subject)).first()
        if row is None:
            raise UnknownSubject(f"there is nobody with the id {subject} here")
        return rows.subject_of(row)

    def subjects(self) -> tuple[Subject, ...]:
        with self._reading() as connection:
            return _subjects(connection)

    def grants(self, subject: SubjectId) -> tuple[Grant, ...]:
        with self._reading() as connection:
            return _grants(connection, subject)

    def add_subject(self, subject: Subject) -> None:
        with self._writing() as connection:
            connection.execute(insert(schema.subjects).values(rows.subject_row(subject)))

    def add_enrolment(
        self,
        subject: Subject,
        grants: Sequence[Grant],
        template: EnrolledTemplate,
        standings: Mapping[GrantId, Standing] | None = None,
        used: Invitation | None = None,
    ) -> None:
        values = rows.subject_row(subject)
        with self._writing() as connection:
            if used is not None:
                use_invitation(connection, used)
            connection.execute(
                self._backend.upsert(schema.subjects)
                .values(values)
                .on_conflict_do_update(index_elements=["id"], set_=values)
            )
            connection.execute(insert(schema.grants), [rows.grant_row(grant) for grant in grants])
            connection.execute(insert(schema.templates).values(rows.template_row(template, grants[0].id)))
            store_standings(connection, standings or {})

    def set_grant_states(self, states: Mapping[GrantId, GrantState]) -> None:
        with self._writing() as connection:
            for grant, state in states.items():
                connection.execute(update(schema.grants).where(schema.grants.c.id == grant).values(state=state.value))

    # -- withdrawal

    def delete_templates(self, subject: SubjectId) -> None:
        with self._writing() as connection:
            connection.execute(delete(schema.templates).where(schema.templates.c.subject == subject))

    def strip(self, subject: SubjectId) -> None:
        mine = schema.grants.c.subject == subject
        with self._writing() as connection:
            connection.execute(update(schema.grants).where(mine).values(state=GrantState.WITHDRAWN.value))
            connection.execute(delete(schema.invitations).where(schema.invitations.c.subject == subject))
            connection.execute(update(schema.subjects).where(schema.subjects.c.id == subject).values(particulars=None))

    def end_withdrawal(self, subject: SubjectId) -> None:
        self._change_subject(subject, state=SubjectState.WITHDRAWN.value)

    def compact(self) -> None:
        with guarded(self._backend):
            self._backend.compact(self._engine)

    def _change_subject(self, subject: SubjectId, **values: object) -> None:
        with self._writing() as connection:
            connection.execute(update(schema.subjects).where(schema.subjects.c.id == subject).values(**values))

    # -- openings

    def add_openings(self, openings: Sequence[Opening]) -> None:
        with self._writing() as connection:
            wanted = self._backend.upsert(schema.openings).on_conflict_do_nothing(index_elements=["commitment"])
            connection.execute(wanted, [rows.opening_row(opening) for opening in openings])

    def noted_of(self, commitments: Sequence[bytes]) -> dict[bytes, int | None]:
        table = schema.openings
        query = select(table.c.commitment, table.c.noted).where(table.c.commitment.in_(commitments))
        with self._reading() as connection:
            return {row.commitment: row.noted for row in connection.execute(query)}

    def set_noted(self, noted: Mapping[bytes, int]) -> None:
        with self._writing() as connection:
            store_noted(connection, noted)

    def waiting(self) -> tuple[Opening, ...]:
        table = schema.openings
        query = select(table).where(table.c.noted.is_not(None), table.c.leaf.is_(None)).order_by(table.c.noted)
        with self._reading() as connection:
            return tuple(map(rows.opening_of, connection.execute(query)))

    def in_force(self, what: str) -> tuple[str, ...] | None:
        table = schema.in_force
        with self._reading() as connection:
            row = connection.execute(select(table.c.lines).where(table.c.what == what)).first()
        return None if row is None else tuple(str(row.lines).splitlines())

    def put_in_force(self, what: str, lines: Sequence[str]) -> None:
        row = {"what": what, "lines": "\n".join(lines)}
        with self._writing() as connection:
            new = self._backend.upsert(schema.in_force).values(row)
            connection.execute(new.on_conflict_do_update(index_elements=["what"], set_={"lines": new.excluded.lines}))

    def published(self) -> Published | None:
        with self._reading() as connection:
            row = connection.execute(select(schema.published)).first()
        return None if row is None else Published(row.hour, row.size)

    def publish(self, leaves: Mapping[bytes, int], done: Published) -> None:
        values = {"id": 1, "hour": done.hour, "size": done.size}
        with self._writing() as connection:
            store_leaves(connection, leaves)
            for commitment in leaves:
                of_it = schema.openings.c.commitment == commitment
                connection.execute(update(schema.openings).where(of_it).values(place=None))
            connection.execute(
                self._backend.upsert(schema.published)
                .values(values)
                .on_conflict_do_update(index_elements=["id"], set_=values)
            )

    def set_leaves(self, leaves: Mapping[bytes, int]) -> None:
        with self._writing() as connection:
            store_leaves(connection, leaves)

    def drop_openings(self, commitments: Sequence[bytes]) -> None:
        table = schema.openings
        with self._writing() as connection:
            for commitment in commitments:
                connection.execute(delete(table).where(_lost(table), table.c.commitment == commitment))

    def set_outcome(self, leaf: int, outcome: str, result: int | None = None) -> None:
        table = schema.openings
        with self._writing() as connection:
            connection.execute(update(table).where(table.c.leaf == leaf).values(outcome=outcome, result=result))

    def openings(self, about: SubjectId | None = None) -> tuple[Opening, ...]:
        return self._openings(true() if about is None else schema.openings.c.about == about)

    def openings_of_nobody(self, since: datetime) -> tuple[Opening, ...]:
        table = schema.openings
        return self._openings(table.c.about.is_(None) & (table.c.created_at >= rows.stored_moment(since)))

    def _openings(self, wanted: ColumnElement[bool]) -> tuple[Opening, ...]:
        leaf, noted = schema.openings.c.leaf, schema.openings.c.noted.nulls_first()
        with self._reading() as connection:
            found = connection.execute(select(schema.openings).where(wanted).order_by(leaf.is_(None), leaf, noted))
            return tuple(map(rows.opening_of, found))

    def opening(self, leaf: int) -> Opening | None:
        with self._reading() as connection:
            found = connection.execute(select(schema.openings).where(schema.openings.c.leaf == leaf)).first()
        return None if found is None else rows.opening_of(found)

    def newest_leaf(self) -> int | None:
        with self._reading() as connection:
            return connection.execute(select(func.max(schema.openings.c.leaf))).scalar_one()

    def unsettled(self) -> tuple[Opening, ...]:
        table = schema.openings
        open_ones = _lost(table) | (table.c.intent & table.c.result.is_(None))
        with self._reading() as connection:
            found = connection.execute(select(table).where(open_ones).order_by(table.c.leaf.is_(None), table.c.leaf))
            return tuple(map(rows.opening_of, found))


def _lost(table: Table) -> ColumnElement[bool]:
    """In no log, as far as is known."""
    return table.c.leaf.is_(None) & table.c.noted.is_(None)


def _subjects(connection: Connection) -> tuple[Subject, ...]:
    table = schema.subjects
    return tuple(map(rows.subject_of, connection.execute(select(table).order_by(table.c.created_at, table.c.id))))


def _grants(connection: Connection, subject: SubjectId | None = None) -> tuple[Grant, ...]:
    table = schema.grants
    query = select(table).order_by(table.c.starts_at, table.c.id)
    if subject is not None:
        query = query.where(table.c.subject == subject)
    return tuple(map(rows.grant_of, connection.execute(query)))
