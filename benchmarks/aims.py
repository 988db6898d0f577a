"""What `make bench` is held against: one aim per case, and a row that says whether it was reached. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Reached(StrEnum):
    """How far a row came. Aims that were missed are no failure: they depend on the machine."""

    STRETCH = "stretch"
    FIRM = "firm"
    MISSED = "missed"
    UNKNOWN = "not measured"


@dataclass(frozen=True, slots=True)
class Aim:
    """What a case is meant to reach: `firm` is promised, `stretch` hoped for.

    `at_most`: lower is better. `share`: this much of the decode-only floor reaches the stretch aim,
    too, because no engine that decodes every picture comes past the floor.
    """

    case: str
    what: str
    unit: str
    firm: float
    stretch: float
    at_most: bool = False
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A case with what was measured. `value` None: it was not measured, which reaches nothing.

    `floor`: cameras per core when the pictures that must be decoded are decoded, and nothing else.
    `detail`: figures beside the value.
    """

    aim: Aim
    value: float | None
    floor: float | None = None
    detail: Mapping[str, object] | None = None

    @property
    def share_of_floor(self) -> float | None:
        return None if self.value is None or not self.floor else self.value / self.floor

    @property
    def reached(self) -> Reached:
        if self.value is None:
            return Reached.UNKNOWN
        aim, share = self.aim, self.share_of_floor
        if _keeps(self.value, aim.stretch, at_most=aim.at_most):
            return Reached.STRETCH
        # The share alone is no aim: where the floor is low, so much of it is not what was promised.
        if _keeps(self.value, aim.firm, at_most=aim.at_most):
            near = aim.share is not None and share is not None and share >= aim.share
            return Reached.STRETCH if near else Reached.FIRM
        return Reached.MISSED

    def as_values(self) -> dict[str, object]:
        aim = self.aim
        return {
            "case": aim.case,
            "what": aim.what,
            "unit": aim.unit,
            "value": _rounded(self.value),
            "firm": aim.firm,
            "stretch": aim.stretch,
            "stretch_share_of_floor": aim.share,
            "at_most": aim.at_most,
            "reached": str(self.reached),
            "decode_floor": _rounded(self.floor),
            "share_of_floor": _rounded(self.share_of_floor),
            **({"detail": dict(self.detail)} if self.detail else {}),
        }


def _keeps(value: float, aim: float, *, at_most: bool) -> bool:
    return value <= aim if at_most else value >= aim


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


AIMS = {
    aim.case: aim
    for aim in (
        Aim("typical", "1080p25 main stream only, typical", "cameras/core", 8, 9, share=0.85),
        Aim("busy", "the same, busy (5 faces always in view)", "cameras/core", 5, 6),
        Aim("substream", "360p substream + 1080p main, typical", "cameras/core", 15, 20),
        Aim("opencv", "against the plain OpenCV loop", "times", 30, 40),
        Aim("opencv_policy", "at the same rate and detector size", "times", 1.5, 2),
        Aim("dlib", "against the face_recognition (dlib) loop", "times", 60, 100),
        Aim("recording", "covered recording, extra CPU", "%", 15, 8, at_most=True),
        Aim("latency", "decisive shot to event, p95 at 80% load", "s", 0.3, 0.15, at_most=True),
        Aim("memory", "memory for each added camera", "MB", 30, 20, at_most=True),
        Aim("overload_even", "2x: looks at the last camera of those at the first", "share", 0.8, 0.9),
        Aim("overload_covered", "2x: pictures shown with fewer covers than faces", "%", 1, 0, at_most=True),
        Aim("overload_looks", "2x: looks at the camera that is looked at least", "a second", 1, 2),
        Aim("overload_age", "2x: age of pictures when they are shown, p95", "s", 2, 1.5, at_most=True),
        Aim("overload_queue", "2x: growth of what waits unread, per camera", "s", 0.2, 0.05, at_most=True),
    )
}
"""Those of overload spell out: analysis falls evenly, covering never lags what is shown, no queue grows. At half the
looks (2.5 a second) a picture is held back for .6 s and for one look or two: 1.4 s."""


def brought(case: Mapping[str, Any]) -> Row:
    """A row of another benchmark: its `case`, `value`, `aim` and `stretch`; `unit` and `what` (words) where it has them.

    Lower is better where the stretch aim is the lower one. Its own verdict is not taken over. Raises KeyError.
    """
    firm, stretch = float(case["aim"]), float(case["stretch"])
    what, unit = str(case.get("what", case["case"])), str(case.get("unit", ""))
    return Row(Aim(str(case["case"]), what, unit, firm, stretch, at_most=stretch < firm), case["value"])


def extra_percent(plain: Sequence[float], more: Sequence[float]) -> float:
    """How much more CPU the second takes, percent, from cameras per core of both: round by round, then the median."""
    ratios = sorted(a / b - 1 for a, b in zip(plain, more, strict=True))
    middle = len(ratios) // 2
    odd = len(ratios) % 2
    return 100 * (ratios[middle] if odd else (ratios[middle - 1] + ratios[middle]) / 2)


def table(rows: Iterable[Row]) -> str:
    """The rows as text, one case a line."""
    lines = [f"{'case':<54} {'value':>9} {'firm':>6} {'stretch':>8}  {'reached':<12} {'decode only':>11} {'of it':>6}"]
    for row in rows:
        aim, sign = row.aim, "<" if row.aim.at_most else ""
        floor, share = row.floor, row.share_of_floor
        lines.append(
            f"{aim.what[:54]:<54} {_shown(row.value):>9} {sign + f'{aim.firm:g}':>6} {sign + f'{aim.stretch:g}':>8}  "
            f"{row.reached:<12} {_shown(floor):>11} {'' if share is None else f'{share:.0%}':>6}  {aim.unit}"
        )
    return "\n".join(lines)


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
