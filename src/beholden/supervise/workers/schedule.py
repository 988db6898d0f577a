"""Whose turn it is: earliest deadline first, and no camera is named while another waits to be covered. Pure.

A camera's frame is due one period after the start of its last one. Under overload that takes turns:
whoever was looked at longest ago comes first, however busy its picture is, so that all cameras lose
the same share. A frame is named before the next one of its camera is seen, so at most one frame
per camera is covered before the naming of the first begins, and naming cannot starve either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from beholden.model.ids import CameraId


class Work(StrEnum):
    """What can be done with a frame: all of it up to its covers, and then its names."""

    SEE = "see"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one camera stands; seconds of one clock.

    `waiting_s` is when the frame that waits arrived (None: none waits), `started_s` when the last
    frame was begun (minus infinity: never), `to_name` whether that frame has yet to be named.
    """

    camera: CameraId
    waiting_s: float | None
    started_s: float
    period_s: float
    to_name: bool = False

    @property
    def deadline_s(self) -> float:
        return self.started_s + self.period_s


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be done next."""

    camera: CameraId
    work: Work


def next_turn(standings: Iterable[Standing]) -> Turn | None:
    """The next thing to do, or None when nothing waits. Ties go to who waits longest, then by name."""
    best: tuple[tuple[float, float, str], Turn] | None = None
    naming: tuple[tuple[float, str], Turn] | None = None
    for one in standings:
        if one.to_name:
            rank = (one.started_s, one.camera)
            if naming is None or rank < naming[0]:
                naming = (rank, Turn(one.camera, Work.NAME))
        elif one.waiting_s is not None:
            key = (one.deadline_s, one.waiting_s, one.camera)
            if best is None or key < best[0]:
                best = (key, Turn(one.camera, Work.SEE))
    chosen = best or naming
    return None if chosen is None else chosen[1]
