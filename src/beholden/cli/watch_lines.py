"""What `beholden watch` tells of a file: a line for each answer that changed, or a JSON object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from beholden.cli.options import emit
from beholden.model.ids import SightingId, SubjectId
from beholden.model.match import Known, Match, Undecided

if TYPE_CHECKING:
    from beholden.pipeline.ports import TrackDecision
    from beholden.supervise.keeper.acting import Acting

Label = Callable[[SubjectId], str]


@dataclass(frozen=True, slots=True)
class Telling:
    """How decisions are told: names by subject, with every reason or without, as lines or as JSON."""

    label: Label
    explain: bool
    as_json: bool
    rehearsal: bool


def say(decision: TrackDecision, source: str, telling: Telling) -> None:
    """Print one answer. Ends of tracks are told to machines, and to whoever asked for every reason."""
    if telling.as_json:
        emit(_as_values(decision, source, telling))
        return
    if decision.ended and not telling.explain:
        return
    match = decision.match
    who = f"{_who(match, telling.label)}{' (gone)' if decision.ended else ''}"
    face = decision.track.rpartition("-")[2]
    typer.echo(f"{_clock(decision.offset_s)}  {source}  face {face}  {who}: {match.why.in_words()}")
    if telling.explain:
        typer.echo(f"           {_rate_in_words(match)}{_sighting_in_words(decision.sighting)}")


def _as_values(decision: TrackDecision, source: str, telling: Telling) -> dict[str, object]:
    match = decision.match
    return {
        "at": decision.at.isoformat(timespec="milliseconds"),
        "offset_s": round(decision.offset_s, 3),
        "source": source,
        "camera": decision.viewpoint.camera,
        "place": None if decision.viewpoint.place is None else decision.viewpoint.place.id,
        "track": decision.track,
        "answer": type(match).__name__.lower(),
        "who": telling.label(match.subject) if isinstance(match, Known) else None,
        "reason": str(match.why.reason),
        "why": match.why.in_words(),
        "sighting": decision.sighting,
        "ended": decision.ended,
        "rehearsal": telling.rehearsal,
    }


def _clock(offset_s: float) -> str:
    """Time into the source, cut to tenths: `0:01:05.3`."""
    tenths = int(offset_s * 10 + 1e-6)
    return f"{tenths // 36000}:{tenths // 600 % 60:02}:{tenths // 10 % 60:02}.{tenths % 10}"


def _rate_in_words(match: Match) -> str:
    why = match.why
    if why.error_rate is None:
        return "no comparison was made"
    reach = "; beyond the measured data, extrapolated" if why.extrapolated else ""
    return f"at most {why.error_rate:g} of strangers' tracks may be named{reach}"


def _sighting_in_words(sighting: SightingId | None) -> str:
    """What `beholden answer` is given."""
    return "" if sighting is None else f"; sighting {sighting}"


def _who(match: Match, label: Label) -> str:
    if isinstance(match, Known):
        return label(match.subject)
    return "undecided" if isinstance(match, Undecided) else "unknown"


def labels(acting: Acting) -> Label:
    """Names by subject, each asked for once."""
    from beholden.acts.people import name_of

    known: dict[SubjectId, str] = {}

    def label(subject: SubjectId) -> str:
        if subject not in known:
            known[subject] = acting.do(name_of, subject)
        return known[subject]

    return label
