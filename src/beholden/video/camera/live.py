"""One live camera: connecting, showing, losing it, coming back. For months."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from beholden.model.camera import CameraHealth, CameraSpec, CameraState, CameraStream
from beholden.model.errors import AddressRefused, BeholdenError, CameraRefused, SourceLost
from beholden.video.camera.address import AddressRules
from beholden.video.camera.backoff import Backoff
from beholden.video.camera.feed import Feed
from beholden.video.camera.frames import Frames, LiveFrame, LiveOptions
from beholden.video.camera.idle import Resting
from beholden.video.camera.main_stream import MainStream
from beholden.video.camera.reach import Surroundings, open_feed
from beholden.video.camera.resolve import Lookup
from beholden.video.camera.wall import WallClock
from beholden.video.camera.zones import Zones

_STEP_S = 0.5  # waits are cut into steps, so that whoever looks sees that nothing hangs
_ENDS_WITHIN_S = 15.0  # connecting and reading time out before that

__all__ = ["LiveCamera", "LiveFrame", "LiveOptions", "Resting", "Surroundings"]


class LiveCamera:
    """One camera as a source of frames, for a thread of its own (`run`). Everything else may be asked by any thread.

    Frames come at the analysis rate while the camera is there. `Frame.cut` is set on the first after a
    connection, a change of size or a jump of the stream's clock; whoever drops a frame carries its
    `cut` over to the next. `offset_s` goes on over connections, strictly increasing.
    """

    def __init__(
        self,
        spec: CameraSpec,
        options: LiveOptions,
        rules: AddressRules,
        around: Surroundings | None = None,
    ) -> None:
        """Opens nothing yet. Raises ValueError for impossible zones."""
        around = around or Surroundings()
        self._lookups = 0
        self._around = replace(around, lookup=partial(self._lookup, around.lookup))
        self._spec, self._rules = spec, rules
        now = self._around.monotonic()
        clocks = [WallClock(now, self._around.system()) for _ in range(2)]
        self._main = MainStream(clocks[1], self._around.system, options.limits) if spec.main is not None else None
        self._frames = Frames(
            spec.camera.id,
            options,
            Zones(spec.camera.zones),
            clocks[0],
            self._around.system,
            self._main.detail if self._main is not None else None,
        )
        self._link = _Link(self._around, partial(self._open, spec.address))
        self._main_link = _Link(self._around, partial(self._open, spec.main or ""))
        self._main_reader: threading.Thread | None = None

    def _open(self, address: str, pause: Callable[[float], object]) -> Feed:
        return open_feed(address, self._rules, self._around, pause, self._spec.fingerprint)

    def _lookup(self, lookup: Lookup, host: str, port: int, /, *, type: int) -> list[tuple[Any, ...]]:
        self._lookups += 1
        try:
            return lookup(host, port, type=type)
        finally:
            self._lookups -= 1

    @property
    def last_progress(self) -> float:
        """When the reading thread was last seen at work (monotonic seconds): a packet, a try, a wait.

        Every step times out within 15 s; while a name is looked up, which may take longer, it is now.
        If this stands still for longer, it hangs in FFmpeg, and only ending the process helps.
        """
        return self._around.monotonic() if self._lookups else self._link.last_progress

    @property
    def rate(self) -> float | None:
        """Analysed frames per second; None for all. May be set at any time."""
        return self._frames.rate

    @rate.setter
    def rate(self, rate: float | None) -> None:
        self._frames.rate = rate

    def looked(self, offset_s: float, *, still: bool) -> None:
        """The frame of `offset_s` was looked at. `still`: it shows nothing new, and nobody is followed in it.

        To be told of every frame, by one thread. Then only keyframes are decoded while nothing moves.
        """
        self._frames.looked(offset_s, still=still)

    def streams(self) -> tuple[CameraStream, ...]:
        """What it sends: the stream that is analysed, then the main one, if it has one."""
        both = (self._frames,) if self._main is None else (self._frames, self._main)
        return tuple(CameraStream(one.codec, one.size, one.read, one.bytes) for one in both)

    def health(self) -> CameraHealth:
        """How it is doing; what only its user can know (dropped frames, rates, latency) is left at the defaults."""
        frames, link = self._frames, self._link
        seen_at: datetime | None = frames.last.at if frames.last is not None else None
        error = link.error
        if error is None and self._main_link.error is not None:
            error = f"main stream: {self._main_link.error}"
        return CameraHealth(
            self._spec.camera.id,
            state=link.state,
            read=frames.read,
            analysed=frames.analysed,
            reconnects=link.reconnects,
            error=error,
            seen_at=seen_at,
        )

    def run(self, deliver: Callable[[LiveFrame], None], stop: threading.Event) -> None:
        """Deliver frames until `stop`, coming back after every loss. Never raises.

        `deliver` is called in this thread and must not wait, but for a moment with a frame that is `late`.
        Returns within a second of `stop` while pictures come, within the timeouts otherwise.
        """

        def take(feed: Feed) -> None:
            try:
                for arrival in feed.arrivals():
                    if stop.is_set():
                        return
                    for live in self._frames.take(feed, arrival):
                        self._link.showing(live.arrived_s)
                        deliver(live)
                    self._link.progress()
                    if self._main_reader is None and self._main is not None and self._link.state is CameraState.LIVE:
                        self._main_reader = self._read_main(self._main, stop)
            finally:
                if not stop.is_set():
                    for live in self._frames.lost():
                        deliver(live)

        self._link.keep(take, stop)
        if self._main_reader is not None:
            self._main_reader.join(_ENDS_WITHIN_S)

    def _read_main(self, main: MainStream, stop: threading.Event) -> threading.Thread:
        """Begun once the small stream is there: a wrong password is tried once, not twice."""

        def take(feed: Feed) -> None:
            try:
                for arrival in feed.arrivals():
                    if stop.is_set():
                        return
                    main.take(feed, arrival)
                    self._main_link.showing(arrival.arrived_s)
                    self._main_link.progress()
            finally:
                main.lost()

        reader = threading.Thread(target=self._main_link.keep, args=(take, stop), name="main stream", daemon=True)
        self._main_link.progress()  # it stood still until now because nobody ran it
        reader.start()
        return reader


class _Link:
    """Connections to one address, one after the other: its state, its last problem, and how long to wait."""

    def __init__(self, around: Surroundings, open_feed: Callable[[Callable[[float], object]], Feed]) -> None:
        self._around, self._open = around, open_feed
        self._backoff = Backoff(around.chance)
        self._live_s: float | None = None
        self._connections = 0
        self.state = CameraState.CONNECTING
        self.error: str | None = None
        self.last_progress = around.monotonic()

    @property
    def reconnects(self) -> int:
        """How often pictures came back."""
        return max(0, self._connections - 1)

    def progress(self) -> None:
        self.last_progress = self._around.monotonic()

    def showing(self, now_s: float) -> None:
        """A picture came."""
        if self._live_s is None:
            self._live_s = now_s
            self._connections += 1
            self.state, self.error = CameraState.LIVE, None
        self._backoff.good(now_s - self._live_s)

    def keep(self, take: Callable[[Feed], None], stop: threading.Event) -> None:
        """Connect, `take` what comes, and again, until `stop`."""
        while not stop.is_set():
            self._live_s = None
            self.progress()
            wait_s = self._once(take, stop)
            until = self._around.monotonic() + wait_s
            self.progress()
            while not stop.is_set() and (left := until - self._around.monotonic()) > 0:
                stop.wait(min(_STEP_S, left))
                self.progress()

    def _once(self, take: Callable[[Feed], None], stop: threading.Event) -> float:
        """One connection. Seconds to wait after it."""
        try:
            feed = self._open(stop.wait)
            try:
                take(feed)
            finally:
                feed.close()
        except (AddressRefused, CameraRefused) as error:
            return self._failed(CameraState.REFUSED, error)
        except BeholdenError as error:
            return self._failed(CameraState.LOST, error)
        except Exception as error:  # noqa: BLE001 - a camera can make the bindings of FFmpeg raise anything, and is tried again
            return self._failed(CameraState.LOST, SourceLost(f"it could not be read ({type(error).__name__})"))
        return 0.0

    def _failed(self, state: CameraState, error: BeholdenError) -> float:
        # The relay holds the error, and what raised it holds the relay and the decoder: a ring. Python looks for rings
        # of things that lived long almost never in a process that makes few, and this one is 8 MB.
        error.__traceback__ = error.__cause__ = error.__context__ = None
        self.state, self.error = state, _in_words(error)
        refused = state is CameraState.REFUSED
        return self._backoff.refused() if refused else self._backoff.lost()


def _in_words(error: BeholdenError) -> str:
    """What went wrong, without the address or path that some errors begin with."""
    head, separator, rest = error.message.partition(": ")
    return rest if separator and ("/" in head or " " not in head) else error.message
