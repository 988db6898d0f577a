"""A worker's way to the keeper: who may be seen, always current, and names that take effect.

One thread looks after the views: it looks at the header of the shared gallery every few hundredths
of a second, and asks again when it says that something changed. Another delivers names
(`supervise.keeper.delivery`). Whoever looks at pictures never waits for either.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from beholden.consent.segment import SegmentView
from beholden.consent.view import OpenView, check_alive
from beholden.model.errors import BeholdenError, KeeperSilent
from beholden.model.gallery import Gallery
from beholden.model.grant import Viewpoint
from beholden.model.ids import CameraId, ModelDigest, PlaceId
from beholden.model.template import check_same_model
from beholden.supervise.keeper.client import Client
from beholden.supervise.keeper.delivery import Delivery
from beholden.supervise.keeper.desk import tell_mistake
from beholden.supervise.keeper.messages import AskView, Seen, from_of
from beholden.supervise.keeper.wire import Peer, peer_of

POLL_S = 0.03
WAIT_S = 0.005
"""An answer that is not here is waited for this long."""
_ANSWER_S = 2.0
_PAUSES = (0.05, 0.1, 0.2, 0.5)
_UNUSED_S = 600.0
"""A viewpoint that nobody asked about for so long is forgotten: its camera was removed."""
_LATE = timedelta(seconds=1)
"""Pictures from before an edge of time are looked at after it: the view of before is kept for this long."""
_Key = tuple[CameraId, PlaceId | None]


@dataclass(slots=True)
class _Wanted:
    viewpoint: Viewpoint
    asked_s: float


class KeeperLink:
    """`clock` gives aware UTC, `clock_ns` is CLOCK_MONOTONIC. Made at once, whether the keeper answers or not."""

    def __init__(
        self,
        folder: Path,
        model: ModelDigest,
        clock: Callable[[], datetime],
        clock_ns: Callable[[], int] = time.monotonic_ns,
        credentials: Callable[[socket.socket], Peer] = peer_of,
    ) -> None:
        def connected() -> Client:
            return Client.connected(folder, _ANSWER_S, credentials)

        self._views = ViewFollower(connected, model, clock, clock_ns)
        self._delivery = Delivery(connected)

    def gate(self) -> ViewFollower:
        """The `Gate` of the pipeline."""
        return self._views

    def settle(self) -> Delivery:
        """The `Settle` of the pipeline."""
        return self._delivery

    def alive(self) -> bool:
        """Whether the keeper's heart beats. Waits for nothing."""
        return self._views.alive()

    def close(self) -> None:
        """Send what waits to be sent, if the keeper is there."""
        self._delivery.close()
        self._views.close()


class ViewFollower:
    """Views of every viewpoint that was asked about, kept current. Safe for several threads."""

    def __init__(
        self,
        connected: Callable[[], Client],
        model: ModelDigest,
        clock: Callable[[], datetime],
        clock_ns: Callable[[], int],
    ) -> None:
        self._connected, self._model = connected, model
        self._clock, self._clock_ns = clock, clock_ns
        self._news = threading.Condition()
        self._wanted: dict[_Key, _Wanted] = {}
        self._open: dict[_Key, tuple[OpenView, ...]] = {}
        self._segment: SegmentView | None = None
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="views of the keeper", daemon=True)
        self._thread.start()

    def revision(self) -> int:
        """The version of every view that holds now. Raises KeeperSilent."""
        return check_alive(self._mapped(), self._clock_ns())

    def gallery(self, viewpoint: Viewpoint, moment: datetime, model: ModelDigest) -> Gallery:
        """Who may be seen from there in a picture of `moment`. Raises KeeperSilent, ModelMismatch.

        When nothing that holds is here, because something has just changed, it waits for some milliseconds.
        """
        check_same_model(self._model, model)
        key = _key(viewpoint)
        self._wanted[key] = _Wanted(viewpoint, time.monotonic())
        refused = KeeperSilent("it is being asked who may be seen here")
        for last in (False, True):
            check_alive(self._mapped(), self._clock_ns())
            held = self._open.get(key, ())
            for view in held:
                try:
                    return view.gallery(moment, self._clock_ns())
                except KeeperSilent as error:
                    refused = error
            if not last:
                self._wait(key, held)
        raise refused

    def alive(self) -> bool:
        """Whether the keeper's heart beats."""
        with suppress(KeeperSilent):
            self.revision()
            return True
        return False

    def close(self) -> None:
        self._stop.set()
        self._wake.set()
        self._thread.join(2 * _ANSWER_S)

    def _mapped(self) -> SegmentView:
        segment = self._segment
        if segment is None:
            raise KeeperSilent("nobody keeps the data folder, or it is not known yet who does")
        return segment

    def _wait(self, key: _Key, held: tuple[OpenView, ...]) -> None:
        """Have it asked at once, and wait for some milliseconds for the answer."""
        with self._news:
            self._wake.set()
            self._news.wait_for(lambda: self._open.get(key, ()) is not held, WAIT_S)

    # -- the thread

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                with self._connected() as client:
                    self._segment = client.segment(self._model, _ANSWER_S)
                    failures = 0
                    self._follow(client)
            except BeholdenError:
                failures += 1
            except Exception as error:  # noqa: BLE001 - without this thread nobody is named until the worker ends
                tell_mistake(error)
                failures += 1
            finally:
                # Nobody looks after this memory any more: it is given back at once.
                with self._news:
                    self._segment = None
                    self._open.clear()
            if failures:
                self._stop.wait(_PAUSES[min(failures, len(_PAUSES)) - 1])

    def _follow(self, client: Client) -> None:
        """Keep the views current until the connection breaks. Raises KeeperSilent and its kin."""
        while not self._stop.is_set():
            self._wake.wait(POLL_S)
            self._wake.clear()
            if client.broken():
                raise KeeperSilent("the keeper of the data folder hung up")
            if self.alive():  # a keeper that stands still is not asked: its answer would be waited for
                self._refresh(client)
            elif self._mapped().heartbeat_ns == 0:  # closed: it was replaced, and somebody else was told first
                segment = client.segment(self._model, _ANSWER_S)
                with self._news:
                    self._segment = segment
                    self._open.clear()

    def _refresh(self, client: Client) -> None:
        """Ask about the viewpoints whose view does not hold any more, the last asked about first; asked and
        opened once per place, where that is the same."""
        shared: dict[PlaceId | None, OpenView] = {}
        for key, viewpoint in self._due():
            view = shared.get(key[1])
            if view is None:
                seen = client.ask(AskView(self._model, from_of(viewpoint), self._clock()), Seen, _ANSWER_S)
                segment = self._mapped()
                if seen.view.segment != segment.identity:
                    segment = client.segment(self._model, _ANSWER_S)
                    shared.clear()
                    with self._news:
                        self._segment = segment
                        self._open.clear()
                try:
                    view = OpenView(seen.view, segment)
                except KeeperSilent:  # it was replaced once more: asked again at the next look
                    continue
                if seen.camera is None:
                    shared[key[1]] = view
            self._take(key, view)

    def _take(self, key: _Key, view: OpenView) -> None:
        oldest = self._clock() - _LATE
        with self._news:
            before = (
                each
                for each in self._open.get(key, ())[:1]
                if each.view.version == view.view.version and each.view.until > oldest
            )
            self._open[key] = (view, *before)
            self._news.notify_all()

    def _due(self) -> list[tuple[_Key, Viewpoint]]:
        now, version = self._clock(), self._mapped().version
        unused = time.monotonic() - _UNUSED_S
        wanted = sorted(self._wanted.copy().items(), key=lambda each: -each[1].asked_s)
        due: list[tuple[_Key, Viewpoint]] = []
        for key, each in wanted:
            views = self._open.get(key)
            if each.asked_s < unused:
                with self._news:
                    del self._wanted[key]
                    self._open.pop(key, None)
            elif not views or views[0].view.version != version or not views[0].view.holds_at(now):
                due.append((key, each.viewpoint))
        return due


def _key(viewpoint: Viewpoint) -> _Key:
    return viewpoint.camera, None if viewpoint.place is None else viewpoint.place.id
