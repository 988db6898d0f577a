"""What became of everybody who walked through a clip: the answers of the pipeline against the truth, by position."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from beholden.evaluate.composing import Shown
from beholden.evaluate.rates import Rate
from beholden.evaluate.resampling import by_person
from beholden.model.box import Box
from beholden.model.ids import SubjectId, TrackId
from beholden.model.match import Known, Undecided
from beholden.pipeline.ports import TrackDecision

NEAR = 0.6
"""A track is on a face when their middles are less than this many face widths apart; people are 2.4 apart."""


class Outcome(StrEnum):
    """What a passage or a track ended in. `NAMED` rightly if ever, then `UNDECIDED` if that was the last answer."""

    NAMED = "named"
    UNDECIDED = "undecided"
    UNKNOWN = "unknown"
    NO_SHOT = "no_usable_shot"
    UNSEEN = "not_seen"


@dataclass(frozen=True, slots=True)
class Passage:
    """One person's way through one clip. `outcome` `NAMED`: as themselves; for a stranger, as anybody.

    `as_another`: an enrolled person was at some time named as somebody else. `tracks` that were on them, of which
    `tracks_named` were named, rightly or wrongly.
    """

    person: int
    enrolled: bool
    outcome: Outcome
    as_another: bool
    tracks: int
    tracks_named: int


@dataclass(frozen=True, slots=True)
class Watched:
    """All passages of a clip; `strays` are tracks that were on nobody, `strays_named` those of them with a name."""

    passages: tuple[Passage, ...]
    strays: int
    strays_named: int


@dataclass(slots=True)
class _Followed:
    walk: int | None = None
    names: frozenset[tuple[int | None, SubjectId]] = frozenset()
    last: Outcome = Outcome.NO_SHOT


def watched(
    decisions: Iterable[TrackDecision],
    truth: Sequence[Sequence[Shown]],
    fps: float,
    size: tuple[int, int],
    people: Sequence[tuple[int, SubjectId | None]],
) -> Watched:
    """Hold the answers of one clip against its truth.

    `truth[i]` is frame `i`, `size` (width, height) of the clip; `people[w]` is who walks walk `w`, and under which
    name they are enrolled (None: a stranger). A name counts for whoever is where the track is at that moment.
    """
    tracks: dict[TrackId, _Followed] = {}
    for decision in decisions:
        followed = tracks.setdefault(decision.track, _Followed())
        if not decision.ended:
            frame = truth[min(len(truth) - 1, max(0, round(decision.offset_s * fps)))]
            here = _nearest(decision.where.scaled(*size), frame)
            followed.walk = followed.walk if here is None else here
        if isinstance(decision.match, Known):
            followed.names |= {(followed.walk, decision.match.subject)}
        followed.last = _outcome(decision)
    strays = [followed for followed in tracks.values() if followed.walk is None]
    return Watched(
        tuple(_passage(walk, person, name, list(tracks.values())) for walk, (person, name) in enumerate(people)),
        len(strays),
        sum(bool(stray.names) for stray in strays),
    )


def _nearest(where: Box, frame: Sequence[Shown]) -> int | None:
    x, y = where.centre
    best: tuple[float, int] | None = None
    for shown in frame:
        cx, cy = shown.box.centre
        apart = float(np.hypot(cx - x, cy - y)) / shown.box.w
        if apart < NEAR and (best is None or apart < best[0]):
            best = apart, shown.walk
    return None if best is None else best[1]


def _outcome(decision: TrackDecision) -> Outcome:
    match = decision.match
    if isinstance(match, Known):
        return Outcome.NAMED
    if isinstance(match, Undecided):
        return Outcome.UNDECIDED
    return Outcome.UNKNOWN if match.why.shots else Outcome.NO_SHOT


def _passage(walk: int, person: int, name: SubjectId | None, tracks: Sequence[_Followed]) -> Passage:
    mine = [track for track in tracks if track.walk == walk]
    names = {given for track in tracks for at, given in track.names if at == walk}
    tracks_named = sum(any(at == walk for at, _ in track.names) for track in tracks)
    if (name is None and names) or (name is not None and name in names):
        outcome = Outcome.NAMED
    else:
        lasts = {track.last for track in mine}
        order = (Outcome.UNDECIDED, Outcome.UNKNOWN, Outcome.NO_SHOT)
        # A name that was wrong, of somebody enrolled, leaves them unknown.
        outcome = next((one for one in order if one in lasts), Outcome.UNKNOWN if mine else Outcome.UNSEEN)
    another = name is not None and bool(names - {name})
    return Passage(person, name is not None, outcome, another, max(len(mine), tracks_named), tracks_named)


@dataclass(frozen=True, slots=True)
class Mated:
    """People who are enrolled: `fnir` counts passages in which they were not named as themselves, for any reason.

    `as_another` counts passages in which they were named as somebody else. The rest are what the passages ended in.
    """

    people: int
    fnir: Rate
    as_another: Rate
    undecided: int
    unknown: int
    no_usable_shot: int
    not_seen: int

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "people": self.people,
            "fnir": self.fnir.as_values(),
            "named_as_another": self.as_another.as_values(),
            "undecided": self.undecided,
            "unknown": self.unknown,
            "no_usable_shot": self.no_usable_shot,
            "not_seen": self.not_seen,
        }


@dataclass(frozen=True, slots=True)
class Strangers:
    """People who are not enrolled: `fpir` counts tracks that were given a name; the rest are counts of passages."""

    people: int
    passages: int
    fpir: Rate
    undecided: int
    unknown: int
    no_usable_shot: int
    not_seen: int

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "people": self.people,
            "passages": self.passages,
            "fpir": self.fpir.as_values(),
            "undecided": self.undecided,
            "unknown": self.unknown,
            "no_usable_shot": self.no_usable_shot,
            "not_seen": self.not_seen,
        }


def mated(passages: Sequence[Passage]) -> Mated:
    """The rates of everybody enrolled, with bounds by person."""
    ours = [passage for passage in passages if passage.enrolled]
    missed = [(passage.person, int(passage.outcome is not Outcome.NAMED), 1) for passage in ours]
    wrong = [(passage.person, int(passage.as_another), 1) for passage in ours]
    return Mated(len({passage.person for passage in ours}), rate(missed), rate(wrong), *_counts(ours))


def strangers(passages: Sequence[Passage]) -> Strangers:
    """The rates of everybody else, with bounds by person."""
    ours = [passage for passage in passages if not passage.enrolled]
    named = [(passage.person, passage.tracks_named, passage.tracks) for passage in ours]
    return Strangers(len({passage.person for passage in ours}), len(ours), rate(named), *_counts(ours))


def _counts(passages: Sequence[Passage]) -> tuple[int, int, int, int]:
    kinds = (Outcome.UNDECIDED, Outcome.UNKNOWN, Outcome.NO_SHOT, Outcome.UNSEEN)
    undecided, unknown, no_shot, unseen = (sum(passage.outcome is kind for passage in passages) for kind in kinds)
    return undecided, unknown, no_shot, unseen


def rate(counts: Iterable[tuple[int, int, int]]) -> Rate:
    """A rate with bounds by person, from (person, errors, trials) in any order; people without a trial are left out."""
    errors: dict[int, int] = {}
    trials: dict[int, int] = {}
    for person, wrong, tried in counts:
        if tried:
            errors[person] = errors.get(person, 0) + wrong
            trials[person] = trials.get(person, 0) + tried
    return by_person(list(errors.values()), list(trials.values())) if trials else Rate(0, 0)
