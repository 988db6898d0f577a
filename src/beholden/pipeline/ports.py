"""What the flow needs from others: who may be seen, where decisions go, where covered pixels go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from beholden.model.box import Box
from beholden.model.frame import CoveredFrame
from beholden.model.gallery import Gallery
from beholden.model.grant import Viewpoint
from beholden.model.ids import Epoch, ModelDigest, TrackId
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
    """Where decisions take effect (`acts.sighting`): the leaf first, then the sighting.

    `named` may be called again for the same track and person, and is idempotent. None means that it
    is not durable yet: the name does not take effect, and the same is asked again with the next
    frame. It raises LogUnavailable when the log cannot be written: then it never takes effect.
    """

    def named(self, viewpoint: Viewpoint, epoch: Epoch, track: TrackId, match: Known, moment: datetime) -> object | None: ...

    def ended(self, viewpoint: Viewpoint, track: TrackId, match: Match, moment: datetime, seconds: float) -> object: ...


class Show(Protocol):
    """Takes the only pixels that leave."""

    def __call__(self, covered: CoveredFrame, /) -> None: ...


@dataclass(frozen=True, slots=True)
class TrackDecision:
    """A track's answer changed: what a live view shows. Never stored; no score, no template.

    `where` is the face's box in fractions of the picture's width and height, 0-1.
    """

    viewpoint: Viewpoint
    track: TrackId
    at: datetime
    offset_s: float
    where: Box
    match: Match
    ended: bool = False
