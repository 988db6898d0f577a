"""Failures to enrol (FTE) and to acquire (FTA), by reason: pictures that end before anything is compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from beholden.evaluate.duplicates import Indices
from beholden.evaluate.rates import Rate
from beholden.evaluate.resampling import by_person
from beholden.evaluate.templates import Flags, Refusal


@dataclass(frozen=True, slots=True)
class Failures:
    """How many of the pictures failed, with bounds by person, and why: one reason each, the most frequent first."""

    rate: Rate
    reasons: tuple[tuple[Refusal, int], ...]

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {**self.rate.as_values(), "by_reason": {str(reason): count for reason, count in self.reasons}}


def failures(reasons: Sequence[Refusal | None], people: Indices, asked: Flags) -> Failures:
    """Of the pictures that were `asked` (n,) for: those with a reason. Unreadable files are left out of both counts."""
    chosen = [index for index in np.flatnonzero(asked).tolist() if reasons[index] is not Refusal.UNREADABLE]
    failed = [index for index in chosen if reasons[index] is not None]
    most = int(people.max(initial=-1)) + 1
    trials = np.bincount(people[chosen], minlength=most) if chosen else np.zeros(most, np.intp)
    errors = np.bincount(people[failed], minlength=most) if failed else np.zeros(most, np.intp)
    with_trials = trials > 0
    return Failures(by_person(errors[with_trials], trials[with_trials]), by_reason([reasons[i] for i in failed]))


def by_reason(reasons: Sequence[Refusal | None]) -> tuple[tuple[Refusal, int], ...]:
    """How often each reason occurs, the most frequent first."""
    times = Counter(reason for reason in reasons if reason is not None)
    return tuple(sorted(times.items(), key=lambda item: (-item[1], item[0])))
