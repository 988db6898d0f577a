"""Who may be recognised here and now: the only builder of a `Gallery` (invariant I3, held by an architecture test).

`may_be_seen` decides, with a reason, and does nothing else. `Gate` asks it about everyone and opens
the templates of those who pass. Opened templates live in memory only, until the registry's revision
changes; the rows of people who may no longer be seen at all are then overwritten in place, also
in galleries handed out before.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from beholden.consent.keystore import Keystore
from beholden.consent.purposes import matches_files, policy_of
from beholden.consent.registry import Registry, SealedTemplate, Snapshot, SubjectState
from beholden.consent.seal import open_template
from beholden.model.errors import SealBroken
from beholden.model.gallery import Gallery
from beholden.model.grant import Closed, Grant, GrantState, Purpose, Viewpoint
from beholden.model.ids import GrantId, ModelDigest, SubjectId

_MOST_CACHED = 256


class Refusal(StrEnum):
    """Why a grant does not let its subject be recognised from a viewpoint at a moment."""

    NO_CAPTURE = "naming is off at this place until its capture is set"
    NOT_APPROVED = "this purpose needs approvals that nobody has given"
    OTHER_PLACE = "the grant does not name this place"
    OTHER_PURPOSE = "this place or file does not serve that purpose"
    NOT_IN_FILES = "the grant is for cameras: its recordings box is not ticked"
    NO_HOUR = "the grant is for certain hours, and a file has none"
    PAUSED = "the grant is paused"
    WITHDRAWN = "the grant was withdrawn"
    NOT_YET = "the grant has not begun"
    EXPIRED = "the grant has ended"
    OTHER_HOURS = "it is outside the hours that were agreed"


_CLOSED = {
    Closed.PAUSED: Refusal.PAUSED,
    Closed.WITHDRAWN: Refusal.WITHDRAWN,
    Closed.NOT_YET: Refusal.NOT_YET,
    Closed.EXPIRED: Refusal.EXPIRED,
    Closed.OTHER_HOURS: Refusal.OTHER_HOURS,
}


def may_be_seen(
    grant: Grant, viewpoint: Viewpoint, moment: datetime, purposes: Collection[Purpose] | None = None
) -> Refusal | None:
    """Why `grant` does not allow recognition from `viewpoint` at `moment` (aware) for one of `purposes`, or None.

    `purposes` None: whatever the place serves. A purpose that needs approvals each time is refused: no
    approval can be given yet. Pure.
    """
    if policy_of(grant.purpose).approvals:
        return Refusal.NOT_APPROVED
    if purposes is not None and grant.purpose not in purposes:
        return Refusal.OTHER_PURPOSE
    place = viewpoint.place
    if place is None:
        if not matches_files(grant.purpose, recordings=grant.recordings):
            return Refusal.NOT_IN_FILES
        if grant.hours is not None:
            return Refusal.NO_HOUR
        closed = grant.closed_at(moment)
    else:
        if place.capture is None:
            return Refusal.NO_CAPTURE
        if place.id not in grant.places:
            return Refusal.OTHER_PLACE
        if grant.purpose not in place.purposes:
            return Refusal.OTHER_PURPOSE
        closed = grant.closed_at(moment, place.zone)
    return None if closed is None else _CLOSED[closed]


@dataclass(frozen=True, slots=True, eq=False)
class _Opened:
    """All references of one model at one revision: row i of `vectors` (n, d) belongs to `subjects[i]`."""

    templates: tuple[SealedTemplate, ...]
    vectors: npt.NDArray[np.float32]
    grants: Mapping[SubjectId, tuple[Grant, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """A gallery and the span in which asking again gives the same: since <= moment < until."""

    gallery: Gallery
    since: datetime
    until: datetime


class _Rows:
    """The writable array behind a handed-out gallery, for as long as somebody holds it."""

    __slots__ = ("subjects", "vectors")

    def __init__(self, subjects: tuple[SubjectId, ...], vectors: npt.NDArray[np.float32]) -> None:
        self.subjects = subjects
        self.vectors: weakref.ref[npt.NDArray[np.float32]] = weakref.ref(vectors)

    def zero(self, gone: Collection[SubjectId]) -> None:
        vectors = self.vectors()
        if vectors is not None:
            for row, subject in enumerate(self.subjects):
                if subject in gone:
                    vectors[row] = 0.0


class Gate:
    """Builds galleries for (viewpoint, purposes, moment, model). Safe for several threads."""

    def __init__(self, registry: Registry, keystore: Keystore) -> None:
        self._registry = registry
        self._keystore = keystore
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._opened: dict[ModelDigest, _Opened] = {}
        self._answers: dict[object, _Answer] = {}
        self._issued: list[_Rows] = []
        self._unopened: frozenset[SubjectId] = frozenset()

    def revision(self) -> int:
        """The registry's revision now: a gallery of another one is out of date. Raises DataFolderError.

        Cheap; when it changed, who left is overwritten in every gallery before this returns.
        """
        with self._lock:
            return self._registry.revision() if self._snapshot is None else self._refreshed().revision

    @property
    def unopened(self) -> frozenset[SubjectId]:
        """People of the last gallery whose template did not open: nobody recognises them until they enrol again."""
        return self._unopened

    def gallery(
        self, viewpoint: Viewpoint, purposes: Collection[Purpose], moment: datetime, model: ModelDigest, rehearsal: bool
    ) -> Gallery:
        """Who may be recognised from `viewpoint` at `moment` (aware) for one of `purposes`, by `model`.

        `rehearsal` says that the pixels come from a file or loopback stream of a rehearsal. It must be
        what the folder is: a live camera never meets people who were enrolled from photos, and a file
        never plays a camera in a real folder. Otherwise, and at a place without `capture`, naming is
        off and the gallery is empty. One row per person: the newest template, under the first grant
        that allows it. Templates of other models are left out. Raises DataFolderError, KeystoreError.
        """
        with self._lock:
            snapshot = self._refreshed()
            place = viewpoint.place
            if rehearsal != self._registry.rehearsal or (place is not None and place.capture is None):
                return _nobody(model, snapshot.revision, naming=False)
            key = (place, frozenset(purposes), model)
            answer = self._answers.get(key)
            if answer is None or not answer.since <= moment < answer.until:
                answer = self._build(snapshot, viewpoint, frozenset(purposes), moment, model)
                if len(self._answers) >= _MOST_CACHED:
                    self._answers.clear()
                self._answers[key] = answer
            return answer.gallery

    def _refreshed(self) -> Snapshot:
        """The snapshot of the newest revision; on a change, who left is overwritten everywhere first."""
        revision = self._registry.revision()
        if self._snapshot is not None and self._snapshot.revision == revision:
            return self._snapshot
        snapshot = self._registry.snapshot()
        gone = _with_template(self._snapshot) - _with_template(snapshot)
        if gone:
            for rows in self._issued:
                rows.zero(gone)
        for opened in self._opened.values():
            opened.vectors.fill(0.0)
        self._opened.clear()
        self._answers.clear()
        self._snapshot = snapshot
        return snapshot

    def _build(
        self,
        snapshot: Snapshot,
        viewpoint: Viewpoint,
        purposes: frozenset[Purpose],
        moment: datetime,
        model: ModelDigest,
    ) -> _Answer:
        opened = self._open(snapshot, model)
        rows: list[int] = []
        subjects: list[SubjectId] = []
        grants: list[GrantId] = []
        since, until = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        for row, template in enumerate(opened.templates):
            chosen: GrantId | None = None
            for grant in opened.grants.get(template.subject, ()):
                since, until = _narrowed(grant, moment, since, until)
                if chosen is None and may_be_seen(grant, viewpoint, moment, purposes) is None:
                    chosen = grant.id
            if chosen is not None:
                rows.append(row)
                subjects.append(template.subject)
                grants.append(chosen)
        vectors = opened.vectors[rows]
        self._issued = [issued for issued in self._issued if issued.vectors() is not None]
        self._issued.append(_Rows(tuple(subjects), vectors))
        shown = vectors.view()
        shown.flags.writeable = False
        gallery = Gallery(tuple(subjects), tuple(grants), shown, model, snapshot.revision)
        return _Answer(gallery, since, until)

    def _open(self, snapshot: Snapshot, model: ModelDigest) -> _Opened:
        """Open the newest template of each enrolled person for one model, once per revision."""
        if model in self._opened:
            return self._opened[model]
        enrolled = {s.id for s in snapshot.subjects if s.state is SubjectState.ENROLLED}
        newest = {t.subject: t for t in snapshot.templates if t.model == model and t.subject in enrolled}
        keys = self._keystore.data_keys(newest)
        kept: list[SealedTemplate] = []
        vectors: list[npt.NDArray[np.float32]] = []
        unopened: set[SubjectId] = set()
        for subject, template in newest.items():
            key = keys[subject]
            try:
                vector = None if key is None else open_template(key, template.sealed, subject, model)
            except SealBroken:
                vector = None  # one altered row must not stop everybody else from being recognised
            if vector is None or (vectors and vector.shape != vectors[0].shape):
                unopened.add(subject)
                continue
            kept.append(template)
            vectors.append(vector)
        grants: dict[SubjectId, list[Grant]] = {}
        for grant in snapshot.grants:
            grants.setdefault(grant.subject, []).append(grant)
        matrix = np.stack(vectors) if vectors else np.zeros((0, 0), np.float32)
        opened = _Opened(tuple(kept), matrix, {subject: tuple(mine) for subject, mine in grants.items()})
        self._unopened = frozenset(unopened)
        self._opened[model] = opened
        return opened


def _nobody(model: ModelDigest, revision: int, *, naming: bool) -> Gallery:
    vectors = np.zeros((0, 0), np.float32)
    vectors.flags.writeable = False
    return Gallery((), (), vectors, model, revision, naming)


def _with_template(snapshot: Snapshot | None) -> frozenset[SubjectId]:
    """Who can be recognised somewhere: enrolled, with a template and a grant that is neither paused nor withdrawn."""
    if snapshot is None:
        return frozenset()
    enrolled = {s.id for s in snapshot.subjects if s.state is SubjectState.ENROLLED}
    active = {g.subject for g in snapshot.grants if g.state is GrantState.ACTIVE}
    return frozenset(t.subject for t in snapshot.templates if t.subject in enrolled and t.subject in active)


def _narrowed(grant: Grant, moment: datetime, since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """The part of since..until in which this grant answers as it does at `moment`.

    Hours are whole minutes of local time, so that within one second they do not change (time zones change on whole
    seconds); asking once a second is well inside the second that an expiry may take (I3).
    """
    for edge in (grant.starts_at, grant.ends_at):
        if edge <= moment:
            since = max(since, edge)
        else:
            until = min(until, edge)
    if grant.hours is not None:
        second = moment.replace(microsecond=0)
        since, until = max(since, second), min(until, second + timedelta(seconds=1))
    return since, until
