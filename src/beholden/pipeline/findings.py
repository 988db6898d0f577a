"""What a check of a camera found, held against what recognition needs. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from beholden.faces.quality import QualityGates
from beholden.faces.shots import MIN_GAP_S
from beholden.model.box import Box
from beholden.model.face import Flaw, Quality
from beholden.model.ids import TrackId

GOOD_SHOTS = 2
"""A name needs this many, `MIN_GAP_S` apart (`faces.decide`)."""
OFTEN = 0.25
"""Of the looks: a flaw that is worth a sentence."""
DIM = 0.35
"""Less light than `faces.quality` asks for when people enrol."""
_MOSTLY = 0.5
_NEARLY = 0.75  # of the width needed: narrower faces are blurred and plain by being narrow


@dataclass(frozen=True, slots=True)
class Look:
    """One face in one frame: whose, when (seconds), how good, whether too bright rather than too dark, how far the nose
    sits to the right and down of where it sits from the front (`check.turn`), and its box in fractions (0-1)."""

    track: TrackId
    at_s: float
    quality: Quality
    too_bright: bool
    turn: tuple[float, float]
    where: Box


@dataclass(frozen=True, slots=True)
class Watched:
    """What a check saw: `size` of the camera's own picture, its mean grey level, the faces, and how many faces each
    edge of the picture cut off."""

    seconds: float
    frames: int
    size: tuple[int, int]
    brightness: float
    looks: tuple[Look, ...]
    cut: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a camera shows of those who walk past it. Widths in pixels of the camera's own picture, shares 0-1.

    `people` were followed; `enough` of them gave two good shots, which a name needs. `widest_px` is the widest face,
    `typical_px` the median over people of each one's widest. `sharpness`, `light` and `front` are medians, 1 is best;
    `lighting` is dark, bright or even, `turned` towards where most faces that are turned away look: left, right, up
    or down in the picture. `usable_share` of the looks pass every gate. `where` holds the middle of four in five
    faces, in fractions of the picture, `place` is that in words. `usable`: at least half of the people would do.
    """

    seconds: float
    frames: int
    frame_rate: float
    size: tuple[int, int]
    people: int
    enough: int
    widest_px: float
    typical_px: float
    needed_px: float
    sharpness: float
    light: float
    lighting: str
    front: float
    turned: str | None
    usable_share: float
    where: Box | None
    place: str | None
    advice: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        return self.people > 0 and 2 * self.enough >= self.people

    def as_values(self) -> dict[str, object]:
        """For machines: names and plain values."""
        where = self.where
        return {
            "seconds": round(self.seconds, 1),
            "frames": self.frames,
            "frame_rate": round(self.frame_rate, 1),
            "width": self.size[0],
            "height": self.size[1],
            "people": self.people,
            "people_with_enough_shots": self.enough,
            "widest_px": round(self.widest_px, 1),
            "typical_px": round(self.typical_px, 1),
            "needed_px": self.needed_px,
            "sharpness": round(self.sharpness, 2),
            "light": round(self.light, 2),
            "lighting": self.lighting,
            "front": round(self.front, 2),
            "turned": self.turned,
            "usable_share": round(self.usable_share, 2),
            "where": [round(value, 2) for value in (where.x, where.y, where.w, where.h)] if where else None,
            "place": self.place,
            "usable": self.usable,
            "advice": list(self.advice),
        }

    def in_words(self) -> tuple[str, ...]:
        """For people: a sentence for each thing that was looked at."""
        if not self.frames:
            return (f"No picture came in {self.seconds:.0f} s.",)
        seen = (
            f"Watched {self.seconds:.0f} s: {self.frames} pictures of {self.size[0]}x{self.size[1]}, "
            f"{self.frame_rate:.1f} a second."
        )
        if not self.people:
            return (seen, "Nobody walked past.")
        who = "1 person" if self.people == 1 else f"{self.people} people"
        turned = f", mostly turned {self.turned}" if self.turned else ""
        return (
            seen,
            f"{who} walked past, {self.place}.",
            f"Faces reach {self.widest_px:.0f} pixels, typically {self.typical_px:.0f}; {self.needed_px:.0f} needed.",
            f"Sharpness {self.sharpness:.2f}, light {self.light:.2f} ({self.lighting}), from the front "
            f"{self.front:.2f}{turned} (1 is best).",
            f"{percent(self.usable_share)} of the looks would do; {self.enough} of {self.people} gave the "
            f"{GOOD_SHOTS} good shots that a name needs.",
        )


def judged(watched: Watched, gates: QualityGates) -> CheckReport:
    """What was seen, held against the gates that recognition will use; no advice yet (`advice.advise`)."""
    people = people_of(watched.looks)
    looks = [look for person in people for look in person]
    widest = [max(look.quality.width_px for look in person) for person in people]
    near = near_of(looks, gates)
    where = _place([look.where.centre for look in looks]) if looks else None
    return CheckReport(
        seconds=watched.seconds,
        frames=watched.frames,
        frame_rate=watched.frames / watched.seconds if watched.seconds > 0 else 0.0,
        size=watched.size,
        people=len(people),
        enough=sum(_enough(person) for person in people),
        widest_px=max(widest, default=0.0),
        typical_px=median(widest) if widest else 0.0,
        needed_px=gates.min_width_px,
        sharpness=median_of(near, lambda look: look.quality.sharpness),
        light=median_of(near, lambda look: look.quality.light),
        lighting=_lighting(near),
        front=median_of(near, lambda look: look.quality.frontal),
        turned=_turned(near),
        usable_share=share_of(looks, lambda look: look.quality.usable),
        where=where,
        place=_place_in_words(where) if where else None,
    )


def people_of(looks: Sequence[Look]) -> list[list[Look]]:
    """The looks of each face that was followed. One seen in a single frame is a mistake of the detector."""
    people: dict[TrackId, list[Look]] = {}
    for look in looks:
        people.setdefault(look.track, []).append(look)
    return [person for person in people.values() if len(person) > 1]


def near_of(looks: Sequence[Look], gates: QualityGates) -> Sequence[Look]:
    """The looks that say something of sharpness, light and pose: wide enough, or all when none is."""
    return [look for look in looks if look.quality.width_px >= _NEARLY * gates.min_width_px] or looks


def _enough(person: Sequence[Look]) -> bool:
    times = [look.at_s for look in person if look.quality.usable]
    return len(times) >= GOOD_SHOTS and times[-1] - times[0] >= MIN_GAP_S


def _lighting(looks: Sequence[Look]) -> str:
    poor = [look for look in looks if look.quality.light < DIM]
    if not looks or len(poor) < OFTEN * len(looks):
        return "even"
    return "bright" if share_of(poor, lambda look: look.too_bright) > _MOSTLY else "dark"


def _turned(looks: Sequence[Look]) -> str | None:
    """Where those who are turned away look, when they are most."""
    away = [look for look in looks if Flaw.TURNED in look.quality.flaws]
    if not away or len(away) < _MOSTLY * len(looks):
        return None
    return Counter(_direction(look.turn) for look in away).most_common(1)[0][0]


def _direction(turn: tuple[float, float]) -> str:
    across, down = turn
    if abs(across) >= abs(down):
        return "right" if across > 0 else "left"
    return "down" if down > 0 else "up"


def _place(centres: Sequence[tuple[float, float]]) -> Box:
    """What holds the middle of four in five faces, sideways and upright."""
    xs, ys = sorted(x for x, _ in centres), sorted(y for _, y in centres)
    low, high = int(0.1 * (len(xs) - 1)), math.ceil(0.9 * (len(xs) - 1))
    return Box(xs[low], ys[low], xs[high] - xs[low], ys[high] - ys[low])


def _place_in_words(where: Box) -> str:
    x, y = where.centre
    across = "on the left" if x < 1 / 3 else "on the right" if x > 2 / 3 else "in the middle"
    if where.w > 0.5:
        across = "across the whole width"
    return across + (", near the top" if y < 0.2 else ", near the bottom" if y > 0.8 else "") + " of the picture"


def share_of(looks: Sequence[Look], holds: Callable[[Look], bool]) -> float:
    return sum(holds(look) for look in looks) / len(looks) if looks else 0.0


def median_of(looks: Sequence[Look], value: Callable[[Look], float]) -> float:
    return median(value(look) for look in looks) if looks else 0.0


def percent(share: float) -> str:
    return f"{100 * share:.0f}%"
