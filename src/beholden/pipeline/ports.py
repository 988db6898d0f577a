"""What the flow needs from others: who may be seen, where decisions go, where covered pixels go."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from beholden.model.box import Box
from beholden.model.camera import CameraState
from beholden.model.frame import CoveredFrame, Frame
from beholden.model.gallery import Gallery
from beholden.model.grant import Viewpoint
from beholden.model.ids import Epoch, ModelDigest, SightingId, TrackId
from beholden.model.match import Known, Match


class Gate(Protocol):
    """The only source of galleries (`consent.gate`). Both may raise BeholdenError: then nobody is named."""

    def revision(self) -> int:
        """A number that changes with every change of people, grants and templates. Cheap: asked once a frame."""
        ...

    def gallery(self, viewpoint: Viewpoint, moment: datetime, model: ModelDigest) -> Gallery:
        """Who may be recognised from here at this moment."""
        ...


class Settle(Protocol):
    """Where decisions take effect (`acts.sightings.sighting`): the leaf first, then the sighting.

    `named` may be called again for the same track and person, and is idempotent. None means that it
    is not durable yet: the name does not take effect, and the same is asked again with the next
    frame. It raises LogUnavailable when the log cannot be written: then it never takes effect.
    """

    def named(
        self, viewpoint: Viewpoint, epoch: Epoch, track: TrackId, match: Known, moment: datetime
    ) -> SightingId | None: ...

    def ended(self, viewpoint: Viewpoint, track: TrackId, match: Match, moment: datetime, seconds: float) -> object: ...


class Show(Protocol):
    """Takes the only pixels that leave."""

    def __call__(self, covered: CoveredFrame, /) -> None: ...


class LiveFrame(Protocol):
    """A frame of a live camera, and when it arrived (`video.camera.live`).

    `arrived_s` is of the monotonic clock of this machine. `late`: it is one of several that come at once.
    """

    @property
    def frame(self) -> Frame: ...

    @property
    def arrived_s(self) -> float: ...

    @property
    def late(self) -> bool: ...


class SourceHealth(Protocol):
    """What a live source knows of itself: counters since it was made, `error` in words without an address."""

    @property
    def state(self) -> CameraState: ...

    @property
    def read(self) -> int: ...

    @property
    def reconnects(self) -> int: ...

    @property
    def error(self) -> str | None: ...


class LiveSource(Protocol):
    """A live camera's frames (`video.camera.live`), read on a thread of its own.

    `last_progress` is when it last came a step further (monotonic seconds): a picture, a failed try,
    a pause between two, whether the camera is there or not. When it stands still, the decoder hangs.
    """

    @property
    def last_progress(self) -> float: ...

    def run(self, deliver: Callable[[LiveFrame], None], stop: threading.Event) -> None:
        """Deliver frames until `stop`, through every loss of the camera. Never raises."""
        ...

    def health(self) -> SourceHealth: ...

    def looked(self, offset_s: float, *, still: bool) -> None:
        """To be told of every frame that was looked at: `still` shows nothing new, and nobody is followed in it."""
        ...


class Recording(Protocol):
    """Where the covered pictures of one camera are kept. Raises BeholdenError when they cannot be."""

    def write(self, covered: CoveredFrame, captured_at: datetime, /) -> object: ...

    def close(self) -> object: ...


@dataclass(frozen=True, slots=True)
class Moment:
    """When a frame was, and its size (width, height), without its pixels.

    `captured_at` aware UTC; `offset_s` seconds since the source began; `arrived_s` when it reached
    this machine, of its monotonic clock, None for a file.
    """

    captured_at: datetime
    offset_s: float
    size: tuple[int, int]
    arrived_s: float | None = None

    @classmethod
    def of(cls, frame: Frame, arrived_s: float | None = None) -> Moment:
        return cls(frame.captured_at, frame.offset_s, frame.size, arrived_s)


@dataclass(frozen=True, slots=True)
class TrackDecision:
    """A track's answer changed: what a live view shows. Never stored; no score, no template.

    `where` is the face's box in fractions of the picture's width and height, 0-1. `shot` is the
    moment of the shot that decided it (None: nothing was compared), so that the time from there to
    the event can be measured. `sighting`, of a name: what an answer to it is given about.
    """

    viewpoint: Viewpoint
    track: TrackId
    at: datetime
    offset_s: float
    where: Box
    match: Match
    ended: bool = False
    shot: Moment | None = None
    sighting: SightingId | None = None
