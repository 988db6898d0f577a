"""A file's way to the keeper: each question is asked at once, and each name waited for.

A file is not watched live: its pictures are of any moment, and nothing is lost by waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from beholden.acts.sightings.counts import track_end
from beholden.acts.sightings.sighting import Named
from beholden.consent.segment import SegmentView
from beholden.consent.view import OpenView, check_alive
from beholden.model.errors import BeholdenError, KeeperSilent
from beholden.model.event import TrackEnded
from beholden.model.gallery import Gallery
from beholden.model.grant import Viewpoint
from beholden.model.ids import Epoch, ModelDigest, SightingId, TrackId
from beholden.model.match import Known, Match
from beholden.model.template import check_same_model
from beholden.supervise.keeper.acting import Acting

_TRIES = 5


class FileLink:
    """`Gate` and `Settle` of the pipeline over `acting`, for one thread. `clock_ns` is CLOCK_MONOTONIC."""

    def __init__(self, acting: Acting, model: ModelDigest, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._acting, self._model, self._clock_ns = acting, model, clock_ns
        self._segment: SegmentView | None = None
        self._open: dict[Viewpoint, OpenView] = {}

    def revision(self) -> int:
        """The version of every view that holds now. Raises KeeperSilent."""
        return self._current().version

    def gallery(self, viewpoint: Viewpoint, moment: datetime, model: ModelDigest) -> Gallery:
        """Who may be seen from there in a picture of `moment` (aware), by the keeper's answer. Raises KeeperSilent."""
        check_same_model(self._model, model)
        segment = self._current()
        held = self._open.get(viewpoint)
        refused = KeeperSilent("who may be seen changes faster than it can be asked")
        for _ in range(_TRIES):
            try:
                if held is not None:
                    return held.gallery(moment, None)
            except KeeperSilent as error:
                refused = error
            seen = self._acting.view(viewpoint, moment, model)
            if seen.view.segment != segment.identity:
                segment = self._segment = self._acting.segment(model)
                self._open.clear()
                if seen.view.segment != segment.identity:
                    continue
            held = self._open[viewpoint] = OpenView(seen.view, segment)
        raise refused

    def named(self, viewpoint: Viewpoint, epoch: Epoch, track: TrackId, match: Known, moment: datetime) -> SightingId:
        """The sighting, durable. Raises what it was refused with, KeeperSilent."""
        [result] = self._acting.settle([Named(viewpoint, epoch, track, match, moment)])
        if isinstance(result, BeholdenError):
            raise result
        return result

    def ended(self, viewpoint: Viewpoint, track: TrackId, match: Match, moment: datetime, seconds: float) -> TrackEnded:
        """Counted without any identity."""
        del track
        event = track_end(viewpoint, match, moment, seconds)
        self._acting.settle([], [event])
        return event

    def _current(self) -> SegmentView:
        """The segment, while somebody looks after it; else a new one, of whoever keeps the folder by then."""
        try:
            if self._segment is not None:
                check_alive(self._segment, self._clock_ns())
                return self._segment
        except KeeperSilent:
            self._open.clear()
        self._segment = self._acting.segment(self._model)
        return self._segment
