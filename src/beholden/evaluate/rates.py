"""Error rates: so many errors in so many trials, with the bounds within which the truth lies.

Everything that is measured ends as a `Rate`. Terms are those of ISO/IEC 19795-1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from beholden.model.errors import InputError

Floats = npt.NDArray[np.float64]

LEVEL = 0.95
"""Of bounds: in so many of all repetitions of a measurement the truth lies between them."""
RANKABLE_ERRORS = 30
"""Doddington's rule of 30: with 30 errors the true rate is within 30% of the measured one, with 90% confidence."""
EXACT = "Clopper-Pearson"
RULE_OF_3 = "no error seen: one-sided rule of 3"
LEAST_STEP = 1e-12
"""Of the logarithm of the odds: a quantile is found when a step is smaller."""
SMALLEST = 1e-300
MOST_STEPS = 200
"""Halving alone needs 50 from one end to the other."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where the true rate lies, with 95% confidence, and by which method that was found."""

    low: float
    high: float
    method: str


@dataclass(frozen=True, slots=True)
class Rate:
    """`errors` among `trials`; `bounds` is None where there was no trial."""

    errors: int
    trials: int
    bounds: Bounds | None = None

    @property
    def value(self) -> float | None:
        """Errors per trial; None without trials."""
        return self.errors / self.trials if self.trials else None

    def as_values(self) -> dict[str, Any]:
        """For JSON: errors, trials, rate, low, high, method; null where there is none."""
        bounds = self.bounds
        return {
            "errors": self.errors,
            "trials": self.trials,
            "rate": self.value,
            "low": None if bounds is None else bounds.low,
            "high": None if bounds is None else bounds.high,
            "method": None if bounds is None else bounds.method,
        }


def exact(errors: int, trials: int) -> Rate:
    """The rate of independent trials: Clopper-Pearson at 95%; with no error the one-sided rule of 3.

    The rule is 0 to `1 - .05**(1/n)`, which is about 3/n. Trials that share people are not independent: see
    `resampling`. Raises InputError for counts that cannot be.
    """
    if not 0 <= errors <= trials:
        raise InputError(f"{errors} errors in {trials} trials cannot be")
    if not trials:
        return Rate(0, 0)
    if not errors:
        return Rate(0, trials, Bounds(0.0, float(of_none(trials)), RULE_OF_3))
    tail = (1 - LEVEL) / 2
    low = float(beta_quantile(tail, errors, trials - errors + 1))
    high = 1.0 if errors == trials else float(beta_quantile(1 - tail, errors + 1, trials - errors))
    return Rate(errors, trials, Bounds(low, high, EXACT))


def of_none(trials: npt.ArrayLike) -> Floats:
    """The highest rate with which no error in so many trials is not yet a surprise: about 3 / trials."""
    return -np.expm1(math.log1p(-LEVEL) / np.asarray(trials, np.float64))


def rankable(rate: Rate) -> bool:
    """Whether there are enough errors (30) to say of two rates which is the higher."""
    return rate.errors >= RANKABLE_ERRORS


def beta_quantile(share: npt.ArrayLike, a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """The x at which the beta distribution of `a`, `b` > 0 has the `share` (0-1) of its weight below; of one shape.

    Newton's method on the logarithm of the odds, kept between what is known to be too low and too high. SciPy has
    it, too, and is not shipped for it; tests hold this against it.
    """
    shape = np.broadcast_shapes(np.shape(share), np.shape(a), np.shape(b))
    share, a, b = (_flat(each, shape) for each in (share, a, b))
    scale = np.vectorize(math.lgamma, otypes=[np.float64])
    front = scale(a + b) - scale(a) - scale(b)
    odds = np.log(a / b) + np.vectorize(NormalDist().inv_cdf, otypes=[np.float64])(share) * np.sqrt(1 / a + 1 / b)
    low, high = np.full_like(odds, -700.0), np.full_like(odds, 700.0)
    left = np.arange(len(odds))
    for _ in range(MOST_STEPS):
        at, p, q = odds[left], a[left], b[left]
        density = np.exp(front[left] - p * np.logaddexp(0.0, -at) - q * np.logaddexp(0.0, at))
        over = _below(at, density, p, q) - share[left]
        low[left], high[left] = np.where(over < 0, at, low[left]), np.where(over > 0, at, high[left])
        moved: Floats = at - over / np.maximum(density, SMALLEST)
        between = (low[left] < moved) & (moved < high[left])
        moved = np.where(over == 0, at, np.where(between, moved, (low[left] + high[left]) / 2))
        odds[left] = moved
        left = left[np.abs(moved - at) > LEAST_STEP * np.maximum(1.0, np.abs(at))]
        if not len(left):
            break
    return (1.0 / (1.0 + np.exp(-odds))).reshape(shape)


def _flat(number: npt.ArrayLike, shape: tuple[int, ...]) -> Floats:
    return np.broadcast_to(np.asarray(number, np.float64), shape).ravel()


def _below(odds: Floats, density: Floats, a: Floats, b: Floats) -> Floats:
    """The weight of the beta distribution below these odds: the regularised incomplete beta function."""
    x = 1.0 / (1.0 + np.exp(-odds))
    left = x < (a + 1) / (a + b + 2)
    part = _fraction(np.where(left, a, b), np.where(left, b, a), np.where(left, x, 1.0 / (1.0 + np.exp(odds))))
    return np.where(left, density * part / a, 1.0 - density * part / b)


def _fraction(a: Floats, b: Floats, x: Floats) -> Floats:
    """The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method."""

    def away(from_zero: Floats) -> Floats:
        return np.where(np.abs(from_zero) < SMALLEST, SMALLEST, from_zero)

    c = np.ones_like(x)
    d = 1.0 / away(1.0 - (a + b) * x / (a + 1))
    whole = d
    going = np.ones(len(x), bool)
    for m in range(1, 100_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1.0 / away(1.0 + even * d), away(1.0 + even / c)
        whole = np.where(going, whole * d * c, whole)
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1.0 / away(1.0 + odd * d), away(1.0 + odd / c)
        whole = np.where(going, whole * d * c, whole)
        going &= np.abs(d * c - 1.0) > 1e-14
        if not going.any():
            break
    return whole
