"""Rows to records and back: nothing else knows how a record lies in a table."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

from beholden.acts.store import AnswerCount, HourCount, Opening, SealedCamera, SealedSighting
from beholden.consent.registry import SealedTemplate, Subject, SubjectState
from beholden.model.camera import Camera, Zone
from beholden.model.event import TrackEnded
from beholden.model.grant import Basis, Grant, GrantState, Hours, Purpose
from beholden.model.ids import CameraId, GrantId, ModelDigest, PlaceId, SightingId, SubjectId
from beholden.model.template import EnrolledTemplate

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Row = Any
"""A SQLAlchemy row: columns are attributes of the types in `schema`."""


def stored_moment(moment: datetime) -> int:
    """Microseconds since 1970; whole numbers, so that nothing is rounded."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(stored: int) -> datetime:
    return _EPOCH + stored * _MICROSECOND


def subject_row(subject: Subject) -> dict[str, object]:
    return {
        "id": subject.id,
        "state": subject.state.value,
        "particulars": subject.particulars,
        "created_at": stored_moment(subject.created_at),
        "withdrawal": subject.withdrawal,
    }


def subject_of(row: Row) -> Subject:
    return Subject(
        SubjectId(row.id), SubjectState(row.state), row.particulars, moment_of(row.created_at), row.withdrawal
    )


def grant_row(grant: Grant) -> dict[str, object]:
    """A grant as a row of `grant`: places as JSON, hours as two times of day."""
    hours = grant.hours
    return {
        "id": grant.id,
        "subject": grant.subject,
        "purpose": grant.purpose.value,
        "basis": grant.basis.value,
        "places": json.dumps(sorted(grant.places)),
        "starts_at": stored_moment(grant.starts_at),
        "ends_at": stored_moment(grant.ends_at),
        "state": grant.state.value,
        "hours": None if hours is None else f"{hours.start.isoformat()}-{hours.end.isoformat()}",
        "recordings": grant.recordings,
    }


def grant_of(row: Row) -> Grant:
    """The grant of a row."""
    hours: Hours | None = None
    if row.hours is not None:
        start, end = row.hours.split("-")
        hours = Hours(time.fromisoformat(start), time.fromisoformat(end))
    return Grant(
        id=GrantId(row.id),
        subject=SubjectId(row.subject),
        purpose=Purpose(row.purpose),
        basis=Basis(row.basis),
        places=frozenset(PlaceId(place) for place in json.loads(row.places)),
        starts_at=moment_of(row.starts_at),
        ends_at=moment_of(row.ends_at),
        state=GrantState(row.state),
        hours=hours,
        recordings=row.recordings,
    )


def template_row(template: EnrolledTemplate, grant: GrantId) -> dict[str, object]:
    """A sealed template as a row of `template`, under the grant that allows it."""
    return {
        "subject": template.subject,
        "grant_id": grant,
        "sealed": template.sealed,
        "model": template.model,
        "captured_at": stored_moment(template.captured_at),
        "quality": template.quality,
        "shots": template.shots,
    }


def template_of(row: Row) -> SealedTemplate:
    """The sealed template of a row."""
    return SealedTemplate(
        subject=SubjectId(row.subject),
        grant=GrantId(row.grant_id),
        sealed=row.sealed,
        model=ModelDigest(row.model),
        captured_at=moment_of(row.captured_at),
        quality=row.quality,
        shots=row.shots,
    )


def sighting_row(sighting: SealedSighting) -> dict[str, object]:
    """Without `answered`, which is not changed by putting it."""
    return {
        "id": sighting.id,
        "subject": sighting.subject,
        "dies_at": stored_moment(sighting.dies_at),
        "sealed": sighting.sealed,
    }


def sighting_of(row: Row) -> SealedSighting:
    return SealedSighting(SightingId(row.id), SubjectId(row.subject), moment_of(row.dies_at), row.sealed, row.answered)


def opening_row(opening: Opening) -> dict[str, object]:
    """An opening of a leaf as a row of `opening`."""
    return {
        "commitment": opening.commitment,
        "body": opening.body,
        "about": opening.about,
        "intent": opening.intent,
        "created_at": stored_moment(opening.created_at),
        "leaf": opening.leaf,
        "outcome": opening.outcome,
        "result": opening.result,
        "noted": opening.noted,
        "place": opening.place,
        "dies_at": None if opening.dies_at is None else stored_moment(opening.dies_at),
    }


def opening_of(row: Row) -> Opening:
    """The opening of a row."""
    return Opening(
        commitment=row.commitment,
        body=row.body,
        about=None if row.about is None else SubjectId(row.about),
        intent=row.intent,
        created_at=moment_of(row.created_at),
        leaf=row.leaf,
        outcome=row.outcome,
        result=row.result,
        noted=row.noted,
        place=row.place,
        dies_at=None if row.dies_at is None else moment_of(row.dies_at),
    )


def track_end_row(event: TrackEnded, dies_at: datetime) -> dict[str, object]:
    """The end of a track as a row of `track_ends`, to be deleted at `dies_at`."""
    return {
        "at": stored_moment(event.at),
        "camera": event.camera,
        "place": event.place,
        "outcome": event.outcome,
        "reason": event.reason,
        "seconds": event.seconds,
        "dies_at": stored_moment(dies_at),
    }


def track_end_of(row: Row) -> TrackEnded:
    return TrackEnded(
        at=moment_of(row.at),
        camera=row.camera,
        place=row.place,
        outcome=row.outcome,
        reason=row.reason,
        seconds=row.seconds,
    )


def hour_count_row(count: HourCount) -> dict[str, object]:
    return {
        "place": count.place,
        "camera": count.camera,
        "hour": stored_moment(count.hour),
        "outcome": count.outcome,
        "count": count.count,
    }


def hour_count_of(row: Row) -> HourCount:
    # A SQLAlchemy row is a tuple too, whose `count` is a method.
    count: int = row._mapping["count"]
    return HourCount(PlaceId(row.place), CameraId(row.camera), moment_of(row.hour), row.outcome, count)


def answer_count_row(count: AnswerCount) -> dict[str, object]:
    return {
        "place": count.place,
        "day": stored_moment(datetime.combine(count.day, time(), UTC)),
        "right": count.right,
        "count": count.count,
    }


def answer_count_of(row: Row) -> AnswerCount:
    count: int = row._mapping["count"]
    return AnswerCount(PlaceId(row.place), moment_of(row.day).date(), row.right, count)


def known_of_camera(camera: Camera) -> dict[str, object]:
    """What is known about a camera as columns of `cameras`, its address left out: zones as JSON lists of corners."""
    return {
        "id": camera.id,
        "place": camera.place,
        "added_at": stored_moment(camera.added_at),
        "paused": camera.paused,
        "record": camera.record,
        "zones": json.dumps([zone.corners for zone in camera.zones]),
    }


def camera_row(camera: SealedCamera) -> dict[str, object]:
    return {**known_of_camera(camera.camera), "sealed": camera.sealed, "removal": camera.removal}


def camera_of(row: Row) -> SealedCamera:
    """The camera of a row."""
    camera = Camera(
        id=CameraId(row.id),
        place=PlaceId(row.place),
        added_at=moment_of(row.added_at),
        paused=row.paused,
        record=row.record,
        zones=tuple(Zone(tuple((float(x), float(y)) for x, y in corners)) for corners in json.loads(row.zones)),
    )
    return SealedCamera(camera, row.sealed, row.removal)
