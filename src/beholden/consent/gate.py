"""Who may be recognised here and now (invariant I3).

`consent.allowing.may_be_seen` decides about one grant, with a reason, and does nothing else. `Gate` asks it
about everyone. Opened templates live in segments of memory (`consent.references`) that other processes
may look at; the row of whoever withdraws is overwritten in place, also in galleries handed out before.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from beholden.consent.allowing import Refusal, may_be_seen
from beholden.consent.buttons import Buttons
from beholden.consent.keystore import Keystore
from beholden.consent.living import Lives
from beholden.consent.opened import Opened, Sought
from beholden.consent.purposes import policy_of
from beholden.consent.references import References
from beholden.consent.registry import Registry, Snapshot, SubjectState
from beholden.consent.span import Span, hour_edges
from beholden.consent.view import View, gallery_of
from beholden.model.gallery import Gallery
from beholden.model.grant import Capture, Grant, Purpose, Viewpoint
from beholden.model.ids import CameraId, GrantId, ModelDigest, SubjectId

__all__ = ["Gate", "Refusal", "may_be_seen"]
_MOST_CACHED = 256


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    view: View
    gallery: Gallery


class Gate:
    """Builds galleries and views for (viewpoint, purposes, moment, model). Safe for several threads.

    `version` is where the numbers of its answers begin. `lives` says under which grants nobody is named though they
    would hold (`consent.living`); None for a folder that nobody keeps, such as the demo's. `opened`: for whom a find-me
    plan is open; None: for nobody.
    """

    def __init__(
        self,
        registry: Registry,
        keystore: Keystore,
        version: int = 1,
        lives: Lives | None = None,
        opened: Opened | None = None,
    ) -> None:
        self._lives, self._plans = lives, opened
        self._registry = registry
        self._keystore = keystore
        self._lock = threading.Lock()
        self._version = version
        self._heartbeat_ns = 0
        self._snapshot: Snapshot | None = None
        self._enrolled: frozenset[SubjectId] = frozenset()
        self._grants: dict[SubjectId, list[Grant]] = {}
        self._references: dict[ModelDigest, References] = {}
        self._answers: dict[object, _Answer] = {}
        self._buttons = Buttons()

    def revision(self) -> int:
        """A number that has grown whenever an answer may have changed. Raises DataFolderError, KeystoreError.

        Cheap; when the registry changed, who left is overwritten in every gallery before this returns.
        """
        with self._lock:
            self._refreshed()
            if self._plans is not None and self._plans.changed():
                self._raise_version()
            return self._version

    def beat(self, moment: datetime, clock_ns: Callable[[], int]) -> None:
        """Ask the registry, let buttons pressed before `moment` (aware, now) run out, then stamp the segments.

        They are stamped with `clock_ns` (CLOCK_MONOTONIC) as it was before the question: what was
        asked long ago is old, however late the answer came. Raises DataFolderError, KeystoreError:
        then nothing is stamped.
        """
        began = clock_ns()
        with self._lock:
            self._refreshed()
            changed = self._lives is not None and self._lives.changed()
            changed = (self._plans is not None and self._plans.changed()) or changed
            if self._buttons.end(moment) or changed:
                self._raise_version()
            self._heartbeat_ns = began
            for references in self._references.values():
                references.segment.heartbeat_ns = began

    def press(self, camera: CameraId, moment: datetime) -> datetime:
        """The button at `camera` was pressed at `moment` (aware): until when it may name there."""
        with self._lock:
            until = self._buttons.press(camera, moment)
            self._raise_version()
            return until

    @property
    def unopened(self) -> frozenset[SubjectId]:
        """People whose template did not open: nobody recognises them until they enrol again."""
        with self._lock:
            return frozenset[SubjectId]().union(*(each.unopened for each in self._references.values()))

    def gallery(
        self, viewpoint: Viewpoint, purposes: Collection[Purpose], moment: datetime, model: ModelDigest, rehearsal: bool
    ) -> Gallery:
        """Who may be recognised from `viewpoint` at `moment` (aware) for one of `purposes`, by `model`.

        `rehearsal` says that the pixels come from a file or loopback stream of a rehearsal. It must be
        what the folder is: a live camera never meets people who were enrolled from photos, and a file
        never plays a camera in a real folder. Otherwise, at a place without `capture` (or with a button
        that nobody pressed), and outside the place's hours, naming is off and the gallery is empty. One
        row per person: the newest template, under the first grant that allows it. Templates of other
        models are left out. Raises DataFolderError, KeystoreError.
        """
        with self._lock:
            return self._answer(viewpoint, frozenset(purposes), moment, model, rehearsal).gallery

    def view(
        self, viewpoint: Viewpoint, purposes: Collection[Purpose], moment: datetime, model: ModelDigest, rehearsal: bool
    ) -> View:
        """The same as `gallery`, for a process that maps the segment (`reader`)."""
        with self._lock:
            return self._answer(viewpoint, frozenset(purposes), moment, model, rehearsal).view

    def allows(
        self,
        viewpoint: Viewpoint,
        purposes: Collection[Purpose],
        moment: datetime,
        subject: SubjectId,
        grant: GrantId,
        rehearsal: bool,
    ) -> bool:
        """Whether a gallery built now would hold this person under this grant, for some model."""
        with self._lock:
            self._refreshed()
            mine = [each for each in self._living(subject, moment) if each.id == grant]
            naming = subject in self._enrolled and self._may_name(viewpoint, moment, rehearsal, Span(moment, "UTC"))
            return naming and any(self._may_be_seen(each, viewpoint, moment, purposes) for each in mine)

    def sought(
        self,
        viewpoint: Viewpoint,
        purposes: Collection[Purpose],
        moment: datetime,
        subject: SubjectId,
        rehearsal: bool,
    ) -> Sought | None:
        """The plan under which this person may be recognised from there now, whatever they were named for."""
        found = None if self._plans is None else self._plans.of(subject)
        if found is None:
            return None
        with self._lock:
            living = [each for each in self._living(subject, moment) if _only_when_opened(each)]
            naming = self._may_name(viewpoint, moment, rehearsal, Span(moment, "UTC"))
            allowed = naming and any(self._may_be_seen(each, viewpoint, moment, purposes) for each in living)
            return found if allowed else None

    def reader(self, model: ModelDigest) -> int:
        """A descriptor of the segment of `model`, for reading only; the caller closes it. Raises as `gallery` does."""
        with self._lock:
            return os.dup(self._opened(self._refreshed(), model).segment.reader)

    def locked(self) -> bool:
        """Whether every segment is locked in memory, so that no page of it reaches a swap device."""
        with self._lock:
            return all(each.segment.locked for each in self._references.values())

    def close(self) -> None:
        """Overwrite every segment: nobody is recognised by them from now on."""
        with self._lock:
            for references in self._references.values():
                references.close()
            self._references.clear()
            self._answers.clear()

    def _refreshed(self) -> Snapshot:
        """The snapshot of the newest revision; on a change, who left is overwritten everywhere first."""
        revision = self._registry.revision()
        if self._snapshot is not None and self._snapshot.revision == revision:
            return self._snapshot
        snapshot = self._registry.snapshot()
        for references in self._references.values():
            references.forget(snapshot, self._keystore)
        self._enrolled = frozenset(s.id for s in snapshot.subjects if s.state is SubjectState.ENROLLED)
        self._grants.clear()
        if self._lives is not None:
            self._lives.follow(snapshot)
        for grant in snapshot.grants:
            self._grants.setdefault(grant.subject, []).append(grant)
        self._raise_version()
        self._snapshot = snapshot
        return snapshot

    def _raise_version(self) -> None:
        self._version += 1
        self._answers.clear()
        for references in self._references.values():
            references.segment.version = self._version

    def _opened(self, snapshot: Snapshot, model: ModelDigest) -> References:
        """The references of a model, of this snapshot."""
        references = self._references.get(model)
        if references is None:
            references = self._references[model] = References(model)
            references.segment.version, references.segment.heartbeat_ns = self._version, self._heartbeat_ns
        references.follow(snapshot, self._keystore)
        return references

    def _answer(
        self,
        viewpoint: Viewpoint,
        purposes: frozenset[Purpose],
        moment: datetime,
        model: ModelDigest,
        rehearsal: bool,
    ) -> _Answer:
        snapshot = self._refreshed()
        references = self._opened(snapshot, model)
        place = viewpoint.place
        button = place is not None and place.capture is Capture.BUTTON
        key = (place, viewpoint.camera if button else None, purposes, model, rehearsal)
        answer = self._answers.get(key)
        if answer is None or not answer.view.holds_at(moment):
            view = self._view(references, viewpoint, purposes, moment, rehearsal)
            answer = _Answer(view, gallery_of(view, references.segment.shown()))
            if len(self._answers) >= _MOST_CACHED:
                self._answers.clear()
            self._answers[key] = answer
        return answer

    def _view(
        self,
        references: References,
        viewpoint: Viewpoint,
        purposes: frozenset[Purpose],
        moment: datetime,
        rehearsal: bool,
    ) -> View:
        span = Span(moment, viewpoint.place.zone if viewpoint.place is not None else "UTC")
        chosen: list[tuple[SubjectId, GrantId, int]] = []
        hidden: list[GrantId] = []
        naming = self._may_name(viewpoint, moment, rehearsal, span)
        for subject, row in references.rows() if naming else ():
            mine = self._grants.get(subject, ())
            for grant in mine:
                span.narrow(grant)
                span.take(() if self._lives is None else self._lives.edges(grant))
            span.take(() if self._plans is None else self._plans.edges(subject))
            living = sorted(self._living(subject, moment), key=_only_when_opened)
            allowing = (grant for grant in living if self._may_be_seen(grant, viewpoint, moment, purposes))
            if (first := next(allowing, None)) is not None:
                chosen.append((subject, first.id, row))
                if _only_when_opened(first):
                    hidden.append(first.id)
        return View(
            subjects=tuple(subject for subject, _, _ in chosen),
            grants=tuple(grant for _, grant, _ in chosen),
            rows=tuple(row for _, _, row in chosen),
            model=references.model,
            naming=naming,
            since=span.since,
            until=span.until,
            version=self._version,
            segment=references.segment.identity,
            hidden=tuple(hidden),
        )

    def _may_be_seen(self, grant: Grant, viewpoint: Viewpoint, moment: datetime, purposes: Collection[Purpose]) -> bool:
        opened = self._plans is not None and self._plans.holds(grant.subject, moment)
        return may_be_seen(grant, viewpoint, moment, purposes, opened=opened) is None

    def _living(self, subject: SubjectId, moment: datetime) -> list[Grant]:
        """The grants of somebody under which their own say, and time, let them be named at all."""
        mine, lives, rehearsal = self._grants.get(subject, []), self._lives, self._registry.rehearsal
        if lives is None:
            return mine
        return [grant for grant in mine if lives.unnamed(grant, moment, rehearsal=rehearsal) is None]

    def _may_name(self, viewpoint: Viewpoint, moment: datetime, rehearsal: bool, span: Span) -> bool:
        """Whether anybody may be named from a viewpoint; narrows `span` to where that is the answer."""
        place = viewpoint.place
        if rehearsal != self._registry.rehearsal or (place is not None and place.capture is None):
            return False
        if place is None:
            return True
        if place.hours is not None:
            span.take(hour_edges(place.hours, place.zone, moment))
        pressed = place.capture is not Capture.BUTTON or self._buttons.open_at(viewpoint.camera, moment, span)
        return pressed and place.open_at(moment)


def _only_when_opened(grant: Grant) -> bool:
    """Whether it names only while a plan is open. It comes last: who is named for something else goes on being that."""
    return policy_of(grant.purpose).opening is not None
