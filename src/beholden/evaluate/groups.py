"""Rates by the labels that people gave themselves; groups with few errors are shown, and never ranked."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from beholden.evaluate.comparisons import Comparisons
from beholden.evaluate.rates import Rate, rankable
from beholden.evaluate.searches import Searches
from beholden.model.errors import InputError

FEWEST_PEOPLE = 5
"""Of fewer, a group's rate says too much about one person: it has none."""
Chosen = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Group:
    """One label: how many people gave it and were tried, and their rate (None for fewer than `FEWEST_PEOPLE`)."""

    label: str
    people: int
    rate: Rate | None

    @property
    def rankable(self) -> bool:
        """Whether its rate may be compared with another group's: 30 errors or more."""
        return self.rate is not None and rankable(self.rate)

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "label": self.label,
            "people": self.people,
            "rate": None if self.rate is None else self.rate.as_values(),
            "rankable": self.rankable,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """How much higher the rate of one group is than another's, with 95% bounds of that difference."""

    higher: str
    lower: str
    value: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the bounds leave out zero."""
        return self.low > 0

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "higher": self.higher,
            "lower": self.lower,
            "difference": self.value,
            "low": self.low,
            "high": self.high,
            "clear": self.clear,
        }


def fnmr_by_label(comparisons: Comparisons, labels: Sequence[str | None], threshold: float) -> tuple[Group, ...]:
    """FNMR of each label's people; `labels[i]` is what person i said, None if nothing. In order of the label.

    Raises InputError for fewer labels than people.
    """
    one = comparisons.people[:, 0]

    def rate(chosen: Chosen) -> tuple[int, Rate]:
        tried = chosen[one] & comparisons.mated
        return len(np.unique(one[tried])), _part(comparisons, tried).fnmr(threshold)

    return tuple(_groups(labels, int(comparisons.people.max(initial=-1)), rate))


def fmr_by_label(comparisons: Comparisons, labels: Sequence[str | None], threshold: float) -> tuple[Group, ...]:
    """FMR among people of the same label: the comparisons that are hardest to tell apart. As `fnmr_by_label`."""
    people = comparisons.people

    def rate(chosen: Chosen) -> tuple[int, Rate]:
        tried = chosen[people].all(axis=1) & ~comparisons.mated
        return len(np.unique(people[tried])), _part(comparisons, tried).fmr(threshold)

    return tuple(_groups(labels, int(people.max(initial=-1)), rate))


def fnir_by_label(
    searches: Searches, labels: Sequence[str | None], threshold: float, rank: int = 1
) -> tuple[Group, ...]:
    """FNIR of each label's people. As `fnmr_by_label`."""

    def rate(chosen: Chosen) -> tuple[int, Rate]:
        tried = chosen[searches.people] & (searches.own_rank > 0)
        return len(np.unique(searches.people[tried])), searches.of(tried).fnir(threshold, rank)

    return tuple(_groups(labels, int(searches.people.max(initial=-1)), rate))


def fpir_by_label(searches: Searches, labels: Sequence[str | None], threshold: float) -> tuple[Group, ...]:
    """FPIR of the strangers of each label, against everybody enrolled. As `fnmr_by_label`."""

    def rate(chosen: Chosen) -> tuple[int, Rate]:
        tried = chosen[searches.people] & (searches.own_rank == 0)
        return len(np.unique(searches.people[tried])), searches.of(tried).fpir(threshold)

    return tuple(_groups(labels, int(searches.people.max(initial=-1)), rate))


def differences(groups: Sequence[Group]) -> tuple[Difference, ...]:
    """Each pair of rankable groups, the larger difference first; empty where fewer than two are rankable.

    Bounds are Newcombe's (1998, method 10), from those of both rates. Each holds by itself in 95% of runs: of twenty
    differences that are none, one looks clear.
    """
    ranked = sorted((_ends(group) for group in groups if group.rankable), reverse=True)
    found = [_difference(high, low) for high, low in combinations(ranked, 2)]
    return tuple(sorted(found, key=lambda difference: -difference.value))


def _ends(group: Group) -> tuple[float, float, float, str]:
    """Rate, bounds and label of a rankable group, which has errors, so it has all of them."""
    assert group.rate is not None
    assert group.rate.bounds is not None
    return group.rate.errors / group.rate.trials, group.rate.bounds.low, group.rate.bounds.high, group.label


def _difference(one: tuple[float, float, float, str], other: tuple[float, float, float, str]) -> Difference:
    """Of the higher rate `one` to `other`."""
    high, high_low, high_high, higher = one
    low, low_low, low_high, lower = other
    value = high - low
    return Difference(
        higher,
        lower,
        value,
        value - math.hypot(high - high_low, low_high - low),
        value + math.hypot(high_high - high, low - low_low),
    )


def _groups(labels: Sequence[str | None], last: int, rate: Callable[[Chosen], tuple[int, Rate]]) -> Iterator[Group]:
    """A group per label. `rate` gives the people tried and their rate, of those chosen (people,)."""
    if last >= len(labels):
        raise InputError(f"there are {len(labels)} labels for {last + 1} people")
    for label in sorted({label for label in labels if label is not None}):
        people, found = rate(np.array([said == label for said in labels], np.bool_))
        yield Group(label, people, found if people >= FEWEST_PEOPLE else None)


def _part(comparisons: Comparisons, chosen: Chosen) -> Comparisons:
    return Comparisons(comparisons.scores[chosen], comparisons.mated[chosen], comparisons.people[chosen])
