"""What the keeper answers: use cases, views, names that take effect. It knows no sockets."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from beholden.acts.camera import cameras, check_press
from beholden.acts.office import Office
from beholden.acts.plans.matches import match_name, tell_match
from beholden.acts.sightings import sighting
from beholden.acts.sightings.counts import add_track_ends
from beholden.acts.sightings.sighting import Named, Sighting
from beholden.consent.gate import Gate
from beholden.consent.opened import Sought
from beholden.model.errors import BeholdenError, CameraUnknown, ConsentError, DataFolderError, PolicyRefused
from beholden.model.grant import Capture, Place, Purpose, Viewpoint
from beholden.model.ids import CameraId, ModelDigest, PlaceId, SightingId, SubjectId
from beholden.supervise.keeper.calls import Calls
from beholden.supervise.keeper.committer import Committer, Result
from beholden.supervise.keeper.messages import (
    AskSegment,
    AskView,
    Do,
    Done,
    Failed,
    From,
    Hello,
    NamedAt,
    OpenUntil,
    Press,
    Reply,
    Request,
    Seen,
    SegmentSent,
    Settle,
    Settled,
    Welcome,
    failure,
)

Places = Callable[[PlaceId], Place | None]


@dataclass(frozen=True, slots=True)
class OpenedOffice:
    """A data folder, opened for acts: what a keeper keeps. `places` are those of its settings.

    `close` is called when the keeper stops, and not before everything it was asked is done. `witness`
    shows the log's head to those outside who watch it; it may take seconds. While `held` nobody is named:
    what holds here was loosened, and nobody agreed to that yet.
    """

    office: Office
    places: Places
    close: Callable[[], None]
    witness: Callable[[], None] = lambda: None
    held: Callable[[], bool] = lambda: False


class Desk:
    """Answers, for several threads at once. Everything that went wrong is an answer, too."""

    def __init__(self, opened: OpenedOffice, gate: Gate, calls: Calls, pid: int) -> None:
        self._office = opened.office
        self._places = opened.places
        self._held = opened.held
        self._gate = gate
        self._calls = calls
        self._pid = pid
        self.settle = sighting.Settle(opened.office)
        self._matched: dict[SubjectId, tuple[Sought, str]] = {}
        """Of whom is looked for: the last match that was told."""
        self._committer = Committer(self.settle.settle_many)

    def answer(self, request: Request, fd: int | None = None) -> Reply:
        """Never raises, but for what no request can bring about (`KeyboardInterrupt`). `fd` stays the caller's."""
        try:
            return self._answer(request, fd)
        except BeholdenError as error:
            return failure(error)
        except Exception as error:  # noqa: BLE001 - a mistake of ours: one answer is lost, not the keeper
            tell_mistake(error)
            return failure(DataFolderError(f"the keeper made a mistake: {type(error).__name__}"))

    def segment(self, model: ModelDigest) -> int:
        """A descriptor of the gallery segment, for reading only; the caller closes it."""
        return self._gate.reader(model)

    def close(self) -> None:
        """Write what waits to be written."""
        self._committer.close()

    def _answer(self, request: Request, fd: int | None) -> Reply:
        match request:
            case Hello():
                return Welcome(self._office.store.rehearsal, self._pid)
            case Do():
                return self._do(request, fd)
            case Press():
                return self._press(request.camera)
            case AskView():
                return self._view(request)
            case AskSegment():
                return SegmentSent()
            case Settle():
                return self._settled(request)
            case _:
                raise DataFolderError("the keeper does not answer that here")

    def _do(self, request: Do, fd: int | None) -> Reply:
        call = self._calls.named(request.act)
        try:
            return Done(call.run(self._office, request.arguments, fd))
        finally:
            # Whatever the act changed, also one that failed half-way, holds everywhere before its call returns.
            with suppress(BeholdenError):  # then the heartbeat stops too, and nobody is named
                self._gate.revision()

    def _press(self, name: CameraId) -> Reply:
        camera = next((each for each in cameras(self._office) if each.id == name), None)
        if camera is None:
            raise CameraUnknown(f"there is no camera called {name!r} here")
        place = self._places(camera.place)
        if place is None:
            raise PolicyRefused(f"the settings know no place {camera.place!r}")
        check_press(camera, place)
        return OpenUntil(self._gate.press(name, self._office.clock()))

    def _view(self, asked: AskView) -> Reply:
        viewpoint, purposes = self._viewpoint(asked.viewpoint)
        rehearsal = self._office.store.rehearsal
        view = self._gate.view(viewpoint, purposes, asked.moment, asked.model, rehearsal)
        alone = asked.viewpoint.place is None or _has_button(viewpoint.place)
        return Seen(view, viewpoint.camera if alone else None)

    def _viewpoint(self, asked: From) -> tuple[Viewpoint, tuple[Purpose, ...]]:
        """The viewpoint with its place as the keeper knows it, and what recognition is for there.

        A file by itself meets every purpose that allows files; at a place that nobody knows, nobody is named.
        """
        if self._held():
            return Viewpoint(asked.camera, Place(asked.place or PlaceId(""), capture=None, purposes=())), ()
        if asked.place is None:
            return Viewpoint(asked.camera, None), tuple(Purpose)
        place = self._places(asked.place) or Place(asked.place, capture=None, purposes=())
        return Viewpoint(asked.camera, place), place.purposes

    def _settled(self, request: Settle) -> Reply:
        results: dict[int, SightingId | Failed] = {}
        allowed: dict[int, Named] = {}
        for number, asked in enumerate(request.named):
            try:
                allowed[number] = self._allowed(asked)
            except BeholdenError as error:
                results[number] = failure(error)
        for number, result in zip(allowed, self._committer.settle(tuple(allowed.values())), strict=True):
            results[number] = _told(result)
            if not isinstance(result, BeholdenError):
                self._tell_match(allowed[number], result)
        try:
            add_track_ends(self._office, request.ended)
        except BeholdenError as error:  # a count that could not be kept is no reason to refuse a name
            print(f"beholden keeper: ends of tracks were not counted: {error.one_line()}", file=sys.stderr)
        return Settled(tuple(results[number] for number in range(len(request.named))))

    def _tell_match(self, named: Named, seen: Sighting) -> None:
        """Whoever looks for them by a plan is told; what fails is tried again while they stay."""
        viewpoint, subject = named.viewpoint, named.match.subject
        purposes = () if viewpoint.place is None else viewpoint.place.purposes
        try:
            sought = self._gate.sought(viewpoint, purposes, named.moment, subject, self._office.store.rehearsal)
            if sought is None:
                return
            news = (sought, match_name(seen, named.moment))
            if self._matched.get(subject) != news:
                tell_match(self._office, seen, viewpoint.camera, named.moment)
                self._matched[subject] = news
        except BeholdenError as error:
            print(f"beholden keeper: a match of a plan was not told: {error.one_line()}", file=sys.stderr)

    def _allowed(self, asked: NamedAt) -> Named:
        """Ask the gate once more: who paused meanwhile, or withdrew, is not named any more. Raises ConsentError."""
        viewpoint, purposes = self._viewpoint(asked.viewpoint)
        match, rehearsal = asked.match, self._office.store.rehearsal
        if not self._gate.allows(viewpoint, purposes, asked.moment, match.subject, match.grant, rehearsal):
            raise ConsentError("this person may not be recognised there any more")
        return Named(viewpoint, asked.epoch, asked.track, match, asked.moment)


def _has_button(place: Place | None) -> bool:
    return place is not None and place.capture is Capture.BUTTON


def _told(result: Result) -> SightingId | Failed:
    return failure(result) if isinstance(result, BeholdenError) else result.id


def tell_mistake(error: BaseException) -> None:
    """Where it happened, on standard error; not its text, which may hold what nobody may read."""
    where = traceback.extract_tb(error.__traceback__)
    steps = "".join(f"  {Path(step.filename).name}:{step.lineno} {step.name}\n" for step in where)
    print(f"beholden keeper: a mistake of ours, {type(error).__name__}, at\n{steps}", end="", file=sys.stderr)
