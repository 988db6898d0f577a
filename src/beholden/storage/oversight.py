"""Records of oversight in a database: sealed, by kind and id."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select

from beholden.acts.store import Kept
from beholden.storage import rows, schema
from beholden.storage.engine import Transactions

_TABLE = schema.oversight
_KEY = tuple(_TABLE.primary_key.columns)


class OversightTable(Transactions):
    """This table's part of a `Store` (beholden.acts.store)."""

    def put_kept(self, kept: Sequence[Kept]) -> None:
        if not kept:
            return
        new = self._backend.upsert(_TABLE)
        changed = {name: new.excluded[name] for name in ("about", "dies_at", "sealed")}
        with self._writing() as connection:
            connection.execute(
                new.on_conflict_do_update(index_elements=_KEY, set_=changed), [_row(each) for each in kept]
            )

    def kept(self, kind: str, about: Collection[str] | None = None) -> tuple[Kept, ...]:
        query = select(_TABLE).where(_TABLE.c.kind == kind).order_by(_TABLE.c.id)
        if about is not None:
            query = query.where(_TABLE.c.about.in_(about))
        with self._reading() as connection:
            return tuple(map(_kept, connection.execute(query)))

    def kept_about(self, about: str) -> tuple[Kept, ...]:
        query = select(_TABLE).where(_TABLE.c.about == about).order_by(_TABLE.c.kind, _TABLE.c.id)
        with self._reading() as connection:
            return tuple(map(_kept, connection.execute(query)))

    def drop_kept(self, kind: str, ids: Collection[str]) -> None:
        with self._writing() as connection:
            connection.execute(delete(_TABLE).where(_TABLE.c.kind == kind, _TABLE.c.id.in_(ids)))

    def drop_about(self, about: str) -> None:
        with self._writing() as connection:
            connection.execute(delete(_TABLE).where(_TABLE.c.about == about))


def _row(kept: Kept) -> dict[str, object]:
    dies_at = None if kept.dies_at is None else rows.stored_moment(kept.dies_at)
    return {"kind": kept.kind, "id": kept.id, "about": kept.about, "dies_at": dies_at, "sealed": kept.sealed}


def _kept(row: rows.Row) -> Kept:
    dies_at = None if row.dies_at is None else rows.moment_of(row.dies_at)
    return Kept(row.kind, row.id, row.about, row.sealed, dies_at)
