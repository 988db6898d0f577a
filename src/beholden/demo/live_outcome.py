"""What was heard from running cameras, held against what had to happen there. Pure: times come in with what was heard.

A live picture does not know its place in its film, so names are not held against each picture's
truth. Where each person walks is known: in these scenes nobody who may be named shares that part of
the picture with anybody else, so a name in another part of it was given to somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from beholden.demo.clip import Clip
from beholden.demo.outcome import Mistakes, words
from beholden.demo.people import PersonId
from beholden.demo.town import Expect, Town
from beholden.model.camera import CameraHealth, CameraState
from beholden.model.grant import Place
from beholden.model.ids import CameraId, SubjectId, TrackId
from beholden.model.match import Reason

DEADLINE_S = 1.0
"""A withdrawal reaches every running camera within this."""
LEEWAY = 0.03
"""A face may be this share of the picture's width beside where its film has it: detectors box a little differently."""


class Answer(Protocol):
    """An answer that changed at a running camera, as the stack tells it.

    `subject` is who was named, `where` the face's box (x, y, width, height) in fractions of the
    picture. `shot_to_event_s` is the time from the arrival of the shot that decided to the answer, its
    sighting written; None where no shot decided.
    """

    @property
    def camera(self) -> CameraId: ...
    @property
    def track(self) -> TrackId: ...
    @property
    def subject(self) -> SubjectId | None: ...
    @property
    def reason(self) -> Reason: ...
    @property
    def where(self) -> tuple[float, float, float, float]: ...
    @property
    def ended(self) -> bool: ...
    @property
    def shot_to_event_s(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer and when it was heard, seconds of a clock that only goes forward."""

    at_s: float
    answer: Answer


@dataclass(frozen=True, slots=True)
class TownCamera:
    """A live camera of the town: which clip it shows for ever, and who must be named there, who never."""

    camera: CameraId
    place: Place
    clip: str
    expect: Expect
    why: str


Walks = Mapping[PersonId, tuple[float, float]]
"""Where in the picture each person walks: leftmost and rightmost centre of the face, fractions of the width."""


@dataclass(frozen=True, slots=True)
class CameraOutcome:
    """What happened at one camera: who was named, who could not be told from another, and how the camera did."""

    camera: TownCamera
    named: frozenset[PersonId]
    undecided: frozenset[PersonId]
    mistakes: Mistakes
    health: CameraHealth | None
    visible: int = 0
    pictures_checked: int = 0

    @property
    def as_expected(self) -> bool:
        """The right people named and undecided, nobody's name on somebody else, live, recorded, and all covered."""
        return (
            self.named == self.camera.expect.named
            and len(self.undecided) == self.camera.expect.undecided
            and self.mistakes == Mistakes()
            and self.health is not None
            and self.health.state is CameraState.LIVE
            and self.visible == 0
            and self.pictures_checked > 0
        )


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Somebody withdrew in view of a camera: `ended_s` from the command's return until no camera named them (0 when it
    was before), None when the name stayed; `came_back` when any camera named them later; `command_s` it took itself."""

    label: str
    command_s: float
    ended_s: float | None
    came_back: bool

    @property
    def as_expected(self) -> bool:
        return self.ended_s is not None and self.ended_s <= DEADLINE_S and not self.came_back


@dataclass(frozen=True, slots=True)
class LiveResult:
    """The live part of the demo. `slowest_s` is the longest time from the picture that decided to a name, written."""

    cameras: tuple[CameraOutcome, ...]
    withdrawal: Withdrawal
    slowest_s: float | None
    seconds: float

    @property
    def ok(self) -> bool:
        return bool(self.cameras) and all(one.as_expected for one in self.cameras) and self.withdrawal.as_expected


def walks_of(film: Clip) -> Walks:
    """From a film's truth: between where and where each person's face is."""
    width = film.size[0]
    centres: dict[PersonId, list[float]] = {}
    for seen in (one for picture in film.truth for one in picture):
        centres.setdefault(seen.person, []).append(seen.box.centre[0] / width)
    return {person: (min(places), max(places)) for person, places in centres.items()}


def present(walks: Walks, where: tuple[float, float, float, float]) -> frozenset[PersonId]:
    """Whose face a box (x, y, width, height in fractions of the picture) can be."""
    x = where[0] + where[2] / 2
    return frozenset(person for person, (left, right) in walks.items() if left - LEEWAY <= x <= right + LEEWAY)


def named_at(heard: Iterable[Heard], camera: CameraId) -> frozenset[SubjectId]:
    """Everybody who was named at a camera."""
    return frozenset(
        one.answer.subject for one in heard if one.answer.camera == camera and one.answer.subject is not None
    )


def undecided_at(heard: Iterable[Heard], camera: CameraId, walks: Walks) -> frozenset[PersonId]:
    """Who could not be told from somebody else at a camera. Only where one person alone can have been meant."""
    single = (
        present(walks, one.answer.where)
        for one in heard
        if one.answer.camera == camera and one.answer.reason is Reason.TWO_ALIKE
    )
    return frozenset(person for who in single if len(who) == 1 for person in who)


def judged(
    camera: TownCamera,
    heard: Sequence[Heard],
    walks: Walks,
    persons: Mapping[SubjectId, PersonId],
    health: CameraHealth | None,
) -> CameraOutcome:
    """What was heard of one camera. `persons` are those who enrolled."""
    wrong = strangers = 0
    for answer in (one.answer for one in heard if one.answer.camera == camera.camera):
        if answer.subject is None or answer.ended:
            continue
        there = present(walks, answer.where)
        if persons[answer.subject] not in there:
            if there & frozenset(persons.values()):
                wrong += 1
            else:
                strangers += 1
    named = frozenset(persons[subject] for subject in named_at(heard, camera.camera))
    return CameraOutcome(camera, named, undecided_at(heard, camera.camera, walks), Mistakes(wrong, strangers), health)


def withdrawal_of(
    label: str, subject: SubjectId, heard: Sequence[Heard], began_s: float, returned_s: float
) -> Withdrawal:
    """How long a name outlived its withdrawal, which was asked for at `began_s` and acknowledged at `returned_s`.

    They must have been named when it was asked for.
    """
    held: set[tuple[CameraId, TrackId]] = set()
    ended_s: float | None = None
    came_back = False
    for one in heard:
        key = (one.answer.camera, one.answer.track)
        names_them = one.answer.subject == subject and not one.answer.ended
        (held.add if names_them else held.discard)(key)
        came_back = came_back or (names_them and one.at_s > returned_s + DEADLINE_S)
        if held:
            ended_s = None
        elif ended_s is None:
            ended_s = max(0.0, one.at_s - returned_s)
    return Withdrawal(label, returned_s - began_s, ended_s, came_back)


def live_in_words(live: LiveResult) -> str:
    """One sentence: how many cameras were as expected, how fast names were, and what became of the withdrawal."""
    right = sum(one.as_expected for one in live.cameras)
    visible, checked = sum(one.visible for one in live.cameras), sum(one.pictures_checked for one in live.cameras)
    gone = live.withdrawal
    ended = "the name never ended" if gone.ended_s is None else f"the name ended {gone.ended_s:.2f} s later"
    back = " and came back" if gone.came_back else ""
    slowest = "nobody was named" if live.slowest_s is None else f"names at most {live.slowest_s:.2f} s after their shot"
    return (
        f"{right} of {len(live.cameras)} cameras as expected, {visible} faces visible in {checked} covered pictures, "
        f"{slowest}; {gone.label} withdrew and {ended}{back}."
    )


def expected_words(outcome: CameraOutcome, town: Town) -> str:
    """Who had to be named and how many left undecided: `Ada`, `2 undecided`, `nobody`."""
    expect = outcome.camera.expect
    return words(town, expect.named, expect.undecided)


def happened_words(outcome: CameraOutcome, town: Town) -> str:
    """The same of what happened."""
    return words(town, outcome.named, len(outcome.undecided))
