"""Names on their way from a worker to the keeper: sent until they are acknowledged, which means durable.

`named` never waits. A name that is not acknowledged yet is asked for again with the next picture; one
that the keeper refused, or did not answer in time, is not a name. Whatever is sent twice is the
same sighting, because its id is a hash of what it is about.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from beholden.acts.sightings.counts import track_end
from beholden.acts.sightings.sighting import Named
from beholden.model.errors import BeholdenError, KeeperSilent
from beholden.model.event import TrackEnded
from beholden.model.grant import Viewpoint
from beholden.model.ids import CameraId, Epoch, SightingId, SubjectId, TrackId
from beholden.model.match import Known, Match
from beholden.supervise.keeper.client import Client
from beholden.supervise.keeper.desk import tell_mistake
from beholden.supervise.keeper.messages import Failed, NamedAt, Settle, Settled, error_of, named_at

UNANSWERED_S = 2.0
"""A name that is not acknowledged within this time does not take effect."""
TELL_AGAIN = timedelta(seconds=5)
"""Somebody who stays in view is told again this often, so that their sighting stays open."""
MOST_ENDED = 10_000
MOST_NAMES = 10_000
AT_ONCE = 128
_ENDED_AT_ONCE = 500
_LINGER_S = 0.5
"""Ends of tracks wait this long for others: nobody waits for them."""
_ANSWER_S = 5.0
_PAUSES = (0.05, 0.1, 0.2, 0.5)
Key = tuple[CameraId, Epoch, TrackId, SubjectId]


@dataclass(slots=True)
class _Name:
    """What the keeper is to know of one track: `request`, of `asked_s`; `seen_at` is when it was there last."""

    request: NamedAt
    asked_s: float
    seen_at: datetime
    sighting: SightingId | None = None
    error: BeholdenError | None = None
    ended: bool = False


class Delivery:
    """`Settle` of the pipeline, for a worker. `connected` makes a connection to the keeper, or raises BeholdenError."""

    def __init__(self, connected: Callable[[], Client]) -> None:
        self._connected = connected
        self._changed = threading.Condition()
        self._names: dict[Key, _Name] = {}
        self._queue: dict[Key, None] = {}
        self._ended: deque[TrackEnded] = deque()
        self._closing = threading.Event()
        self.dropped = 0
        """Ends of tracks that were never sent, because the keeper was away for too long."""
        self._thread = threading.Thread(target=self._run, name="names to the keeper", daemon=True)
        self._thread.start()

    def named(
        self, viewpoint: Viewpoint, epoch: Epoch, track: TrackId, match: Known, moment: datetime
    ) -> SightingId | None:
        """The sighting once it is durable, None while it is not. Raises why the keeper refused it, or KeeperSilent."""
        request = named_at(Named(viewpoint, epoch, track, match, moment))
        key: Key = (viewpoint.camera, epoch, track, match.subject)
        now = time.monotonic()
        with self._changed:
            name = self._names.get(key)
            if name is None or name.request.match.grant != match.grant:
                self._tell(key, _Name(request, now, moment))
                return None
            if name.error is not None:
                self._forget(key)
                raise name.error
            name.seen_at = max(name.seen_at, moment)
            if name.sighting is None:
                if now - name.asked_s > UNANSWERED_S:
                    self._forget(key)
                    raise KeeperSilent("the keeper did not say in time that the name was recorded")
                return None
            if moment >= name.request.moment + TELL_AGAIN or match.why.shots > name.request.match.why.shots:
                name.request, name.asked_s = request, now
                self._queue[key] = None
                self._changed.notify_all()
            return name.sighting

    def ended(self, viewpoint: Viewpoint, track: TrackId, match: Match, moment: datetime, seconds: float) -> None:
        """Sent together with others, some time soon; without any identity."""
        with self._changed:
            for key, name in self._names.items():
                if (key[0], key[2]) == (viewpoint.camera, track):
                    name.ended = True
                    if name.sighting is not None and name.seen_at > name.request.moment:
                        name.request = replace(name.request, moment=name.seen_at)
                        self._queue[key] = None
            for key in [
                k
                for k, name in self._names.items()
                if name.ended and k not in self._queue and (name.sighting or name.error)
            ]:
                del self._names[key]
            if len(self._ended) >= MOST_ENDED:
                self._ended.popleft()
                self.dropped += 1
            self._ended.append(track_end(viewpoint, match, moment, seconds))
            self._changed.notify_all()

    def close(self) -> None:
        """Send what waits, once, if the keeper is there; then nothing more."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join(_ANSWER_S)

    # -- under the lock

    def _tell(self, key: Key, name: _Name) -> None:
        while len(self._names) >= MOST_NAMES:
            self._forget(next(iter(self._names)))
        self._names[key] = name
        self._queue[key] = None
        self._changed.notify_all()

    def _forget(self, key: Key) -> None:
        self._names.pop(key, None)
        self._queue.pop(key, None)

    def _taken(self) -> tuple[list[tuple[Key, NamedAt]], list[TrackEnded]]:
        """What to send next; it is no longer in the queue, and comes back when it could not be sent."""
        late = time.monotonic() - UNANSWERED_S
        for key in [k for k in self._queue if self._names[k].sighting is None and self._names[k].asked_s < late]:
            if self._names[key].ended:
                self._forget(key)  # nobody will ask for it again
        keys = list(islice(self._queue, AT_ONCE))
        for key in keys:
            del self._queue[key]
        ended = [self._ended.popleft() for _ in range(min(len(self._ended), _ENDED_AT_ONCE))]
        return [(key, self._names[key].request) for key in keys], ended

    def _answered(self, sent: Sequence[tuple[Key, NamedAt]], told: Settled) -> None:
        for (key, request), result in zip(sent, told.results, strict=True):
            name = self._names.get(key)
            if name is None or name.request.match.grant != request.match.grant:
                continue  # asked under another grant meanwhile: this is no answer to that
            if isinstance(result, Failed):
                name.error = error_of(result)
            elif name.sighting is None:
                name.sighting = result
            if name.ended and key not in self._queue:
                del self._names[key]

    def _back(self, sent: Sequence[tuple[Key, NamedAt]]) -> None:
        """To be sent again, before what came meanwhile."""
        again = {key: None for key, _ in sent if key in self._names}
        self._queue = {**again, **self._queue}

    # -- the thread

    def _run(self) -> None:
        client: Client | None = None
        failures = 0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._queue or self._ended) or self._closing.is_set())
                if not self._queue and not self._closing.is_set():
                    self._changed.wait_for(lambda: bool(self._queue) or self._closing.is_set(), _LINGER_S)
                idle = not self._queue and not self._ended
            if idle:
                break  # it is closing, and there is nothing left to send
            try:
                if client is not None and client.broken():
                    client.close()
                    client = None
                client = client or self._connected()
                self._send(client)
                failures = 0
            except Exception as error:  # noqa: BLE001 - without this thread no name would take effect any more
                if not isinstance(error, BeholdenError):
                    tell_mistake(error)
                failures += 1
                if client is not None:
                    client.close()
                    client = None
            if self._closing.is_set():
                break
            if failures:
                self._closing.wait(_PAUSES[min(failures, len(_PAUSES)) - 1])
        if client is not None:
            client.close()

    def _send(self, client: Client) -> None:
        with self._changed:
            sent, ended = self._taken()
        if not sent and not ended:
            return
        try:
            told = client.ask(Settle(tuple(request for _, request in sent), tuple(ended)), Settled, _ANSWER_S)
        except BaseException:  # names go back into the queue; ends do not: they may have been counted
            with self._changed:
                self._back(sent)
            raise
        with self._changed:
            self._answered(sent, told)
