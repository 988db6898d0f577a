"""A live camera that a test watches: run in a thread, its frames and states kept, waited for with patience."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from beholden.model.camera import Camera, CameraHealth, CameraSpec, CameraState, Zone
from beholden.model.frame import Frame
from beholden.model.ids import CameraId, PlaceId
from beholden.video.camera.address import AddressRules
from beholden.video.camera.live import LiveCamera, LiveFrame, LiveOptions, Surroundings
from beholden.video.limits import Limits

PATIENCE_S = 60.0
RULES = AddressRules(loopback_only=True, files=True)


def spec_of(address: str, main: str | None = None, zones: Sequence[Zone] = (), name: str = "door") -> CameraSpec:
    camera = Camera(CameraId(name), PlaceId("lobby"), datetime.now(UTC), zones=tuple(zones))
    return CameraSpec(camera, address, main)


def wait_for(what: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Until `what()` holds; an error after so long."""
    until = time.monotonic() + patience_s
    while not what():
        if time.monotonic() > until:
            raise AssertionError("it did not happen")
        time.sleep(0.02)


class Watched:
    """`with Watched(spec) as camera:` its frames so far, every state it was in, and what it says of itself."""

    def __init__(
        self,
        spec: CameraSpec,
        *,
        rate: float | None = 5.0,
        analysis: tuple[int, int] | None = (640, 360),
        rules: AddressRules = RULES,
        around: Surroundings | None = None,
        limits: Limits | None = None,
    ) -> None:
        options = LiveOptions(analysis=analysis, rate=rate, limits=limits or Limits())
        self.camera = LiveCamera(spec, options, rules, around)
        self.frames: list[Frame] = []
        self.arrivals: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.camera.run, args=(self._deliver, self._stop), daemon=True)

    def _deliver(self, live: LiveFrame) -> None:
        self.frames.append(live.frame)
        self.arrivals.append(live.arrived_s)

    @property
    def health(self) -> CameraHealth:
        return self.camera.health()

    @property
    def state(self) -> CameraState:
        return self.camera.health().state

    def live(self, more: int = 1) -> None:
        """Until so many more frames have come."""
        wanted = len(self.frames) + more
        wait_for(lambda: len(self.frames) >= wanted)

    def until(self, state: CameraState, patience_s: float = PATIENCE_S) -> None:
        wait_for(lambda: self.state is state, patience_s)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
