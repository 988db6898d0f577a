"""What happened in a clip, read from stored events, and held against what had to happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from beholden.acts.office import Office
from beholden.acts.sightings.sighting import sightings
from beholden.demo.clip import Clip
from beholden.demo.people import PersonId
from beholden.demo.town import Town, TownClip
from beholden.model.ids import SubjectId
from beholden.model.match import Known
from beholden.pipeline.ports import TrackDecision


@dataclass(frozen=True, slots=True)
class ClipOutcome:
    """A clip's stored events: who was named, and what its tracks ended as; `visible` faces in its covered video."""

    clip: TownClip
    named: frozenset[PersonId]
    known: int
    unknown: int
    undecided: int
    visible: int = 0

    @property
    def as_expected(self) -> bool:
        """Exactly the expected people, at least the expected undecided tracks, and something was seen at all."""
        expect = self.clip.expect
        seen = self.known + self.unknown + self.undecided
        return self.named == expect.named and self.undecided >= expect.undecided and seen > 0 and self.visible == 0

    def expected_words(self, town: Town) -> str:
        expect = self.clip.expect
        return words(town, expect.named, expect.undecided)

    def happened_words(self, town: Town) -> str:
        return words(town, self.named, self.undecided if self.clip.expect.undecided else 0)

    def line(self, town: Town) -> str:
        mark = "ok " if self.as_expected else "NOT"
        expected, happened = self.expected_words(town), self.happened_words(town)
        return f"{mark} {self.clip.name:<20} expected: {expected:<12} happened: {happened}"


@dataclass(frozen=True, slots=True)
class Mistakes:
    """Wrong names, by who was at that place in the picture: an enrolled person as another, or a stranger."""

    enrolled_named_wrong: int = 0
    strangers_named: int = 0

    def plus(self, other: Mistakes) -> Mistakes:
        return Mistakes(
            self.enrolled_named_wrong + other.enrolled_named_wrong, self.strangers_named + other.strangers_named
        )


def read_outcome(office: Office, clip: TownClip, ends: datetime, persons: Mapping[SubjectId, PersonId]) -> ClipOutcome:
    """The stored sightings and track ends of one clip's camera and time."""
    named = frozenset(
        persons[sighting.subject]
        for sighting in sightings(office)
        if sighting.camera == clip.camera and clip.starts_at <= sighting.seen_at <= ends
    )
    outcomes = [
        event.outcome
        for event in office.store.track_ends()
        if event.camera == clip.camera and clip.starts_at <= event.at <= ends
    ]
    return ClipOutcome(clip, named, outcomes.count("known"), outcomes.count("unknown"), outcomes.count("undecided"))


def mistakes_of(decisions: Sequence[TrackDecision], film: Clip, subjects: Mapping[PersonId, SubjectId]) -> Mistakes:
    """Names given to a face of somebody else, by the film's own truth of who is where."""
    wrong, strangers = 0, 0
    for decision in decisions:
        if not isinstance(decision.match, Known) or decision.ended:
            continue
        person = _who_is_there(decision, film)
        if person is None or person not in subjects:
            strangers += 1
        elif subjects[person] != decision.match.subject:
            wrong += 1
    return Mistakes(wrong, strangers)


def _who_is_there(decision: TrackDecision, film: Clip) -> PersonId | None:
    """The person whose face overlaps the named one most at that moment."""
    index = min(len(film.truth) - 1, round(decision.offset_s * film.fps))
    box = decision.where.scaled(*film.size)
    seen = max(film.truth[index], key=lambda seen: seen.box.iou(box), default=None)
    return seen.person if seen is not None and seen.box.iou(box) > 0.2 else None


def words(town: Town, named: frozenset[PersonId], undecided: int) -> str:
    """Who was named, and how many could not be told apart: `Ada, 2 undecided`, or `nobody`."""
    labels = sorted(resident.label for resident in town.residents if resident.person in named)
    return ", ".join([*labels, *([f"{undecided} undecided"] if undecided else [])]) or "nobody"
