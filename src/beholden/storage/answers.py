"""Answers of the desk: the mark on a sighting, and the count that it moves, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, delete, select, update

from beholden.acts.store import AnswerCount, SealedSighting
from beholden.model.ids import PlaceId, SightingId
from beholden.storage import rows, schema
from beholden.storage.engine import Transactions
from beholden.storage.live import store_noted

_COUNTS = schema.answer_counts
_KEY = tuple(_COUNTS.primary_key.columns)


class AnswerTables(Transactions):
    """These tables' part of a `Store` (beholden.acts.store)."""

    def sighting(self, sighting: SightingId) -> SealedSighting | None:
        with self._reading() as connection:
            found = connection.execute(select(schema.sightings).where(schema.sightings.c.id == sighting)).first()
        return None if found is None else rows.sighting_of(found)

    def mark_answer(
        self, sighting: SightingId, right: bool, place: PlaceId, day: date, noted: Mapping[bytes, int]
    ) -> bool:
        table = schema.sightings
        with self._writing() as connection:
            store_noted(connection, noted)
            held = connection.execute(select(table.c.answered).where(table.c.id == sighting)).first()
            if held is None:
                return False
            if held.answered is not right:
                if held.answered is not None:
                    self._count(connection, AnswerCount(place, day, held.answered, -1))
                self._count(connection, AnswerCount(place, day, right, 1))
                connection.execute(update(table).where(table.c.id == sighting).values(answered=right))
        return True

    def answer_counts(self) -> tuple[AnswerCount, ...]:
        with self._reading() as connection:
            return tuple(map(rows.answer_count_of, connection.execute(select(_COUNTS).order_by(*_KEY))))

    def _count(self, connection: Connection, change: AnswerCount) -> None:
        """Add `change.count`, within a transaction. Where nothing is left there is no row, and never less than that."""
        new = self._backend.upsert(_COUNTS).values(rows.answer_count_row(change))
        more = {"count": _COUNTS.c.count + new.excluded["count"]}
        connection.execute(new.on_conflict_do_update(index_elements=_KEY, set_=more))
        connection.execute(delete(_COUNTS).where(_COUNTS.c.count <= 0))
