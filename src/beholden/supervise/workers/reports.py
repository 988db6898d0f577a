"""What goes between a worker and its supervisor: one JSON document a line, checked strictly on the way in.

To the worker: the list of cameras it has to run (`CameraSpec`, with passwords: a pipe, never an
argument). From the worker: who was recognised, how each camera is doing, and what is wrong. Never a
template, never a score, and no password.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from beholden.model.camera import CameraHealth, CameraSpec
from beholden.model.ids import CameraId, GrantId, PlaceId, SightingId, SubjectId, TrackId
from beholden.model.match import Known, Reason, Why
from beholden.pipeline.ports import TrackDecision

LONGEST = 1 << 22
"""Bytes of the longest line that is read: some thousand cameras."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A track's answer changed. `answer` is known, unknown or undecided; `subject` and `grant` are set when known.

    `shot_to_event_s` is how long it took from the arrival of the shot that decided it to this report, for somebody
    who is recognised; `sighting` is then what an answer of the desk is given about; `where` the face's box (x, y,
    width, height) in fractions of the picture.
    """

    camera: CameraId
    place: PlaceId | None
    track: TrackId
    at: datetime
    answer: str
    reason: Reason
    subject: SubjectId | None
    grant: GrantId | None
    shots: int
    error_rate: float | None
    extrapolated: bool
    ended: bool
    where: tuple[float, float, float, float]
    shot_to_event_s: float | None
    sighting: SightingId | None
    kind: Literal["decision"] = "decision"

    @property
    def why(self) -> str:
        """The reason in words."""
        return Why(self.reason, self.shots, self.error_rate, self.extrapolated).in_words()

    def as_values(self, who: str | None) -> dict[str, object]:
        """For machines; `who` is what the person is called here."""
        latency = self.shot_to_event_s
        return {
            "at": self.at.isoformat(timespec="milliseconds"),
            "camera": self.camera,
            "place": self.place,
            "track": self.track,
            "answer": self.answer,
            "who": who,
            "reason": str(self.reason),
            "why": self.why,
            "ended": self.ended,
            "where": [round(number, 4) for number in self.where],
            "shot_to_event_s": None if latency is None else round(latency, 4),
            "sighting": self.sighting,
        }


@dataclass(frozen=True, slots=True)
class Health:
    """How all cameras of a worker are doing, each second."""

    cameras: tuple[CameraHealth, ...]
    kind: Literal["health"] = "health"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a worker is about to end, in words; `camera` when it is that one's doing."""

    words: str
    camera: CameraId | None = None
    kind: Literal["problem"] = "problem"


Report = Decision | Health | Problem

_STRICT = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, allow_inf_nan=False)
_reports: TypeAdapter[Report] = TypeAdapter(Annotated[Report, Field(discriminator="kind")], config=_STRICT)
_specs: TypeAdapter[tuple[CameraSpec, ...]] = TypeAdapter(tuple[CameraSpec, ...], config=_STRICT)


def told(decision: TrackDecision, now_s: float) -> Decision:
    """A decision as it is told at `now_s` of the monotonic clock."""
    match, why, place = decision.match, decision.match.why, decision.viewpoint.place
    arrived_s = None if decision.shot is None else decision.shot.arrived_s
    box, event = decision.where, isinstance(match, Known) and not decision.ended
    return Decision(
        camera=decision.viewpoint.camera,
        place=None if place is None else place.id,
        track=decision.track,
        at=decision.at,
        answer=type(match).__name__.lower(),
        reason=why.reason,
        subject=match.subject if isinstance(match, Known) else None,
        grant=match.grant if isinstance(match, Known) else None,
        shots=why.shots,
        error_rate=why.error_rate,
        extrapolated=why.extrapolated,
        ended=decision.ended,
        where=(box.x, box.y, box.w, box.h),
        shot_to_event_s=max(0.0, now_s - arrived_s) if event and arrived_s is not None else None,
        sighting=decision.sighting,
    )


def write_report(report: Report) -> bytes:
    """One line."""
    return _reports.dump_json(report) + b"\n"


def read_report(line: bytes) -> Report | None:
    """The report of one line; None when it is none."""
    try:
        return _reports.validate_json(line)
    except ValidationError:
        return None


def write_cameras(specs: Sequence[CameraSpec]) -> bytes:
    """The cameras that a worker has to run, passwords included, as one line."""
    return _specs.dump_json(tuple(specs)) + b"\n"


def read_cameras(line: bytes) -> tuple[CameraSpec, ...] | None:
    """The cameras of one line; None when it is not such a list. Nothing of the line is ever told."""
    try:
        return _specs.validate_json(line)
    except ValidationError:
        return None
