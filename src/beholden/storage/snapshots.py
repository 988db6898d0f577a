"""Snapshots of who agreed to what: rows that are as they were are not read into records again.

Ten thousand people take most of a second to read, and the gate asks after every change. So first the columns are asked
for as the driver gives them; a row in which one is another, or that is new, is read whole. All of it is of one
transaction. Of sealed bytes the tag is compared: 16 bytes, which are other ones for everything that was ever sealed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, LargeBinary, Table, func, select

from beholden.consent.life import Standing
from beholden.consent.registry import Snapshot
from beholden.model.grant import Grant
from beholden.model.ids import GrantId
from beholden.storage import rows, schema
from beholden.storage.standing_rows import standing_of

Record = TypeVar("Record")
_TAG = 16
_AT_ONCE = 500
_Look = tuple[Any, ...]
"""A row as the driver gives it, its id first."""


class _Known(Generic[Record]):
    """The records of one table, as they were when they were last asked for."""

    def __init__(self, table: Table, order: Sequence[str], read: Callable[[rows.Row], Record]) -> None:
        others = [_told_apart(column) for column in table.c if column.name != "id"]
        self._table, self._read = table, read
        self._looks = select(table.c.id, *others).order_by(*(table.c[name] for name in order))
        self._seen: Sequence[_Look] = ()
        self._records: tuple[Record, ...] = ()

    def now(self, connection: Connection) -> tuple[Record, ...]:
        """All of them, in order; the same tuple where none is another."""
        seen = self._look(connection)
        if seen == self._seen:
            return self._records
        known = dict(zip(self._seen, self._records, strict=True))
        fresh = self._whole(connection, [look[0] for look in seen if look not in known])
        self._records = tuple([fresh[look[0]] if look[0] in fresh else known[look] for look in seen])
        self._seen = seen
        return self._records

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
        self._subjects = _Known(schema.subjects, ("created_at", "id"), rows.subject_of)
        self._grants = _Known(schema.grants, ("starts_at", "id"), _grant_and_standing)
        self._templates = _Known(schema.templates, ("id",), rows.template_of)
        self._both: tuple[tuple[Grant, Standing], ...] = ()
        self._apart: tuple[tuple[Grant, ...], Mapping[GrantId, Standing]] = ((), {})

    def now(self, connection: Connection) -> Snapshot:
        """Of the transaction of `connection`."""
        with self._reading:
            revision = connection.execute(select(schema.revision.c.value)).scalar_one()
            both = self._grants.now(connection)
            if both is not self._both:
                self._both = both
                self._apart = tuple([grant for grant, _ in both]), {grant.id: standing for grant, standing in both}
            grants, standings = self._apart
            return Snapshot(
                revision, self._subjects.now(connection), grants, self._templates.now(connection), standings
            )


def _grant_and_standing(row: rows.Row) -> tuple[Grant, Standing]:
    return rows.grant_of(row), standing_of(row)


def _told_apart(column: Column[Any]) -> ColumnElement[Any]:
    """Of sealed bytes their last ones, the tag."""
    if isinstance(column.type, LargeBinary):
        return func.substr(column, func.length(column) - (_TAG - 1))
    return column
