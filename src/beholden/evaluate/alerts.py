"""False alerts in the two ways people count them: per face that passes, and per alert that is raised; and per day.

A system that is wrong for one face in a thousand is wrong in half of its alerts where one face in a thousand is of
somebody enrolled. Both numbers are right, and only both together say how good it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from beholden.evaluate.rates import Rate, exact
from beholden.model.errors import InputError

SCALED = "from the bounds of FPIR"
RATIO = "from the bounds of FPIR and FNIR, for their ratio"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number that is not a count by itself, with its 95% bounds, and what it is made from."""

    value: float
    low: float
    high: float
    method: str

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {"value": self.value, "low": self.low, "high": self.high, "method": self.method}


@dataclass(frozen=True, slots=True)
class BothDenominators:
    """The same false alerts, per face seen and per alert raised: the first is never the larger one."""

    per_face: Rate
    per_alert: Rate

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {"per_face": self.per_face.as_values(), "per_alert": self.per_alert.as_values()}


def counted(false_alerts: int, alerts: int, faces: int) -> BothDenominators:
    """From counts of tracks, of which each raises one alert at most; whose they are is not known, so bounds are exact.

    Raises InputError where there are more false alerts than alerts, or more alerts than faces.
    """
    if not 0 <= false_alerts <= alerts <= faces:
        raise InputError(f"{false_alerts} false alerts of {alerts} for {faces} faces cannot be")
    return BothDenominators(exact(false_alerts, faces), exact(false_alerts, alerts))


def per_face(fpir: Rate, enrolled_share: float) -> Estimate | None:
    """False alerts per face that passes, when `enrolled_share` (0-1) of the faces are of people in the gallery.

    None where FPIR has no trial. Raises InputError for a share outside 0-1.
    """
    _check_share(enrolled_share)
    return _scaled(fpir, 1 - enrolled_share)


def per_camera_day(fpir: Rate, tracks_a_day: float, enrolled_share: float = 0.0) -> Estimate | None:
    """False alerts of one camera on an average day with so many tracks, of which that share is of people enrolled.

    Single days scatter about it as counts do. As `per_face`; raises InputError for fewer than no tracks, too.
    """
    _check_share(enrolled_share)
    if not 0 <= tracks_a_day < math.inf:
        raise InputError(f"a camera does not see {tracks_a_day:g} tracks a day")
    return _scaled(fpir, tracks_a_day * (1 - enrolled_share))


def per_alert(fpir: Rate, fnir: Rate, enrolled_share: float) -> Estimate | None:
    """The share of alerts that is false, when `enrolled_share` (0-1) of the faces are of people in the gallery.

    An enrolled person who is taken for another one is not counted: FNIR does not tell it from a miss. None where a
    rate has no trial, or no alert was raised at all. Raises InputError for a share outside 0-1.

    Bounds are for the ratio of FPIR to 1 - FNIR, by MOVER on logarithms (Zou and Donner, 2008).
    """
    _check_share(enrolled_share)
    if fpir.bounds is None or fnir.bounds is None or not fpir.trials or not fnir.trials:
        return None
    false, found = fpir.errors / fpir.trials, 1 - fnir.errors / fnir.trials
    strangers = 1 - enrolled_share
    if not strangers * false + enrolled_share * found:
        return None
    below = math.hypot(_log(false, fpir.bounds.low), _log(1 - fnir.bounds.low, found))
    above = math.hypot(_log(fpir.bounds.high, false), _log(found, 1 - fnir.bounds.high))
    if false > 0 and found > 0:
        ratio = false / found
        low, high = ratio * math.exp(-below), ratio * _grown(above)
    else:
        # Nothing seen of one kind has no logarithm: the rule of 3 for it, with the other at its own bound.
        low = fpir.bounds.low / (1 - fnir.bounds.low) if fnir.bounds.low < 1 else math.inf
        high = fpir.bounds.high / (1 - fnir.bounds.high) if fnir.bounds.high < 1 else math.inf
    return Estimate(
        strangers * false / (strangers * false + enrolled_share * found),
        _share(low, enrolled_share),
        _share(high, enrolled_share),
        RATIO,
    )


def _share(ratio: float, enrolled_share: float) -> float:
    """The share of alerts that is false, from FPIR / (1 - FNIR)."""
    strangers = 1 - enrolled_share
    if enrolled_share == 0 or ratio == math.inf:
        return 1.0 if strangers else 0.0
    return strangers * ratio / (strangers * ratio + enrolled_share)


def _log(upper: float, lower: float) -> float:
    """How far apart on a logarithmic scale."""
    if lower <= 0:
        return math.inf if upper > 0 else 0.0
    return math.log(upper / lower)


def _grown(by: float) -> float:
    return math.exp(by) if by < 700 else math.inf


def _scaled(fpir: Rate, factor: float) -> Estimate | None:
    value = fpir.value
    if value is None or fpir.bounds is None:
        return None
    return Estimate(value * factor, fpir.bounds.low * factor, fpir.bounds.high * factor, SCALED)


def _check_share(enrolled_share: float) -> None:
    if not 0 <= enrolled_share <= 1:
        raise InputError(f"a share lies between 0 and 1, not at {enrolled_share:g}")
