"""The records in memory, with the promises of `acts.store`: shipped, so that nobody patches a database."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

from beholden.acts.store import (
    ANSWERS_LIVE,
    COUNTS_LIVE,
    AnswerCount,
    HourCount,
    Opening,
    Published,
    SealedCamera,
    SealedSighting,
)
from beholden.consent.life import Standing
from beholden.consent.registry import SealedTemplate, Snapshot, Subject, SubjectState
from beholden.model.camera import Camera
from beholden.model.errors import ConsentError, UnknownSubject
from beholden.model.event import TrackEnded
from beholden.model.grant import Grant, GrantState
from beholden.model.ids import CameraId, GrantId, PlaceId, SightingId, SubjectId
from beholden.storage.memory_standings import MemoryStandings
from beholden.storage.oversight_memory import MemoryOversight


class MemoryStore(MemoryStandings, MemoryOversight):
    """A `Store` that lives as long as the object."""

    def __init__(self, *, rehearsal: bool = True) -> None:
        super().__init__()
        self._rehearsal = rehearsal
        self._lock = threading.RLock()
        self._revision = 1
        self._subjects: dict[SubjectId, Subject] = {}
        self._grants: dict[GrantId, Grant] = {}
        self._templates: list[SealedTemplate] = []
        self._openings: dict[bytes, Opening] = {}
        self._published: Published | None = None
        self._in_force: dict[str, tuple[str, ...]] = {}
        self._sightings: dict[SightingId, SealedSighting] = {}
        self._track_ends: list[tuple[datetime, TrackEnded]] = []
        self._counts: dict[tuple[str, datetime, str, str], HourCount] = {}
        self._answers: dict[tuple[PlaceId, date, bool], int] = {}
        self._cameras: dict[CameraId, SealedCamera] = {}
        self._cameras_revision = 1

    @property
    def rehearsal(self) -> bool:
        return self._rehearsal

    def revision(self) -> int:
        return self._revision

    def snapshot(self) -> Snapshot:
        with self._lock:
            return Snapshot(self._revision, self.subjects(), self._sorted(), tuple(self._templates), self.standings())

    def subject(self, subject: SubjectId) -> Subject:
        try:
            return self._subjects[subject]
        except KeyError as error:
            raise UnknownSubject(f"there is nobody with the id {subject} here") from error

    def subjects(self) -> tuple[Subject, ...]:
        with self._lock:
            return tuple(sorted(self._subjects.values(), key=lambda subject: (subject.created_at, subject.id)))

    def grants(self, subject: SubjectId) -> tuple[Grant, ...]:
        with self._lock:
            return tuple(grant for grant in self._sorted() if grant.subject == subject)

    def _sorted(self) -> tuple[Grant, ...]:
        return tuple(sorted(self._grants.values(), key=lambda grant: (grant.starts_at, grant.id)))

    def add_subject(self, subject: Subject) -> None:
        with self._lock:
            if subject.id in self._subjects:
                raise ConsentError(f"the store refuses that: {subject.id} is there already")
            self._put(subject)

    def set_grant_states(self, states: Mapping[GrantId, GrantState]) -> None:
        with self._lock:
            held = {template.grant for template in self._templates}
            if any(state is GrantState.WITHDRAWN and grant in held for grant, state in states.items()):
                raise ConsentError("the store refuses that: delete the templates first")
            for grant, state in states.items():
                if grant in self._grants:
                    self._grants[grant] = replace(self._grants[grant], state=state)
                    self._revision += 1

    def begin_withdrawal(
        self, subject: SubjectId, leaf: int, standings: Mapping[GrantId, Standing] | None = None
    ) -> None:
        with self._lock:
            self._stand(standings or {})
            self._put(replace(self.subject(subject), state=SubjectState.WITHDRAWING, withdrawal=leaf))

    def delete_templates(self, subject: SubjectId) -> None:
        with self._lock:
            self._templates = [template for template in self._templates if template.subject != subject]
            self._revision += 1

    def delete_sightings(self, subject: SubjectId) -> None:
        with self._lock:
            self._sightings = {key: value for key, value in self._sightings.items() if value.subject != subject}

    def strip(self, subject: SubjectId) -> None:
        with self._lock:
            self.set_grant_states({grant.id: GrantState.WITHDRAWN for grant in self.grants(subject)})
            self._forget_invitations(subject)
            self._put(replace(self.subject(subject), particulars=None))

    def end_withdrawal(self, subject: SubjectId) -> None:
        with self._lock:
            self._put(replace(self.subject(subject), state=SubjectState.WITHDRAWN))

    def compact(self) -> None:
        """Nothing lies anywhere else."""

    def add_openings(self, openings: Sequence[Opening]) -> None:
        with self._lock:
            for opening in openings:
                self._openings.setdefault(opening.commitment, opening)

    def noted_of(self, commitments: Sequence[bytes]) -> dict[bytes, int | None]:
        with self._lock:
            return {each: self._openings[each].noted for each in commitments if each in self._openings}

    def set_noted(self, noted: Mapping[bytes, int]) -> None:
        with self._lock:
            for commitment, index in noted.items():
                self._openings[commitment] = replace(self._openings[commitment], noted=index)

    def waiting(self) -> tuple[Opening, ...]:
        with self._lock:
            found = [o for o in self._openings.values() if o.noted is not None and o.leaf is None]
        return tuple(sorted(found, key=lambda o: o.noted or 0))

    def in_force(self, what: str) -> tuple[str, ...] | None:
        with self._lock:
            return self._in_force.get(what)

    def put_in_force(self, what: str, lines: Sequence[str]) -> None:
        with self._lock:
            self._in_force[what] = tuple(lines)

    def published(self) -> Published | None:
        return self._published

    def publish(self, leaves: Mapping[bytes, int], done: Published) -> None:
        with self._lock:
            for commitment, leaf in leaves.items():
                self._openings[commitment] = replace(self._openings[commitment], leaf=leaf, place=None)
            self._published = done

    def set_leaves(self, leaves: Mapping[bytes, int]) -> None:
        with self._lock:
            for commitment, leaf in leaves.items():
                self._openings[commitment] = replace(self._openings[commitment], leaf=leaf)

    def drop_openings(self, commitments: Sequence[bytes]) -> None:
        with self._lock:
            for commitment in commitments:
                if self._openings[commitment].leaf is None and self._openings[commitment].noted is None:
                    del self._openings[commitment]

    def set_outcome(self, leaf: int, outcome: str, result: int | None = None) -> None:
        with self._lock:
            for commitment, opening in self._openings.items():
                if opening.leaf == leaf:
                    self._openings[commitment] = replace(opening, outcome=outcome, result=result)

    def openings(self, about: SubjectId | None = None) -> tuple[Opening, ...]:
        with self._lock:
            found = [each for each in self._openings.values() if about in (None, each.about)]
        return tuple(sorted(found, key=lambda o: (o.leaf is None, o.leaf or 0, o.noted or 0)))

    def openings_of_nobody(self, since: datetime) -> tuple[Opening, ...]:
        return tuple(each for each in self.openings() if each.about is None and each.created_at >= since)

    def opening(self, leaf: int) -> Opening | None:
        return next((opening for opening in self.openings() if opening.leaf == leaf), None)

    def newest_leaf(self) -> int | None:
        return max((opening.leaf for opening in self.openings() if opening.leaf is not None), default=None)

    def unsettled(self) -> tuple[Opening, ...]:
        return tuple(
            o for o in self.openings() if (o.leaf is None and o.noted is None) or (o.intent and o.result is None)
        )

    def put_sightings(
        self, sightings: Sequence[SealedSighting], noted: Mapping[bytes, int] | None = None
    ) -> frozenset[SightingId]:
        with self._lock:
            enrolled = {each.id for each in self._subjects.values() if each.state is SubjectState.ENROLLED}
            for each in sightings:
                if each.subject in enrolled:
                    held = self._sightings.get(each.id)
                    self._sightings[each.id] = replace(each, answered=None if held is None else held.answered)
            self.set_noted(noted or {})
            return frozenset(each.id for each in sightings if each.subject not in enrolled)

    def sightings(self, subject: SubjectId | None = None) -> tuple[SealedSighting, ...]:
        with self._lock:
            found = [s for s in self._sightings.values() if subject in (None, s.subject)]
            return tuple(sorted(found, key=lambda s: (s.dies_at, s.id)))

    def sighting(self, sighting: SightingId) -> SealedSighting | None:
        return self._sightings.get(sighting)

    def mark_answer(
        self, sighting: SightingId, right: bool, place: PlaceId, day: date, noted: Mapping[bytes, int]
    ) -> bool:
        with self._lock:
            self.set_noted(noted)
            held = self._sightings.get(sighting)
            if held is None:
                return False
            if held.answered is not right:
                if held.answered is not None:
                    self._count(place, day, held.answered, -1)
                self._count(place, day, right, 1)
                self._sightings[sighting] = replace(held, answered=right)
            return True

    def _count(self, place: PlaceId, day: date, right: bool, change: int) -> None:
        key = (place, day, right)
        self._answers[key] = self._answers.get(key, 0) + change
        if self._answers[key] <= 0:
            del self._answers[key]

    def answer_counts(self) -> tuple[AnswerCount, ...]:
        with self._lock:
            return tuple(AnswerCount(*key, count) for key, count in sorted(self._answers.items()))

    def purge(self, moment: datetime) -> int:
        with self._lock:
            self.purge_kept(moment)
            self._openings = {key: each for key, each in self._openings.items() if not _over(each, moment)}
            self._track_ends = [(dies_at, event) for dies_at, event in self._track_ends if dies_at > moment]
            oldest = moment - COUNTS_LIVE
            self._counts = {key: count for key, count in self._counts.items() if count.hour > oldest}
            day = moment - ANSWERS_LIVE
            self._answers = {
                key: count for key, count in self._answers.items() if datetime.combine(key[1], time(), UTC) > day
            }
            dead = [key for key, sighting in self._sightings.items() if sighting.dies_at <= moment]
            for key in dead:
                del self._sightings[key]
            return len(dead)

    def add_track_ends(self, events: Sequence[TrackEnded], dies_at: datetime, counts: Sequence[HourCount] = ()) -> None:
        with self._lock:
            self._track_ends.extend((dies_at, event) for event in events)
            for each in counts:
                key = (each.place, each.hour, each.camera, each.outcome)
                held = self._counts.get(key)
                self._counts[key] = each if held is None else replace(each, count=held.count + each.count)

    def track_ends(self) -> tuple[TrackEnded, ...]:
        with self._lock:
            return tuple(event for _, event in self._track_ends)

    def hour_counts(self, since: datetime, until: datetime) -> tuple[HourCount, ...]:
        with self._lock:
            return tuple(count for _, count in sorted(self._counts.items()) if since <= count.hour < until)

    def add_camera(self, camera: SealedCamera) -> None:
        with self._lock:
            if camera.camera.id in self._cameras:
                raise ConsentError(f"the store refuses that: there is a camera called {camera.camera.id} already")
            self._put_camera(camera)

    def cameras(self) -> tuple[SealedCamera, ...]:
        with self._lock:
            return tuple(self._cameras[camera] for camera in sorted(self._cameras))

    def change_camera(self, camera: Camera) -> None:
        with self._lock:
            if camera.id in self._cameras:
                self._put_camera(replace(self._cameras[camera.id], camera=camera))

    def begin_camera_removal(self, camera: CameraId, leaf: int) -> None:
        with self._lock:
            if camera in self._cameras:
                self._put_camera(replace(self._cameras[camera], sealed=None, removal=leaf))

    def delete_camera(self, camera: CameraId) -> None:
        with self._lock:
            if self._cameras.pop(camera, None) is not None:
                self._cameras_revision += 1

    def cameras_revision(self) -> int:
        return self._cameras_revision

    def _put_camera(self, camera: SealedCamera) -> None:
        self._cameras[camera.camera.id] = camera
        self._cameras_revision += 1


def _over(opening: Opening, moment: datetime) -> bool:
    return opening.dies_at is not None and opening.dies_at <= moment and opening.leaf is not None
