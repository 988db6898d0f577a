"""The town as data: who lives there, who agreed to what, which clip shows whom, and what must happen.

Ada is named in the lobby and nowhere else; Cem's grant ended yesterday; Noa withdraws between two
clips; Eli is cared for in the garden under a guardian's grant; Ira and Mia look alike, so at the
gate neither may be told from the other. Everybody else agreed to nothing.

P002 and P006 are drawn like Ira and Mia (pooled cosine .58 and .56 where unrelated people have .2),
so they do not come to the gate: naming them there would be the drawing's fault, not the threshold's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from beholden.demo.backdrop import Setting
from beholden.demo.clip import Clip, write_clip
from beholden.demo.people import PersonId
from beholden.demo.scene import Actor, Effects, Scene, Step, dress
from beholden.model.grant import Basis, Capture, Place, Purpose
from beholden.model.ids import CameraId, PlaceId

DAY = datetime(2026, 5, 4, tzinfo=UTC)
"""The day on which the town is filmed, unless another is asked for."""

LOBBY = Place(PlaceId("lobby"), "UTC", Capture.LANE, (Purpose.ENTRANCE,))
GATE = Place(PlaceId("gate"), "UTC", Capture.LANE, (Purpose.ENTRANCE,))
GARDEN = Place(PlaceId("garden"), "UTC", Capture.DECLARED, (Purpose.CARE,))

ADA, CEM, NOA, ELI, IRA, MIA = (PersonId(person) for person in ("P003", "P005", "P007", "P008", "P004", "P010"))
ONE, TWO, SIX, NINE = (PersonId(person) for person in ("P001", "P002", "P006", "P009"))

SHIRTS: dict[PersonId, tuple[int, int, int]] = {
    ADA: (150, 92, 58),
    CEM: (92, 96, 88),
    NOA: (60, 84, 150),
    ELI: (112, 138, 62),
    IRA: (88, 62, 118),
    MIA: (74, 60, 140),
    ONE: (78, 150, 176),
    TWO: (128, 104, 128),
    SIX: (150, 140, 84),
    NINE: (66, 122, 170),
}
"""What each person wears, BGR."""

LOOKS_OF: dict[PersonId, tuple[str, ...]] = {
    NINE: ("calm", "determined"),  # their other walking faces are turned away
    MIA: ("calm", "determined"),
}


LEDGE = 560
"""The row where desks, rails and hedges begin."""
HIPS = 4.0
"""Figures end at least this many face widths below the face's centre."""


@dataclass(frozen=True, slots=True)
class PlannedGrant:
    """What somebody agrees to before the day; `guardian` is who signs for them under Basis.GUARDIAN."""

    purpose: Purpose
    places: tuple[PlaceId, ...]
    starts_at: datetime
    ends_at: datetime
    basis: Basis = Basis.CONSENT
    guardian: str | None = None


@dataclass(frozen=True, slots=True)
class Resident:
    """Someone who enrolled; `withdraws_at` is when they withdraw, aware UTC."""

    person: PersonId
    label: str
    grants: tuple[PlannedGrant, ...]
    withdraws_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Expect:
    """What must happen in a clip: exactly `named` are named, `undecided` people end Undecided, nobody else is named."""

    named: frozenset[PersonId] = frozenset()
    undecided: int = 0


@dataclass(frozen=True, slots=True)
class TownClip:
    """One camera's clip: `starts_at` aware UTC; `why` says in a sentence what it is there to show."""

    name: str
    place: Place
    camera: CameraId
    starts_at: datetime
    scene: Scene
    expect: Expect
    why: str

    @property
    def people(self) -> frozenset[PersonId]:
        return frozenset(actor.person for actor in self.scene.actors)


@dataclass(frozen=True, slots=True)
class Town:
    """Where people live, who agreed to what, and a day's clips in the order of their hours."""

    places: tuple[Place, ...]
    residents: tuple[Resident, ...]
    clips: tuple[TownClip, ...]

    @property
    def strangers(self) -> frozenset[PersonId]:
        """Those in clips who agreed to nothing."""
        enrolled = {resident.person for resident in self.residents}
        return frozenset(person for clip in self.clips for person in clip.people if person not in enrolled)


def town(day: datetime = DAY) -> Town:
    """The town on `day` (aware UTC midnight); clips in the order of their hours."""
    return Town((LOBBY, GATE, GARDEN), _residents(day), tuple(_clips(day)))


def film_town(town_: Town, folder: Path) -> dict[str, Clip]:
    """Every clip as `<name>.mp4` in `folder`: clips by name. Raises OutputRefused, MissingInput."""
    wardrobe = dress(clip.scene for clip in town_.clips)
    return {clip.name: write_clip(clip.scene, folder / f"{clip.name}.mp4", wardrobe) for clip in town_.clips}


def _residents(day: datetime) -> tuple[Resident, ...]:
    start, end = day - timedelta(days=30), day + timedelta(days=60)

    def entrance(place: Place, ends_at: datetime = end) -> tuple[PlannedGrant, ...]:
        return (PlannedGrant(Purpose.ENTRANCE, (place.id,), start, ends_at),)

    care = PlannedGrant(Purpose.CARE, (GARDEN.id,), start, end, Basis.GUARDIAN, "Eli's mother")
    return (
        Resident(ADA, "Ada", entrance(LOBBY)),
        Resident(CEM, "Cem", entrance(LOBBY, day - timedelta(days=1))),
        Resident(NOA, "Noa", entrance(LOBBY), withdraws_at=_at(day, 12, 0)),
        Resident(ELI, "Eli", (care,)),
        Resident(IRA, "Ira", entrance(GATE)),
        Resident(MIA, "Mia", entrance(GATE)),
    )


def _at(day: datetime, hour: int, minute: int) -> datetime:
    return datetime.combine(day.date(), time(hour, minute), UTC)


def _walk(person: PersonId, *steps: tuple[float, float, float, float], ledge: int = LEDGE) -> Actor:
    """Someone in their own clothes and faces along steps of (t, x, y, face width), as low as hides where they end."""
    looks = LOOKS_OF.get(person, ("calm", "smug", "determined"))
    path = tuple(Step(t, x, max(y, ledge + 12 - HIPS * face), face) for t, x, y, face in steps)
    return Actor(person, path, looks, SHIRTS[person])


def _clips(day: datetime) -> Iterable[TownClip]:
    def clip(
        name: str,
        place: Place,
        hour: tuple[int, int],
        scene: Scene,
        why: str,
        expect: Expect = Expect(),
    ) -> TownClip:
        return TownClip(name, place, CameraId(f"{place.id}-1"), _at(day, *hour), scene, expect, why)

    ada, noa, eli = Expect(frozenset({ADA})), Expect(frozenset({NOA})), Expect(frozenset({ELI}))
    yield clip(
        "01-lobby-arrival", LOBBY, (8, 0), _arrival(), "Ada agreed to the lobby; who walks beside her did not.", ada
    )
    yield clip("02-lobby-crossing", LOBBY, (8, 10), _crossing(NOA, ONE, 11), "Noa crosses a stranger.", noa)
    yield clip(
        "03-gate-alike", GATE, (9, 0), _alike(), "Ira and Mia agreed, and look too much alike.", Expect(undecided=2)
    )
    yield clip(
        "04-garden-noon", GARDEN, (11, 0), _garden_noon(), "Eli's guardian agreed to the garden; Ada did not.", eli
    )
    yield clip("05-garden-far", GARDEN, (11, 20), _far(), "Too far away to be named; covered all the same.")
    yield clip("06-lobby-crowd", LOBBY, (11, 40), _crowd(), "One who agreed among four who did not.", ada)
    yield clip("07-lobby-withdrawn", LOBBY, (12, 10), _crossing(NOA, TWO, 17), "Noa withdrew ten minutes ago.")
    yield clip("08-lobby-expired", LOBBY, (12, 30), _expired(), "Cem's grant ended yesterday.")
    yield clip("09-lobby-compressed", LOBBY, (14, 0), _compressed(), "A poor line: the picture is squeezed.", ada)
    yield clip("10-gate-blurred", GATE, (15, 0), _blurred(), "Strangers in a hurry, out of focus.")
    yield clip("11-garden-dusk", GARDEN, (19, 0), _dusk(), "Dim light and sensor noise.", eli)
    yield clip("12-gate-evening", GATE, (20, 0), _evening(), "Two strangers, and Ada, who agreed to the lobby only.")


def _arrival() -> Scene:
    ada = _walk(ADA, (0.3, 380, 280, 60), (4.6, 560, 290, 118))
    man = _walk(NINE, (0.3, 900, 290, 58), (4.6, 850, 280, 104))
    return Scene(Setting.LOBBY, 10, (ada, man), fps=25)


def _crossing(one: PersonId, other: PersonId, seed: int) -> Scene:
    left = _walk(one, (0.0, -60, 270, 92), (4.8, 1200, 290, 104))
    right = _walk(other, (0.2, 1330, 250, 74), (4.6, 40, 250, 76))
    return Scene(Setting.LOBBY, seed, (left, right), fps=25)


def _expired() -> Scene:
    cem = _walk(CEM, (0.0, 300, 260, 76), (4.8, 760, 280, 112))
    woman = _walk(SIX, (0.6, 1180, 250, 62), (4.8, 980, 255, 78))
    return Scene(Setting.LOBBY, 12, (cem, woman))


def _alike() -> Scene:
    ira = _walk(IRA, (0.0, 300, 280, 84), (4.8, 480, 290, 112))
    mia = _walk(MIA, (0.0, 980, 270, 80), (4.8, 830, 280, 108))
    return Scene(Setting.GATE, 13, (ira, mia))


def _garden_noon() -> Scene:
    eli = _walk(ELI, (0.0, 250, 280, 82), (4.8, 520, 300, 110))
    ada = _walk(ADA, (0.0, 820, 260, 76), (4.8, 900, 285, 100))
    return Scene(Setting.GARDEN, 14, (eli, ada))


def _far() -> Scene:
    walks = ((ADA, 200, 480, 28), (ELI, 520, 400, 30), (ONE, 1080, 700, 26), (TWO, 900, 1120, 24))
    actors = tuple(_walk(who, (0.0, x0, 345, face), (4.8, x1, 348, face), ledge=405) for who, x0, x1, face in walks)
    return Scene(Setting.GARDEN, 15, actors, ledge=405)


def _crowd() -> Scene:
    return Scene(
        Setting.LOBBY,
        16,
        (
            _walk(ADA, (0.0, 640, 300, 84), (4.8, 600, 310, 108)),
            _walk(ONE, (0.0, 120, 260, 62), (4.8, 390, 265, 72)),
            _walk(TWO, (0.0, 1240, 262, 64), (4.8, 870, 266, 74)),
            _walk(SIX, (0.4, 330, 275, 72), (4.8, 150, 290, 88)),
            _walk(NINE, (0.0, 900, 280, 76), (4.8, 1130, 295, 92)),
        ),
    )


def _compressed() -> Scene:
    ada = _walk(ADA, (0.0, 980, 270, 88), (4.8, 700, 290, 116))
    man = _walk(TWO, (0.4, 200, 260, 70), (4.8, 380, 262, 80))
    return Scene(Setting.LOBBY, 18, (ada, man), effects=Effects(crf=35))


def _blurred() -> Scene:
    first = _walk(ONE, (0.0, -50, 270, 84), (3.4, 1330, 280, 88))
    second = _walk(NINE, (1.0, 1330, 280, 92), (4.6, -50, 290, 96))
    return Scene(Setting.GATE, 19, (first, second), effects=Effects(blur=1.6, smear=7))


def _dusk() -> Scene:
    eli = _walk(ELI, (0.0, 900, 280, 88), (4.8, 640, 300, 114))
    other = _walk(CEM, (0.0, 240, 270, 78), (4.8, 340, 280, 90))
    return Scene(Setting.GARDEN, 20, (eli, other), effects=Effects(gain=0.5, noise=3.0, crf=27))


def _evening() -> Scene:
    one = _walk(ONE, (0.0, 260, 270, 78), (4.8, 420, 290, 106))
    ada = _walk(ADA, (0.0, 640, 265, 74), (4.8, 660, 285, 102))
    nine = _walk(NINE, (0.0, 1030, 270, 76), (4.8, 930, 290, 104))
    return Scene(Setting.GATE, 21, (one, ada, nine))
