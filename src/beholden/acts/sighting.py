"""Sightings: opened once per person and place, the leaf first; sealed under the person's key; dead after 24 hours."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from beholden.acts.office import Office
from beholden.acts.store import SealedSighting
from beholden.consent.seal import seal, unseal
from beholden.model.errors import PolicyRefused
from beholden.model.event import Sighted, TrackEnded
from beholden.model.grant import Viewpoint
from beholden.model.ids import CameraId, Epoch, GrantId, PlaceId, SightingId, SubjectId, TrackId, sighting_id
from beholden.model.match import Known, Match, Undecided, Unknown

ABSENCE = timedelta(seconds=60)
"""A sighting closes after this long without the person."""
LIFE = timedelta(hours=24)
_OUTCOMES: dict[type[Match], str] = {Known: "known", Unknown: "unknown", Undecided: "undecided"}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A person at a place (`place` None: in a file), from `opened_at` to `seen_at`, aware UTC of the pictures."""

    id: SightingId
    subject: SubjectId
    grant: GrantId
    camera: CameraId
    place: PlaceId | None
    opened_at: datetime
    seen_at: datetime
    shots: int

    def near(self, moment: datetime) -> bool:
        """Whether the person at `moment` belongs to this sighting."""
        return self.opened_at - ABSENCE <= moment <= self.seen_at + ABSENCE


class Settle:
    """What becomes of a track's answer. Handed to the pipeline; safe for several threads."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._lock = threading.Lock()
        self._open: dict[tuple[SubjectId, PlaceId | None, CameraId | None], Sighting] = {}

    def named(self, viewpoint: Viewpoint, epoch: Epoch, track: TrackId, match: Known, moment: datetime) -> Sighting:
        """A track was recognised: open a sighting, or update the one that is open. Delivering it twice changes nothing.

        The leaf is durable before the row exists. Raises LogUnavailable, KeyDestroyed (the person
        withdrew meanwhile), ConsentError, DataFolderError: then this track must not be named.
        """
        place = None if viewpoint.place is None else viewpoint.place.id
        key = (match.subject, place, viewpoint.camera if place is None else None)
        identity = sighting_id(viewpoint.camera, epoch, track, match.subject)
        with self._lock:
            held = self._open.get(key)
            if held is None or not (held.near(moment) or held.id == identity):
                held = self._stored(key, identity, moment)
            if held is None:
                held = self._opened(
                    Sighting(identity, match.subject, match.grant, viewpoint.camera, place, moment, moment, 0)
                )
            updated = replace(held, seen_at=max(held.seen_at, moment), shots=max(held.shots, match.why.shots))
            if updated != held:
                self._put(updated)
            self._open[key] = updated
            return updated

    def ended(self, viewpoint: Viewpoint, track: TrackId, match: Match, moment: datetime, seconds: float) -> TrackEnded:
        """A track ended: stored as what it ended as, without any identity; `track` is not stored either."""
        del track
        event = TrackEnded(
            at=moment,
            camera=viewpoint.camera,
            place=None if viewpoint.place is None else viewpoint.place.id,
            outcome=_OUTCOMES[type(match)],
            reason=match.why.reason,
            seconds=max(0, round(seconds)),
        )
        self._office.store.add_track_end(event)
        return event

    def _opened(self, sighting: Sighting) -> Sighting:
        office = self._office
        office.store.purge(office.clock())
        event = Sighted(
            at=sighting.opened_at,
            sighting=sighting.id,
            camera=sighting.camera,
            place=sighting.place,
            subject=sighting.subject,
            grant=sighting.grant,
            shots=sighting.shots,
        )
        office.journal.record([event], about=sighting.subject)
        self._put(sighting)
        return sighting

    def _put(self, sighting: Sighting) -> None:
        office = self._office
        dies = (office.clock() + LIFE).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        body = seal(office.keystore.data_key(sighting.subject), _encoded(sighting), _about(sighting.id))
        office.store.put_sighting(SealedSighting(sighting.id, sighting.subject, dies, body))

    def _stored(
        self, key: tuple[SubjectId, PlaceId | None, CameraId | None], identity: SightingId, moment: datetime
    ) -> Sighting | None:
        """The stored sighting that this belongs to: after a restart, or from another camera of the place."""
        subject, place, camera = key
        rows = self._office.store.sightings(subject)
        data_key = self._office.keystore.data_key(subject)
        for row in rows:
            sighting = _decoded(unseal(data_key, row.sealed, _about(row.id)), row)
            here = sighting.place == place and camera in (None, sighting.camera)
            if sighting.id == identity or (here and sighting.near(moment)):
                return sighting
        return None


def sightings(office: Office) -> tuple[Sighting, ...]:
    """Every sighting that still lives, oldest first. PolicyRefused outside a rehearsal folder."""
    if not office.store.rehearsal:
        raise PolicyRefused("sightings are listed in a rehearsal folder only: nobody may build a profile of movements")
    rows = office.store.sightings()
    keys = office.keystore.data_keys({row.subject for row in rows})
    opened = [
        _decoded(unseal(key, row.sealed, _about(row.id)), row) for row in rows if (key := keys[row.subject]) is not None
    ]
    return tuple(sorted(opened, key=lambda sighting: (sighting.opened_at, sighting.id)))


def purge(office: Office) -> int:
    """Delete sightings past their 24 hours, from the journal too; how many. To be called every few minutes."""
    count = office.store.purge(office.clock())
    if count:
        office.store.compact()
    return count


def _about(identity: SightingId) -> str:
    return f"sighting\x1f{identity}"


def _encoded(sighting: Sighting) -> bytes:
    return json.dumps(
        {
            "grant": sighting.grant,
            "camera": sighting.camera,
            "place": sighting.place,
            "opened_at": sighting.opened_at.isoformat(),
            "seen_at": sighting.seen_at.isoformat(),
            "shots": sighting.shots,
        }
    ).encode()


def _decoded(body: bytes, row: SealedSighting) -> Sighting:
    values: dict[str, Any] = json.loads(body)
    return Sighting(
        id=row.id,
        subject=row.subject,
        grant=GrantId(values["grant"]),
        camera=CameraId(values["camera"]),
        place=None if values["place"] is None else PlaceId(values["place"]),
        opened_at=datetime.fromisoformat(values["opened_at"]),
        seen_at=datetime.fromisoformat(values["seen_at"]),
        shots=values["shots"],
    )
