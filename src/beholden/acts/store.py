"""The promises of whoever keeps the records (storage does), owned by the acts that change them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from beholden.acts.store_life import LifeStore
from beholden.consent.invitation import Invitation
from beholden.consent.life import Standing
from beholden.consent.registry import Registry, Subject
from beholden.model.camera import Camera
from beholden.model.event import TrackEnded
from beholden.model.grant import Grant, GrantState
from beholden.model.ids import CameraId, GrantId, PlaceId, SightingId, SubjectId
from beholden.model.template import EnrolledTemplate

COUNTS_LIVE = timedelta(days=90)
"""Hourly counts are kept this long after the hour began."""
ANSWERS_LIVE = timedelta(days=365)
"""Counts of answers are kept this long after their day began."""
IN_FILES = PlaceId("")
"""The place under which answers to sightings in files are counted."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens one leaf: `body` is salt || canonical event, sealed under the key of `about` unless that is None.

    `leaf` is its index, None until it is known to be in the log. A fact of presence goes there with its hour
    (`acts.logged.hourly`): until then `noted` is its index in the log of the hour, and `place` whose batch it is in.
    `intent` leaves announce an act; `outcome` is what became of it ("done", or the name of an error), None while
    nobody knows, and `result` the index of the leaf that says so. At `dies_at` it goes, once its leaf is in the log.
    """

    commitment: bytes
    body: bytes
    about: SubjectId | None
    intent: bool
    created_at: datetime
    leaf: int | None = None
    outcome: str | None = None
    result: int | None = None
    noted: int | None = None
    place: str | None = None
    dies_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """The last `hour` (since 1970) whose batch is in the public log, and how many leaves that had with it."""

    hour: int
    size: int


@dataclass(frozen=True, slots=True)
class SealedSighting:
    """A sighting as it lies in storage: everything but whose it is and when it dies is sealed under their key.

    `answered` is whether somebody said that it was right, None while nobody has: set by `mark_answer` only.
    """

    id: SightingId
    subject: SubjectId
    dies_at: datetime
    sealed: bytes
    answered: bool | None = None


@dataclass(frozen=True, slots=True)
class SealedCamera:
    """A camera with its addresses sealed under a key of its own.

    While it is being removed, `removal` is the index of the leaf that announced that, and `sealed` is None.
    """

    camera: Camera
    sealed: bytes | None = field(repr=False)
    removal: int | None = None


@dataclass(frozen=True, slots=True)
class HourCount:
    """How many tracks of one camera ended as `outcome` in the hour (UTC) that began at `hour`. Nobody is in it."""

    place: PlaceId
    camera: CameraId
    hour: datetime
    outcome: str
    count: int


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """How many alerts of one place and day (UTC) were answered as right, or as wrong. Nobody is in it."""

    place: PlaceId
    day: date
    right: bool
    count: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A record of oversight (`acts.accounts.kept`): `sealed` under the key that the keystore calls `about`, and deleted
    by `purge` at `dies_at`."""

    kind: str
    id: str
    about: str
    sealed: bytes
    dies_at: datetime | None = None


class Store(Registry, LifeStore, Protocol):
    """Records of people, sightings, openings and cameras.

    - Every method is one transaction: done wholly and durably, or not at all.
    - Several threads and processes may use one store at once; a reader never waits for long.
    - A template cannot be stored without a grant of the same person that was not withdrawn.
    - What is deleted is overwritten; `compact` removes the last copies from the journal of the database.
    - Failures raise DataFolderError or StorageFull; what the rules above forbid raises ConsentError.
    """

    def subject(self, subject: SubjectId) -> Subject:
        """Raises UnknownSubject."""
        ...

    def subjects(self) -> tuple[Subject, ...]: ...

    def grants(self, subject: SubjectId) -> tuple[Grant, ...]: ...

    def add_subject(self, subject: Subject) -> None: ...

    def add_enrolment(
        self,
        subject: Subject,
        grants: Sequence[Grant],
        template: EnrolledTemplate,
        standings: Mapping[GrantId, Standing] | None = None,
        used: Invitation | None = None,
    ) -> None:
        """The subject (new, or replacing the record of an invited one), grants, and a template under the first.

        `used`: by which link, as it is afterwards; ConsentError, and nothing happens, where it was used or taken back.
        """
        ...

    def set_grant_states(self, states: Mapping[GrantId, GrantState]) -> None: ...

    def begin_withdrawal(
        self, subject: SubjectId, leaf: int, standings: Mapping[GrantId, Standing] | None = None
    ) -> None:
        """From now on nobody is recognised as this person; `leaf` announced it. `standings`: of the grants that end."""
        ...

    def delete_templates(self, subject: SubjectId) -> None: ...

    def delete_sightings(self, subject: SubjectId) -> None: ...

    def strip(self, subject: SubjectId) -> None:
        """Mark the grants withdrawn, remove the particulars and the links; the templates must be gone."""
        ...

    def end_withdrawal(self, subject: SubjectId) -> None: ...

    def compact(self) -> None:
        """Remove what was deleted from the journal too. Raises DataFolderError while a reader is in the way."""
        ...

    def add_openings(self, openings: Sequence[Opening]) -> None:
        """Keep them; one whose commitment is there already stays as it is."""
        ...

    def noted_of(self, commitments: Sequence[bytes]) -> dict[bytes, int | None]:
        """The index in the log of the hour of each opening that is there, None while it is not known."""
        ...

    def set_noted(self, noted: Mapping[bytes, int]) -> None:
        """The index in the log of the hour of each commitment."""
        ...

    def waiting(self) -> tuple[Opening, ...]:
        """Openings that are noted, and not in the public log yet, in the order in which they were noted."""
        ...

    def in_force(self, what: str) -> tuple[str, ...] | None:
        """What holds here, line by line, as it was last put; None when it never was."""
        ...

    def put_in_force(self, what: str, lines: Sequence[str]) -> None: ...

    def published(self) -> Published | None:
        """The last batch; None before the first."""
        ...

    def publish(self, leaves: Mapping[bytes, int], done: Published) -> None:
        """In one transaction: the leaf index of each commitment, whose place is forgotten, and the last batch."""
        ...

    def set_leaves(self, leaves: Mapping[bytes, int]) -> None:
        """The leaf index of each commitment."""
        ...

    def drop_openings(self, commitments: Sequence[bytes]) -> None:
        """Forget openings whose leaves never reached the log; others are kept."""
        ...

    def set_outcome(self, leaf: int, outcome: str, result: int | None = None) -> None:
        """What became of the act announced by `leaf`."""
        ...

    def openings(self, about: SubjectId | None = None) -> tuple[Opening, ...]:
        """All, or those sealed for one person, in the order of their leaves; those without a leaf last."""
        ...

    def openings_of_nobody(self, since: datetime) -> tuple[Opening, ...]:
        """Those created at or after `since` that are sealed for nobody, in the order of `openings`."""
        ...

    def opening(self, leaf: int) -> Opening | None:
        """What opens that leaf."""
        ...

    def newest_leaf(self) -> int | None:
        """The highest leaf index that is known here. Cheap, however many there are."""
        ...

    def unsettled(self) -> tuple[Opening, ...]:
        """Openings without a leaf that are not noted either, and intents without a result."""
        ...

    def put_sightings(
        self, sightings: Sequence[SealedSighting], noted: Mapping[bytes, int] | None = None
    ) -> frozenset[SightingId]:
        """Insert each, or replace the one of that id; and store `noted` as `set_noted` does, all in one transaction.

        Those whose subject is not enrolled (any more) are left out, and their ids are returned. Whether one
        was answered stays as it is.
        """
        ...

    def sightings(self, subject: SubjectId | None = None) -> tuple[SealedSighting, ...]: ...

    def sighting(self, sighting: SightingId) -> SealedSighting | None:
        """The sighting of that id; None when there is none (any more)."""
        ...

    def mark_answer(
        self, sighting: SightingId, right: bool, place: PlaceId, day: date, noted: Mapping[bytes, int]
    ) -> bool:
        """Mark a sighting as answered, and count that for the place and day; an earlier answer is taken back there.

        `noted` is stored in the same transaction, as `set_noted` does. False, and no sighting or count is
        changed, when the sighting is gone.
        """
        ...

    def answer_counts(self) -> tuple[AnswerCount, ...]:
        """All, by place and day, wrong ones before right ones."""
        ...

    def purge(self, moment: datetime) -> int:
        """Delete what dies at or before `moment`: sightings (how many), openings in the log, ends of tracks, counts."""
        ...

    def add_track_ends(self, events: Sequence[TrackEnded], dies_at: datetime, counts: Sequence[HourCount] = ()) -> None:
        """Keep `events` until `dies_at`, and add `counts` to those of the same place, camera, hour and outcome."""
        ...

    def track_ends(self) -> tuple[TrackEnded, ...]:
        """In the order in which they were added."""
        ...

    def hour_counts(self, since: datetime, until: datetime) -> tuple[HourCount, ...]:
        """Of hours that began in since <= hour < until; by place, hour, camera and outcome."""
        ...

    def add_camera(self, camera: SealedCamera) -> None:
        """Raises ConsentError when there is one of that id."""
        ...

    def cameras(self) -> tuple[SealedCamera, ...]:
        """All, also those that are being removed, by id."""
        ...

    def change_camera(self, camera: Camera) -> None:
        """Replace what is known of the camera of that id, but not its address."""
        ...

    def begin_camera_removal(self, camera: CameraId, leaf: int) -> None:
        """Forget the addresses: from now on the camera is being removed; `leaf` announced it."""
        ...

    def delete_camera(self, camera: CameraId) -> None: ...

    def cameras_revision(self) -> int:
        """A number that rises with every change of the cameras, by any process; never falls. Cheap."""
        ...

    def put_kept(self, kept: Sequence[Kept]) -> None:
        """Keep them; one of the same kind and id is replaced."""
        ...

    def kept(self, kind: str, about: Collection[str] | None = None) -> tuple[Kept, ...]:
        """Of that kind, and about any of those if any are given; by id."""
        ...

    def kept_about(self, about: str) -> tuple[Kept, ...]:
        """Of every kind, about this one; by kind and id."""
        ...

    def drop_kept(self, kind: str, ids: Collection[str]) -> None: ...

    def drop_about(self, about: str) -> None:
        """Everything of any kind about this one."""
        ...
