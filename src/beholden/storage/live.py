"""What running cameras change: sightings, ends of tracks and counts; and the cameras themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, bindparam, delete, insert, select, update

from beholden.acts.store import ANSWERS_LIVE, COUNTS_LIVE, HourCount, SealedCamera, SealedSighting
from beholden.consent.registry import SubjectState
from beholden.model.camera import Camera
from beholden.model.event import TrackEnded
from beholden.model.ids import CameraId, SightingId, SubjectId
from beholden.storage import rows, schema
from beholden.storage.engine import Backend, Transactions

if TYPE_CHECKING:
    from beholden.storage.engine import Upsert

# Statements for many rows at once are written once: putting one together takes longer than running it.
_SET_LEAF = update(schema.openings).where(schema.openings.c.commitment == bindparam("of")).values(leaf=bindparam("at"))
_SET_NOTED = (
    update(schema.openings).where(schema.openings.c.commitment == bindparam("of")).values(noted=bindparam("at"))
)


class LiveTables(Transactions):
    """These tables' part of a `Store` (beholden.acts.store)."""

    def __init__(self, backend: Backend, engine: Engine) -> None:
        super().__init__(backend, engine)
        self._put_sighting = _put_sighting(backend)
        self._add_count = _add_count(backend)

    # -- sightings

    def put_sightings(
        self, sightings: Sequence[SealedSighting], noted: Mapping[bytes, int] | None = None
    ) -> frozenset[SightingId]:
        people = schema.subjects
        with self._writing() as connection:
            wanted = {sighting.subject for sighting in sightings}
            enrolled = set(
                connection.scalars(
                    select(people.c.id).where(people.c.id.in_(wanted), people.c.state == SubjectState.ENROLLED.value)
                )
            )
            written = [rows.sighting_row(sighting) for sighting in sightings if sighting.subject in enrolled]
            if written:
                connection.execute(self._put_sighting, written)
            store_noted(connection, noted or {})
        return frozenset(sighting.id for sighting in sightings if sighting.subject not in enrolled)

    def sightings(self, subject: SubjectId | None = None) -> tuple[SealedSighting, ...]:
        table = schema.sightings
        query = select(table).order_by(table.c.dies_at, table.c.id)
        if subject is not None:
            query = query.where(table.c.subject == subject)
        with self._reading() as connection:
            return tuple(map(rows.sighting_of, connection.execute(query)))

    def delete_sightings(self, subject: SubjectId) -> None:
        with self._writing() as connection:
            connection.execute(delete(schema.sightings).where(schema.sightings.c.subject == subject))

    def purge(self, moment: datetime) -> int:
        now, hours = rows.stored_moment(moment), rows.stored_moment(moment - COUNTS_LIVE)
        days = rows.stored_moment(moment - ANSWERS_LIVE)
        with self._writing() as connection:
            connection.execute(delete(schema.track_ends).where(schema.track_ends.c.dies_at <= now))
            connection.execute(delete(schema.hour_counts).where(schema.hour_counts.c.hour <= hours))
            connection.execute(delete(schema.answer_counts).where(schema.answer_counts.c.day <= days))
            connection.execute(delete(schema.oversight).where(schema.oversight.c.dies_at <= now))
            opened = schema.openings.c
            connection.execute(delete(schema.openings).where(opened.dies_at <= now, opened.leaf.is_not(None)))
            return connection.execute(delete(schema.sightings).where(schema.sightings.c.dies_at <= now)).rowcount

    # -- ends of tracks, and how many there were

    def add_track_ends(self, events: Sequence[TrackEnded], dies_at: datetime, counts: Sequence[HourCount] = ()) -> None:
        with self._writing() as connection:
            if events:
                connection.execute(insert(schema.track_ends), [rows.track_end_row(each, dies_at) for each in events])
            if counts:
                connection.execute(self._add_count, [rows.hour_count_row(each) for each in counts])

    def track_ends(self) -> tuple[TrackEnded, ...]:
        with self._reading() as connection:
            found = connection.execute(select(schema.track_ends).order_by(schema.track_ends.c.id))
            return tuple(map(rows.track_end_of, found))

    def hour_counts(self, since: datetime, until: datetime) -> tuple[HourCount, ...]:
        table = schema.hour_counts
        first, end = rows.stored_moment(since), rows.stored_moment(until)
        query = select(table).where(table.c.hour >= first, table.c.hour < end).order_by(*table.primary_key.columns)
        with self._reading() as connection:
            return tuple(map(rows.hour_count_of, connection.execute(query)))

    # -- cameras

    def add_camera(self, camera: SealedCamera) -> None:
        with self._writing() as connection:
            connection.execute(insert(schema.cameras).values(rows.camera_row(camera)))

    def cameras(self) -> tuple[SealedCamera, ...]:
        with self._reading() as connection:
            found = connection.execute(select(schema.cameras).order_by(schema.cameras.c.id))
            return tuple(map(rows.camera_of, found))

    def change_camera(self, camera: Camera) -> None:
        self._change_camera(camera.id, rows.known_of_camera(camera))

    def begin_camera_removal(self, camera: CameraId, leaf: int) -> None:
        self._change_camera(camera, {"sealed": None, "removal": leaf})

    def delete_camera(self, camera: CameraId) -> None:
        with self._writing() as connection:
            connection.execute(delete(schema.cameras).where(schema.cameras.c.id == camera))

    def cameras_revision(self) -> int:
        with self._reading() as connection:
            return connection.execute(select(schema.cameras_revision.c.value)).scalar_one()

    def _change_camera(self, camera: CameraId, values: Mapping[str, object]) -> None:
        with self._writing() as connection:
            connection.execute(update(schema.cameras).where(schema.cameras.c.id == camera).values(**values))


def store_leaves(connection: Connection, leaves: Mapping[bytes, int]) -> None:
    """The leaf index of each commitment, within a transaction."""
    if leaves:
        connection.execute(_SET_LEAF, [{"of": commitment, "at": leaf} for commitment, leaf in leaves.items()])


def store_noted(connection: Connection, noted: Mapping[bytes, int]) -> None:
    """The index in the log of the hour of each commitment, within a transaction."""
    if noted:
        connection.execute(_SET_NOTED, [{"of": commitment, "at": index} for commitment, index in noted.items()])


def _put_sighting(backend: Backend) -> Upsert:
    new = backend.upsert(schema.sightings)
    return new.on_conflict_do_update(
        index_elements=["id"], set_={name: new.excluded[name] for name in ("subject", "dies_at", "sealed")}
    )


def _add_count(backend: Backend) -> Upsert:
    table, new = schema.hour_counts, backend.upsert(schema.hour_counts)
    return new.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_={"count": table.c.count + new.excluded["count"]}
    )
