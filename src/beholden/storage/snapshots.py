"""Snapshots of who agreed to what: rows that are as they were are not read into records again.

Ten thousand people take most of a second to read, and the gate asks after every change. So first only those columns
are asked for that may change; a row in which one did, or that is new, is read whole. All of it is of one transaction.
Of sealed bytes the tag is compared: 16 bytes, which are other ones for everything that was ever sealed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, LargeBinary, Table, func, select

from beholden.consent.life import Standing
from beholden.consent.registry import Snapshot
from beholden.model.grant import Grant
from beholden.storage import rows, schema
from beholden.storage.standing_rows import standing_of

Record = TypeVar("Record")
_TAG = 16
_AT_ONCE = 500
_Look = tuple[Any, ...]
"""A row's id, and what of it may change, as the driver gives it."""


class _Known(Generic[Record]):
    """The records of one table, as they were when they were last asked for."""

    def __init__(
        self, table: Table, changing: Sequence[str], order: Sequence[str], read: Callable[[rows.Row], Record]
    ) -> None:
        columns = (table.c.id, *(_told_apart(table.c[name]) for name in changing))
        self._table, self._read = table, read
        self._looks = select(*columns).order_by(*(table.c[name] for name in order))
        self._known: dict[Any, tuple[_Look, Record]] = {}

    def now(self, connection: Connection) -> tuple[Record, ...]:
        """All of them, in order."""
        known, seen = self._known, self._look(connection)
        new = [look[0] for look in seen if (old := known.get(look[0])) is None or old[0] != look]
        fresh = self._whole(connection, new)
        self._known = {look[0]: (look, fresh[look[0]]) if look[0] in fresh else known[look[0]] for look in seen}
        return tuple([record for _, record in self._known.values()])

    def _look(self, connection: Connection) -> Sequence[_Look]:
        """As the driver gives them: nothing is done for each row here, and there are many."""
        result = connection.execute(self._looks)
        found = [] if result.cursor is None else result.cursor.fetchall()
        result.close()
        return found

    def _whole(self, connection: Connection, wanted: Sequence[Any]) -> dict[Any, Record]:
        table, found = self._table, dict[Any, Record]()
        for begin in range(0, len(wanted), _AT_ONCE):
            some = wanted[begin : begin + _AT_ONCE]
            found |= {row.id: self._read(row) for row in connection.execute(select(table).where(table.c.id.in_(some)))}
        return found


class Snapshots:
    """Safe for several threads: one reads at a time."""

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._subjects = _Known(
            schema.subjects, ("state", "withdrawal", "particulars"), ("created_at", "id"), rows.subject_of
        )
        terms = ("state", "places", "starts_at", "ends_at", "hours", "recordings", "standing")
        self._grants = _Known(schema.grants, terms, ("starts_at", "id"), _grant_and_standing)
        self._templates = _Known(schema.templates, ("grant_id", "sealed"), ("id",), rows.template_of)

    def now(self, connection: Connection) -> Snapshot:
        """Of the transaction of `connection`."""
        with self._reading:
            revision = connection.execute(select(schema.revision.c.value)).scalar_one()
            grants = self._grants.now(connection)
            return Snapshot(
                revision=revision,
                subjects=self._subjects.now(connection),
                grants=tuple([grant for grant, _ in grants]),
                templates=self._templates.now(connection),
                standings={grant.id: standing for grant, standing in grants},
            )


def _grant_and_standing(row: rows.Row) -> tuple[Grant, Standing]:
    return rows.grant_of(row), standing_of(row)


def _told_apart(column: Column[Any]) -> ColumnElement[Any]:
    """Of sealed bytes their last ones, the tag."""
    if isinstance(column.type, LargeBinary):
        return func.substr(column, func.length(column) - (_TAG - 1))
    return column
