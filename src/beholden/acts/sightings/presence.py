"""A person at a place: what a sighting is, and which sighting a moment belongs to. Pure; nothing is stored here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from beholden.acts.store import SealedSighting
from beholden.consent.lifetimes import LONGEST, full_hour
from beholden.consent.seal import seal, unseal
from beholden.model.ids import CameraId, GrantId, PlaceId, SightingId, SubjectId

ABSENCE = timedelta(seconds=60)
"""A sighting closes after this long without the person."""
LATE = timedelta(seconds=2)
"""Cameras of one place may differ by this much: so much later a sighting is marked as closed."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A person at a place (`place` None: in a file), from `opened_at` to `seen_at`, aware UTC of the pictures.

    `closed_at` is when their absence had lasted long enough, None while it has not. `dies_at` is when
    the sighting is deleted, by the office's clock.
    """

    id: SightingId
    subject: SubjectId
    grant: GrantId
    camera: CameraId
    place: PlaceId | None
    opened_at: datetime
    seen_at: datetime
    shots: int
    dies_at: datetime
    closed_at: datetime | None = None

    @property
    def where(self) -> Where:
        return Where.of(self.subject, self.place, self.camera)

    def near(self, moment: datetime) -> bool:
        """Whether the person at `moment` belongs to this sighting."""
        return self.opened_at - ABSENCE <= moment <= self.seen_at + ABSENCE

    def seen(self, moment: datetime, shots: int, dies_at: datetime) -> Sighting:
        """This sighting with the person seen at `moment` too; unchanged when they were seen since.

        Somebody who is seen after the last time is there again: the sighting is open. A moment that is
        told late, or told twice, changes nothing.
        """
        if moment <= self.seen_at:
            return self
        return replace(self, seen_at=moment, shots=max(self.shots, shots), dies_at=dies_at, closed_at=None)

    def closed(self) -> Sighting:
        """Closed at a moment that does not depend on when anybody noticed."""
        return replace(self, closed_at=self.seen_at + ABSENCE)

    def due(self, moment: datetime) -> bool:
        """Whether it is to be closed at `moment`."""
        return self.closed_at is None and self.seen_at + ABSENCE + LATE <= moment


@dataclass(frozen=True, slots=True)
class Where:
    """Within this, a person has one open sighting: a place with all its cameras, or one file (`camera`)."""

    subject: SubjectId
    place: PlaceId | None
    camera: CameraId | None

    @classmethod
    def of(cls, subject: SubjectId, place: PlaceId | None, camera: CameraId) -> Where:
        return cls(subject, place, camera if place is None else None)


def newest(sightings: Iterable[Sighting]) -> Sighting | None:
    """The one in which the person was seen last."""
    return max(sightings, key=lambda each: (each.seen_at, each.opened_at, each.id), default=None)


def belongs(sightings: Iterable[Sighting], identity: SightingId, moment: datetime) -> Sighting | None:
    """Which of somebody's sightings at one place the moment belongs to; None when another one begins.

    The one that the same track opened (`identity`), when it says so already; else the newest that is
    near; else that of the same track, however long ago: who stayed in the picture all the time never left.
    """
    known = tuple(sightings)
    own = next((each for each in known if each.id == identity), None)
    if own is not None and moment <= own.seen_at:
        return own
    return newest(each for each in known if each.near(moment)) or own


def settled(known: Iterable[Sighting], begun: Sighting) -> tuple[Sighting, tuple[Sighting, ...]]:
    """The sighting that a moment belongs to as it is then, and every one that is new or changed.

    `known` are somebody's sightings at one place, or only the newest when the moment is near that one;
    `begun` is the one that would begin with this moment. Of several, only the newest may be open.
    """
    others = {each.id: each for each in known}
    found = belongs(others.values(), begun.id, begun.opened_at)
    current = begun if found is None else found.seen(begun.seen_at, begun.shots, begun.dies_at)
    others.pop(current.id, None)
    last = newest((*others.values(), current))
    if last is not current:
        current = current.closed()
    ended = tuple(each.closed() for each in others.values() if each.closed_at is None and each is not last)
    return current, ((current,) if current != found else ()) + ended


def death(now: datetime) -> datetime:
    """When something that was seen now is deleted: within 24 hours, on the full hour (which tells less about when).

    A sighting may live otherwise by what it is for (`consent.lifetimes`).
    """
    return full_hour(now + LONGEST)


def sealed_sighting(sighting: Sighting, key: bytes) -> SealedSighting:
    """As it lies in storage: everything but whose it is and when it dies is sealed under their 32-byte key."""
    body = json.dumps(
        {
            "grant": sighting.grant,
            "camera": sighting.camera,
            "place": sighting.place,
            "opened_at": sighting.opened_at.isoformat(),
            "seen_at": sighting.seen_at.isoformat(),
            "shots": sighting.shots,
            "closed_at": None if sighting.closed_at is None else sighting.closed_at.isoformat(),
        }
    )
    return SealedSighting(
        sighting.id, sighting.subject, sighting.dies_at, seal(key, body.encode(), _about(sighting.id))
    )


def open_sighting(row: SealedSighting, key: bytes) -> Sighting:
    """The inverse of `sealed_sighting`. Raises SealBroken."""
    values: dict[str, Any] = json.loads(unseal(key, row.sealed, _about(row.id)))
    closed = values.get("closed_at")  # sightings of before 0.2 have none
    return Sighting(
        id=row.id,
        subject=row.subject,
        grant=GrantId(values["grant"]),
        camera=CameraId(values["camera"]),
        place=None if values["place"] is None else PlaceId(values["place"]),
        opened_at=datetime.fromisoformat(values["opened_at"]),
        seen_at=datetime.fromisoformat(values["seen_at"]),
        shots=values["shots"],
        dies_at=row.dies_at,
        closed_at=None if closed is None else datetime.fromisoformat(closed),
    )


def _about(identity: SightingId) -> str:
    return f"sighting\x1f{identity}"
