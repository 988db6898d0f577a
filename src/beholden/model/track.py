"""Who is the same face as in the frame before: a track, as other rooms see it."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.model.box import Box
from beholden.model.face import Face
from beholden.model.ids import TrackId


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """A face followed over frames, as of one frame.

    `box` is where it is, or where it is expected when `face` is None (not seen in this frame);
    pixels of the analysed picture. Times are seconds since the source began. `ambiguous` is true in
    the frame in which it could have been exchanged with another (a crossing): a name ends there.
    """

    id: TrackId
    box: Box
    face: Face | None
    began_s: float
    seen_s: float
    velocity: tuple[float, float]
    ambiguous: bool = False
