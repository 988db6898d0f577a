"""What `beholden watch` tells of a file: a line for each answer that changed, or a JSON object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from beholden.cli.options import emit
from beholden.model.ids import SightingId
from beholden.model.match import Match, Undecided

if TYPE_CHECKING:
    from beholden.cli.account_names import Names
    from beholden.pipeline.ports import TrackDecision
    from beholden.supervise.keeper.acting import Acting


@dataclass(frozen=True, slots=True)
class Telling:
    """How decisions are told: names by subject, with every reason or without, as lines or as JSON."""

    label: Names
    explain: bool
    as_json: bool
    rehearsal: bool


def say_not_named(acting: Acting, label: Names) -> None:
    """Under which grants nobody is named now, and why, on standard error."""
    from beholden.acts.grants.life import not_named

    for each in acting.do(not_named):
        typer.echo(f"not named: {label(each.subject)}, {each.grant}: {each.reason}", err=True)


def say(decision: TrackDecision, source: str, telling: Telling) -> None:
    """Print one answer. Ends of tracks are told to machines, and to whoever asked for every reason."""
    if not telling.as_json and decision.ended and not telling.explain:
        return
    decision, name = telling.label.seen(decision)
    if telling.as_json:
        emit(_as_values(decision, name, source, telling))
        return
    match = decision.match
    who = f"{_who(match, name)}{' (gone)' if decision.ended else ''}"
    face = decision.track.rpartition("-")[2]
    typer.echo(f"{_clock(decision.offset_s)}  {source}  face {face}  {who}: {match.why.in_words()}")
    if telling.explain:
        typer.echo(f"           {_rate_in_words(match)}{_sighting_in_words(decision.sighting)}")


def _as_values(decision: TrackDecision, name: str | None, source: str, telling: Telling) -> dict[str, object]:
    match = decision.match
    return {
        "at": decision.at.isoformat(timespec="milliseconds"),
        "offset_s": round(decision.offset_s, 3),
        "source": source,
        "camera": decision.viewpoint.camera,
        "place": None if decision.viewpoint.place is None else decision.viewpoint.place.id,
        "track": decision.track,
        "answer": type(match).__name__.lower(),
        "who": name,
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


def _who(match: Match, name: str | None) -> str:
    if name is not None:
        return name
    return "undecided" if isinstance(match, Undecided) else "unknown"
